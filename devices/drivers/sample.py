"""What a device says of one tag: value, quality, and how old it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from devices.drivers.point import Point
from devices.drivers.reason import Reason
from sim.tag import Value


class Quality(StrEnum):
    """How far a sample can be trusted. `stale`: once good, and no news since; it may come back by itself."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    STALE = "stale"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading in the tag's own type and unit. Of `stale` and `bad` ones the value is the last that was heard.

    `heard_s` is the monotonic clock when that value came in, None where none ever did.
    """

    point: Point
    value: Value | None
    quality: Quality
    reason: Reason | None = None  # None: good
    heard_s: float | None = None
    device_time: datetime | None = None  # UTC, where the protocol carries one

    @property
    def tag(self) -> str:
        return self.point.tag

    def age_s(self, now_s: float) -> float | None:
        """Seconds since the value was heard, by the clock that the device was given."""
        return None if self.heard_s is None else now_s - self.heard_s
