"""Values of the past of one tag: as they were, and between (OPC 10000-11, 10000-13). Knows no service.

Booleans, whole numbers and set points keep their value until the next change (stepped); a computed number is taken to
change evenly between two samples (sloped).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.values import VARIANT, representable, stamp, status, status_code
from devices.tag_history import Sample, TagHistory, time_of
from sim.tag import DataType, Quality, Reading, Tag

CALCULATED, INTERPOLATED = 0x401, 0x402  # info bits of a status code (Part 4, 7.39.1)
FAR_US = 2**62


@dataclass(frozen=True, slots=True)
class Past:
    """The history of one tag up to now."""

    tag: Tag
    history: TagHistory
    now_us: int

    @property
    def sloped(self) -> bool:
        return self.tag.computed and self.tag.type is DataType.REAL

    def raw(self, start_us: int, end_us: int) -> Iterator[Sample]:
        """From start to end without the end, in the direction that they name."""
        if start_us <= end_us:
            return self.history.forward(self.tag.index, start_us, end_us)
        return self.history.backward(self.tag.index, start_us, end_us)

    def value(self, sample: Sample) -> ua.DataValue:
        return self._said(sample.time_us, sample.reading, 0)

    def _said(self, time_us: int, reading: Reading, bits: int) -> ua.DataValue:
        time = stamp(time_of(time_us))
        kind = VARIANT[self.tag.type]
        code = status_code(status(reading).value | bits)
        variant = ua.Variant(representable(reading.value, self.tag.type), kind)
        return ua.DataValue(Value=variant, StatusCode=code, SourceTimestamp=time, ServerTimestamp=time)

    def at(self, time_us: int) -> ua.DataValue:
        """The value at an instant: stored, or from what lies around it."""
        before = self.history.at_or_before(self.tag.index, time_us)
        if before is None or time_us > self.now_us:
            return no_value(time_us, StatusCodes.BadNoData)
        if before.time_us == time_us:
            return self.value(before)
        after = self.history.after(self.tag.index, time_us) if self.sloped else None
        if after is None:
            # after the last sample of a sloped one nothing is known but that value
            bits = INTERPOLATED | (StatusCodes.UncertainDataSubNormal if self.sloped else 0)
            return self._said(time_us, before.reading, bits)
        return self._said(time_us, _between(before, after, time_us), INTERPOLATED)


def _between(before: Sample, after: Sample, time_us: int) -> Reading:
    if Quality.BAD in (before.reading.quality, after.reading.quality):
        return before.reading
    low, high = float(before.reading.value), float(after.reading.value)
    share = (time_us - before.time_us) / (after.time_us - before.time_us)
    return Reading(low + (high - low) * share, before.reading.quality, before.reading.reason)


def no_value(time_us: int, code: int) -> ua.DataValue:
    time = stamp(time_of(time_us))
    return ua.DataValue(StatusCode=status_code(code), SourceTimestamp=time, ServerTimestamp=time)
