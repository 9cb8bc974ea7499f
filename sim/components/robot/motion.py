"""Where the joints of a robot are, how long its move is, how fast it may go: see `robot.py` for the law of the move."""

from collections.abc import Iterable
from functools import partial

from sim.component import MILLION
from sim.components.grip import VacuumCup
from sim.components.linear_axis import G, Segment
from sim.components.robot.arm import AXES, DEG
from sim.components.robot.program import points_of
from sim.components.robot.state import UNIT, RobotState
from sim.components.spot import Spot
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.tag import Value


class Jointed(VacuumCup):
    """An arm with a tool at a pose, at a point or on its way to one. Knows no programs and no PLC."""

    STATE = RobotState

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.points = points_of(definition)
        self.home = next(iter(self.points))
        s = self.s
        s.start = list(self.points[self.home].joints)
        s.goal, s.point, s.plan = list(s.start), self.home, [Segment(0, 0)]

    def connect(self) -> None:
        super().connect()
        for axis in range(AXES):
            if f"j{axis + 1}" in self.tags:
                self.image.compute(self.tags[f"j{axis + 1}"], partial(self._degrees, axis))

    # ---- where it is ------------------------------------------------------------------------------------------

    def _segment(self) -> Segment:
        plan: list[Segment] = self.s.plan
        return next(s for s in reversed(plan) if s.start_ns <= self.now or s is plan[0])

    def _covered(self) -> int:
        """How much of the move is done, of its total."""
        return int(min(max(self._segment().x_at(self.now), 0), self.s.total))

    def _pose_at(self, covered: int) -> list[int]:
        s = self.s
        if not s.total:
            return list(s.goal)
        return [a + (2 * (b - a) * covered + s.total) // (2 * s.total) for a, b in zip(s.start, s.goal, strict=True)]

    def pose(self) -> list[int]:
        """The angles of its joints now, in µ°."""
        return self._pose_at(self._covered())

    def _degrees(self, axis: int) -> Value:
        return round(self.pose()[axis] / DEG, 1)

    def spot(self) -> Spot | None:
        """The spot that its tool is at, None between points and at points without one."""
        s = self.s
        name = "" if s.total or not s.point else self.points[s.point].spot
        return next((spot for spot in self.spots if spot.name == name), None)

    def _length(self, axes: range = range(AXES)) -> int:
        """The largest L/v of these joints for the present move."""
        s = self.s
        ways = (abs(s.goal[k] - s.start[k]) * UNIT // self.p[f"speed_{k + 1}"] for k in axes)
        return int(max(ways))

    @property
    def _moves(self) -> bool:
        return len(self.s.plan) > 1

    def _speed(self) -> int:
        """Of the move's length per second."""
        share = round(float(self.see("override", 100.0)) * 10_000)
        return int(UNIT * share * self.s.pace // MILLION**2)

    # ---- for the eyes of people -------------------------------------------------------------------------------

    def _said(self, joints: Iterable[int]) -> list[tuple[str, str | int, object]]:
        """Joints as straight lines to the end of the segment, in degrees."""
        plan, here = self.s.plan, self.pose()
        end = self._pose_at(plan[1].x) if len(plan) > 1 else here
        span = max(1, plan[1].start_ns - self.now) if len(plan) > 1 else 1
        return [
            ("move", f"{self.name}.j{k + 1}", [here[k] / DEG, (end[k] - here[k]) * G / DEG / span, end[k] / DEG])
            for k in joints
        ]

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [*self._said(range(AXES)), *super().announce()]
