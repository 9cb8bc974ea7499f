"""How a vehicle drives along a route of nodes: ramps, the nodes passed on the way, places before obstacles. Data only.

Positions count in fm from the node that was passed last, so that numbers stay small on long tracks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from sim.components.agv.battery import first
from sim.components.linear_axis import Segment, halt, move

G = 10**9  # fm/s in a µm/s


@dataclass(slots=True)
class Drive:
    """The route from the node passed last to the goal, and the plan of the motion on it; its last segment stands."""

    route: list[int] = field(default_factory=list)
    legs: list[int] = field(default_factory=list)  # fm, one less than nodes
    plan: list[Segment] = field(default_factory=lambda: [Segment(0, 0)])

    def segment(self, now_ns: int) -> Segment:
        return next(s for s in reversed(self.plan) if s.start_ns <= now_ns or s is self.plan[0])

    def x(self, now_ns: int) -> int:
        return self.segment(now_ns).x_at(now_ns)

    @property
    def marks(self) -> list[int]:
        """Where the nodes of the route are, the first at nought."""
        return list(accumulate(self.legs, initial=0))

    @property
    def stands(self) -> bool:
        """The plan has come to its end. Past segments have been dropped."""
        return len(self.plan) == 1

    def drop_past(self, now_ns: int) -> None:
        while len(self.plan) > 1 and self.plan[1].start_ns <= now_ns:
            self.plan.pop(0)

    def aim(self, now_ns: int, goal: int, speed: int, ramps: tuple[int, int]) -> None:
        """Plan on from here to a stand at the goal; speed in µm/s, ramps up and down in µm/s²."""
        here = self.segment(now_ns)
        start = Segment(now_ns, here.x_at(now_ns), here.v_at(now_ns))
        if start.v or (speed and goal != start.x):
            self.plan = move(start, goal, speed * G, *ramps)
        else:
            self.plan = [Segment(now_ns, start.x)]

    def brake(self, now_ns: int, ramp: int) -> None:
        """Come to a stand as soon as it can."""
        here = self.segment(now_ns)
        self.plan = halt(Segment(now_ns, here.x_at(now_ns), here.v_at(now_ns)), ramp)

    def stops_within(self, now_ns: int, ramp: int) -> int:
        """Where it stands if it brakes now."""
        here = self.segment(now_ns)
        return halt(Segment(now_ns, here.x_at(now_ns), here.v_at(now_ns)), ramp)[-1].x

    def passes_ns(self, now_ns: int) -> int:
        """When it passes the next node of the route, -1 if its plan ends before or this is the last one."""
        if len(self.legs) < 2 or self.plan[-1].x < self.legs[0]:
            return -1
        return first(now_ns, max(now_ns, self.plan[-1].start_ns), lambda t: self.x(t) >= self.legs[0])

    def pass_node(self) -> tuple[int, int]:
        """The next node is here: count on from it. The node left behind, and how long the leg was."""
        leg = self.legs.pop(0)
        for segment in self.plan:
            segment.x -= leg
        return self.route.pop(0), leg


def clear_until(marks: Sequence[int], route: Sequence[int], blocked: set[int], margin: int) -> int:
    """How far a vehicle on a route may go before the first obstacle: to a place short of it, never back of its node."""
    for before, (mark, node) in zip(marks, list(zip(marks, route, strict=True))[1:], strict=False):
        if node in blocked:
            return max(before, mark - margin)
    return marks[-1]
