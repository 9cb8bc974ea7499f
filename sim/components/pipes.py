"""What liquid flows through: valves, pumps, a consumer; and the meter on them.

What opens and closes does so in steps, each in the middle of the part of the stroke that it stands for: after a whole
stroke exactly as much has flowed as through a valve that opens evenly.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sim.component import MILLION, Change, Component
from sim.components.power import Shaft
from sim.components.tank import FL, Tank
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.span import Span
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import FAR, NEVER, Travel

CLOSED, MOVING, OPEN = range(3)
STATES = states(("closed", "关闭", "closed"), ("moving", "动作中", "opening or closing"),
                ("open", "打开", "open, at least in part"))  # fmt: skip
CYCLE = Text("打开一次", "one opening")
PERCENT = 100  # steps of a control valve


@dataclass(slots=True)
class PipeState:
    """How far it is open, in ns of its stroke, and what flows."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)
    stroke_ns: int = 1  # of which the travel is a part
    step: int = 0  # of its steps it lets through
    actual: int = 0  # µL/s
    stuck: bool = False
    total: Travel = field(default_factory=lambda: Travel(goal=FAR))


@dataclass(slots=True)
class ConsumerState(PipeState):
    """How long the present flow lasts."""

    span: Span = field(default_factory=Span)


_FROM = Join(
    "source", ("tank",), Text("来自储罐 (无: 外部供给)", "Tank that it drains; none: from the mains"), required=False
)
_TO = Join("to", ("tank",), Text("流向储罐 (无: 外部排放)", "Tank that it fills; none: to the drain"), required=False)
_FLOW = Parameter("flow", "flow", Text("全开流量", "Flow when fully open"), "60 mL/s", high=10**12)
_OPENING = Port(
    "opening", DataType.REAL, Direction.INPUT, Text("实际开度", "opening"), "%", 0, 100, 1, optional=True, computed=True
)


