"""Linear axis with a drive: trapezoidal ramps, homing, travel limits, following error.

A move is a list of segments of constant acceleration, planned whole: position in fm, speed in fm/s, acceleration in
µm/s². So µm/s² x ns = fm/s, and a position is exact to the femtometre at any nanosecond; segments begin at whole
nanoseconds, so that a move takes L/v + v/2a + v/2d to the microsecond.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from math import isqrt

from sim.component import MM, Change, Component
from sim.components.cylinder import Cylinder
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import NEVER

STANDING, MOVING, TRIPPED = range(3)
G = 10**9  # ns in a second; fm/s in a µm/s


@dataclass(slots=True)
class Segment:
    """From `start_ns` on, at `x` with speed `v` and acceleration `a`."""

    start_ns: int
    x: int
    v: int = 0
    a: int = 0

    def x_at(self, now_ns: int) -> int:
        dt = now_ns - self.start_ns
        return self.x + (2 * self.v * dt + self.a * dt * dt) // (2 * G)

    def v_at(self, now_ns: int) -> int:
        return self.v + self.a * (now_ns - self.start_ns)


@dataclass(slots=True)
class AxisState:
    """The move as planned; its last segment stands."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    plan: list[Segment] = field(default_factory=list)
    homed: bool = False
    homing: bool = False
    tripped: bool = False
    goal: int = 0


