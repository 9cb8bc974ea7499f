"""Whether a value may be written to a point now: range, rate, slew. Sans-I/O, one gate per point."""

from devices.drivers.point import Point
from devices.drivers.reason import Reason, Why
from sim.tag import Value

MOST_ELAPSED_S = 1.0  # however long ago the last write was, one write moves a value by no more than this is worth


class WriteGate:
    """`ask` first, `passed` when the write was really sent."""

    def __init__(self, point: Point) -> None:
        self._limits = point.limits
        self._own_reading = not point.write_address  # else what is read is not what was written
        self._last: tuple[Value, float] | None = None

    def ask(self, value: Value, now_s: float, *, read: Value | None = None, urgent: bool = False) -> Reason | None:
        """None: it may go. `read` is what the point said last. An urgent write is held to the range alone."""
        limits = self._limits
        if limits is None:
            return Reason(Why.READ_ONLY, "the point has no write limits")
        if limits.low is not None and not value >= limits.low:
            return Reason(Why.RANGE, f"{value:g} is below {limits.low:g}")
        if limits.high is not None and not value <= limits.high:
            return Reason(Why.RANGE, f"{value:g} is above {limits.high:g}")
        return None if urgent else self._too_often(now_s) or self._too_far(value, now_s, read)

    def passed(self, value: Value, now_s: float) -> None:
        self._last = value, now_s

    def _too_often(self, now_s: float) -> Reason | None:
        most = self._limits.most_per_s if self._limits else None
        if most is None or self._last is None or now_s - self._last[1] >= 1 / most:
            return None
        return Reason(Why.RATE, f"{now_s - self._last[1]:.3f} s after the last; at most {most:g} a second")

    def _too_far(self, value: Value, now_s: float, read: Value | None) -> Reason | None:
        slew = self._limits.slew_per_s if self._limits else None
        if slew is None:
            return None
        before, elapsed = (read if self._own_reading else None), MOST_ELAPSED_S
        if self._last is not None:
            before, elapsed = self._last[0], min(now_s - self._last[1], MOST_ELAPSED_S)
        if before is None or abs(value - before) <= slew * elapsed:
            return None
        return Reason(Why.RATE, f"{before:g} to {value:g} within {elapsed:.3f} s; at most {slew:g} a second")
