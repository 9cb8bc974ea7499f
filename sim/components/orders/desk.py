"""The order desk: takes orders by a handshake on tags that any client may write, keeps them in lines, counts pieces."""

from dataclasses import dataclass, field
from enum import IntEnum

from sim.component import Change, Component
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER

LINES = 4
OPEN, BUSY = range(2)


class Order(IntEnum):
    """How far an order is."""

    NONE = 0
    QUEUED = 1
    RUNNING = 2
    DONE = 3
    FAILED = 4
    CANCELLED = 5


class Result(IntEnum):
    """What the desk answered to the last request."""

    NONE = 0
    ACCEPTED = 1
    UNKNOWN_TYPE = 2
    BAD_QUANTITY = 3
    FULL = 4
    NUMBER_IN_USE = 5
    NOT_FOUND = 6
    CANCELLED = 7


OVER = (Order.NONE, Order.DONE, Order.FAILED, Order.CANCELLED)


@dataclass(slots=True)
class OrderLine:
    """One order: so many pieces of a type. `age` tells which came first."""

    number: int = 0
    type: int = 0
    quantity: int = 0
    begun: int = 0
    done: int = 0
    failed: int = 0
    state: Order = Order.NONE
    age: int = 0


@dataclass(slots=True)
class DeskState:
    """The lines, and what was heard of the handshake."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=lambda: [OrderLine() for _ in range(LINES)])
    age: int = 0
    last_number: int = 0
    asked: bool = False
    cancelled: bool = False


def _lines() -> tuple[Port, ...]:
    """Tags of the lines. States: 0 none, 1 queued, 2 running, 3 done, 4 failed, 5 cancelled."""
    ports: list[Port] = []
    for k in range(1, LINES + 1):
        for name, zh, en in (
            ("number", "订单号", "order number"), ("type", "类型", "type"), ("quantity", "数量", "quantity"),
            ("done", "已完成", "pieces done"), ("state", "状态", "state"),
        ):  # fmt: skip
            title = Text(f"第 {k} 行 {zh}", f"line {k}, {en}")
            ports.append(Port(f"line_{k}_{name}", DataType.UINT, Direction.STATUS, title))
    return tuple(ports)


class OrderDesk(Component):
    """Set `number`, `type` and `quantity`, then raise `request`: `ack` rises with the `result`; let `request` fall.

    Number 0 lets the desk give the number. `cancel` takes back what is queued of order `number`. Results: 1 accepted,
    2 unknown type, 3 bad quantity, 4 no free line, 5 the number is in use, 6 no such open order, 7 cancelled.
    """

    KIND = Kind(
        "order_desk",
        Text("订单台", "Order desk"),
        Text("接收并管理生产订单", "Takes orders by type, number and quantity, and keeps account of them"),
        parameters=(
            Parameter("types", "count", Text("产品类型数", "Types of products, from 1"), "3", low=1, high=99),
            Parameter("most", "count", Text("每单最大数量", "Pieces in one order, at most"), "20", low=1, high=1000),
        ),
        ports=(
            Port("number", DataType.UINT, Direction.PARAMETER, Text("订单号 (0: 自动)", "order number; 0: given")),
            Port("type", DataType.UINT, Direction.PARAMETER, Text("类型", "type")),
            Port("quantity", DataType.UINT, Direction.PARAMETER, Text("数量", "quantity"), initial=1),
            Port("request", DataType.BOOL, Direction.PARAMETER, Text("下单", "request")),
            Port("cancel", DataType.BOOL, Direction.PARAMETER, Text("取消订单", "cancel")),
            Port("ack", DataType.BOOL, Direction.STATUS, Text("已应答", "answered")),
            Port("result", DataType.UINT, Direction.STATUS, Text("结果代码", "result"), low=0, high=99),
            Port("waiting", DataType.UINT, Direction.STATUS, Text("待生产件数", "pieces not begun"), "pcs"),
            Port("available", DataType.BOOL, Direction.INPUT, Text("有待产工件", "a piece waits to be made")),
            *_lines(),
        ),
        states=states(("open", "可接单", "a line is free"), ("busy", "满", "all lines are taken")),
        cycle=Text("接受一个订单", "one order accepted"),
    )  # fmt: skip
    STATE = DeskState
    SLOTS = ("command",)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.followers: list[tuple[Wakeable, int]] = []  # who waits for pieces or for a free line

    def connect(self) -> None:
        self.watch("request", 0)
        self.watch("cancel", 0)

    # ---- the handshake ----------------------------------------------------------------------------------------

    def command(self) -> None:
        """The request or the cancellation has changed; a rising one is answered at once."""
        s = self.s
        request, cancel = bool(self.see("request")), bool(self.see("cancel"))
        result = None
        if request and not s.asked:
            result = self.place(int(self.see("number")), int(self.see("type")), int(self.see("quantity")))
        elif cancel and not s.cancelled:
            result = self.withdraw(int(self.see("number")))
        s.asked, s.cancelled = request, cancel
        if result is not None:
            self.set("result", int(result))
        self.set("ack", request or cancel)

    def place(self, number: int, kind: int, quantity: int) -> Result:
        """An order comes in."""
        s = self.s
        line = self._free_line()
        refused = self._refused(number, kind, quantity)
        if refused is not None:
            return refused
        if line is None:
            return Result.FULL
        s.age, s.last_number = s.age + 1, number or s.last_number % 65535 + 1
        s.lines[line] = OrderLine(s.last_number, kind, quantity, state=Order.QUEUED, age=s.age)
        self.cycle()
        self.say()
        return Result.ACCEPTED

    def _refused(self, number: int, kind: int, quantity: int) -> Result | None:
        if not 1 <= kind <= self.p["types"]:
            return Result.UNKNOWN_TYPE
        if not 1 <= quantity <= self.p["most"]:
            return Result.BAD_QUANTITY
        used = number and any(line.number == number and line.state not in OVER for line in self.s.lines)
        return Result.NUMBER_IN_USE if used else None

    def _free_line(self) -> int | None:
        """The one that has been over longest."""
        over = [(line.age, k) for k, line in enumerate(self.s.lines) if line.state in OVER]
        return min(over)[1] if over else None

    @property
    def open(self) -> bool:
        """Whether another order finds a line."""
        return self._free_line() is not None

    def withdraw(self, number: int) -> Result:
        """What is not begun of an order is not made."""
        for line in self.s.lines:
            if line.number == number and line.state not in OVER and line.begun < line.quantity:
                line.quantity = line.begun
                if line.begun == line.done + line.failed:
                    line.state = Order.CANCELLED
                self.say()
                return Result.CANCELLED
        return Result.NOT_FOUND

    # ---- pieces -----------------------------------------------------------------------------------------------

    def begin(self) -> OrderLine | None:
        """The next piece of the oldest order that has one; its line, None for none."""
        waiting = [line for line in self.s.lines if line.state not in OVER and line.begun < line.quantity]
        line = min(waiting, key=lambda line: line.age, default=None)
        if line is not None:
            line.begun += 1
            line.state = Order.RUNNING
            self.say()
        return line

    def end(self, age: int, good: bool) -> None:
        """A piece of the order of that age is ready, or has failed."""
        for line in self.s.lines:
            if line.age == age:
                line.done, line.failed = line.done + good, line.failed + (not good)
                if line.done + line.failed == line.quantity:
                    line.state = Order.FAILED if line.failed else Order.DONE
        if good:
            self.plant.units[self.station].part_out()
        else:
            self.plant.units[self.station].part_rejected()
        self.say()

    def say(self) -> None:
        """Set the tags of the lines and tell who waits."""
        lines = self.s.lines
        for k, line in enumerate(lines, 1):
            for name in ("number", "type", "quantity", "done"):
                self.set(f"line_{k}_{name}", getattr(line, name))
            self.set(f"line_{k}_state", int(line.state))
        waiting = sum(line.quantity - line.begun for line in lines if line.state not in OVER)
        self.set("waiting", waiting)
        self.set("available", waiting > 0)
        self.be(OPEN if self.open else BUSY)
        for member, slot in self.followers:
            member.wake(slot, self.now)


@dataclass(slots=True)
class CustomerState:
    """Since when the interval to the next order runs, and the share of its spread that was drawn, in ppm."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    since_ns: int = 0
    share: int = 0
    waiting: bool = False  # an order is ready, but the desk has no free line


