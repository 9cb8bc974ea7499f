"""Pneumatic cylinder with a monostable valve, and what is one in the end: stopper, clamp, ejector, door."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sim.component import MM, Change, Component, in_mm
from sim.components.belt import Belt
from sim.components.bin import Bin
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import Travel

SWITCH = 2 * MM  # an end switch closes so far from its end

HOME, MOVING, OUT, BETWEEN = range(4)
STATES = states(("home", "缩回", "retracted"), ("moving", "运动中", "moving"), ("out", "伸出", "extended"),
                ("between", "停在行程中", "standing in mid-stroke"))  # fmt: skip
CYCLE = Text("一次完全伸出", "one full stroke out")
STROKE = Parameter("stroke", "length", Text("行程", "Stroke"), "100 mm", low=10 * MM, fixed=True)
EXTEND = Parameter("extend_speed", "speed", Text("伸出速度", "Extending speed"), "250 mm/s", low=1000)
RETRACT = Parameter("retract_speed", "speed", Text("缩回速度", "Retracting speed"), "250 mm/s", low=1000)
POSITION = Parameter("position", "length", Text("在输送带上的位置", "Place on the belt"), fixed=True)
BELT = Join("belt", ("belt", "roller_conveyor"), Text("所在输送带", "The belt that it stands on"))
PORTS = (
    Port("extend", DataType.BOOL, Direction.OUTPUT, Text("伸出", "extend"), powered=True),
    Port("home", DataType.BOOL, Direction.INPUT, Text("缩回到位", "retracted"), initial=True, optional=True),
    Port("out", DataType.BOOL, Direction.INPUT, Text("伸出到位", "extended"), optional=True),
)


@dataclass(slots=True)
class CylinderState:
    """The rod: 0 is retracted."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)


class Cylinder(Component):
    """Extends while its coil has power, returns by spring; the command may turn it round at any point of the stroke."""

    KIND = Kind(
        "cylinder",
        Text("气缸", "Cylinder"),
        Text("单电控弹簧复位气缸, 行程中可随时换向", "Monostable: returns by spring, may be reversed in mid-stroke"),
        parameters=(STROKE, EXTEND, RETRACT),
        ports=PORTS,
        states=STATES,
        cycle=CYCLE,
    )
    STATE: ClassVar[type[Any]] = CylinderState
    SLOTS: ClassVar[tuple[str, ...]] = ("move", "move")  # by a signal, at a mark

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.followers: list[tuple[Wakeable, int]] = []  # who acts on where the rod is

    def connect(self) -> None:
        self.watch("extend", 0)

    def marks(self) -> list[int]:
        """Places of the rod at which something happens."""
        return [0, SWITCH, self.p["stroke"] - SWITCH, self.p["stroke"]]

    def barrier(self, at: int) -> int | None:
        """A place that the rod, which is at `at`, cannot pass now."""
        return None

    def arrived(self, at: int) -> None:
        """The rod is at one of the marks, or turns."""

    def beyond(self, at: int, mark: int) -> bool:
        """Whether the rod, at `at`, has passed a mark; on the mark itself, whether it goes out over it."""
        return at > mark or (at == mark and bool(self.see("extend")))

    def move(self) -> None:
        """The command or a parameter changed, or a mark is reached: see where the rod is and plan on from there."""
        travel, now = self.s.travel, self.now
        at = travel.at(now)
        if "home" in self.tags:
            self.set("home", not self.beyond(at, SWITCH))
        if "out" in self.tags:
            self.set("out", self.beyond(at, self.p["stroke"] - SWITCH))
        for member, slot in self.followers:
            member.wake(slot, now)
        self.arrived(at)
        rate = self.p["extend_speed"] if self.see("extend") else -self.p["retract_speed"]
        goal = self._goal(rate, at)
        rate = rate if goal != at else 0
        turned = rate != travel.rate
        travel.go(now, rate, goal)
        self._be(at)
        if turned:
            self.say_move(*self._said())
        self.wake(1, travel.due_ns())

    def replan(self) -> None:
        self.move()

    def _be(self, at: int) -> None:
        if self.s.travel.rate:
            self.be(MOVING)
        elif at < self.p["stroke"]:
            self.be(BETWEEN if at else HOME)
        elif self.duty.state != OUT:
            self.be(OUT)
            self.cycle()

    def _goal(self, rate: int, at: int) -> int:
        """The next mark in this direction; a barrier stops an extending rod."""
        if rate < 0:
            return max((m for m in self.marks() if m < at), default=at)
        ahead = min((m for m in self.marks() if m > at), default=at)
        barrier = self.barrier(at)
        return ahead if barrier is None else max(at, min(ahead, barrier))

    def _said(self) -> tuple[float, float, float]:
        """Position, speed and goal as fractions of the stroke."""
        position, speed = in_mm(self.s.travel, self.now)
        stroke = self.p["stroke"] / MM
        return position / stroke, speed / stroke, 1.0 if speed > 0 else 0.0

    @property
    def is_out(self) -> bool:
        return self.beyond(self.s.travel.at(self.now), self.p["stroke"] - SWITCH)

    @property
    def is_home(self) -> bool:
        return not self.beyond(self.s.travel.at(self.now), SWITCH)

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("move", self.name, list(self._said()))]


