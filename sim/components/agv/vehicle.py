"""An automated guided vehicle: does its orders one after the other, docks, waits for parts, and goes home or to charge.

Pause and e-stop brake it on its ramp; released it goes on with what is left. It loses no part: what lies in a bay lies
there until an arm or a hand takes it. Its battery is `powered.py`, its driving `driving.py`.
"""

from sim.component import MILLION
from sim.components.agv.battery import FULL, Battery
from sim.components.agv.driving import Driving, Event
from sim.components.agv.track import Charger, Dock, Node
from sim.components.agv.transport import CARRIED, Stage, TransportOrder
from sim.components.agv.vehicle_kind import KIND, STANDING, TIMED, Phase
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.travel import NEVER, Travel


class Vehicle(Driving):
    """States: 1 idle, 2 waits for a free way, 3 drives, 4 docks, 5 waits for a part, 6 waits until a part is taken,
    7 gets ready to leave, 8 charges, 9 an obstacle is in the way, 10 docking failed, 11 battery flat, 12 paused.
    """

    KIND = KIND

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.number = self.p["number"]
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

    @property
    def stands(self) -> bool:
        """It stands at a node and has no way granted."""
        return self.s.phase in STANDING

    def plan_on(self) -> None:
        """Power, a pause, an obstacle, the battery or a parameter: plan on from here."""
        self.settle()
        if self.s.phase is Phase.DRIVING:
            self.plan_drive()
        elif self.s.phase in TIMED:
            self._plan_work()
        self.watch_level()
        self.say()

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

    def arrived(self) -> None:
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

    def undock(self) -> None:
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

    def announce(self) -> list[Event]:
        bays: list[Event] = [
            ("part", serial, ["in", self.name, str(bay)]) for bay, serial in enumerate(self.s.bays) if serial
        ]
        return [*self._moves(), *bays]
