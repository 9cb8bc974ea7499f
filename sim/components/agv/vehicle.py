"""An automated guided vehicle: drives the route that the fleet grants, docks, waits for parts, charges.

Pause and e-stop brake it on its ramp; released it goes on with what is left. It loses no part: what lies in a bay lies
there until an arm or a hand takes it.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from math import atan2, degrees
from typing import Protocol

from sim.component import MILLION, MM, Change, Component
from sim.components.agv.battery import FULL, Battery, first
from sim.components.agv.motion import Drive, clear_until
from sim.components.agv.track import Charger, Dock, Node, Track
from sim.components.agv.transport import CARRIED, Stage, TransportOrder
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import NEVER, Travel

Event = tuple[str, str | int, object]


class Phase(IntEnum):
    """What a vehicle does. The tag `state` says FLAT, ERROR, BLOCKED or PAUSED instead where that keeps it from it."""

    IDLE = 1
    WAITING = 2
    DRIVING = 3
    DOCKING = 4
    LOADING = 5
    UNLOADING = 6
    LEAVING = 7
    CHARGING = 8
    BLOCKED = 9
    ERROR = 10
    FLAT = 11
    PAUSED = 12


STANDING = (Phase.IDLE, Phase.WAITING, Phase.CHARGING, Phase.LOADING, Phase.UNLOADING, Phase.DOCKING, Phase.LEAVING)
TIMED = (Phase.DOCKING, Phase.LEAVING)


class Control(Protocol):
    """The fleet, as a vehicle sees it."""

    track: Track

    @property
    def runs(self) -> bool: ...

    def stir(self) -> None: ...


@dataclass(slots=True)
class VehicleState:
    """Where it is and goes, what it has to do and what lies in its bays (0: nothing)."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    phase: Phase = Phase.IDLE
    since_ns: int = 0  # of the phase
    drive: Drive = field(default_factory=Drive)
    target: int = 0  # node that it wants to go to, 0: none
    yields: bool = False  # it goes out of the way first
    jobs: list[str] = field(default_factory=list)  # its transport orders, by name
    bays: list[int] = field(default_factory=list)
    work: Travel = field(default_factory=Travel)  # of docking and leaving, in ns of its time
    work_ns: int = 1
    battery: Battery = field(default_factory=Battery)
    flat: bool = False
    called_ns: int = 0  # when somebody set off with a full battery
    dirty: bool = False  # the marker at its docks cannot be read: docking fails
    failed: bool = False  # the last docking did


