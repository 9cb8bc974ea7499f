"""`linelab devices check`: connect, read every point, and say of each how it is."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from devices.drivers.device import Device
from devices.drivers.driver import Driver
from devices.drivers.point import Group
from devices.drivers.reason import Reason, Why
from devices.drivers.sample import Quality, Sample
from devices.drivers.target import Timing
from devices.endpoint import Clock
from sim.tag import Value


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One tag of a device. `fits` is None where nothing was heard that could tell."""

    tag: str
    address: str
    reachable: bool
    fits: bool | None
    value: Value | None
    quality: Quality
    reason: Reason | None
    age_s: float | None

    @property
    def ok(self) -> bool:
        return self.reachable and self.fits is True and self.quality is Quality.GOOD


async def check(
    driver: Driver, groups: Sequence[Group], clock: Clock, timing: Timing | None = None, wait_s: float = 5.0
) -> list[CheckRow]:
    """One row for each point, after all have said something or `wait_s`. Writes nothing. Raises `PointError`."""
    device = Device("check", driver, groups, clock, timing)
    waiting = {sample.tag for sample in device.samples()}
    answered = asyncio.Event()

    def hear(sample: Sample) -> None:
        if not _waiting(sample):
            waiting.discard(sample.tag)
        if not waiting:
            answered.set()

    device.listen(hear)
    device.start()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await answered.wait()
        now_s = clock.monotonic()
        return [_row(sample, now_s) for sample in device.samples()]
    finally:
        await device.stop()


def _waiting(sample: Sample) -> bool:
    """Silence may end; a refusal or a wrong type will not."""
    return sample.reason is not None and sample.reason.why in (Why.NOT_YET, Why.SILENT, Why.LOST)


def _row(sample: Sample, now_s: float) -> CheckRow:
    why = sample.reason.why if sample.reason else None
    reachable = sample.heard_s is not None or why in (Why.TYPE, Why.RANGE)
    fits = why not in (Why.TYPE, Why.RANGE) if reachable else None
    point = sample.point
    return CheckRow(
        point.tag, point.address, reachable, fits, sample.value, sample.quality, sample.reason, sample.age_s(now_s)
    )
