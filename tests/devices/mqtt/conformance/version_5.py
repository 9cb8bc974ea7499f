"""Statements that only MQTT 5 has: properties, flow control, aliases, shared subscriptions, options."""

from tests.devices.mqtt.conformance.connecting import keep
from tests.devices.mqtt.conformance.raw import (
    CONNACK,
    PUBACK,
    PUBREC,
    PUBREL,
    ack,
    connect,
    packet,
    publish,
    read_properties,
    text,
    u16,
    u32,
    user,
    wait,
)
from tests.devices.mqtt.conformance.stage import Stage, proves

NO_LOCAL, AS_PUBLISHED, ONLY_NEW, NEVER = 4, 8, 0x10, 0x20


@proves("", "3.3.2-4 3.3.2-15 3.3.2-16 3.3.2-17 3.3.2-18 3.3.2-20")
def properties_are_forwarded_unaltered(stage: Stage, level: int) -> None:
    sender, receiver = stage.connect(5), stage.connect(5)
    receiver.subscribe((stage.topic(), 1))
    pairs = (
        b"\x01\x01", b"\x03" + text("text/plain"), b"\x08" + text("answer/here"), b"\x09" + text(b"\0\xff"),
        user("b", "1"), user("a", "2"), user("b", "1"),
    )  # fmt: skip
    sender.publish(stage.topic(), pairs=pairs)
    came = receiver.message().properties
    assert came == {
        0x01: [b"\x01"], 0x03: [text("text/plain")], 0x08: [text("answer/here")], 0x09: [text(b"\0\xff")],
        0x26: [pair[1:] for pair in pairs[4:]],
    }  # fmt: skip


@proves("", "3.3.2-6")
def message_expiry_is_what_is_left(stage: Stage, level: int) -> None:
    sender = stage.connect(5)
    away = stage.connect(5, "a", **keep(5))
    away.subscribe((stage.topic(), 1))
    away.cut()
    wait(0.1)
    sender.publish(stage.topic(), pairs=(b"\x02" + u32(100),))
    wait(1.2)
    left = stage.connect(5, "a", **keep(5)).message().properties[0x02][0]
    assert 97 <= int.from_bytes(left, "big") <= 99


@proves("", "3.3.2-5")
def a_message_expires_in_the_queue(stage: Stage, level: int) -> None:
    sender = stage.connect(5)
    away = stage.connect(5, "a", **keep(5))
    away.subscribe((stage.topic(), 1))
    away.cut()
    wait(0.1)
    sender.publish(stage.topic(), b"short", pairs=(b"\x02" + u32(1),))
    sender.publish(stage.topic(), b"long", pairs=(b"\x02" + u32(100),))
    wait(2.1)
    assert [m.payload for m in stage.connect(5, "a", **keep(5)).messages()] == [b"long"]


@proves("", "3.3.2-5")
def a_retained_message_expires(stage: Stage, level: int) -> None:
    sender, late = stage.connect(5), stage.connect(5)
    sender.publish(stage.topic(), retain=True, pairs=(b"\x02" + u32(1),))
    wait(2.1)
    late.subscribe((stage.topic(), 0))
    assert late.messages() == []


@proves("", "3.3.2-12 3.3.2-7")
def an_alias_stands_for_its_topic_on_this_connection(stage: Stage, level: int) -> None:
    receiver = stage.connect(5)
    receiver.subscribe((stage.topic("#"), 0))
    sender = stage.connect(5, "a")
    alias = (b"\x23\x00\x01",)
    sender.send(publish(5, stage.topic("one"), pairs=alias), publish(5, "", pairs=alias))
    sender.send(publish(5, stage.topic("two"), pairs=alias), publish(5, "", pairs=alias))
    sender.quiet()
    came = receiver.messages()
    assert [m.topic for m in came] == [stage.topic(name) for name in ("one", "one", "two", "two")]
    assert all(0x23 not in m.properties for m in came)  # 3.1.2-30
    again = stage.connect(5, "a")
    again.send(publish(5, "", pairs=alias))
    assert again.disconnected() == 0x82


