"""The latest of every point, judged, and whom to tell. Sans-I/O: time is handed in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from devices.drivers.convert import to_tag
from devices.drivers.driver import Heard, Raw
from devices.drivers.judge import GOOD, Judge
from devices.drivers.point import ANYTHING, Group, Point
from devices.drivers.reason import Reason, Why
from devices.drivers.sample import Quality, Sample
from sim.tag import Value

Listener = Callable[[Sample], None]

NOT_YET = Reason(Why.NOT_YET)
OLD = Reason(Why.OLD)
SILENT = Reason(Why.SILENT)


@dataclass(slots=True)
class Row:
    """One point as it stands."""

    point: Point
    judge: Judge
    stale_s: float  # nothing heard for longer: stale
    raw: Raw | None = None
    value: Value | None = None
    quality: Quality = Quality.BAD
    reason: Reason | None = NOT_YET
    heard_s: float | None = None
    fresh_s: float | None = None  # when it was last heard, or known to hold still
    told: tuple[Value | None, Quality, Why | None] | None = None

    @property
    def sample(self) -> Sample:
        stamp = self.raw.device_time if self.raw else None
        return Sample(self.point, self.value, self.quality, self.reason, self.heard_s, stamp)


class Board:
    """Bounded by its points. Listeners are called in order, synchronously, on a change that matters."""

    def __init__(self, groups: Sequence[Group], stale_s: Callable[[float], float]) -> None:
        self._rows = {
            point.tag: Row(point, Judge(point.plausible), stale_s(group.cycle_s))
            for group in groups
            for point in group.points
        }
        self._listeners: list[Listener] = []

    def latest(self, tag: str) -> Sample | None:
        row = self._rows.get(tag)
        return None if row is None else row.sample

    def samples(self) -> list[Sample]:
        return [row.sample for row in self._rows.values()]

    def point(self, tag: str) -> Point | None:
        row = self._rows.get(tag)
        return None if row is None else row.point

    def value(self, tag: str) -> Value | None:
        """The last that was heard, whatever its quality."""
        return self._rows[tag].value

    def listen(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        for row in self._rows.values():
            listener(row.sample)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # ---- what comes in ----------------------------------------------------------------------------------------

    def heard(self, point: Point, heard: Heard, now_s: float, utc: datetime) -> None:
        row = self._rows[point.tag]
        if isinstance(heard, Reason):
            self._put(row, Quality.BAD, heard)
            return
        same = row.quality is Quality.GOOD and row.raw == heard and point.plausible is ANYTHING
        row.heard_s = row.fresh_s = now_s
        if same:
            return
        value = to_tag(point, heard.value)
        row.raw = heard
        if isinstance(value, Reason):
            self._put(row, Quality.BAD, value)
            return
        row.value = value
        self._put(row, *row.judge.judge(value, heard, now_s, utc))

    def silent(self, points: Iterable[Point], *, dead: bool = False) -> None:
        """A request for these got no answer; `dead`: they have not for long, while others are answered."""
        for point in points:
            row = self._rows[point.tag]
            if dead or row.heard_s is None:
                self._put(row, Quality.BAD, SILENT)
            self._age(row, SILENT)

    def alive(self, now_s: float) -> None:
        """What was good or doubted still holds."""
        for row in self._rows.values():
            if row.quality in (Quality.GOOD, Quality.UNCERTAIN):
                row.fresh_s = now_s

    def lost(self, why: str) -> None:
        reason = Reason(Why.LOST, why)
        for row in self._rows.values():
            row.judge.restart()
            self._put(row, Quality.BAD, reason)

    def sweep(self, now_s: float) -> None:
        """Find what grew old, or does not move."""
        for row in self._rows.values():
            if row.fresh_s is None or row.heard_s is None:
                continue
            quiet_s = row.point.plausible.quiet_s
            if now_s - row.fresh_s > row.stale_s or (quiet_s is not None and now_s - row.heard_s > quiet_s):
                self._age(row, OLD)
            elif row.quality is Quality.GOOD and (found := row.judge.frozen(now_s)) is not GOOD:
                self._put(row, *found)

    # ---- what goes out ----------------------------------------------------------------------------------------

    def _age(self, row: Row, reason: Reason) -> None:
        if row.quality in (Quality.GOOD, Quality.UNCERTAIN):
            self._put(row, Quality.STALE, reason)

    def _put(self, row: Row, quality: Quality, reason: Reason | None) -> None:
        row.quality, row.reason = quality, reason
        why = reason.why if reason else None
        if row.told is not None and row.told[1:] == (quality, why) and not _moved(row):
            return
        row.told = row.value, quality, why
        for listener in self._listeners[:]:
            listener(row.sample)


def _moved(row: Row) -> bool:
    before = row.told[0] if row.told else None
    if before is None or row.value is None:
        return before is not row.value
    return abs(row.value - before) > row.point.deadband if row.point.deadband else row.value != before
