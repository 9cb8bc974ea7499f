"""Decks: short driven sections that hold one part and hand it on to a choice of neighbours.

A deck is a square. `u` runs along its heading, `v` to its right; the part's centre moves on one of the two at a time. A
part belongs to the deck from the moment its tail has left the feeder until its tail has left the deck. It goes out over
an edge only when the neighbour there keeps the place free. A side without neighbour has a stop plate: a part that
is driven against it stands in the centre.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sim.component import MM, Change, Component
from sim.definition import ComponentDefinition
from sim.handover import Sink, sink_of
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import Travel

FRONT, RIGHT, BACK, LEFT = range(4)  # sides; FRONT is where the heading points
NOWHERE = -1
U, V = 0, 1  # axes
EXITS = {FRONT: "to", RIGHT: "to_right", BACK: "to_back", LEFT: "to_left"}
ENTRIES = {RIGHT: "from_right", LEFT: "from_left", FRONT: "from_front"}
RECEIVERS = ("belt", "roller_conveyor", "transfer", "turntable", "elevator")
FEEDERS = ("belt", "roller_conveyor", "transfer", "turntable", "elevator", "pusher", "diverter")

EMPTY, STANDING, CONVEYING, TURNING = range(4)
STATES = states(("empty", "空", "empty"), ("standing", "工件静止", "a part stands on it"),
                ("conveying", "输送中", "a part moves on it"))  # fmt: skip
CYCLE = Text("送出一件", "one part passed on")
LENGTH = Parameter("length", "length", Text("边长", "Length of its side"), "200 mm", low=20 * MM, fixed=True)
SPEED = Parameter("speed", "speed", Text("输送速度", "Speed of its rollers"), "200 mm/s", low=1000, high=5_000_000)
REACH = Parameter(
    "reach", "length", Text("居中允差", "How far from its centre a part counts as centred"), "30 mm", low=MM
)
TO = Join("to", RECEIVERS, Text("前方去向", "What it hands parts to in front"), required=False)
TO_RIGHT = Join("to_right", RECEIVERS, Text("右侧去向", "What it hands parts to on its right"), required=False)
TO_LEFT = Join("to_left", RECEIVERS, Text("左侧去向", "What it hands parts to on its left"), required=False)
TO_BACK = Join("to_back", RECEIVERS, Text("后方去向", "What it hands parts to behind"), required=False)
FROM_RIGHT = Join("from_right", FEEDERS, Text("右侧来料", "What feeds it from its right"), required=False)
FROM_LEFT = Join("from_left", FEEDERS, Text("左侧来料", "What feeds it from its left"), required=False)
FROM_FRONT = Join("from_front", FEEDERS, Text("前方来料", "What feeds it from in front"), required=False)
PART = Port("part", DataType.BOOL, Direction.INPUT, Text("有工件", "a part is on it"))
CENTRED = Port("centred", DataType.BOOL, Direction.INPUT, Text("工件居中", "the part is in the centre"))


def out(name: str, zh: str, en: str, optional: bool = False) -> Port:
    """A coil that moves something: without power it does nothing."""
    return Port(name, DataType.BOOL, Direction.OUTPUT, Text(zh, en), powered=True, optional=optional)


@dataclass(slots=True)
class DeckState:
    """Where the part is: on `axis` at the travel, on the other axis at `cross`; both from the centre, in fm."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    serial: int = 0
    incoming: int = 0  # serial of the part for which the deck is kept free, and the side that it comes from
    side: int = BACK
    leaving: int = NOWHERE  # the side over whose edge the part is
    axis: int = U
    cross: int = 0
    travel: Travel = field(default_factory=Travel)
    told: list[bool] = field(default_factory=list)  # by entry: its feeders know that there is room


class Entry:
    """One side of a deck as a sink. Holds nothing that changes."""

    def __init__(self, deck: "Deck", side: int) -> None:
        self.deck, self.side, self.station = deck, side, deck.station
        self.feeders: list[tuple[Wakeable, int]] = []

    def room(self) -> bool:
        return self.deck.room(self.side)

    def reserve(self, serial: int) -> None:
        self.deck.expect(self.side, serial)

    def release(self) -> None:
        self.deck.expect(self.side, 0)

    def put(self, serial: int) -> None:
        self.deck.put(self.side, serial)

    def fed_by(self, member: Wakeable, slot: int) -> None:
        self.feeders.append((member, slot))


