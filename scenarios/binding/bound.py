"""What a binding file says, resolved against its line: times in seconds, every tag of the line proven."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.remote.terms import Terms
from sim.tag import Tag, Value
from sim.text import Text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value lies on a device, and how it is turned into the tag's."""

    address: str
    device_type: str  # as devices name them: BOOL, INT, LREAL ...
    write_address: str = ""
    scale: float = 1.0
    offset: float = 0.0
    invert: bool = False
    word_order: str = "ABCD"
    deadband: float = 0.0  # in the tag's unit
    low: float | None = None  # what a reading can be
    high: float | None = None
    step_per_s: float | None = None
    frozen_s: float | None = None
    quiet_s: float | None = None
    behind_s: float | None = None
    ahead_s: float | None = None
    group: str = "main"


@dataclass(frozen=True, slots=True)
class BoundTag:
    """A tag of the line on a device. Outputs are written, all others read."""

    tag: Tag
    place: Place
    safe: Value | None = None  # what an output is set to when something is wrong; None: it is left alone
    write_low: float | None = None
    write_high: float | None = None
    most_per_s: float | None = None
    slew_per_s: float | None = None
    tolerance: float = 0.0  # twin and device agree within so much, in the tag's unit


@dataclass(frozen=True, slots=True)
class Signal:
    """A value of the device that is no tag of the line: `device.signal`. Only expressions read it."""

    name: str
    type: str  # BOOL or REAL
    place: Place


@dataclass(frozen=True, slots=True)
class BoundDevice:
    """One connection."""

    name: str
    url: str
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    groups: Mapping[str, float] = field(default_factory=dict)  # seconds between two readings
    answer_s: float = 1.0
    open_s: float = 3.0
    lost_after: int = 3
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class Watchdog:
    """A register that counts while all is well, and how the device shows that it has stopped without it."""

    place: Place
    every_s: float
    within_s: float  # so soon after the last count the device is safe
    safe: str  # expression: the device is in its safe state


@dataclass(frozen=True, slots=True)
class Arming:
    """What must hold before outputs move anything. Expressions are over real tags and signals of the device."""

    interlock: str
    watchdog: Watchdog
    lease_s: float = 5.0


@dataclass(frozen=True, slots=True)
class BoundStation:
    """A station with all its actuators on one device. Without `arming` its outputs can never be armed."""

    station: str
    device: str
    mode: str  # sim, shadow or real, as the lab starts
    tags: tuple[BoundTag, ...]
    terms: Terms
    deviation_s: float  # the twin takes over without a bump while no tag deviates for longer
    arming: Arming | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """One file."""

    name: str
    line: str
    title: Text
    devices: Mapping[str, BoundDevice]
    stations: Mapping[str, BoundStation]
    tags: Mapping[str, tuple[str, str, BoundTag]]  # single ones: device, mode, tag
