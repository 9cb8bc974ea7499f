"""Compressed air: the supply that cylinders draw from, its compressor and leaks, and the meter in its line.

The model. The receiver holds air at one pressure (isothermal): dp/dt = p0 (what comes in - what goes out) / V, flows as
free air. The outflow hangs on the pressure, so the pressure is a quantised-state system (Kofman's QSS1): all that
hangs on it sees a `level` in steps of 5 kPa, and between two events the pressure is a straight line, in whole pPa. The
level changes when the pressure is a whole step away from it, so there is a hysteresis of a step: rates are bounded, and
a swing of the pressure by d costs d / 5 kPa + 1 wakes at most, however many consumers there are and however often they
turn; the pressure is nowhere off by more than a step or so from the exact one. An exponential would need no steps but
one logarithm for each change of each consumer, and a stroke whose speed changes all the time.

Consumers are told when the regulated level changes and plan anew; between, their speed is constant.
"""

from dataclasses import dataclass, field
from typing import Protocol

from sim.component import MILLION, Change, Component
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import Travel

STEP = 5_000  # Pa; of the level
PICO = 10**12  # pPa in a Pa; the travel is in pPa off the level, its rate in mPa/s
ATMOSPHERE = 101_325  # Pa, ISO 8778: free air
LEAKS_AT = 600_000  # Pa; leaks are stated at 6 bar and are in proportion to the pressure
BAR = 100_000

SUPPLY = Join("supply", ("air_supply",), Text("压缩空气", "Compressed air; without it there is always enough"),
              required=False)  # fmt: skip
IDLE, COMPRESSING, EMPTY = range(3)


class Draws(Protocol):
    """Something that uses air."""

    def draws(self) -> int:
        """What it takes now, in µL/s of free air. It says `changed` to its supply when that changes."""
        ...


