"""The track: nodes joined to neighbours, each a block that one vehicle holds; docks, chargers; shortest routes.

Knows no order and no vehicle but by its number. A node's place is where the line file draws it, so an edge is as long
as it looks.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from math import isqrt
from typing import Any, ClassVar, Protocol

from sim.component import Change, Component
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Disturbance, Join, Kind, KindState, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text

NODES = ("track_node", "agv_dock", "agv_charger")
UM = 10**9  # fm
FREE, HELD, BLOCKED = range(3)
_NUMBER = Parameter("number", "count", Text("节点编号", "Its number, once on a track"), low=1, high=999, fixed=True)
_TO = Join("to", NODES, Text("相邻节点 (双向)", "Its neighbours, in both directions"), required=False, many=True)
_BLOCK = Disturbance("block", Text("路上有障碍物", "Something lies in the way"), clears="clear")
_STATES: tuple[KindState, ...] = states(
    ("free", "空闲", "free"), ("held", "被车占用", "held by a vehicle"), ("blocked", "有障碍", "blocked")
)
_CYCLE = Text("一辆车通过或离开", "one vehicle gone by")


@dataclass(slots=True)
class NodeState:
    """Who holds it, by number; 0: nobody."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    holder: int = 0
    blocked: bool = False


class Traffic(Protocol):
    """Who wants to know that a node came free or was blocked."""

    def stir(self) -> None:
        """Look again who may drive."""
        ...

    def obstacle(self, node: int) -> None:
        """Something lies on a node, or lies there no more."""
        ...


class Node(Component):
    """A block of the track: at most one vehicle holds it, together with the way that leads up to it."""

    KIND = Kind(
        "track_node",
        Text("轨道节点", "Track node"),
        Text("AGV 路网的节点, 同时是一个闭塞区段", "A node of the AGVs' track; one vehicle at a time"),
        parameters=(_NUMBER,),
        joins=(_TO,),
        disturbances=(_BLOCK,),
        states=_STATES,
        cycle=_CYCLE,
    )
    STATE: ClassVar[type[Any]] = NodeState
    PLACE: ClassVar[bool] = False  # vehicles stand here: no other one's route leads across it

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.number = self.p["number"]
        self.at_um = round(definition.place.x_m * 10**6), round(definition.place.y_m * 10**6)
        self.onlookers: list[Traffic] = []

    @property
    def holder(self) -> int:
        """Number of the vehicle that holds it, 0 for none."""
        return int(self.s.holder)

    def hold(self, vehicle: int) -> None:
        """Keep it for this vehicle; nobody else has it."""
        if self.s.holder not in (0, vehicle):
            raise ValueError(f"{self.name} is held by vehicle {self.s.holder}, vehicle {vehicle} may not have it")
        self.s.holder = vehicle
        self._say()

    def release(self, vehicle: int) -> None:
        """The vehicle has left it."""
        if self.s.holder == vehicle:
            self.s.holder = 0
            self.cycle()
            self._say()

    def block(self) -> None:
        """Something lies here: vehicles stop before it."""
        self.s.blocked = True
        self._say()
        for onlooker in self.onlookers:
            onlooker.obstacle(self.number)

    def clear(self) -> None:
        """Somebody took it away."""
        self.s.blocked = False
        self._say()
        for onlooker in self.onlookers:
            onlooker.obstacle(self.number)

    def _say(self) -> None:
        self.be(BLOCKED if self.s.blocked else HELD if self.s.holder else FREE)
        for onlooker in self.onlookers:
            onlooker.stir()


class Docked(Protocol):
    """A vehicle as its dock sees it."""

    number: int

    def offered(self, dock: int) -> int:
        """The part that it has for this dock, 0 for none."""
        ...

    def wants(self, dock: int) -> bool:
        """Whether it waits for a part from this dock."""
        ...

    def unload(self, serial: int) -> None: ...

    def load(self, serial: int, dock: int) -> None: ...


