"""High-bay warehouse: axis, rack and stacker crane."""

from dataclasses import dataclass, field

from sim.component import MM, Change, Component, in_mm
from sim.components.belt import EXIT, Belt
from sim.components.cylinder import Cylinder
from sim.components.spot import Spot
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import Travel

AT_END = 10 * MM  # a part this close to the end of its belt can be picked up


@dataclass(slots=True)
class AxisState:
    """Position in fm."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)


class Axis(Component):
    """A positioning drive: goes to the place that its target names. It stands without power and while barred."""

    KIND = Kind(
        "axis",
        Text("直线轴", "Linear axis"),
        Text("按目标编号定位", "Moves to the place that its target names"),
        parameters=(
            Parameter("positions", "length", Text("各位置坐标", "Its places, from number 0"), many=True),
            Parameter("speed", "speed", Text("速度", "Speed"), "400 mm/s", low=1000),
        ),
        ports=(
            Port(
                "target", DataType.INT, Direction.OUTPUT, Text("目标位置", "target place"), low=0, high=99, moves=True
            ),
            Port("in_position", DataType.BOOL, Direction.INPUT, Text("到位", "in position"), initial=True),
            Port("position", DataType.REAL, Direction.INPUT, Text("位置", "position"), "mm", 0, 9000, 1, computed=True),
        ),
        joins=(Join("barred_by", ("cylinder",), Text("伸出时禁止移动的气缸", "Must be home to move"), required=False),),
        states=states(("standing", "静止", "standing"), ("moving", "运动中", "moving")),
        cycle=Text("一次启动", "one start from a stand"),
    )
    STATE = AxisState
    SLOTS = ("move", "arrive")

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.places = definition.lists["positions"]
        self.s.travel.goal = self.s.travel.origin = self.places[0]
        self.watchers: list[Crane] = []
        self.bars: list[Cylinder] = []

    def connect(self) -> None:
        self.watch("target", 0)
        self.image.compute(self.tags["position"], self._position)
        for bar in self.joined("barred_by"):
            if isinstance(bar, Cylinder):
                self.bars.append(bar)
                bar.followers.append((self, 0))

    def _position(self) -> Value:
        return round(in_mm(self.s.travel, self.now)[0], 1)

    def _goal(self) -> int | None:
        target = int(self.see("target"))
        return self.places[target] if 0 <= target < len(self.places) else None

    def move(self) -> None:
        """Another target, the bar, power or a parameter: plan anew from where it is."""
        s, now, goal = self.s, self.now, self._goal()
        at = s.travel.at(now)
        free = self.powered and goal is not None and all(bar.is_home for bar in self.bars)
        goal = at if goal is None else goal
        rate = (self.p["speed"] if goal > at else -self.p["speed"]) if free and goal != at else 0
        was = s.travel.rate, s.travel.goal
        if rate and not s.travel.rate:
            self.cycle()
        self.be(int(bool(rate)))
        s.travel.go(now, rate, goal if rate else at)
        if was != (s.travel.rate, s.travel.goal):
            x, v = in_mm(s.travel, now)
            self.say_move(x, v, s.travel.goal / MM)
        self.wake(1, s.travel.due_ns())
        self._say_place(goal == at and self._goal() is not None)

    def replan(self) -> None:
        self.move()

    def arrive(self) -> None:
        self.s.travel.go(self.now, 0, self.s.travel.goal)
        self.be(0)
        self._say_place(self._goal() == self.s.travel.goal)

    def _say_place(self, there: bool) -> None:
        self.set("in_position", there)
        for crane in self.watchers:
            crane.look()

    @property
    def place(self) -> int | None:
        """The number of the place where it stands, None between places."""
        at = self.s.travel.at(self.now)
        return self.places.index(at) if at in self.places else None

    def announce(self) -> list[tuple[str, str | int, object]]:
        x, v = in_mm(self.s.travel, self.now)
        return [("move", self.name, [x, v, self.s.travel.goal / MM])]


@dataclass(slots=True)
class Stored:
    """A part in a cell, and since when."""

    serial: int
    since_ns: int


@dataclass(slots=True)
class RackState:
    """Cells by number, from 1, row by row from the bottom."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    cells: dict[int, Stored] = field(default_factory=dict)
    ghosts: dict[int, int] = field(default_factory=dict)  # cells that are empty while the book says since when not


