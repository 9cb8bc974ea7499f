"""Feeder: a magazine and the cylinder that pushes its lowest part onto a belt."""

from dataclasses import dataclass, field

from sim.component import MM, Change
from sim.components.air import SUPPLY
from sim.components.cylinder import (
    AIR,
    BELT,
    CYCLE,
    EXTEND,
    FAULTS,
    PORTS,
    RETRACT,
    STATES,
    STROKE,
    SWITCH,
    Cylinder,
    belt_of,
)
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.span import Span
from sim.spec import Kind, Parameter, Port
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER, Travel

CONTACT = 5 * MM  # before the end of the stroke the new part touches whatever lies on the belt


@dataclass(slots=True)
class FeederState:
    """The rod, and how many parts are in the magazine."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)
    stock: int = -1  # -1: not filled yet
    stuck: bool = False
    coil_open: bool = False
    operator: Span = field(default_factory=Span)  # until he brings parts
    loaded: bool = True  # a part lies before the rod; it counts as stock until it is on the belt


class Feeder(Cylinder):
    """Every full stroke lays one part on the belt. Colour and raw size are drawn, each from its own stream."""

    KIND = Kind(
        "feeder",
        Text("上料机构", "Feeder"),
        Text("料仓与推料缸, 每次行程上一个工件", "Magazine and cylinder: every full stroke lays a part on the belt"),
        parameters=(
            STROKE,
            EXTEND,
            RETRACT,
            Parameter("capacity", "count", Text("料仓容量", "Capacity of the magazine"), "40", low=1, high=100_000),
            Parameter("refill_at", "count", Text("补料点", "Refilled at"), "8", high=100_000),
            Parameter("refill_least", "time", Text("最短补料时间", "Refilled after at least"), "30 s"),
            Parameter("refill_most", "time", Text("最长补料时间", "Refilled after at most"), "60 s"),
            Parameter("oversize", "length", Text("毛坯余量", "Raw part above nominal size"), "300 µm"),
            *AIR,
        ),
        ports=(*PORTS, Port("empty", DataType.BOOL, Direction.INPUT, Text("料仓空", "magazine empty"))),
        joins=(BELT, SUPPLY),
        disturbances=FAULTS,
        states=STATES,
        cycle=CYCLE,
    )
    STATE = FeederState
    SLOTS = ("move", "move", "operator")

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.s.stock = self.p["capacity"]

    def connect(self) -> None:
        super().connect()
        self.belt = belt_of(self)
        self.belt.fed_by(self, 0)

    def marks(self) -> list[int]:
        return [*super().marks(), self.p["stroke"] - CONTACT]

    def barrier(self, at: int) -> int | None:
        contact = self.p["stroke"] - CONTACT
        blocked = self.s.loaded and not self.belt.room()
        return contact if blocked and at <= contact else None

    def arrived(self, at: int) -> None:
        """At the end of the stroke the part is on the belt; at home the next one drops before the rod."""
        s = self.s
        if s.loaded and self.beyond(at, self.p["stroke"] - SWITCH) and self.belt.room():
            s.loaded, s.stock = False, s.stock - 1
            self._lay()
            self._stock_changed()
        elif at == 0:
            s.loaded = s.stock > 0

    def _lay(self) -> None:
        part = self.plant.draw_part(self.name, self.p["oversize"] // 10**9)
        self.plant.log(part.serial, self.name)
        self.plant.units[self.station].part_in()
        self.belt.put(part.serial)

    def _stock_changed(self) -> None:
        self.set("empty", self.s.stock == 0)
        self.call_operator()

    def call_operator(self) -> None:
        """Let the operator bring parts, unless there is none or he is on his way."""
        if self.plant.operator_on and self.s.stock <= self.p["refill_at"] and self.s.due[2] == NEVER:
            stream = self.plant.stream(f"{self.name}.operator")
            self.wake(2, self.s.operator.draw(stream, self.now, *self._comes()))

    def _comes(self) -> tuple[int, int]:
        return self.p["refill_least"], self.p["refill_most"]

    def replan(self) -> None:
        super().replan()
        if self.s.due[2] != NEVER:
            self.wake(2, self.s.operator.end(self.now, *self._comes()))
        self.call_operator()

    def operator(self) -> None:
        if self.plant.operator_on:
            self.s.stock = self.p["capacity"]
            self.set("empty", False)
            self.wake(0, self.now)
