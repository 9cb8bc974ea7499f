"""MQTT 3.1.1 bytes: what is encoded is decoded again, and what the standard forbids is refused and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.mqtt.codec import Decoder, Malformed
from devices.mqtt.fields import LONGEST
from devices.mqtt.frames import frame, publish_frame
from devices.mqtt.packets import (
    REFUSED,
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


def made(kind: Callable[..., Packet | Will], *given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Like `st.builds`, which would fill in the properties as well."""
    return st.tuples(*given).map(lambda values: kind(*values))


ids = st.integers(1, 0xFFFF)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
topics = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0+#"), min_size=1, max_size=30)
wills = made(Will, topics, st.binary(max_size=20), st.integers(0, 2), st.booleans())
logins = st.one_of(st.tuples(st.none(), st.none()), st.tuples(texts, st.none() | st.binary(max_size=20)))


@st.composite
def connects(draw: st.DrawFn) -> Connect:
    user, password = draw(logins)
    return Connect(
        draw(texts), draw(st.booleans()), draw(st.integers(0, 0xFFFF)), draw(st.none() | wills), user, password
    )


@st.composite
def publishes(draw: st.DrawFn) -> Publish:
    qos = draw(st.integers(0, 2))
    dup, packet_id = (draw(st.booleans()), draw(ids)) if qos else (False, 0)
    return Publish(draw(topics), draw(st.binary(max_size=300)), qos, draw(st.booleans()), dup, packet_id)


packets: st.SearchStrategy[Packet] = st.one_of(
    connects(),
    publishes(),
    made(ConnAck, st.booleans(), st.sampled_from(Code)),
    made(Ack, st.sampled_from([Kind.PUBACK, Kind.PUBREC, Kind.PUBREL, Kind.PUBCOMP]), ids),
    ids.map(UnsubAck),
    st.just(Disconnect()),
    made(Subscribe, ids, st.lists(st.tuples(texts, st.integers(0, 2)), min_size=1, max_size=4).map(tuple)),
    made(SubAck, ids, st.lists(st.sampled_from([0, 1, 2, REFUSED]), min_size=1, max_size=4).map(tuple)),
    made(Unsubscribe, ids, st.lists(texts, min_size=1, max_size=4).map(tuple)),
    made(Signal, st.sampled_from([Kind.PINGREQ, Kind.PINGRESP])),
)


def decode(data: bytes) -> list[Packet]:
    return list(Decoder().feed(data))


