"""Link faults on Modbus: connections and messages. What comes afterwards is as before."""

import asyncio
from contextlib import suppress

import pytest

from devices.endpoint import Wire
from devices.link_watch import LOOK_S
from devices.modbus import ModbusEndpoint
from tests.devices.fake_line import FakeLine
from tests.devices.modbus.raw import RawClient, frame, read, words

POLL = read(3, 0, 1)


async def asked(endpoint: ModbusEndpoint) -> bytes:
    """What a new client hears, as soon as there is one."""
    async with asyncio.timeout(5):
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                async with RawClient(endpoint.url) as client:
                    return await client.ask(POLL)
            await asyncio.sleep(0.02)


async def refused(endpoint: ModbusEndpoint) -> None:
    """Until who connects meets a closed port."""
    async with asyncio.timeout(5):
        while True:
            try:
                async with RawClient(endpoint.url):
                    await asyncio.sleep(0.02)
            except ConnectionRefusedError:
                return


async def test_down_cuts_and_refuses_until_it_is_up_again(
    endpoint: ModbusEndpoint, client: RawClient, line: FakeLine
) -> None:
    line.links[Wire.MODBUS].be(down=True)
    assert await client.ended()
    await refused(endpoint)
    line.links[Wire.MODBUS].be()
    assert words(await asked(endpoint)) == [2000]


async def test_silence_keeps_the_connection_and_answers_afterwards(client: RawClient, line: FakeLine) -> None:
    assert words(await client.ask(POLL)) == [2000]
    line.links[Wire.MODBUS].be(silent=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await client.ask(POLL)
    line.links[Wire.MODBUS].be()
    async with asyncio.timeout(5):
        assert words((await client.answer())[2]) == [2000]


async def test_what_is_lost_is_a_function_of_the_seed_alone(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    def frame(number: int) -> bytes:
        return number.to_bytes(2, "big") + b"\0\0\0\6\1" + POLL

    async def collect() -> list[int]:
        line.links[Wire.MODBUS].be()
        await asyncio.sleep(2 * LOOK_S)  # seen to be well: the next fault begins anew
        line.links[Wire.MODBUS].be(loss_ppm=500_000)
        async with RawClient(endpoint.url) as client:
            for number in range(40):
                client.send(frame(number))
            client.send(frame(99))
            got: list[int] = []
            try:
                async with asyncio.timeout(0.5):
                    while True:
                        got.append((await client.answer())[0])
            except TimeoutError:
                return got

    first = await collect()
    assert 5 < len(first) < 36
    assert await collect() == first


async def test_a_doubled_answer_comes_twice(client: RawClient, line: FakeLine) -> None:
    line.links[Wire.MODBUS].be(duplicate_ppm=1_000_000)
    assert words(await client.ask(POLL)) == [2000]
    assert words((await client.answer())[2]) == [2000]


async def test_a_filtered_port_does_not_answer_where_a_closed_one_refuses(
    endpoint: ModbusEndpoint, client: RawClient, line: FakeLine
) -> None:
    line.links[Wire.MODBUS].be(filtered=True)
    async with asyncio.timeout(5):
        while True:
            try:
                async with asyncio.timeout(0.2), RawClient(endpoint.url):
                    await asyncio.sleep(0.02)
            except TimeoutError:
                break
    assert words(await client.ask(POLL)) == [2000], "who is in stays in"
    line.links[Wire.MODBUS].be(down=True)
    await refused(endpoint)
    line.links[Wire.MODBUS].be()
    assert words(await asked(endpoint)) == [2000]


async def test_dead_peers_and_a_limit_leave_no_place(
    endpoint: ModbusEndpoint, client: RawClient, line: FakeLine
) -> None:
    line.links[Wire.MODBUS].be(most_connections=4, dead_connections=3)
    async with RawClient(endpoint.url) as other:
        assert await other.ended()
    assert line.rejects[-1][2] == "more than 4 connections"
    assert words(await client.ask(POLL)) == [2000]
    line.links[Wire.MODBUS].be()
    assert words(await asked(endpoint)) == [2000]


async def test_an_overloaded_server_turns_away(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    line.links[Wire.MODBUS].be(busy_ppm=1_000_000)
    async with RawClient(endpoint.url) as other:
        assert await other.ended()
    assert line.rejects[-1][2] == "busy"


async def test_connections_are_reset_now_and_then(endpoint: ModbusEndpoint, client: RawClient, line: FakeLine) -> None:
    line.links[Wire.MODBUS].be(reset_ms=100)
    assert await client.ended()
    assert words(await asked(endpoint)) == [2000]


async def test_answers_change_places_when_a_link_mixes_them_up(client: RawClient, line: FakeLine) -> None:
    line.links[Wire.MODBUS].be(reorder_ppm=1_000_000)
    for number in (1, 2, 3):
        client.send(frame(POLL, number))
    assert [(await client.answer())[0] for _ in range(3)] == [2, 1, 3]


async def test_jitter_keeps_the_order(client: RawClient, line: FakeLine) -> None:
    line.links[Wire.MODBUS].be(jitter_ms=50)
    for number in range(10):
        client.send(frame(POLL, number))
        await asyncio.sleep(0.002)
    assert [(await client.answer())[0] for _ in range(10)] == list(range(10))


async def test_who_connects_anew_for_each_request_is_hit_as_often(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    line.links[Wire.MODBUS].be(exception=6, exception_ppm=500_000)
    answers = [(await asked(endpoint))[0] for _ in range(20)]
    assert {0x03, 0x83} == set(answers)