class Rack(Component):
    """Cells in columns and rows. Its bookkeeping tells the first free and the longest occupied cell."""

    KIND = Kind(
        "rack",
        Text("立体货架", "High-bay rack"),
        Text("按列和层存放工件", "Keeps parts in columns and rows"),
        parameters=(
            Parameter("columns", "count", Text("列数", "Columns"), "3", low=1, high=100, fixed=True),
            Parameter("rows", "count", Text("层数", "Rows"), "3", low=1, high=100, fixed=True),
        ),
        ports=(
            Port("occupied", DataType.UINT, Direction.STATUS, Text("占用数", "cells occupied"), low=0, high=10000),
            Port("free_cell", DataType.UINT, Direction.STATUS, Text("首个空格", "first free cell"), low=0, high=10000,
                 initial=1),
            Port("oldest_cell", DataType.UINT, Direction.STATUS, Text("最早入库格", "longest occupied cell"), low=0,
                 high=10000),
        ),
        disturbances=(
            Disturbance("steal", Text("取走一件, 账面不变", "A part is taken out and the book does not know"),
                        clears="count"),
        ),
        states=states(("empty", "空", "empty"), ("partly", "部分占用", "partly filled"), ("full", "满", "full")),
        cycle=Text("入库一件", "one part stored"),
    )  # fmt: skip
    STATE = RackState

    def cell(self, column: int, row: int) -> int:
        """Number of the cell, 0 where there is none."""
        columns, rows = self.p["columns"], self.p["rows"]
        return (row - 1) * columns + column if 1 <= column <= columns and 1 <= row <= rows else 0

    def put(self, cell: int, serial: int) -> None:
        self.s.cells[cell] = Stored(serial, self.now)
        self.s.ghosts.pop(cell, None)
        self.cycle()
        self.plant.emit("part", serial, ["in", self.name, str(cell)])
        self.plant.log(serial, f"{self.name} {cell}")
        self._book()

    def pick(self, cell: int) -> int:
        """Take the part out of a cell, 0 for none."""
        stored = self.s.cells.pop(cell, None)
        self._book()
        return stored.serial if stored else 0

    def take(self, serial: int) -> bool:
        """Take a part out by hand. False when it is not in here."""
        for cell, stored in self.s.cells.items():
            if stored.serial == serial:
                self.pick(cell)
                return True
        return False

    def steal(self) -> None:
        """The longest stored part is taken out and nobody tells the book: a ghost bin."""
        cells = self.s.cells
        if not cells:
            return
        oldest = min(cells, key=lambda cell: (cells[cell].since_ns, cell))
        stored = cells.pop(oldest)
        self.s.ghosts[oldest] = stored.since_ns
        self.plant.remove(stored.serial)
        self._book()

    def count(self) -> None:
        """Stock-take: the book says again what is there."""
        self.s.ghosts.clear()
        self._book()

    def _book(self) -> None:
        """What the book says is stored: what is, but for what was taken behind its back."""
        held = len(self.s.cells)
        total = self.p["columns"] * self.p["rows"]
        self.be((2 if held >= total else 1) if held else 0)
        booked = {cell: stored.since_ns for cell, stored in self.s.cells.items()} | self.s.ghosts
        self.set("occupied", len(booked))
        self.set("free_cell", next((c for c in range(1, total + 1) if c not in booked), 0))
        self.set("oldest_cell", min(booked, key=lambda c: (booked[c], c), default=0))

    def holds(self) -> list[int]:
        return [stored.serial for stored in self.s.cells.values()]

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("part", stored.serial, ["in", self.name, str(cell)]) for cell, stored in self.s.cells.items()]


