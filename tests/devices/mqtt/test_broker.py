"""How the broker behaves on the wire, by the statements of MQTT 3.1.1 that it keeps."""

import asyncio

import pytest

from devices.mqtt.packets import (
    Ack,
    Code,
    ConnAck,
    Connect,
    Disconnect,
    Kind,
    Packet,
    Publish,
    Signal,
    SubAck,
    Subscribe,
    UnsubAck,
    Unsubscribe,
    Will,
)
from tests.devices.mqtt.conftest import House
from tests.devices.mqtt.wire import until

# --- CONNECT


async def test_another_level_is_answered_1_and_closed(house: House) -> None:
    """[MQTT-3.1.2-2]"""
    wire = await house.open()
    assert await wire.greet(Connect("x", level=3)) == ConnAck(False, Code.LEVEL)
    assert await wire.closed()
    assert house.rules.rejected == ["CONNACK 1 level"]


async def test_no_client_id_and_no_clean_session_is_answered_2(house: House) -> None:
    """[MQTT-3.1.3-8]"""
    wire = await house.open()
    assert (await wire.greet(Connect("", clean=False))).code == Code.CLIENT_ID
    assert await wire.closed()


async def test_no_client_id_gets_one_of_its_own(house: House) -> None:
    """[MQTT-3.1.3-6]"""
    one, other = await house.connect(), await house.connect()
    await other.subscribe("t")
    await one.publish("t", b"hello", 1)
    assert (await other.expect(Publish)).payload == b"hello"


@pytest.mark.parametrize(
    "packet", [Publish("t", b""), Subscribe(1, (("t", 0),)), Signal(Kind.PINGREQ), Ack(Kind.PUBACK, 1)]
)
async def test_anything_before_connect_closes(house: House, packet: Packet) -> None:
    """[MQTT-3.1.0-1]"""
    wire = await house.open()
    wire.send(packet)
    assert await wire.closed()
    assert len(house.rules.rejected) == 1


@pytest.mark.parametrize(
    "packet",
    [Connect("me"), ConnAck(False, Code.ACCEPTED), SubAck(1, (0,)), UnsubAck(1), Signal(Kind.PINGRESP)],
)
async def test_what_a_client_never_says_closes(house: House, packet: Packet) -> None:
    """[MQTT-3.1.0-2] a second CONNECT, [MQTT-4.8.0-1] packets of a server."""
    wire = await house.connect("me")
    wire.send(packet)
    assert await wire.closed()
    assert house.broker.counters.rejected == 1


async def test_silence_before_connect_is_bounded(tight: House) -> None:
    wire = await tight.open()
    assert await wire.closed()
    assert tight.rules.rejected == ["no CONNECT"]


async def test_same_client_id_replaces_the_old_connection_and_its_will_is_published(house: House) -> None:
    """[MQTT-3.1.4-2], [MQTT-3.1.2-8]"""
    watcher = await house.connect("watcher")
    await watcher.subscribe("will")
    old = await house.connect("me", will=Will("will", b"replaced"))
    new = await house.connect("me")
    assert await old.closed()
    assert (await watcher.expect(Publish)).payload == b"replaced"
    assert await new.quiet() == []
    assert house.rules.gone == ["me"]


# --- keep-alive


async def test_silent_client_is_dropped_at_one_and_a_half_keep_alive(house: House) -> None:
    """[MQTT-3.1.2-24]"""
    began = asyncio.get_running_loop().time()
    wire = await house.connect("me", keep_alive=1)
    assert await wire.closed()
    assert 1.4 < asyncio.get_running_loop().time() - began < 2.5


async def test_ping_keeps_alive_and_half_a_packet_does_not(house: House) -> None:
    """[MQTT-3.1.2-24], [MQTT-3.12.4-1]"""
    talker = await house.connect("talker", keep_alive=1)
    mumbler = await house.connect("mumbler", keep_alive=1)
    for _ in range(4):
        await asyncio.sleep(0.5)
        assert await talker.quiet() == []
        mumbler.raw(b"\x30" if _ == 0 else b"\xff" if _ == 1 else b"\x01" if _ == 2 else b"")
    assert house.rules.gone == ["mumbler"]  # since half a second
    assert await mumbler.closed()


# --- will


async def test_will_is_published_when_the_connection_is_lost(house: House) -> None:
    """[MQTT-3.1.2-8], [MQTT-3.1.2-17]: retained where asked for."""
    watcher = await house.connect()
    await watcher.subscribe("will", 1)
    wire = await house.connect("me", will=Will("will", b"gone", 1, True))
    wire.cut()
    message = await watcher.expect(Publish)
    assert (message.payload, message.qos, message.retain) == (b"gone", 1, False)
    late = await house.connect()
    await late.subscribe("will")
    assert await late.expect(Publish) == Publish("will", b"gone", 0, True)