@proves("", "3.1.2-29 3.3.2-11 3.1.2-30")
def no_alias_beyond_what_the_client_takes(stage: Stage, level: int) -> None:
    sender, without = stage.connect(5), stage.connect(5)
    few = stage.connect(5, pairs=(b"\x22\x00\x02",))
    for client in (without, few):
        client.subscribe((stage.topic("#"), 1))
    for name in ("a", "b", "c", "a", "b", "c"):
        sender.publish(stage.topic(name), name.encode())
    assert all(0x23 not in m.properties for m in without.messages())
    names: dict[int, str] = {}
    for message in few.messages():
        alias = int.from_bytes(message.properties.get(0x23, [b"\0\0"])[0], "big")
        assert alias <= 2
        if alias and message.topic:
            names[alias] = message.topic
        assert (message.topic or names[alias]) == stage.topic(message.payload.decode())


@proves("", "3.3.4-9 4.9.0-1 4.9.0-2 3.3.4-10 4.9.0-3", mosquitto="sends the next message at PUBREC, not at PUBCOMP")
def receive_maximum_of_a_client(stage: Stage, level: int) -> None:
    sender, receiver = stage.connect(5), stage.connect(5, pairs=(b"\x21\x00\x02",))
    receiver.subscribe((stage.topic(), 2))
    for n in range(5):
        sender.publish(stage.topic(), bytes((n,)), 1 + n % 2)
    first, second = receiver.messages()
    receiver.send(ack(PUBACK, first.packet_id))
    third = receiver.message()
    assert receiver.quiet() == []
    receiver.send(ack(PUBREC, second.packet_id))
    assert receiver.expect(PUBREL)[:2] == u16(second.packet_id)
    assert receiver.quiet() == []
    receiver.send(ack(7, second.packet_id))
    assert receiver.message().payload == b"\x03"
    assert third.payload == b"\x02"


@proves("", "3.3.4-7", mosquitto="takes more than its receive maximum")
def receive_maximum_of_the_broker(stage: Stage, level: int) -> None:
    sender = stage.connect(5)
    found, _ = read_properties(sender.connack, 2)
    most = int.from_bytes(found[0x21][0], "big")
    sender.send(*(publish(5, stage.topic(), qos=2, packet_id=n) for n in range(1, most + 2)))
    assert sender.disconnected() == 0x93


@proves("", "3.1.2-27 3.1.2-28")
def nothing_beyond_the_maximum_packet_size(stage: Stage, level: int) -> None:
    sender, receiver = stage.connect(5), stage.connect(5, pairs=(b"\x27" + u32(60),))
    receiver.subscribe((stage.topic(), 1))
    for size in (10, 100, 11):
        sender.publish(stage.topic(), bytes(size))
    assert [len(m.payload) for m in receiver.messages()] == [10, 11]


@proves("", "3.2.2-15 4.13.1-1", mosquitto="limits nothing unless it is told to")
def too_large_for_the_broker(stage: Stage, level: int) -> None:
    sender = stage.connect(5)
    found, _ = read_properties(sender.connack, 2)
    size = int.from_bytes(found[0x27][0], "big")
    sender.send(b"\x30\xff\xff\xff\x7f" + bytes(100))
    assert sender.disconnected() == 0x95
    assert size < 200_000_000


@proves("", "3.8.3-3")
def no_local(stage: Stage, level: int) -> None:
    client, other = stage.connect(5), stage.connect(5)
    client.subscribe((stage.topic(), 1 | NO_LOCAL))
    client.send(publish(5, stage.topic(), b"mine", 1))
    client.expect(PUBACK)
    other.publish(stage.topic(), b"theirs")
    assert [m.payload for m in client.messages()] == [b"theirs"]


