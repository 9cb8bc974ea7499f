"""What a line says as metrics: names, aliases, data types, values and properties. Sans-I/O; knows no session.

A signal of a station is a metric of its device, with the signal's own name. `alias` is its place in the tag table plus
one; the metrics of the node come after them.
"""

from collections.abc import Iterator

from devices.endpoint import LineView
from devices.mqtt.news import said
from devices.sparkplug.codec import Metric, MetricType, Property, Scalar
from sim.tag import DataType, Quality, Reading, Tag

REBIRTH = "Node Control/Rebirth"
BD_SEQ = "bdSeq"
QUALITY = "Quality"

# no UInt32: the norm writes it into int_value, Ignition and the libraries before 2023 into long_value, and each reads
# nothing from the other field; Int64 holds every UDINT and is read alike by all
TYPE = {
    DataType.BOOL: MetricType.BOOLEAN,
    DataType.INT: MetricType.INT16,
    DataType.UINT: MetricType.UINT16,
    DataType.DINT: MetricType.INT32,
    DataType.UDINT: MetricType.INT64,
    DataType.REAL: MetricType.FLOAT,
}
# the norm knows these three: bad, good, stale; uncertain readings are last usable ones, which is what stale says
QUALITY_CODE = {Quality.BAD: 0, Quality.GOOD: 192, Quality.UNCERTAIN: 500}


def alias_of(tag: Tag) -> int:
    return tag.index + 1


def quality(code: Quality) -> tuple[str, Property]:
    return QUALITY, Property(MetricType.INT32, QUALITY_CODE[code])


def birth_metric(tag: Tag, reading: Reading, at_ms: int) -> Metric:
    """Everything about a signal."""
    return Metric(
        tag.signal,
        alias_of(tag),
        at_ms,
        TYPE[tag.type],
        said(tag, reading),
        (*_describe(tag), quality(reading.quality)),
    )


def data_metric(tag: Tag, reading: Reading, at_ms: int, with_quality: bool) -> Metric:
    """What changed; its quality only where that is not good or was not."""
    properties = (quality(reading.quality),) if with_quality else ()
    return Metric(None, alias_of(tag), at_ms, TYPE[tag.type], said(tag, reading), properties, typed=False)


def _describe(tag: Tag) -> Iterator[tuple[str, Property]]:
    # the keys are those that Ignition's MQTT modules understand; the norm leaves them free
    if tag.unit:
        yield "engUnit", Property(MetricType.STRING, tag.unit)
    if tag.range is not None:
        low, high = tag.range
        yield "engLow", Property(MetricType.DOUBLE, float(low))
        yield "engHigh", Property(MetricType.DOUBLE, float(high))
    yield "readOnly", Property(MetricType.BOOLEAN, not tag.writable)
    yield "direction", Property(MetricType.STRING, tag.direction.value)
    yield "documentation", Property(MetricType.STRING, tag.title.en)
    yield "documentation_zh", Property(MetricType.STRING, tag.title.zh)


class NodeMetrics:
    """Metrics of the edge node itself: what is the line's and no station's."""

    def __init__(self, view: LineView) -> None:
        self._view, self._alarms = view, view.alarms
        self._events = view.alarms.events()
        self._first_alias = len(view.tags) + 1
        self._counts = (-1, -1)

    def birth(self, bd_seq: int, at_ms: int) -> tuple[Metric, ...]:
        """All of them; the counts are taken as told."""
        self._changed()
        told: list[tuple[str, MetricType, Scalar]] = [
            (BD_SEQ, MetricType.INT64, bd_seq),
            ("Properties/Line", MetricType.STRING, self._view.line),
            ("Properties/Bench", MetricType.INT32, self._view.bench),
            ("Alarms/Active", MetricType.INT32, self._counts[0]),
            ("Alarms/Unacknowledged", MetricType.INT32, self._counts[1]),
        ]
        rebirth = Metric(REBIRTH, None, at_ms, MetricType.BOOLEAN, False)  # never has an alias
        return (
            rebirth,
            *(Metric(name, self._first_alias + i, at_ms, kind, value) for i, (name, kind, value) in enumerate(told)),
        )

    def data(self, at_ms: int) -> tuple[Metric, ...]:
        """Those that changed."""
        before = self._counts
        if not self._changed():
            return ()
        return tuple(
            Metric(None, self._first_alias + 3 + place, at_ms, MetricType.INT32, count, typed=False)
            for place, count in enumerate(self._counts)
            if count != before[place]
        )

    def knows(self, metric: Metric) -> bool:
        """Whether a command means one of these."""
        if metric.alias is not None:
            return self._first_alias <= metric.alias < self._first_alias + 5
        return metric.name in (BD_SEQ, "Properties/Line", "Properties/Bench", "Alarms/Active", "Alarms/Unacknowledged")

    def _changed(self) -> bool:
        """Count anew where something happened; True where a count changed."""
        torn, events = self._events.torn, self._events.take()
        if self._counts[0] >= 0 and not torn and not events:
            return False
        now = [self._alarms.now(name) for name in self._alarms.definitions]
        counts = sum(alarm.active for alarm in now), sum(not alarm.acked for alarm in now)
        changed, self._counts = counts != self._counts, counts
        return changed