async def test_will_is_published_after_garbage(house: House) -> None:
    """[MQTT-3.1.2-8]: the server closes for a protocol error."""
    watcher = await house.connect()
    await watcher.subscribe("will")
    wire = await house.connect("me", will=Will("will", b"gone"))
    wire.raw(b"\xff\xff\xff\xff\xff")
    assert (await watcher.expect(Publish)).payload == b"gone"


async def test_disconnect_discards_the_will(house: House) -> None:
    """[MQTT-3.1.2-10], [MQTT-3.14.4-3]"""
    watcher = await house.connect()
    await watcher.subscribe("#")
    wire = await house.connect("me", will=Will("will", b"gone"))
    await wire.leave()
    await until(lambda: house.rules.gone == ["me"])
    assert await watcher.quiet() == []


async def test_nothing_counts_after_disconnect(house: House) -> None:
    """[MQTT-3.14.4-2]"""
    watcher = await house.connect()
    await watcher.subscribe("#")
    wire = await house.connect("me")
    wire.send(Disconnect(), Publish("t", b"too late"))
    assert await wire.closed()
    assert await watcher.quiet() == []


# --- quality of service


@pytest.mark.parametrize("published", [0, 1, 2])
@pytest.mark.parametrize("granted", [0, 1, 2])
async def test_the_lower_quality_of_both_is_delivered(house: House, published: int, granted: int) -> None:
    """[MQTT-3.8.4-6]"""
    sender, receiver = await house.connect(), await house.connect()
    assert await receiver.subscribe("t", granted) == granted
    await sender.publish("t", b"x", published)
    message = await receiver.expect(Publish)
    assert (message.payload, message.qos, message.dup) == (b"x", min(published, granted), False)


async def test_quality_2_repeated_is_published_once(house: House) -> None:
    """[MQTT-4.3.3-2]"""
    sender, receiver = await house.connect(), await house.connect()
    await receiver.subscribe("t")
    sender.send(Publish("t", b"x", 2, packet_id=5), Publish("t", b"x", 2, dup=True, packet_id=5))
    assert [await sender.expect(Ack), await sender.expect(Ack)] == [Ack(Kind.PUBREC, 5)] * 2
    sender.send(Ack(Kind.PUBREL, 5))
    assert await sender.expect(Ack) == Ack(Kind.PUBCOMP, 5)
    assert len(await receiver.quiet()) == 1


async def test_quality_2_identifier_is_free_after_release(house: House) -> None:
    sender, receiver = await house.connect(), await house.connect()
    await receiver.subscribe("t")
    for _ in range(2):
        await sender.publish("t", b"x", 2, packet_id=5)
    assert len(await receiver.quiet()) == 2


async def test_quality_2_survives_a_lost_connection_of_the_sender(house: House) -> None:
    """[MQTT-4.3.3-2]: the identifier belongs to the session, not to the connection."""
    receiver = await house.connect()
    await receiver.subscribe("t")
    sender = await house.connect("me", clean=False)
    sender.send(Publish("t", b"x", 2, packet_id=5))
    await sender.expect(Ack)
    sender.cut()
    sender = await house.connect("me", clean=False)
    sender.send(Publish("t", b"x", 2, dup=True, packet_id=5))
    assert await sender.expect(Ack) == Ack(Kind.PUBREC, 5)
    assert len(await receiver.quiet()) == 1


async def test_unacknowledged_is_sent_again_in_order(house: House) -> None:
    """[MQTT-4.4.0-1], [MQTT-3.3.1-1]: PUBLISH with DUP, PUBREL for what the client has."""
    sender = await house.connect()
    receiver = await house.connect("me", clean=False)
    await receiver.subscribe("t", 2)
    for payload in (b"a", b"b"):
        await sender.publish("t", payload, 2)
    await sender.publish("t", b"c", 1)
    first, second, third = [await receiver.expect(Publish) for _ in range(3)]
    receiver.send(Ack(Kind.PUBREC, first.packet_id))
    assert await receiver.expect(Ack) == Ack(Kind.PUBREL, first.packet_id)
    receiver.cut()
    receiver = await house.open()
    assert await receiver.greet(Connect("me", clean=False)) == ConnAck(True, Code.ACCEPTED)
    assert await receiver.expect(Ack) == Ack(Kind.PUBREL, first.packet_id)
    assert await receiver.expect(Publish) == second._replace(dup=True)
    assert await receiver.expect(Publish) == third._replace(dup=True)
    receiver.send(Ack(Kind.PUBCOMP, first.packet_id), Ack(Kind.PUBACK, third.packet_id))
    receiver.send(Ack(Kind.PUBREC, second.packet_id), Ack(Kind.PUBCOMP, second.packet_id))
    assert await receiver.quiet() == [Ack(Kind.PUBREL, second.packet_id)]
    receiver.cut()
    receiver = await house.connect("me", clean=False)
    assert await receiver.quiet() == []


