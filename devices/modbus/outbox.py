"""Answers on their way to one client: at once, or late as the link says, always in order."""

import asyncio
from collections import deque
from collections.abc import Callable

_MOST_BYTES = 65536  # answers that wait; above this no more requests are taken


class Outbox:
    """Sends answers through `write`. With no delay and nothing waiting that happens in the same turn of the loop."""

    def __init__(self, write: Callable[[bytes], None], drained: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._write = write
        self._drained = drained
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def full(self) -> bool:
        return self._bytes > _MOST_BYTES

    def send(self, answer: bytes, delay_s: float) -> None:
        if delay_s <= 0 and not self._waiting:
            self._write(answer)
            return
        self._waiting.append((self._loop.time() + delay_s, answer))
        self._bytes += len(answer)
        if self._timer is None:
            self._arm()

    def close(self) -> None:
        """Forget what waits."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._waiting.clear()
        self._bytes = 0

    def _arm(self) -> None:
        self._timer = self._loop.call_at(self._waiting[0][0], self._flush)

    def _flush(self) -> None:
        self._timer = None
        self._pop()  # the one that the timer was for, even if the clock is a tick behind
        # a delay that shrank does not overtake: it is looked at only when it is in front, and then it is late already
        while self._waiting and self._waiting[0][0] <= self._loop.time():
            self._pop()
        if self._waiting:
            self._arm()
        self._drained()

    def _pop(self) -> None:
        _, answer = self._waiting.popleft()
        self._bytes -= len(answer)
        self._write(answer)
