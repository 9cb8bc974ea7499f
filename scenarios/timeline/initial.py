"""Initial conditions: the named state that a line is brought to before something begins."""

from dataclasses import dataclass

from scenarios.file_error import Field, unknown
from scenarios.structure import validate
from scenarios.timeline.line_of import LineOf
from scenarios.timeline.model import STAND_INS, ConditionFile
from scenarios.yaml_source import Source
from sim.inputs import Input
from sim.line import Line
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tag import DataType, Direction, Tag, TagTable
from sim.text import Text


@dataclass(frozen=True, slots=True)
class Initial:
    """How a newborn line is brought to a state: inputs at its birth, a time that it runs, inputs at the end."""

    before: tuple[Input, ...] = ()
    run_ns: int = 0
    after: tuple[Input, ...] = ()

    def bring(self, line: Line) -> None:
        """Bring a newborn line there. Raises LineError where the line cannot go on."""
        for given in self.before:
            line.apply(given)
        line.advance(self.run_ns)
        for given in self.after:
            line.apply(given)
        line.advance(line.now_ns)


@dataclass(frozen=True, slots=True)
class Condition:
    """One named initial condition of one line."""

    name: str
    title: Text
    description: Text | None
    line: str
    seed: int
    initial: Initial


def build_condition(source: Source, lines: LineOf) -> Condition:
    """The condition that a file describes. Raises FileErrors."""
    given = validate(ConditionFile, source, STAND_INS)
    definition = lines.find(source, given.line)
    writes: list[JsonValue] = []
    if definition is not None:
        tags = lines.tags(definition)
        writes = [[name, _value(source, name, value, tags)] for name, value in given.set.items()]
        stations = [station.name for station in definition.stations]
        for station in given.keys:
            if station not in stations:
                source.add(("keys", station), unknown("station", station, stations))
    source.check()
    before = [Input("write", {"writes": [write]}) for write in writes]
    if not given.operator:
        before.append(Input("operator", {"on": False}))
    keys = [Input("key", {"station": name, "control": control}) for name, control in given.keys.items()]
    return Condition(
        given.condition,
        given.title.text(),
        given.description.text() if given.description else None,
        given.line,
        given.seed,
        Initial(tuple(before), given.run, tuple(keys)),
    )


def _value(source: Source, name: str, given: object, tags: TagTable) -> JsonValue:
    """A set point with a value that it takes; what is wrong is said."""
    at: Field = ("set", name)
    tag = tags.find(name)
    if tag is None or tag.direction is not Direction.PARAMETER or tag.momentary:
        known = [t.name for t in tags if t.direction is Direction.PARAMETER and not t.momentary]
        source.add(at, unknown("set point", name, known))
        return None
    accepted = tag.accept(given)
    if isinstance(accepted, Refusal):
        source.add(at, _refused(accepted, given, tag))
        return None
    return accepted


def _refused(refusal: Refusal, given: object, tag: Tag) -> str:
    if refusal is Refusal.RANGE and tag.range is not None:
        low, high = tag.range
        return f"{given} is out of range: {low:g} to {high:g} {tag.unit}".rstrip()
    kind = (
        "true or false" if tag.type is DataType.BOOL else "a number" if tag.type is DataType.REAL else "a whole number"
    )
    return f"{given!r} is not {kind}, which {tag.name} is"
