"""What one client may cost: slow readers, floods, garbage. The others notice nothing."""

import asyncio
import socket
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.mqtt.frames import frame
from devices.mqtt.packets import REFUSED, Ack, Connect, Kind, Publish, Signal, SubAck, Subscribe
from tests.devices.mqtt.conftest import House
from tests.devices.mqtt.wire import Wire, until


async def stalled(house: House, qos: int, clean: bool = True) -> Wire:
    """A client that subscribes and then does not read."""
    wire = await house.connect("slow", clean=clean)
    await wire.subscribe("t", qos)
    wire._writer.transport.pause_reading()  # type: ignore[attr-defined]
    return wire


async def test_slow_reader_loses_quality_0_and_stays(tight: House) -> None:
    wire = await stalled(tight, 0)
    counters = tight.broker.counters
    for _ in range(2000):
        tight.broker.publish("t", bytes(10_000))
        await asyncio.sleep(0)
        if counters.dropped > 50:
            break
    assert counters.dropped > 50
    assert tight.server.clients == 1
    wire._writer.transport.resume_reading()  # type: ignore[attr-defined]
    came = await wire.quiet()
    assert 0 < len(came) == counters.sent


async def test_slow_reader_of_quality_1_is_closed_at_the_bound(tight: House) -> None:
    wire = await stalled(tight, 1)
    for i in range(8 + 50):
        tight.broker.publish("t", str(i).encode(), 1)
    assert tight.broker.counters.closed_slow == 0
    tight.broker.publish("t", b"one too many", 1)
    assert tight.broker.counters.closed_slow == 1
    await until(lambda: tight.rules.gone == ["slow"])
    wire.cut()


async def test_queue_of_an_absent_client_keeps_the_newest(tight: House) -> None:
    wire = await tight.connect("away", clean=False)
    await wire.subscribe("t", 1)
    wire.cut()
    await until(lambda: tight.rules.gone == ["away"])
    for i in range(80):
        tight.broker.publish("t", str(i).encode(), 1)
    assert tight.broker.counters.overflowed == 30
    wire = await tight.connect("away", clean=False)
    for i in range(30, 80):
        message = await wire.expect(Publish)
        assert int(message.payload) == i
        wire.send(Ack(Kind.PUBACK, message.packet_id))


async def test_queue_of_an_absent_client_is_bounded_in_bytes(tight: House) -> None:
    wire = await tight.connect("away", clean=False)
    await wire.subscribe("t", 1)
    wire.cut()
    await until(lambda: tight.rules.gone == ["away"])
    for _ in range(10):
        tight.broker.publish("t", bytes(30_000), 1)
    assert tight.broker.counters.overflowed == 7


async def test_who_asks_and_does_not_read_is_closed(tight: House) -> None:
    wire = await stalled(tight, 0)
    for outlet in tight.server._outlets:  # what the system buffers would take long to fill
        outlet._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    wire.raw(frame(Signal(Kind.PINGREQ)) * 1_000_000)
    await until(lambda: bool(tight.rules.rejected))
    assert tight.rules.rejected == ["asks and does not read"]
    wire.cut()


async def test_one_slow_reader_does_not_delay_another(tight: House) -> None:
    await stalled(tight, 0)
    good = await tight.connect("good")
    await good.subscribe("t")
    for i in range(100):
        tight.broker.publish("t", bytes(10_000))
        assert len((await good.expect(Publish)).payload) == 10_000, i


async def test_sessions_of_absent_clients_are_bounded(tight: House) -> None:
    """The client that left first is forgotten."""
    for i in range(4):
        wire = await tight.connect(f"c{i}", clean=False)
        await wire.subscribe("t", 1)
        wire.cut()
        await until(lambda: len(tight.rules.gone) == i + 1)  # noqa: B023
    greetings = []
    for i in range(4):
        wire = await tight.open()
        greetings.append((await wire.greet(Connect(f"c{i}", clean=False))).session_present)
        wire.cut()
        await until(lambda: len(tight.rules.gone) == i + 5)  # noqa: B023
    # forgotten c0 comes in anew; c1 was pushed out by it
    assert greetings[0] is False
    assert greetings.count(True) <= 3


