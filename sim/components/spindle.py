"""Machining spindle: cuts the part between the jaws, with load, temperature, and a tool that wears."""

from dataclasses import dataclass, field

from sim.component import MILLION, Change, Component
from sim.components.holders import Clamp
from sim.components.power import Shaft
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import NEVER, Travel

AMBIENT_C = 22.0  # °C, of the hall
STANDING, IDLING, CUTTING, CHANGING = range(4)
PK = 10**12  # 1 K in pK; mK/s x ns = pK


@dataclass(slots=True)
class SpindleState:
    """Work in ppm x ns of cutting time at feed rate 1, heat in pK above the hall."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    work: Travel = field(default_factory=lambda: Travel(goal=0))
    heat: Travel = field(default_factory=lambda: Travel(goal=0))
    serial: int = 0  # the part that the work belongs to
    counted: int = 0  # of the work: already added to the tool's use
    used_ns: int = 0  # of the tool's life
    changing: bool = False
    since_ns: int = 0  # of the change of the tool


class Spindle(Component):
    """Cuts while it runs and the jaws hold a part. Stopped in mid-cut it goes on with what is left."""

    KIND = Kind(
        "spindle",
        Text("主轴", "Spindle"),
        Text("加工夹具中的工件, 刀具随切削磨损", "Machines the clamped part; its tool wears with cutting time"),
        parameters=(
            Parameter("cut_least", "time", Text("最短切削时间", "Shortest cut"), "3 s", low=1),
            Parameter("cut_most", "time", Text("最长切削时间", "Longest cut"), "4.5 s", low=1),
            Parameter("rate", "ratio", Text("进给倍率", "Feed rate"), "1", low=1000, high=10 * MILLION),
            Parameter("speed", "rotation", Text("额定转速", "Nominal speed"), "6000 rpm", low=1000),
            Parameter("life", "time", Text("刀具寿命 (切削时间)", "Tool life in cutting time"), "30 min", low=10**9),
            Parameter("change_time", "time", Text("换刀时间", "Time to change the tool"), "5 s"),
            Parameter("spread", "length", Text("加工散差 (1σ)", "Spread of the size (1 sigma)"), "12 µm"),
            Parameter("wear", "length", Text("寿命末尺寸漂移", "Size drift at the end of life"), "20 µm"),
            Parameter("scrap", "ratio", Text("偶发废品率", "Chance of a bad cut"), "0.03", high=MILLION),
            Parameter("heating", "count", Text("升温 mK/s", "Heating in mK/s"), "120"),
            Parameter("cooling", "count", Text("降温 mK/s", "Cooling in mK/s"), "60"),
            Parameter("hottest", "count", Text("最高温升 K", "Highest rise in K"), "45"),
        ),
        ports=(
            Port("run", DataType.BOOL, Direction.OUTPUT, Text("运行", "run"), powered=True),
            Port("speed", DataType.REAL, Direction.OUTPUT, Text("转速设定", "speed set-point"), "rpm", 0, 12000, 0,
                 6000.0, optional=True),
            Port("change_tool", DataType.BOOL, Direction.OUTPUT, Text("换刀", "change tool"), powered=True),
            Port("done", DataType.BOOL, Direction.INPUT, Text("加工完成", "cut finished")),
            Port("tool_ok", DataType.BOOL, Direction.INPUT, Text("刀具可用", "tool ready"), initial=True),
            Port("load", DataType.REAL, Direction.INPUT, Text("负载", "load"), "%", 0, 150, 1, computed=True),
            Port("temperature", DataType.REAL, Direction.INPUT, Text("温度", "temperature"), "°C", 0, 150, 1,
                 computed=True),
            Port("tool_used", DataType.REAL, Direction.STATUS, Text("刀具寿命已用", "tool life used"), "%", 0, 1000, 1,
                 computed=True),
            Port("tool_changes", DataType.UDINT, Direction.STATUS, Text("换刀次数", "tool changes")),
        ),
        joins=(Join("clamp", ("clamp",), Text("夹具", "The clamp that holds the part")),),
        states=states(("standing", "静止", "standing"), ("idling", "空转", "running, but not cutting"),
                      ("cutting", "切削", "cutting"), ("changing", "换刀", "changing the tool")),
        cycle=Text("一次切削", "one cut finished"),
    )  # fmt: skip
    STATE = SpindleState
    SLOTS = ("command", "finish", "tool", "changed")

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.clamp: Clamp | None = None
        self.motor: Shaft | None = None  # without one it is driven by its coil alone
        self.followers: list[tuple[Wakeable, int]] = []  # woken when it begins or ends to cut

    def connect(self) -> None:
        self.clamp = next(c for c in self.joined("clamp") if isinstance(c, Clamp))
        for port, slot in (("run", 0), ("speed", 0), ("change_tool", 2)):
            self.watch(port, slot)
        self.clamp.followers.append((self, 0))  # the cut ends when the jaws open
        for port, value in (("load", self._load), ("temperature", self._temperature), ("tool_used", self._tool_used)):
            self.image.compute(self.tags[port], value)

    # ---- analogue values --------------------------------------------------------------------------------------

    def _load(self) -> Value:
        if not self._turns:
            return 0.0
        worn = self._used_at(self.now) / self.p["life"]
        base = 55.0 + 20.0 * worn if self.s.work.rate else 8.0
        return round(base + 2.0 * self.noise("load"), 1)

    def _temperature(self) -> Value:
        rise_k: float = self.s.heat.at(self.now) / PK
        return round(AMBIENT_C + rise_k + 0.1 * self.noise("temperature"), 1)

    def _tool_used(self) -> Value:
        share: float = self._used_at(self.now) / self.p["life"]
        return round(100.0 * share, 1)

    def _used_at(self, now: int) -> int:
        return int(self.s.used_ns + (self.s.work.at(now) - self.s.counted) // MILLION)

    def _count_use(self) -> None:
        """Add the work since the last time to the tool's use, in whole nanoseconds."""
        s = self.s
        used = self._used_at(self.now)
        s.counted += (used - s.used_ns) * MILLION
        s.used_ns = used

    # ---- cutting ----------------------------------------------------------------------------------------------

    def _rate(self) -> int:
        rate = self.p["rate"]
        if "speed" in self.tags:
            rate = rate * int(self.see("speed") * 1000) // self.p["speed"]
        return rate if self.motor is None else rate * self.motor.pace_ppm // MILLION

    @property
    def asks(self) -> bool:
        """Its motor is told to turn."""
        return bool(self.see("run"))

    @property
    def cuts(self) -> bool:
        """It cuts now: its motor has its full load."""
        return bool(self.s.work.rate) and self.s.work.at(self.now) < self.s.work.goal

    @property
    def _turns(self) -> bool:
        return self.asks and (self.motor is None or self.motor.delivers)

    def command(self) -> None:
        """Start, stop, jaws, or a parameter: plan the rest of the cut anew."""
        s, now = self.s, self.now
        self._count_use()
        running = self._turns
        if running and s.changing:  # nobody changes the tool of a running spindle
            s.changing = False
            self.wake(3, NEVER)
        serial = self.clamp.part if self.clamp is not None else 0
        if serial != s.serial:
            self._new_part(serial)
        cutting = running and serial and s.work.at(now) < s.work.goal
        s.work.go(now, self._rate() if cutting else 0, s.work.goal)
        s.heat.go(now, *self._heating(running))
        if not running:
            self.set("done", False)
        self._be()
        self._tell_followers()
        self.wake(1, s.work.due_ns() if cutting else NEVER)
        self._tool_state()

    def replan(self) -> None:
        self.command()
        if self.s.changing:
            self.wake(3, max(self.now, self.s.since_ns + self.p["change_time"]))

    def _be(self) -> None:
        s = self.s
        self.be(CHANGING if s.changing else CUTTING if s.work.rate else IDLING if self._turns else STANDING)

    def _tell_followers(self) -> None:
        for member, slot in self.followers:
            member.wake(slot, self.now)

    def _new_part(self, serial: int) -> None:
        s, now = self.s, self.now
        s.serial, s.counted, goal = serial, 0, 0
        if serial:
            goal = MILLION * self.plant.stream(f"{self.name}.cut").triangular(self.p["cut_least"], self.p["cut_most"])
        s.work = Travel(now, 0, 0, goal)
        self.set("done", False)

    def _heating(self, running: bool) -> tuple[int, int]:
        return (self.p["heating"], self.p["hottest"] * PK) if running else (-self.p["cooling"], 0)

    def finish(self) -> None:
        """The cut is done: the part has its size."""
        s, now = self.s, self.now
        self._count_use()
        s.work.go(now, 0, s.work.goal)
        self.cycle()
        self._be()
        self._tell_followers()
        part, spec = self.plant.part(s.serial), self.plant.definition.part
        stream = self.plant.stream(f"{self.name}.size")
        drift = self.p["wear"] // 10**9 * s.used_ns // self.p["life"]
        bad = stream.uniform() * MILLION < self.p["scrap"]
        size = (
            spec.nominal_um + drift + stream.normal(self.p["spread"] // 10**9) + (4 * spec.tolerance_um if bad else 0)
        )
        part.dimension_um, part.machined = size, True
        self.plant.log(part.serial, f"{self.name} {size} µm")
        self.set("done", True)
        self._tool_state()

    # ---- tool -------------------------------------------------------------------------------------------------

    def _tool_state(self) -> None:
        self.set("tool_ok", not self.s.changing and self.s.used_ns < self.p["life"])

    def tool(self) -> None:
        """A rising command changes the tool while the spindle stands; taking it back breaks the change off."""
        wanted = bool(self.see("change_tool")) and not self.see("run")
        if wanted and not self.s.changing:
            self.s.changing, self.s.since_ns = True, self.now
            self.wake(3, self.now + self.p["change_time"])
        elif not wanted and self.s.changing:
            self.s.changing = False
            self.wake(3, NEVER)
        self._be()
        self._tool_state()

    def renew(self) -> None:
        self.changed()

    def changed(self) -> None:
        s = self.s
        s.used_ns, s.counted, s.changing = 0, s.work.at(self.now), False
        self._be()
        index = self.tags["tool_changes"]
        self.image.set(index, self.image.see(index) + 1)
        self._tool_state()