async def test_acknowledgements_of_nothing_are_harmless(house: House) -> None:
    wire = await house.connect()
    wire.send(Ack(Kind.PUBACK, 9), Ack(Kind.PUBCOMP, 9), Ack(Kind.PUBREC, 9), Ack(Kind.PUBREL, 9))
    assert await wire.quiet() == [Ack(Kind.PUBREL, 9), Ack(Kind.PUBCOMP, 9)]


async def test_order_is_kept_through_a_full_window(house: House) -> None:
    """[MQTT-4.6.0-6]"""
    sender, receiver = await house.connect(), await house.connect()
    await receiver.subscribe("t", 1)
    sender.send(*(Publish("t", str(i).encode(), 1, packet_id=i + 1) for i in range(500)))
    payloads = []
    for _ in range(500):
        message = await receiver.expect(Publish)
        payloads.append(int(message.payload))
        receiver.send(Ack(Kind.PUBACK, message.packet_id))
    assert payloads == list(range(500))


# --- sessions


async def test_persistent_session_keeps_subscriptions_and_messages(house: House) -> None:
    """[MQTT-3.1.2-4], [MQTT-3.1.2-5], [MQTT-3.2.2-2]: QoS 0 is not kept."""
    sender = await house.connect()
    receiver = await house.connect("me", clean=False)
    await receiver.subscribe("t", 2)
    await receiver.leave()
    for qos in (0, 1, 2):
        await sender.publish("t", str(qos).encode(), qos)
    receiver = await house.open()
    assert await receiver.greet(Connect("me", clean=False)) == ConnAck(True, Code.ACCEPTED)
    assert [(m.payload, m.qos) for m in await receiver.quiet() if isinstance(m, Publish)] == [(b"1", 1), (b"2", 2)]


async def test_clean_session_discards_what_was_kept(house: House) -> None:
    """[MQTT-3.1.2-6], [MQTT-3.2.2-1]"""
    sender = await house.connect()
    receiver = await house.connect("me", clean=False)
    await receiver.subscribe("t", 1)
    receiver.cut()
    receiver = await house.open()
    assert await receiver.greet(Connect("me")) == ConnAck(False, Code.ACCEPTED)
    await sender.publish("t", b"x", 1)
    assert await receiver.quiet() == []
    await receiver.leave()
    receiver = await house.open()
    assert await receiver.greet(Connect("me", clean=False)) == ConnAck(False, Code.ACCEPTED)


async def test_a_session_is_not_inherited_by_another_user(house: House) -> None:
    sender = await house.connect()
    owner = await house.connect("me", clean=False, user="a", password=b"")
    await owner.subscribe("t", 1)
    owner.cut()
    await until(lambda: house.rules.gone == ["me"])
    await sender.publish("t", b"for a", 1)
    thief = await house.open()
    assert await thief.greet(Connect("me", clean=False, user="b")) == ConnAck(False, Code.ACCEPTED)
    assert await thief.quiet() == []


# --- subscriptions


async def test_overlapping_subscriptions_deliver_once_with_the_highest_quality(house: House) -> None:
    """[MQTT-3.3.5-1]"""
    sender, receiver = await house.connect(), await house.connect()
    receiver.send(Subscribe(1, (("a/#", 0), ("a/+", 2), ("a/b", 1))))
    assert (await receiver.expect(SubAck)).granted == (0, 2, 1)
    await sender.publish("a/b", b"x", 2)
    assert [m.qos for m in await receiver.quiet() if isinstance(m, Publish)] == [2]


async def test_subscribing_again_replaces_and_sends_retained_again(house: House) -> None:
    """[MQTT-3.8.4-3]"""
    sender, receiver = await house.connect(), await house.connect()
    await sender.publish("t", b"kept", 1, retain=True)
    for qos in (1, 0):
        await receiver.subscribe("t", qos)
        assert (await receiver.expect(Publish)).qos == qos
    await sender.publish("t", b"x", 1)
    assert (await receiver.expect(Publish)).qos == 0


