"""MQTT 5 bytes: packets with properties are decoded again, and what the standard forbids is refused with its reason."""

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.mqtt.codec import Decoder, Malformed
from devices.mqtt.frames import frame
from devices.mqtt.packets import (
    NONE,
    V5,
    Ack,
    Auth,
    ConnAck,
    Connect,
    Disconnect,
    Kind,
    Packet,
    Properties,
    Publish,
    Reason,
    SubAck,
    Subscribe,
    UnsubAck,
    Unsubscribe,
    Will,
)
from devices.mqtt.properties import TABLE, WILL

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0+#"), min_size=1, max_size=8)
VALUES: dict[str, st.SearchStrategy[object]] = {
    "payload_format": st.integers(0, 1),
    "request_problem": st.integers(0, 1),
    "request_response": st.integers(0, 1),
    "maximum_qos": st.integers(0, 1),
    "retain_available": st.integers(0, 1),
    "wildcards_available": st.integers(0, 1),
    "subscription_ids_available": st.integers(0, 1),
    "sharing_available": st.integers(0, 1),
    "message_expiry_s": st.integers(0, 2**32 - 1),
    "session_expiry_s": st.integers(0, 2**32 - 1),
    "will_delay_s": st.integers(0, 2**32 - 1),
    "maximum_packet": st.integers(1, 2**32 - 1),
    "server_keep_alive_s": st.integers(0, 65535),
    "receive_maximum": st.integers(1, 65535),
    "topic_alias_maximum": st.integers(0, 65535),
    "topic_alias": st.integers(1, 65535),
    "subscription_ids": st.lists(st.integers(1, 268_435_455), min_size=1, max_size=3).map(tuple),
    "user": st.lists(st.tuples(texts, texts), min_size=1, max_size=3).map(tuple),
    "correlation": st.binary(max_size=8),
    "auth_data": st.binary(max_size=8),
}


@st.composite
def properties(draw: st.DrawFn, place: int) -> Properties:
    """Any properties that may stand in a packet of this kind."""
    names = [name for name, _, places in TABLE.values() if place in places]
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=6))
    found = {name: draw(VALUES.get(name, texts)) for name in chosen}
    if place == Kind.SUBSCRIBE and "subscription_ids" in found:
        found["subscription_ids"] = found["subscription_ids"][:1]  # type: ignore[index]
    if "auth_data" in found and place == Kind.CONNECT:
        found["auth_method"] = "x"
    return Properties(**found) if found else NONE  # type: ignore[arg-type]


ids = st.integers(1, 0xFFFF)
TAKEN = st.sampled_from([Reason.SUCCESS, Reason.NO_SUBSCRIBERS, Reason.NOT_AUTHORIZED, Reason.QUOTA])
RELEASED = st.sampled_from([Reason.SUCCESS, Reason.ID_UNKNOWN])
OPTIONS = st.sampled_from([0, 1, 2, 4, 8, 0x10, 0x20, 0x2E])
wills = st.builds(Will, texts, st.binary(max_size=9), st.integers(0, 2), st.booleans(), properties(WILL))
packets: st.SearchStrategy[Packet] = st.one_of(
    st.builds(
        Connect, texts, st.booleans(), ids, st.none() | wills, st.none() | texts, st.none() | st.binary(max_size=9),
        st.just(V5), properties(Kind.CONNECT),
    ),
    st.builds(ConnAck, st.booleans(), st.sampled_from(Reason).map(int), properties(Kind.CONNACK)),
    st.builds(
        Publish, texts, st.binary(max_size=200), st.just(1), st.booleans(), st.booleans(), ids, properties(Kind.PUBLISH)
    ),
    st.builds(lambda t, p, q: Publish(t, p, properties=q), texts, st.binary(max_size=200), properties(Kind.PUBLISH)),
    *(st.builds(Ack, st.just(k), ids, TAKEN, properties(k)) for k in (Kind.PUBACK, Kind.PUBREC)),
    *(st.builds(Ack, st.just(k), ids, RELEASED, properties(k)) for k in (Kind.PUBREL, Kind.PUBCOMP)),
    st.builds(
        Subscribe, ids, st.lists(st.tuples(texts, OPTIONS), min_size=1, max_size=3).map(tuple),
        properties(Kind.SUBSCRIBE),
    ),
    st.builds(SubAck, ids, st.lists(st.integers(0, 2), min_size=1).map(tuple), properties(Kind.SUBACK)),
    st.builds(Unsubscribe, ids, st.lists(texts, min_size=1).map(tuple), properties(Kind.UNSUBSCRIBE)),
    st.builds(UnsubAck, ids, st.just((0, 17)), properties(Kind.UNSUBACK)),
    st.builds(Disconnect, st.sampled_from([0, 4, 0x81, 0x8E]), properties(Kind.DISCONNECT)),
    st.builds(Auth, st.sampled_from([0, 0x18, 0x19]), properties(Kind.AUTH)),
)  # fmt: skip


