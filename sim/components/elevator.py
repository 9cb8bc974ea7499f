"""Elevator: a deck that goes up and down between levels, with a slow speed for stopping at them."""

from dataclasses import dataclass, field

from sim.component import MM, Change
from sim.components.deck import (
    BACK,
    CENTRED,
    CYCLE,
    FEEDERS,
    FRONT,
    LENGTH,
    NOWHERE,
    PART,
    REACH,
    RECEIVERS,
    SPEED,
    STATES,
    Entry,
    U,
    out,
)
from sim.components.moving_deck import MovingDeck
from sim.definition import ComponentDefinition
from sim.handover import Sink, sink_of
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import Travel

FIRST = 4  # number of the entry on the lowest level


@dataclass(slots=True)
class ElevatorState:
    """The part as on any deck, and the height in fm."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    serial: int = 0
    incoming: int = 0
    side: int = BACK
    leaving: int = NOWHERE
    axis: int = U
    cross: int = 0
    travel: Travel = field(default_factory=Travel)
    told: list[bool] = field(default_factory=list)
    height: Travel = field(default_factory=lambda: Travel(goal=0))


class Elevator(MovingDeck):
    """Goes up or down while told to, between its lowest and highest level; not while a part lies over its edge.

    It stands at a level while it is within `tolerance` of it: then parts may come from behind and leave in front.
    """

    KIND = Kind(
        "elevator",
        Text("升降机", "Elevator"),
        Text("带辊道的升降台, 快慢两速", "Rollers on a platform that goes between levels, fast or slow"),
        parameters=(
            LENGTH,
            SPEED,
            REACH,
            Parameter("levels", "length", Text("各层高度", "Heights of its levels, from the lowest"), many=True),
            Parameter("fast", "speed", Text("快速", "Fast speed"), "300 mm/s", low=1000),
            Parameter("slow_speed", "speed", Text("慢速", "Slow speed"), "60 mm/s", low=1000),
            Parameter("tolerance", "length", Text("平层允差", "At a level within"), "8 mm", low=MM // 10),
            Parameter("near_by", "length", Text("减速区", "Near a level within"), "80 mm", low=MM),
        ),
        ports=(
            out("up", "上升", "up"),
            out("down", "下降", "down"),
            out("slow", "慢速", "slow"),
            out("forward", "辊道正转", "rollers forward"),
            out("backward", "辊道反转", "rollers backward", optional=True),
            PART,
            CENTRED,
            Port("level", DataType.INT, Direction.INPUT, Text("所在层", "level, 0 between levels"), low=0, high=30),
            Port("near", DataType.BOOL, Direction.INPUT, Text("接近某层", "near a level"), initial=True),
            Port("height", DataType.REAL, Direction.INPUT, Text("高度", "height"), "mm", 0, 9000, 1, optional=True,
                 computed=True),
        ),
        joins=(
            Join("from", FEEDERS, Text("各层来料", "What feeds it from behind, level by level"), required=False,
                 many=True),
            Join("to", RECEIVERS, Text("各层去向", "What it hands parts to in front, level by level"), many=True),
        ),
        states=(*STATES, *states(("lifting", "升降中", "going up or down"))),
        cycle=CYCLE,
    )  # fmt: skip
    STATE = ElevatorState
    MOTION_NAME = "lift"
    COILS = ("up", "down", "slow", "forward", "backward")

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.levels = definition.lists["levels"]
        self.entries += [Entry(self, FIRST + k) for k in range(len(self.levels))]
        self.fronts: list[Sink] = []
        self.s.height = Travel(0, self.levels[0], 0, self.levels[0])
        self.forget()

    def connect(self) -> None:
        for name in self.definition.joins["to"][: len(self.levels)]:
            sink = sink_of([self.plant.components[name]], self.name)
            if sink is not None:
                sink.fed_by(self, self.UPDATE)
                self.fronts.append(sink)
        for coil in self.COILS:
            self.watch(coil, self.COMMAND)
        if "height" in self.tags:
            self.image.compute(self.tags["height"], self._height)

    def entrance(self, source: str) -> Sink:
        """Behind, on the level that stands at the place of this feeder among ours."""
        sources = self.definition.joins.get("from", [])
        level = sources.index(source) if source in sources else 0
        return self.entries[FIRST + min(level, len(self.levels) - 1)]

    def _height(self) -> Value:
        at: int = self.s.height.at(self.now)
        return round(at / MM, 1)

    def _level(self, within: int) -> int:
        """The level that it is at, from 1; 0 between them."""
        at = self.s.height.at(self.now)
        return next((k for k, level in enumerate(self.levels, 1) if abs(at - level) <= within), 0)

    @property
    def level(self) -> int:
        return self._level(self.p["tolerance"])

    # ---- the part ---------------------------------------------------------------------------------------------

    def drive(self) -> tuple[int, int]:
        return U, self.p["speed"] * (bool(self.see("forward")) - bool(self.see("backward")))

    def neighbour(self, side: int) -> Sink | None:
        level = self.level
        if self.s.leaving != NOWHERE and not level:  # its tolerance was changed while a part lies over the edge
            level = self._level(self.levels[-1] - self.levels[0])
        return self.fronts[level - 1] if side == FRONT and 0 < level <= len(self.fronts) else None

    def place_of(self, side: int) -> tuple[int, int]:
        return U, -self.edge

    def open(self, side: int) -> bool:
        """Only at a level, and standing."""
        level = self.level
        return bool(level and not self.s.height.rate and (side == FRONT or side == FIRST + level - 1))

    # ---- the platform -----------------------------------------------------------------------------------------

    def shift(self) -> None:
        """Go up or down to the next place where something happens, unless a part lies over the edge."""
        at, way = self.s.height.at(self.now), bool(self.see("up")) - bool(self.see("down"))
        goal = self._next_mark(at, way) if way and not self.straddled else at
        rate = way * self.p["slow_speed" if self.see("slow") else "fast"] if goal != at else 0
        self.go_on(rate, goal)
        self.set("near", bool(self._level(self.p["near_by"])))
        self.set("level", self.level)

    def _next_mark(self, at: int, way: int) -> int:
        """Entering and leaving the tolerance and the neighbourhood of a level, and the ends."""
        bands = [b for band in (self.p["tolerance"], self.p["near_by"]) for b in (-band, band + 1)]
        marks = [way * level + b for level in self.levels for b in (*bands, 0)]
        limit = max(way * self.levels[0], way * self.levels[-1])
        return way * min((m for m in marks if way * at < m <= limit), default=way * at)

    def motion(self) -> Travel:
        height: Travel = self.s.height
        return height

    def motion_said(self) -> list[float]:
        height, at = self.s.height, self.s.height.at(self.now)
        goal = at if not height.rate else self.levels[-1] if height.rate > 0 else self.levels[0]
        return [at / MM, height.rate / 1000, goal / MM]
