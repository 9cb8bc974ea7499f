"""Link faults on Modbus: down, silent, lost, doubled. What comes afterwards is as before."""

import asyncio

import pytest

from devices.endpoint import Wire
from devices.modbus import ModbusEndpoint
from tests.devices.fake_line import FakeLine
from tests.devices.modbus.raw import RawClient, read, words

POLL = read(3, 0, 1)


async def test_down_cuts_and_refuses_until_it_is_up_again(
    endpoint: ModbusEndpoint, client: RawClient, line: FakeLine
) -> None:
    line.links[Wire.MODBUS].down = True
    assert await client.ended()
    async with RawClient(endpoint.url) as other:
        assert await other.ended()
    line.links[Wire.MODBUS].down = False
    async with RawClient(endpoint.url) as again:
        assert words(await again.ask(POLL)) == [2000]


async def test_silence_keeps_the_connection_and_answers_afterwards(client: RawClient, line: FakeLine) -> None:
    assert words(await client.ask(POLL)) == [2000]
    line.links[Wire.MODBUS].silent = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await client.ask(POLL)
    line.links[Wire.MODBUS].silent = False
    async with asyncio.timeout(5):
        assert words((await client.answer())[2]) == [2000]


async def test_what_is_lost_is_a_function_of_the_seed_alone(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    line.links[Wire.MODBUS].loss = 0.5

    def frame(number: int) -> bytes:
        return number.to_bytes(2, "big") + b"\0\0\0\6\1" + POLL

    async def collect() -> list[int]:
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
    line.links[Wire.MODBUS].duplicate = 1.0
    assert words(await client.ask(POLL)) == [2000]
    assert words((await client.answer())[2]) == [2000]
