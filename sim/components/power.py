"""What draws electric power says how much, exactly and piecewise constant, and wakes its meters when that changes.

And what is turned by a motor asks it whether it may turn.
"""

from functools import cache
from typing import Protocol, cast, runtime_checkable

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

    @property
    def pace_ppm(self) -> int:
        """How fast it is told to turn, as a share of its full speed."""
        ...


class Phased(Protocol):
    """A load that may draw more from one phase than from another."""

    def phases_mw(self) -> tuple[int, int, int]:
        """What it draws from each phase now, in mW; together its power."""
        ...


@cache
def _phased(kind: type[Load]) -> bool:
    """Looked up once: to ask a protocol for its members costs more than the sum that follows."""
    return hasattr(kind, "phases_mw")


def by_phase(load: Load) -> tuple[int, int, int]:
    """What it draws from each phase now, in mW: alike, if it knows no better."""
    if _phased(type(load)):
        return cast(Phased, load).phases_mw()
    third, rest = divmod(load.power_mw(), 3)
    return third + (rest > 0), third + (rest > 1), third


def tell(meters: Meters, now_ns: int) -> None:
    """The power may have changed."""
    for member, slot in meters:
        member.wake(slot, now_ns)
