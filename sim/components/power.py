"""What draws electric power says how much, exactly and piecewise constant, and wakes its meters when that changes.

And what is turned by a motor asks it whether it may turn.
"""

from typing import Protocol, runtime_checkable

from sim.kernel import Wakeable

Meters = list[tuple[Wakeable, int]]
LOADS = ("motor", "heater", "robot", "machining_centre")  # kinds that draw power


@runtime_checkable
class Load(Protocol):
    """Something that draws power."""

    meters: Meters

    def power_mw(self) -> int:
        """What it draws now, in mW."""
        ...


class Shaft(Protocol):
    """The motor of something that turns."""

    @property
    def delivers(self) -> bool:
        """False while a fault is latched."""
        ...


def tell(meters: Meters, now_ns: int) -> None:
    """The power may have changed."""
    for member, slot in meters:
        member.wake(slot, now_ns)
