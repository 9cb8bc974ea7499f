"""Statements on publishing, quality of service, subscriptions, retained messages, sections 3.3 to 3.11, 4.3 to 4.7."""

from tests.devices.mqtt.conformance.raw import (
    PUBACK,
    PUBCOMP,
    PUBREC,
    PUBREL,
    ack,
    publish,
    subscribe,
    u16,
    unsubscribe,
)
from tests.devices.mqtt.conformance.stage import Stage, proves


@proves("1.5.3-3", "1.5.4-3")
def byte_order_mark_is_kept(stage: Stage, level: int) -> None:
    topic = stage.topic("\ufeffa")
    receiver = stage.connect(level)
    receiver.subscribe((topic, 0))
    sender = stage.connect(level)
    sender.publish(stage.topic("a"))
    sender.publish(topic)
    assert [m.topic for m in receiver.messages()] == [topic]


@proves("3.3.4-1 4.3.1-1 4.3.2-2 4.3.3-2 2.3.1-6 2.3.1-5", "3.3.4-1 4.3.1-1 4.3.2-4 4.3.3-8 4.3.3-11 2.2.1-5 2.2.1-2")
def publishing_is_answered_by_quality(stage: Stage, level: int) -> None:
    client, watching = stage.connect(level), stage.connect(level)
    watching.subscribe((stage.topic(), 0))  # 5 may say that nobody subscribed
    assert [client.publish(stage.topic(), qos=qos, packet_id=7 + qos) for qos in (0, 1, 2)] == [0, 0, 0]


@proves("3.8.4-6 4.3.1-1", "3.8.4-8 3.3.4-2 4.3.1-1 4.3.2-2 4.3.3-2")
def the_lower_quality_counts(stage: Stage, level: int) -> None:
    sender = stage.connect(level)
    for granted in (0, 1, 2):
        receiver = stage.connect(level)
        receiver.subscribe((stage.topic(), granted))
        for published in (0, 1, 2):
            sender.publish(stage.topic(), bytes((published,)), published)
        came = receiver.messages()
        assert [(m.payload[0], m.qos, m.dup) for m in sorted(came, key=lambda m: m.payload)] == [
            (published, min(published, granted), False) for published in (0, 1, 2)
        ]


@proves("2.3.1-4 4.3.2-1 4.3.3-1", "2.2.1-4 4.3.2-1 4.3.3-1")
def identifiers_of_the_broker_are_unused(stage: Stage, level: int) -> None:
    sender, receiver = stage.connect(level), stage.connect(level)
    receiver.subscribe((stage.topic(), 2))
    for qos in (1, 2, 1, 2):
        sender.publish(stage.topic(), qos=qos)
    found = [receiver.message().packet_id for _ in range(4)]
    assert 0 not in found
    assert len(set(found)) == 4


@proves("3.3.1-3", "3.3.1-3")
def dup_is_not_passed_on(stage: Stage, level: int) -> None:
    sender, receiver = stage.connect(level), stage.connect(level)
    receiver.subscribe((stage.topic(), 1))
    sender.send(publish(level, stage.topic(), qos=1, dup=True))
    sender.expect(PUBACK)
    assert not receiver.message().dup


@proves("4.3.2-2", "4.3.2-5")
def an_identifier_is_free_after_puback(stage: Stage, level: int) -> None:
    sender, receiver = stage.connect(level), stage.connect(level)
    receiver.subscribe((stage.topic(), 0))
    for dup in (False, True):
        sender.send(publish(level, stage.topic(), qos=1, packet_id=5, dup=dup))
        sender.expect(PUBACK)
    assert len(receiver.messages()) == 2


@proves("4.3.3-2", "4.3.3-10 4.3.3-12 4.3.3-13")
def quality_2_is_published_once(stage: Stage, level: int) -> None:
    sender, receiver = stage.connect(level), stage.connect(level)
    receiver.subscribe((stage.topic(), 0))
    for dup in (False, True):
        sender.send(publish(level, stage.topic(), qos=2, packet_id=5, dup=dup))
        assert sender.expect(PUBREC)[:2] == u16(5)
    sender.send(ack(PUBREL, 5))
    sender.expect(PUBCOMP)
    assert len(receiver.messages()) == 1
    sender.publish(stage.topic(), qos=2, packet_id=5)
    assert len(receiver.messages()) == 1


@proves("4.3.3-1", "4.3.3-4 2.2.1-5")
def quality_2_to_a_client(stage: Stage, level: int) -> None:
    sender, receiver = stage.connect(level), stage.connect(level)
    receiver.subscribe((stage.topic(), 2))
    sender.publish(stage.topic(), qos=2)
    came = receiver.message()
    receiver.send(ack(PUBREC, came.packet_id))
    assert receiver.expect(PUBREL)[:2] == u16(came.packet_id)
    receiver.send(ack(PUBCOMP, came.packet_id))
    assert receiver.quiet() == []