class Deck(Component):
    """What transfer, turntable and elevator share. Subclasses say what drives the part, and which side is open.

    A part off the centre of one axis by more than `reach` is not moved on the other.
    """

    STATE: ClassVar[type[Any]] = DeckState
    SLOTS: ClassVar[tuple[str, ...]] = ("command", "update")
    COMMAND, UPDATE = 0, 1
    COILS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.size = plant.definition.part.length_fm
        self.length = max(self.p["length"], self.size)
        self.edge = (self.length - self.size) // 2  # of the centre, when the head is at the deck's edge
        self.away = self.edge + self.size  # of the centre, when the tail is
        self.entries = [Entry(self, side) for side in range(4)]
        self.sinks: dict[int, Sink] = {}
        self.forget()

    def forget(self) -> None:
        """The feeders know of no room: they are told when there is some."""
        self.s.told = [False] * len(self.entries)

    def born(self) -> None:
        self.wake(self.UPDATE, 0)

    # ---- while the line is built ------------------------------------------------------------------------------

    def connect(self) -> None:
        for side, join in EXITS.items():
            sink = sink_of(self.joined(join), self.name)
            if sink is not None:
                self.sinks[side] = sink
                sink.fed_by(self, self.UPDATE)
        for coil in self.COILS:
            self.watch(coil, self.COMMAND)

    def entrance(self, source: str) -> Sink:
        """By the side that a join of ours names, else from behind."""
        for side, join in ENTRIES.items():
            if source in self.definition.joins.get(join, []):
                return self.entries[side]
        return self.entries[BACK]

    # ---- what subclasses say ----------------------------------------------------------------------------------

    def drive(self) -> tuple[int, int]:
        """Axis and rate of what would move a part now; rate 0: nothing."""
        raise NotImplementedError

    def side_of(self, axis: int, rate: int) -> int:
        """The side that a part leaves by, driven so."""
        return (FRONT if rate > 0 else BACK) if axis == U else (RIGHT if rate > 0 else LEFT)

    def place_of(self, side: int) -> tuple[int, int]:
        """Axis and position of a part that has just come in by this side."""
        return (U, self.edge if side == FRONT else -self.edge) if side in (FRONT, BACK) else (
            V, self.edge if side == RIGHT else -self.edge)  # fmt: skip

    def neighbour(self, side: int) -> Sink | None:
        """What a part is handed to there, None where there is nothing."""
        return self.sinks.get(side)

    def shift(self) -> None:
        """Plan the movement of the deck itself, where it has one. Called whenever a part may have come or gone."""

    def open(self, side: int) -> bool:
        """Whether deck and neighbour are in line there."""
        return True

    @property
    def straddled(self) -> bool:
        """A part lies over an edge: the deck must not move away."""
        return bool(self.s.incoming) or self.s.leaving != NOWHERE

    # ---- as a sink --------------------------------------------------------------------------------------------

    def room(self, side: int) -> bool:
        return not self.s.serial and not self.s.incoming and self.open(side)

    def expect(self, side: int, serial: int) -> None:
        """Keep the deck free for a part that is on its way, or for none any more."""
        self.s.incoming, self.s.side = serial, side
        if serial:
            self.forget()
        self.wake(self.UPDATE, self.now)

    def put(self, side: int, serial: int) -> None:
        s = self.s
        s.incoming, s.serial, s.cross = 0, serial, 0
        self.forget()
        s.axis, position = self.place_of(side)
        s.travel = Travel(self.now, position, 0, position)
        self._say_part()
        self._say()
        self.update()

    # ---- the one plan -----------------------------------------------------------------------------------------

    def command(self) -> None:
        self.update()

    def replan(self) -> None:
        self.update()

    def update(self) -> None:
        """Something is due or has changed: turn to the other axis, leave, hand over; then plan what remains."""
        s, now = self.s, self.now
        straddled = self.straddled
        self.shift()
        axis, rate = self.drive()
        if s.serial and rate and axis != s.axis:
            rate = self._turn_to(axis, rate)
        if s.serial and s.leaving != NOWHERE:
            self._over_the_edge(rate)
        at = s.travel.at(now)
        goal = self._goal(rate, at) if s.serial and rate else at
        was = s.travel.rate
        s.travel.go(now, rate if goal != at else 0, goal)
        self._be()
        if s.travel.rate != was:
            self._say()
        self.wake(self.UPDATE, s.travel.due_ns())
        self._sense()
        self._tell()
        if straddled and not self.straddled:
            self.wake(self.COMMAND, now)  # the deck itself may move again

    @property
    def turning(self) -> bool:
        """The deck itself moves."""
        return False

    def _be(self) -> None:
        if self.turning:
            self.be(TURNING)
        else:
            self.be((CONVEYING if self.s.travel.rate else STANDING) if self.s.serial else EMPTY)

    def _turn_to(self, axis: int, rate: int) -> int:
        """The part changes its axis where it is near enough to the centre; elsewhere it does not move."""
        s, at = self.s, self.s.travel.at(self.now)
        if s.leaving != NOWHERE or abs(at) > self.p["reach"]:
            return 0
        s.axis, s.cross, at = axis, at, s.cross
        s.travel = Travel(self.now, at, 0, at)
        self._say_part()
        self._say()
        return rate

    def _over_the_edge(self, rate: int) -> None:
        """Hand over what has left entirely; give the place back when the part has come back in."""
        s, at = self.s, abs(self.s.travel.at(self.now))
        sink = self.neighbour(s.leaving)
        if sink is None:
            return
        if at >= self.away:
            serial, s.serial, s.leaving = s.serial, 0, NOWHERE
            s.travel = Travel(self.now, 0, 0, 0)
            self._pass_on(serial, sink)
        elif at <= self.edge and rate and self.side_of(s.axis, rate) != s.leaving:
            s.leaving = NOWHERE
            sink.release()

    def _pass_on(self, serial: int, sink: Sink) -> None:
        self.cycle()
        if sink.station != self.station:
            self.plant.units[self.station].part_out()
            self.plant.units[sink.station].part_in()
        sink.put(serial)

    def _goal(self, rate: int, at: int) -> int:
        """The next place where something happens in this direction; `at` where it may not move on."""
        s, way = self.s, 1 if rate > 0 else -1
        side, x = self.side_of(s.axis, rate), at * way  # x grows the way that it moves
        sink = self.neighbour(side)
        if s.leaving == side:
            return self.away * way
        if sink is None:
            limit = max(0, x)
        elif x < self.edge or not (self.open(side) and sink.room()):
            limit = max(self.edge, x)
        else:
            s.leaving, limit = side, self.away
            sink.reserve(s.serial)
        reach = self.p["reach"]
        marks = [-self.edge, -reach, reach + 1, self.edge, limit]
        return min((m for m in marks if x < m <= limit), default=x) * way

    @property
    def centred(self) -> bool:
        """A part stands or passes in the centre."""
        s, reach = self.s, self.p["reach"]
        return bool(s.serial) and abs(s.travel.at(self.now)) <= reach and abs(s.cross) <= reach

    def _sense(self) -> None:
        self.set("part", bool(self.s.serial))
        self.set("centred", self.centred)

    def _tell(self) -> None:
        """Wake those who feed a side when room has come about there."""
        for side, entry in enumerate(self.entries):
            room = self.room(side)
            if room and not self.s.told[side]:
                for member, slot in entry.feeders:
                    member.wake(slot, self.now)
            self.s.told[side] = room

    # ---- hands, and the eyes of people ------------------------------------------------------------------------

    def take(self, serial: int) -> bool:
        s = self.s
        if serial != s.serial or not serial:
            return False
        for sink, _ in self.handing():
            sink.release()
        s.serial, s.leaving, s.travel = 0, NOWHERE, Travel(self.now, 0, 0, 0)
        self.update()
        return True

    def holds(self) -> list[int]:
        return [self.s.serial] if self.s.serial else []

    def handing(self) -> list[tuple[Sink, int]]:
        """The neighbour that keeps a place free for our part."""
        sink = self.neighbour(self.s.leaving)
        return [] if sink is None else [(sink, self.s.serial)]

    def _place(self) -> list[str]:
        return ["in", self.name, "uv"[self.s.axis]]

    def _say_part(self) -> None:
        self.plant.emit("part", self.s.serial, self._place())

    def _said(self) -> list[float | None]:
        travel = self.s.travel
        return [travel.at(self.now) / MM, travel.rate / 1000, travel.goal / MM]

    def _say(self) -> None:
        """The part's place on its axis, in mm from the centre."""
        self.plant.emit("move", self.name, self._said())

    def announce(self) -> list[tuple[str, str | int, object]]:
        found: list[tuple[str, str | int, object]] = [("move", self.name, self._said())]
        return [*found, ("part", self.s.serial, self._place())] if self.s.serial else found