@dataclass(slots=True)
class CraneState:
    """What lies on the fork."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    serial: int = 0


class Crane(Component):
    """Stacker crane: with its fork out before a place, lifting takes the part there, lowering lays it down.

    Place (0, 0) is the end of the belt, (columns + 1, 0) the dispatch, everything between is a cell of the rack. With a
    spot instead of a belt, parts are taken from it and laid onto it at place (0, 0).
    """

    KIND = Kind(
        "crane",
        Text("堆垛机", "Stacker crane"),
        Text("货叉伸出后抬升取件, 下降放件", "Lifting takes, lowering lays down, with the fork out before a place"),
        ports=(
            Port("lift", DataType.BOOL, Direction.OUTPUT, Text("抬升", "lift")),
            Port("loaded", DataType.BOOL, Direction.INPUT, Text("货叉有件", "part on the fork")),
            Port(
                "cell_occupied",
                DataType.BOOL,
                Direction.INPUT,
                Text("货格有件", "cell in front is occupied"),
                optional=True,
            ),
        ),
        joins=(
            Join("x", ("axis",), Text("水平轴", "Horizontal axis")),
            Join("z", ("axis",), Text("垂直轴", "Vertical axis")),
            Join("fork", ("cylinder",), Text("货叉", "Fork")),
            Join("rack", ("rack",), Text("货架", "Rack")),
            Join("belt", ("belt",), Text("取件输送带", "Belt from whose end it takes parts"), required=False),
            Join("spot", ("spot",), Text("交接点", "Spot where it takes and lays parts"), required=False),
        ),
        states=states(("empty", "空", "nothing on the fork"), ("loaded", "有件", "a part on the fork")),
        cycle=Text("搬运一件", "one part carried"),
    )
    STATE = CraneState
    SLOTS = ("command",)

    def connect(self) -> None:
        self.x, self.z = (a for join in ("x", "z") for a in self.joined(join) if isinstance(a, Axis))
        self.fork = next(c for c in self.joined("fork") if isinstance(c, Cylinder))
        self.rack = next(r for r in self.joined("rack") if isinstance(r, Rack))
        self.belt = next((b for b in self.joined("belt") if isinstance(b, Belt)), None)
        self.spot = next((s for s in self.joined("spot") if isinstance(s, Spot)), None)
        for axis in (self.x, self.z):
            axis.watchers.append(self)
        self.watch("lift", 0)

    def born(self) -> None:
        if self.belt is not None:
            self.belt.set_stop(EXIT, True)

    @property
    def place(self) -> tuple[int, int] | None:
        """Column and row that the fork stands before, None between places."""
        column, row = self.x.place, self.z.place
        return None if column is None or row is None else (column, row)

    def command(self) -> None:
        place = self.place
        if place is None or not self.fork.is_out or not self.powered:
            return
        if self.see("lift") and not self.s.serial:
            self._load(place)
        elif not self.see("lift") and self.s.serial:
            self._unload(place)
        self._loaded()
        self.look()

    def _loaded(self) -> None:
        self.be(int(bool(self.s.serial)))
        self.set("loaded", bool(self.s.serial))

    def _load(self, place: tuple[int, int]) -> None:
        serial = self._pick_up() if place == (0, 0) else self.rack.pick(self.rack.cell(*place))
        if serial:
            self.s.serial = serial
            self.plant.emit("part", serial, ["in", self.name, "fork"])

    def _pick_up(self) -> int:
        """The part at the end of the belt or on the spot, 0 for none."""
        if self.spot is not None:
            return self.spot.lift()
        if self.belt is None:
            return 0
        end = self.belt.length - self.belt.size // 2
        serial = self.belt.part_between(end - AT_END, end)
        if serial:
            self.belt.take(serial)
        return serial

    def _unload(self, place: tuple[int, int]) -> None:
        """Lay the part down where there is room; elsewhere it stays on the fork."""
        cell = self.rack.cell(*place)
        if cell and cell not in self.rack.s.cells:
            self.rack.put(cell, self.s.serial)
        elif place == (self.rack.p["columns"] + 1, 0):
            self.plant.units[self.station].part_out()
            self.plant.retire(self.s.serial, f"{self.name}.dispatch")
        elif place == (0, 0) and self.spot is not None and self.spot.room():
            self.spot.lay(self.s.serial)
        else:
            return
        self.s.serial = 0
        self.cycle()

    def look(self) -> None:
        """The sensor at the fork sees into the cell in front."""
        place = self.place
        self.set("cell_occupied", place is not None and self.rack.cell(*place) in self.rack.s.cells)

    def take(self, serial: int) -> bool:
        """Take the part off the fork by hand. False when it is not there."""
        if serial != self.s.serial or not serial:
            return False
        self.s.serial = 0
        self._loaded()
        return True

    def holds(self) -> list[int]:
        return [self.s.serial] if self.s.serial else []

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("part", self.s.serial, ["in", self.name, "fork"])] if self.s.serial else []
