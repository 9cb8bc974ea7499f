"""A link fault's delay and silence: whatever goes through comes out so much later, in its order. Knows no protocol."""

import asyncio
from collections import deque
from collections.abc import Callable

from devices.endpoint import Link

SILENT_S = 0.05  # how often a silent link is looked at again


class DelayLine:
    """Calls what it is given: at once while the link is well, later while it is not. Needs the running loop."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._late: deque[tuple[float, Callable[[], None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def empty(self) -> bool:
        return not self._late

    def put(self, act: Callable[[], None]) -> None:
        delay_s = self._link.delay_s
        if delay_s <= 0 and not self._late and not self._link.silent:
            act()
            return
        # a delay that gets shorter lets nothing overtake: only the front of the line is looked at
        due = self._loop.time() + delay_s
        self._late.append((due, act))
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._run)

    def clear(self) -> None:
        """Forget what is under way."""
        self._late.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self) -> None:
        self._timer = None
        now = self._loop.time()
        if self._link.silent:
            self._timer = self._loop.call_at(now + SILENT_S, self._run)
            return
        while self._late and self._late[0][0] <= now + 1e-4:
            self._late.popleft()[1]()
        if self._late and self._timer is None:
            self._timer = self._loop.call_at(self._late[0][0], self._run)