class Dock(Node):
    """Where a vehicle stands before a module. An arm lifts the part that is meant for here, or lays one onto it."""

    KIND = Kind(
        "agv_dock",
        Text("AGV 对接位", "AGV dock"),
        Text("AGV 在模块前对接, 交接工件", "A vehicle docks here; arms take from it and lay onto it"),
        parameters=(_NUMBER,),
        ports=(
            Port("vehicle", DataType.UINT, Direction.INPUT, Text("已对接的车号", "vehicle that is docked"), low=0,
                 high=99),
            Port("part", DataType.BOOL, Direction.INPUT, Text("车上有本站工件", "it brings a part")),
            Port("free", DataType.BOOL, Direction.INPUT, Text("车在等工件", "it waits for a part")),
        ),
        joins=(_TO,),
        disturbances=(_BLOCK,),
        states=_STATES,
        cycle=_CYCLE,
    )  # fmt: skip
    PLACE = True

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.docked: Docked | None = None  # derived: vehicles say it anew after a restore
        self.followers: list[tuple[Wakeable, int]] = []

    def look(self) -> None:
        """A vehicle docked or left, or what lies on it has changed: say it."""
        self.set("vehicle", self.docked.number if self.docked else 0)
        self.set("part", bool(self.part()))
        self.set("free", self.room())
        for member, slot in self.followers:
            member.wake(slot, self.now)

    def part(self) -> int:
        """The part on the docked vehicle that is meant for here, 0 for none."""
        return self.docked.offered(self.number) if self.docked else 0

    def lift(self) -> int:
        """Take it off the vehicle, 0 for none."""
        serial = self.part()
        if serial and self.docked:
            self.docked.unload(serial)
        return serial

    def room(self) -> bool:
        """Whether the docked vehicle waits for a part from here."""
        return self.docked is not None and self.docked.wants(self.number)

    def lay(self, serial: int) -> None:
        """Lay a part into its bay; there is room."""
        if self.docked:
            self.docked.load(serial, self.number)


class Charger(Node):
    """A place with a charging contact."""

    KIND = Kind(
        "agv_charger",
        Text("AGV 充电位", "AGV charger"),
        Text("停在此处的 AGV 充电", "A vehicle that stands here is charged"),
        parameters=(_NUMBER,),
        joins=(_TO,),
        disturbances=(_BLOCK,),
        states=_STATES,
        cycle=_CYCLE,
    )
    PLACE = True


class Track:
    """The graph of all nodes that hang together with one of them."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = {node.number: node for node in nodes}
        self.lengths: dict[tuple[int, int], int] = {}  # fm
        for node in nodes:
            for other in node.joined("to"):
                if isinstance(other, Node):
                    self._join(node, other)
        self.neighbours: dict[int, list[int]] = {n: [] for n in self.nodes}
        for a, b in self.lengths:
            self.neighbours[a].append(b)
        for around in self.neighbours.values():
            around.sort()

    def _join(self, node: Node, other: Node) -> None:
        (ax, ay), (bx, by) = node.at_um, other.at_um
        length = isqrt(((bx - ax) ** 2 + (by - ay) ** 2) * UM * UM)
        self.lengths[node.number, other.number] = self.lengths[other.number, node.number] = length

    def length(self, route: list[int]) -> int:
        """Of a whole route, in fm."""
        return sum(self.lengths[leg] for leg in pairwise(route))

    def route(self, start: int, goal: int, shut: set[int], places: set[int]) -> list[int]:
        """The shortest route that avoids the nodes in `shut` and leads across none of the `places`; [] for none."""
        if goal in shut:
            return []
        heap: list[tuple[int, list[int]]] = [(0, [start])]
        seen: set[int] = set()
        while heap:
            length, route = heappop(heap)
            here = route[-1]
            if here == goal:
                return route
            if here in seen or (here in places and here != start):
                continue
            seen.add(here)
            for there in self.neighbours[here]:
                if there not in seen and there not in shut:
                    heappush(heap, (length + self.lengths[here, there], [*route, there]))
        return []
