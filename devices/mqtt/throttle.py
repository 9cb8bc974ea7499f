"""Failed log-ins get slower, host by host: who guesses waits. Who knows the password is let in at once all the same."""

from dataclasses import dataclass

FREE = 3  # failures that cost nothing: people mistype
FIRST_S, LONGEST_S = 0.5, 8.0  # of waiting for the answer, doubling in between
FORGOTTEN_S = 60.0  # after so long without a failure
AT_ONCE = 4  # answers that wait for one host; who asks for more is cut off
HOSTS = 1000


@dataclass(slots=True)
class _Record:
    failures: int = 0
    last_s: float = 0.0
    waiting: int = 0


class Throttle:
    """Remembers the failures of each host, some thousand hosts at most."""

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def failed(self, host: str, now_s: float) -> float | None:
        """Seconds to wait before this failure is answered; None: too many answers wait already, cut it off."""
        record = self._records.pop(host, None)
        if record is None or now_s - record.last_s > FORGOTTEN_S:
            record = _Record(waiting=record.waiting if record is not None else 0)
        self._records[host] = record
        while len(self._records) > HOSTS:
            del self._records[next(iter(self._records))]
        record.failures += 1
        record.last_s = now_s
        if record.failures <= FREE:
            return 0.0
        if record.waiting >= AT_ONCE:
            return None
        record.waiting += 1
        wait_s: float = min(LONGEST_S, FIRST_S * 2.0 ** min(record.failures - FREE - 1, 10))
        return wait_s

    def answered(self, host: str) -> None:
        """An answer that waited was given, or nobody waits for it any more."""
        record = self._records.get(host)
        if record is not None and record.waiting:
            record.waiting -= 1
