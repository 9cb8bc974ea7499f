"""A job: one piece of an order being made. Control takes it from the desk, says how far it is, and reports its end."""

from dataclasses import dataclass, field

from sim.component import Change, Component
from sim.components.orders.desk import OrderDesk
from sim.spec import Join, Kind, Port, states
from sim.tag import DataType, Direction
from sim.text import Text


@dataclass(slots=True)
class JobState:
    """The order that the piece belongs to, by its age at the desk; 0: no job."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    order: int = 0


class Job(Component):
    """While `take` is on it takes the next piece that waits. `done` or `failed` reports its end, and it is free again.

    `stage`, `at` and `next` are what control says of it: what is being done, where the piece is and goes; as numbers
    they outlast a stop, so that control goes on where it was.
    """

    KIND = Kind(
        "job",
        Text("生产任务", "Job"),
        Text("正在生产的一个工件", "One piece of an order that is being made"),
        ports=(
            Port("take", DataType.BOOL, Direction.OUTPUT, Text("领取任务", "take the next piece")),
            Port("done", DataType.BOOL, Direction.OUTPUT, Text("报告完成", "it is done")),
            Port("failed", DataType.BOOL, Direction.OUTPUT, Text("报告失败", "it has failed")),
            Port("stage", DataType.INT, Direction.OUTPUT, Text("阶段", "stage"), low=0, high=99, kept=True),
            Port("at", DataType.INT, Direction.OUTPUT, Text("所在模块", "module where it is"), low=0, high=99,
                 kept=True),
            Port("next", DataType.INT, Direction.OUTPUT, Text("下一模块", "module that it goes to"), low=0, high=99,
                 kept=True),
            Port("taken", DataType.BOOL, Direction.INPUT, Text("已领取", "there is a job")),
            Port("type", DataType.INT, Direction.INPUT, Text("类型", "type"), low=0, high=99),
            Port("order", DataType.UINT, Direction.INPUT, Text("订单号", "order number")),
        ),
        joins=(Join("desk", ("order_desk",), Text("订单台", "The desk that it gets its pieces from")),),
        states=states(("free", "空闲", "free"), ("at_work", "生产中", "being made")),
        cycle=Text("一个工件完成或失败", "one piece done or failed"),
    )  # fmt: skip
    STATE = JobState
    SLOTS = ("command",)

    def connect(self) -> None:
        self.desk = next(d for d in self.joined("desk") if isinstance(d, OrderDesk))
        self.desk.followers.append((self, 0))
        for port in ("take", "done", "failed"):
            self.watch(port, 0)

    def command(self) -> None:
        """A command, or something new at the desk."""
        s = self.s
        done, failed = bool(self.see("done")), bool(self.see("failed"))
        if s.order and (done or failed):
            age, s.order = s.order, 0
            self._show(False, 0, 0)
            self.cycle()
            self.desk.end(age, not failed)
        elif not s.order and self.see("take") and not done and not failed:
            line = self.desk.begin()
            if line is not None:
                s.order = line.age
                self._show(True, line.type, line.number)

    def _show(self, taken: bool, kind: int, number: int) -> None:
        self.be(int(taken))
        self.set("type", kind)
        self.set("order", number)
        self.set("taken", taken)
