"""How a vehicle goes where it wants to: waits for a way, drives the granted route, stops before obstacles, arrives.

Knows no order and no part.
"""

from itertools import pairwise
from math import atan2, degrees

from sim.component import MM
from sim.components.agv.motion import clear_until
from sim.components.agv.powered import Powered
from sim.components.agv.vehicle_kind import Phase
from sim.tag import Value
from sim.travel import NEVER

Event = tuple[str, str | int, object]


class Driving(Powered):
    """What drives along the track. Subclasses say what it does where it arrives."""

    # ---- what subclasses say ----------------------------------------------------------------------------

    def enter(self, phase: Phase) -> None:
        """It does something else from now on."""
        raise NotImplementedError

    def arrived(self) -> None:
        """It is where it wanted to be."""
        raise NotImplementedError

    def next_stop(self) -> None:
        """On to where it has something to do."""
        raise NotImplementedError

    def undock(self) -> None:
        """It is about to leave its node."""
        raise NotImplementedError

    def say(self) -> None:
        """Set its status tags."""
        raise NotImplementedError

    # ---- going somewhere --------------------------------------------------------------------------------------

    def go_to(self, node: int) -> None:
        """Want to be at a node: there already, or wait until the fleet grants a way."""
        self.s.target = node
        if node == self.node.number:
            self.arrived()
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
        self.undock()
        drive.route, drive.legs = route, [track.lengths[leg] for leg in pairwise(route)]
        self.s.battery.settle(self.now, drive.x(self.now), 0)
        drive.plan[0].x = 0
        drive.plan[0].start_ns = self.now
        del drive.plan[1:]
        self.enter(Phase.DRIVING)

    def plan_drive(self) -> None:
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
        self.watch_level()
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
            self.arrived()

    # ---- what is seen -----------------------------------------------------------------------------------------

    def _speed(self) -> Value:
        speed: float = abs(self.s.drive.segment(self.now).v_at(self.now)) / MM
        return round(speed, 0)

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
