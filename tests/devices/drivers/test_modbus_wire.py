"""The Modbus driver against a server on libmodbus: values, functions, refusals, and every way to spoil a cable."""

import asyncio
from collections.abc import Callable

import pytest

from controller.clock import SystemClock
from devices.address_map import WordOrder
from devices.drivers import (
    Device,
    DeviceType,
    Group,
    Plausibility,
    Point,
    ProbeLimits,
    Quality,
    Sample,
    State,
    Target,
    Timing,
    Why,
    WriteLimits,
    discover,
)
from devices.drivers.point import ANYTHING
from sim.tag import DataType, Value
from tests.devices.drivers.libmodbus import BROKEN, MAPPED, LibmodbusDevice
from tests.devices.drivers.proxy import HOST, Cable
from tests.devices.drivers.watching import becomes, connected, stand, until

QUICK = Timing(answer_s=0.15, open_s=1, retry_s=0.03, retry_most_s=0.2)
BIT, REAL = DeviceType.BOOL, DeviceType.REAL
LIMITS = WriteLimits()


def point(
    tag: str, address: str, kind: DeviceType, order: WordOrder = WordOrder.ABCD, plausible: Plausibility = ANYTHING
) -> Point:
    type_ = DataType.BOOL if kind is BIT else DataType.DINT if kind.is_integer else DataType.REAL
    limits = LIMITS if address.startswith(("coil", "holding")) else None
    return Point(f"x.{tag}", type_, address, kind, word_order=order, limits=limits, plausible=plausible)


RUN, RAN = point("run", "coil 3", BIT), point("ran", "discrete_input 3", BIT)
SPEED, SPED = point("speed", "holding_register 10", REAL), point("sped", "input_register 10", REAL)
FAST = Group("fast", 0.02, (RUN, RAN, SPEED, SPED))


def target(cable: Cable) -> Target:
    return Target(f"modbus-tcp://{HOST}:{cable.port}/1")


async def test_values_of_every_type_and_order_go_out_and_come_back(cable: Cable) -> None:
    values: dict[DeviceType, Value] = {
        DeviceType.SINT: -5, DeviceType.USINT: 200, DeviceType.INT: -3000, DeviceType.UINT: 60000,
        DeviceType.DINT: -70000, DeviceType.UDINT: 70000, DeviceType.LINT: -(2**30), DeviceType.ULINT: 2**30,
        DeviceType.REAL: 321.5, DeviceType.LREAL: 0.1,
    }  # fmt: skip
    outs, ins = [], []
    for n, order in enumerate(WordOrder):
        for m, kind in enumerate(values):
            at = 45 * n + 4 * m
            outs.append(point(f"o{at}", f"holding_register {at}", kind, order))
            ins.append(point(f"i{at}", f"input_register {at}", kind, order))
    group = Group("all", 0.02, (*outs, *ins))
    async with connected(target(cable), QUICK, group) as device:
        await until(device, lambda: device.state is State.UP)
        answers = await device.write_many([(one.tag, values[one.device_type]) for one in outs])
        assert set(answers) == {None}
        for one in ins:
            await becomes(device, one.tag, Quality.GOOD, values[one.device_type])


async def test_functions_are_the_smallest_that_do(cable: Cable, modbus_device: LibmodbusDevice) -> None:
    points = (
        RUN, point("run_2", "coil 4", BIT), SPEED, point("word", "holding_register 20", DeviceType.UINT),
        point("flag", "holding_register 21.3", BIT),
    )  # fmt: skip
    async with connected(target(cable), QUICK, Group("g", 0.02, points)) as device:
        await becomes(device, "x.flag", Quality.GOOD)
        await device.write("x.run", True)
        await device.write_many([("x.run", True), ("x.run_2", True)])
        await device.write("x.word", 9)
        await device.write("x.speed", 1.5)
        await device.write("x.flag", True)
        await becomes(device, "x.flag", Quality.GOOD, True)
        assert device.counters.requests == device.counters.connects + len(device.counters.latencies) - 1
    assert modbus_device.writes == [
        "5 3 ff 00", "15 3 00 02 01 03", "6 20 00 09", "16 10 00 02 04 3f c0 00 00", "22 21 ff f7 00 08",
    ]  # fmt: skip