@proves("4.6.0-5 4.6.0-6", "4.6.0-5 4.6.0-6")
def order_is_kept(stage: Stage, level: int) -> None:
    sender, receiver = stage.connect(level), stage.connect(level)
    for qos in (0, 1, 2):
        receiver.subscribe((stage.topic(str(qos)), qos))
    for n in range(12):
        for qos in (0, 1, 2):
            sender.publish(stage.topic(str(qos)), bytes((n,)), qos, packet_id=3 * n + qos + 1)
    came: dict[int, list[int]] = {0: [], 1: [], 2: []}
    while min(map(len, came.values())) < 12:
        first, body = receiver.take() or (0, b"")
        if first >> 4 == PUBREL:
            receiver.send(ack(PUBCOMP, int.from_bytes(body[:2], "big")))
            continue
        message = receiver.read((first, body))
        came[message.qos].append(message.payload[0])
        if message.qos:
            receiver.send(ack(PUBACK if message.qos == 1 else PUBREC, message.packet_id))
    assert list(came.values()) == [list(range(12))] * 3


# --- subscriptions


@proves("3.8.4-1 3.8.4-2 3.8.4-5 3.9.3-1 3.9.3-2 2.3.1-7", "3.8.4-1 3.8.4-2 3.8.4-6 3.8.4-7 3.9.3-1 3.9.3-2 2.2.1-6")
def a_code_for_each_filter_in_order(stage: Stage, level: int) -> None:
    client = stage.connect(level)
    assert client.subscribe(*((stage.topic(str(n)), q) for n, q in enumerate((2, 0, 1)))) == bytes((2, 0, 1))


