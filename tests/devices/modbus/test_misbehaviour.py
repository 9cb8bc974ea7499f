"""A Modbus device that is set up wrongly or shares its address, seen by pymodbus' own client."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from devices.address_map import AddressMap
from devices.endpoint import Wire
from devices.modbus import ModbusEndpoint
from devices.modbus.scanner import PEER
from devices.strangers import StrangerWrite
from sim.refusal import Refusal
from tests.devices.fake_line import FakeLine, FakeLink
from tests.devices.modbus.raw import RawClient, read, words

SPEED = 2000  # belt_speed, 200.0 mm/s in tenths, the first holding register


@pytest.fixture
def link(line: FakeLine) -> FakeLink:
    return line.links[Wire.MODBUS]


@pytest.fixture
async def master(endpoint: ModbusEndpoint) -> AsyncIterator[AsyncModbusTcpClient]:
    port = int(endpoint.url.rpartition(":")[2])
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=0.2, retries=0)
    assert await client.connect()
    yield client
    client.close()


@pytest.mark.parametrize("code", [1, 2, 3, 4, 6, 11])
async def test_requests_are_answered_with_an_exception(
    master: AsyncModbusTcpClient, link: FakeLink, line: FakeLine, endpoint: ModbusEndpoint, code: int
) -> None:
    link.be(exception=code, exception_ppm=1_000_000)
    answer = await master.read_holding_registers(0, count=1)
    assert (answer.isError(), answer.exception_code) == (True, code)
    (diagnosis,) = endpoint.diagnosis()
    assert diagnosis.exceptions == {code: 1}
    assert line.notes[-1][1:] == ("refused", f"fc3 00000001 exception {code}")
    link.be()
    assert (await master.read_holding_registers(0, count=1)).registers == [SPEED]


async def test_exceptions_come_in_bursts(master: AsyncModbusTcpClient, link: FakeLink) -> None:
    link.be(exception=11, exception_ppm=100_000, exception_burst=5)
    said = [(await master.read_holding_registers(0, count=1)).isError() for _ in range(120)]
    text = "".join("x" if bad else "." for bad in said).strip("x")
    assert 10 < sum(said) < 100
    bursts = [len(burst) for burst in text.split(".") if burst]
    assert bursts
    assert all(burst % 5 == 0 for burst in bursts)


async def test_only_one_unit_is_there(master: AsyncModbusTcpClient, link: FakeLink) -> None:
    link.be(unit=7)
    with pytest.raises(ModbusIOException):
        await master.read_holding_registers(0, count=1, device_id=1)
    await master.connect()
    assert (await master.read_holding_registers(0, count=1, device_id=7)).registers == [SPEED]
    link.be(unit=7, unit_gateway=1)
    assert (await master.read_holding_registers(0, count=1, device_id=1)).exception_code == 11


async def test_registers_stand_one_place_higher_and_the_map_ends_earlier(
    master: AsyncModbusTcpClient, link: FakeLink, line: FakeLine
) -> None:
    link.be(shift=1)
    assert (await master.read_holding_registers(0, count=1)).exception_code == 2
    assert (await master.read_holding_registers(1, count=1)).registers == [SPEED]
    assert not (await master.write_register(1, 3000)).isError()
    link.be()
    assert line.read(line.tags.find("sorting.belt_speed").index).value == 300.0  # type: ignore[union-attr]


async def test_wide_values_come_in_another_order(
    master: AsyncModbusTcpClient, link: FakeLink, addresses: AddressMap
) -> None:
    speed = next(a for a in addresses if a.name == "sorting.belt_speed").modbus.address_32
    assert speed is not None
    right = (await master.read_holding_registers(speed, count=2)).registers
    link.be(word_order="DCBA")
    turned = (await master.read_holding_registers(speed, count=2)).registers
    assert turned != right
    assert b"".join(w.to_bytes(2, "big") for w in turned)[::-1] == b"".join(w.to_bytes(2, "big") for w in right)
    assert (await master.read_holding_registers(0, count=1)).registers == [SPEED], "narrow ones have no order"


async def test_of_two_devices_with_one_address_every_other_connection_meets_the_wrong_one(
    endpoint: ModbusEndpoint, link: FakeLink, line: FakeLine
) -> None:
    link.be(second_device=True)
    met = []
    for _ in range(4):
        async with RawClient(endpoint.url) as client:
            met.append(words(await client.ask(read(3, 0, 1))))
    assert met == [[SPEED], [0], [SPEED], [0]]


async def test_a_scan_is_answered_noted_and_on_record_as_another_peers(
    endpoint: ModbusEndpoint, master: AsyncModbusTcpClient, link: FakeLink, line: FakeLine
) -> None:
    link.be(scan_per_s=200)
    for _ in range(100):
        found = {one.client: one for one in endpoint.diagnosis()}
        if PEER in found and found[PEER].exceptions.get(2, 0) > 5:
            break
        await master.read_holding_registers(0, count=1)
        line.clock.now += 0.01
        await asyncio.sleep(0.01)
    else:
        pytest.fail("nobody scans")
    assert {verb for name, verb, _ in line.notes if name == PEER} == {"read", "refused"}
    assert set(found[PEER].requests) == {1, 2, 3, 4}


async def test_a_strangers_write_is_on_record_as_his_until_he_is_silent_for_long(
    endpoint: ModbusEndpoint, link: FakeLink, line: FakeLine
) -> None:
    speed = line.tags.find("sorting.belt_speed")
    assert speed is not None
    line.hearers[Wire.MODBUS](StrangerWrite("192.168.10.66", speed, 0.0, None))
    line.hearers[Wire.MODBUS](StrangerWrite("192.168.10.66", speed, 0.0, Refusal.STATE))
    (his,) = endpoint.diagnosis()
    assert (his.client, dict(his.requests), dict(his.exceptions)) == ("192.168.10.66", {6: 2}, {6: 1})
    line.clock.now += 61
    async with asyncio.timeout(5):
        while endpoint.diagnosis():
            await asyncio.sleep(0.01)