async def test_what_the_device_refuses_is_said_and_the_neighbours_do_not_suffer(cable: Cable) -> None:
    points = (
        point("here", f"holding_register {BROKEN - 2}", DeviceType.UINT),
        point("broken", f"holding_register {BROKEN}", DeviceType.UINT),
        point("last", f"input_register {MAPPED - 2}", DeviceType.UINT),
        point("beyond", f"input_register {MAPPED}", DeviceType.UINT),
    )
    async with connected(target(cable), QUICK, Group("g", 0.02, points)) as device:
        await becomes(device, "x.here", Quality.GOOD, 0)
        await becomes(device, "x.last", Quality.GOOD, 0)
        for tag in ("x.broken", "x.beyond"):
            assert stand(device, tag)[1:] == (Quality.BAD, Why.REFUSED)
        sample = device.latest("x.beyond")
        assert sample is not None
        assert str(sample.reason) == "refused by the device: illegal data address (2)"
        assert str(await device.write("x.broken", 1)) == "refused by the device: device failure (4)"
        assert device.state is State.UP


def cut(cable: Cable) -> None:
    cable.cut()


def garble(cable: Cable) -> None:
    cable.answer = lambda data: b"HTTP/1.1 400 Bad Request\r\n\r\n"


def drop(cable: Cable) -> None:
    cable.answer = lambda data: b""


