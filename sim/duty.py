"""How long a component has been in each of its states, and its cycles. Knows no component and emits no event.

A kind declares its states in `Kind.states` and names its cycle in `Kind.cycle`:

    HOME, MOVING, OUT = range(3)
    KIND = Kind(..., states=states(("home", "缩回", "retracted"), ("moving", "运动中", "moving"),
                                   ("out", "伸出", "extended")),
                cycle=Text("一次伸出", "one stroke out"))

The component calls `self.be(MOVING)` wherever its state may have changed; saying the same state again costs next to
nothing. It calls `self.cycle()` when a cycle is done. A component is born in the first state; one that is born in
another says so in `born`. All times are integer nanoseconds: at any instant they add up to the age of the line, to the
nanosecond, after a checkpoint as well.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Duty:
    """Times of the states that were left, since when the present one lasts, cycles: they only grow."""

    state: int = 0
    since_ns: int = 0
    times: list[int] = field(default_factory=list)
    cycles: int = 0

    def change(self, state: int, now_ns: int) -> None:
        """Another state from now on."""
        self.times[self.state] += now_ns - self.since_ns
        self.state, self.since_ns = state, now_ns

    def spent(self, now_ns: int) -> list[int]:
        """Nanoseconds in each state until now."""
        times = list(self.times)
        times[self.state] += now_ns - self.since_ns
        return times
