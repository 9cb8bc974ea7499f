"""A transport order: bring the part at dock A to dock B. Asked for by a handshake, done by a vehicle of the fleet."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from sim.component import Change, Component
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Port, states
from sim.tag import DataType, Direction
from sim.text import Text


class Stage(IntEnum):
    """How far a transport order is."""

    NONE = 0
    QUEUED = 1
    FETCHING = 2
    LOADING = 3
    BRINGING = 4
    UNLOADING = 5
    DONE = 6
    FAILED = 7
    REFUSED = 8


OVER = (Stage.NONE, Stage.DONE, Stage.FAILED, Stage.REFUSED)
CARRIED = (Stage.BRINGING, Stage.UNLOADING)


class Carriers(Protocol):
    """The fleet, as an order sees it."""

    def dock_exists(self, number: int) -> bool: ...

    def stir(self) -> None: ...

    def abandon(self, order: "TransportOrder") -> None:
        """The order is cancelled: whoever does it stops doing it."""
        ...


@dataclass(slots=True)
class OrderState:
    """From which dock to which, the part once it is on a vehicle, and since when the order waits."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    stage: Stage = Stage.NONE
    source: int = 0
    target: int = 0
    serial: int = 0
    since_ns: int = 0
    asked: bool = False  # the request was on before
    cancelled: bool = False  # the cancellation was


class TransportOrder(Component):
    """A rising `request` is an order with the docks as they are named then; its state stays until the next one.

    `cancel` takes it back until the part is on the vehicle. States: 0 none, 1 queued, 2 a vehicle goes to fetch,
    3 it waits for the part, 4 it brings it, 5 it waits until the part is taken, 6 done, 7 failed, 8 refused (a dock
    that is not there, or twice the same).
    """

    KIND = Kind(
        "transport_order",
        Text("运输任务", "Transport order"),
        Text("请求 AGV 从一个对接位取件送到另一个", "Asks the fleet to bring a part from one dock to another"),
        ports=(
            Port("request", DataType.BOOL, Direction.OUTPUT, Text("请求", "request")),
            Port("cancel", DataType.BOOL, Direction.OUTPUT, Text("取消", "cancel")),
            Port("from", DataType.INT, Direction.OUTPUT, Text("取件对接位", "from dock"), low=0, high=999),
            Port("to", DataType.INT, Direction.OUTPUT, Text("送达对接位", "to dock"), low=0, high=999),
            Port("state", DataType.INT, Direction.INPUT, Text("状态", "state"), low=0, high=8),
            Port("vehicle", DataType.INT, Direction.INPUT, Text("执行车号", "vehicle that does it"), low=0, high=99),
        ),
        joins=(Join("fleet", ("agv_fleet",), Text("车队", "The fleet that it asks")),),
        states=states(("none", "无任务", "no order"), ("waiting", "等待车辆", "waits for a vehicle"),
                      ("under_way", "执行中", "under way"), ("done", "完成", "done"), ("failed", "失败", "failed")),
        cycle=Text("送达一个工件", "one part brought"),
    )  # fmt: skip
    STATE = OrderState
    SLOTS = ("command",)
    DUTIES = (0, 1, 2, 2, 2, 2, 3, 4, 4)  # the kind's state at each stage

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.fleet: Carriers  # set by the fleet, which finds its orders

    def connect(self) -> None:
        self.watch("request", 0)
        self.watch("cancel", 0)

    def command(self) -> None:
        """The request or the cancellation has changed; what is asked counts at its rising edge."""
        s = self.s
        request, cancel = bool(self.see("request")), bool(self.see("cancel"))
        if request and not s.asked and s.stage in OVER:
            self._begin(int(self.see("from")), int(self.see("to")))
        if cancel and not s.cancelled and s.stage not in (*OVER, *CARRIED):
            self.fleet.abandon(self)
            self.become(Stage.FAILED)
        s.asked, s.cancelled = request, cancel

    def _begin(self, source: int, target: int) -> None:
        s = self.s
        s.source, s.target, s.serial, s.since_ns = source, target, 0, self.now
        known = self.fleet.dock_exists(source) and self.fleet.dock_exists(target) and source != target
        self.become(Stage.QUEUED if known else Stage.REFUSED)

    def become(self, stage: Stage, vehicle: int = 0) -> None:
        """It is as far as this now; the vehicle stays known at the end."""
        self.s.stage = stage
        self.be(self.DUTIES[stage])
        if stage is Stage.DONE:
            self.cycle()
        if vehicle or stage in (Stage.QUEUED, Stage.REFUSED):
            self.set("vehicle", vehicle)
        self.set("state", int(stage))
        self.fleet.stir()
