"""What the tags of a bench were: every change in order, in bounds of bytes and of count. Knows no protocol, no clock.

A change costs 18 bytes. Where the bytes run out the tag with the most of them gives up its oldest: a quiet tag keeps
its last change however busy the others are. Times are UTC in microseconds and rise with each change of a tag.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sim.tag import DataType, Quality, Reading, TagTable, Value

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
BLOCK = 256  # changes; memory is taken and given back by so many
SAMPLE_BYTES = 18
DEFAULT_BYTES = 4_000_000  # of one bench: about 220,000 changes
MAX_SAMPLES = 50_000  # of one tag


def microseconds(time: datetime) -> int:
    return (time - EPOCH) // MICROSECOND


def time_of(microseconds_: int) -> datetime:
    return EPOCH + microseconds_ * MICROSECOND


class Sample(NamedTuple):
    """A reading and since when it was so."""

    time_us: int
    reading: Reading


@dataclass(slots=True)
class _Block:
    times: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))  # exact for every data type of a tag
    qualities: "array[int]" = field(default_factory=lambda: array("H"))  # places in the table of qualities


class TagHistory:
    """The changes of all tags of a bench. Lives as long as the bench, over runs and restarts of endpoints."""

    def __init__(self, tags: TagTable, limit_bytes: int = DEFAULT_BYTES, limit_samples: int = MAX_SAMPLES) -> None:
        self._types = tuple(tag.type for tag in tags)
        self._blocks: list[deque[_Block]] = [deque() for _ in tags]
        self._room = max(limit_bytes // (BLOCK * SAMPLE_BYTES), len(self._types) + 1)  # blocks
        self._per_tag = max(limit_samples // BLOCK, 2)
        self._used = 0
        self._looked = [0] * len(self._types)
        self._lost = [0] * len(self._types)
        self._last: list[Sample | None] = [None] * len(self._types)
        self._qualities: list[tuple[Quality, str]] = [(Quality.GOOD, "")]

    # ---- in

    def record(self, index: int, reading: Reading, now: datetime) -> None:
        """A tag has this reading from now on; one that it had already is no change."""
        last = self._last[index]
        if last is not None and last.reading == reading:
            return
        self._append(index, reading, microseconds(now))

    def sample(self, index: int, reading: Reading, now: datetime) -> None:
        """A computed tag was looked at. What it stayed at is kept up to the last look, for values between samples."""
        last = self._last[index]
        if last is not None and last.reading == reading:
            self._looked[index] = microseconds(now)
            return
        if last is not None and self._looked[index] > last.time_us:
            self._append(index, last.reading, self._looked[index])
        self._append(index, reading, microseconds(now))

    def _append(self, index: int, reading: Reading, time_us: int) -> None:
        last = self._last[index]
        if last is not None and time_us <= last.time_us:
            time_us = last.time_us + 1
        blocks = self._blocks[index]
        if not blocks or len(blocks[-1].times) >= BLOCK:
            self._make_room(index)
            blocks.append(_Block())
            self._used += 1
        block = blocks[-1]
        block.times.append(time_us)
        block.values.append(reading.value)
        block.qualities.append(self._quality(reading))
        self._last[index] = Sample(time_us, reading)

    def _quality(self, reading: Reading) -> int:
        key = (reading.quality, reading.reason)
        if key not in self._qualities:
            if len(self._qualities) >= 1_000:  # reasons come from a fixed list: more of them is a mistake
                key = (reading.quality, "")
            self._qualities.append(key)
        return self._qualities.index(key)

    def _make_room(self, index: int) -> None:
        if len(self._blocks[index]) >= self._per_tag:
            self._drop(index)
        while self._used >= self._room:
            self._drop(max(range(len(self._blocks)), key=lambda i: len(self._blocks[i])))

    def _drop(self, index: int) -> None:
        self._lost[index] += len(self._blocks[index].popleft().times)
        self._used -= 1

    # ---- out

    def __len__(self) -> int:
        return sum(len(block.times) for blocks in self._blocks for block in blocks)

    @property
    def bytes(self) -> int:
        return self._used * BLOCK * SAMPLE_BYTES

    def lost(self, index: int) -> int:
        """How many changes of a tag have made room: the overflow flag."""
        return self._lost[index]

    def last(self, index: int) -> Sample | None:
        return self._last[index]

    def forward(self, index: int, start_us: int, end_us: int) -> Iterator[Sample]:
        """Changes with start <= time < end, oldest first."""
        for block in list(self._blocks[index]):
            if block.times[-1] < start_us:
                continue
            first, last = bisect_left(block.times, start_us), bisect_left(block.times, end_us)
            for place in range(first, last):
                yield self._sample(index, block, place)
            if last < len(block.times):
                return

    def backward(self, index: int, start_us: int, end_us: int) -> Iterator[Sample]:
        """Changes with start >= time > end, newest first."""
        for block in reversed(list(self._blocks[index])):
            if block.times[0] > start_us:
                continue
            first, last = bisect_right(block.times, end_us), bisect_right(block.times, start_us)
            for place in range(last - 1, first - 1, -1):
                yield self._sample(index, block, place)
            if first > 0:
                return

    def at_or_before(self, index: int, time_us: int) -> Sample | None:
        """What the tag was at that time."""
        return next(self.backward(index, time_us, -(2**62)), None)

    def after(self, index: int, time_us: int) -> Sample | None:
        return next(self.forward(index, time_us + 1, 2**62), None)

    def _sample(self, index: int, block: _Block, place: int) -> Sample:
        quality, reason = self._qualities[block.qualities[place]]
        return Sample(block.times[place], Reading(self._value(index, block.values[place]), quality, reason))

    def _value(self, index: int, stored: float) -> Value:
        kind = self._types[index]
        if kind is DataType.BOOL:
            return bool(stored)
        return stored if kind is DataType.REAL else int(stored)
