"""A vehicle's battery as data: charge by time, drain by time and by distance. Exact integers; knows no vehicle.

The level is a share of 10^15, so that it stays exact in JSON and a step of rounding is far below any reading.
"""

from collections.abc import Callable
from dataclasses import dataclass

FULL = 10**15
MILLION = 10**6
METRE = 10**15  # fm


@dataclass(slots=True)
class Battery:
    """Its level at `since_ns`, and how it changes from then on."""

    since_ns: int = 0
    level: int = FULL
    x: int = 0  # fm: where the vehicle was then
    endurance_ns: int = 1  # standing, from full to empty
    per_metre: int = 0  # ppm of a full battery that a metre costs
    charge_ns: int = 0  # from empty to full, while it is being charged; 0: it is not

    def at(self, now_ns: int, x: int) -> int:
        """The level when the vehicle has come to x, both ends included."""
        dt = now_ns - self.since_ns
        if self.charge_ns:
            return min(FULL, self.level + FULL * dt // self.charge_ns)
        used = -(-FULL * dt // self.endurance_ns) - (-FULL * self.per_metre * abs(x - self.x) // (MILLION * METRE))
        return max(0, self.level - used)

    def settle(self, now_ns: int, x: int, new_x: int) -> None:
        """From now on it counts from here; `new_x` is the same place where the path is counted anew."""
        self.level, self.since_ns, self.x = self.at(now_ns, x), now_ns, new_x


def first(low: int, high: int, reached: Callable[[int], bool]) -> int:
    """The first whole number from low to high for which `reached` holds, as it does from there on; -1 for none."""
    if not reached(high):
        return -1
    while low < high:
        middle = (low + high) // 2
        if reached(middle):
            high = middle
        else:
            low = middle + 1
    return low
