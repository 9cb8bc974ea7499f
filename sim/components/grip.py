"""What holds one part over spots, carried by axes and cylinders, and the vacuum cup. Fingers: `gripper.py`."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sim.component import MILLION, Change, Component
from sim.components.air import SUPPLY, AirSupply
from sim.components.cylinder import Cylinder
from sim.components.linear_axis import LinearAxis
from sim.components.spot import Spot
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import Travel

MOVERS = ("linear_axis", "cylinder")
DIRECTIONS = ("x", "y", "z")
JOINS = (
    Join("x", MOVERS, Text("水平轴", "Carries it along x"), required=False),
    Join("y", MOVERS, Text("横向轴", "Carries it along y"), required=False),
    Join("z", MOVERS, Text("升降轴", "Carries it down"), required=False),
    SUPPLY,
    Join("spots", ("spot",), Text("可到达的抓放点", "Spots in its reach"), many=True),
)
EMPTY, MOVING, HOLDING = range(3)
CYCLE = Text("抓住一个工件", "one part gripped")
PRESSURES = (
    Parameter("minimum", "pressure", Text("最低工作压力", "Pressure below which it does nothing"), "2 bar",
              high=1_600_000),
    Parameter("nominal", "pressure", Text("额定压力", "Pressure for what is stated here"), "5 bar", low=10_000,
              high=1_600_000),
)  # fmt: skip
FULL = 10**15  # the whole vacuum
ATMOSPHERE_KPA = 80.0  # what the ejector can draw


@dataclass(slots=True)
class GripState:
    """How far it is closed or evacuated, the part that it holds, and what has fallen to the floor."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)
    stroke_ns: int = 1
    serial: int = 0
    floor: list[int] = field(default_factory=list)


class Grip(Component):
    """What holds one part. A part let go where there is no room falls to the floor and lies there for a hand."""

    STATE: ClassVar[type[Any]] = GripState
    SLOTS: ClassVar[tuple[str, ...]] = ("turn", "turn")  # by a signal or a mover, at a mark

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.movers: dict[str, LinearAxis | Cylinder] = {}
        self.spots: list[Spot] = []
        self.air: AirSupply | None = None

    def connect(self) -> None:
        self.air = next((a for a in self.joined("supply") if isinstance(a, AirSupply)), None)
        if self.air is not None:
            self.air.feeds(self, 0, self)
        for direction in DIRECTIONS:
            for mover in self.joined(direction):
                if isinstance(mover, LinearAxis | Cylinder):
                    self.movers[direction] = mover
                    mover.followers.append((self, 0))
        self.spots = [spot for spot in self.joined("spots") if isinstance(spot, Spot)]
        for spot in self.spots:
            spot.followers.append((self, 0))

    def turn(self) -> None:
        """Something has changed: plan on."""
        raise NotImplementedError

    def replan(self) -> None:
        self.turn()

    # ---- air --------------------------------------------------------------------------------------------------

    def pressure_ppm(self) -> int:
        """Share of what it does at its nominal pressure, no more than all of it; nothing below the minimum."""
        if self.air is None:
            return MILLION
        level, low = self.air.level, self.p["minimum"]
        return MILLION * min(level, self.p["nominal"]) // self.p["nominal"] if level > low else 0

    def draws(self) -> int:
        """Free air that it takes now, in µL/s."""
        return 0

    def air_changed(self) -> None:
        """Tell the supply that it draws more or less."""
        if self.air is not None:
            self.air.changed()

    # ---- the part ---------------------------------------------------------------------------------------------

    def _at(self, direction: str) -> int | None:
        mover = self.movers.get(direction)
        if mover is None:
            return None
        return mover.at() if isinstance(mover, LinearAxis) else int(mover.s.travel.at(self.now))

    def spot(self) -> Spot | None:
        """The spot that it is at now."""
        at = {direction: self._at(direction) for direction in self.movers}
        for spot in self.spots:
            if all(x is None or abs(x - spot.p[d]) <= spot.p["reach"] for d, x in at.items()):
                return spot
        return None

    def grasp(self) -> None:
        """Hold the part that is before it, if there is one."""
        spot = self.spot()
        if self.s.serial or spot is None:
            return
        serial = spot.lift()
        if serial:
            self.s.serial = serial
            self.gripped()
            self.plant.emit("part", serial, ["in", self.name, "grip"])
            self.plant.log(serial, self.name)
            spot.look()

    def gripped(self) -> None:
        """It holds a part now."""
        self.cycle()

    def let_go(self) -> None:
        """Lay the part down, or let it fall."""
        serial, spot = self.s.serial, self.spot()
        if not serial:
            return
        self.s.serial = 0
        if spot is not None and spot.room():
            spot.lay(serial)
        else:
            self.s.floor.append(serial)
            self.plant.log(serial, f"{self.name} floor")
            self.plant.emit("part", serial, ["in", self.name, "floor"])

    def take(self, serial: int) -> bool:
        """Take the part out of it, or up from the floor. False when it is not here."""
        if serial and serial == self.s.serial:
            self.s.serial = 0
            self.turn()
            return True
        if serial in self.s.floor:
            self.s.floor.remove(serial)
            return True
        return False

    def holds(self) -> list[int]:
        """The part in it, and those on the floor below."""
        return [*self.s.floor, *([self.s.serial] if self.s.serial else [])]

    def announce(self) -> list[tuple[str, str | int, object]]:
        events: list[tuple[str, str | int, object]] = [
            ("part", serial, ["in", self.name, "floor"]) for serial in self.s.floor
        ]
        if self.s.serial:
            events.append(("part", self.s.serial, ["in", self.name, "grip"]))
        return events