@proves("", "3.3.1-13")
def retain_as_published(stage: Stage, level: int) -> None:
    sender, client = stage.connect(5), stage.connect(5)
    client.subscribe((stage.topic(), 1 | AS_PUBLISHED))
    sender.publish(stage.topic(), retain=True)
    sender.publish(stage.topic(), retain=False)
    assert [m.retain for m in client.messages()] == [True, False]


@proves("", "3.3.1-10")
def retained_for_a_new_subscription_only(stage: Stage, level: int) -> None:
    sender, client = stage.connect(5), stage.connect(5)
    sender.publish(stage.topic(), retain=True)
    client.subscribe((stage.topic(), ONLY_NEW))
    assert len(client.messages()) == 1
    client.subscribe((stage.topic(), ONLY_NEW))
    assert client.messages() == []


@proves("", "3.3.1-11")
def retained_never(stage: Stage, level: int) -> None:
    sender, client = stage.connect(5), stage.connect(5)
    sender.publish(stage.topic(), retain=True)
    client.subscribe((stage.topic(), NEVER))
    assert client.messages() == []


@proves("", "3.3.4-3 3.3.4-4 3.3.4-5")
def subscription_identifiers(stage: Stage, level: int) -> None:
    sender, client = stage.connect(5), stage.connect(5)
    sender.publish(stage.topic("r"), b"kept", retain=True)
    client.subscribe((stage.topic("a"), 1), pairs=(b"\x0b\x05",))
    client.subscribe((stage.topic("+"), 1), pairs=(b"\x0b\x80\x01",))
    assert [m.properties[0x0B] for m in client.messages()] == [[b"\x80\x01"]]
    sender.publish(stage.topic("a"))
    assert sorted(i for m in client.messages() for i in m.properties.get(0x0B, [])) == [b"\x05", b"\x80\x01"]
    sender.publish(stage.topic("b"))
    assert [m.properties[0x0B] for m in client.messages()] == [[b"\x80\x01"]]


@proves("", "3.8.4-3")
def subscribing_again_replaces_the_identifier(stage: Stage, level: int) -> None:
    sender, client = stage.connect(5), stage.connect(5)
    client.subscribe((stage.topic(), 1), pairs=(b"\x0b\x05",))
    client.subscribe((stage.topic(), 1))
    sender.publish(stage.topic())
    assert client.message().properties == {}


# --- shared subscriptions


@proves("", "4.8.2-1 4.8.2-3")
def a_group_takes_turns(stage: Stage, level: int) -> None:
    sender, alone = stage.connect(5), stage.connect(5)
    members = [stage.connect(5) for _ in range(2)]
    for member, qos in zip(members, (0, 1), strict=True):
        member.subscribe((f"$share/g/{stage.topic()}", qos))
    alone.subscribe((stage.topic(), 1))
    for n in range(8):
        sender.publish(stage.topic(), bytes((n,)))
    parts = [member.messages() for member in members]
    assert sorted(m.payload[0] for part in parts for m in part) == list(range(8))
    assert all(parts)
    assert [{m.qos for m in part} for part in parts] == [{0}, {1}]
    assert len(alone.messages()) == 8


@proves("", "(4.8.2)", mosquitto="sends retained messages to shared subscriptions")
def a_group_gets_no_retained_messages(stage: Stage, level: int) -> None:
    sender, client = stage.connect(5), stage.connect(5)
    sender.publish(stage.topic(), retain=True)
    client.subscribe((f"$share/g/{stage.topic()}", 1))
    assert client.messages() == []


