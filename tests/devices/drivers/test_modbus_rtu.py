"""The Modbus driver on a serial line: a server on libmodbus over a pair of pseudo-terminals, and a LineLab bench."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from controller.clock import SystemClock
from devices.address_map import AddressMap
from devices.drivers import (
    DeviceType,
    Group,
    Lost,
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
from devices.modbus import ModbusEndpoint
from devices.modbus.endpoint import RTU_OVER_TCP, Ways
from devices.serial_settings import SerialSettings
from sim.tag import DataType
from tests.devices.drivers.libmodbus import UNIT, LibmodbusDevice
from tests.devices.drivers.serial_cable import SerialCable
from tests.devices.drivers.watching import becomes, connected, stand, until
from tests.devices.fake_line import FakeLine

QUICK = Timing(answer_s=0.15, open_s=1, retry_s=0.03, retry_most_s=0.2)
LIMITS = WriteLimits()


def word(tag: str, address: str) -> Point:
    return Point(f"x.{tag}", DataType.INT, address, DeviceType.INT, limits=LIMITS if "hold" in address else None)


ONE, TWO = word("one", "holding_register 1"), word("two", "holding_register 90")
# two blocks of the same size and function, so that an answer to one could be taken for one to the other
GROUP = Group("g", 0.02, (ONE, TWO))


@pytest.fixture
async def serial() -> AsyncIterator[SerialCable]:
    async with SerialCable() as cable:
        yield cable


@pytest.fixture
async def device(serial: SerialCable) -> AsyncIterator[LibmodbusDevice]:
    device = LibmodbusDevice("rtu", serial.far)
    await device.start()
    yield device
    await device.kill()


def target(path: str, **extra: str) -> Target:
    return Target(f"modbus-rtu://{path}", {"unit": UNIT, "baud": 115_200, "parity": "none", **extra})


async def test_values_go_out_and_come_back(serial: SerialCable, device: LibmodbusDevice) -> None:
    back = word("back", "input_register 1")
    async with connected(target(serial.near), QUICK, Group("g", 0.02, (ONE, back))) as driver:
        await becomes(driver, "x.one", Quality.GOOD, 0)
        assert await driver.write("x.one", -7) is None
        await becomes(driver, "x.back", Quality.GOOD, -7)
    assert device.writes == ["6 1 ff f9"]


def pull(cable: SerialCable) -> None:
    cable.pulled = True


def noise(cable: SerialCable) -> None:
    cable.answer = lambda data: b"\x00\xff" + data[:-1] + bytes([data[-1] ^ 1])


def late(cable: SerialCable) -> None:
    cable.delay_s = 0.2


@pytest.mark.parametrize("spoil", [pull, noise, late])
async def test_a_spoilt_line_is_seen_and_no_late_answer_is_taken_for_another(
    spoil: Callable[[SerialCable], None], serial: SerialCable, device: LibmodbusDevice
) -> None:
    wrong: list[Sample] = []

    def hear(sample: Sample) -> None:
        if sample.quality is Quality.GOOD and sample.value != {"x.one": 11, "x.two": 22}[sample.tag]:
            wrong.append(sample)

    async with connected(target(serial.near), QUICK, GROUP) as driver:
        await becomes(driver, "x.two", Quality.GOOD)
        await driver.write_many([("x.one", 11), ("x.two", 22)])
        await becomes(driver, "x.one", Quality.GOOD, 11)
        await becomes(driver, "x.two", Quality.GOOD, 22)
        driver.listen(hear)
        spoil(serial)
        await becomes(driver, "x.one", Quality.BAD)
        refused = await driver.write("x.one", 99)
        assert refused is not None
        assert refused.why is Why.LOST
        serial.pulled, serial.delay_s, serial.answer = False, 0.0, lambda data: data
        await becomes(driver, "x.one", Quality.GOOD)
        await becomes(driver, "x.two", Quality.GOOD)
    assert wrong == []
    assert device.writes == ["6 1 00 0b", "6 90 00 16"]


async def test_one_unit_of_two_that_is_off_does_not_take_the_other_along(
    serial: SerialCable, device: LibmodbusDevice
) -> None:
    off = word("off", f"{UNIT + 1}:holding_register 1")
    timing = Timing(answer_s=0.05, open_s=1, retry_s=0.03, retry_most_s=0.2)
    async with connected(target(serial.near), timing, Group("g", 0.02, (ONE, off))) as driver:
        await until(driver, lambda: stand(driver, "x.off")[1:] == (Quality.BAD, Why.SILENT))
        await becomes(driver, "x.one", Quality.GOOD)
        assert driver.state is State.UP
    assert device.writes == []


async def test_a_port_that_is_not_there_is_named_and_found_when_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "ttyUSB0"
    async with connected(target(str(path)), QUICK, GROUP) as driver:
        await until(driver, lambda: driver.state is State.LOST)
        assert driver.why == f"{path}: No such file or directory"
        async with SerialCable() as cable:
            path.symlink_to(cable.near)
            device = LibmodbusDevice("rtu", cable.far)
            await device.start()
            await becomes(driver, "x.one", Quality.GOOD)
            await device.kill()


@pytest.mark.parametrize("over_tcp", [False, True])
async def test_a_linelab_bench_is_a_device_like_any_other(over_tcp: bool, tmp_path: Path) -> None:
    line, link = FakeLine(), tmp_path / "bench.modbus"
    ways = Ways(rtu_port=0, serial=SerialSettings("pty", unit=UNIT, baud=115_200, link=link))
    addresses = AddressMap(line.line, line.tags)
    endpoint = ModbusEndpoint(line, addresses, port=0, ways=ways)
    await endpoint.start()
    at = addresses.find("sorting.belt_speed")
    assert at is not None
    speed = Point("x.speed", DataType.REAL, f"holding_register {at.modbus.address_32}", DeviceType.REAL, limits=LIMITS)
    url = endpoint.further_ways[RTU_OVER_TCP].replace("rtu+tcp", "modbus-tcp") + "/1?framing=rtu"
    async with connected(Target(url) if over_tcp else target(str(link)), QUICK, Group("g", 0.02, (speed,))) as driver:
        await becomes(driver, "x.speed", Quality.GOOD, 200.0)
        assert await driver.write("x.speed", 321.5) is None
        await becomes(driver, "x.speed", Quality.GOOD, 321.5)
        refused = await driver.write("x.speed", 9999.0)
        assert str(refused) == "refused by the device: illegal data value (3)"
    await endpoint.stop()


async def test_a_search_on_a_line_names_a_unit_that_does_not_answer(
    serial: SerialCable, device: LibmodbusDevice
) -> None:
    found = await discover(target(serial.near), QUICK, SystemClock(), ProbeLimits(last=9))
    assert len(found.found) == 40
    with pytest.raises(Lost, match="unit 9 does not answer"):
        await discover(target(serial.near, unit="9"), QUICK, SystemClock(), ProbeLimits(last=9))
