"""The other half of the codec: MQTT 3.1.1 packets to bytes. Sans-I/O.

What is too long for the protocol is a fault of ours and raises `ValueError`; a caller checks what strangers gave.
"""

from collections.abc import Callable
from typing import Any

from devices.mqtt.packets import Ack, ConnAck, Connect, Kind, Packet, Publish, Signal, SubAck, Subscribe, Unsubscribe

LONGEST = 268_435_455


def frame(packet: Packet) -> bytes:
    """The bytes of one packet."""
    return _WRITE[type(packet)](packet)


def publish_frame(
    topic: str, payload: bytes, qos: int = 0, retain: bool = False, dup: bool = False, packet_id: int = 0
) -> bytes:
    """The bytes of a PUBLISH: a function of its own, because it is called most."""
    body = _text(topic) + (packet_id.to_bytes(2, "big") if qos else b"") + payload
    return _framed(0x30 | dup << 3 | qos << 1 | retain, body)


def ack_frame(kind: Kind, packet_id: int) -> bytes:
    return bytes((kind << 4 | (2 if kind is Kind.PUBREL else 0), 2, packet_id >> 8, packet_id & 255))


def _framed(first: int, body: bytes) -> bytes:
    length = len(body)
    if length < 128:
        return bytes((first, length)) + body
    if length > LONGEST:
        raise ValueError(f"a packet of {length} bytes is too long for MQTT")
    head = bytearray((first,))
    while length > 127:
        head.append(length & 127 | 128)
        length >>= 7
    head.append(length)
    return bytes(head) + body


def _data(data: bytes) -> bytes:
    if len(data) > 0xFFFF:
        raise ValueError(f"a field of {len(data)} bytes is too long for MQTT")
    return len(data).to_bytes(2, "big") + data


def _text(text: str) -> bytes:
    return _data(text.encode())


def _publish(packet: Publish) -> bytes:
    return publish_frame(*packet)


def _connect(packet: Connect) -> bytes:
    will, flags = packet.will, packet.clean << 1
    payload = _text(packet.client_id)
    if will is not None:
        flags |= 4 | will.qos << 3 | will.retain << 5
        payload += _text(will.topic) + _data(will.payload)
    if packet.user is not None:
        flags |= 0x80
        payload += _text(packet.user)
    if packet.password is not None:
        flags |= 0x40
        payload += _data(packet.password)
    head = _text("MQTT") + bytes((packet.level, flags)) + packet.keep_alive.to_bytes(2, "big")
    return _framed(Kind.CONNECT << 4, head + payload)


def _connack(packet: ConnAck) -> bytes:
    return _framed(Kind.CONNACK << 4, bytes((packet.session_present, packet.code)))


def _ack(packet: Ack) -> bytes:
    return ack_frame(packet.kind, packet.packet_id)


def _subscribe(packet: Subscribe) -> bytes:
    filters = b"".join(_text(text) + bytes((qos,)) for text, qos in packet.filters)
    return _framed(Kind.SUBSCRIBE << 4 | 2, packet.packet_id.to_bytes(2, "big") + filters)


def _suback(packet: SubAck) -> bytes:
    return _framed(Kind.SUBACK << 4, packet.packet_id.to_bytes(2, "big") + bytes(packet.granted))


def _unsubscribe(packet: Unsubscribe) -> bytes:
    filters = b"".join(_text(text) for text in packet.filters)
    return _framed(Kind.UNSUBSCRIBE << 4 | 2, packet.packet_id.to_bytes(2, "big") + filters)


def _signal(packet: Signal) -> bytes:
    return bytes((packet.kind << 4, 0))


# keyed by the type of the packet, so each function gets its own: a type that Python's annotations cannot say
_WRITE: dict[type[Packet], Callable[[Any], bytes]] = {
    Publish: _publish,
    Connect: _connect,
    ConnAck: _connack,
    Ack: _ack,
    Subscribe: _subscribe,
    SubAck: _suback,
    Unsubscribe: _unsubscribe,
    Signal: _signal,
}