@proves("", "4.8.2-6 4.4.0-2 4.3.3-9")
def what_a_member_refuses_goes_to_nobody_else(stage: Stage, level: int) -> None:
    sender = stage.connect(5)
    members = [stage.connect(5, f"m{n}", **keep(5)) for n in range(2)]
    for member in members:
        member.subscribe((f"$share/g/{stage.topic()}", 2))
    for qos in (1, 2):
        sender.publish(stage.topic(), qos=qos)
    took = [(member, m) for member in members for m in member.messages()]
    assert len(took) == 2
    for member, message in took:
        member.send(ack(PUBACK if message.qos == 1 else PUBREC, message.packet_id, 0x83))
    assert [member.quiet() for member in members] == [[], []]
    for member in members:
        member.cut()
    wait(0.1)
    assert [stage.connect(5, f"m{n}", **keep(5)).quiet() for n in range(2)] == [[], []]


@proves("", "4.8.2-4 4.8.2-5")
def what_a_member_did_not_complete_is_completed_by_it(stage: Stage, level: int) -> None:
    sender = stage.connect(5)
    first = stage.connect(5, "m", **keep(5))
    first.subscribe((f"$share/g/{stage.topic()}", 2))
    sender.publish(stage.topic(), b"mine", 2)
    first.message()
    second = stage.connect(5)
    second.subscribe((f"$share/g/{stage.topic()}", 2))
    first.cut()
    wait(0.1)
    assert second.messages() == []
    again = stage.connect(5, "m", **keep(5)).message()
    assert (again.payload, again.dup) == (b"mine", True)
    assert second.messages() == []


# --- reasons


@proves("", "3.7.2-1 3.6.2-1")
def unknown_identifiers_are_told(stage: Stage, level: int) -> None:
    client = stage.connect(5)
    client.send(ack(PUBREL, 77))
    body = client.expect(7)
    assert body[:2] == u16(77)
    assert body[2:3] in (b"", b"\x92")  # 0x92 is a may


@proves("", "3.1.2-32")
def no_reason_strings_for_who_does_not_want_them(stage: Stage, level: int) -> None:
    client = stage.connect(5, pairs=(b"\x17\x00",))
    client.subscribe((stage.topic(), 1))
    client.send(publish(5, stage.topic(), qos=1))
    for _, body in client.quiet():
        assert len(body) <= 40
    client.send(ack(PUBREL, 9))
    assert len(client.expect(7)) <= 4


@proves("", "3.14.0-1")
def no_disconnect_before_connack(stage: Stage, level: int) -> None:
    client = stage.open(5)
    client.send(packet(0x10, text("MQTT") + bytes((5, 3)) + u16(0) + b"\0" + text(stage.id())))
    while (came := client.take()) is not None:
        assert came[0] != 0xE0


@proves("", "3.14.1-1 4.13.2-1 3.14.4-1 3.14.4-2 3.14.2-2")
def a_broken_rule_is_told_before_closing(stage: Stage, level: int) -> None:
    client = stage.connect(5)
    client.send(publish(5, "a/#"))
    came = client.take()
    assert came is not None
    assert came[0] == 0xE0
    assert came[1][0] in (0x81, 0x82, 0x90)
    if len(came[1]) > 1:
        assert 0x11 not in read_properties(came[1], 1)[0]
    assert client.take() is None


@proves("", "4.12.0-1 3.2.2-8")
def an_unknown_authentication_method_is_named(stage: Stage, level: int) -> None:
    client = stage.open(5)
    client.send(connect(5, stage.id(), pairs=(b"\x15" + text("OTHER"),)))
    assert client.expect(CONNACK)[:2] in (b"\x00\x8c", b"\x00\x87")
    assert client.closed()


@proves("", "4.12.0-6 3.1.2-31")
def what_was_not_asked_for_is_not_in_connack(stage: Stage, level: int) -> None:
    found, _ = read_properties(stage.connect(5).connack, 2)
    assert not {0x15, 0x16, 0x1A, 0x12} & found.keys()


@proves("", "3.2.2-9 3.2.2-10")
def all_qualities_are_supported(stage: Stage, level: int) -> None:
    client = stage.connect(5)
    assert 0x24 not in read_properties(client.connack, 2)[0]
    assert client.subscribe((stage.topic(), 2)) == b"\x02"
