"""The other half of the codec: MQTT 3.1.1 and 5.0 packets to bytes. Sans-I/O.

What is too long for the protocol is a fault of ours and raises `ValueError`; a caller checks what strangers gave.
"""

from collections.abc import Callable
from typing import Any

from devices.mqtt.fields import LONGEST, pack_data, pack_text, pack_variable
from devices.mqtt.packets import (
    NONE,
    V5,
    V311,
    Ack,
    Auth,
    ConnAck,
    Connect,
    Disconnect,
    Kind,
    Packet,
    Properties,
    Publish,
    Signal,
    SubAck,
    Subscribe,
    UnsubAck,
    Unsubscribe,
)
from devices.mqtt.properties import pack_properties


def frame(packet: Packet, level: int = V311) -> bytes:
    """The bytes of one packet; a CONNECT says its level itself."""
    return _WRITE[type(packet)](packet, level)


def publish_frame(
    topic: str,
    payload: bytes,
    qos: int = 0,
    retain: bool = False,
    dup: bool = False,
    packet_id: int = 0,
    properties: bytes = b"",
) -> bytes:
    """The bytes of a PUBLISH: a function of its own, because it is called most. `properties` are packed already."""
    name = topic.encode()
    length = len(name)
    if length > 0xFFFF:
        raise ValueError(f"a topic of {length} bytes is too long for MQTT")
    identifier = packet_id.to_bytes(2, "big") if qos else b""
    return _framed(
        0x30 | dup << 3 | qos << 1 | retain,
        b"".join((length.to_bytes(2, "big"), name, identifier, properties, payload)),
    )


def ack_frame(kind: Kind, packet_id: int, reason: int = 0) -> bytes:
    """An acknowledgement in its short form; a reason other than success is for MQTT 5 alone."""
    head = kind << 4 | (2 if kind is Kind.PUBREL else 0)
    if reason:
        return bytes((head, 3, packet_id >> 8, packet_id & 255, reason))
    return bytes((head, 2, packet_id >> 8, packet_id & 255))


def _framed(first: int, body: bytes) -> bytes:
    length = len(body)
    if length < 128:
        return bytes((first, length)) + body
    if length > LONGEST:
        raise ValueError(f"a packet of {length} bytes is too long for MQTT")
    return bytes((first,)) + pack_variable(length) + body


def _properties(properties: Properties, level: int) -> bytes:
    return pack_properties(properties) if level == V5 else b""


def _publish(packet: Publish, level: int) -> bytes:
    return publish_frame(*packet[:6], properties=_properties(packet.properties, level))


def _connect(packet: Connect, _: int) -> bytes:
    will, flags, level = packet.will, packet.clean << 1, packet.level
    payload = pack_text(packet.client_id)
    if will is not None:
        flags |= 4 | will.qos << 3 | will.retain << 5
        payload += _properties(will.properties, level) + pack_text(will.topic) + pack_data(will.payload)
    if packet.user is not None:
        flags |= 0x80
        payload += pack_text(packet.user)
    if packet.password is not None:
        flags |= 0x40
        payload += pack_data(packet.password)
    head = pack_text("MQTT") + bytes((level, flags)) + packet.keep_alive.to_bytes(2, "big")
    return _framed(Kind.CONNECT << 4, head + _properties(packet.properties, level) + payload)


def _connack(packet: ConnAck, level: int) -> bytes:
    return _framed(
        Kind.CONNACK << 4, bytes((packet.session_present, packet.code)) + _properties(packet.properties, level)
    )


def _ack(packet: Ack, level: int) -> bytes:
    if level != V5 or packet.properties is NONE:
        return ack_frame(packet.kind, packet.packet_id, packet.reason if level == V5 else 0)
    body = packet.packet_id.to_bytes(2, "big") + bytes((packet.reason,)) + pack_properties(packet.properties)
    return _framed(packet.kind << 4 | (2 if packet.kind is Kind.PUBREL else 0), body)


def _numbered(packet_id: int, properties: Properties, level: int) -> bytes:
    return packet_id.to_bytes(2, "big") + _properties(properties, level)


def _subscribe(packet: Subscribe, level: int) -> bytes:
    filters = b"".join(pack_text(text) + bytes((options,)) for text, options in packet.filters)
    return _framed(Kind.SUBSCRIBE << 4 | 2, _numbered(packet.packet_id, packet.properties, level) + filters)


def _suback(packet: SubAck, level: int) -> bytes:
    return _framed(Kind.SUBACK << 4, _numbered(packet.packet_id, packet.properties, level) + bytes(packet.granted))


def _unsubscribe(packet: Unsubscribe, level: int) -> bytes:
    filters = b"".join(pack_text(text) for text in packet.filters)
    return _framed(Kind.UNSUBSCRIBE << 4 | 2, _numbered(packet.packet_id, packet.properties, level) + filters)


def _unsuback(packet: UnsubAck, level: int) -> bytes:
    reasons = bytes(packet.reasons) if level == V5 else b""
    return _framed(Kind.UNSUBACK << 4, _numbered(packet.packet_id, packet.properties, level) + reasons)


def _signal(packet: Signal, _: int) -> bytes:
    return bytes((packet.kind << 4, 0))


def _reasoned(kind: Kind) -> Callable[[Any, int], bytes]:
    def write(packet: Disconnect | Auth, level: int) -> bytes:
        if level != V5 or (not packet.reason and packet.properties is NONE):
            return bytes((kind << 4, 0))
        return _framed(kind << 4, bytes((packet.reason,)) + pack_properties(packet.properties))

    return write


# keyed by the type of the packet, so each function gets its own: a type that Python's annotations cannot say
_WRITE: dict[type[Packet], Callable[[Any, int], bytes]] = {
    Publish: _publish,
    Connect: _connect,
    ConnAck: _connack,
    Ack: _ack,
    Subscribe: _subscribe,
    SubAck: _suback,
    Unsubscribe: _unsubscribe,
    UnsubAck: _unsuback,
    Signal: _signal,
    Disconnect: _reasoned(Kind.DISCONNECT),
    Auth: _reasoned(Kind.AUTH),
}