class Pipe(Component):
    """What valves and pumps have in common: a stroke, and a flow that follows it in steps."""

    STATE: ClassVar[type[Any]] = PipeState
    SLOTS: ClassVar[tuple[str, ...]] = ("turn", "turn")  # by a signal, at a mark
    STROKE: ClassVar[str] = "stroke_time"
    COMMANDS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.source: Tank | None = None
        self.target: Tank | None = None
        self.steps = 1
        self.followers: list[tuple[Wakeable, int]] = []  # who wants to know that the flow has changed
        self.s.stroke_ns = self.p.get(self.STROKE, 1)

    def connect(self) -> None:
        for tank in self.joined("source"):
            if isinstance(tank, Tank):
                self.source = tank
                tank.outlets.append(self)
        for tank in self.joined("to"):
            if isinstance(tank, Tank):
                self.target = tank
                tank.inlets.append(self)
        for port in self.COMMANDS:
            self.watch(port, 0)
        if "opening" in self.tags:
            self.image.compute(self.tags["opening"], self._opening)

    def aim(self) -> int:
        """How far it is to open, in ppm."""
        raise NotImplementedError

    @property
    def actual(self) -> int:
        """What flows now, in µL/s."""
        return int(self.s.actual)

    @property
    def wanted(self) -> int:
        """What it lets through while its source has enough."""
        return int(self.p["flow"] * self.s.step // self.steps)

    def _opening(self) -> Value:
        share: float = 100.0 * self.s.travel.at(self.now) / self.s.stroke_ns
        return round(share, 1)

    # ---- the stroke -------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Another command or parameter, or a mark of the stroke: see how far it is open and plan on."""
        s, now = self.s, self.now
        at, stroke = s.travel.at(now), self.p[self.STROKE]
        if stroke != s.stroke_ns:
            at, s.stroke_ns = at * stroke // s.stroke_ns, stroke
            s.travel = Travel(now, at, 0, at)
        goal = at if s.stuck else min(stroke, stroke * self.aim() // 10**6)
        rate = (goal > at) - (goal < at)
        self._step(at, rate or s.travel.rate)
        was = s.travel.rate, goal
        s.travel.go(now, rate, self._next(at, goal, rate))
        self.stroke_said(at, rate)
        self._be(at, rate)
        if was[0] != rate:
            self.say_move(at / stroke, rate * 1e9 / stroke, goal / stroke)
        self.wake(1, s.travel.due_ns())
        self._tell()

    def replan(self) -> None:
        self.turn()

    def _be(self, at: int, rate: int) -> None:
        if rate > 0 and self.duty.state == CLOSED:
            self.cycle()
        self.be(MOVING if rate else OPEN if at > 0 else CLOSED)

    def _step(self, at: int, way: int) -> None:
        """The step for this opening: each stands in the middle of its part of the stroke."""
        n, stroke = self.steps, self.s.stroke_ns
        up = (2 * n * at + stroke) // (2 * stroke)
        down = -((stroke - 2 * n * at) // (2 * stroke))
        self.s.step = min(n, max(0, up if way >= 0 else down))

    def _next(self, at: int, goal: int, rate: int) -> int:
        """The next change of the step on the way to the goal."""
        n = self.steps
        stroke: int = self.s.stroke_ns
        k: int = self.s.step
        if rate > 0 and k < n:
            return min(goal, -(-stroke * (2 * k + 1) // (2 * n)))
        if rate < 0 and k > 0:
            return max(goal, stroke * (2 * k - 1) // (2 * n))
        return goal

    def stroke_said(self, at: int, rate: int) -> None:
        """Say on the ports how far it is open."""

    # ---- the flow ---------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """The opening may be another: the source decides what flows, the mains always have enough."""
        if self.source is None:
            self.pass_on(self.wanted)
        else:
            self.source.wake(0, self.now)

    def pass_on(self, flow: int) -> None:
        """So much flows from now on."""
        s, now = self.s, self.now
        if flow == s.actual:
            return
        s.actual = flow
        s.total.go(now, flow, FAR)
        if self.target is not None:
            self.target.wake(0, now)
        for member, slot in self.followers:
            member.wake(slot, now)

    def announce(self) -> list[tuple[str, str | int, object]]:
        s = self.s
        at, stroke = s.travel.at(self.now), s.stroke_ns
        return [("move", self.name, [at / stroke, s.travel.rate * 1e9 / stroke, s.travel.goal / stroke])]


class Valve(Pipe):
    """Opens while its coil has power and closes by its spring; with `position` as far as that says."""

    KIND = Kind(
        "valve",
        Text("阀门", "Valve"),
        Text("得电打开, 失电关闭; 可带开度设定", "Opens with power, closes without; `position`: a control valve"),
        parameters=(
            _FLOW,
            Parameter("stroke_time", "time", Text("全行程时间", "Time of a full stroke"), "1 s", low=1000),
        ),
        ports=(
            Port("open", DataType.BOOL, Direction.OUTPUT, Text("打开", "open"), powered=True),
            Port("position", DataType.REAL, Direction.OUTPUT, Text("开度设定", "position set-point"), "%", 0, 100, 1,
                 optional=True),
            Port("opened", DataType.BOOL, Direction.INPUT, Text("全开", "fully open"), optional=True),
            Port("closed", DataType.BOOL, Direction.INPUT, Text("关闭", "closed"), initial=True, optional=True),
            _OPENING,
        ),
        joins=(_FROM, _TO),
        disturbances=(Disturbance("stick", Text("阀门卡住", "The valve sticks"), clears="unstick"),),
        states=STATES,
        cycle=CYCLE,
    )  # fmt: skip
    COMMANDS = ("open", "position")

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.steps = PERCENT if "position" in self.tags else 1

    def aim(self) -> int:
        if not self.see("open"):
            return 0
        return int(float(self.see("position", 100.0)) * 10**4 + 0.5)

    def stroke_said(self, at: int, rate: int) -> None:
        self.set("closed", at <= 0 and rate <= 0)
        self.set("opened", at >= self.s.stroke_ns and rate >= 0)

    def stick(self) -> None:
        """It stays where it is, whatever the command."""
        self.s.stuck = True
        self.turn()

    def unstick(self) -> None:
        """It moves again."""
        self.s.stuck = False
        self.turn()


class Pump(Pipe):
    """Delivers while it runs; it needs its ramp to come up to speed and to run down."""

    KIND = Kind(
        "pump",
        Text("泵", "Pump"),
        Text("运行时输送液体, 启停有斜坡", "Delivers liquid while it runs, with a ramp up and down"),
        parameters=(
            _FLOW,
            Parameter("ramp", "time", Text("升速时间", "Time to full speed"), "500 ms", low=1000),
        ),
        ports=(
            Port("run", DataType.BOOL, Direction.OUTPUT, Text("运行", "run"), powered=True),
            Port("speed", DataType.REAL, Direction.OUTPUT, Text("转速设定", "speed set-point"), "%", 0, 100, 1, 100.0,
                 optional=True),
            Port("running", DataType.BOOL, Direction.INPUT, Text("运行反馈", "runs"), optional=True),
            _OPENING,
        ),
        joins=(_FROM, _TO),
        states=states(("standing", "静止", "standing"), ("ramping", "升降速", "speeding up or down"),
                      ("running", "运行", "running")),
        cycle=Text("启动一次", "one start"),
    )  # fmt: skip
    STROKE = "ramp"
    COMMANDS = ("run", "speed")

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.steps = 20
        self.motor: Shaft | None = None  # without one it is driven by its coil alone

    @property
    def asks(self) -> bool:
        """Its motor is told to turn."""
        return bool(self.see("run"))

    def aim(self) -> int:
        turns = self.asks and (self.motor is None or self.motor.delivers)
        pace = self.motor.pace_ppm if self.motor is not None else MILLION
        return int(float(self.see("speed", 100.0)) * 10**4 + 0.5) * pace // MILLION if turns else 0

    def stroke_said(self, at: int, rate: int) -> None:
        self.set("running", at > 0 or rate > 0)


class Consumer(Pipe):
    """Somebody who draws from a tank as much as he likes: the load that a level control has to live with."""

    KIND = Kind(
        "consumer",
        Text("用户负载", "Consumer"),
        Text("随机从储罐取液, 控制器的扰动", "Draws from a tank at random: the disturbance of a level control"),
        parameters=(
            Parameter("flow", "flow", Text("最大用量", "Most that it draws"), "40 mL/s"),
            Parameter("least", "flow", Text("最小用量", "Least that it draws"), "5 mL/s"),
            Parameter("time_least", "time", Text("最短持续时间", "Keeps on for at least"), "20 s", low=10**6),
            Parameter("time_most", "time", Text("最长持续时间", "Keeps on for at most"), "60 s", low=10**6),
        ),
        joins=(Join("source", ("tank",), Text("来自储罐", "Tank that it drains")),),
        states=states(("idle", "未用", "draws nothing"), ("drawing", "取液", "draws liquid")),
        cycle=Text("用量变化", "another flow"),
    )
    STATE = ConsumerState
    STROKE = ""
    SLOTS = ("turn", "change")

    def born(self) -> None:
        self.change()

    @property
    def wanted(self) -> int:
        span: int = max(0, self.p["flow"] - self.p["least"])
        return int(self.p["least"] + span * self.s.step // PERCENT)

    def _lasts(self) -> tuple[int, int]:
        return self.p["time_least"], self.p["time_most"]

    def replan(self) -> None:
        self.wake(1, self.s.span.end(self.now, *self._lasts()))
        self.turn()

    def turn(self) -> None:
        self.be(int(self.wanted > 0))
        self._tell()

    def change(self) -> None:
        """Another flow for a while."""
        stream = self.plant.stream(f"{self.name}.draw")
        self.s.step = stream.between(0, PERCENT)
        self.wake(1, self.s.span.draw(stream, self.now, *self._lasts()))
        self.cycle()
        self.turn()

    def announce(self) -> list[tuple[str, str | int, object]]:
        return []


@dataclass(slots=True)
class MeterState:
    """What had flowed when it was set to nought, in fL."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    nought: int = 0
    pulses: int = 0


class FlowMeter(Component):
    """Measures the flow through a valve or pump and counts it, pulse by pulse; `reset` sets the count to nought."""

    KIND = Kind(
        "flow_meter",
        Text("流量计", "Flow meter"),
        Text("测量流量并累计", "Measures a flow and counts the volume"),
        parameters=(
            Parameter("pulse", "volume", Text("脉冲当量", "Volume of a pulse"), "10 mL", low=1),
            Parameter("noise", "flow", Text("测量噪声", "Measurement noise"), "0.2 mL/s"),
        ),
        ports=(
            Port("flow", DataType.REAL, Direction.INPUT, Text("流量", "flow"), "mL/s", 0, 3000, 1, computed=True),
            Port("volume", DataType.REAL, Direction.INPUT, Text("累计量", "volume"), "mL", 0, 30000, 0),
            Port("reset", DataType.BOOL, Direction.OUTPUT, Text("清零", "reset")),
        ),
        joins=(Join("on", ("valve", "pump", "filler", "consumer"), Text("所在管路", "What it measures")),),
        states=states(("still", "无流量", "nothing flows"), ("flowing", "有流量", "liquid flows")),
        cycle=Text("一个脉冲", "one pulse"),
    )
    STATE = MeterState
    SLOTS = ("count", "count")

    def connect(self) -> None:
        self.pipe = next(p for p in self.joined("on") if isinstance(p, Pipe))
        self.pipe.followers.append((self, 0))
        self.watch("reset", 0)
        self.image.compute(self.tags["flow"], self._flow)

    def _flow(self) -> Value:
        flow = self.pipe.s.actual
        return max(0.0, round((flow + self.p["noise"] * self.noise("flow")) / 1000, 1)) if flow else 0.0

    def replan(self) -> None:
        self.count()

    def count(self) -> None:
        """A pulse, another flow, or a reset: count, and find out when the next pulse comes."""
        s, total, pulse = self.s, self.pipe.s.total, self.p["pulse"] * FL
        if self.see("reset"):
            s.nought, s.pulses = total.at(self.now), 0
        flowed = total.at(self.now) - s.nought
        if flowed // pulse > s.pulses:
            self.cycle()
        s.pulses = flowed // pulse
        self.set("volume", float(min(30_000, s.pulses * self.p["pulse"] // 1000)))
        rate = self.pipe.s.actual
        self.be(int(rate > 0))
        left = (s.pulses + 1) * pulse - flowed
        due = self.now - (-left // rate) if rate and not self.see("reset") else NEVER
        self.wake(1, due)
