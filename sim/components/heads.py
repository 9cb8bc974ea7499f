"""Heads: tools that work on the part at a spot. Filling, capping, drilling, milling."""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from sim.component import MILLION, Change, Component
from sim.components.cylinder import Cylinder
from sim.components.pipes import CYCLE, STATES, Pipe, PipeState
from sim.components.spot import Spot
from sim.components.tank import FL, ML
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER, Travel

IDLE, WORKING, DONE = range(3)
_STATES = states(("idle", "等待", "idle"), ("working", "作业中", "working"),
                 ("done", "完成", "done, until run is taken back"))  # fmt: skip
_CYCLE = Text("完成一件", "one part finished")
_SPOT = Join("spot", ("spot",), Text("作用点", "Spot at which it works"))
_FEED = Join("feed", ("cylinder",), Text("进给气缸", "Cylinder that brings it to the part"), required=False)
_PORTS = (
    Port("run", DataType.BOOL, Direction.OUTPUT, Text("运行", "run"), powered=True),
    Port("done", DataType.BOOL, Direction.INPUT, Text("完成", "done")),
)


@dataclass(slots=True)
class HeadState:
    """The part before it, and how much of the work on it is done, in ns of the time that it takes."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    work: Travel = field(default_factory=Travel)
    time_ns: int = 1  # of which the work is a part
    serial: int = 0


class Head(Component):
    """Works while it runs, is fed to the part and the part stands. Interrupted it goes on with what is left.

    `done` tells that the part is finished, until `run` is taken back.
    """

    STATE: ClassVar[type[Any]] = HeadState
    SLOTS: ClassVar[tuple[str, ...]] = ("work", "work")
    MARK: ClassVar[str] = ""

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.feed: Cylinder | None = None
        self.s.time_ns = self.p["time"]

    def connect(self) -> None:
        self.spot = next(s for s in self.joined("spot") if isinstance(s, Spot))
        self.spot.followers.append((self, 0))
        for found in self.joined("feed"):
            if isinstance(found, Cylinder):
                self.feed = found
                found.followers.append((self, 0))
        self.watch("run", 0)

    def replan(self) -> None:
        self.work()

    def work(self) -> None:
        """A signal, the part, the feed or a parameter has changed, or the work is done."""
        s, now, time = self.s, self.now, self.p["time"]
        at = s.work.at(now) * time // s.time_ns
        s.time_ns, serial = time, self.spot.part()
        if serial != s.serial:
            s.serial, at = serial, 0
        run = bool(self.see("run"))
        works = run and bool(serial) and (self.feed is None or self.feed.is_out)
        if works and at >= time and not self.see("done"):
            self.finish(serial)
            self.set("done", True)
        if not run:
            self.set("done", False)
            at = 0 if at >= time else at
        rate = int(works and at < time)
        if rate != s.work.rate:
            self.say_move(at / time, rate * 1e9 / time, 1.0 if rate else at / time)
        s.work = Travel(now, at, rate, time if rate else at)
        self.be(DONE if self.see("done") else WORKING if rate else IDLE)
        self.wake(1, s.work.due_ns())

    def finish(self, serial: int) -> None:
        """The part is as it should be."""
        self.cycle()
        part = self.plant.part(serial)
        part.contents[self.MARK] = part.contents.get(self.MARK, 0) + 1
        part.machined = True
        self.plant.log(serial, self.name)

    def announce(self) -> list[tuple[str, str | int, object]]:
        s = self.s
        at, time = s.work.at(self.now), s.time_ns
        return [("move", self.name, [at / time, s.work.rate * 1e9 / time, s.work.goal / time])]


def head_kind(name: str, zh: str, en: str, purpose: Text, time: str, feed_required: bool = False) -> Kind:
    feed = Join(_FEED.name, _FEED.kinds, _FEED.title, required=feed_required)
    parameters = (Parameter("time", "time", Text("作业时间", "Time that it takes"), time, low=1000),)
    return Kind(
        name,
        Text(zh, en),
        purpose,
        parameters=parameters,
        ports=_PORTS,
        joins=(_SPOT, feed),
        states=_STATES,
        cycle=_CYCLE,
    )


_MILL = head_kind("mill_unit", "铣削单元", "Milling unit", Text("铣削", "Mills the part before it"), "4 s")


class Capper(Head):
    """Screws a cap on."""

    KIND = head_kind(
        "capper", "旋盖头", "Capping head", Text("给瓶子旋盖", "Screws a cap onto the bottle before it"), "1.5 s"
    )
    MARK = "cap"


class DrillUnit(Head):
    """Drills while its feed is out."""

    KIND = head_kind("drill_unit", "钻削单元", "Drilling unit", Text("钻孔", "Drills the part before it"), "3 s")
    MARK = "drilled"


class MillUnit(Head):
    """Mills while its feed is out. Now and then a part gets a flaw."""

    KIND = replace(
        _MILL,
        parameters=(
            *_MILL.parameters,
            Parameter("scrap", "ratio", Text("产生缺陷的概率", "Chance of a flaw"), "0", high=MILLION),
        ),
    )
    MARK = "milled"

    def finish(self, serial: int) -> None:
        super().finish(serial)
        scrap = self.p["scrap"]
        if scrap and self.plant.stream(f"{self.name}.scrap").uniform() * MILLION < scrap:
            self.plant.part(serial).contents["flaw"] = 1


@dataclass(slots=True)
class FillerState(PipeState):
    """Which part is under the nozzle, and where the liquid went, in fL."""

    serial: int = 0
    booked: int = 0  # of the total: already in a part or spilled
    spilled: int = 0


class Filler(Pipe):
    """A nozzle with a valve: what flows goes into the part under it; past it, or over its brim, it is spilled."""

    KIND = Kind(
        "filler",
        Text("灌装头", "Filling head"),
        Text("向喷嘴下的瓶子灌装液体", "Fills the bottle under its nozzle"),
        parameters=(
            Parameter("flow", "flow", Text("灌装流量", "Flow"), "50 mL/s", high=10**12),
            Parameter("stroke_time", "time", Text("阀门动作时间", "Time of its valve"), "100 ms", low=1000),
            Parameter("full_at", "volume", Text("满位探头容量", "Volume at which its probe says full"), "200 mL"),
            Parameter("bottle", "volume", Text("瓶子容量", "What a bottle holds"), "250 mL"),
        ),
        ports=(
            Port("open", DataType.BOOL, Direction.OUTPUT, Text("打开", "open"), powered=True),
            Port("closed", DataType.BOOL, Direction.INPUT, Text("关闭", "closed"), initial=True),
            Port("full", DataType.BOOL, Direction.INPUT, Text("瓶满", "bottle is full")),
        ),
        joins=(
            Join(
                "source", ("tank",), Text("来自储罐 (无: 外部供给)", "Tank that it drains; none: mains"), required=False
            ),
            _SPOT,
        ),
        states=STATES,
        cycle=CYCLE,
    )
    STATE = FillerState
    SLOTS = ("turn", "turn", "look")
    COMMANDS = ("open",)

    def connect(self) -> None:
        super().connect()
        self.spot = next(s for s in self.joined("spot") if isinstance(s, Spot))
        self.spot.onlookers.append(self)

    def aim(self) -> int:
        return 10**6 if self.see("open") else 0

    def stroke_said(self, at: int, rate: int) -> None:
        self.set("closed", at <= 0 and rate <= 0)

    def replan(self) -> None:
        self.turn()
        self.look()

    def pass_on(self, flow: int) -> None:
        self._book()
        super().pass_on(flow)
        self.look()

    def _book(self) -> None:
        """Give what has flowed to the part that was under the nozzle."""
        s = self.s
        flowed = s.total.at(self.now) - s.booked
        s.booked += flowed
        part = self.plant.parts.by_serial.get(s.serial)
        if part is None:
            s.spilled += flowed
            return
        fill = part.contents.get("fill", 0) + flowed
        part.contents["fill"] = min(fill, max(part.contents.get("fill", 0), self.p["bottle"] * FL))
        s.spilled += fill - part.contents["fill"]

    def look(self) -> None:
        """Another flow, another part, or the liquid has reached the probe."""
        s = self.s
        self._book()
        serial = self.spot.body()
        if serial != s.serial:
            self._log_fill()
            s.serial = serial
        part = self.plant.parts.by_serial.get(serial)
        missing = self.p["full_at"] * FL - (part.contents.get("fill", 0) if part else 0)
        self.set("full", part is not None and missing <= 0)
        runs = part is not None and missing > 0 and s.actual > 0
        self.wake(2, self.now - (-missing // s.actual) if runs else NEVER)

    def _log_fill(self) -> None:
        part = self.plant.parts.by_serial.get(self.s.serial)
        if part is not None and part.contents.get("fill"):
            self.plant.log(part.serial, f"{self.name} {part.contents['fill'] // ML} mL")
