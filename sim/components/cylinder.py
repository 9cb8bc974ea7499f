"""Pneumatic cylinder with a monostable valve: a rod between two end switches. Other kinds are one in the end.

With a `supply` its speed is in proportion to the pressure above `minimum`, as stated at `nominal`; below the minimum
air does not move it. A single-acting one is brought back by its spring then, a double-acting one stays where it is.
Force against a load is not reckoned: what a rod cannot move is a barrier. Air used is the swept volume at the pressure.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sim.component import MILLION, MM, Change, Component, in_mm
from sim.components.air import ATMOSPHERE, LEAKS_AT, SUPPLY, AirSupply
from sim.components.belt import Belt
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import NEVER, Travel

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
THROTTLES = (
    Parameter("throttle_out", "ratio", Text("伸出节流开度", "Throttle of extending"), "1", high=MILLION),
    Parameter("throttle_back", "ratio", Text("缩回节流开度", "Throttle of retracting"), "1", high=MILLION),
)
PNEUMATIC = (
    *THROTTLES,
    Parameter("bore", "length", Text("缸径", "Bore"), "20 mm", low=4 * MM, high=400 * MM, fixed=True),
    Parameter("minimum", "pressure", Text("最低工作压力", "Pressure below which air does not move it"), "1.5 bar",
              high=1_600_000),
    Parameter("nominal", "pressure", Text("速度所对应的压力", "Pressure at which its speeds hold"), "6 bar",
              low=10_000, high=1_600_000),
    Parameter("seal_leak", "flow", Text("密封泄漏 (6 bar 时)", "Leak of its seals at 6 bar, under pressure"), "0 L/s"),
)  # fmt: skip
AIR = (
    *PNEUMATIC,
    Parameter("double_acting", "flag", Text("双作用 (弹簧复位阀)", "Returns by air, not by spring"), "false", high=1),
)
FAULTS = (
    Disturbance("stick", Text("活塞杆卡死", "Its rod sticks"), clears="come_loose"),
    Disturbance("open_coil", Text("电磁阀线圈断路", "Its coil is open"), clears="mend_coil"),
)
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
    stuck: bool = False
    coil_open: bool = False


class Cylinder(Component):
    """Extends while its coil has power, returns by spring; the command may turn it round at any point of the stroke."""

    KIND = Kind(
        "cylinder",
        Text("气缸", "Cylinder"),
        Text("单电控弹簧复位气缸, 行程中可随时换向", "Monostable: returns by spring, may be reversed in mid-stroke"),
        parameters=(STROKE, EXTEND, RETRACT, *AIR),
        ports=PORTS,
        joins=(SUPPLY,),
        disturbances=FAULTS,
        states=STATES,
        cycle=CYCLE,
    )
    STATE: ClassVar[type[Any]] = CylinderState
    SLOTS: ClassVar[tuple[str, ...]] = ("move", "move")  # by a signal, at a mark

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.followers: list[tuple[Wakeable, int]] = []  # who acts on where the rod is
        self.air: AirSupply | None = None

    def connect(self) -> None:
        self.watch("extend", 0)
        self.connect_air()

    def connect_air(self) -> None:
        """Find the supply, if it has one."""
        self.air = next((a for a in self.joined("supply") if isinstance(a, AirSupply)), None)
        if self.air is not None:
            self.air.feeds(self, 0, self)

    # ---- valve and air ----------------------------------------------------------------------------------------

    def see(self, port: str, absent: Value = False) -> Value:
        """An open coil sees no command."""
        return False if port == "extend" and self.s.coil_open else super().see(port, absent)

    @property
    def springs_back(self) -> bool:
        """Whether a spring brings the rod back, without air."""
        return not self.p["double_acting"]

    def pressure_ppm(self) -> int:
        """Share of its speeds that the pressure gives."""
        if self.air is None:
            return MILLION
        low = self.p["minimum"]
        return max(0, self.air.level - low) * MILLION // max(1, self.p["nominal"] - low)

    def goes_out(self) -> bool:
        """Whether the rod is driven out; its spring is stronger than too little air."""
        return bool(self.see("extend")) and (self.pressure_ppm() > 0 or not self.springs_back)

    def _rate(self) -> int:
        """The speed that valve, throttles and pressure give it; below nought it retracts."""
        if self.s.stuck:
            return 0
        out = self.goes_out()
        speed = self.p["extend_speed"] * self.p["throttle_out"] if out else (
            -self.p["retract_speed"] * self.p["throttle_back"])  # fmt: skip
        by_spring = not out and self.springs_back
        share = MILLION if by_spring else self.pressure_ppm()
        return speed * share // (MILLION * MILLION) if speed > 0 else -(-speed * share // (MILLION * MILLION))

    def stroke_times_ns(self) -> tuple[int, int]:
        """Of a whole stroke out and back, by hand, with the present air and throttles; NEVER: it does not move."""
        share = self.pressure_ppm()
        back = MILLION if self.springs_back else share
        return self._stroke_ns("extend_speed", "throttle_out", share), self._stroke_ns(
            "retract_speed", "throttle_back", back
        )

    def _stroke_ns(self, speed: str, throttle: str, share: int) -> int:
        pace = 0 if self.s.stuck else self.p[speed] * self.p[throttle] * share
        return -(-self.p["stroke"] * MILLION * MILLION // pace) if pace else NEVER

    def draws(self) -> int:
        """Free air in µL/s: the volume that the piston sweeps, compressed, and what its seals let through."""
        if self.air is None:
            return 0
        level, rate = self.air.level, self.s.travel.rate
        driven = bool(self.see("extend")) or not self.springs_back
        bore_um = self.p["bore"] // 10**9
        swept = bore_um * bore_um * 785_398 // MILLION * abs(rate) // 10**9 if driven else 0
        return swept * (level + ATMOSPHERE) // ATMOSPHERE + (self.p["seal_leak"] * level // LEAKS_AT if driven else 0)

    # ---- the rod ----------------------------------------------------------------------------------------------

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
        return at > mark or (at == mark and self.goes_out())

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
        rate = self._rate()
        goal = self._goal(rate, at) if rate else at
        rate = rate if goal != at else 0
        turned = rate != travel.rate
        travel.go(now, rate, goal)
        self._be(at)
        if turned:
            self.say_move(*self._said())
        self.wake(1, travel.due_ns())
        if self.air is not None:
            self.air.changed()

    def replan(self) -> None:
        self.move()

    def stick(self) -> None:
        """The rod stays where it is."""
        self.s.stuck = True
        self.move()

    def come_loose(self) -> None:
        """It moves on as its valve says."""
        self.s.stuck = False
        self.move()

    def open_coil(self) -> None:
        """The coil `extend` has no effect any more."""
        self.s.coil_open = True
        self.coil_changed()

    def mend_coil(self) -> None:
        """It has again."""
        self.s.coil_open = False
        self.coil_changed()

    def coil_changed(self) -> None:
        """A coil may have come or gone."""
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


def belt_of(component: Component) -> Belt:
    """The belt that a component stands on; the loader has seen to it that there is one."""
    return next(b for b in component.joined("belt") if isinstance(b, Belt))
