"""Statements on connecting, sessions, wills and keep-alive, sections 3.1, 3.2, 3.12, 3.14, 4.1, 4.4."""

from tests.devices.mqtt.conformance.raw import (
    CONNACK,
    PUBACK,
    PUBLISH,
    PUBREL,
    Will,
    ack,
    connect,
    publish,
    read_properties,
    subscribe,
    text,
    u16,
    u32,
    wait,
)
from tests.devices.mqtt.conformance.stage import Stage, proves

FOR_EVER = (b"\x11" + u32(0xFFFFFFFF),)


def keep(level: int) -> dict[str, object]:
    """Options of a CONNECT whose session is to stay."""
    return {"clean": False} | ({"pairs": FOR_EVER} if level == 5 else {})


@proves("3.1.4-4 3.2.0-1 3.2.2-1 3.2.2-3", "3.1.4-5 3.2.0-1 3.2.2-1 3.2.2-2 3.2.2-3 3.1.2-6")
def accepted_without_a_session(stage: Stage, level: int) -> None:
    assert stage.connect(level, "a").connack[:2] == b"\0\0"
    assert stage.connect(level, "b", **keep(level)).connack[:2] == b"\0\0"


@proves("3.1.2-4 3.2.2-2 3.1.3-2", "3.1.2-5 3.2.2-3 3.1.3-2 3.1.2-25")
def session_is_resumed(stage: Stage, level: int) -> None:
    topic = stage.topic()
    first = stage.connect(level, "a", **keep(level))
    first.subscribe((topic, 1))
    first.send(b"\xe0\x00")
    assert first.closed()
    again = stage.connect(level, "a", **keep(level))
    assert again.connack[0] == 1
    stage.connect(level).publish(topic, b"kept")
    assert again.message().payload == b"kept"


@proves("3.1.2-5 4.5.0-1", "4.5.0-1 4.1.0-1")
def messages_are_stored_for_who_is_away(stage: Stage, level: int) -> None:
    topic = stage.topic()
    away = stage.connect(level, "a", **keep(level))
    away.subscribe((topic, 2))
    away.send(b"\xe0\x00")
    assert away.closed()
    sender = stage.connect(level)
    sender.publish(topic, b"1", 1)
    sender.publish(topic, b"2", 2)
    back = stage.connect(level, "a", **keep(level))
    assert sorted((m.payload, m.qos) for m in back.messages()) == [(b"1", 1), (b"2", 2)]


@proves("3.1.2-6 3.1.4-3 3.2.2-1", "3.1.2-4 3.1.4-4 3.2.2-2")
def clean_discards_the_session(stage: Stage, level: int) -> None:
    topic = stage.topic()
    first = stage.connect(level, "a", **keep(level))
    first.subscribe((topic, 1))
    first.send(b"\xe0\x00")
    assert first.closed()
    again = stage.connect(level, "a")
    assert again.connack[0] == 0
    stage.connect(level).publish(topic)
    assert again.messages() == []


@proves("3.1.2-6", "4.1.0-2")
def session_ends_with_its_connection(stage: Stage, level: int) -> None:
    first = stage.connect(level, "a")
    first.subscribe((stage.topic(), 1))
    first.send(b"\xe0\x00")
    assert first.closed()
    assert stage.connect(level, "a", clean=False).connack[0] == 0


@proves("3.1.2-7", "")
def retained_messages_belong_to_no_session(stage: Stage, level: int) -> None:
    topic, sender = stage.topic(), stage.connect(level, "a")
    sender.publish(topic, b"kept", retain=True)
    sender.send(b"\xe0\x00")
    assert sender.closed()
    reader = stage.connect(level, "a")
    reader.subscribe((topic, 0))
    assert reader.message().payload == b"kept"


@proves("3.1.4-2", "3.1.4-3", mosquitto="5.0: closes without saying why")
def the_older_connection_of_a_name_is_closed(stage: Stage, level: int) -> None:
    old = stage.connect(level, "a")
    new = stage.connect(level, "a")
    reason = old.disconnected()
    assert reason == (0x8E if level == 5 else None)
    assert new.quiet() == []


@proves("3.1.2-2 3.2.2-4 3.2.2-5", "3.1.2-2 3.2.2-6 3.2.2-7")
def another_level_is_refused_in_words(stage: Stage, level: int) -> None:
    client = stage.open(4)
    client.send(connect(3, stage.id(), protocol="MQIsdp") if level == 4 else connect(9, stage.id()))
    came = client.take()
    if came is not None and came[0] == 0x20:  # the broker may also just hang up, and may still speak version 3.1
        assert came[1][0] == 0
        assert came[1][1] in (0, 1, 0x84)
    assert came is None or came[1][1] == 0 or client.closed()


@proves("3.1.3-8 3.1.3-9 3.1.3-7 3.2.2-4 3.2.2-5", "")
def no_name_and_a_session_that_is_to_stay(stage: Stage, level: int) -> None:
    client = stage.open(4)
    client.send(connect(4, "", clean=False))
    assert client.expect(CONNACK) == b"\x00\x02"
    assert client.closed()


