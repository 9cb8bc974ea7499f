"""What each client asked and was answered: counters, the last requests, the stretches that it polls. Sans-I/O."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from devices.endpoint import Client

LAST = 20  # requests that are kept whole
STRETCHES = 64  # different ones that are remembered of a client


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and how it ended."""

    at_s: float  # of the bench's monotonic clock
    unit: int
    function: int
    address: int
    count: int
    exception: int  # 0: answered
    zeros: bool  # a read that was answered with nothing but zeros


@dataclass(slots=True)
class Stretch:
    """The same addresses asked again and again."""

    times: int
    last: Asked


@dataclass(slots=True)
class Record:
    """One connection."""

    client: Client
    way: str  # how it came: TCP, RTU over TCP, serial
    since_s: float
    requests: Counter[int] = field(default_factory=Counter)  # by function code
    exceptions: Counter[int] = field(default_factory=Counter)
    units: Counter[int] = field(default_factory=Counter)
    last: deque[Asked] = field(default_factory=lambda: deque(maxlen=LAST))
    stretches: dict[tuple[int, int, int], Stretch] = field(default_factory=dict)

    def add(self, asked: Asked) -> None:
        self.requests[asked.function] += 1
        self.units[asked.unit] += 1
        if asked.exception:
            self.exceptions[asked.exception] += 1
        self.last.append(asked)
        key = (asked.function, asked.address, asked.count)
        known = self.stretches.get(key)
        if known is not None:
            known.times += 1
            known.last = asked
        elif len(self.stretches) < STRETCHES:
            self.stretches[key] = Stretch(1, asked)


class Records:
    """All connections that are open, in the order in which they came."""

    def __init__(self) -> None:
        self._open: dict[str, Record] = {}

    def opened(self, client: Client, way: str, at_s: float) -> Record:
        record = self._open[client.key] = Record(client, way, at_s)
        return record

    def closed(self, client: Client) -> None:
        self._open.pop(client.key, None)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._open.values())
