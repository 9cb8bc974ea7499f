"""The figures of ISA-18.2 (IEC 62682) over the alarm journal: how much an operator was asked to bear.

Times are simulated, so that a lab at double speed is judged by the line's own hours. Targets: at most one alarm in ten
minutes on average (two can still be managed), no flood (more than ten in ten minutes), nothing that chatters (three or
more in a minute) or stays for days, and of all alarms about 80, 15 and 5 % low, medium and high or critical.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from controller.alarms.journal import Row

SECOND = 10**9
TEN_MINUTES, MINUTE = 600 * SECOND, 60 * SECOND
FLOOD, CHATTER, TOP = 10, 3, 10
STALE_H = 24.0


@dataclass(frozen=True, slots=True)
class Top:
    """One alarm and its share of all."""

    alarm: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the hours looked at. None where there is nothing to reckon with."""

    hours: float
    alarms: int
    per_10_min: float  # average
    peak_10_min: int
    floods: int
    flood_share: float  # of the time
    chattering: list[str]
    stale: list[str]
    top: list[Top]
    priorities: dict[str, float]  # share of each
    acknowledged: int
    acknowledge_median_s: float | None
    acknowledge_most_s: float | None
    active: int
    unacknowledged: int


def figures(
    rows: Iterable[Row], now_ns: int, start_ns: int, active_since: dict[str, int], unacknowledged: int, stale_h: float
) -> Figures:
    """`rows` in any order; `active_since`: the alarms that are active now, and since when."""
    seen = sorted((row for row in rows if row.sim_ns >= start_ns), key=lambda row: row.id)
    told = [row for row in seen if row.annunciated]
    times = [row.sim_ns for row in told]
    span = max(now_ns - start_ns, 1)
    floods, in_flood = _floods(times, now_ns)
    waits = _waits(seen)
    counts = Counter(row.alarm for row in told)
    by_priority = Counter(row.priority for row in told)
    return Figures(
        hours=round(span / 3.6e12, 3),
        alarms=len(told),
        per_10_min=round(len(told) * TEN_MINUTES / max(span, TEN_MINUTES), 2),
        peak_10_min=_peak(times, TEN_MINUTES),
        floods=floods,
        flood_share=round(in_flood / span, 4),
        chattering=sorted(name for name, at in _by_alarm(told).items() if _peak(at, MINUTE) >= CHATTER),
        stale=sorted(name for name, since in active_since.items() if now_ns - since > stale_h * 3.6e12),
        top=[Top(name, count, round(count / len(told), 4)) for name, count in counts.most_common(TOP)],
        priorities={name: round(count / len(told), 4) for name, count in sorted(by_priority.items())},
        acknowledged=len(waits),
        acknowledge_median_s=round(median(waits), 3) if waits else None,
        acknowledge_most_s=round(max(waits), 3) if waits else None,
        active=len(active_since),
        unacknowledged=unacknowledged,
    )


def _by_alarm(rows: Iterable[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row.alarm].append(row.sim_ns)
    return found


def _peak(times: Sequence[int], window: int) -> int:
    """Most within any window of that length, its beginning included and its end not."""
    most = first = 0
    for number, at in enumerate(times):
        while times[first] <= at - window:
            first += 1
        most = max(most, number - first + 1)
    return most


def _floods(times: Sequence[int], now_ns: int) -> tuple[int, int]:
    """How many floods, and how long: from the alarm that is one too many until they are fewer again."""
    ranges = [
        (at, min(times[number - FLOOD] + TEN_MINUTES, now_ns))
        for number, at in enumerate(times)
        if number >= FLOOD and at - times[number - FLOOD] < TEN_MINUTES
    ]
    count = len(ranges) and 1 + sum(later[0] > earlier[1] for earlier, later in pairwise(ranges))
    total, reached = 0, 0
    for begin, end in ranges:
        total += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return count, total


def _waits(rows: Iterable[Row]) -> list[float]:
    """Seconds from being told to being acknowledged."""
    open_since: dict[str, int] = {}
    waits = []
    for row in rows:
        if row.annunciated:
            open_since.setdefault(row.alarm, row.sim_ns)
        elif row.what == "acknowledged" and row.alarm in open_since:
            waits.append((row.sim_ns - open_since.pop(row.alarm)) / SECOND)
        elif row.state in ("normal", "shelved", "suppressed", "out_of_service", "disabled"):
            open_since.pop(row.alarm, None)
    return waits