@dataclass(slots=True)
class AirState:
    """The pressure: a level in Pa and a travel about it in pPa; what has gone out so far."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    level: int = 0
    travel: Travel = field(default_factory=Travel)
    told: int = -1  # the regulated level that consumers know of
    pumping: bool = False
    failed: bool = False
    flow: int = 0  # that goes out, µL/s
    since_ns: int = 0
    total_ul: int = 0
    rest: int = 0  # µL/s x ns that make no whole µL yet


class AirSupply(Component):
    """A compressor fills a receiver between two pressures; consumers draw from it behind a pressure regulator."""

    KIND = Kind(
        "air_supply",
        Text("压缩空气源", "Compressed-air supply"),
        Text("空压机, 储气罐, 减压阀, 压力开关, 泄漏", "Compressor, receiver, regulator, pressure switch, leaks"),
        parameters=(
            Parameter("volume", "volume", Text("储气罐容积", "Volume of the receiver"), "50 L", low=100_000),
            Parameter("delivery", "flow", Text("空压机供气量 (自由空气)", "What the compressor delivers, free air"),
                      "3 L/s"),
            Parameter("on_below", "pressure", Text("启动压力", "The compressor starts at"), "6.5 bar", high=1_600_000),
            Parameter("off_above", "pressure", Text("停机压力", "The compressor stops at"), "8 bar", high=1_600_000),
            Parameter("start", "pressure", Text("初始压力", "Pressure at first"), "7 bar", high=1_600_000, fixed=True),
            Parameter("regulator", "pressure", Text("减压阀设定", "The regulator is set to"), "6 bar", high=1_600_000),
            Parameter("switch_at", "pressure", Text("压力开关闭合", "The pressure switch closes at"), "5 bar",
                      high=1_600_000),
            Parameter("hysteresis", "pressure", Text("压力开关回差", "Its hysteresis"), "0.3 bar", high=1_600_000),
            Parameter("leak", "flow", Text("泄漏 (6 bar 时的自由空气)", "Leak: free air at 6 bar"), "0 L/s"),
        ),
        ports=(
            Port("run", DataType.BOOL, Direction.OUTPUT, Text("空压机使能", "compressor on"), initial=True,
                 optional=True),
            Port("ok", DataType.BOOL, Direction.INPUT, Text("压力正常", "pressure reached"), initial=True),
            Port("compressing", DataType.BOOL, Direction.INPUT, Text("空压机运行", "compressor runs"), optional=True),
            Port("pressure", DataType.REAL, Direction.INPUT, Text("工作压力", "working pressure"), "bar", 0, 16, 2,
                 optional=True, computed=True),
            Port("receiver", DataType.REAL, Direction.INPUT, Text("储气罐压力", "receiver pressure"), "bar", 0, 16, 2,
                 optional=True, computed=True),
        ),
        disturbances=(
            Disturbance("fail", Text("空压机故障", "The compressor fails"), clears="repair"),
            Disturbance("vent", Text("气源被关断放气", "Somebody shuts the air off and vents it"), clears="open"),
        ),
        states=states(("idle", "停机", "compressor off"), ("compressing", "压缩", "compressing"),
                      ("empty", "无压力", "without pressure")),
        cycle=Text("空压机一次启动", "one start of the compressor"),
    )  # fmt: skip
    STATE = AirState
    s: AirState
    SLOTS = ("update", "command")
    UPDATE, COMMAND = 0, 1

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.consumers: list[tuple[Wakeable, int, Draws]] = []
        self.s.level = self.p["start"] // STEP * STEP
        self.s.told = self.level

    def connect(self) -> None:
        self.watch("run", self.COMMAND)
        for port, value in (("pressure", self._pressure), ("receiver", self._receiver)):
            if port in self.tags:
                self.image.compute(self.tags[port], value)

    def born(self) -> None:
        self.wake(self.UPDATE, self.now)

    def feeds(self, member: Wakeable, slot: int, consumer: Draws) -> None:
        """A consumer is joined; its slot is woken when the level has changed."""
        self.consumers.append((member, slot, consumer))

    def changed(self) -> None:
        """A consumer draws more or less than before."""
        self.wake(self.UPDATE, self.now)

    # ---- the pressure -----------------------------------------------------------------------------------------

    @property
    def level(self) -> int:
        """The pressure behind the regulator as consumers see it: gauge, in Pa, in steps."""
        level: int = min(self.s.level, self.p["regulator"] // STEP * STEP)
        return level

    def _exact(self) -> int:
        """The receiver's pressure, gauge, in pPa."""
        return self.s.level * PICO + self.s.travel.at(self.now)

    def _receiver(self) -> Value:
        return round(max(0.0, self._exact() / (BAR * PICO) + 0.005 * self.noise("receiver")), 2)

    def _pressure(self) -> Value:
        working = min(self._exact(), self.p["regulator"] * PICO)
        return round(max(0.0, working / (BAR * PICO) + 0.005 * self.noise("pressure")), 2)

    def command(self) -> None:
        self.update()

    def replan(self) -> None:
        self.update()

    def update(self) -> None:
        """The pressure is at a mark, or a flow has changed: see, switch, and plan on."""
        s, now = self.s, self.now
        at = s.travel.at(now)
        while abs(at) >= STEP * PICO and (at > 0 or s.level > 0):
            step = STEP if at > 0 else -min(STEP, s.level)
            s.level, at = s.level + step, at - step * PICO
        s.travel = Travel(now, at, 0, at)
        self._switch()
        self._meter()
        s.flow = self.p["leak"] * s.level // LEAKS_AT + sum(consumer.draws() for _, _, consumer in self.consumers)
        into = self.p["delivery"] if s.pumping else 0
        rate = (into - s.flow) * ATMOSPHERE * 1000 // self.p["volume"]
        s.travel = Travel(now, at, rate, self._next_mark(at, 1 if rate > 0 else -1))
        self.wake(self.UPDATE, s.travel.due_ns() if s.travel.goal != at else -1)
        if self.level != s.told:
            s.told = self.level
            for member, slot, _ in self.consumers:
                member.wake(slot, now)

    def _switch(self) -> None:
        s, exact = self.s, self._exact()
        if exact <= self.p["on_below"] * PICO:
            s.pumping = True
        elif exact >= self.p["off_above"] * PICO:
            s.pumping = False
        if s.failed or not self.see("run", True):
            s.pumping = False
        if s.pumping and self.duty.state != COMPRESSING:
            self.cycle()
        self.be(COMPRESSING if s.pumping else IDLE if exact > 0 else EMPTY)
        self.set("compressing", s.pumping)
        working = min(exact, self.p["regulator"] * PICO)
        if working >= self.p["switch_at"] * PICO:
            self.set("ok", True)
        elif working < (self.p["switch_at"] - self.p["hysteresis"]) * PICO:
            self.set("ok", False)

    def _next_mark(self, at: int, way: int) -> int:
        """The next pressure at which something happens, as an offset from the level in pPa."""
        lower = self.p["switch_at"] - self.p["hysteresis"]
        places = [p * PICO for p in (self.p["on_below"], self.p["off_above"], self.p["switch_at"])]
        places += [lower * PICO - 1, -1]
        offsets = [x - self.s.level * PICO for x in places] + [way * STEP * PICO]
        if way > 0:
            return min(x for x in offsets if x > at)
        return max([x for x in offsets if x < at and x >= -self.s.level * PICO], default=at)

    # ---- what went out ----------------------------------------------------------------------------------------

    def _meter(self) -> None:
        s = self.s
        more, s.rest = divmod(s.rest + s.flow * (self.now - s.since_ns), 10**9)
        s.total_ul, s.since_ns = s.total_ul + more, self.now

    def total_ul(self) -> int:
        """Free air that has gone out since the line began, leaks included, in µL."""
        s = self.s
        return s.total_ul + (s.rest + s.flow * (self.now - s.since_ns)) // 10**9

    # ---- disturbances -----------------------------------------------------------------------------------------

    def fail(self) -> None:
        """The compressor stands, whatever it is told."""
        self.s.failed = True
        self.update()

    def repair(self) -> None:
        """It runs again."""
        self.s.failed = False
        self.update()

    def vent(self) -> None:
        """All at once there is no pressure: the hand valve vents the line."""
        s = self.s
        s.failed, s.level, s.travel = True, 0, Travel(self.now, 0, 0, 0)
        self.update()

    def open(self) -> None:
        """The hand valve is open again; the compressor fills the receiver from nothing."""
        self.repair()


