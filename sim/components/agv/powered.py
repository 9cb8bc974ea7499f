"""A vehicle's battery: when it is full, charged enough, low or flat, and who comes with another one.

Knows where the vehicle is, for a way costs charge, but neither where it goes nor what it carries.
"""

from typing import Any, ClassVar, Protocol

from sim.component import MILLION, Component
from sim.components.agv.battery import FULL, first
from sim.components.agv.track import Charger, Node, Track
from sim.components.agv.vehicle_kind import Phase, VehicleState
from sim.tag import Value
from sim.travel import NEVER


class Control(Protocol):
    """The fleet, as a vehicle sees it."""

    track: Track

    @property
    def runs(self) -> bool: ...

    def stir(self) -> None: ...


class Powered(Component):
    """What has a battery and stands or drives on the track. Subclasses say what it does with it."""

    STATE: ClassVar[type[Any]] = VehicleState
    SLOTS: ClassVar[tuple[str, ...]] = ("proceed", "finish", "level", "rescue")
    PROCEED, FINISH, LEVEL, RESCUE = range(4)
    number: int  # in the fleet
    fleet: Control  # set by the fleet, which finds its vehicles

    # ---- what subclasses say ----------------------------------------------------------------------------

    def plan_on(self) -> None:
        """Power, a pause, an obstacle, the battery or a parameter: plan on from here."""
        raise NotImplementedError

    def idle(self) -> None:
        """Nothing to do: charge where that can be done."""
        raise NotImplementedError

    # ---- where it is ------------------------------------------------------------------------------------------

    @property
    def node(self) -> Node:
        """The node that it passed last, or stands at."""
        return self.fleet.track.nodes[self.s.drive.route[0]]

    @property
    def able(self) -> bool:
        """Nothing keeps it from doing what it does."""
        return self.powered and self.fleet.runs and not self.s.flat

    # ---- charge -----------------------------------------------------------------------------------------------

    def charge(self) -> int:
        """Of its battery, a share of FULL."""
        return int(self.s.battery.at(self.now, self.s.drive.x(self.now)))

    def _percent(self) -> Value:
        return round(self.charge() * 100 / FULL, 1)

    def settle(self) -> None:
        """What the battery has given until now counts with the parameters of until now."""
        battery, x, p = self.s.battery, self.s.drive.x(self.now), self.p
        battery.settle(self.now, x, x)
        battery.endurance_ns, battery.per_metre = p["endurance"], p["per_metre"]
        plugged = isinstance(self.node, Charger) and self.s.phase in (Phase.CHARGING, Phase.IDLE)
        battery.charge_ns = p["charge_time"] if plugged else 0

    def watch_level(self) -> None:
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
            self.watch_level()
            self.fleet.stir()

    def replan(self) -> None:
        """A parameter has changed: whoever is to come is due anew, and the fleet may decide otherwise."""
        self.plan_on()
        if self.s.due[self.RESCUE] != NEVER:
            self.wake(self.RESCUE, max(self.now, self.s.called_ns + self.p["rescue"]))
        self.fleet.stir()

    # ---- somebody with a full battery -------------------------------------------------------------------------

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
        self.settle()
        self.s.battery.level = 0
        self.level()

    def renew(self) -> None:
        self.swap_battery()

    def swap_battery(self) -> None:
        """A full battery: it goes on with what it did."""
        self.settle()
        self.s.battery.level, self.s.flat = FULL, False
        self.wake(self.RESCUE, NEVER)
        self.plan_on()
        self.fleet.stir()
