"""A time that was drawn between two limits and runs. Knows no component."""

from dataclasses import dataclass

from sim.stream import Stream


@dataclass(slots=True)
class Span:
    """How far between its limits it was drawn; with other limits it ends as if it had been drawn between those."""

    since_ns: int = 0
    part: int = 0
    width: int = 0  # of which the part is drawn

    def draw(self, stream: Stream, now_ns: int, low: int, high: int) -> int:
        """Begin now; the answer is when it ends."""
        high = max(low, high)
        self.since_ns, self.width, self.part = now_ns, high - low, stream.between(low, high) - low
        return self.end(now_ns, low, high)

    def end(self, now_ns: int, low: int, high: int) -> int:
        """When it ends with these limits; now, if that is over."""
        part = (max(low, high) - low) * self.part // self.width if self.width else 0
        return max(now_ns, self.since_ns + low + part)
