"""Ends a call of a driver that never comes back. One timer for many calls: a time-out each would cost too much."""

import asyncio


class WatchDog:
    """`begin` a call, `end` it; where it takes too long its task is cancelled, and `bit` says once that it was us."""

    def __init__(self) -> None:
        self._task: asyncio.Task[object] | None = None
        self._until_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._bit = False

    def begin(self, limit_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._task, self._until_s = asyncio.current_task(), loop.time() + limit_s
        if self._timer is None or self._timer.when() > self._until_s:
            self.stop()
            self._timer = loop.call_at(self._until_s, self._look, loop)

    def end(self) -> None:
        self._task = None

    def stop(self) -> None:
        """No timer is left."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def bit(self) -> bool:
        """Whether the task of now was cancelled from here; it goes on then."""
        bit, self._bit = self._bit, False
        task = asyncio.current_task()
        if bit and task is not None:
            task.uncancel()
        return bit

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._task is None:
            return
        if loop.time() < self._until_s:
            self._timer = loop.call_at(self._until_s, self._look, loop)
        else:
            self._bit = True
            self._task.cancel()
