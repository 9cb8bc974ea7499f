"""A sample of a driver as a reading of the line: its quality and reason in the words of the field."""

from devices.drivers import Quality as Heard
from devices.drivers import Sample, Why
from sim.state import JsonValue
from sim.tag import Quality, Reason, Tag

_REASONS: dict[Why, Reason] = {
    Why.LOST: Reason.NO_COMMUNICATION,
    Why.NOT_YET: Reason.NOT_CONNECTED,
    Why.REFUSED: Reason.CONFIGURATION,
    Why.TYPE: Reason.CONFIGURATION,
    Why.RANGE: Reason.ENGINEERING_UNITS_EXCEEDED,
    Why.IMPLAUSIBLE: Reason.SENSOR_NOT_ACCURATE,
    Why.FROZEN: Reason.LAST_USABLE,
    Why.DOUBTED: Reason.SUB_NORMAL,
    Why.TIME: Reason.LAST_USABLE,
}
_QUALITIES = {Heard.GOOD: Quality.GOOD, Heard.BAD: Quality.BAD}


def row(tag: Tag, sample: Sample | None) -> list[JsonValue]:
    """`[tag, value, quality, reason]` of a `reading` input; of what was never heard the tag's initial value."""
    if sample is None or sample.value is None:
        return [tag.name, tag.initial if tag.type.value != "BOOL" else bool(tag.initial), "bad", "not_connected"]
    if sample.quality is Heard.GOOD:
        return [tag.name, sample.value, "good", ""]
    silent = Reason.NO_COMMUNICATION_LAST_USABLE
    reason = silent if sample.reason is None else _REASONS.get(sample.reason.why, silent)
    return [tag.name, sample.value, _QUALITIES.get(sample.quality, Quality.UNCERTAIN).value, reason.value]
