"""Traffic: what clients read, wrote, called and were answered, run-length coded. Sans-I/O: notes in, records out.

A cyclic client repeats itself for hours. What it repeats is one record with a count and its first and last time; a new
value written to the same subject (`sorting.belt_run=true`, then `=false`) always begins a new record.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sim.state import JsonValue

GAP_S = 5.0  # silence that ends a record
LONGEST_S = 60.0  # so that a crash loses at most a minute of repetitions
OPEN = 2000  # records open at once
SUBJECT = 200  # characters

Key = tuple[str, str, str, str]


@dataclass(slots=True)
class Stretch:
    """One client doing one thing, once or again and again."""

    wire: str
    client: str
    verb: str
    subject: str
    first_s: float
    first_utc: str
    first_ns: int
    last_s: float
    last_ns: int
    number: int  # order of the first times
    count: int = 1

    def record(self) -> dict[str, JsonValue]:
        """As in `traffic.jsonl`: wall time of the first, seconds between first and last, simulated times."""
        return {
            "ts": self.first_utc,
            "for": round(self.last_s - self.first_s, 3),
            "t": self.first_ns,
            "t2": self.last_ns,
            "n": self.count,
            "wire": self.wire,
            "client": self.client,
            "verb": self.verb,
            "subject": self.subject,
        }


class Traffic:
    """Open stretches and those that are ready to be written. What belongs to a branch of a run says so."""

    def __init__(self, branch: str = "") -> None:
        self._branch: dict[str, JsonValue] = {"branch": branch} if branch else {}
        self._open: dict[Key, Stretch] = {}
        self._ready: list[Stretch] = []
        self._begun = 0

    def note(
        self, wire: str, client: str, verb: str, subject: str, now_s: float, utc: Callable[[], str], now_ns: int
    ) -> None:
        subject = subject[:SUBJECT]
        key = (wire, client, verb, subject.partition("=")[0])
        stretch = self._open.get(key)
        if stretch is not None and stretch.subject == subject and now_s - stretch.last_s <= GAP_S:
            stretch.count += 1
            stretch.last_s, stretch.last_ns = now_s, now_ns
            return
        if stretch is not None:
            self._ready.append(stretch)
        elif len(self._open) >= OPEN:
            self._close(lambda _: True)
        self._begun += 1
        self._open[key] = Stretch(wire, client, verb, subject, now_s, utc(), now_ns, now_s, now_ns, self._begun)

    def due(self, now_s: float) -> list[dict[str, JsonValue]]:
        """The records that are over by now, in the order of their beginning; hands out each once."""
        self._close(lambda s: now_s - s.last_s > GAP_S or now_s - s.first_s > LONGEST_S)
        return self._take()

    def rest(self) -> list[dict[str, JsonValue]]:
        """All records, also those still open: the run ends."""
        self._close(lambda _: True)
        return self._take()

    def _close(self, over: Callable[[Stretch], bool]) -> None:
        for key in [key for key, stretch in self._open.items() if over(stretch)]:
            self._ready.append(self._open.pop(key))

    def _take(self) -> list[dict[str, JsonValue]]:
        ready, self._ready = self._ready, []
        return [stretch.record() | self._branch for stretch in sorted(ready, key=lambda s: s.number)]