async def test_subscriptions_and_levels_are_bounded(tight: House) -> None:
    wire = await tight.connect()
    wire.send(Subscribe(1, tuple((f"t/{i}", 0) for i in range(12))))
    assert (await wire.expect(SubAck)).granted == (0,) * 10 + (REFUSED,) * 2
    assert await wire.subscribe("t/3", 1) == 1
    await wire.unsubscribe("t/4")
    assert await wire.subscribe("/".join("a" * 9)) == REFUSED


async def test_retained_messages_of_clients_are_bounded_and_those_of_the_line_are_not(tight: House) -> None:
    wire = await tight.connect()
    for i in range(8):
        await wire.publish(f"c/{i}", b"x", 1, retain=True)
        tight.broker.publish(f"line/{i}", b"x", 0, True)
    await wire.publish("c/1", b"changed", 1, retain=True)
    await wire.publish("c/0", b"", 1, retain=True)
    await wire.publish("c/big", bytes(20_000), 1, retain=True)
    assert tight.broker.counters.not_kept == 3 + 1
    await wire.subscribe("#")
    topics = sorted(p.topic for p in await wire.quiet() if isinstance(p, Publish))
    assert topics == [f"c/{i}" for i in range(1, 5)] + [f"line/{i}" for i in range(8)]


async def test_what_is_kept_no_more_is_not_counted(tight: House) -> None:
    wire = await tight.connect()
    for _ in range(5):
        await wire.publish("c", bytes(4000), 1, retain=True)
    assert tight.broker.counters.not_kept == 0


async def test_what_waited_for_a_burst_comes_after_it(tight: House) -> None:
    """More than the bound in one turn: QoS 1 waits although the client reads, and must not be forgotten."""
    wire = await tight.connect()
    await wire.subscribe("t", 1)
    tight.link.be(delay_ms=50)
    tight.broker.publish("t", bytes(150_000))
    tight.broker.publish("t", bytes(150_000))
    tight.broker.publish("t", b"a", 1)
    await asyncio.sleep(0)
    tight.broker.publish("t", b"b", 1)
    assert [len((await wire.expect(Publish)).payload) for _ in range(4)] == [150_000, 150_000, 1, 1]


async def test_connections_are_bounded(tight: House) -> None:
    for i in range(20):
        await tight.connect(f"c{i}")
    wire = await tight.open()
    assert await wire.closed()


async def test_too_large_a_packet_closes(tight: House) -> None:
    wire = await tight.connect()
    wire.raw(frame(Publish("t", bytes(70_001)))[:10])
    assert await wire.closed()
    assert len(tight.rules.rejected) == 1


async def test_topic_of_ten_thousand_levels_is_only_a_topic(house: House) -> None:
    wire = await house.connect()
    await wire.subscribe("#")
    topic = "/" * 10_000
    wire.send(Publish(topic, b"x"))
    assert (await wire.expect(Publish)).topic == topic


GARBAGE = [
    b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),
    b"\xff" * 64,
    bytes(64),
    b"\x10\xff\xff\xff\x7f",
]


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_is_closed_and_counted_and_others_notice_nothing(house: House, garbage: bytes) -> None:
    good = await house.connect("good")
    await good.subscribe("t")
    bad = await house.open()
    bad.raw(garbage)
    assert await bad.closed()
    assert len(house.rules.rejected) == 1
    house.broker.publish("t", b"still here")
    assert (await good.expect(Publish)).payload == b"still here"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(st.binary(max_size=40), max_size=6))
async def test_a_connected_client_may_send_anything(house: House, blocks: list[bytes]) -> None:
    wire = await Wire.connect(house.port, "fuzz")
    for block in blocks:
        wire.raw(block)
    wire.cut()
    good = await Wire.connect(house.port, "good")
    assert await good.quiet() == []
    good.cut()


async def test_flood_of_random_packets_leaves_the_broker_well(house: House) -> None:
    kinds = bytes((0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x82, 0xA2, 0xC0))
    good = await house.connect("good")
    for i in range(200):
        wire = await Wire.connect(house.port, f"f{i % 7}", clean=bool(i % 2))
        for j in range(6):
            dice = sha256(f"{i} {j}".encode()).digest()
            body = dice[: dice[-1] % 12]
            wire.raw(bytes((kinds[dice[-2] % len(kinds)], len(body))) + body)
        wire.cut()
    assert [p for p in await good.quiet() if isinstance(p, Publish)] == []
    await until(lambda: house.server.clients == 1)
