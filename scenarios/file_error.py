"""What is wrong with a file, said to the person who writes it: file, line, field, message."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Field = tuple[str | int, ...]  # where in a file: keys, and numbers of list items


@dataclass(frozen=True, slots=True, order=True)
class FileError:
    """One mistake. `line` counts from 1; 0 says that the file as a whole is meant."""

    path: Path
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class FileErrors(Exception):
    """All mistakes of one file, in order of their lines."""

    def __init__(self, errors: Sequence[FileError]) -> None:
        self.errors = tuple(sorted(set(errors)))
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def field_name(field: Field) -> str:
    """`stations.sorting.program.run.main[2].go`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in field)
    return text.removeprefix(".")


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """`no such signal 'eye1'; did you mean eye_1?`, or what there is where nothing is close."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f"no such {what} {_short(name)}; did you mean {' or '.join(close)}?"
    if 0 < len(names) <= 12:
        return f"no such {what} {_short(name)}; there are {', '.join(names)}"
    return f"no such {what} {_short(name)}"


def _short(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:57] + "...")