@proves("3.8.4-4", "3.8.4-5")
def several_filters_are_as_several_packets(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    client.subscribe((stage.topic("a"), 0), (stage.topic("b"), 1))
    sender.publish(stage.topic("a"), b"a")
    sender.publish(stage.topic("b"), b"b")
    assert [(m.payload, m.qos) for m in client.messages()] == [(b"a", 0), (b"b", 1)]


@proves("3.8.4-3", "3.8.4-3 3.8.4-4")
def subscribing_again_replaces(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    sender.publish(stage.topic(), b"kept", retain=True)
    client.subscribe((stage.topic(), 1))
    assert client.message().qos == 1
    client.subscribe((stage.topic(), 0))
    assert (client.message().payload, client.quiet()) == (b"kept", [])
    sender.publish(stage.topic(), b"live")
    assert [(m.payload, m.qos) for m in client.messages()] == [(b"live", 0)]


@proves("3.3.5-1", "3.3.4-2", mosquitto="3.1.1: takes the first filter that fits")
def overlapping_filters_give_the_highest_quality(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    client.subscribe((stage.topic("#"), 0), (stage.topic("+"), 2), (stage.topic("a"), 1))
    sender.publish(stage.topic("a"), qos=2)
    assert max(m.qos for m in client.messages()) == 2


@proves("3.3.2-3 4.7.1-2 4.7.1-3", "3.3.2-3 4.7.1-1 4.7.1-2")
def wildcards_take_what_they_should(stage: Stage, level: int) -> None:
    sender = stage.connect(level)
    topics = [stage.topic(name) for name in ("a", "a/b", "a/b/c", "a/", "x/b")]
    for pattern, taken in (("a/#", 4), ("a/+", 2), ("+/b", 2), ("#", 5), ("a/b", 1), ("+/+/+", 1)):
        client = stage.connect(level)
        client.subscribe((stage.topic(pattern), 0))
        for topic in topics:
            sender.publish(topic)
        assert len(client.messages()) == taken, pattern
        client.cut()


@proves("4.7.3-4", "4.7.3-4")
def topics_are_not_normalised(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    client.subscribe((stage.topic("e\u0301"), 0), (stage.topic("Case"), 0), (stage.topic("a//b"), 0))
    for name in ("\u00e9", "case", "a/b", "a//b"):
        sender.publish(stage.topic(name))
    assert [m.topic for m in client.messages()] == [stage.topic("a//b")]


@proves("4.7.2-1", "4.7.2-1")
def dollar_topics_hide_from_leading_wildcards(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    client.subscribe(("#", 0), ("+/" + stage.topic(), 0))
    client.messages()
    sender.publish("$nobody/" + stage.topic())
    assert [m.topic for m in client.messages() if m.topic.startswith("$")] == []
    client.subscribe(("$nobody/#", 0))
    sender.publish("$nobody/" + stage.topic())
    assert [m.topic for m in client.messages()] == ["$nobody/" + stage.topic()]


@proves("4.7.3-3", "4.7.3-3")
def the_longest_topic_passes(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    topic = stage.topic("x" * (65535 - len(stage.topic(""))))
    client.subscribe((topic, 0))
    sender.publish(topic)
    assert client.message().topic == topic


@proves("3.10.4-4 3.10.4-5 3.10.4-6 2.3.1-7", "3.10.4-4 3.10.4-5 3.10.4-6 2.2.1-6")
def unsubscribing_is_always_acknowledged(stage: Stage, level: int) -> None:
    client = stage.connect(level)
    client.subscribe((stage.topic("a"), 0))
    codes = client.unsubscribe(stage.topic("a"), stage.topic("never"))
    assert codes == (b"\x00\x11" if level == 5 else b"")


@proves("3.10.4-1 3.10.4-2 4.7.3-4", "3.10.4-1 3.10.4-2")
def only_the_very_filter_is_unsubscribed(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    client.subscribe((stage.topic("a"), 0), (stage.topic("+"), 0))
    client.unsubscribe(stage.topic("#"))
    sender.publish(stage.topic("a"))
    assert client.messages()
    client.unsubscribe(stage.topic("+"), stage.topic("a"))
    sender.publish(stage.topic("a"))
    assert client.messages() == []


@proves("3.10.4-3", "3.10.4-3")
def what_was_begun_is_completed_after_unsubscribing(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    client.subscribe((stage.topic(), 2))
    sender.publish(stage.topic(), qos=2)
    came = client.message()
    client.unsubscribe(stage.topic())
    client.send(ack(PUBREC, came.packet_id))
    assert client.expect(PUBREL)[:2] == u16(came.packet_id)


@proves("", "3.11.3-1 3.11.3-2 3.9.3-2")
def codes_are_in_order_of_filters(stage: Stage, level: int) -> None:
    client = stage.connect(5)
    client.send(
        subscribe(5, (stage.topic("a"), 1), (stage.topic("b"), 2)), unsubscribe(5, "no", stage.topic("b"), "no")
    )
    assert client.expect(9)[-2:] == b"\x01\x02"
    assert client.expect(11)[-3:] == b"\x11\x00\x11"


# --- retained messages


@proves("3.3.1-5 3.3.1-6 3.3.1-8", "3.3.1-5 3.3.1-9")
def the_last_retained_message_is_sent_to_new_subscribers(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    sender.publish(stage.topic(), b"old", retain=True)
    sender.publish(stage.topic(), b"new", retain=True)
    client.subscribe((stage.topic(), 1))
    came = client.messages()
    assert [(m.payload, m.qos, m.retain) for m in came] == [(b"new", 1, True)]


@proves("3.3.1-7", "3.3.1-5")
def a_retained_message_of_quality_0_replaces(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    sender.publish(stage.topic(), b"old", 1, retain=True)
    sender.publish(stage.topic(), b"new", 0, retain=True)
    client.subscribe((stage.topic(), 1))
    assert [m.payload for m in client.messages()] == [b"new"]


@proves("3.3.1-9", "3.3.1-12")
def the_retain_flag_is_off_for_who_was_there(stage: Stage, level: int) -> None:
    sender, client = stage.connect(level), stage.connect(level)
    client.subscribe((stage.topic(), 1))
    sender.publish(stage.topic(), retain=True)
    assert not client.message().retain


@proves("3.3.1-10 3.3.1-11", "3.3.1-6 3.3.1-7")
def an_empty_message_takes_the_retained_one_away(stage: Stage, level: int) -> None:
    sender, watching, late = stage.connect(level), stage.connect(level), stage.connect(level)
    sender.publish(stage.topic(), b"kept", retain=True)
    watching.subscribe((stage.topic(), 0))
    sender.publish(stage.topic(), b"", retain=True)
    assert [m.payload for m in watching.messages()] == [b"kept", b""]
    late.subscribe((stage.topic(), 0))
    assert late.messages() == []


@proves("3.3.1-12", "3.3.1-8")
def what_is_not_retained_leaves_the_retained_one(stage: Stage, level: int) -> None:
    sender, late = stage.connect(level), stage.connect(level)
    sender.publish(stage.topic(), b"kept", retain=True)
    sender.publish(stage.topic(), b"passing")
    sender.publish(stage.topic(), b"")
    late.subscribe((stage.topic(), 0))
    assert [m.payload for m in late.messages()] == [b"kept"]
