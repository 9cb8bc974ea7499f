"""What really happened to each part: a journal computed again with a listener. The PLC's belief is no witness."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from sim.journal import read, step

BINS = {"sorting.bin_1": 1, "sorting.bin_2": 2, "sorting.bin_3": 3}


@dataclass
class Truth:
    """Per part: colour, verdict, and where it left the sorting station (bin 1, 2, 3, or 0 for on to storage)."""

    colour: dict[int, int] = field(default_factory=dict)
    verdict: dict[int, str] = field(default_factory=dict)
    where: dict[int, int] = field(default_factory=dict)
    entered: dict[int, int] = field(default_factory=dict)  # serial -> ns at which it came onto the sorting belt
    states: list[tuple[int, str, int]] = field(default_factory=list)

    def hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "state":
            self.states.append((t_ns, str(subject), int(cast(int, data))))
        if not isinstance(subject, int):
            return
        if kind == "new":
            self.colour[subject] = cast("dict[str, int]", data)["colour"]
        elif kind == "verdict":
            self.verdict[subject] = str(data)
        elif kind == "part":
            self._moved(t_ns, subject, cast("list[Any]", data))

    def _moved(self, t_ns: int, serial: int, data: "list[Any]") -> None:
        place = str(data[1]) if len(data) > 1 else ""
        if place == "sorting.belt":
            self.entered.setdefault(serial, t_ns)
        elif place in BINS:
            self.where.setdefault(serial, BINS[place])
        elif place == "storage.belt":
            self.where.setdefault(serial, 0)

    def goal(self, serial: int, colours: tuple[int, int] = (1, 2)) -> int:
        """Where a part belongs."""
        if self.verdict[serial] == "reject":
            return 1
        return 2 + colours.index(self.colour[serial]) if self.colour[serial] in colours else 0

    def wrong(self, since_ns: int = 0) -> dict[int, tuple[int, int]]:
        """Parts that came to another place than the one where they belong: (belongs, came)."""
        return {
            serial: (self.goal(serial), where)
            for serial, where in self.where.items()
            if self.entered[serial] >= since_ns and where != self.goal(serial)
        }

    def spacings_s(self) -> list[float]:
        times = sorted(self.entered.values())
        return [(b - a) / 1e9 for a, b in pairwise(times)]

    def counts(self) -> Counter[int]:
        return Counter(self.where.values())


def truth(journal: Path) -> Truth:
    """Compute the run again, up to its last record, and listen."""
    with journal.open(encoding="utf-8", newline="\n") as file:
        recorded = read(file)
    line, heard = recorded.header.line(), Truth()
    line.listen(heard.hear)
    for record in recorded.records:
        step(line, record)
        if record.kind == "digest":
            assert (line.events, line.digest) == (record.events, record.digest), "the replay is another run"
    return heard
