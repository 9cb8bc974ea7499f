"""Calls from control to a module in another station: a pair of couplers with a handshake, as between two PLCs.

Actions and states of a module are numbers that every view of it shares: actions 0 none, 1 pick, 2 drop, and from 3 on
what the module does (the line file says it); states 0 idle, 1 waiting, 2 initialising, 3 running, 4 paused, 5 finished,
6 failed. The words outlast a stop: what was said still holds when both sides go on.
"""

from collections.abc import Iterator

from sim.component import Component
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Port, states
from sim.tag import DataType, Direction
from sim.text import Text

_INT, _BOOL, _IN, _OUT = DataType.INT, DataType.BOOL, Direction.INPUT, Direction.OUTPUT
_ASKED = (
    ("request", _BOOL, Text("请求", "request")),
    ("command", _INT, Text("指令", "command")),
    ("data", _INT, Text("数据", "data")),
)
_ANSWERED = (
    ("done", _BOOL, Text("完成", "done")),
    ("failed", _BOOL, Text("失败", "failed")),
    ("action", _INT, Text("动作", "action")),
    ("state", _INT, Text("动作状态", "state of the action")),
    ("answer", _INT, Text("应答数据", "answer")),
    ("answer_2", _INT, Text("应答数据 2", "second answer")),
)
_STATES = states(("idle", "空闲", "idle"), ("called", "被请求", "called"))
_CYCLE = Text("一次请求", "one request")


def _ports(asked: Direction, answered: Direction) -> Iterator[Port]:
    for name, kind, title in (*_ASKED, *_ANSWERED):
        yield Port(
            name, kind, asked if (name, kind, title) in _ASKED else answered, title,
            optional=name in ("data", "answer", "answer_2"), kept=kind is _INT,
        )  # fmt: skip


class ModulePort(Component):
    """The module's side: it sees the request and says what it does."""

    KIND = Kind(
        "module_port",
        Text("模块接口", "Module port"),
        Text("模块侧: 接收请求, 报告动作与状态", "A module's side of a call: sees the request, says what it does"),
        ports=tuple(_ports(_IN, _OUT)),
        states=_STATES,
        cycle=_CYCLE,
    )
    SLOTS = ("change",)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.caller: ModuleCall | None = None

    def connect(self) -> None:
        for name, _, _ in _ANSWERED:
            self.watch(name, 0)

    def change(self) -> None:
        """Carry what the module says over to its caller: words first, then the bits that they belong to."""
        if self.caller is not None:
            for name in ("action", "state", "answer", "answer_2", "failed", "done"):
                self.caller.set(name, self.see(name))

    def hear(self, request: bool) -> None:
        """The request has come or gone."""
        was = bool(self.duty.state)
        self.be(int(request))
        if request and not was:
            self.cycle()


class ModuleCall(Component):
    """Control's side: asks the module for something and sees what it says of itself."""

    KIND = Kind(
        "module_call",
        Text("模块调用", "Module call"),
        Text("控制侧: 向模块发出请求", "Control's side of a call: asks a module in another station"),
        ports=tuple(_ports(_OUT, _IN)),
        joins=(Join("port", ("module_port",), Text("模块接口", "The module's port")),),
        states=_STATES,
        cycle=_CYCLE,
    )
    SLOTS = ("change",)

    def connect(self) -> None:
        self.port = next(p for p in self.joined("port") if isinstance(p, ModulePort))
        self.port.caller = self
        for name, _, _ in _ASKED:
            self.watch(name, 0)

    def change(self) -> None:
        """Carry the request over: words first."""
        for name in ("command", "data", "request"):
            self.port.set(name, self.see(name))
        request = bool(self.see("request"))
        if request and not self.duty.state:
            self.cycle()
        self.be(int(request))
        self.port.hear(request)