class Customer(Component):
    """Orders now and then, a type and a quantity as the weights say, once the desk has a free line for it."""

    KIND = Kind(
        "customer",
        Text("客户", "Customer"),
        Text("按随机间隔下达混合订单", "Places orders of a random mix at intervals"),
        parameters=(
            Parameter("least", "time", Text("最短间隔", "Shortest interval"), "60 s", low=1000),
            Parameter("most", "time", Text("最长间隔", "Longest interval"), "180 s", low=1000),
            Parameter("quantity", "count", Text("每单最大数量", "Pieces in one order, at most"), "3", low=1, high=1000),
            Parameter("weights", "count", Text("各类型的权重", "How often each type is wanted"), "1,1,1", many=True),
        ),
        ports=(
            Port("on", DataType.BOOL, Direction.PARAMETER, Text("自动下单", "orders by itself"), initial=True),
            Port("placed", DataType.UDINT, Direction.STATUS, Text("下单数", "orders placed"), optional=True),
        ),
        joins=(Join("desk", ("order_desk",), Text("订单台", "The desk where it orders")),),
        states=states(("content", "等待", "wants nothing yet"), ("waiting", "排队", "waits for a free line")),
        cycle=Text("下达一个订单", "one order placed"),
    )  # fmt: skip
    STATE = CustomerState
    SLOTS = ("want", "place")

    def connect(self) -> None:
        self.desk = next(d for d in self.joined("desk") if isinstance(d, OrderDesk))
        self.desk.followers.append((self, 1))
        self.watch("on", 1)

    def born(self) -> None:
        self.wake(0, 1_000_000_000)

    def _interval(self) -> int:
        least, most = self.p["least"], max(self.p["least"], self.p["most"])
        share: int = self.s.share
        return least + (most - least) * share // 1_000_000

    def replan(self) -> None:
        if self.s.due[0] != NEVER:
            self.wake(0, max(self.now, self.s.since_ns + self._interval()))

    def want(self) -> None:
        self.s.waiting = True
        self.be(1)
        self.place()

    def place(self) -> None:
        """Order, if something is wanted and the desk can take it."""
        s = self.s
        if not s.waiting or not self.see("on") or not self.desk.open:
            return
        stream = self.plant.stream(f"{self.name}.order")
        kind = 1 + stream.pick(self.definition.lists["weights"])
        s.waiting, s.since_ns = False, self.now
        s.share = int(stream.uniform() * 1_000_000)
        self.be(0)
        self.cycle()
        self.set("placed", (int(self.see("placed", 0)) + 1) % 2**32)
        self.wake(0, self.now + self._interval())
        self.desk.place(
            0, min(kind, self.desk.p["types"]), min(stream.between(1, self.p["quantity"]), self.desk.p["most"])
        )
