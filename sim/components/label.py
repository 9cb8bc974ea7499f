"""Label printer: prints a label with a serial number onto the part before it. Labels and ribbon run out."""

from dataclasses import dataclass, field

from sim.component import Change, Component
from sim.components.spot import Spot
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.span import Span
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER, Travel

READY, PRINTING, EMPTY, TORN = range(4)
LABEL = "label"  # in a part's contents


@dataclass(slots=True)
class PrinterState:
    """The label being printed in ns of its time, and what is used up."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    work: Travel = field(default_factory=Travel)
    time_ns: int = 1
    serial: int = 0  # printed last
    labels: int = 0  # used of the roll
    ribbon: int = 0  # labels that it was used for
    done: bool = False
    torn: bool = False
    operator: Span = field(default_factory=Span)  # until he brings a roll and a ribbon


class LabelPrinter(Component):
    """While `print` is on it prints one label; `done` stands until it falls. Interrupted it goes on with the rest.

    The label says `number`, or with 0 the next serial of its own. A label without a part before it is wasted.
    """

    KIND = Kind(
        "label_printer",
        Text("标签打印机", "Label printer"),
        Text("给面前的工件打印序列号标签", "Prints a label with a serial onto the part before it"),
        parameters=(
            Parameter("time", "time", Text("打印时间", "Time for a label"), "1.2 s", low=1000),
            Parameter("roll", "count", Text("每卷标签数", "Labels on a roll"), "500", low=1, high=100_000),
            Parameter("low_at", "count", Text("标签不足报警数", "Says that few are left from"), "20"),
            Parameter("ribbon", "count", Text("每卷碳带标签数", "Labels that a ribbon lasts for"), "1200", low=1,
                      high=100_000),
            Parameter("refill_least", "time", Text("操作员最短换料时间", "Operator refills after at least"), "30 s"),
            Parameter("refill_most", "time", Text("操作员最长换料时间", "Operator refills after at most"), "60 s"),
        ),
        ports=(
            Port("print", DataType.BOOL, Direction.OUTPUT, Text("打印", "print"), powered=True),
            Port("number", DataType.DINT, Direction.OUTPUT, Text("打印号码 (0: 自编)", "number; 0: its own")),
            Port("done", DataType.BOOL, Direction.INPUT, Text("完成", "label printed")),
            Port("ready", DataType.BOOL, Direction.INPUT, Text("就绪", "ready"), initial=True),
            Port("low", DataType.BOOL, Direction.INPUT, Text("耗材不足", "few labels or little ribbon left")),
            Port("serial", DataType.UDINT, Direction.STATUS, Text("上一序列号", "serial printed last")),
            Port("labels_left", DataType.UINT, Direction.STATUS, Text("剩余标签", "labels left"), "pcs", initial=500),
        ),
        joins=(Join("spot", ("spot",), Text("贴标位置", "Where it labels parts")),),
        disturbances=(Disturbance("tear", Text("标签带断裂", "The web of labels is torn"), clears="mend"),),
        states=states(("ready", "就绪", "ready"), ("printing", "打印", "prints"), ("empty", "耗材用完", "empty"),
                      ("torn", "断带", "torn")),
        cycle=Text("打印一张标签", "one label printed"),
    )  # fmt: skip
    STATE = PrinterState
    SLOTS = ("command", "command", "refill")
    REFILL = 2

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.s.time_ns = self.p["time"]

    def connect(self) -> None:
        self.spot = next(s for s in self.joined("spot") if isinstance(s, Spot))
        self.watch("print", 0)

    def born(self) -> None:
        self._say()

    @property
    def left(self) -> int:
        """How many labels it can print before somebody must refill it."""
        s, p = self.s, self.p
        left: int = min(p["roll"] - s.labels, p["ribbon"] - s.ribbon)
        return max(0, left)

    def command(self) -> None:
        """The command, power, stock or a parameter has changed, or the label is out."""
        s, now, time = self.s, self.now, self.p["time"]
        at = min(time, s.work.at(now) * time // s.time_ns)
        s.time_ns = time
        wanted = bool(self.see("print"))
        if not wanted:
            s.done = False
        elif at >= time and not s.done:
            at, s.done = 0, True
            self._print()
        prints = wanted and not s.done and not s.torn and self.left > 0
        s.work = Travel(now, at, int(prints), time if prints else at)
        self.wake(1, s.work.due_ns())
        self._say()

    def replan(self) -> None:
        self.command()
        if self.s.due[self.REFILL] != NEVER:
            self.wake(self.REFILL, self.s.operator.end(self.now, *self._comes()))
        self.call_operator()

    def _print(self) -> None:
        """The label is out, and on the part, if there is one."""
        s = self.s
        number = int(self.see("number"))
        s.serial = number if number > 0 else (s.serial + 1) % 2**31
        s.labels, s.ribbon = s.labels + 1, s.ribbon + 1
        serial = self.spot.body()
        if serial:
            self.plant.part(serial).contents[LABEL] = s.serial
            self.plant.log(serial, f"{self.name} {s.serial}")
        self.cycle()
        self.set("serial", s.serial)
        self.call_operator()

    # ---- stock ------------------------------------------------------------------------------------------------

    @property
    def _short(self) -> bool:
        return self.left <= self.p["low_at"]

    def call_operator(self) -> None:
        """Somebody comes with a new roll and ribbon, if there is somebody and little is left."""
        if self._short and self.plant.operator_on and self.s.due[self.REFILL] == NEVER:
            stream = self.plant.stream(f"{self.name}.refill")
            self.wake(self.REFILL, self.s.operator.draw(stream, self.now, *self._comes()))

    def _comes(self) -> tuple[int, int]:
        return self.p["refill_least"], self.p["refill_most"]

    def refill(self) -> None:
        """The operator is here; if he was sent away meanwhile he does nothing."""
        if self.plant.operator_on:
            self.renew()

    def renew(self) -> None:
        """A new roll and a new ribbon."""
        self.s.labels = self.s.ribbon = 0
        self.command()

    def tear(self) -> None:
        self.s.torn = True
        self.command()

    def mend(self) -> None:
        self.s.torn = False
        self.command()

    def _say(self) -> None:
        s, left = self.s, self.left
        self.be(TORN if s.torn else EMPTY if not left else PRINTING if s.work.rate else READY)
        self.set("labels_left", min(left, 65535))
        self.set("low", self._short)
        self.set("ready", bool(left) and not s.torn)
        self.set("done", s.done)
