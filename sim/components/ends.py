"""Where parts come from and where they go in a small line: a supply that lays them on a belt, a place of collection."""

from dataclasses import dataclass, field

from sim.component import MILLION, MM, Change, Component
from sim.components.belt import Belt
from sim.components.cylinder import POSITION, belt_of
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER


@dataclass(slots=True)
class SupplyState:
    """Since when the interval runs, and the share of its spread that was drawn, in ppm."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    since_ns: int = 0
    share: int = 0
    waiting: bool = False  # a part is there, but the belt has no room


class Supply(Component):
    """Somebody before the line lays a part on the beginning of a belt now and then, as soon as there is room for it."""

    KIND = Kind(
        "supply",
        Text("来料", "Supply"),
        Text("每隔一段时间把一个工件放到输送带起点", "Lays a part on the beginning of a belt at intervals, given room"),
        parameters=(
            Parameter("least", "time", Text("最短间隔", "Shortest interval"), "5 s", low=1),
            Parameter("most", "time", Text("最长间隔", "Longest interval"), "5 s", low=1),
            Parameter("first", "time", Text("首件时间", "The first one comes after"), "1 s", fixed=True),
            Parameter("makes", "count", Text("工件种类 (0: 随机)", "Kind of its parts; 0: drawn"), "0"),
            Parameter("oversize", "length", Text("毛坯余量", "Raw part above nominal size"), "0 µm"),
        ),
        ports=(
            Port("on", DataType.BOOL, Direction.OUTPUT, Text("要料", "call for parts"), initial=True, optional=True),
            Port("wanted", DataType.INT, Direction.OUTPUT, Text("要料种类 (0: 不限)", "kind wanted; 0: any"), low=0,
                 high=99, optional=True),
        ),
        joins=(Join("belt", ("belt", "roller_conveyor"), Text("来料输送带", "The belt that it lays parts on")),),
        states=states(
            ("pausing", "间隔中", "between two parts"), ("waiting", "等待放件", "a part waits for its place")
        ),
        cycle=Text("放上一件", "one part laid down"),
    )  # fmt: skip
    STATE = SupplyState
    SLOTS = ("bring", "lay", "call")
    BRING, LAY, CALL = range(3)

    def connect(self) -> None:
        self.belt = belt_of(self)
        self.belt.fed_by(self, self.LAY)
        self.watch("on", self.CALL)

    def born(self) -> None:
        self.s.since_ns = self.p["first"] - self.p["least"]
        self.wake(self.BRING, self.p["first"])

    def _interval(self) -> int:
        least, most = self.p["least"], max(self.p["least"], self.p["most"])
        share: int = self.s.share
        return least + (most - least) * share // MILLION

    def replan(self) -> None:
        """The interval that runs gets its new length; its drawn share stays."""
        if self.s.due[self.BRING] != NEVER:
            self.wake(self.BRING, max(self.now, self.s.since_ns + self._interval()))

    def bring(self) -> None:
        self.s.waiting = True
        self.be(1)
        self.lay()

    def call(self) -> None:
        self.lay()

    def lay(self) -> None:
        """Lay the part down, if one waits, is wanted and finds room."""
        s = self.s
        if not s.waiting or not self.see("on", True) or not self.belt.room():
            return
        s.waiting, s.since_ns = False, self.now
        self.be(0)
        self.cycle()
        s.share = int(self.plant.stream(f"{self.name}.interval").uniform() * MILLION)
        self.wake(self.BRING, self.now + self._interval())
        kind = int(self.see("wanted", 0)) or self.p["makes"]
        part = self.plant.draw_part(
            self.name, self.p["oversize"] // 10**9, min(kind, len(self.plant.definition.part.kinds))
        )
        self.plant.log(part.serial, self.name)
        self.plant.units[self.station].part_in()
        self.belt.put(part.serial)


@dataclass(slots=True)
class CollectionState:
    """Which part stands there, being taken."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    serial: int = 0
    since_ns: int = 0
    taken: int = 0


class Collection(Component):
    """Somebody takes the part that stands still at this place of a belt. Who lets it run on has lost it."""

    KIND = Kind(
        "collection",
        Text("取件点", "Place of collection"),
        Text("工件在此停稳后被取走", "A part that stands still here is taken away after a while"),
        parameters=(
            POSITION,
            Parameter("reach", "length", Text("抓取范围", "How far from its place"), "40 mm", low=MM),
            Parameter("time", "time", Text("取件时间", "Time to take it"), "2 s", low=1),
        ),
        ports=(
            Port("count", DataType.UINT, Direction.STATUS, Text("取件数", "parts taken"), "pcs", optional=True),
        ),
        joins=(Join("belt", ("belt", "roller_conveyor"), Text("所在输送带", "The belt that it stands on")),),
        states=states(("free", "空闲", "nothing to take"), ("taking", "取件中", "taking a part")),
        cycle=Text("取走一件", "one part taken"),
    )  # fmt: skip
    STATE = CollectionState
    SLOTS = ("look", "pick")
    LOOK, PICK = range(2)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.belt: Belt

    def connect(self) -> None:
        self.belt = belt_of(self)
        self.belt.watch_motion(self, self.LOOK)

    def look(self) -> None:
        """Begin to take the part that stands there; one that moves on slips out of the hands."""
        s, place, reach = self.s, self.p["position"], self.p["reach"]
        serial = self.belt.part_between(place - reach, place + reach)
        standing = serial if serial and self.belt.stands(serial) else 0
        if standing != s.serial:
            s.serial, s.since_ns = standing, self.now
            self.be(int(bool(standing)))
        self.wake(self.PICK, max(self.now, s.since_ns + self.p["time"]) if standing else NEVER)

    def replan(self) -> None:
        self.look()

    def pick(self) -> None:
        s = self.s
        serial, s.serial = s.serial, 0
        self.be(0)
        if serial and self.belt.take(serial):
            s.taken += 1
            self.cycle()
            self.set("count", s.taken % 65536)
            self.plant.units[self.station].part_out()
            self.plant.retire(serial, self.name)
