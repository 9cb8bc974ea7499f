"""Faults on purpose: the link is down, silent, lossy, doubling or keeps retained messages stale; and well again."""

import asyncio
import json

import pytest

from devices.endpoint import Role
from devices.endpoint import Wire as Protocol
from devices.mqtt.packets import Ack, Code, ConnAck, Connect, Kind, Publish, SubAck, Subscribe
from devices.port import Door
from devices.strangers import StrangerWrite
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
    await until(lambda: house.server.ports[0].door is Door.CLOSED)
    with pytest.raises(ConnectionRefusedError):
        await house.open()
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


async def test_messages_change_places_and_none_is_lost(house: House) -> None:
    wire = await house.connect()
    await wire.subscribe("t", 0)
    house.link.be(reorder_ppm=1_000_000)
    await until(lambda: house.broker.trouble.mixing)
    for n in range(5):
        house.broker.publish("t", str(n).encode())
    got = [int((await wire.expect(Publish)).payload) for _ in range(5)]
    assert got == [1, 0, 3, 2, 4], "the last one waited for another and then came alone"


async def test_an_overloaded_broker_turns_away(house: House) -> None:
    house.link.be(busy_ppm=1_000_000)
    await until(lambda: house.broker.trouble.state.busy_ppm > 0)
    refused = await house.open()
    refused.send(Connect("a"))
    assert (await refused.expect(ConnAck)).code == Code.UNAVAILABLE


async def test_a_restart_forgets_sessions_and_what_clients_retained(bench: Bench) -> None:
    link = bench.line.links[Protocol.MQTT]
    before = await bench.connect(client_id="keeper", clean=False)
    await before.publish("lab/mine", b"kept", 1, retain=True)
    await before.subscribe("lab/other", 1)
    link.be(restarting=True)
    assert await before.closed()
    await until(lambda: bench.endpoint._server.ports[0].door is Door.CLOSED)
    link.be()
    await until(lambda: bench.endpoint._server.ports[0].door is Door.OPEN)
    again = await Wire.open(bench.port)
    bench.wires.append(again)
    again.send(Connect("keeper", False, user="trainee", password=b"trainee-token"))
    assert (await again.expect(ConnAck)).session_present is False
    await again.subscribe("lab/#")
    await again.subscribe(EYE)
    assert [packet.topic for packet in await again.quiet() if isinstance(packet, Publish)] == [EYE]


@pytest.mark.parametrize(("right", "code"), [("login", Code.NOT_AUTHORIZED), ("password", Code.BAD_LOGIN)])
async def test_nobody_logs_in_any_more(bench: Bench, right: str, code: Code) -> None:
    bench.line.links[Protocol.MQTT].be(denied=right)
    refused = await Wire.open(bench.port)
    bench.wires.append(refused)
    refused.send(Connect("a", user="trainee", password=b"trainee-token"))
    assert (await refused.expect(ConnAck)).code == code


async def test_a_right_that_is_gone_drops_what_is_published_and_grants_no_subscription(bench: Bench) -> None:
    link = bench.line.links[Protocol.MQTT]
    wire, watcher = await bench.connect(), await bench.connect("instructor")
    await watcher.subscribe("lab/#")
    link.be(denied="publish")
    await wire.publish("lab/a", b"1", 1)  # acknowledged: 3.1.1 has no word for it
    assert await watcher.quiet() == []
    assert ("refused", "lab/a") in [note[1:] for note in bench.line.notes]
    link.be(denied="subscribe")
    wire.send(Subscribe(9, (("lab/#", 0),)))
    assert (await wire.expect(SubAck)).granted == (0x80,)
    link.be()
    await wire.publish("lab/a", b"2", 1)
    assert [packet.payload for packet in await watcher.quiet() if isinstance(packet, Publish)] == [b"2"]


async def test_who_does_not_log_in_comes_in_when_the_door_is_open(bench: Bench) -> None:
    bench.line.links[Protocol.MQTT].be(anonymous=True)
    wire = await Wire.connect(bench.port, "nobody")
    bench.wires.append(wire)
    await wire.publish("linelab/smart-factory/sorting/target/set", b"3", 1)
    assert bench.line.requests[-1][0].role is Role.TRAINEE


async def test_somebody_takes_a_clients_identifier(bench: Bench) -> None:
    wire = await bench.connect(client_id="dashboard")
    bench.line.links[Protocol.MQTT].be(takeover_ms=200)
    assert await wire.closed()
    assert ("connect", "dashboard from 192.168.10.66") in [note[1:] for note in bench.line.notes]
    again = await bench.connect(client_id="dashboard")
    assert await again.closed(), "and again"


@pytest.mark.parametrize(
    ("form", "keys", "value"),
    [
        ("renamed", {"val", "q", "timestamp", "uom"}, ("val", 200.0)),
        ("nested", {"data", "meta"}, ("data", {"value": 200.0})),
        ("text", {"value", "quality", "ts"}, ("value", "200.0 mm/s")),
    ],
)
async def test_payloads_have_another_schema_until_it_is_over(
    bench: Bench, form: str, keys: set[str], value: tuple[str, object]
) -> None:
    wire = await bench.connect()
    speed = "linelab/smart-factory/sorting/belt_speed"
    bench.line.links[Protocol.MQTT].be(schema=form)
    await wire.subscribe(speed)
    async with asyncio.timeout(5):
        while set(state := json.loads((await wire.expect(Publish)).payload)) != keys:
            pass
    assert state[value[0]] == value[1]
    bench.line.links[Protocol.MQTT].be()
    assert json.loads((await wire.expect(Publish)).payload)["value"] == 200.0


async def test_a_strangers_command_and_its_answer_are_seen_by_everybody(bench: Bench) -> None:
    wire = await bench.connect()
    await wire.subscribe("linelab/smart-factory/sorting/target/#")
    await wire.quiet()
    target = bench.line.tags.find("sorting.target")
    assert target is not None
    bench.line.hearers[Protocol.MQTT](StrangerWrite("192.168.10.66", target, 3, None))
    seen = [packet for packet in await wire.quiet() if isinstance(packet, Publish)]
    assert [packet.topic.removeprefix("linelab/smart-factory/sorting/target/") for packet in seen] == [
        "set",
        "set/reply",
    ]
    assert seen[0].payload == b"3"
