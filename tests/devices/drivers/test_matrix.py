"""Every driver against every device that speaks its protocol, through a cable that is pulled, cut and made to lie.

What is stated for all: a value is good, or says within `LOST_S` that it is not; it comes back by itself; a command is
done once, while its caller still waits, or never.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from controller.clock import SystemClock
from devices.drivers import Device, Group, Quality, Sample, State, Target, Timing, Why, make_driver
from tests.devices.drivers.foreign import BehindMosquitto, Libmodbus, NodeOpcUa, Snap7
from tests.devices.drivers.linelab_devices import OverModbus, OverMqtt, OverOpcUa, OverSparkplug
from tests.devices.drivers.proxy import Cable

TIMING = Timing(answer_s=0.3, open_s=2.0, lost_after=2, command_s=0.5, retry_s=0.05, retry_most_s=0.2)
# without an answer: `lost_after` questions, or signs of life, and one turn of the watch
LOST_S = TIMING.answer_s * (TIMING.lost_after + 1) + 0.2
BACK_S = 8.0  # a bound for the test alone: two cores do a lot besides
NUMBER, MOVING = "press.number", "press.moving"


class Subject(Protocol):
    """A device of the matrix."""

    port: int
    groups: tuple[Group, ...]

    def target(self, port: int) -> Target: ...
    async def start(self) -> None: ...
    async def kill(self) -> None: ...
    async def freeze(self, on: bool) -> None: ...
    @property
    def did(self) -> list[object]: ...


SUBJECTS: dict[str, Callable[[Path], Subject]] = {
    "node-opcua, subscribed": lambda folder: NodeOpcUa(folder, "subscribe"),
    "node-opcua, read": lambda folder: NodeOpcUa(folder, "read"),
    "libmodbus": lambda _: Libmodbus(),
    "mosquitto, JSON": lambda folder: BehindMosquitto(folder, "json"),
    "mosquitto, Sparkplug": lambda folder: BehindMosquitto(folder, "sparkplug"),
    "snap7": lambda _: Snap7(),
    "LineLab OPC UA, subscribed": lambda _: OverOpcUa("subscribe"),
    "LineLab OPC UA, read": lambda _: OverOpcUa("read"),
    "LineLab Modbus": lambda _: OverModbus(),
    "LineLab MQTT": lambda _: OverMqtt(),
    "LineLab Sparkplug": lambda _: OverSparkplug(),
}


class Seat:
    """A device, a cable to it and the driver at its end."""

    def __init__(self, subject: Subject, cable: Cable) -> None:
        self.subject, self.cable = subject, cable
        clock = SystemClock()
        driver = make_driver(subject.target(cable.port), TIMING, clock)
        self.device = Device("press", driver, subject.groups, clock, TIMING)

    def sample(self, tag: str) -> Sample:
        found = self.device.latest(tag)
        assert found is not None
        return found

    @property
    def good(self) -> bool:
        up = self.device.state is State.UP
        return up and all(self.sample(tag).quality is Quality.GOOD for tag in (NUMBER, MOVING))

    async def until(self, condition: Callable[[], bool], within_s: float = BACK_S) -> None:
        """A deadline of the test, not a statement about time."""
        try:
            async with asyncio.timeout(within_s):
                while not condition():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            why = [
                (sample.tag, str(sample.quality), str(sample.reason), sample.value) for sample in self.device.samples()
            ]
            raise AssertionError(f"{self.device.state} {self.device.why} {why} {self.subject.did}") from None

    async def write(self, value: int) -> Why | None:
        reason = await self.device.write(NUMBER, value)
        return reason.why if reason else None


@asynccontextmanager
async def seated(subject: Subject) -> AsyncIterator[Seat]:
    await subject.start()
    try:
        async with Cable(subject.port) as cable:
            seat = Seat(subject, cable)
            seat.device.start()
            try:
                await seat.until(lambda: seat.good)
                yield seat
            finally:
                await seat.device.stop()
    finally:
        await subject.kill()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def reads_and_writes(seat: Seat) -> None:
    before = seat.sample(MOVING).value
    assert await seat.write(3) is None
    await seat.until(lambda: seat.subject.did == [3])
    await seat.until(lambda: seat.sample(NUMBER).value == 3 and seat.sample(MOVING).value != before)


async def says_frozen(seat: Seat) -> None:
    await seat.subject.freeze(True)
    await seat.until(lambda: seat.sample(MOVING).quality is not Quality.GOOD)
    assert seat.sample(MOVING).quality is Quality.UNCERTAIN
    assert seat.sample(NUMBER).quality is Quality.GOOD, "the other value is not suspected"
    await seat.subject.freeze(False)
    await seat.until(lambda: seat.good)


async def outlives_a_pulled_cable(seat: Seat) -> None:
    """Half-open, with a command under way: it is answered as unknown, and never done."""
    done, connects = list(seat.subject.did), seat.cable.connects
    seat.cable.pull()
    begin = asyncio.get_running_loop().time()
    assert await seat.write(4) in (Why.OUTCOME_UNKNOWN, Why.LOST)
    await seat.until(lambda: not seat.good)
    assert asyncio.get_running_loop().time() - begin < LOST_S
    await seat.until(lambda: seat.sample(NUMBER).quality is Quality.BAD, LOST_S)
    assert await seat.write(5) is Why.LOST
    await seat.until(lambda: seat.cable.connects > connects)  # it has given the old connection up
    seat.cable.plug()
    await seat.until(lambda: seat.good)
    assert await seat.write(-1) is None
    await seat.until(lambda: seat.subject.did[-1:] == [-1])
    assert seat.subject.did == [*done, -1], "a command from before came late"


async def outlives_a_cut(seat: Seat) -> None:
    connects = seat.device.counters.connects
    seat.cable.cut()
    await seat.until(lambda: seat.device.counters.connects > connects and seat.good)


async def outlives_garbage(seat: Seat) -> None:
    """What the device sends is nonsense for a while: no value of it is good."""
    losses, wrong = seat.device.counters.losses, set()
    end = seat.device.listen(lambda sample: wrong.add(sample.value) if sample.quality is Quality.GOOD else None)
    seat.cable.answer = lambda data: bytes(0xA5 for _ in data)
    await seat.until(lambda: seat.device.counters.losses > losses or not seat.good)
    wrong.clear()
    await asyncio.sleep(2 * TIMING.answer_s)
    assert not wrong, "garbage was taken for a value"
    seat.cable.answer = lambda data: data
    await seat.until(lambda: seat.good)
    end()


async def outlives_delay(seat: Seat) -> None:
    """A slow network is no lost device; one slower than the time-out is."""
    seat.cable.delay_s = 0.04
    losses = seat.device.counters.losses
    assert await seat.write(1) is None
    await seat.until(lambda: seat.sample(NUMBER).value == 1)
    assert seat.device.counters.losses == losses
    seat.cable.delay_s = 2 * TIMING.answer_s
    await seat.until(lambda: not seat.good)
    seat.cable.delay_s = 0.0
    await seat.until(lambda: seat.good)


async def outlives_a_restart(seat: Seat) -> None:
    """The device is off for a while, and is found again on the same port."""
    done = len(seat.subject.did)
    await seat.subject.kill()
    await seat.until(lambda: seat.device.state is State.LOST)
    assert await seat.write(2) is Why.LOST
    assert {sample.quality for sample in seat.device.samples()} == {Quality.BAD}
    await seat.subject.start()
    await seat.until(lambda: seat.good)
    assert await seat.write(-3) is None
    await seat.until(lambda: seat.subject.did[done:] == [-3])


STEPS = (
    reads_and_writes,
    says_frozen,
    outlives_a_pulled_cable,
    outlives_a_cut,
    outlives_garbage,
    outlives_delay,
    outlives_a_restart,
)


LONG = (  # seconds of a processor each
    "node-opcua, subscribed", "node-opcua, read", "LineLab OPC UA, subscribed", "LineLab OPC UA, read",
    "LineLab Sparkplug",
)  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if name in LONG else []) for name in SUBJECTS]
)
async def test_matrix(name: str, tmp_path: Path) -> None:
    """All steps on one device, since starting some costs seconds of a processor."""
    async with seated(SUBJECTS[name](tmp_path)) as seat:
        for step in STEPS:
            await step(seat)
