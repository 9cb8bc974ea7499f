"""An `Impairment` with a loop: calls what it is given at once while the link is well, later while it is not."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from devices.dice import Dice
from devices.endpoint import Link
from devices.impairment import Impairment

T = TypeVar("T")

LOOK_S = 0.05  # how often a silent link is asked whether it speaks again


class LateLine(Generic[T]):
    """One direction of one connection. `deliver` takes what comes through, `moved` hears afterwards that some did."""

    def __init__(
        self,
        link: Link,
        deliver: Callable[[T], object],
        moved: Callable[[], object] | None = None,
        dice: Dice | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._impairment: Impairment[T] = Impairment(link, dice)
        self._deliver, self._moved = deliver, moved
        self._timer: asyncio.TimerHandle | None = None

    @property
    def calm(self) -> bool:
        """Whatever is put goes through in the same turn of the loop."""
        return self._impairment.calm

    @property
    def empty(self) -> bool:
        return not len(self._impairment)

    def put(self, item: T, extra_s: float = 0.0) -> None:
        if extra_s <= 0 and self._impairment.calm:
            self._deliver(item)
            return
        self._impairment.put(self._loop.time(), item, extra_s)
        if self._timer is None:
            self._arm()
        elif (due_s := self._impairment.due_s()) is not None and due_s < self._timer.when():
            self._timer.cancel()  # what waited to be overtaken was
            self._arm()

    def clear(self) -> None:
        """Forget what is on its way."""
        self._impairment.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        due_s = self._impairment.due_s()
        if due_s is not None:
            self._timer = self._loop.call_at(due_s, self._arrive)

    def _arrive(self) -> None:
        self._timer = None
        if self._impairment.silent:
            self._timer = self._loop.call_later(LOOK_S, self._arrive)
            return
        # a timer may come early by a tick of the clock: what it was for has come
        now_s = max(self._loop.time(), self._impairment.due_s() or 0.0)
        for item in self._impairment.take(now_s):
            self._deliver(item)
        if self._timer is None:
            self._arm()
        if self._moved is not None:
            self._moved()
