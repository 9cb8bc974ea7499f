"""Why is everything zero? Each usual mistake of a client is named, with what to change."""

import asyncio

import pytest

from devices.modbus import ModbusEndpoint
from devices.modbus.diagnosis import ClientDiagnosis
from sim.refusal import Refusal
from tests.devices.fake_line import FakeLine
from tests.devices.modbus.raw import RawClient, read, write_coils


def only(endpoint: ModbusEndpoint) -> ClientDiagnosis:
    [found] = endpoint.diagnosis()
    return found


def words(endpoint: ModbusEndpoint) -> str:
    return "\n".join(hint.en for hint in only(endpoint).hints)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (None, "nothing was asked yet"),
        (
            read(3, 40001, 2),
            "Address 40001 was asked: that is 40001 notation. Addresses on the wire count from zero: 0.",
        ),
        (read(4, 30006, 1), "count from zero: 5."),
        (read(4, 500, 1), "Input registers 500 .. 500 are not all in the map (exception 02)"),
        (read(3, 1001, 1), "no signal, so all is 0; sorting.parts_out is among the input registers: function 4."),
        (read(2, 2, 1), "off by one; does the tool count from 0 or from 1?"),
        (read(2, 25, 2), "There is no signal at discrete inputs 25 .. 26, so all is 0: see the address map."),
        (read(4, 6001, 1), "read an even number of them from 6000"),
        (read(4, 6000, 2), "sorting.state is 2 now, registers 0000 0002; read as ABCD 2, CDAB 131072"),
        (b"\x41", "A function that is not there (exception 01)"),
        (read(3, 0, 0), "Count, length or value is not allowed (exception 03)"),
    ],
)
async def test_a_usual_mistake_is_named(
    endpoint: ModbusEndpoint, client: RawClient, asked: bytes | None, said: str
) -> None:
    if asked is None:
        async with asyncio.timeout(5):
            while not endpoint.diagnosis():
                await asyncio.sleep(0.01)
    else:
        await client.ask(asked)
    assert said in words(endpoint)
    assert all(hint.zh != hint.en for hint in only(endpoint).hints)


async def test_values_that_really_are_zero_are_said_to_be(endpoint: ModbusEndpoint, client: RawClient) -> None:
    for _ in range(2):
        await client.ask(read(2, 0, 1))
    assert "Discrete inputs 0 .. 0 hold 1 signals, and all of them really are 0 now." in words(endpoint)


async def test_a_write_that_is_not_ours_to_make_points_to_the_key_switch(
    endpoint: ModbusEndpoint, client: RawClient, line: FakeLine
) -> None:
    line.refuse["sorting.belt_run"] = Refusal.NOT_OWNER
    await client.ask(write_coils(0, True))
    assert "key switch" in words(endpoint)


async def test_a_client_that_asks_right_is_told_nothing(endpoint: ModbusEndpoint, client: RawClient) -> None:
    await client.ask(read(3, 0, 2))
    await client.ask(write_coils(0, True))
    found = only(endpoint)
    assert list(found.hints) == []
    assert (found.requests, found.exceptions, found.way) == ({3: 1, 15: 1}, {}, "TCP")
    assert [(asked.function, asked.address, asked.count) for _, asked in found.last] == [(3, 0, 2), (15, 0, 1)]


async def test_what_is_remembered_of_a_client_is_bounded_and_gone_with_it(
    endpoint: ModbusEndpoint, client: RawClient
) -> None:
    for address in range(300):
        await client.ask(read(1, address % 64, 1))
    found = only(endpoint)
    assert (len(found.last), found.requests) == (20, {1: 300})
    async with RawClient(endpoint.url) as other:
        await other.ask(read(1, 0, 1))
        assert len(endpoint.diagnosis()) == 2
    async with asyncio.timeout(5):
        while len(endpoint.diagnosis()) > 1:
            await asyncio.sleep(0.01)
