"""A temperature of first order: what stores heat approaches its end as 1 - e^(-t/τ). Exact crossings, no ticks.

The end may itself move evenly, as that of a spindle whose tool wears: after the lag of τ its temperature follows.

Used by robot, motor and machining centre. The exponential is `sim.elementary`'s: the same bits on every machine.
"""

from dataclasses import dataclass

from sim.elementary import exp
from sim.travel import NEVER

NEAR = 1000  # of a unit: a mark so close to the asymptote is not waited for


@dataclass(slots=True)
class Warmth:
    """A value (in µK, ppm, ...) since `start_ns`, on its way to `goal` with a time constant."""

    start_ns: int = 0
    origin: int = 0
    goal: int = 0
    tau_ns: int = 1
    slope: float = 0.0  # of the goal, for each ns since `start_ns`

    def at(self, now_ns: int) -> int:
        since = now_ns - self.start_ns
        lag = self.slope * self.tau_ns
        left: float = (self.origin - self.goal + lag) * exp(-since / self.tau_ns)
        return self.goal + round(left + self.slope * since - lag)

    def go(self, now_ns: int, goal: int, tau_ns: int, slope: float = 0.0) -> None:
        """From where it is now to another end, or at another pace."""
        if slope or self.slope or (goal, tau_ns) != (self.goal, self.tau_ns):
            self.origin, self.start_ns, self.goal, self.tau_ns = self.at(now_ns), now_ns, goal, tau_ns
            self.slope = slope

    def next_at(self, mark: int, now_ns: int) -> int:
        """The first nanosecond at which it will be at the mark or beyond, NEVER where it does not get there.

        For a goal that does not move.
        """
        at = self.at(now_ns)
        if not (at < mark <= self.goal - NEAR or self.goal + NEAR <= mark < at):
            return NEVER
        rises, early, late = self.goal > mark, now_ns, now_ns + self.tau_ns
        while (self.at(late) < mark) if rises else (self.at(late) > mark):
            early, late = late, late + self.tau_ns
        while late - early > 1:
            middle = (early + late) // 2
            before = (self.at(middle) < mark) if rises else (self.at(middle) > mark)
            early, late = (middle, late) if before else (early, middle)
        return late
