"""Whether the outputs of one real station may move: lease, interlock, watchdog, and the test that must come before.

Sans-I/O but for the device that it is handed. It counts only while all is well, so a dead process counts no more.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from controller.bindings.points import COUNT
from controller.bindings.watching import Watched
from devices.drivers import Device, State
from devices.endpoint import Clock
from scenarios.binding import Arming

TEST_GOOD_FOR_S = 600.0
LIVE_S = 3.0  # a device that is counted to shows within so long, besides `within`, that it is live
LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Test:
    """What an arming test has shown."""

    passed: bool
    took_s: float | None  # from the last count to the safe state
    within_s: float
    at_s: float
    connection: int  # the test says nothing of a later connection
    why: str = ""


@dataclass(slots=True)
class Lease:
    """An engineer's hold on an armed station."""

    id: str
    by: str
    until_s: float


class Guard:
    """One per station that can be armed."""

    def __init__(self, station: str, arming: Arming, device: Device, clock: Clock) -> None:
        self.station, self.arming, self._device, self._clock = station, arming, device, clock
        self.interlock = Watched(arming.interlock, station, device)
        self.safe = Watched(arming.watchdog.safe, station, device)
        self.test: Test | None = None
        self.lease: Lease | None = None
        self.testing = False
        self._count = 0

    # ---- what must hold ----------------------------------------------------------------------------------------

    def tested(self) -> bool:
        """Whether a test has just shown on this very connection that the device stops without us."""
        test = self.test
        if test is None or not test.passed or test.connection != self._device.counters.connects:
            return False
        return self._clock.monotonic() - test.at_s <= TEST_GOOD_FOR_S

    def refuses(self) -> str:
        """Why it cannot be armed now, as a code; empty where it can."""
        if self._device.state is not State.UP:
            return "device"
        if not self.interlock.holds():
            return "interlock"
        return "" if self.tested() else "test"

    def trips(self) -> str:
        """Why an armed station must be disarmed now; empty where all is well."""
        if self._device.state is not State.UP:
            return "device"
        if self.lease is None or self._clock.monotonic() > self.lease.until_s:
            return "lease"
        if self.safe.holds():
            return "tripped"  # the device has gone to its safe state by itself: what it holds is not what we wrote
        return "" if self.interlock.holds() else "interlock"

    async def wake(self) -> bool:
        """Count until the device shows that it is live. False: it does not."""
        dog = self.arming.watchdog
        self.testing = True
        try:
            return await self._until(self.safe.fails, dog.within_s + LIVE_S, self.count, dog.every_s)
        finally:
            self.testing = False

    def renew(self, id: str) -> bool:
        """A heartbeat of whoever holds the lease."""
        if self.lease is None or self.lease.id != id or self._clock.monotonic() > self.lease.until_s:
            return False
        self.lease.until_s = self._clock.monotonic() + self.arming.lease_s
        return True

    # ---- the watchdog ------------------------------------------------------------------------------------------

    async def count(self) -> bool:
        """One more count. False: the device did not take it."""
        self._count = self._count % 65535 + 1
        return await self._device.write(f"{self.station}.{COUNT}", self._count) is None

    async def prove(self) -> Test:
        """Count until the device is live, stop, and see how soon it is in its safe state. Nothing else is written."""
        self.testing = True
        try:
            self.test = await self._prove()
        finally:
            self.testing = False
        return self.test

    async def _prove(self) -> Test:
        dog = self.arming.watchdog
        if self._device.state is not State.UP:
            return self._failed("the device is not connected")
        if not await self._until(self.safe.fails, dog.within_s + LIVE_S, self.count, dog.every_s):
            return self._failed("counted to, the device does not leave its safe state: the test would show nothing")
        stopped_s = self._clock.monotonic()
        if not await self._until(self.safe.holds, dog.within_s):
            return self._failed(f"not in its safe state {dog.within_s:g} s after the counting stopped")
        now_s = self._clock.monotonic()
        return Test(True, now_s - stopped_s, dog.within_s, now_s, self._device.counters.connects)

    def _failed(self, why: str) -> Test:
        now_s = self._clock.monotonic()
        return Test(False, None, self.arming.watchdog.within_s, now_s, self._device.counters.connects, why)

    async def _until(
        self,
        happens: Callable[[], bool],
        seconds: float,
        meanwhile: Callable[[], Awaitable[bool]] | None = None,
        every_s: float = LOOK_S,
    ) -> bool:
        end_s, next_s = self._clock.monotonic() + seconds, 0.0
        while not happens():
            now_s = self._clock.monotonic()
            if now_s > end_s:
                return False
            if meanwhile is not None and now_s >= next_s:
                next_s = now_s + every_s
                await meanwhile()
            await asyncio.sleep(min(LOOK_S, every_s))
        return True