class Transfer(Deck):
    """A pop-up transfer: rollers carry straight on; chains that rise between them carry to the left or to the right."""

    KIND = Kind(
        "transfer",
        Text("顶升移载机", "Pop-up transfer"),
        Text("辊子直行, 顶升链条左右移载", "Rollers carry straight on, chains that rise carry to the left or right"),
        parameters=(
            LENGTH, SPEED, REACH,
            Parameter("chain_speed", "speed", Text("移载速度", "Speed of its chains"), "200 mm/s", low=1000),
        ),
        ports=(
            out("run", "直行", "run straight on"),
            out("back", "后退", "run backwards", optional=True),
            out("left", "左移", "to the left", optional=True),
            out("right", "右移", "to the right", optional=True),
            PART, CENTRED,
        ),
        joins=(TO, TO_LEFT, TO_RIGHT, TO_BACK, FROM_LEFT, FROM_RIGHT, FROM_FRONT),
        states=STATES,
        cycle=CYCLE,
    )  # fmt: skip
    COILS = ("run", "back", "left", "right")

    def drive(self) -> tuple[int, int]:
        """Chains that are up lift the part off the rollers; opposite commands cancel out."""
        left, right = bool(self.see("left")), bool(self.see("right"))
        if left or right:
            return V, self.p["chain_speed"] * (right - left)
        return U, self.p["speed"] * (bool(self.see("run")) - bool(self.see("back")))
