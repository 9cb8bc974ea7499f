"""Which readings of a line are news for one listener, and how a value is shown. Sans-I/O; knows no topic, no payload.

Announced tags when they changed; computed ones once a second, when they moved by one displayed step or came to rest.
"""

import math
from collections.abc import Iterator, Sequence

from devices.endpoint import LineView
from devices.quality import has_value
from sim.tag import DataType, Reading, Tag, Value

SCAN_S = 1.0  # how often computed tags are looked at


class News:
    """Of several changes in between the newest is told. The first look tells every tag."""

    def __init__(self, view: LineView) -> None:
        self._view = view
        self._changes = view.changes()
        self._computed = [tag.index for tag in view.tags if tag.computed]
        self._told: dict[int, Reading] = {}
        self._seen: dict[int, Value] = {}
        self._scan_at = 0.0

    def restart(self) -> None:
        """Everything is due again."""
        self._told.clear()
        self._scan_at = 0.0

    def due(self) -> Iterator[tuple[Tag, Reading]]:
        """In the order of the tag table; each counts as told when it is taken."""
        tags, read = self._view.tags, self._view.read
        for index in self._indexes():
            reading = read(index)
            if self._tells(tags[index], reading):
                self._told[index] = reading
                yield tags[index], reading

    def _indexes(self) -> Sequence[int]:
        taken = self._changes.take()
        if not self._told:
            taken = range(len(self._view.tags))
        now = self._view.clock.monotonic()
        if now < self._scan_at:
            return taken
        self._scan_at = now + SCAN_S
        return sorted({*taken, *self._computed})

    def _tells(self, tag: Tag, reading: Reading) -> bool:
        told = self._told.get(tag.index)
        seen, self._seen[tag.index] = self._seen.get(tag.index), reading.value
        if told is None or (told.quality, told.reason) != (reading.quality, reading.reason):
            return True
        if told.value == reading.value:
            return False
        if not tag.computed or tag.type is not DataType.REAL:
            return True
        step = 10.0**-tag.decimals
        at_rest = seen == reading.value and round(told.value, tag.decimals) != round(reading.value, tag.decimals)
        return at_rest or not abs(reading.value - told.value) < step


def said(tag: Tag, reading: Reading) -> Value | None:
    """The value of a reading as it is shown; None where nobody knows it."""
    return shown(tag, reading.value) if has_value(reading) else None


def shown(tag: Tag, value: Value) -> Value | None:
    """A value as the wires of MQTT say it: in its type, computed ones rounded; None where it is no number."""
    if tag.type is DataType.BOOL:
        return bool(value)
    if not math.isfinite(value):
        return None
    return round(value, tag.decimals) + 0.0 if tag.computed and tag.type is DataType.REAL else value