class Holder(Cylinder):
    """A cylinder that can hold parts at a place of its belt."""

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.stop = 0

    def connect(self) -> None:
        super().connect()
        self.belt = _belt(self)
        self.stop = self.belt.attach_stop(self.p["position"])


class Stopper(Holder):
    """A pin that holds parts; extending takes it out of their way."""

    KIND = Kind(
        "stopper",
        Text("挡停器", "Stopper"),
        Text("得电时放行工件", "Holds parts; lets them pass while its coil has power"),
        parameters=(
            POSITION,
            Parameter("stroke", "length", Text("行程", "Stroke"), "20 mm", low=10 * MM, fixed=True),
            EXTEND,
            RETRACT,
        ),
        ports=PORTS,
        joins=(BELT,),
        states=STATES,
        cycle=CYCLE,
    )

    def born(self) -> None:
        self.belt.set_stop(self.stop, True)

    def marks(self) -> list[int]:
        return [*super().marks(), self.p["stroke"] // 2]

    def arrived(self, at: int) -> None:
        """Half-way out of the parts' way it lets them pass."""
        self.belt.set_stop(self.stop, not self.beyond(at, self.p["stroke"] // 2))


class Clamp(Holder):
    """Jaws at a place of a belt: closed, they hold the part that stands there."""

    KIND = Kind(
        "clamp",
        Text("夹具", "Clamp"),
        Text("夹紧停在该位置的工件", "Holds the part that stands at its place"),
        parameters=(
            POSITION,
            Parameter("stroke", "length", Text("行程", "Stroke"), "40 mm", low=10 * MM, fixed=True),
            EXTEND,
            RETRACT,
        ),
        ports=PORTS,
        joins=(BELT,),
        states=STATES,
        cycle=CYCLE,
    )

    def connect(self) -> None:
        super().connect()
        self.belt.clamped_by(self, 0)

    def arrived(self, at: int) -> None:
        """Jaws that close hold a part where it is just then; a later one stands before them."""
        serial, head = self._between()
        self.belt.set_stop(self.stop, self.beyond(at, self.p["stroke"] - SWITCH), head if serial else None)

    def _between(self) -> tuple[int, int]:
        """The part between the jaws, closed or not, and its head."""
        head = self.p["position"]
        return self.belt.found_between(head - self.belt.size, head)

    @property
    def part(self) -> int:
        """The part between the closed jaws, 0 for none."""
        return self._between()[0] if self.is_out else 0


class Ejector(Cylinder):
    """Pushes the part in front of it off the belt into a bin; while it is out it bars the belt.

    It strikes when the rod has crossed the clearance to the parts. With the bin full or its mouth barred the rod
    stands against the part until there is room.
    """

    KIND = Kind(
        "ejector",
        Text("推料缸", "Ejector"),
        Text("把面前的工件推入料仓", "Pushes the part in front of it into a bin"),
        parameters=(
            POSITION,
            STROKE,
            Parameter("extend_speed", "speed", Text("伸出速度", "Extending speed"), "400 mm/s", low=1000),
            Parameter("retract_speed", "speed", Text("缩回速度", "Retracting speed"), "400 mm/s", low=1000),
            Parameter(
                "clearance", "length", Text("到工件的间隙", "Clearance to the part"), "20 mm", low=5 * MM, fixed=True
            ),
            Parameter(
                "reach", "length", Text("推板半宽", "Half the width of its plate"), "35 mm", low=5 * MM, fixed=True
            ),
        ),
        ports=PORTS,
        joins=(BELT, Join("to", ("bin",), Text("料仓", "Bin"))),
        states=STATES,
        cycle=CYCLE,
    )

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.stop = 0

    def connect(self) -> None:
        super().connect()
        self.belt = _belt(self)
        self.stop = self.belt.attach_stop(self.p["position"] - self.p["reach"])
        self.bin = next(b for b in self.joined("to") if isinstance(b, Bin))
        self.bin.fed_by(self)

    def marks(self) -> list[int]:
        return [*super().marks(), self.p["clearance"]]

    def _in_front(self) -> int:
        place, reach = self.p["position"], self.p["reach"]
        return self.belt.part_between(place - reach, place + reach)

    def barrier(self, at: int) -> int | None:
        clearance = self.p["clearance"]
        if at <= clearance and self._in_front() and not self.bin.room():
            return clearance
        return None

    def arrived(self, at: int) -> None:
        clearance = self.p["clearance"]
        if at == clearance and self.see("extend"):
            while self.bin.room() and (serial := self._in_front()) and self.belt.take(serial):
                self.bin.put(serial)
        self.belt.set_stop(self.stop, self.beyond(at, clearance) and self.barrier(at) is None)


def _belt(component: Component) -> Belt:
    """The belt that a component stands on; the loader has seen to it that there is one."""
    return next(b for b in component.joined("belt") if isinstance(b, Belt))
