"""Waiting for what a device is told to say, with a deadline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from controller.clock import SystemClock
from devices.drivers import Device, Group, Quality, Target, Timing, Why, make_driver
from sim.tag import Value

Stand = tuple[Value | None, Quality, Why | None]

DEADLINE_S = 15  # of a test that is about to fail; nothing here takes a second


@asynccontextmanager
async def connected(target: Target, timing: Timing, *groups: Group) -> AsyncIterator[Device]:
    """A device on its driver, running, until the end of the test; leaves no task behind."""
    clock = SystemClock()
    device = Device("x", make_driver(target, timing, clock), groups, clock, timing)
    device.start()
    try:
        yield device
    finally:
        await device.stop()


def stand(device: Device, tag: str) -> Stand:
    sample = device.latest(tag)
    assert sample is not None
    return sample.value, sample.quality, sample.reason.why if sample.reason else None


async def until(device: Device, found: Callable[[], bool]) -> None:
    """Wakes at each change that the device tells."""
    changed = asyncio.Event()
    stop = device.listen(lambda _: changed.set())
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not found():
                changed.clear()
                await changed.wait()
    finally:
        stop()


async def becomes(device: Device, tag: str, quality: Quality, value: Value | None = None) -> None:
    """Until the tag has this quality, and this value if one is given."""

    def found() -> bool:
        now = stand(device, tag)
        return now[1] is quality and value in (None, now[0])

    await until(device, found)
