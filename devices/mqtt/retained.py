"""The retained messages of a broker: what the line keeps, and what clients keep, which is bounded. Sans-I/O."""

from collections.abc import Iterator

from devices.mqtt.letter import Letter
from devices.mqtt.limits import Counters, Limits
from devices.mqtt.topics import matches


class Retained:
    """The newest retained message of each topic."""

    def __init__(self, limits: Limits, counters: Counters) -> None:
        self._limits, self._counters = limits, counters
        self._letters: dict[str, Letter] = {}
        self._sizes: dict[str, int] = {}  # bytes of those that clients left here
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._letters)

    def keep(self, letter: Letter, bounded: bool) -> None:
        """Replace the topic's message; an empty one takes the old one away [MQTT-3.3.1-10]."""
        self.forget(letter.topic)
        if not letter.payload:
            return
        size = len(letter.topic) + len(letter.payload)
        if bounded:
            full = len(self._sizes) >= self._limits.retained or self._bytes + size > self._limits.retained_bytes
            if full:
                self._counters.not_kept += 1
                return
            self._sizes[letter.topic] = size
            self._bytes += size
        self._letters[letter.topic] = letter

    def forget(self, topic: str) -> None:
        self._letters.pop(topic, None)
        self._bytes -= self._sizes.pop(topic, 0)

    def clear(self) -> None:
        self._letters.clear()
        self._sizes.clear()
        self._bytes = 0

    def find(self, pattern: str, now: float) -> Iterator[Letter]:
        """What a new subscription is sent; what has expired goes at last."""
        for letter in self._candidates(pattern):
            if letter.until <= now:
                self._counters.expired += 1
                self.forget(letter.topic)
            else:
                yield letter

    def _candidates(self, pattern: str) -> list[Letter]:
        if "+" not in pattern and "#" not in pattern:
            letter = self._letters.get(pattern)
            return [letter] if letter is not None else []
        fixed = pattern[: min(pattern.find(w) for w in "+#" if w in pattern)].rstrip("/")
        return [x for topic, x in self._letters.items() if topic.startswith(fixed) and matches(pattern, topic)]
