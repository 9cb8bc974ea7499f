"""A line as one wire sees it: as all do, but by the clock of that wire's device, which a link fault may set wrong.

Stamps on the wire are shifted and what is measured with a clock that never steps is not; journal, history of the line
and marks know nothing of it.
"""

from datetime import datetime, timedelta

from devices.alarms import Alarms
from devices.endpoint import Clock, LineView, Link, Wire
from devices.tag_history import TagHistory
from sim.tag import TagTable


class WireClock:
    """`Clock` of a device whose time of day may be wrong; it steps when the fault begins and when it ends."""

    def __init__(self, clock: Clock, link: Link) -> None:
        self._clock, self._link = clock, link
        self.monotonic = clock.monotonic

    def utc(self) -> datetime:
        ahead_ms = self._link.state.clock_ms
        now = self._clock.utc()
        return now + timedelta(milliseconds=ahead_ms) if ahead_ms else now


class WireView:
    """`LineView` with the wire's own clock. Calls go straight to the view behind it."""

    def __init__(self, view: LineView, wire: Wire) -> None:
        self._view = view
        self.clock = WireClock(view.clock, view.link(wire))
        self.link, self.read, self.changes, self.strangers = view.link, view.read, view.changes, view.strangers
        self.request, self.closed, self.note, self.reject = view.request, view.closed, view.note, view.reject

    @property
    def line(self) -> str:
        return self._view.line

    @property
    def bench(self) -> int:
        return self._view.bench

    @property
    def tags(self) -> TagTable:
        return self._view.tags

    @property
    def history(self) -> TagHistory:
        return self._view.history

    @property
    def alarms(self) -> Alarms:
        return self._view.alarms
