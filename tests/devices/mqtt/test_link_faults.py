"""Faults on purpose: the link is down, silent, lossy, doubling or keeps retained messages stale; and well again."""

import asyncio

import pytest

from devices.endpoint import Wire as Protocol
from devices.mqtt.packets import Ack, Connect, Kind, Publish
from devices.port import Door
from sim.stream import noise, word
from tests.devices.mqtt.conftest import Bench, House
from tests.devices.mqtt.wire import Wire, until

EYE = "linelab/smart-factory/sorting/eye_1"


async def payloads(wire: Wire) -> list[int]:
    found = []
    for packet in await wire.quiet():
        if isinstance(packet, Publish):
            found.append(int(packet.payload))
            if packet.qos == 1:
                wire.send(Ack(Kind.PUBACK, packet.packet_id))
    return found


async def test_down_cuts_and_refuses_until_it_is_over(house: House) -> None:
    wire = await house.connect("a", clean=False)
    house.link.be(down=True)
    assert await wire.closed()
    with pytest.raises(ConnectionRefusedError):
        async with asyncio.timeout(5):
            while True:
                await (await house.open()).closed()
    house.link.be()
    await until(lambda: house.server.ports[0].door is Door.OPEN)
    assert await (await house.connect("a", clean=False)).quiet() == []


async def test_silent_holds_both_directions_and_lets_all_through_afterwards(house: House) -> None:
    wire, watcher = await house.connect("a"), await house.connect("b")
    await watcher.subscribe("t")
    house.link.be(silent=True)
    await until(lambda: house.server._silent)
    wire.send(Publish("t", b"1"))
    house.broker.publish("t", b"2")
    late = await house.open()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.15):
            await watcher.take()
    house.link.be()
    assert sorted([(await watcher.expect(Publish)).payload for _ in range(2)]) == [b"1", b"2"]
    await late.greet(Connect("late"))  # a connection from the silent time works as any other
    assert await late.quiet() == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_gets_lost_is_a_function_of_the_seed_and_hits_quality_0_alone(house: House, seed: int) -> None:
    zero, one = await house.connect(), await house.connect()
    await zero.subscribe("t", 0)
    await one.subscribe("t", 1)
    house.link.seed = seed
    house.link.be(loss_ppm=500_000)
    await until(lambda: house.broker.trouble.lossy)
    for n in range(40):
        house.broker.publish("t", str(n).encode(), 1)
    lost = [(noise(seed, word("link.loss"), n + 1) + 1) / 2 < 0.5 for n in range(40)]
    assert await payloads(zero) == [n for n in range(40) if not lost[n]]
    assert 5 < sum(lost) < 35
    assert await payloads(one) == list(range(40))
    house.link.be()
    await until(lambda: not house.broker.trouble.lossy)
    house.broker.publish("t", b"40")
    assert await payloads(zero) == [40]


async def test_what_comes_twice_is_quality_1_alone(house: House) -> None:
    wires = [await house.connect() for _ in range(3)]
    for qos, wire in enumerate(wires):
        await wire.subscribe("t", qos)
    house.link.be(duplicate_ppm=1_000_000)
    await until(lambda: house.broker.trouble.doubling)
    house.broker.publish("t", b"7", 2)
    assert [await payloads(wire) for wire in wires] == [[7], [7, 7], [7]]


async def test_a_command_that_comes_twice_is_done_twice(bench: Bench) -> None:
    link = bench.line.links[Protocol.MQTT]
    wire = await bench.connect()
    link.be(duplicate_ppm=1_000_000)
    await until(lambda: bench.endpoint._broker.trouble.doubling)
    await wire.publish("linelab/smart-factory/sorting/target/set", b"3", 1)
    assert len(bench.line.requests) == 2


async def test_stale_retained_messages_are_renewed_when_it_is_over(bench: Bench) -> None:
    link = bench.line.links[Protocol.MQTT]
    early = await bench.connect()
    await early.subscribe(EYE)
    await early.expect(Publish)
    link.be(stale=True)
    await until(lambda: bench.endpoint._broker.trouble.stale)
    bench.line.set("sorting.eye_1", True)
    assert b'"value":true' in (await early.expect(Publish)).payload
    late = await bench.connect()
    await late.subscribe(EYE)
    assert b'"value":false' in (await late.expect(Publish)).payload
    link.be()
    await until(lambda: not bench.endpoint._broker.trouble.stale)
    assert b'"value":true' in (await late.expect(Publish)).payload
    newest = await bench.connect()
    await newest.subscribe(EYE)
    assert b'"value":true' in (await newest.expect(Publish)).payload
