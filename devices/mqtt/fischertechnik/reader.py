"""What the tag reader at the way in read, from the history of its tags: an access may be over within an instant.

Sans-I/O.
"""

from collections.abc import Iterator

from devices.mqtt.fischertechnik.factory import Factory
from devices.tag_history import Sample

FOR_EVER_US = 1 << 62
UID, DATA = "delivery.tag_uid", "delivery.tag_data"


class Reader:
    """Readings since the last look; what was read before the first one is not told."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._there = factory.has(UID) and factory.has(DATA)
        last = self._last()
        self._from_us = last.time_us + 1 if last is not None else 0

    def _last(self) -> Sample | None:
        return self._factory.view.history.last(self._factory.index(UID)) if self._there else None

    def read(self) -> Iterator[tuple[str, int]]:
        """UID as readers print it, and the type that the tag carries (0: none)."""
        last = self._last()
        if last is None or last.time_us < self._from_us:
            return
        samples = list(self._samples(UID, self._from_us, FOR_EVER_US))
        self._from_us = last.time_us + 1
        for sample, after in zip(samples, [*samples[1:], None], strict=True):
            if sample.reading.value:
                until_us = after.time_us if after is not None else FOR_EVER_US
                data = [int(one.reading.value) for one in self._samples(DATA, sample.time_us, until_us)]
                yield f"04{int(sample.reading.value):012x}", max(data, default=0)

    def _samples(self, name: str, start_us: int, end_us: int) -> Iterator[Sample]:
        yield from self._factory.view.history.forward(self._factory.index(name), start_us, end_us)
