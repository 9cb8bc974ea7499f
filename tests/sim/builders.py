"""Small lines for tests, built from the dataclasses of `sim.definition`; nothing here reads a file but `reference`."""

import json
from functools import cache
from pathlib import Path

from scenarios import line_file
from sim import units
from sim.components import KINDS
from sim.components.belt import Belt
from sim.definition import (
    ChainDefinition,
    ComponentDefinition,
    LineDefinition,
    PartDefinition,
    ProgramDefinition,
    SetPointDefinition,
    StationDefinition,
    StepDefinition,
    TransitionDefinition,
)
from sim.inputs import Input
from sim.line import Line
from sim.tag import Value
from sim.text import Text
from tests.sim.invariants import heads
from tests.sim.one_effect import one_effect

S, MS = 10**9, 10**6
MM = 10**12
PART = 60 * MM
PITCH = 65 * MM
REFERENCE = Path(__file__).parents[2] / "scenarios/lines/smart-factory.yaml"


def text(words: str) -> Text:
    return Text(words, words)


Given = str | list[str] | dict[str, list[str]]


def component(name: str, kind: str, options: tuple[str, ...] = (), /, **given: Given) -> ComponentDefinition:
    """A component; what it is given is a join or a parameter with its unit, the defaults of its kind fill the rest."""
    known = KINDS[kind]
    joins: dict[str, list[str]] = {}
    for j in known.joins:
        named = given.get(j.name, [])
        if named and not isinstance(named, dict):
            joins[j.name] = [named] if isinstance(named, str) else named
    tables = {t.name: row for t in known.tables if isinstance(row := given.get(t.name, {}), dict)}
    parameters, lists = {}, {}
    for p in known.parameters:
        stated = given.get(p.name, p.default)
        if p.many:
            texts = [v for v in stated.split(",") if v] if isinstance(stated, str) else list(stated or ())
            lists[p.name] = [units.parse(v, p.dimension) for v in texts]
        elif isinstance(stated, str) and p.choices:
            parameters[p.name] = p.choices.index(stated)
        elif isinstance(stated, str):
            parameters[p.name] = units.parse(stated, p.dimension)
    return ComponentDefinition(
        name=name, kind=kind, title=text(name), parameters=parameters, lists=lists,
        joins=joins, options=list(options), tables=tables,
    )  # fmt: skip


def station(
    name: str,
    *components: ComponentDefinition,
    program: ProgramDefinition | None = None,
    upstream: str = "",
    downstream: str = "",
    packml: str = "supervisor",
    control: str = "builtin",
    parameters: list[SetPointDefinition] | None = None,
) -> StationDefinition:
    return StationDefinition(
        name, text(name), list(components), program or ProgramDefinition(), upstream, downstream, packml, control,
        parameters=parameters or [],
    )  # fmt: skip


def definition(*stations: StationDefinition, autostart: bool = False) -> LineDefinition:
    part = PartDefinition(PART, PITCH - PART, [text("white"), text("red"), text("blue")], [1, 1, 1], 30_000, 50)
    return LineDefinition("small", text("small"), part, list(stations), autostart=autostart)


def chain(name: str, *steps: tuple[str, dict[str, str], list[tuple[str, str, int]]]) -> ChainDefinition:
    """Steps as (name, actions, [(when, to, after_ns)])."""
    return ChainDefinition(
        name, [StepDefinition(n, text(n), do, [TransitionDefinition(*t) for t in to]) for n, do, to in steps]
    )


def belt(name: str = "belt", length: str = "1000 mm", speed: str = "200 mm/s", to: str = "") -> ComponentDefinition:
    joined = {"to": to} if to else {}
    return component(name, "belt", ("speed", "speed_actual", "current"), length=length, speed=speed, **joined)


@cache
def reference() -> LineDefinition:
    """The reference line."""
    return line_file.load(REFERENCE)


class Bench:
    """A line under a tester's hands: inputs by name, time in seconds, all events kept."""

    def __init__(self, definition: LineDefinition, seed: int = 1) -> None:
        self.line = Line(definition, seed)
        self.events: list[tuple[int, str, str | int, object]] = []
        self.line.listen(lambda *event: self.events.append(event))
        self.first = self.state  # what the units were when the listening began

    def give(self, op: str, **args: object) -> None:
        self.line.apply(Input(op, one_effect(args) if op == "fault" else args))  # type: ignore[arg-type]
        self.line.advance(self.line.now_ns)

    def write(self, **values: Value) -> None:
        """Write tags; `a__b` is the tag `a.b`."""
        self.give("write", writes=[[name.replace("__", "."), value] for name, value in values.items()])

    def run(self, seconds: float) -> None:
        self.line.advance(self.line.now_ns + round(seconds * S))

    def run_to(self, seconds: float) -> None:
        self.line.advance(round(seconds * S))

    def get(self, name: str) -> Value:
        """The plant's side of a tag."""
        tag = self.line.tags.find(name)
        assert tag is not None, name
        return self.line.truth(tag.index)

    def field(self, name: str) -> Value:
        tag = self.line.tags.find(name)
        assert tag is not None, name
        return self.line.read(tag.index).value

    def times(self, name: str) -> list[tuple[int, object]]:
        """Every change of a tag in the field: (time, value)."""
        tag = self.line.tags.find(name)
        assert tag is not None, name
        return [(t, data) for t, kind, subject, data in self.events if kind == "tag" and subject == tag.index]

    def where(self, serial: int) -> object:
        """What the last event said of a part."""
        return next(data for _, kind, subject, data in reversed(self.events) if kind == "part" and subject == serial)

    @property
    def state(self) -> dict[str, int]:
        return {name: int(unit.s.state) for name, unit in self.line.plant.units.items()}

    def belt(self, name: str) -> Belt:
        found = self.line.plant.components[name]
        assert isinstance(found, Belt)
        return found

    def lay(self, name: str = "s.belt") -> int:
        """Put a new part on the beginning of a belt, as a hand would; 0 where there is no room."""
        on = self.belt(name)
        if not on.room():
            return 0
        part = self.line.plant.make_part(1, 30_000)
        on.put(part.serial)
        self.line.advance(self.line.now_ns)
        return part.serial

    def heads(self, name: str = "s.belt") -> list[int]:
        """Heads of the parts on a belt in mm, foremost first."""
        return [head // MM for _, head in heads(self.belt(name))]

    def restored(self) -> None:
        """Go on in a line made from a checkpoint's text."""
        again = Line.restore(self.line.definition, json.loads(json.dumps(self.line.checkpoint())))
        again.listen(lambda *event: self.events.append(event))
        self.line = again
