"""What a connection did, counted: requests, errors, reconnects, and how long answers took."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.drivers.reason import Why

KEPT = 1024  # latencies: the last so many


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from a request to its answer, over the last `KEPT` answers."""

    p50_s: float
    p95_s: float
    p99_s: float
    most_s: float


@dataclass(slots=True)
class Counters:
    """Since the device was started; read them whenever you like."""

    requests: int = 0  # reads and writes that were sent
    values: int = 0  # readings that came in
    silent: int = 0  # requests without an answer in time
    refused: int = 0  # points that the device refused, reading and writing
    connects: int = 0
    losses: int = 0
    writes: int = 0  # values that the device confirmed
    missed: int = 0  # turns of a cycle that could not be kept
    dropped: Counter[Why] = field(default_factory=Counter)  # values that were not written, by reason
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    @property
    def errors(self) -> int:
        return self.silent + self.refused + self.losses

    @property
    def latency(self) -> Latency | None:
        """None: nothing was answered yet."""
        if not self.latencies:
            return None
        ordered = sorted(self.latencies)
        return Latency(*(_nearest(ordered, share) for share in (0.5, 0.95, 0.99, 1.0)))


def _nearest(ordered: Sequence[float], share: float) -> float:
    """Nearest-rank percentile."""
    return ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)]
