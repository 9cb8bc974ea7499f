"""What there is: shipped lines, faults, scenarios and initial conditions, and those of the base's own folders.

Reads files only when asked.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from scenarios import binding, faulting, line_file, timeline
from scenarios.binding import Binding
from scenarios.faulting import Fault
from scenarios.file_error import FileError, FileErrors, unknown
from scenarios.timeline import Condition, Places, Scenario
from scenarios.timeline.line_of import LineOf
from scenarios.yaml_source import Source, read
from sim.components import KINDS
from sim.definition import LineDefinition
from sim.spec import Kind

_SHIPPED = Path(__file__).parent
_SUFFIXES = (".yaml", ".yml")
LINES, FAULTS, SCENARIOS, CONDITIONS, BINDINGS = "lines", "faults", "library", "conditions", "bindings"
T = TypeVar("T")


class Catalogue:
    """Lines lie in `<folder>/lines`, faults in `<folder>/faults` or folders in it, scenarios in `<folder>/library`,
    initial conditions in `<folder>/conditions`, bindings in `<folder>/bindings`, named as what they describe.

    A base's own file takes the place of a shipped one of the same name; of two own folders the first wins.
    """

    def __init__(self, folders: Iterable[Path] = (), kinds: Mapping[str, Kind] = KINDS) -> None:
        self._folders = (*folders, _SHIPPED)
        self._kinds = kinds
        self._conditions: dict[Path, Condition] = {}

    # ---- lines and faults --------------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """Names of all lines, in order of the alphabet."""
        return sorted(self._files(LINES))

    def line_path(self, name: str) -> Path:
        """The file of a line. A name with a suffix or a separator is a path itself. Raises FileErrors."""
        return self._path(LINES, "line", name)

    def load_line(self, name: str) -> LineDefinition:
        """A line by its name or by the path of its file. Raises FileErrors."""
        return line_file.load(self.line_path(name), self._kinds)

    def faults(self) -> dict[str, Fault]:
        """All faults by name. Raises FileErrors of all broken files together."""
        return self._all(FAULTS, lambda path: faulting.load(path, self._kinds))

    # ---- scenarios and conditions --------------------------------------------------------------------------------

    @cached_property
    def _read_faults(self) -> dict[str, Fault]:
        return self.faults()

    @cached_property
    def _lines_of(self) -> LineOf:
        return LineOf(self.load_line, self._kinds)

    @cached_property
    def places(self) -> Places:
        """Where scenarios find what they name; what was found is kept."""
        return Places(self._lines_of, lambda: self._read_faults, self.load_condition)

    def scenario_names(self, line: str | None = None) -> list[str]:
        """Names of all scenarios, or of those of one line, in order of the alphabet."""
        return self._names(SCENARIOS, line)

    def load_scenario(self, name: str) -> Scenario:
        """A scenario by its name or by the path of its file. Raises FileErrors."""
        return timeline.build(read(self._path(SCENARIOS, "scenario", name)), self.places)

    def scenarios(self) -> dict[str, Scenario]:
        """All scenarios by name. Raises FileErrors of all broken files together."""
        return self._all(SCENARIOS, lambda path: timeline.build(read(path), self.places))

    def condition_names(self, line: str | None = None) -> list[str]:
        """Names of all initial conditions, or of those of one line, in order of the alphabet."""
        return self._names(CONDITIONS, line)

    def load_condition(self, name: str) -> Condition:
        """An initial condition by its name or by the path of its file. Raises FileErrors."""
        path = self._path(CONDITIONS, "condition", name)
        if path not in self._conditions:  # many scenarios begin with the same
            self._conditions[path] = timeline.build_condition(read(path), self._lines_of)
        return self._conditions[path]

    def conditions(self) -> dict[str, Condition]:
        """All initial conditions by name. Raises FileErrors of all broken files together."""
        return self._all(CONDITIONS, lambda path: timeline.build_condition(read(path), self._lines_of))

    # ---- real devices --------------------------------------------------------------------------------------------

    def binding_names(self) -> list[str]:
        """Names of all binding files, in order of the alphabet."""
        return sorted(self._files(BINDINGS))

    def load_binding(self, name: str, definition: LineDefinition | None = None) -> Binding:
        """A binding by its name or by the path of its file, for this line or the one that it names.

        Raises FileErrors.
        """
        return self._binding(read(self._path(BINDINGS, "binding", name)), definition)

    def _binding(self, source: Source, definition: LineDefinition | None = None) -> Binding:
        line = source.data.get("line") if isinstance(source.data, dict) else None
        if definition is None and not isinstance(line, str):
            raise FileErrors([FileError(source.path, 1, "line", "is missing: which line it is for")])
        return binding.build(source, definition or self.load_line(str(line)))

    # ---- files ---------------------------------------------------------------------------------------------------

    def files(self) -> list[Path]:
        """Every file that there is, of every kind."""
        kinds = (LINES, FAULTS, SCENARIOS, CONDITIONS, BINDINGS)
        return [path for folder in kinds for _, path in sorted(self._files(folder).items())]

    def check(self, path: Path) -> list[FileError]:
        """All mistakes of one file of any kind that we know, told by its first key; none if it is good."""
        try:
            self._check(read(path))
        except FileErrors as error:
            return list(error.errors)
        return []

    def _check(self, source: Source) -> None:
        first = next(iter(source.data), "") if isinstance(source.data, dict) else ""
        readers: dict[str, Callable[[], object]] = {
            "line": lambda: line_file.build(source, self._kinds),
            "fault": lambda: faulting.build(source, self._kinds),
            "scenario": lambda: timeline.build(source, self.places),
            "condition": lambda: timeline.build_condition(source, self._lines_of),
            "binding": lambda: self._binding(source),
        }
        if first not in readers:
            message = "a file begins with the key `line`, `fault`, `scenario`, `condition` or `binding`"
            raise FileErrors([FileError(source.path, 1, str(first), message)])
        readers[first]()

    def _names(self, folder: str, line: str | None) -> list[str]:
        """Names of files; of one line, without building the lines of the others. Broken files are of every line."""
        files = sorted(self._files(folder).items())
        return [name for name, path in files if line is None or _line_of(path) in (line, None)]

    def _path(self, folder: str, what: str, name: str) -> Path:
        given = Path(name)
        if given.suffix in _SUFFIXES or len(given.parts) > 1:
            return given
        files = self._files(folder)
        if name not in files:
            raise FileErrors([FileError(given, 0, "", unknown(what, name, files))])
        return files[name]

    def _all(self, folder: str, load: Callable[[Path], T]) -> dict[str, T]:
        found: dict[str, T] = {}
        errors: list[FileError] = []
        for name, path in sorted(self._files(folder).items()):
            try:
                found[name] = load(path)
            except FileErrors as error:
                errors.extend(error.errors)
        if errors:
            raise FileErrors(errors)
        return found

    def _files(self, folder: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for root in self._folders:
            for path in sorted((root / folder).rglob("*")):
                if path.suffix in _SUFFIXES:
                    found.setdefault(path.stem, path)
        return found


def _line_of(path: Path) -> str | None:
    """The line that a file says it is for; None where it does not say so by name."""
    try:
        data = read(path).data
    except FileErrors:
        return None
    line = data.get("line") if isinstance(data, dict) else None
    named = isinstance(line, str) and Path(line).suffix not in _SUFFIXES
    return str(line) if named else None


def check_file(path: Path, kinds: Mapping[str, Kind] = KINDS) -> list[FileError]:
    """All mistakes of one file of any kind that we know, with what ships beside it."""
    return Catalogue((), kinds).check(path)