class AirMeter(Component):
    """Measures what flows out of a supply, as free air."""

    KIND = Kind(
        "air_meter",
        Text("空气流量计", "Air meter"),
        Text("测量压缩空气的流量和累计用量", "Flow and total of compressed air, as free air"),
        ports=(
            Port("flow", DataType.REAL, Direction.INPUT, Text("流量", "flow"), "L/min", 0, 10_000, 1, computed=True),
            Port("total", DataType.UDINT, Direction.INPUT, Text("累计用量", "total"), "L", computed=True),
        ),
        joins=(Join("of", ("air_supply",), Text("所测气源", "The supply that it measures")),),
        states=states(("off", "无流量", "no flow"), ("flowing", "有流量", "air flows")),
        cycle=Text("不计循环", "none: it only measures"),
    )

    def connect(self) -> None:
        self.air = next(a for a in self.joined("of") if isinstance(a, AirSupply))
        self.image.compute(self.tags["flow"], self._flow)
        self.image.compute(self.tags["total"], lambda: self.air.total_ul() // MILLION % 2**32)
        self.air.feeds(self, 0, self)

    SLOTS = ("look",)

    def draws(self) -> int:
        """Nothing; it is asked whenever a flow changes, and looks after that."""
        self.wake(0, self.now)
        return 0

    def look(self) -> None:
        """Count the time with and without flow."""
        self.be(1 if self.air.s.flow else 0)

    def _flow(self) -> Value:
        return round(self.air.s.flow * 60 / MILLION, 1)