def halve(cable: Cable) -> None:
    cable.answer = lambda data: data[: len(data) // 2]


def other_function(cable: Cable) -> None:
    """Of the same shape: coils for discrete inputs, holding for input registers."""
    cable.answer = lambda data: data[:7] + bytes([{1: 2, 2: 1, 3: 4, 4: 3}.get(data[7], data[7])]) + data[8:]


def other_number(cable: Cable) -> None:
    cable.answer = lambda data: bytes([data[0] ^ 0x55]) + data[1:]


def delay(cable: Cable) -> None:
    cable.delay_s = 0.2


@pytest.mark.parametrize("spoil", [cut, garble, drop, halve, other_function, other_number, delay, Cable.pull])
async def test_a_spoilt_cable_is_seen_and_it_comes_back_by_itself(
    spoil: Callable[[Cable], None], cable: Cable, modbus_device: LibmodbusDevice
) -> None:
    """Whatever comes, no value is ever good that the device did not have, and no command is done later."""
    wrong: list[Sample] = []

    def hear(sample: Sample) -> None:
        if sample.quality is Quality.GOOD and sample.value != {"x.run": True, "x.ran": True}.get(sample.tag, 2.5):
            wrong.append(sample)

    async with connected(target(cable), QUICK, FAST) as device:
        await becomes(device, "x.sped", Quality.GOOD)
        await device.write_many([("x.run", True), ("x.speed", 2.5)])
        await becomes(device, "x.sped", Quality.GOOD, 2.5)
        await becomes(device, "x.ran", Quality.GOOD, True)
        stop = device.listen(hear)
        spoil(cable)
        if spoil is cut:  # over in a moment: it is enough that somebody has seen it
            await until(device, lambda: device.counters.losses == 1)
        else:
            await becomes(device, "x.speed", Quality.BAD)
            refused = await device.write("x.speed", 99.0)
            assert refused is not None
            assert refused.why is Why.LOST
        cable.answer, cable.delay_s = lambda data: data, 0.0
        cable.plug()
        for one in FAST.points:
            await becomes(device, one.tag, Quality.GOOD)
        stop()
    assert wrong == []
    assert modbus_device.writes == ["5 3 ff 00", "16 10 00 02 04 40 20 00 00"]


async def test_a_silent_device_is_stale_before_it_is_bad(cable: Cable) -> None:
    told: list[Quality] = []
    async with connected(target(cable), QUICK, FAST) as device:
        await becomes(device, "x.run", Quality.GOOD)
        device.listen(lambda sample: told.append(sample.quality) if sample.tag == "x.run" else None)
        cable.pull()
        await becomes(device, "x.run", Quality.BAD)
    assert told[:3] == [Quality.GOOD, Quality.STALE, Quality.BAD]


async def test_a_command_into_a_pulled_cable_is_not_done_when_it_is_whole_again(
    cable: Cable, modbus_device: LibmodbusDevice
) -> None:
    """Its bytes are on their way when the cable is pulled: the driver has to take them back."""
    async with connected(target(cable), QUICK, FAST) as device:
        await becomes(device, "x.run", Quality.GOOD)
        cable.pull()
        first, second = await asyncio.gather(device.write("x.run", True), device.write("x.speed", 9.0))
        assert first is not None
        assert second is not None
        assert (first.why in (Why.OUTCOME_UNKNOWN, Why.LOST), second.why) == (True, Why.LOST)
        cable.plug()
        await becomes(device, "x.run", Quality.GOOD, False)
        assert await device.write("x.speed", 1.0) is None
    assert modbus_device.writes == ["16 10 00 02 04 3f 80 00 00"]


async def test_a_device_that_restarts_is_found_again(cable: Cable, modbus_device: LibmodbusDevice) -> None:
    async with connected(target(cable), QUICK, FAST) as device:
        await becomes(device, "x.run", Quality.GOOD)
        await device.write("x.run", True)
        await becomes(device, "x.run", Quality.GOOD, True)
        await modbus_device.kill()
        await becomes(device, "x.run", Quality.BAD, True)
        await modbus_device.start()
        await becomes(device, "x.run", Quality.GOOD, False)  # it lost its memory, and nobody wrote it again
    assert modbus_device.writes == ["5 3 ff 00"]


async def test_nobody_listens(cable: Cable) -> None:
    await cable.refuse()
    async with connected(target(cable), QUICK, FAST) as device:
        await until(device, lambda: device.state is State.LOST)
        assert "refused" in device.why.lower()
        await cable.restore()
        await becomes(device, "x.run", Quality.GOOD)


async def test_wrong_byte_order_and_frozen_values_are_doubted(cable: Cable) -> None:
    turned = point("turned", "input_register 10", REAL, WordOrder.CDAB, Plausibility(low=1, high=100))
    alive = point("alive", f"input_register {MAPPED - 1}", DeviceType.UINT, plausible=Plausibility(frozen_s=0.2))
    freeze = point("freeze", f"coil {MAPPED - 1}", BIT)
    async with connected(target(cable), QUICK, Group("g", 0.02, (SPEED, turned, alive, freeze))) as device:
        await becomes(device, "x.alive", Quality.GOOD)
        await device.write("x.speed", 50.0)
        await becomes(device, "x.speed", Quality.GOOD, 50.0)
        assert stand(device, "x.turned")[1:] == (Quality.UNCERTAIN, Why.IMPLAUSIBLE)
        assert stand(device, "x.alive")[1] is Quality.GOOD
        await device.write("x.freeze", True)
        await until(device, lambda: stand(device, "x.alive")[1:] == (Quality.UNCERTAIN, Why.FROZEN))
        await device.write("x.freeze", False)
        await becomes(device, "x.alive", Quality.GOOD)


async def test_a_search_finds_what_is_there_within_its_limits(cable: Cable) -> None:
    timing = Timing(answer_s=1)
    found = await discover(target(cable), timing, SystemClock(), ProbeLimits(first=100, last=300))
    # reading the broken register is refused, and its neighbours are found all the same
    addresses = [one.address for one in found.found]
    assert len(addresses) == 4 * 100 - 1
    assert f"holding_register {BROKEN}" not in addresses
    assert f"holding_register {BROKEN + 1}" in addresses
    few = await discover(target(cable), timing, SystemClock(), ProbeLimits(most_found=50))
    assert (len(few.found), few.complete) == (50, False)
    assert "stopped at 50 places" in few.notes[0]


async def test_two_devices_at_once_leave_nothing_behind(cable: Cable) -> None:
    before = asyncio.all_tasks()
    async with connected(target(cable), QUICK, FAST) as one, connected(target(cable), QUICK, FAST) as two:
        await becomes(one, "x.run", Quality.GOOD)
        await becomes(two, "x.run", Quality.GOOD)
        assert isinstance(one, Device)
        await two.write("x.run", True)
        await becomes(one, "x.ran", Quality.GOOD, True)
    await cable.refuse()
    assert {task for task in asyncio.all_tasks() - before if "device" in task.get_name()} == set()