class VacuumCup(Grip):
    """Sucks a part on. The vacuum builds up and decays evenly; open to the air it reaches a small part of it only."""

    KIND = Kind(
        "vacuum_cup",
        Text("真空吸盘", "Vacuum cup"),
        Text("真空逐渐建立后吸住工件, 失电掉落", "Holds a part by vacuum, which takes time to build up and decays"),
        parameters=(
            Parameter("build_up", "time", Text("建压时间", "Time to the full vacuum"), "400 ms", low=10**6),
            Parameter("decay", "time", Text("泄压时间", "Time until it is gone"), "200 ms", low=10**6),
            Parameter("holds_at", "ratio", Text("吸住工件的真空度", "Vacuum that holds a part"), "0.5", low=10_000,
                      high=MILLION),
            Parameter("switch_at", "ratio", Text("压力开关点", "Vacuum at which its switch closes"), "0.6", low=10_000,
                      high=MILLION),
            Parameter("open_level", "ratio", Text("悬空真空度", "Vacuum without a part before it"), "0.25",
                      high=MILLION),
            Parameter("leak", "ratio", Text("泄漏", "Leak: lowers what it reaches"), "0", high=MILLION),
            Parameter("clogged", "ratio", Text("真空发生器堵塞", "Clogged ejector: reaches less, and later"), "0",
                      high=990_000),
            *PRESSURES,
            Parameter("air", "flow", Text("真空发生器耗气 (自由空气)", "Free air that its ejector takes"), "0.5 L/s"),
        ),
        ports=(
            Port("suck", DataType.BOOL, Direction.OUTPUT, Text("吸", "suck"), powered=True),
            Port("ok", DataType.BOOL, Direction.INPUT, Text("真空到达", "vacuum reached")),
            Port("vacuum", DataType.REAL, Direction.INPUT, Text("真空度", "vacuum"), "kPa", 0, 100, 1, optional=True,
                 computed=True),
        ),
        joins=JOINS,
        states=states(("empty", "无真空", "without vacuum"), ("moving", "有真空无件", "vacuum, but no part"),
                      ("holding", "吸持", "holding a part")),
        cycle=CYCLE,
    )  # fmt: skip

    def connect(self) -> None:
        super().connect()
        self.watch("suck", 0)
        if "vacuum" in self.tags:
            self.image.compute(self.tags["vacuum"], self._vacuum)

    def _vacuum(self) -> Value:
        share: float = self.s.travel.at(self.now) / FULL
        return round(max(0.0, ATMOSPHERE_KPA * share + 0.1 * self.noise("vacuum")), 1)

    def _level(self, name: str) -> int:
        return int(FULL // MILLION * self.p[name])

    def _sealed(self) -> bool:
        spot = self.spot()
        return bool(self.s.serial) or (spot is not None and bool(spot.part()))

    def turn(self) -> None:
        s, now = self.s, self.now
        at, sucks = s.travel.at(now), bool(self.see("suck"))
        holds_at = self._level("holds_at")
        if s.serial and (at < holds_at or (at == holds_at and s.travel.rate < 0)):
            self.let_go()
        elif not s.serial and sucks and at >= holds_at:
            self.grasp()
        most = (self._level("open_level") if not self._sealed() else FULL) * (MILLION - self.p["leak"]) // MILLION
        clear = MILLION - self.p["clogged"]
        most = most * clear // MILLION * self.pressure_ppm() // MILLION
        goal = self.reaches(most, at) if sucks else 0
        rate = (
            FULL // self.p["build_up"] * clear // MILLION
            if goal > at
            else -(FULL // self.p["decay"])
            if goal < at
            else 0
        )
        self.set("ok", at > self._level("switch_at") or (at == self._level("switch_at") and rate >= 0))
        marks = [holds_at, self._level("switch_at")]
        if rate > 0:
            goal = min([goal, *(m for m in marks if m > at)])
        elif rate < 0:
            goal = max([goal, *(m for m in marks if m < at)])
        s.travel = Travel(now, at, rate, goal)
        self.wake(1, s.travel.due_ns())
        self.air_changed()
        self.turned()

    def reaches(self, most: int, at: int) -> int:
        """Where its vacuum goes while it sucks, of the most that it can reach."""
        return most

    def draws(self) -> int:
        if self.air is None or not self.see("suck"):
            return 0
        return self.p["air"] * self.air.level // self.p["nominal"]

    def turned(self) -> None:
        """Vacuum or part may have changed."""
        s = self.s
        self.be(HOLDING if s.serial else MOVING if s.travel.at(self.now) or s.travel.rate else EMPTY)
