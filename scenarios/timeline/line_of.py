"""The line that a file is for, found by its name, with its settings and tags; read once for many files."""

from collections.abc import Callable, Mapping

from scenarios.file_error import FileErrors
from scenarios.settings import SettingError, changed
from scenarios.yaml_source import Source
from sim.definition import LineDefinition
from sim.spec import Kind
from sim.tag import TagTable
from sim.tags import line_tags


class LineOf:
    """Finds lines. `load` raises FileErrors."""

    def __init__(self, load: Callable[[str], LineDefinition], kinds: Mapping[str, Kind]) -> None:
        self._load, self.kinds = load, kinds
        self._lines: dict[str, LineDefinition] = {}

    def find(self, source: Source, name: str, settings: Mapping[str, object] | None = None) -> LineDefinition | None:
        """The line of a file with its settings; None where that is a mistake of the file, which is said."""
        if ("line",) in source.broken:
            return None
        try:
            definition = self._lines.get(name) or self._load(name)
        except FileErrors as errors:
            more = f" (and {len(errors.errors) - 1} more)" if errors.errors[1:] else ""
            where = errors.errors[0]
            source.add(("line",), f"{where.message if not where.line else where}{more}")
            return None
        self._lines[name] = definition
        for setting, value in (settings or {}).items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            try:
                definition = changed(definition, f"{setting}={text}")
            except SettingError as error:
                source.add(("settings", setting), str(error))
        return definition

    def tags(self, definition: LineDefinition) -> TagTable:
        return line_tags(definition, self.kinds)
