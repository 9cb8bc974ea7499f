"""Whether a reading can be: range, jumps, frozen values, the device's time stamps. Sans-I/O, one judge per point."""

from datetime import datetime, timedelta

from devices.drivers.driver import Raw
from devices.drivers.point import Plausibility
from devices.drivers.reason import Reason, Why
from devices.drivers.sample import Quality
from sim.tag import Value

Verdict = tuple[Quality, Reason | None]

GOOD: Verdict = (Quality.GOOD, None)


def _uncertain(why: Why, detail: str) -> Verdict:
    return Quality.UNCERTAIN, Reason(why, detail)


class Judge:
    """Remembers what it needs of earlier readings; `restart` after a gap, when a jump means nothing."""

    def __init__(self, rules: Plausibility) -> None:
        self._rules = rules
        self._last: tuple[Value, float] | None = None  # value, when heard
        self._moved_s: float | None = None
        self._stamp: datetime | None = None

    def restart(self) -> None:
        self._last = self._moved_s = self._stamp = None

    def judge(self, value: Value, raw: Raw, now_s: float, utc: datetime) -> Verdict:
        """The first thing that is wrong, the worst first."""
        verdict = self._time(raw.device_time, utc)
        if verdict is GOOD and raw.doubt:
            verdict = _uncertain(Why.DOUBTED, raw.doubt)
        if verdict is GOOD:
            verdict = self._range(value)
        step = self._step(value, now_s)
        self._remember(value, now_s)
        return next((said for said in (verdict, step) if said is not GOOD), self.frozen(now_s))

    def frozen(self, now_s: float) -> Verdict:
        """Also without a new reading: a device that sends changes sends none."""
        limit = self._rules.frozen_s
        if limit is None or self._moved_s is None or now_s - self._moved_s <= limit:
            return GOOD
        return _uncertain(Why.FROZEN, f"for more than {limit:g} s")

    def _remember(self, value: Value, now_s: float) -> None:
        if self._last is None or self._last[0] != value:
            self._moved_s = now_s
        self._last = value, now_s

    def _time(self, stamp: datetime | None, utc: datetime) -> Verdict:
        if stamp is None:
            return GOOD
        before, self._stamp = self._stamp, stamp
        behind, ahead = self._rules.behind_s, self._rules.ahead_s
        if behind is not None and utc - stamp > timedelta(seconds=behind):
            return Quality.STALE, Reason(Why.TIME, f"{(utc - stamp).total_seconds():.1f} s behind")
        if ahead is not None and stamp - utc > timedelta(seconds=ahead):
            return _uncertain(Why.TIME, f"{(stamp - utc).total_seconds():.1f} s in the future")
        # only where somebody looks at time stamps: many devices carry nonsense there
        watched = behind is not None or ahead is not None
        if watched and before is not None and stamp < before:
            return _uncertain(Why.TIME, f"went back by {(before - stamp).total_seconds():.1f} s")
        return GOOD

    def _range(self, value: Value) -> Verdict:
        low, high = self._rules.low, self._rules.high
        if low is not None and value < low:
            return _uncertain(Why.IMPLAUSIBLE, f"{value:g} is below {low:g}")
        if high is not None and value > high:
            return _uncertain(Why.IMPLAUSIBLE, f"{value:g} is above {high:g}")
        return GOOD

    def _step(self, value: Value, now_s: float) -> Verdict:
        limit = self._rules.step_per_s
        if limit is None or self._last is None:
            return GOOD
        before, at_s = self._last
        if abs(value - before) <= limit * (now_s - at_s):
            return GOOD
        return _uncertain(Why.IMPLAUSIBLE, f"{before:g} to {value:g} within {now_s - at_s:.3f} s")
