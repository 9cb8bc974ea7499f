"""How the command line speaks: results on standard output, everything else on standard error. Knows no command."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


class Mistake(Exception):
    """What the person at the terminal did wrong, in words that help; ends the command with exit code 2."""


def out(text: str) -> None:
    """A result, exactly as it is."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A remark or an error."""
    sys.stdout.flush()
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def console(*, stderr: bool = False) -> "Console":
    """For tables and progress. A file or a pipe gets whole lines and no colours."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 240
    return Console(stderr=stderr, highlight=False, markup=False, width=width)


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table

    drawn = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in header:
        drawn.add_column(name, overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    console().print(drawn)


def existing(path: Path) -> Path:
    """A file that is there and is a file."""
    if not path.exists():
        raise Mistake(f"{path}: there is no such file")
    if not path.is_file():
        raise Mistake(f"{path}: is not a file")
    return path
