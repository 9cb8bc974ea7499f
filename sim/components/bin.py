"""A bin with a full sensor, and the operator who empties it."""

from dataclasses import dataclass, field

from sim.component import Change, Component
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.span import Span
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER


@dataclass(slots=True)
class BinState:
    """What lies in the bin."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    emptied: int = 0
    operator: Span = field(default_factory=Span)  # until he comes


class Bin(Component):
    """Takes parts until nothing fits in. Its sensor says `full` earlier, so that somebody can come in time."""

    KIND = Kind(
        "bin",
        Text("料仓", "Bin"),
        Text("收集工件, 满位传感器, 操作员定时清空", "Collects parts; a simulated operator empties it once it is full"),
        parameters=(
            Parameter("capacity", "count", Text("容量", "Capacity"), "12", low=1, high=200),
            Parameter("full_at", "count", Text("满位信号件数", "Parts at which it says full"), "8", low=1, high=200),
            Parameter("empty_after_least", "time", Text("操作员最短反应", "Operator comes after at least"), "30 s"),
            Parameter("empty_after_most", "time", Text("操作员最长反应", "Operator comes after at most"), "60 s"),
        ),
        ports=(Port("full", DataType.BOOL, Direction.INPUT, Text("满", "full")),),
        states=states(("collecting", "收集", "collecting"), ("full", "满", "full")),
        cycle=Text("一次清空", "one time emptied"),
    )
    STATE = BinState
    SLOTS = ("operator",)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.feeders: list[Wakeable] = []

    def fed_by(self, member: Wakeable) -> None:
        """Who pushes parts in, and waits when there is no room: its slot 0 is woken when there may be."""
        self.feeders.append(member)

    def room(self) -> bool:
        return len(self.s.parts) < self.p["capacity"]

    def put(self, serial: int) -> None:
        """A part falls in."""
        self.s.parts.append(serial)
        self.plant.finish(serial, self.name)
        self.plant.emit("part", serial, ["in", self.name, "bin"])
        self.plant.units[self.station].part_out()
        self._say_full()

    def _say_full(self) -> None:
        full = len(self.s.parts) >= self.p["full_at"]
        self.set("full", full)
        self.be(int(full))
        if full:
            self.call_operator()

    def call_operator(self) -> None:
        """Let the operator come, unless there is none or he is on his way."""
        if self.plant.operator_on and len(self.s.parts) >= self.p["full_at"] and self.s.due[0] == NEVER:
            stream = self.plant.stream(f"{self.name}.operator")
            self.wake(0, self.s.operator.draw(stream, self.now, *self._comes()))

    def _comes(self) -> tuple[int, int]:
        return self.p["empty_after_least"], self.p["empty_after_most"]

    def replan(self) -> None:
        """Another size or another operator: what lies in it is as it was."""
        if self.s.due[0] != NEVER:
            self.wake(0, self.s.operator.end(self.now, *self._comes()))
        self._say_full()
        for member in self.feeders:
            member.wake(0, self.now)

    def operator(self) -> None:
        """The operator is here; if he was sent away meanwhile he does nothing."""
        if self.plant.operator_on:
            self.empty()

    def empty(self) -> None:
        """Take everything out."""
        for serial in self.s.parts:
            self.plant.retire(serial, self.name)
        self.s.parts, self.s.emptied = [], self.s.emptied + 1
        self.cycle()
        self._say_full()
        for member in self.feeders:
            member.wake(0, self.now)

    def take(self, serial: int) -> bool:
        """Lift one part out by hand. False when it is not in here."""
        if serial not in self.s.parts:
            return False
        self.s.parts.remove(serial)
        self._say_full()
        for member in self.feeders:
            member.wake(0, self.now)
        return True

    def holds(self) -> list[int]:
        return list(self.s.parts)

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("part", serial, ["in", self.name, "bin"]) for serial in self.s.parts]
