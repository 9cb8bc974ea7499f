"""The fleet's control: gives orders to vehicles and grants them their ways.

Why vehicles never lock each other up: a route is granted whole or not at all, it leads across no place where vehicles
stand (docks, chargers, homes), and every vehicle has a home of its own. So who drives always arrives; who waits, waits
for somebody who drives or for a vehicle that stands on the target; the latter is sent home when it has nothing to do
there, and one of a circle of waiting vehicles makes way. The oldest wait comes first, and what it still needs is kept
from the younger ones. (docs/guides/agv-fleet.md)
"""

from dataclasses import dataclass, field

from sim.component import MILLION, Change, Component
from sim.components.agv.battery import FULL
from sim.components.agv.track import Charger, Dock, Node, Track
from sim.components.agv.transport import OVER, Stage, TransportOrder
from sim.components.agv.vehicle import Vehicle
from sim.components.agv.vehicle_kind import Phase
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text

READY = (Phase.IDLE, Phase.CHARGING)
STOPPED, RUNNING = range(2)


@dataclass(slots=True)
class FleetState:
    """Counts of orders that ended, and what was heard of the signals."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    resetting: bool = False


class Fleet(Component):
    """Runs while `run` is on; a rising `reset` lets vehicles dock again whose docking failed."""

    KIND = Kind(
        "agv_fleet",
        Text("AGV 车队", "AGV fleet"),
        Text("分配运输任务, 按闭塞区段放行车辆", "Gives transport orders to vehicles and grants them their ways"),
        parameters=(
            Parameter("detour", "ratio", Text("允许绕行倍数", "A free way may be so many times the shortest"), "2",
                      low=MILLION, high=100 * MILLION),
        ),
        ports=(
            Port("run", DataType.BOOL, Direction.OUTPUT, Text("运行", "run"), powered=True),
            Port("reset", DataType.BOOL, Direction.OUTPUT, Text("故障复位", "dock again after an error"), powered=True),
            Port("error", DataType.BOOL, Direction.INPUT, Text("有车辆故障", "a vehicle has an error")),
            Port("waiting", DataType.UINT, Direction.STATUS, Text("等待任务数", "orders that wait"), low=0, high=999),
            Port("under_way", DataType.UINT, Direction.STATUS, Text("执行任务数", "orders under way"), low=0, high=999),
        ),
        states=states(("stopped", "停止", "stopped"), ("running", "运行", "running")),
        cycle=Text("放行一次", "one way granted"),
    )  # fmt: skip
    STATE = FleetState
    SLOTS = ("command", "dispatch")
    COMMAND, DISPATCH = range(2)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.vehicles: dict[int, Vehicle] = {}
        self.orders: list[TransportOrder] = []
        self.track: Track

    def connect(self) -> None:
        """Find vehicles, orders and the track that the homes are on, before any of them connects or is born."""
        for found in self.plant.components.values():
            if isinstance(found, Vehicle | TransportOrder) and self.name in found.definition.joins.get("fleet", []):
                found.fleet = self
                if isinstance(found, Vehicle):
                    self.vehicles[found.number] = found
                else:
                    self.orders.append(found)
        self.vehicles = dict(sorted(self.vehicles.items()))
        self.track = Track([n for n in self.plant.components.values() if isinstance(n, Node)])
        for node in self.track.nodes.values():
            node.onlookers.append(self)
        homes = {found.joined("home")[0].name for found in self.vehicles.values()}
        self.homes = {n.number: n for n in self.track.nodes.values() if n.name in homes}
        self.places = {n.number for n in self.track.nodes.values() if n.PLACE} | set(self.homes)
        self.watch("run", self.COMMAND)
        self.watch("reset", self.COMMAND)

    @property
    def runs(self) -> bool:
        return bool(self.see("run"))

    def dock_exists(self, number: int) -> bool:
        return isinstance(self.track.nodes.get(number), Dock)

    # ---- signals ----------------------------------------------------------------------------------------------

    def replan(self) -> None:
        self.command()

    def command(self) -> None:
        """Run, pause, reset or power."""
        self.be(RUNNING if self.runs and self.powered else STOPPED)
        reset = bool(self.see("reset"))
        for vehicle in self.vehicles.values():
            vehicle.plan_on()
            if reset and not self.s.resetting:
                vehicle.retry()
        self.s.resetting = reset
        self.stir()

    def stir(self) -> None:
        """Something has changed: look again at this instant, once all that belongs to it has happened."""
        self.wake(self.DISPATCH, self.now)

    def abandon(self, order: TransportOrder) -> None:
        """An order is cancelled."""
        for vehicle in self.vehicles.values():
            if order.name in vehicle.s.jobs:
                vehicle.forget(order)

    # ---- dispatch ---------------------------------------------------------------------------------------------

    def dispatch(self) -> None:
        """Give orders, send to charge, grant ways."""
        if self.runs and self.powered:
            self._give_orders()
            self._send_to_charge()
            self._grant_ways()
        self.set("waiting", sum(o.s.stage is Stage.QUEUED for o in self.orders))
        self.set("under_way", sum(o.s.stage not in (*OVER, Stage.QUEUED) for o in self.orders))
        self.set("error", any(v.shown() in (Phase.ERROR, Phase.FLAT) for v in self.vehicles.values()))

    def obstacle(self, node: int) -> None:
        """An obstacle came or went: who drives there plans anew."""
        for vehicle in self.vehicles.values():
            if vehicle.s.phase is Phase.DRIVING and node in vehicle.s.drive.route:
                vehicle.plan_on()

    def _give_orders(self) -> None:
        """The oldest order to the vehicle that is nearest; it takes others from the same dock along."""
        queued = sorted((o for o in self.orders if o.s.stage is Stage.QUEUED), key=lambda o: (o.s.since_ns, o.order))
        while queued:
            vehicle = self._nearest(queued[0].s.source)
            if vehicle is None:
                return
            most = min(vehicle.p["at_once"], vehicle.s.bays.count(0))
            taken = [o for o in queued if o.s.source == queued[0].s.source][:most]
            queued = [o for o in queued if o not in taken]
            vehicle.accept(taken)

    def _nearest(self, node: int) -> Vehicle | None:
        ready = [(self._distance(v, node), v.number) for v in self.vehicles.values() if self._ready(v)]
        found = [item for item in ready if item[0] >= 0]
        return self.vehicles[min(found)[1]] if found else None

    def _ready(self, vehicle: Vehicle) -> bool:
        """It has nothing to do, a free bay, and charge enough."""
        s, p = vehicle.s, vehicle.p
        if s.phase not in READY or s.flat or 0 not in s.bays:
            return False
        least = p["enough"] if s.phase is Phase.CHARGING else p["low"]
        return vehicle.charge() > FULL * least // MILLION or vehicle.charge() >= FULL

    def _distance(self, vehicle: Vehicle, node: int) -> int:
        route = self.track.route(vehicle.node.number, node, set(), self.places)
        return self.track.length(route) if route else -1

    def _send_to_charge(self) -> None:
        for vehicle in self.vehicles.values():
            low = FULL * vehicle.p["low"] // MILLION
            if vehicle.s.phase is Phase.IDLE and not vehicle.s.flat and vehicle.charge() <= low:
                goal = self._charger_for(vehicle)
                if goal and goal != vehicle.node.number:
                    vehicle.go_to(goal)

    def _charger_for(self, vehicle: Vehicle) -> int:
        """Its home if that charges, else the nearest charger that is nobody's home, a free one first; 0 for none."""
        if isinstance(vehicle.home, Charger):
            return vehicle.home.number
        nodes = self.track.nodes.values()
        shared = [n for n in nodes if isinstance(n, Charger) and n.number not in self.homes]
        found = [
            (n.holder not in (0, vehicle.number) or self._is_sought(n.number), d, n.number)
            for n in shared
            if (d := self._distance(vehicle, n.number)) >= 0
        ]
        return min(found)[2] if found else 0

    def _is_sought(self, node: int) -> bool:
        return any(v.s.target == node for v in self.vehicles.values())

    # ---- ways -------------------------------------------------------------------------------------------------

    def _grant_ways(self) -> None:
        """In order of waiting. What an older one still needs is kept from the younger ones."""
        waiting = sorted((v for v in self.vehicles.values() if self._waits(v)), key=lambda v: (v.s.since_ns, v.number))
        kept: set[int] = set()
        for vehicle in waiting:
            if not self._waits(vehicle):  # it was told to do something else meanwhile
                continue
            if not self._grant(vehicle, kept):
                kept |= self._wish(vehicle)
                self._make_room(vehicle)

    @staticmethod
    def _waits(vehicle: Vehicle) -> bool:
        return vehicle.s.phase is Phase.WAITING and not vehicle.s.flat

    def _grant(self, vehicle: Vehicle, kept: set[int]) -> bool:
        start, goal = vehicle.node.number, vehicle.s.target
        nodes = self.track.nodes.values()
        others = {n.number for n in nodes if n.holder not in (0, vehicle.number)}
        blocked = {n.number for n in nodes if n.s.blocked}
        shortest = self.track.route(start, goal, blocked, self.places)
        route = self.track.route(start, goal, (others | blocked | kept) - {start}, self.places)
        most = self.track.length(shortest) * self.p["detour"] // MILLION if shortest else 0
        if not route or self.track.length(route) > most:
            return False
        for number in route:
            self.track.nodes[number].hold(vehicle.number)
        self.cycle()
        vehicle.depart(route)
        return True

    def _standing_at(self, node: int) -> Vehicle | None:
        holder = self.vehicles.get(self.track.nodes[node].holder)
        return holder if holder is not None and holder.stands else None

    def _wish(self, vehicle: Vehicle) -> set[int]:
        """The nodes that it waits for, unless it waits for somebody who stands on its target."""
        if self._standing_at(vehicle.s.target) is not None:
            return set()
        blocked = {n.number for n in self.track.nodes.values() if n.s.blocked}
        route = self.track.route(vehicle.node.number, vehicle.s.target, blocked, self.places)
        return set(route[1:])

    def _make_room(self, vehicle: Vehicle) -> None:
        """Who stands on the target and has nothing to do there goes home; one of a circle makes way."""
        other = self._standing_at(vehicle.s.target)
        if other is None or other.s.flat or other.node is other.home:
            return
        if other.s.phase is Phase.IDLE:
            other.go_to(other.home.number)
        elif other.s.phase is Phase.WAITING and not other.s.yields and self._in_circle(other):
            other.make_way(other.home.number)

    def _in_circle(self, vehicle: Vehicle) -> bool:
        """Whether whoever stands in its way waits, over others or not, for the place where it stands."""
        at: Vehicle | None = vehicle
        for _ in self.vehicles:
            at = self._standing_at(at.s.target) if at is not None and at.s.phase is Phase.WAITING else None
            if at is vehicle:
                return True
        return False
