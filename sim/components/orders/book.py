"""The stock's book: which type lies in which cell, as it was told. The truth is in the rack; a count compares."""

from dataclasses import dataclass, field

from sim.component import Change, Component
from sim.components.warehouse import Rack
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER

CELLS = 9  # that have a tag each
TYPES = 3  # whose stock has a tag
KEEPING, COUNTING = range(2)


@dataclass(slots=True)
class Entry:
    """What the book says of a cell: a type, 0 for empty, and since when."""

    type: int = 0
    since_ns: int = 0


@dataclass(slots=True)
class BookState:
    """Cells from 1; since when a stock-take runs."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    cells: list[Entry] = field(default_factory=list)
    writing: bool = False
    counting_since: int = NEVER


class StockBook(Component):
    """A rising `write` books that `type` lies in `cell` from now on, 0 that the cell is empty.

    `found` is the cell that has held the `wanted` type longest, `free` the first empty one, 0 for none: as the book
    says. `count` has every cell looked at, which takes its time; then the book says the truth again.
    """

    KIND = Kind(
        "stock_book",
        Text("库存账", "Stock book"),
        Text("记录各货格存放的类型, 可盘点", "Says which type lies in which cell; a stock-take corrects it"),
        parameters=(
            Parameter("count_time", "time", Text("每格盘点时间", "A stock-take takes, a cell"), "300 ms", low=1000),
        ),
        ports=(
            Port("cell", DataType.INT, Direction.OUTPUT, Text("货格", "cell to be booked"), low=0, high=10000),
            Port("type", DataType.INT, Direction.OUTPUT, Text("类型 (0: 空)", "type in it; 0: empty"), low=0, high=99),
            Port("write", DataType.BOOL, Direction.OUTPUT, Text("记账", "book it")),
            Port("wanted", DataType.INT, Direction.OUTPUT, Text("查找类型", "type that is wanted"), low=0, high=99),
            Port("count", DataType.BOOL, Direction.OUTPUT, Text("盘点", "take stock"), powered=True),
            Port("found", DataType.INT, Direction.INPUT, Text("该类型最早入库格", "cell with it, 0: none"), low=0,
                 high=10000),
            Port("free", DataType.INT, Direction.INPUT, Text("首个空格", "first free cell, 0: none"), low=0, high=10000,
                 initial=1),
            Port("counted", DataType.BOOL, Direction.INPUT, Text("盘点完成", "stock has been taken")),
            Port("differences", DataType.UINT, Direction.STATUS, Text("盘点差异数", "cells that the count corrected")),
            *(Port(f"stock_{k}", DataType.UINT, Direction.STATUS, Text(f"类型 {k} 库存", f"stock of type {k}"), "pcs")
              for k in range(1, TYPES + 1)),
            *(Port(f"cell_{k}", DataType.UINT, Direction.STATUS, Text(f"货格 {k} 类型", f"type in cell {k}"),
                   optional=True) for k in range(1, CELLS + 1)),
        ),
        joins=(Join("rack", ("rack",), Text("货架", "The rack that it keeps book of")),),
        states=states(("keeping", "记账", "keeps book"), ("counting", "盘点", "takes stock")),
        cycle=Text("记一笔账", "one entry"),
    )  # fmt: skip
    STATE = BookState
    SLOTS = ("command", "counted")

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.rack: Rack

    def connect(self) -> None:
        self.rack = next(r for r in self.joined("rack") if isinstance(r, Rack))
        total = self.rack.p["columns"] * self.rack.p["rows"]
        self.s.cells = [Entry() for _ in range(total)]
        for port in ("write", "wanted", "count"):
            self.watch(port, 0)

    def command(self) -> None:
        """An entry, another type that is wanted, or a stock-take."""
        s = self.s
        write, count = bool(self.see("write")), bool(self.see("count"))
        if write and not s.writing:
            self._write(int(self.see("cell")), int(self.see("type")))
        s.writing = write
        if not count:
            s.counting_since = NEVER
            self.set("counted", False)
        elif s.counting_since == NEVER and not self.see("counted"):
            s.counting_since = self.now
        self.replan()
        self.say()

    def replan(self) -> None:
        since = self.s.counting_since
        time = self.p["count_time"] * len(self.s.cells)
        self.be(KEEPING if since == NEVER else COUNTING)
        self.wake(1, NEVER if since == NEVER else max(self.now, since + time))

    def _write(self, cell: int, kind: int) -> None:
        if 0 < cell <= len(self.s.cells):
            self.s.cells[cell - 1] = Entry(kind, self.now)
            self.cycle()

    def counted(self) -> None:
        """Every cell was looked at: the book says what is there."""
        s, differences = self.s, 0
        for cell, entry in enumerate(s.cells, 1):
            truth = self.true_type(cell)
            if truth != entry.type:
                differences += 1
                s.cells[cell - 1] = Entry(truth, self.now)
        s.counting_since = NEVER
        self.be(KEEPING)
        self.set("differences", differences)
        self.set("counted", True)
        self.say()

    def true_type(self, cell: int) -> int:
        """What the rack holds there: the colour of a part is its type."""
        stored = self.rack.s.cells.get(cell)
        return self.plant.part(stored.serial).colour if stored else 0

    def say(self) -> None:
        """Set what follows from the entries."""
        cells = list(enumerate(self.s.cells, 1))
        wanted = int(self.see("wanted"))
        found = [(entry.since_ns, cell) for cell, entry in cells if wanted and entry.type == wanted]
        self.set("found", min(found)[1] if found else 0)
        self.set("free", next((cell for cell, entry in cells if not entry.type), 0))
        for k in range(1, TYPES + 1):
            self.set(f"stock_{k}", sum(entry.type == k for _, entry in cells))
        for cell, entry in cells[:CELLS]:
            self.set(f"cell_{cell}", entry.type)
