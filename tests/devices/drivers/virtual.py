"""A loop in which waiting takes no time, and a driver that does as it is told: tests of the runner without a wire."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from devices.drivers import Lost, Point, Raw, Reason, Silent, Why, Write
from devices.drivers.driver import Block, Heard
from sim.tag import Value


class _Leap(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Instead of waiting for the next timer the clock is put there."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing will happen")
        found: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if not found:
            self.now += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._leap = _Leap()
        super().__init__(self._leap)

    def time(self) -> float:
        return self._leap.now


class LoopClock:
    """The clock of whatever loop runs."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.monotonic())


def in_virtual_time(test: Callable[[], Coroutine[object, object, None]]) -> Callable[[], None]:
    """Decorates an `async def test_...()`."""

    def run() -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


@dataclass(frozen=True)
class OneBlock:
    points: tuple[Point, ...]


@dataclass
class Script:
    """A device in the test's hands, and the `Polled` driver that reaches it. Blocks are as large as a group."""

    values: dict[str, Value] = field(default_factory=dict)
    refused: dict[str, Reason] = field(default_factory=dict)  # by address
    silent: bool = False  # takes a second to say so, as a time-out of 1 s does
    off: bool = False  # refuses connections, and ends the one there is
    slow_s: float = 0.0
    stamp: datetime | None = None
    done: list[tuple[str, Value]] = field(default_factory=list)  # what was written
    reads: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)
    opens: list[float] = field(default_factory=list)
    closes: int = 0

    async def open(self) -> None:
        self.opens.append(asyncio.get_running_loop().time())
        if self.off:
            raise Lost("connection refused")

    async def close(self) -> None:
        self.closes += 1

    def plan(self, points: Sequence[Point]) -> Sequence[Block]:
        return [OneBlock(tuple(points))]

    async def read(self, block: Block) -> Sequence[Heard]:
        self.reads.append((asyncio.get_running_loop().time(), tuple(point.address for point in block.points)))
        await self._answer()
        return [self._one(point) for point in block.points]

    async def write(self, writes: Sequence[Write]) -> Sequence[Reason | None]:
        await self._answer()
        for write in writes:
            if write.point.address not in self.refused:
                self.done.append((write.point.address, write.value))
                self.values[write.point.address] = write.value
        return [self.refused.get(write.point.address) for write in writes]

    async def _answer(self) -> None:
        await asyncio.sleep(self.slow_s)
        if self.off:
            raise Lost("the device hung up")
        if self.silent:
            await asyncio.sleep(1)
            raise Silent("no answer within 1 s")

    def _one(self, point: Point) -> Heard:
        if point.address in self.refused:
            return self.refused[point.address]
        if point.address not in self.values:
            return Reason(Why.REFUSED, "nothing there")
        return Raw(self.values[point.address], self.stamp)
