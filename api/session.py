"""Who is logged in: sessions of browsers, and how often an address may guess. Knows no HTTP.

A session lives in this process alone; when the api starts anew, people log in again.
"""

import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass

from api.lab import Grant
from devices.endpoint import Clock

LIFE_S = 12 * 3600.0
SESSIONS = 4096  # the oldest goes when there are more
ADDRESSES = 4096


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in of one browser."""

    id: str
    grant: Grant
    ends: float  # of the clock's `monotonic`


class Sessions:
    """All sessions, bounded in number and in life."""

    def __init__(self, clock: Clock, life_s: float = LIFE_S, most: int = SESSIONS) -> None:
        self._clock = clock
        self._life_s = life_s
        self._most = most
        self._open: OrderedDict[str, Session] = OrderedDict()

    def begin(self, grant: Grant) -> Session:
        session = Session(secrets.token_urlsafe(32), grant, self._clock.monotonic() + self._life_s)
        self._open[session.id] = session
        while len(self._open) > self._most:
            self._open.popitem(last=False)
        return session

    def find(self, id: str) -> Session | None:
        session = self._open.get(id)
        if session is not None and session.ends <= self._clock.monotonic():
            del self._open[id]
            return None
        return session

    def end(self, id: str) -> None:
        self._open.pop(id, None)

    def left_s(self, session: Session) -> float:
        """Seconds until a session ends by itself."""
        return max(0.0, session.ends - self._clock.monotonic())


class Guesses:
    """Wrong tokens per address: at most `most` within `window_s`. Right ones cost nothing, so a class may log in."""

    def __init__(self, clock: Clock, most: int = 10, window_s: float = 60.0) -> None:
        self._clock = clock
        self._most = most
        self._window_s = window_s
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def exhausted(self, address: str) -> bool:
        times = self._wrong.get(address)
        if times is None:
            return False
        while times and times[0] <= self._clock.monotonic() - self._window_s:
            times.popleft()
        return len(times) >= self._most

    def wrong(self, address: str) -> None:
        times = self._wrong.setdefault(address, deque(maxlen=self._most))
        times.append(self._clock.monotonic())
        self._wrong.move_to_end(address)
        while len(self._wrong) > ADDRESSES:
            self._wrong.popitem(last=False)