@given(st.lists(packets, max_size=5), st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_what_is_encoded_is_decoded_in_pieces_of_any_size(sent: list[Packet], cuts: list[int]) -> None:
    data, decoder, came, turn = b"".join(frame(packet) for packet in sent), Decoder(), [], 0
    while data:
        size = cuts[turn % len(cuts)]
        came += list(decoder.feed(data[:size]))
        data, turn = data[size:], turn + 1
    assert came == sent
    assert [type(packet) for packet in came] == [type(packet) for packet in sent]


@given(st.binary(max_size=200))
def test_garbage_is_malformed_or_packets_and_nothing_else(data: bytes) -> None:
    try:
        came = decode(data)
    except Malformed:
        return
    assert all(frame(packet) for packet in came)


@given(packets, st.integers(0, 400), st.integers(0, 255))
def test_one_flipped_byte_never_breaks_the_decoder(packet: Packet, at: int, value: int) -> None:
    data = bytearray(frame(packet))
    data[at % len(data)] = value
    try:
        came = decode(bytes(data))
    except Malformed:
        return
    assert len(came) <= len(data) // 2


@pytest.mark.parametrize("length", [0, 127, 128, 16_383, 16_384, 300_000])
def test_every_size_of_remaining_length(length: int) -> None:
    """[2.2.3]"""
    packet = Publish("t", bytes(length))
    assert decode(frame(packet)) == [packet]


CONNECT = b"\x00\x04MQTT\x04"
BAD = {
    "reserved type 0 [2.2.1]": b"\x00\x00",
    "reserved type 15 [2.2.1]": b"\xf0\x00",
    "flags of PINGREQ [MQTT-2.2.2-2]": b"\xc1\x00",
    "flags of SUBSCRIBE [MQTT-3.8.1-1]": b"\x80\x06\x00\x01\x00\x01a\x00",
    "flags of UNSUBSCRIBE [MQTT-3.10.1-1]": b"\xa0\x05\x00\x01\x00\x01a",
    "flags of PUBREL [MQTT-3.6.1-1]": b"\x60\x02\x00\x01",
    "length of five bytes [2.2.3]": b"\x30\xff\xff\xff\xff\x01",
    "protocol name [MQTT-3.1.2-1]": b"\x10\x0c\x00\x04MQTX\x04\x02\x00\x00\x00\x00",
    "reserved connect flag [MQTT-3.1.2-3]": b"\x10\x0c" + CONNECT + b"\x03\x00\x00\x00\x00",
    "will QoS without will [MQTT-3.1.2-13]": b"\x10\x0c" + CONNECT + b"\x0a\x00\x00\x00\x00",
    "will retain without will [MQTT-3.1.2-15]": b"\x10\x0c" + CONNECT + b"\x22\x00\x00\x00\x00",
    "will QoS 3 [MQTT-3.1.2-14]": b"\x10\x11" + CONNECT + b"\x1e\x00\x00\x00\x00\x00\x01t\x00\x00",
    "will to a wildcard [MQTT-3.3.2-2]": b"\x10\x11" + CONNECT + b"\x06\x00\x00\x00\x00\x00\x01#\x00\x00",
    "password without user [MQTT-3.1.2-22]": b"\x10\x0f" + CONNECT + b"\x42\x00\x00\x00\x00\x00\x01p",
    "bytes after CONNECT": b"\x10\x0d" + CONNECT + b"\x02\x00\x00\x00\x00\x00",
    "CONNECT too short": b"\x10\x0a" + CONNECT + b"\x02\x00\x00",
    "QoS 3 [MQTT-3.3.1-4]": b"\x36\x05\x00\x01t\x00\x01",
    "DUP with QoS 0 [MQTT-3.3.1-2]": b"\x38\x03\x00\x01t",
    "PUBLISH to + [MQTT-3.3.2-2]": b"\x30\x05\x00\x03a/+",
    "PUBLISH to # [MQTT-3.3.2-2]": b"\x30\x05\x00\x03a/#",
    "empty topic [MQTT-4.7.3-1]": b"\x30\x02\x00\x00",
    "packet id 0 of PUBLISH [MQTT-2.3.1-1]": b"\x32\x05\x00\x01t\x00\x00",
    "PUBLISH without packet id": b"\x32\x03\x00\x01t",
    "topic longer than the packet": b"\x30\x03\x00\x05t",
    "topic is not UTF-8 [MQTT-1.5.3-1]": b"\x30\x04\x00\x02\xc3\x28",
    "surrogate in a topic [MQTT-1.5.3-1]": b"\x30\x05\x00\x03\xed\xa0\x80",
    "null in a topic [MQTT-1.5.3-2]": b"\x30\x04\x00\x02a\x00",
    "SUBSCRIBE without filter [MQTT-3.8.3-3]": b"\x82\x02\x00\x01",
    "SUBSCRIBE with QoS 3 [MQTT-3.8.3-4]": b"\x82\x06\x00\x01\x00\x01a\x03",
    "SUBSCRIBE reserved bits [MQTT-3.8.3-4]": b"\x82\x06\x00\x01\x00\x01a\x40",
    "packet id 0 of SUBSCRIBE [MQTT-2.3.1-1]": b"\x82\x06\x00\x00\x00\x01a\x00",
    "UNSUBSCRIBE without filter [MQTT-3.10.3-2]": b"\xa2\x02\x00\x01",
    "PUBACK too long": b"\x40\x03\x00\x01\x00",
    "PINGREQ with a body": b"\xc0\x01\x00",
}


@pytest.mark.parametrize("name", BAD)
def test_what_the_standard_forbids_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        decode(BAD[name])


def test_byte_order_mark_is_kept() -> None:
    """[MQTT-1.5.3-3]"""
    packet = Publish("\ufeffa", b"")
    assert decode(frame(packet)) == [packet]


def test_other_levels_are_told_apart() -> None:
    """[MQTT-3.1.2-2]: what cannot be read has its level only."""
    assert decode(b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x00") == [Connect("", level=5)]
    assert decode(b"\x10\x0d\x00\x04MQTT\x06\x02\x00\x00\x00\x00\x00") == [Connect("", level=6)]
    assert decode(b"\x10\x0e\x00\x06MQIsdp\x03\x02\x00\x00\x00\x00") == [Connect("", level=3)]


def test_too_large_is_refused_before_it_is_there() -> None:
    with pytest.raises(Malformed):
        list(Decoder(limit=1000).feed(b"\x30\xe6\x07"))  # 998 after 3 bytes of head


def test_garbage_is_known_by_its_first_byte() -> None:
    with pytest.raises(Malformed):
        decode(b"GET")


def test_packets_before_the_broken_one_are_delivered() -> None:
    packets = Decoder().feed(b"\xc0\x00\xf0\x00")
    assert next(packets) == Signal(Kind.PINGREQ)
    with pytest.raises(Malformed):
        next(packets)


def test_our_own_faults_raise_value_errors() -> None:
    with pytest.raises(ValueError, match="too long"):
        publish_frame("t" * 70_000, b"")
    assert LONGEST == 0xFFFFFFF  # what four bytes of remaining length can say