@proves("3.1.3-6", "3.1.3-6")
def no_name_gets_one(stage: Stage, level: int) -> None:
    clients = [stage.open(level) for _ in range(2)]
    for client in clients:
        client.send(connect(level))
        assert client.expect(CONNACK)[1] == 0
    assert [client.quiet() for client in clients] == [[], []]


@proves("", "3.1.3-7 3.2.2-16")
def the_name_given_is_told(stage: Stage, level: int) -> None:
    names = set()
    for _ in range(2):
        client = stage.open(5)
        client.send(connect(5))
        found, _ = read_properties(client.expect(CONNACK), 2)
        names.add(found[0x12][0][2:])
    assert len(names) == 2
    assert b"" not in names


@proves("3.1.3-5", "3.1.3-5")
def letters_and_digits_make_a_name(stage: Stage, level: int) -> None:
    for name in ("a", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ"):
        client = stage.open(level)
        client.send(connect(level, name))
        assert client.expect(CONNACK)[1] == 0


@proves("3.1.4-5", "3.1.4-6")
def nothing_counts_after_a_refusal(stage: Stage, level: int) -> None:
    topic, watcher, client = stage.topic(), stage.connect(level), stage.open(level)
    watcher.subscribe((topic, 0))
    bad = connect(4, "", clean=False) if level == 4 else connect(5, stage.id(), pairs=(b"\x15" + text("X"),))
    client.send(bad, publish(level, topic))
    assert client.closed()
    assert watcher.quiet() == []


@proves("", "3.2.0-2")
def one_connack_for_a_connection(stage: Stage, level: int) -> None:
    client = stage.connect(level)
    client.send(connect(level, stage.id("again")))
    while (came := client.take()) is not None:
        assert came[0] != 0x20


@proves("3.12.4-1", "3.12.4-1")
def ping_is_answered(stage: Stage, level: int) -> None:
    assert stage.connect(level).quiet() == []


# --- wills


def watcher(stage: Stage, level: int, qos: int = 0) -> object:
    client = stage.connect(level)
    client.subscribe((stage.topic("will"), qos))
    return client


@proves("3.1.2-8 3.1.2-16", "3.1.2-7 3.1.2-8 3.1.2-16")
def will_is_published_when_the_connection_is_lost(stage: Stage, level: int) -> None:
    watching = stage.connect(level)
    watching.subscribe((stage.topic("will"), 2))
    stage.connect(level, will=Will(stage.topic("will"), b"gone", 1)).cut()
    came = watching.message()
    assert (came.payload, came.qos) == (b"gone", 1)
    watching.send(ack(PUBACK, came.packet_id))
    late = stage.connect(level)
    late.subscribe((stage.topic("will"), 0))
    assert late.quiet() == []


@proves("3.1.2-17", "3.1.2-17")
def will_is_retained_where_asked(stage: Stage, level: int) -> None:
    watching = stage.connect(level)
    watching.subscribe((stage.topic("will"), 0))
    stage.connect(level, will=Will(stage.topic("will"), b"gone", 0, True)).cut()
    assert watching.message().payload == b"gone"
    late = stage.connect(level)
    late.subscribe((stage.topic("will"), 0))
    assert late.message().retain


@proves("3.1.2-10 3.14.4-3", "3.1.2-10 3.14.4-3")
def leaving_discards_the_will(stage: Stage, level: int) -> None:
    watching = stage.connect(level)
    watching.subscribe((stage.topic("will"), 0))
    leaving = stage.connect(level, will=Will(stage.topic("will")))
    leaving.send(b"\xe0\x00")
    assert leaving.closed()
    assert watching.quiet() == []


@proves("3.1.2-12", "3.1.2-12")
def no_will_no_message(stage: Stage, level: int) -> None:
    watching = stage.connect(level)
    watching.subscribe((stage.topic("#"), 0))
    leaving = stage.connect(level)
    leaving.send(publish(level, "a/#"))
    assert leaving.closed()
    assert watching.quiet() == []


@proves("3.1.2-8", "3.1.2-8")
def will_is_published_after_a_broken_rule(stage: Stage, level: int) -> None:
    watching = stage.connect(level)
    watching.subscribe((stage.topic("will"), 0))
    broken = stage.connect(level, will=Will(stage.topic("will")))
    broken.send(publish(level, "a/#"))
    assert broken.closed()
    assert watching.message().payload == b"gone"


@proves("", "3.14.4-3")
def leaving_with_the_will(stage: Stage, level: int) -> None:
    watching = stage.connect(5)
    watching.subscribe((stage.topic("will"), 0))
    leaving = stage.connect(5, will=Will(stage.topic("will")))
    leaving.send(b"\xe0\x01\x04")
    assert leaving.closed()
    assert watching.message().payload == b"gone"


@proves("", "3.1.2-26")
def a_will_that_waits_is_dropped_when_its_client_comes_back(stage: Stage, level: int) -> None:
    watching = stage.connect(5)
    watching.subscribe((stage.topic("will"), 0))
    will = Will(stage.topic("will"), pairs=(b"\x18" + u32(1),))
    stage.connect(5, "a", will=will, **keep(5)).cut()
    wait(0.1)
    back = stage.connect(5, "a", **keep(5))
    wait(1.5)
    assert back.connack[0] == 1
    assert watching.quiet() == []


@proves("", "3.1.2-8")
def a_will_waits_for_its_delay(stage: Stage, level: int) -> None:
    watching = stage.connect(5)
    watching.subscribe((stage.topic("will"), 0))
    will = Will(stage.topic("will"), pairs=(b"\x18" + u32(1), b"\x09" + text(b"c"), b"\x26" + text("k") + text("v")))
    stage.connect(5, "a", will=will, **keep(5)).cut()
    wait(0.3)
    assert watching.quiet() == []
    came = watching.message()
    assert came.payload == b"gone"
    assert sorted(came.properties) == [0x09, 0x26]


@proves("", "3.1.2-8", mosquitto="keeps the will of a session that a clean start ended")
def a_will_is_due_when_its_session_ends(stage: Stage, level: int) -> None:
    watching = stage.connect(5)
    watching.subscribe((stage.topic("will"), 0))
    will = Will(stage.topic("will"), pairs=(b"\x18" + u32(1000),))
    stage.connect(5, "a", will=will, **keep(5)).cut()
    wait(0.1)
    stage.connect(5, "a")  # clean: the session ends
    assert watching.message().payload == b"gone"


# --- keep-alive and session expiry


@proves("3.1.2-24", "3.1.2-24 3.2.2-22")
def silence_is_bounded(stage: Stage, level: int) -> None:
    client = stage.connect(level, keep_alive=1)
    client.patience(8.0)  # 1.5 s are said; mosquitto is late
    assert client.closed()


@proves("", "4.1.0-2 3.1.2-25")
def a_session_ends_when_its_time_is_up(stage: Stage, level: int) -> None:
    first = stage.connect(5, "a", clean=False, pairs=(b"\x11" + u32(1),))
    first.send(b"\xe0\x00")
    assert first.closed()
    wait(0.1)
    second = stage.connect(5, "a", clean=False, pairs=(b"\x11" + u32(1),))
    assert second.connack[0] == 1
    second.send(b"\xe0\x00")
    assert second.closed()
    wait(2.6)  # mosquitto looks once a second
    assert stage.connect(5, "a", clean=False).connack[0] == 0


@proves("", "3.1.2-25")
def leaving_may_change_the_session_expiry(stage: Stage, level: int) -> None:
    first = stage.connect(5, "a", **keep(5))
    first.send(b"\xe0\x07\x00\x05\x11" + u32(0))
    assert first.closed()
    assert stage.connect(5, "a", clean=False).connack[0] == 0


# --- again after a lost connection


@proves("4.4.0-1 3.3.1-1 2.3.1-3 4.6.0-1", "4.4.0-1 3.3.1-1 4.3.2-3 4.3.3-3 4.3.3-5 4.3.3-6")
def what_is_not_acknowledged_comes_again_in_order(stage: Stage, level: int) -> None:
    topic = stage.topic()
    receiver = stage.connect(level, "a", **keep(level))
    receiver.subscribe((topic, 2))
    sender = stage.connect(level)
    sender.publish(topic, b"0", 2)
    sender.publish(topic, b"1", 2)
    sender.publish(topic, b"2", 1)
    came = [receiver.message() for _ in range(3)]
    assert [m.dup for m in came] == [False] * 3
    receiver.send(ack(5, came[0].packet_id))
    assert receiver.expect(PUBREL)[:2] == u16(came[0].packet_id)
    receiver.cut()
    wait(0.1)
    back = stage.connect(level, "a", **keep(level))
    seen = back.quiet()
    assert (0x62, u16(came[0].packet_id)) in [(first, body[:2]) for first, body in seen]
    again = [back.read(one) for one in seen if one[0] >> 4 == PUBLISH]
    assert [(m.payload, m.dup, m.packet_id) for m in again] == [(m.payload, True, m.packet_id) for m in came[1:]]


@proves("4.4.0-1", "4.4.0-1")
def nothing_comes_again_on_a_connection_that_lives(stage: Stage, level: int) -> None:
    receiver = stage.connect(level)
    receiver.subscribe((stage.topic(), 1))
    stage.connect(level).publish(stage.topic())
    receiver.message()
    assert [receiver.quiet() for _ in range(3)] == [[], [], []]


@proves("", "3.1.2-25")
def unsubscribed_again_after_a_clean_start(stage: Stage, level: int) -> None:
    client = stage.connect(5, "a", clean=True, pairs=FOR_EVER)
    client.send(subscribe(5, (stage.topic(), 1)))
    client.expect(9)
    client.cut()
    wait(0.1)
    assert stage.connect(5, "a", **keep(5)).connack[0] == 1
