"""What there is: shipped lines and faults, and those of the base's own folders. Reads files only when asked."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from scenarios import fault_file, line_file
from scenarios.fault_file import Fault
from scenarios.file_error import FileError, FileErrors, unknown
from scenarios.yaml_source import Source, read
from sim.components import KINDS
from sim.definition import LineDefinition
from sim.spec import Kind

_SHIPPED = Path(__file__).parent
_SUFFIXES = (".yaml", ".yml")


class Catalogue:
    """Lines lie in `<folder>/lines`, faults in `<folder>/faults`, named as what they describe.

    A base's own file takes the place of a shipped one of the same name; of two own folders the first wins.
    """

    def __init__(self, folders: Iterable[Path] = (), kinds: Mapping[str, Kind] = KINDS) -> None:
        self._folders = (*folders, _SHIPPED)
        self._kinds = kinds

    def lines(self) -> list[str]:
        """Names of all lines, in order of the alphabet."""
        return sorted(self._files("lines"))

    def line_path(self, name: str) -> Path:
        """The file of a line. A name with a suffix or a separator is a path itself. Raises FileErrors."""
        given = Path(name)
        if given.suffix in _SUFFIXES or len(given.parts) > 1:
            return given
        files = self._files("lines")
        if name not in files:
            raise FileErrors([FileError(given, 0, "", unknown("line", name, files))])
        return files[name]

    def load_line(self, name: str) -> LineDefinition:
        """A line by its name or by the path of its file. Raises FileErrors."""
        return line_file.load(self.line_path(name), self._kinds)

    def faults(self) -> dict[str, Fault]:
        """All faults by name. Raises FileErrors of all broken files together."""
        found: dict[str, Fault] = {}
        errors: list[FileError] = []
        for name, path in sorted(self._files("faults").items()):
            try:
                found[name] = fault_file.load(path, self._kinds)
            except FileErrors as error:
                errors.extend(error.errors)
        if errors:
            raise FileErrors(errors)
        return found

    def _files(self, folder: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for root in self._folders:
            for path in sorted((root / folder).glob("*")):
                if path.suffix in _SUFFIXES:
                    found.setdefault(path.stem, path)
        return found


def check_file(path: Path, kinds: Mapping[str, Kind] = KINDS) -> list[FileError]:
    """All mistakes of one file of any kind that we know, told by its first key; none if it is good."""
    try:
        _check(read(path), kinds)
    except FileErrors as error:
        return list(error.errors)
    return []


def _check(source: Source, kinds: Mapping[str, Kind]) -> None:
    first = next(iter(source.data), "") if isinstance(source.data, dict) else ""
    if first == "line":
        line_file.build(source, kinds)
    elif first == "fault":
        fault_file.build(source, kinds)
    else:
        raise FileErrors([FileError(source.path, 1, str(first), "a file begins with the key `line` or `fault`")])