async def test_unsubscribe_stops_and_is_always_acknowledged(house: House) -> None:
    """[MQTT-3.10.4-1], [MQTT-3.10.4-4], [MQTT-3.10.4-5]"""
    sender, receiver = await house.connect(), await house.connect()
    await receiver.subscribe("t")
    await receiver.unsubscribe("t")
    receiver.send(Unsubscribe(3, ("never", "t")))
    assert await receiver.expect(UnsubAck) == UnsubAck(3)
    await sender.publish("t", b"x", 1)
    assert await receiver.quiet() == []


@pytest.mark.parametrize("pattern", ["", "a#", "a/#/b", "+a"])
async def test_bad_filter_closes(house: House, pattern: str) -> None:
    """[MQTT-4.7.1-2], [MQTT-4.7.1-3], [MQTT-4.7.3-1]"""
    wire = await house.connect()
    wire.send(Subscribe(1, ((pattern, 0),)))
    assert await wire.closed()


async def test_dollar_topics_are_hidden_from_leading_wildcards(house: House) -> None:
    """[MQTT-4.7.2-1]: live and retained."""
    house.broker.publish("$SYS/version", b"1", 0, True)
    wire = await house.connect()
    await wire.subscribe("#")
    await wire.subscribe("+/version")
    house.broker.publish("$SYS/version", b"2", 0, True)
    assert await wire.quiet() == []
    await wire.subscribe("$SYS/#")
    assert (await wire.expect(Publish)).payload == b"2"


# --- retained messages


async def test_retained_flag_is_for_new_subscriptions_only(house: House) -> None:
    """[MQTT-3.3.1-6], [MQTT-3.3.1-8], [MQTT-3.3.1-9]"""
    sender, early, late = await house.connect(), await house.connect(), await house.connect()
    await early.subscribe("t")
    await sender.publish("t", b"kept", 1, retain=True)
    assert await early.expect(Publish) == Publish("t", b"kept")
    await late.subscribe("+")
    assert await late.expect(Publish) == Publish("t", b"kept", 0, True)


async def test_empty_retained_message_clears_and_is_delivered(house: House) -> None:
    """[MQTT-3.3.1-10], [MQTT-3.3.1-11]"""
    sender, watcher, late = await house.connect(), await house.connect(), await house.connect()
    await sender.publish("t", b"kept", 1, retain=True)
    await watcher.subscribe("t")
    await sender.publish("t", b"", 1, retain=True)
    assert [m.payload for m in await watcher.quiet() if isinstance(m, Publish)] == [b"kept", b""]
    await late.subscribe("t")
    assert await late.quiet() == []


async def test_not_retained_leaves_the_retained_one(house: House) -> None:
    """[MQTT-3.3.1-12]"""
    sender, late = await house.connect(), await house.connect()
    await sender.publish("t", b"kept", 1, retain=True)
    await sender.publish("t", b"passing", 1)
    await late.subscribe("t")
    assert (await late.expect(Publish)).payload == b"kept"


async def test_nobody_gets_what_others_subscribed(house: House) -> None:
    """The leak of other brokers: on connecting, the retained messages of everybody's filters."""
    house.broker.publish("secret", b"x", 1, True)
    owner, stranger = await house.connect(), await house.connect()
    await owner.subscribe("secret", 1)
    await owner.expect(Publish)
    newcomer = await house.connect("new", clean=False)
    await newcomer.subscribe("other/#")
    assert await stranger.quiet() == []
    assert await newcomer.quiet() == []


# --- the process itself, and the link


async def test_publishing_from_inside_reaches_clients(house: House) -> None:
    wire = await house.connect()
    await wire.subscribe("t", 1)
    house.broker.publish("t", b"x", 1)
    assert (await wire.expect(Publish)).qos == 1


async def test_quarter_of_a_mebibyte_passes(house: House) -> None:
    sender, receiver = await house.connect(), await house.connect()
    await receiver.subscribe("t", 1)
    await sender.publish("t", bytes(262_144), 1)
    assert len((await receiver.expect(Publish)).payload) == 262_144


async def test_a_late_link_delays_everything_and_keeps_order(house: House) -> None:
    wire = await house.connect()
    await wire.subscribe("t")
    loop = asyncio.get_running_loop()
    house.link.be(delay_ms=200)
    began = loop.time()
    house.broker.publish("t", b"0")
    await asyncio.sleep(0.05)
    house.link.be()  # what comes later must not overtake
    house.broker.publish("t", b"1")
    assert [(await wire.expect(Publish)).payload for _ in range(2)] == [b"0", b"1"]
    assert loop.time() - began > 0.19
    house.link.be(delay_ms=150)
    began = loop.time()
    await wire.quiet()
    assert 0.14 < loop.time() - began < 1.0
