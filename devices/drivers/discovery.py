"""What a device offers: the answer of `linelab devices probe URL`. Data only."""

from dataclasses import dataclass

from devices.drivers.point import DeviceType
from sim.tag import Value


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """How far a probe goes: a device that is at work is not to be flooded."""

    most_s: float = 30.0
    most_found: int = 5000
    pause_s: float = 0.0  # between two requests
    first: int = 0  # protocols with numbered places (Modbus, S7): where to begin and to end
    last: int = 999


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that can be read. `name` is the device's own name for it; drafting a binding matches it with tags."""

    address: str  # goes into `Point.address` as it stands
    type: DeviceType | None = None  # None: the device does not say, or it is no number
    name: str = ""
    value: Value | str | None = None
    writable: bool | None = None  # None: not known without trying
    note: str = ""  # `String, not a value of a tag`; unit; range


@dataclass(frozen=True, slots=True)
class Discovery:
    """All that was found, in the device's order, and what cut the search short."""

    found: tuple[Found, ...]
    complete: bool = True
    notes: tuple[str, ...] = ()
    identity: str = ""  # vendor, product and version, where the device says them