class Vehicle(Component):
    """States: 1 idle, 2 waits for a free way, 3 drives, 4 docks, 5 waits for a part, 6 waits until a part is taken,
    7 gets ready to leave, 8 charges, 9 an obstacle is in the way, 10 docking failed, 11 battery flat, 12 paused.
    """

    KIND = Kind(
        "agv",
        Text("AGV 小车", "AGV"),
        Text("沿路网运送工件的小车", "Carries parts along the track, docks at modules, charges its battery"),
        parameters=(
            Parameter("number", "count", Text("车号", "Its number in the fleet"), low=1, high=99, fixed=True),
            Parameter("bays", "count", Text("载位数", "Bays for parts"), "3", low=1, high=8, fixed=True),
            Parameter("at_once", "count", Text("一次接受的任务数", "Orders that it takes at once, from one dock"), "1",
                      low=1, high=8),
            Parameter("speed", "speed", Text("速度", "Speed"), "500 mm/s", low=1000, high=5 * MILLION),
            Parameter("acceleration", "acceleration", Text("加速度", "Acceleration"), "500 mm/s²", low=1000),
            Parameter("deceleration", "acceleration", Text("减速度", "Deceleration"), "800 mm/s²", low=1000),
            Parameter("margin", "length", Text("与障碍物的距离", "Keeps so far from an obstacle"), "200 mm"),
            Parameter("dock_time", "time", Text("对接时间", "Time to dock"), "2 s", low=1000),
            Parameter("leave_time", "time", Text("离开前等待", "Waits before it leaves a dock"), "1 s", low=1000),
            Parameter("dock_failure", "ratio", Text("对接失败率", "Chance that docking fails"), "0", high=MILLION),
            Parameter("charge", "ratio", Text("初始电量", "Charge at first"), "1", high=MILLION, fixed=True),
            Parameter("endurance", "time", Text("静置续航", "Standing, a full battery lasts"), "4 h", low=10**9),
            Parameter("per_metre", "ratio", Text("每米耗电", "Share of a full battery that a metre costs"), "0.125 %",
                      high=MILLION),
            Parameter("charge_time", "time", Text("充满时间", "Time from empty to full"), "20 min", low=10**9),
            Parameter("low", "ratio", Text("低电量", "Goes to charge below"), "0.25", high=MILLION),
            Parameter("enough", "ratio", Text("可接任务电量", "Takes orders again from"), "0.5", high=MILLION),
            Parameter("rescue", "time", Text("换电池时间", "Somebody swaps a flat battery after"), "5 min"),
        ),
        ports=(
            Port("state", DataType.UINT, Direction.STATUS, Text("状态", "state"), low=0, high=99, initial=1),
            Port("node", DataType.UINT, Direction.STATUS, Text("所在节点", "node passed last"), low=0, high=999),
            Port("target", DataType.UINT, Direction.STATUS, Text("目标节点", "node that it goes to"), low=0, high=999),
            Port("from", DataType.UINT, Direction.STATUS, Text("取件对接位", "its order: from dock"), low=0, high=999),
            Port("to", DataType.UINT, Direction.STATUS, Text("送达对接位", "its order: to dock"), low=0, high=999),
            Port("loads", DataType.UINT, Direction.STATUS, Text("载件数", "parts in its bays"), "pcs", 0, 8),
            Port("battery", DataType.REAL, Direction.STATUS, Text("电量", "battery"), "%", 0, 100, 1, 100.0,
                 computed=True),
            Port("error", DataType.UINT, Direction.STATUS, Text("故障代码", "error: 1 docking, 2 flat"), low=0, high=9,
                 optional=True),
            Port("speed_actual", DataType.REAL, Direction.STATUS, Text("实际速度", "actual speed"), "mm/s", 0, 5000, 0,
                 optional=True, computed=True),
        ),
        joins=(
            Join("fleet", ("agv_fleet",), Text("所属车队", "Its fleet")),
            Join("home", ("track_node", "agv_charger"), Text("待命位 (专用)", "Its home, no other vehicle's")),
        ),
        disturbances=(
            Disturbance("misdock", Text("对接标记脏污", "The marker at its docks cannot be read"), clears="realign"),
            Disturbance("drain", Text("电池耗尽", "Its battery is flat"), clears="swap_battery"),
        ),
        states=states(*((p.name.lower(), zh, en) for p, zh, en in (
            (Phase.IDLE, "空闲", "idle"), (Phase.WAITING, "等待通行", "waits for a free way"),
            (Phase.DRIVING, "行驶", "drives"), (Phase.DOCKING, "对接", "docks"),
            (Phase.LOADING, "等待上件", "waits for a part"), (Phase.UNLOADING, "等待取件", "waits until it is taken"),
            (Phase.LEAVING, "准备离开", "gets ready to leave"), (Phase.CHARGING, "充电", "charges"),
            (Phase.BLOCKED, "路上有障碍", "an obstacle is in the way"), (Phase.ERROR, "对接失败", "docking failed"),
            (Phase.FLAT, "电池耗尽", "battery flat"), (Phase.PAUSED, "暂停", "paused")))),
        cycle=Text("送达一个工件", "one part brought"),
    )  # fmt: skip
    STATE = VehicleState
    SLOTS = ("proceed", "finish", "level", "rescue")
    PROCEED, FINISH, LEVEL, RESCUE = range(4)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.number = self.p["number"]
        self.fleet: Control  # set by the fleet, which finds its vehicles
        self.s.bays = [0] * self.p["bays"]
        self.s.work_ns = self.p["dock_time"]

    def connect(self) -> None:
        self.home = next(n for n in self.joined("home") if isinstance(n, Node))
        self.image.compute(self.tags["battery"], self._percent)
        if "speed_actual" in self.tags:
            self.image.compute(self.tags["speed_actual"], self._speed)

    def born(self) -> None:
        self.s.drive.route = [self.home.number]
        self.home.hold(self.number)
        self.s.battery = Battery(0, FULL * self.p["charge"] // MILLION, 0, self.p["endurance"], self.p["per_metre"])
        self.idle()
        self.say_motion()

    def restored(self) -> None:
        super().restored()
        self._meet_dock()

    # ---- where it is ------------------------------------------------------------------------------------------

    @property
    def node(self) -> Node:
        """The node that it passed last, or stands at."""
        return self.fleet.track.nodes[self.s.drive.route[0]]

    @property
    def stands(self) -> bool:
        """It stands at a node and has no way granted."""
        return self.s.phase in STANDING

    @property
    def able(self) -> bool:
        """Nothing keeps it from doing what it does."""
        return self.powered and self.fleet.runs and not self.s.flat

    def charge(self) -> int:
        """Of its battery, a share of FULL."""
        return int(self.s.battery.at(self.now, self.s.drive.x(self.now)))

    def _percent(self) -> Value:
        return round(self.charge() * 100 / FULL, 1)

    def _speed(self) -> Value:
        speed: float = abs(self.s.drive.segment(self.now).v_at(self.now)) / MM
        return round(speed, 0)

    # ---- orders -----------------------------------------------------------------------------------------------

    def orders(self) -> list[TransportOrder]:
        """What it has to do, oldest first."""
        found = (self.plant.components[name] for name in self.s.jobs)
        return [order for order in found if isinstance(order, TransportOrder)]

    def accept(self, orders: list[TransportOrder]) -> None:
        """The fleet gives it these orders; it has none."""
        self.s.jobs = [order.name for order in orders]
        for order in orders:
            order.become(Stage.FETCHING, self.number)
        self.next_stop()

    def forget(self, order: TransportOrder) -> None:
        """An order has ended, one way or the other."""
        if order.name in self.s.jobs:
            self.s.jobs.remove(order.name)
        if self.s.phase in (Phase.LOADING, Phase.UNLOADING):
            self._serve()
        elif not self.s.jobs and self.s.phase is Phase.WAITING:
            self.idle()
        self.say()

    def next_stop(self) -> None:
        """On to where its orders want it: first fetch, then bring."""
        orders = self.orders()
        fetch = next((o.s.source for o in orders if o.s.stage not in CARRIED), 0)
        target = fetch or next((o.s.target for o in orders), 0)
        if target:
            self.go_to(target)
        else:
            self.idle()

    # ---- going somewhere --------------------------------------------------------------------------------------

    def go_to(self, node: int) -> None:
        """Want to be at a node: there already, or wait until the fleet grants a way."""
        self.s.target = node
        if node == self.node.number:
            self._arrived()
        else:
            self.enter(Phase.WAITING)
            self.fleet.stir()

    def make_way(self, node: int) -> None:
        """Go out of the way first; on to its own target from there."""
        self.s.yields = True
        self.go_to(node)

    def depart(self, route: list[int]) -> None:
        """The way is granted: all its nodes are held."""
        track, drive = self.fleet.track, self.s.drive
        self._undock()
        drive.route, drive.legs = route, [track.lengths[leg] for leg in pairwise(route)]
        self.s.battery.settle(self.now, drive.x(self.now), 0)
        drive.plan[0].x = 0
        drive.plan[0].start_ns = self.now
        del drive.plan[1:]
        self.enter(Phase.DRIVING)

    def replan(self) -> None:
        """A parameter has changed: whoever is to come is due anew, and the fleet may decide otherwise."""
        self.plan_on()
        if self.s.due[self.RESCUE] != NEVER:
            self.wake(self.RESCUE, max(self.now, self.s.called_ns + self.p["rescue"]))
        self.fleet.stir()

    def plan_on(self) -> None:
        """Power, a pause, an obstacle, the battery or a parameter: plan on from here."""
        self._settle()
        if self.s.phase is Phase.DRIVING:
            self._plan_drive()
        elif self.s.phase in TIMED:
            self._plan_work()
        self._watch_level()
        self.say()

    def _settle(self) -> None:
        """What the battery has given until now counts with the parameters of until now."""
        battery, x, p = self.s.battery, self.s.drive.x(self.now), self.p
        battery.settle(self.now, x, x)
        battery.endurance_ns, battery.per_metre = p["endurance"], p["per_metre"]
        plugged = isinstance(self.node, Charger) and self.s.phase in (Phase.CHARGING, Phase.IDLE)
        battery.charge_ns = p["charge_time"] if plugged else 0

    def _plan_drive(self) -> None:
        drive, now, p = self.s.drive, self.now, self.p
        blocked = {n for n in drive.route if self.fleet.track.nodes[n].s.blocked}
        goal = clear_until(drive.marks, drive.route, blocked, p["margin"])
        ramps = p["acceleration"], p["deceleration"]
        behind = goal < drive.marks[-1] and drive.stops_within(now, ramps[1]) > goal  # never back from an obstacle
        if self.able and not behind:
            drive.aim(now, goal, p["speed"], ramps)
        else:
            drive.brake(now, ramps[1])
        self.proceed()

    def proceed(self) -> None:
        """A segment of the drive begins, a node is passed, or the goal is reached."""
        s, now, drive = self.s, self.now, self.s.drive
        if s.phase is not Phase.DRIVING:
            return
        while len(drive.legs) > 1 and drive.x(now) >= drive.legs[0]:
            s.battery.settle(now, drive.x(now), drive.x(now) - drive.legs[0])
            left, _ = drive.pass_node()
            self.fleet.track.nodes[left].release(self.number)
        drive.drop_past(now)
        if drive.stands and drive.plan[0].x == drive.marks[-1]:
            self._at_goal()
            return
        nexts = [t for t in (drive.passes_ns(now), NEVER if drive.stands else drive.plan[1].start_ns) if t != NEVER]
        self.wake(self.PROCEED, min(nexts, default=NEVER))
        self._watch_level()
        self.say_motion()
        self.say()

    def _at_goal(self) -> None:
        """It stands at the end of its route and holds that node alone."""
        drive = self.s.drive
        self.s.battery.settle(self.now, drive.x(self.now), 0)
        for left in drive.route[:-1]:
            self.fleet.track.nodes[left].release(self.number)
        drive.route, drive.legs = drive.route[-1:], []
        drive.plan[0].x = 0
        self.wake(self.PROCEED, NEVER)
        self.say_motion()
        if self.s.yields:
            self.s.yields = False
            self.next_stop()
        else:
            self._arrived()

    def _arrived(self) -> None:
        """It is where it wanted to be: dock if there is something to do here."""
        here = self.node.number
        if any(here == (o.s.target if o.s.stage in CARRIED else o.s.source) for o in self.orders()):
            self._begin_work(Phase.DOCKING, self.p["dock_time"])
        elif self.s.jobs:
            self.next_stop()
        else:
            self.idle()

    def idle(self) -> None:
        """Nothing to do: charge where that can be done."""
        self.s.target = 0
        at_charger = isinstance(self.node, Charger)
        self.enter(Phase.CHARGING if at_charger and self.charge() < FULL else Phase.IDLE)
        self.fleet.stir()

    # ---- docking, loading, leaving ----------------------------------------------------------------------------

    def _begin_work(self, phase: Phase, time: int) -> None:
        self.s.work, self.s.work_ns, self.s.failed = Travel(self.now), time, False
        self.enter(phase)

    def _plan_work(self) -> None:
        s = self.s
        time = self.p["dock_time" if s.phase is Phase.DOCKING else "leave_time"]
        at = min(time, s.work.at(self.now) * time // s.work_ns)
        s.work_ns, rate = time, int(self.able and not s.failed)
        s.work = Travel(self.now, at, rate, time if rate else at)
        self.wake(self.FINISH, s.work.due_ns())
        if rate and at == time:
            self.wake(self.FINISH, self.now)

    def finish(self) -> None:
        """Docked, or ready to leave."""
        s = self.s
        if s.phase is Phase.DOCKING:
            chance = self.p["dock_failure"]
            if s.dirty or (chance and self.plant.stream(f"{self.name}.dock").uniform() * MILLION < chance):
                s.failed = True
                s.work = Travel(self.now)
                self.plan_on()
                return
            self._serve()
        elif s.phase is Phase.LEAVING:
            self.next_stop()

    def _serve(self) -> None:
        """At the dock: first what comes off, then what comes on; then leave."""
        here, orders = self.node.number, self.orders()
        off = [o for o in orders if o.s.stage in CARRIED and o.s.target == here]
        on = [o for o in orders if o.s.stage not in CARRIED and o.s.source == here]
        if off or on:
            for order in off or on:
                order.become(Stage.UNLOADING if off else Stage.LOADING, self.number)
            self.enter(Phase.UNLOADING if off else Phase.LOADING)
        else:
            self._begin_work(Phase.LEAVING, self.p["leave_time"])

    def _meet_dock(self) -> None:
        """The dock sees it while it stands in contact."""
        dock = self.node
        if isinstance(dock, Dock):
            dock.docked = self if self.s.phase in (Phase.LOADING, Phase.UNLOADING, Phase.LEAVING) else None

    def _undock(self) -> None:
        dock = self.node
        if isinstance(dock, Dock):
            dock.docked = None
            dock.look()

    def retry(self) -> None:
        """Try to dock once more."""
        if self.s.failed:
            self._begin_work(Phase.DOCKING, self.p["dock_time"])

    def misdock(self) -> None:
        """From now on it does not find its docks."""
        self.s.dirty = True

    def realign(self) -> None:
        """The marker is clean: what failed is tried again."""
        self.s.dirty = False
        self.retry()

    # ---- parts ------------------------------------------------------------------------------------------------

    def offered(self, dock: int) -> int:
        if self.s.phase is not Phase.UNLOADING:
            return 0
        return next((o.s.serial for o in self.orders() if o.s.stage is Stage.UNLOADING and o.s.target == dock), 0)

    def _awaited(self, dock: int) -> TransportOrder | None:
        if self.s.phase is not Phase.LOADING or 0 not in self.s.bays:
            return None
        return next((o for o in self.orders() if o.s.stage is Stage.LOADING and o.s.source == dock), None)

    def wants(self, dock: int) -> bool:
        return self._awaited(dock) is not None

    def load(self, serial: int, dock: int) -> None:
        """A part is laid into the first free bay."""
        order = self._awaited(dock)
        if order is None:
            raise ValueError(f"{self.name} waits for no part from dock {dock}")
        bay = self.s.bays.index(0)
        self.s.bays[bay] = order.s.serial = serial
        self.plant.emit("part", serial, ["in", self.name, str(bay)])
        self.plant.log(serial, self.name)
        order.become(Stage.BRINGING, self.number)
        self._serve()
        self.say()

    def unload(self, serial: int) -> None:
        """An arm has lifted a part: that order is done."""
        self.s.bays[self.s.bays.index(serial)] = 0
        self.cycle()
        self._end(serial, Stage.DONE)

    def take(self, serial: int) -> bool:
        """A hand takes a part out of a bay: its order has failed. False when it is not here."""
        if not serial or serial not in self.s.bays:
            return False
        self.s.bays[self.s.bays.index(serial)] = 0
        self._end(serial, Stage.FAILED)
        return True

    def _end(self, serial: int, stage: Stage) -> None:
        for order in self.orders():
            if order.s.serial == serial:
                order.become(stage, self.number)
                self.forget(order)

    def holds(self) -> list[int]:
        """The parts in its bays."""
        return [serial for serial in self.s.bays if serial]

    # ---- battery ----------------------------------------------------------------------------------------------

    def _watch_level(self) -> None:
        """When the level reaches something that matters: full, enough for an order, low, or nothing."""
        s, now = self.s, self.now
        if s.flat:
            self.wake(self.LEVEL, NEVER)
            return
        level = self._level_at
        low = FULL * self.p["low"] // MILLION
        enough = FULL * self.p["enough"] // MILLION
        if s.phase is Phase.CHARGING:
            goal = enough + 1 if self.charge() <= enough < FULL else FULL
            due = first(now, now + s.battery.charge_ns + 1, lambda t: level(t) >= goal)
        elif s.battery.charge_ns:
            due = NEVER
        elif s.phase is Phase.IDLE and self.charge() > low:
            due = first(now, now + s.battery.endurance_ns + 1, lambda t: level(t) <= low)
        else:
            due = first(now, now + s.battery.endurance_ns + 1, lambda t: level(t) <= 0)
        self.wake(self.LEVEL, due)

    def _level_at(self, now: int) -> int:
        return int(self.s.battery.at(now, self.s.drive.x(now)))

    def level(self) -> None:
        """Full, enough, low, or empty."""
        s = self.s
        if self.charge() <= 0:
            s.flat = True
            self.call_operator()
            self.plan_on()
        elif s.phase is Phase.CHARGING and self.charge() >= FULL:
            self.idle()
        else:
            self._watch_level()
            self.fleet.stir()

    def call_operator(self) -> None:
        """Somebody with a full battery is on his way, if there is somebody."""
        comes = self.s.flat and self.plant.operator_on
        if not comes:
            self.wake(self.RESCUE, NEVER)
        elif self.s.due[self.RESCUE] == NEVER:
            self.s.called_ns = self.now
            self.wake(self.RESCUE, self.now + self.p["rescue"])

    def rescue(self) -> None:
        self.swap_battery()

    def drain(self) -> None:
        """The battery is flat at once."""
        self._settle()
        self.s.battery.level = 0
        self.level()

    def swap_battery(self) -> None:
        """A full battery: it goes on with what it did."""
        self._settle()
        self.s.battery.level, self.s.flat = FULL, False
        self.wake(self.RESCUE, NEVER)
        self.plan_on()
        self.fleet.stir()

    # ---- what is seen -----------------------------------------------------------------------------------------

    def enter(self, phase: Phase) -> None:
        """It does something else from now on."""
        if phase is not self.s.phase:
            self.s.since_ns = self.now
        self.s.phase = phase
        if phase not in TIMED:
            self.wake(self.FINISH, NEVER)
        self.plan_on()
        self._meet_dock()
        if isinstance(self.node, Dock):
            self.node.look()

    def shown(self) -> Phase:
        """What the tag `state` says."""
        s, drive = self.s, self.s.drive
        if s.flat:
            return Phase.FLAT
        if s.failed and s.phase is Phase.DOCKING:
            return Phase.ERROR
        if not self.able and s.phase in (Phase.DRIVING, *TIMED):
            return Phase.PAUSED
        if s.phase is Phase.DRIVING and drive.stands and drive.x(self.now) != drive.marks[-1]:
            return Phase.BLOCKED
        return Phase(s.phase)

    def say(self) -> None:
        """Set its status tags."""
        shown, orders = self.shown(), self.orders()
        self.be(shown - 1)
        self.set("node", self.node.number)
        self.set("target", self.s.target)
        self.set("from", orders[0].s.source if orders else 0)
        self.set("to", orders[0].s.target if orders else 0)
        self.set("loads", len(self.holds()))
        self.set("error", {Phase.ERROR: 1, Phase.FLAT: 2}.get(shown, 0))
        self.set("state", int(shown))

    def _moves(self) -> list[Event]:
        """Where it is on the floor and how it goes on to the end of this segment or leg: straight lines in mm."""
        drive, now, nodes = self.s.drive, self.now, self.fleet.track.nodes
        a = nodes[drive.route[0]].at_um
        b = nodes[drive.route[1]].at_um if drive.legs else a
        leg = drive.legs[0] if drive.legs else 1
        end = now if drive.stands else drive.plan[1].start_ns
        passes = drive.passes_ns(now) if drive.legs else NEVER
        end = end if passes == NEVER else min(end, passes)
        here, there = drive.x(now) / leg, drive.x(end) / leg
        span = max(1, end - now)
        said: list[Event] = []
        for axis, name in enumerate("xy"):
            way = (b[axis] - a[axis]) / 1000
            at, to = a[axis] / 1000 + way * here, a[axis] / 1000 + way * there
            said.append(("move", f"{self.name}.{name}", [at, (to - at) * 1e9 / span if end > now else 0.0, to]))
        if drive.legs:
            heading = degrees(atan2(b[1] - a[1], b[0] - a[0]))
            said.append(("move", f"{self.name}.turn", [heading, 0.0, heading]))
        return said

    def say_motion(self) -> None:
        for event in self._moves():
            self.plant.emit(*event)

    def announce(self) -> list[Event]:
        bays: list[Event] = [
            ("part", serial, ["in", self.name, str(bay)]) for bay, serial in enumerate(self.s.bays) if serial
        ]
        return [*self._moves(), *bays]
