"""A loading arm: swings between places and carries one part, such as from a vehicle at a dock to a machine's tray."""

from dataclasses import dataclass, field
from typing import Protocol, cast

from sim.component import Change, Component, in_mm
from sim.components.agv.track import Dock
from sim.components.bin import Bin
from sim.components.spot import Spot
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER, Travel

REACHED = ("agv_dock", "spot", "bin")
RESTING, MOVING, CARRYING = range(3)


class Place(Protocol):
    """What an arm can take from and lay onto."""

    followers: list[tuple[Wakeable, int]]

    def part(self) -> int: ...

    def lift(self) -> int: ...

    def room(self) -> bool: ...

    def lay(self, serial: int) -> None: ...

    def look(self) -> None: ...


@dataclass(slots=True)
class LoaderState:
    """Where it is in fm, the part that it holds, and when the gripper was told otherwise than it is."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)
    serial: int = 0
    since_ns: int = NEVER


class Loader(Component):
    """Goes to the place that `target` numbers from 1 and stands at 0: nowhere to go. Told to grip it takes the part
    there after its grip time; told to let go it lays it down, where there is room, else it keeps it. Between places and
    without power it keeps what it holds.
    """

    KIND = Kind(
        "loader",
        Text("装卸臂", "Loading arm"),
        Text("在 AGV 对接位、托位与料仓之间搬一个工件", "Carries a part between a dock, spots and bins"),
        parameters=(
            Parameter("positions", "length", Text("各位置坐标", "Its places along its path, from number 1"), many=True),
            Parameter("speed", "speed", Text("速度", "Speed"), "300 mm/s", low=1000),
            Parameter("grip_time", "time", Text("抓放时间", "Time to grip or let go"), "400 ms", low=1000),
        ),
        ports=(
            Port("target", DataType.INT, Direction.OUTPUT, Text("目标位置", "target place"), low=0, high=99),
            Port("grip", DataType.BOOL, Direction.OUTPUT, Text("抓取", "grip")),
            Port("at", DataType.INT, Direction.INPUT, Text("所在位置", "place where it stands, 0 between"), low=0,
                 high=99, initial=1),
            Port("holding", DataType.BOOL, Direction.INPUT, Text("抓有工件", "holds a part")),
        ),
        joins=(Join("places", REACHED, Text("可到达的位置", "What it reaches, in order"), many=True),),
        states=states(("resting", "静止", "at rest"), ("moving", "空载移动", "moves empty"),
                      ("carrying", "搬运", "holds a part")),
        cycle=Text("搬运一个工件", "one part carried"),
    )  # fmt: skip
    STATE = LoaderState
    SLOTS = ("turn", "turn", "act")
    TURN, ARRIVE, ACT = range(3)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.positions = definition.lists["positions"]
        self.s.travel = Travel(0, self.positions[0], 0, self.positions[0])
        self.places: list[Place | Bin] = []

    def connect(self) -> None:
        for place in self.joined("places"):
            if isinstance(place, Bin):
                self.places.append(place)
                place.fed_by(self)
            elif isinstance(place, Dock | Spot):
                self.places.append(place)
                place.followers.append((self, self.TURN))
        self.watch("target", self.TURN)
        self.watch("grip", self.TURN)

    @property
    def at(self) -> int:
        """The number of the place where it stands, 0 between places."""
        travel = self.s.travel
        x = travel.at(self.now)
        still = travel.rate == 0 or x == travel.goal
        return self.positions.index(x) + 1 if still and x in self.positions else 0

    def turn(self) -> None:
        """A signal, power, a place or a parameter has changed, or it has arrived."""
        s, now = self.s, self.now
        x, target = s.travel.at(now), int(self.see("target"))
        goal = self.positions[target - 1] if 0 < target <= len(self.positions) else x
        free = self.powered and goal != x and s.since_ns == NEVER
        rate = (self.p["speed"] if goal > x else -self.p["speed"]) if free else 0
        was = s.travel.rate, s.travel.goal
        s.travel.go(now, rate, goal if rate else x)
        if was != (s.travel.rate, s.travel.goal):
            self._say_move()
        self.wake(self.ARRIVE, s.travel.due_ns())
        self._plan_grip()
        self._say()

    def replan(self) -> None:
        self.turn()

    # ---- the gripper ------------------------------------------------------------------------------------------

    def _place(self) -> Place | Bin | None:
        at = self.at
        return self.places[at - 1] if 0 < at <= len(self.places) else None

    def _may_act(self) -> bool:
        """Gripping or letting go would do something here and now."""
        place = self._place()
        if place is None or not self.powered or bool(self.see("grip")) == bool(self.s.serial):
            return False
        if self.s.serial:
            return place.room()
        return not isinstance(place, Bin) and bool(place.part())

    def _plan_grip(self) -> None:
        s = self.s
        if not self._may_act():
            s.since_ns = NEVER
        elif s.since_ns == NEVER:
            s.since_ns = self.now
        self.wake(self.ACT, NEVER if s.since_ns == NEVER else max(self.now, s.since_ns + self.p["grip_time"]))

    def act(self) -> None:
        """The fingers have closed or opened."""
        s, place = self.s, self._place()
        s.since_ns = NEVER
        if place is None:
            return
        if s.serial:
            self._let_go(place)
        elif not isinstance(place, Bin) and (serial := place.lift()):
            s.serial = serial
            self.plant.emit("part", serial, ["in", self.name, "grip"])
            self.plant.log(serial, self.name)
            place.look()
        self.turn()

    def _let_go(self, place: Place | Bin) -> None:
        serial, self.s.serial = self.s.serial, 0
        self.cycle()
        if isinstance(place, Bin):
            place.put(serial)
        else:
            place.lay(serial)
            place.look()

    # ---- hands ------------------------------------------------------------------------------------------------

    def take(self, serial: int) -> bool:
        """Take the part out of it. False when it holds another."""
        if not serial or serial != self.s.serial:
            return False
        self.s.serial = 0
        self.turn()
        return True

    def holds(self) -> list[int]:
        """The part in it."""
        return [self.s.serial] if self.s.serial else []

    # ---- what is seen -----------------------------------------------------------------------------------------

    def _say(self) -> None:
        self.be(CARRYING if self.s.serial else MOVING if self.s.travel.rate else RESTING)
        self.set("at", self.at)
        self.set("holding", bool(self.s.serial))

    def _said(self) -> list[float]:
        x, v = in_mm(self.s.travel, self.now)
        return [x, v, cast(float, self.s.travel.goal / 10**12)]

    def _say_move(self) -> None:
        self.plant.emit("move", self.name, self._said())

    def announce(self) -> list[tuple[str, str | int, object]]:
        held: list[tuple[str, str | int, object]] = [("part", s, ["in", self.name, "grip"]) for s in self.holds()]
        return [("move", self.name, self._said()), *held]
