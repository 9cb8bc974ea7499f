"""The one function of time: belt, stroke, work, ramp. Exact integers that saturate at a goal."""

from dataclasses import dataclass

NEVER = -1  # no due time
FAR = 1 << 62  # a goal that is never reached


@dataclass(slots=True)
class Travel:
    """A movement since `start_ns`: position = from + rate x time, until it reaches `goal` and stays there.

    The unit of the position is the rate's unit times nanoseconds: µm/s x ns = fm, ppm x ns for strokes and work.
    So the position is exact at every nanosecond, and a crossing is computed, never sampled.
    """

    start_ns: int = 0
    origin: int = 0
    rate: int = 0
    goal: int = 0

    def at(self, now_ns: int) -> int:
        """The position at `now_ns`, exact."""
        position = self.origin + self.rate * (now_ns - self.start_ns)
        if self.rate > 0:
            return min(position, self.goal)
        if self.rate < 0:
            return max(position, self.goal)
        return position

    def go(self, now_ns: int, rate: int, goal: int) -> None:
        """Move on from where it is now, at another rate or to another goal."""
        self.origin, self.start_ns, self.rate, self.goal = self.at(now_ns), now_ns, rate, goal

    def due_ns(self) -> int:
        """When the goal is reached, rounded up to the nanosecond; NEVER while it stands or has no goal."""
        if not self.rate or abs(self.goal) >= FAR:
            return NEVER
        return self.start_ns - (self.origin - self.goal) // self.rate  # ceil of the remaining time