def decode(data: bytes) -> list[Packet]:
    return list(Decoder(level=V5).feed(data))


@given(packets)
def test_what_is_encoded_is_decoded(packet: Packet) -> None:
    assert decode(frame(packet, V5)) == [packet]


@settings(max_examples=200)
@given(packets, st.integers(0, 400), st.integers(0, 255))
def test_one_flipped_byte_never_breaks_the_decoder(packet: Packet, at: int, value: int) -> None:
    data = bytearray(frame(packet, V5))
    data[at % len(data)] = value
    try:
        came = decode(bytes(data))
    except Malformed:
        return
    assert len(came) <= len(data) // 2


def test_the_table_names_every_property_once() -> None:
    assert sorted(name for name, _, _ in TABLE.values()) == sorted(field.name for field in fields(Properties))


def publish(properties: bytes, topic: bytes = b"t") -> bytes:
    body = len(topic).to_bytes(2, "big") + topic + bytes((len(properties),)) + properties
    return bytes((0x30, len(body))) + body


BAD = {
    "unknown property": (publish(b"\x7f\x00"), Reason.MALFORMED),
    "property of another packet": (publish(b"\x21\x00\x01"), Reason.MALFORMED),
    "property twice": (publish(b"\x01\x00\x01\x00"), Reason.PROTOCOL),
    "payload format 2": (publish(b"\x01\x02"), Reason.PROTOCOL),
    "alias 0": (publish(b"\x23\x00\x00"), Reason.BAD_ALIAS),
    "identifier 0": (publish(b"\x0b\x00"), Reason.PROTOCOL),
    "response topic with a wildcard": (publish(b"\x08\x00\x01#"), Reason.BAD_TOPIC),
    "response topic with a null": (publish(b"\x08\x00\x01\x00"), Reason.MALFORMED),
    "property cut short": (publish(b"\x02\x00\x00"), Reason.MALFORMED),
    "length longer than the packet": (b"\x30\x05\x00\x01t\x09\x01", Reason.MALFORMED),
    "length of too many bytes": (b"\x30\x06\x00\x01t\x80\x00x", Reason.MALFORMED),
    "no topic and no alias": (publish(b"", b""), Reason.PROTOCOL),
    "option 3 of retain handling": (b"\x82\x07\x00\x01\x00\x00\x01a\x30", Reason.MALFORMED),
    "reserved option": (b"\x82\x07\x00\x01\x00\x00\x01a\x40", Reason.MALFORMED),
    "two subscription identifiers": (b"\x82\x0b\x00\x01\x04\x0b\x01\x0b\x02\x00\x01a\x00", Reason.PROTOCOL),
    "reason that PUBACK has not": (b"\x40\x03\x00\x01\x04", Reason.MALFORMED),
    "reason that DISCONNECT has not": (b"\xe0\x01\x01", Reason.MALFORMED),
    "reason that AUTH has not": (b"\xf0\x01\x01", Reason.MALFORMED),
    "receive maximum 0": (b"\x10\x10\x00\x04MQTT\x05\x02\x00\x00\x03\x21\x00\x00\x00\x00", Reason.PROTOCOL),
    "authentication data alone": (b"\x10\x10\x00\x04MQTT\x05\x02\x00\x00\x03\x16\x00\x00\x00\x00", Reason.PROTOCOL),
}


@pytest.mark.parametrize("name", BAD)
def test_what_the_standard_forbids_has_a_reason(name: str) -> None:
    data, reason = BAD[name]
    with pytest.raises(Malformed) as caught:
        decode(data)
    assert caught.value.reason is reason