def halt(start: Segment, d: int) -> list[Segment]:
    """Brake to a stand."""
    if start.v == 0:
        return [Segment(start.start_ns, start.x)]
    way = 1 if start.v > 0 else -1
    braking = Segment(start.start_ns, start.x, start.v, -way * d)
    end = start.start_ns - (-abs(start.v) // d)
    return [braking, Segment(end, start.x + way * (start.v * start.v // (2 * d * G)))]


def move(start: Segment, goal: int, speed: int, a: int, d: int) -> list[Segment]:
    """From a place and speed to a stand at the goal. `speed` in fm/s, `a` and `d` in µm/s²."""
    left = goal - start.x
    way = 1 if left > 0 or (left == 0 and start.v > 0) else -1
    u, left = way * start.v, way * left
    if u < 0 or u * u > 2 * d * G * left:  # the wrong way, or too fast to stop there
        stopped = halt(start, d)
        return stopped if stopped[-1].x == goal else [*stopped[:-1], *move(stopped[-1], goal, speed, a, d)]
    plan: list[Segment] = []
    at = Segment(start.start_ns, start.x, start.v)
    if u > speed:
        plan.append(Segment(at.start_ns, at.x, at.v, -way * d))
        at = _after(plan[-1], (u - speed) // d, way * speed)
    else:
        peak = min(speed, isqrt((2 * a * d * G * left + d * u * u) // (a + d)))
        if (ramp := (peak - u) // a) > 0:
            plan.append(Segment(at.start_ns, at.x, at.v, way * a))
            at = _after(plan[-1], ramp, way * peak)
    v = abs(at.v)
    cruise = (way * (goal - at.x) - v * v // (2 * d * G)) * G // v if v else 0
    if cruise > 0:
        plan.append(Segment(at.start_ns, at.x, at.v))
        at = _after(plan[-1], cruise, at.v)
    if v:
        plan.append(Segment(at.start_ns, at.x, at.v, -way * d))
    return [*plan, Segment(at.start_ns - (-v // d), goal)]


def _after(segment: Segment, dt: int, v: int) -> Segment:
    """The end of a segment. Its speed is set, as ramps end within the nanosecond before they reach it."""
    end = segment.start_ns + dt
    return Segment(end, segment.x_at(end), v)


class LinearAxis(Component):
    """Goes to its target while it is enabled. Disabled, barred or without power it brakes and stands."""

    KIND = Kind(
        "linear_axis",
        Text("伺服直线轴", "Linear axis with drive"),
        Text("梯形加减速, 回零, 限位, 跟随误差", "Moves to its target on ramps; homing, limits, following error"),
        parameters=(
            Parameter("high", "length", Text("行程上限", "Upper end of its travel"), "1000 mm"),
            Parameter("low", "length", Text("行程下限", "Lower end of its travel"), "0 mm", low=-(2**53)),
            Parameter("start", "length", Text("起始位置", "Where it stands at first"), "0 mm", low=-(2**53),
                      fixed=True),
            Parameter("speed", "speed", Text("速度", "Speed"), "500 mm/s", low=1000),
            Parameter("acceleration", "acceleration", Text("加速度", "Acceleration"), "2 m/s²", low=1000),
            Parameter("deceleration", "acceleration", Text("减速度", "Deceleration"), "2 m/s²", low=1000),
            Parameter("homing_speed", "speed", Text("回零速度", "Speed of homing"), "100 mm/s", low=1000),
            Parameter("needs_homing", "flag", Text("上电需回零", "Knows its place only after homing"), "false", high=1,
                      fixed=True),
            Parameter("gain", "count", Text("位置环增益 1/s", "Gain of the position loop, 1/s"), "20", low=1),
            Parameter("max_lag", "length", Text("允许跟随误差", "Following error that trips it"), "60 mm", low=1),
        ),
        ports=(
            Port("enable", DataType.BOOL, Direction.OUTPUT, Text("使能", "enable"), powered=True),
            Port("target", DataType.REAL, Direction.OUTPUT, Text("目标位置", "target"), "mm", -3000, 3000, 1),
            Port("velocity", DataType.REAL, Direction.OUTPUT, Text("速度设定", "speed set-point"), "mm/s", 0, 3000, 0,
                 500.0, optional=True),
            Port("home", DataType.BOOL, Direction.OUTPUT, Text("回零", "start homing"), optional=True),
            Port("in_position", DataType.BOOL, Direction.INPUT, Text("到位", "in position"), initial=True),
            Port("moving", DataType.BOOL, Direction.INPUT, Text("运动中", "moving"), optional=True),
            Port("homed", DataType.BOOL, Direction.INPUT, Text("已回零", "homed"), optional=True),
            Port("at_low", DataType.BOOL, Direction.INPUT, Text("下限位", "lower limit switch"), optional=True),
            Port("at_high", DataType.BOOL, Direction.INPUT, Text("上限位", "upper limit switch"), optional=True),
            Port("fault", DataType.BOOL, Direction.INPUT, Text("驱动故障", "drive fault"), optional=True),
            Port("position", DataType.REAL, Direction.INPUT, Text("实际位置", "position"), "mm", -3000, 3000, 1,
                 optional=True, computed=True),
            Port("lag", DataType.REAL, Direction.INPUT, Text("跟随误差", "following error"), "mm", -3000, 3000, 1,
                 optional=True, computed=True),
        ),
        joins=(Join("barred_by", ("cylinder",), Text("伸出时禁止移动的气缸", "Must be home to move"), required=False,
                    many=True),),
        disturbances=(Disturbance("lose_reference", Text("丢失参考点", "It loses its reference")),),
        states=states(("standing", "静止", "standing"), ("moving", "运动中", "moving"),
                      ("tripped", "故障停", "stopped by a drive fault")),
        cycle=Text("一次启动", "one start from a stand"),
    )  # fmt: skip
    STATE = AxisState
    SLOTS = ("command", "proceed", "trip")
    COMMAND, PROCEED, TRIP = range(3)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.followers: list[tuple[Wakeable, int]] = []  # who acts on where it is
        self.bars: list[Cylinder] = []
        self.s.plan = [Segment(0, self.p["start"])]
        self.s.goal = self.p["start"]
        self.s.homed = not self.p["needs_homing"]

    def connect(self) -> None:
        for port in ("enable", "target", "velocity", "home"):
            self.watch(port, self.COMMAND)
        for port, value in (("position", self._position), ("lag", self._lag)):
            if port in self.tags:
                self.image.compute(self.tags[port], value)
        for bar in self.joined("barred_by"):
            if isinstance(bar, Cylinder):
                self.bars.append(bar)
                bar.followers.append((self, self.COMMAND))

    def born(self) -> None:
        self.command()

    # ---- where it is ------------------------------------------------------------------------------------------

    def _now_segment(self) -> Segment:
        plan: list[Segment] = self.s.plan
        return next(s for s in reversed(plan) if s.start_ns <= self.now or s is plan[0])

    def at(self) -> int:
        """The place of its slide now, in fm."""
        return self._now_segment().x_at(self.now)

    def _lag_fm(self) -> int:
        """The slide runs behind the set-point in proportion to its speed."""
        return int(self._now_segment().v_at(self.now) // self.p["gain"])

    def _position(self) -> Value:
        return round((self.at() - self._lag_fm()) / MM, 1)

    def _lag(self) -> Value:
        return round(self._lag_fm() / MM, 1)

    # ---- commands ---------------------------------------------------------------------------------------------

    def replan(self) -> None:
        self.command()

    def command(self) -> None:
        """A signal, a bar, power or a parameter has changed: plan on from where it is and as fast as it is."""
        s = self.s
        enabled = bool(self.see("enable"))
        if not enabled:
            s.tripped = False
        free = enabled and self.powered and not s.tripped and all(bar.is_home for bar in self.bars)
        wants_home = bool(self.see("home"))
        if s.homing and not wants_home:
            s.homing = False
        elif wants_home and enabled and not s.homing and self.at() != self.p["low"]:
            s.homing, s.homed = True, False
        elif wants_home and enabled and self.at() == self.p["low"]:
            s.homed = True
        if s.homing:
            s.goal = self.p["low"]
        elif s.homed and not wants_home:
            s.goal = round(float(self.see("target")) * 1000) * (MM // 1000)
        self._go(free and (s.homing or (s.homed and not wants_home)))

    def _go(self, free: bool) -> None:
        s, here = self.s, self._now_segment()
        start = Segment(self.now, here.x_at(self.now), here.v_at(self.now))
        speed = self.p["homing_speed"] if s.homing else self.p["speed"]
        if not s.homing and "velocity" in self.tags:
            speed = min(speed, max(0, round(float(self.see("velocity")) * 1000)))
        goal = min(max(s.goal, self.p["low"]), self.p["high"])
        if free and speed > 0:
            s.plan = move(start, goal, speed * G, self.p["acceleration"], self.p["deceleration"])
        else:
            s.plan = halt(start, self.p["deceleration"])
        self.wake(self.TRIP, self._trips_at())
        self.proceed()

    def proceed(self) -> None:
        """A segment begins, or the plan is new."""
        s, plan = self.s, self.s.plan
        while len(plan) > 1 and plan[1].start_ns <= self.now:
            plan.pop(0)
        self.wake(self.PROCEED, plan[1].start_ns if len(plan) > 1 else NEVER)
        if len(plan) == 1 and s.homing and plan[0].x == self.p["low"]:
            s.homing, s.homed = False, True
        self._say()

    # ---- following error --------------------------------------------------------------------------------------

    def _trips_at(self) -> int:
        """When its speed brings the following error to the limit."""
        most: int = self.p["max_lag"] * self.p["gain"]
        plan: list[Segment] = [] if self.s.tripped else self.s.plan
        for segment, following in pairwise(plan):
            if abs(segment.v) > most:
                return max(segment.start_ns, int(self.now))
            if segment.v * segment.a >= 0 and segment.a:
                crossing = segment.start_ns - (-(most - abs(segment.v)) // abs(segment.a)) + 1
                if crossing <= following.start_ns:
                    return crossing
        return NEVER

    def trip(self) -> None:
        """Too far behind: the drive brakes and wants its enable taken away before it goes on."""
        self.s.tripped = True
        self.command()

    def lose_reference(self) -> None:
        """It must be homed before it goes to a target again."""
        self.s.homed = False
        self.command()

    # ---- what is seen -----------------------------------------------------------------------------------------

    def _say(self) -> None:
        s, plan = self.s, self.s.plan
        standing, at = len(plan) == 1, plan[0].x
        there = standing and s.homed and not s.homing and at == s.goal
        if not standing and self.duty.state != MOVING:
            self.cycle()
        self.be(MOVING if not standing else TRIPPED if s.tripped else STANDING)
        self.set("in_position", there and round(float(self.see("target")) * 1000) * (MM // 1000) == at)
        self.set("moving", not standing)
        self.set("homed", s.homed)
        self.set("at_low", standing and at <= self.p["low"])
        self.set("at_high", standing and at >= self.p["high"])
        self.set("fault", s.tripped)
        self.say_move(*self._said())
        for member, slot in self.followers:
            member.wake(slot, self.now)

    def _said(self) -> tuple[float, float, float]:
        """As a straight line from here to the end of the segment."""
        plan, at = self.s.plan, self.at()
        if len(plan) == 1:
            return at / MM, 0.0, at / MM
        end, span = plan[1].x, max(1, plan[1].start_ns - self.now)
        return at / MM, (end - at) / MM * G / span, end / MM

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("move", self.name, list(self._said()))]
