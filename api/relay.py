"""Passes what the lab pushes on to browsers: one subscription upstream per channel, a bounded queue per tab.

A tab that cannot keep up loses its queue and gets a whole `snap` instead; nobody waits for it. Knows no WebSocket.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from api.access import Caller
from api.lab import Frame, Host, LabError
from api.session import Session
from api.version import VERSION
from sim.state import JsonValue

log = logging.getLogger(__name__)

QUEUE = 100  # frames that may wait for one tab
SYSTEM = "sys"


@dataclass(frozen=True, slots=True)
class Queued:
    """One frame on its way, serialised once for all tabs."""

    channel: str
    seq: int
    whole: bool  # a `snap`: counting starts anew
    text: str


def encode(frame: Frame) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def queued(channel: str, frame: Frame) -> Queued:
    seq = frame.get("seq")
    return Queued(channel, seq if isinstance(seq, int) else 0, frame.get("k") == "snap", encode(frame))


class Tab:
    """One WebSocket's side of the relay: what it follows and what waits for it."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.after: dict[str, int] = {}  # channel -> seq of the last frame sent
        self.stale: dict[str, None] = {}  # channels that need a snap, in order of asking
        self.waiting: deque[Queued] = deque()
        self.overflows = 0
        self.closed = asyncio.Event()  # somebody else ends this connection: logged out
        self._wake = asyncio.Event()

    def offer(self, frame: Queued) -> None:
        """Queue a frame; with a full queue forget them all and start over with snaps."""
        if len(self.waiting) >= QUEUE:
            self.overflows += 1
            self.waiting.clear()
            self.stale = dict.fromkeys(self.after)
        else:
            self.waiting.append(frame)
        self._wake.set()

    def need_snap(self, channel: str) -> None:
        self.stale[channel] = None
        self._wake.set()

    async def ready(self) -> None:
        """Until there is something to send."""
        await self._wake.wait()
        self._wake.clear()

    def next(self) -> Queued | None:
        """The next frame that the tab has not seen, None where nothing waits."""
        while self.waiting:
            frame = self.waiting.popleft()
            last = self.after.get(frame.channel)
            if last is None or (frame.seq <= last and not frame.whole):
                continue
            self.after[frame.channel] = frame.seq
            return frame
        return None


@dataclass(slots=True)
class Feed:
    """One channel of the lab and the tabs that follow it."""

    end: Callable[[], None]
    tabs: set[Tab] = field(default_factory=set)
    begun: bool = False  # the lab's first snap has come: later tabs must ask for their own


class Relay:
    """All tabs of this process."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._feeds: dict[str, Feed] = {}
        self._tabs: set[Tab] = set()

    @property
    def tabs(self) -> int:
        return len(self._tabs)

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that are followed upstream now."""
        return tuple(self._feeds)

    def join(self, caller: Caller) -> Tab:
        tab = Tab(caller)
        self._tabs.add(tab)
        return tab

    def leave(self, tab: Tab) -> None:
        for channel in list(tab.after):
            self.unsubscribe(tab, channel)
        self._tabs.discard(tab)

    def end_session(self, session: Session) -> None:
        """Close every tab of a session that logged out."""
        for tab in self._tabs:
            if tab.caller.session is session:
                tab.closed.set()

    def subscribe(self, tab: Tab, channel: str) -> None:
        """Follow a channel. Asking again for one that is followed gives a new snap. Raises `LabError`."""
        known = channel in tab.after
        tab.after.setdefault(channel, -1)
        if channel == SYSTEM:
            tab.offer(queued(SYSTEM, {"ch": SYSTEM, "k": "snap", "seq": 1, "version": VERSION}))
            return
        feed = self._feeds.get(channel)
        if feed is None:
            feed = self._feeds[channel] = Feed(end=lambda: None)
            feed.tabs.add(tab)
            try:
                feed.end = self._host.subscribe(channel, lambda frame: self._pass_on(channel, frame))
            except LabError:
                self.unsubscribe(tab, channel)
                raise
            return
        feed.tabs.add(tab)
        if feed.begun or known:
            tab.need_snap(channel)

    def unsubscribe(self, tab: Tab, channel: str) -> None:
        tab.after.pop(channel, None)
        tab.stale.pop(channel, None)
        feed = self._feeds.get(channel)
        if feed is None or tab not in feed.tabs:
            return
        feed.tabs.discard(tab)
        if not feed.tabs:  # no work for a channel that nobody looks at
            del self._feeds[channel]
            feed.end()

    async def snap(self, tab: Tab, channel: str) -> str | None:
        """A whole snap for one tab. None where it no longer follows the channel, or the lab sends one by itself."""
        try:
            frame = await self._snapshot(tab.caller, channel)
        except LabError as error:
            # the lab is away: when it is back, its subscription begins with a snap for everybody
            log.info("no snapshot of %s: %s", channel, error.code)
            return None
        if channel not in tab.after:
            return None
        tab.after[channel] = queued(channel, frame).seq
        return encode(frame)

    async def _snapshot(self, caller: Caller, channel: str) -> Frame:
        if channel == SYSTEM:
            return {"ch": SYSTEM, "k": "snap", "seq": 1, "version": VERSION}
        params: dict[str, JsonValue] = {"ch": channel}
        bench = caller.grant.bench
        frame = await self._host.request("snapshot", bench=bench, by=caller.by, role=caller.role, params=params)
        if not isinstance(frame, dict):
            raise LabError("internal", {"expected": "a frame"})
        return frame

    def _pass_on(self, channel: str, frame: Frame) -> None:
        feed = self._feeds.get(channel)
        if feed is None:
            return
        once = queued(channel, frame)
        feed.begun = feed.begun or once.whole
        for tab in feed.tabs:
            tab.offer(once)
