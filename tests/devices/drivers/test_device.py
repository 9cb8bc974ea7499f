"""The runner: quality within the stated time, recovery by itself, and no command that is late. In virtual time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from devices.drivers import (
    Device,
    DeviceType,
    Group,
    Point,
    PointError,
    Quality,
    Raw,
    Reason,
    Sample,
    Sink,
    State,
    Timing,
    Transition,
    Why,
    Write,
    WriteLimits,
    check,
)  # fmt: skip
from devices.drivers.driver import Block, Heard
from sim.tag import DataType, Value
from tests.devices.drivers.virtual import LoopClock, Script, in_virtual_time

TIMING = Timing(answer_s=1, lost_after=3, retry_s=0.5, retry_most_s=4, command_s=1, most_waiting=3)
OPEN = WriteLimits()


def real(tag: str, address: str = "", limits: WriteLimits | None = OPEN, deadband: float = 0.0) -> Point:
    return Point(f"x.{tag}", DataType.REAL, address or tag, DeviceType.REAL, limits=limits, deadband=deadband)


@asynccontextmanager
async def running(script: Script, *groups: Group, timing: Timing = TIMING) -> AsyncIterator[Device]:
    device = Device("x", script, groups, LoopClock(), timing)
    device.start()
    await asyncio.sleep(script.slow_s + 0.01)
    try:
        yield device
    finally:
        await device.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def fast(*points: Point) -> Group:
    return Group("fast", 0.1, points)


def stand(device: Device, tag: str) -> tuple[Value | None, Quality, Why | None]:
    sample = device.latest(f"x.{tag}")
    assert sample is not None
    return sample.value, sample.quality, sample.reason.why if sample.reason else None


@in_virtual_time
async def test_each_group_is_read_in_its_own_cycle() -> None:
    script = Script({"a": 1.0, "b": 2.0})
    async with running(script, fast(real("a")), Group("slow", 1, (real("b"),))) as device:
        await asyncio.sleep(3)
        reads = [addresses for _, addresses in script.reads]
        assert (reads.count(("a",)), reads.count(("b",))) == (31, 4)
        assert stand(device, "b") == (2.0, Quality.GOOD, None)
        assert device.counters.missed == 0


@in_virtual_time
async def test_a_device_slower_than_its_cycle_is_not_asked_in_bursts() -> None:
    script = Script({"a": 1.0}, slow_s=0.35)
    async with running(script, fast(real("a"))) as device:
        await asyncio.sleep(3.5)
        assert len(script.reads) <= 12
        assert device.counters.missed >= 20


@in_virtual_time
async def test_a_silent_request_makes_stale_and_three_of_them_bad_then_it_comes_back_by_itself() -> None:
    script = Script({"a": 1.0})
    async with running(script, fast(real("a"))) as device:
        script.silent = True
        await asyncio.sleep(1.15)
        assert stand(device, "a") == (1.0, Quality.STALE, Why.SILENT)
        assert device.state is State.UP
        await asyncio.sleep(2.1)
        assert stand(device, "a") == (1.0, Quality.BAD, Why.LOST)
        assert device.state is State.LOST
        script.silent = False
        script.values["a"] = 2.0
        await asyncio.sleep(2)
        assert stand(device, "a") == (2.0, Quality.GOOD, None)


@in_virtual_time
async def test_a_connection_that_ends_is_bad_at_once_and_sought_less_and_less_often() -> None:
    script = Script({"a": 1.0})
    async with running(script, fast(real("a"))) as device:
        script.off = True
        await asyncio.sleep(0.11)
        assert stand(device, "a") == (1.0, Quality.BAD, Why.LOST)
        await asyncio.sleep(20)
        waits = [round(b - a, 1) for a, b in zip(script.opens[1:], script.opens[2:], strict=False)]
        assert waits[:5] == [1.0, 2.0, 4.0, 4.0, 4.0]
        script.off = False
        await asyncio.sleep(4)
        assert stand(device, "a") == (1.0, Quality.GOOD, None)
        assert device.counters.losses == 1


def test_one_log_line_for_each_change_of_state(caplog: pytest.LogCaptureFixture) -> None:
    changes: list[Transition] = []

    async def lose_and_find() -> None:
        script = Script({"a": 1.0}, off=True)
        async with running(script, fast(real("a"))) as device:
            device.watch(changes.append)
            await asyncio.sleep(30)
            script.off = False
            await asyncio.sleep(5)

    with caplog.at_level(logging.INFO, "devices.drivers"):
        in_virtual_time(lose_and_find)()
    assert [record.getMessage() for record in caplog.records] == [
        "device x: opening", "device x: lost, connection refused", "device x: up", "device x: closed, stopped",
    ]  # fmt: skip
    assert [(change.before, change.after) for change in changes] == [
        (State.LOST, State.UP), (State.UP, State.CLOSED),
    ]  # fmt: skip


@in_virtual_time
async def test_no_command_outlives_its_connection() -> None:
    script = Script({"a": 1.0})
    async with running(script, fast(real("a"))) as device:
        script.silent = True
        sent = asyncio.create_task(device.write("x.a", 5.0))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(device.write("x.a", 6.0))
        answers = [reason.why for reason in await asyncio.gather(sent, waiting) if reason]
        assert answers == [Why.OUTCOME_UNKNOWN, Why.LOST]
        refused = await device.write("x.a", 7.0)
        assert refused is not None
        assert refused.why is Why.LOST
        script.silent = False
        await asyncio.sleep(5)
        assert device.state is State.UP
        assert script.done == []
        assert device.counters.dropped == {Why.OUTCOME_UNKNOWN: 1, Why.LOST: 2}


@in_virtual_time
async def test_a_write_goes_before_the_next_block_and_waits_no_longer_than_it_is_good_for() -> None:
    script = Script({"a": 1.0, "b": 1.0}, slow_s=0.6)
    async with running(script, fast(real("a")), Group("b", 0.1, (real("b"),))) as device:
        answers = await asyncio.gather(*(device.write("x.a", float(n)) for n in range(3)))
        # the first waits 0.59 s for the read under way, the second for that and the first
        assert [reason and reason.why for reason in answers] == [None, Why.TOO_LATE, Why.TOO_LATE]
        assert script.done == [("a", 0.0)]


@in_virtual_time
async def test_writes_that_wait_are_bounded_and_an_urgent_one_drops_them() -> None:
    script = Script({"a": 1.0}, slow_s=0.2)
    async with running(script, fast(real("a"))) as device:
        tasks = [asyncio.create_task(device.write("x.a", float(n))) for n in range(4)]
        await asyncio.sleep(0)
        urgent = asyncio.create_task(device.write("x.a", 0.0, urgent=True))
        answers = await asyncio.gather(*tasks, urgent)
        said = [reason and reason.why for reason in answers]
        assert said == [Why.SUPERSEDED, Why.SUPERSEDED, Why.SUPERSEDED, Why.BUSY, None]
        assert script.done == [("a", 0.0)]


@in_virtual_time
async def test_writes_are_answered_one_by_one_with_the_reason() -> None:
    script = Script({"a": 1.0}, refused={"no": Reason(Why.REFUSED, "device busy (6)")})
    points = (real("a", limits=WriteLimits(low=0, high=10)), real("no"), real("r", limits=None))
    async with running(script, fast(*points)) as device:
        writes: list[tuple[str, Value]] = [
            ("x.a", 11),
            ("x.no", 1.0),
            ("x.r", 1.0),
            ("x.q", 1),
            ("x.a", True),
            ("x.a", 9),
        ]
        answers = await device.write_many(writes)
        said = [reason and reason.why for reason in answers]
        assert said == [Why.RANGE, Why.REFUSED, Why.READ_ONLY, Why.UNKNOWN_POINT, Why.TYPE, None]
        assert script.done == [("a", 9.0)]
        assert stand(device, "no")[1:] == (Quality.BAD, Why.REFUSED)


@in_virtual_time
async def test_listeners_hear_changes_beyond_the_deadband_and_of_quality() -> None:
    script = Script({"a": 1.0})
    heard: list[tuple[Value | None, Quality]] = []
    async with running(script, fast(real("a", deadband=0.5))) as device:
        stop = device.listen(lambda sample: heard.append((sample.value, sample.quality)))
        for value in (1.2, 1.4, 1.6, 1.5, 1.0):
            script.values["a"] = value
            await asyncio.sleep(0.1)
        sample = device.latest("x.a")
        assert sample is not None
        assert (sample.value, sample.age_s(LoopClock().monotonic())) == (1.0, pytest.approx(0.01))
        assert heard == [(1.0, Quality.GOOD), (1.6, Quality.GOOD), (1.0, Quality.GOOD)]
        stop()
        script.off = True
        await asyncio.sleep(1)
        assert len(heard) == 3


@in_virtual_time
async def test_a_block_that_is_long_silent_is_bad_alone_and_asked_less_often() -> None:
    """One unit of several on a serial line is off."""

    class OneUnitOff(Script):
        async def _answer(self) -> None:
            if self.reads[-1][1] == ("off",):
                self.silent = True
            try:
                await super()._answer()
            finally:
                self.silent = False

    script = OneUnitOff({"a": 1.0, "off": 1.0})
    async with running(script, fast(real("a")), Group("two", 0.1, (real("off"),))) as device:
        await asyncio.sleep(20)
        assert stand(device, "a")[1] is Quality.GOOD
        assert stand(device, "off")[1:] == (Quality.BAD, Why.SILENT)
        assert device.counters.losses == 0
        asked = [at for at, addresses in script.reads if addresses == ("off",)]
        assert asked[-1] - asked[-2] > 3


@in_virtual_time
async def test_refresh_reads_now_and_out_of_turn() -> None:
    script = Script({"a": 1.0})
    async with running(script, Group("slow", 60, (real("a"),))) as device:
        script.values["a"] = 3.0
        assert [sample.value for sample in await device.refresh("slow")] == [3.0]


@in_virtual_time
async def test_check_says_of_each_point_how_it_is_and_writes_nothing() -> None:
    script = Script({"a": 1.0, "nan": float("nan")}, refused={"no": Reason(Why.REFUSED, "illegal data address (2)")})
    rows = await check(script, [fast(real("a"), real("nan"), real("no"))], LoopClock(), TIMING)
    assert [(row.reachable, row.fits, row.ok, row.reason and row.reason.why) for row in rows] == [
        (True, True, True, None), (True, False, False, Why.TYPE), (False, None, False, Why.REFUSED),
    ]  # fmt: skip
    assert script.done == []


@in_virtual_time
async def test_check_of_a_device_that_is_off_ends_in_time() -> None:
    rows = await check(Script(off=True), [fast(real("a"))], LoopClock(), TIMING, wait_s=5)
    assert [(row.reachable, row.reason and str(row.reason)) for row in rows] == [
        (False, "no connection: connection refused")
    ]
    assert LoopClock().monotonic() == pytest.approx(5)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([fast(real("a"), real("a"))], "x.a is there twice"),
        ([fast(real("a")), fast(real("b"))], "group fast is there twice"),
        ([Group("g", 0, (real("a"),))], "its cycle is 0 s"),
        ([fast(Point("x.a", DataType.REAL, "a", DeviceType.REAL, scale=0))], "scale is 0"),
        ([fast(Point("x.a", DataType.BOOL, "a", DeviceType.REAL))], "a BOOL tag cannot be a REAL"),
    ],
)
def test_points_without_meaning_are_refused_at_once(groups: Sequence[Group], words: str) -> None:
    with pytest.raises(PointError, match=words):
        Device("x", Script(), groups, LoopClock())


class Teller:
    """A driver that is told of changes."""

    def __init__(self) -> None:
        self.sinks: list[Sink] = []
        self.done: list[Value] = []

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def subscribe(self, groups: Sequence[Group], sink: Sink) -> None:
        self.sinks.append(sink)

    async def write(self, writes: Sequence[Write]) -> Sequence[Reason | None]:
        self.done += [write.value for write in writes]
        return [None] * len(writes)


@in_virtual_time
async def test_a_driver_that_subscribes_lives_by_its_signs_of_life() -> None:
    teller, point, heard = Teller(), real("a"), list[Sample]()
    device = Device("x", teller, [fast(point)], LoopClock(), TIMING)
    device.listen(heard.append)
    device.start()
    await asyncio.sleep(0.1)
    teller.sinks[0].heard(point, Raw(4.0))
    for _ in range(6):
        await asyncio.sleep(1)
        teller.sinks[0].alive()
    assert stand(device, "a") == (4.0, Quality.GOOD, None)
    assert await device.write("x.a", 1.0) is None
    await asyncio.sleep(2.6)
    assert stand(device, "a") == (4.0, Quality.STALE, Why.OLD)
    await asyncio.sleep(1)
    assert stand(device, "a")[1:] == (Quality.BAD, Why.LOST)
    await asyncio.sleep(1)
    teller.sinks[0].heard(point, Raw(5.0))  # of the old connection: nobody listens
    assert stand(device, "a")[1:] == (Quality.BAD, Why.LOST)
    teller.sinks[1].heard(point, Raw(6.0))
    assert [(sample.value, sample.quality) for sample in heard][-1] == (6.0, Quality.GOOD)
    teller.sinks[1].lost("the server said goodbye")
    await asyncio.sleep(0)
    assert device.why == "the server said goodbye"
    await device.stop()


@in_virtual_time
async def test_a_driver_that_never_comes_back_is_ended() -> None:
    script = Script({"a": 1.0})
    async with running(script, fast(real("a"))) as device:
        script.slow_s = 1e9
        await asyncio.sleep(19)
        assert device.state is State.UP
        await asyncio.sleep(1.3)
        assert (device.state, device.why) == (State.LOST, "the driver did not come back")
        script.slow_s = 0.0
        await asyncio.sleep(1)
        assert stand(device, "a") == (1.0, Quality.GOOD, None)


@in_virtual_time
async def test_a_driver_that_fails_in_a_way_of_its_own_is_begun_anew() -> None:
    class Broken(Script):
        async def read(self, block: Block) -> Sequence[Heard]:
            if self.silent:
                raise ZeroDivisionError("a bug")
            return await super().read(block)

    script = Broken({"a": 1.0})
    async with running(script, fast(real("a"))) as device:
        script.silent = True
        await asyncio.sleep(1)
        assert device.why == "ZeroDivisionError: a bug"
        script.silent = False
        await asyncio.sleep(5)
        assert stand(device, "a") == (1.0, Quality.GOOD, None)


@in_virtual_time
async def test_a_caller_that_gives_up_ends_the_connection_because_nobody_knows_the_outcome() -> None:
    script = Script({"a": 1.0})
    async with running(script, Group("slow", 60, (real("a"),))) as device:
        script.slow_s = 0.5
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await device.write("x.a", 3.0)
        assert device.why == "a request was given up"
        assert script.done == []
        await asyncio.sleep(2)
        assert device.state is State.UP


@in_virtual_time
async def test_a_device_that_was_stopped_can_be_started_again() -> None:
    script = Script({"a": 1.0})
    async with running(script, fast(real("a"))) as device:
        await device.stop()
        assert stand(device, "a")[1:] == (Quality.BAD, Why.LOST)
        refused = await device.write("x.a", 1.0)
        assert refused is not None
        device.start()
        await asyncio.sleep(0.1)
        assert stand(device, "a") == (1.0, Quality.GOOD, None)
        assert await device.write("x.a", 2.0) is None
