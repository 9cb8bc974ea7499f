"""MQTT 3.1.1 and 5.0 on the wire: bytes in, packets out. Sans-I/O: knows no socket, session or topic right.

Strict: whatever the standard calls a violation raises `Malformed` with the statement's number, and the owner of the
connection must close it. `frames` is the way back. The protocol level of a connection decides what a body looks like.
"""

from collections.abc import Callable, Iterator

from devices.mqtt.fields import Fields, Malformed, topic_name, utf8
from devices.mqtt.packets import (
    NONE,
    REFUSED,
    V5,
    V311,
    Ack,
    Auth,
    Code,
    ConnAck,
    Connect,
    Disconnect,
    Kind,
    Packet,
    Publish,
    Reason,
    Signal,
    SubAck,
    Subscribe,
    UnsubAck,
    Unsubscribe,
    Will,
)
from devices.mqtt.properties import WILL, Properties, read_properties

PACKET_BYTES = 1 << 20  # the standard allows 256 MiB; a bench has no use for it
LEVELS = (V311, V5)

__all__ = ["LEVELS", "Decoder", "Malformed", "read"]


class Decoder:
    """Cuts one direction of one connection into packets. After `Malformed` it must not be fed again.

    `level` is set by the connection once it knows; a CONNECT says its own.
    """

    def __init__(self, limit: int = PACKET_BYTES, level: int = V311) -> None:
        self.level = level
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self._wanted = 2  # bytes from which on another look is worth while: a large packet is joined once

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that are whole with this data. Take them all, or never feed again."""
        self._chunks.append(data)
        self._size += len(data)
        if self._size < self._wanted:
            return
        buffer = b"".join(self._chunks) if len(self._chunks) > 1 else data
        at, end, self._wanted = 0, len(buffer), 2
        while end - at >= 2:
            length, body = buffer[at + 1], at + 2
            if length > 127:
                length, body = _long_length(buffer, at + 1)
                if not body:
                    break
            if body - at + length > self._limit:
                raise Malformed(f"packet of {body - at + length} bytes, {self._limit} are allowed", Reason.TOO_LARGE)
            if end - body < length:
                _reader(buffer[at])  # garbage is known by its first byte: do not wait for a body that never comes
                self._wanted = body - at + length
                break
            first = buffer[at]
            at = body + length
            yield read(first, buffer[body:at], self.level)
        rest = buffer[at:]
        self._chunks, self._size = [rest] if rest else [], len(rest)


def _long_length(buffer: bytes, at: int) -> tuple[int, int]:
    """A remaining length of several bytes and where the body begins, which is 0 where it is not all there yet."""
    length = 0
    for k, digit in enumerate(buffer[at : at + 4]):
        length |= (digit & 127) << 7 * k
        if digit < 128:
            return length, at + k + 1
    if len(buffer) - at >= 4:
        raise Malformed("remaining length longer than four bytes [2.2.3]")
    return 0, 0


def read(first: int, body: bytes, level: int = V311) -> Packet:
    """One packet from its first byte and its body."""
    return _reader(first)(first & 15, body, level)


Reader = Callable[[int, bytes, int], Packet]


def _reader(first: int) -> Reader:
    reader = _READ.get(first >> 4)
    if reader is None:
        raise Malformed("reserved packet type [2.2.1]")
    if reader is not _publish and first & 15 != _FLAGS.get(first >> 4, 0):
        raise Malformed("reserved flags in the fixed header [MQTT-2.2.2-2]")
    return reader


def _packet_id(fields: Fields) -> int:
    number = fields.number()
    if not number:
        raise Malformed("packet identifier 0 [MQTT-2.3.1-1]", Reason.PROTOCOL)
    return number


def _properties(fields: Fields, kind: Kind, level: int) -> Properties:
    return read_properties(fields, kind) if level == V5 else NONE


def _publish(flags: int, body: bytes, level: int) -> Publish:
    # written out without Fields: this is what a broker does most
    qos = flags >> 1 & 3
    if qos == 3:
        raise Malformed("QoS 3 [MQTT-3.3.1-4]")
    if flags & 8 and not qos:
        raise Malformed("DUP with QoS 0 [MQTT-3.3.1-2]")
    if len(body) < 2:
        raise Malformed("packet too short")
    at = 2 + (body[0] << 8 | body[1])
    topic = utf8(body[2:at])
    packet_id = 0
    if qos:
        packet_id = int.from_bytes(body[at : at + 2], "big")
        at += 2
        if not packet_id and at <= len(body):
            raise Malformed("packet identifier 0 [MQTT-2.3.1-1]", Reason.PROTOCOL)
    if at > len(body):
        raise Malformed("packet too short")
    properties = NONE
    if level == V5:
        if at < len(body) and not body[at]:
            at += 1
        else:
            fields = Fields(body, at)
            properties = _message_properties(fields, Kind.PUBLISH)
            at = fields.at
    if topic or properties.topic_alias is None:
        topic_name(topic)
    return Publish(topic, body[at:], qos, bool(flags & 1), bool(flags & 8), packet_id, properties)


def _message_properties(fields: Fields, place: int) -> Properties:
    properties = read_properties(fields, place)
    if properties.response_topic is not None:
        topic_name(properties.response_topic)  # [MQTT-3.3.2-14]
    if properties.topic_alias == 0:
        raise Malformed("topic alias 0 [MQTT-3.3.2-8]", Reason.BAD_ALIAS)
    return properties


def _connect(_: int, body: bytes, __: int) -> Connect:
    fields = Fields(body)
    name = fields.data()
    if name not in (b"MQTT", b"MQIsdp"):
        raise Malformed("protocol name is not MQTT [MQTT-3.1.2-1]")
    level = fields.byte()
    if name != b"MQTT" or level not in LEVELS:
        # the rest may look different; to be answered with Code.LEVEL
        return Connect("", level=level if name == b"MQTT" else 3)
    flags = fields.byte()
    if flags & 1:
        raise Malformed("reserved connect flag [MQTT-3.1.2-3]")
    keep_alive = fields.number()
    properties = _properties(fields, Kind.CONNECT, level)
    if properties.auth_data is not None and properties.auth_method is None:
        raise Malformed("authentication data without a method [MQTT5 3.1.2.11.10]", Reason.PROTOCOL)
    client_id = fields.text()
    will = _will(flags, fields, level)
    user, password = _login(flags, fields, level)
    fields.end()
    return Connect(client_id, bool(flags & 2), keep_alive, will, user, password, level, properties)


def _will(flags: int, fields: Fields, level: int) -> Will | None:
    qos = flags >> 3 & 3
    if not flags & 4:
        if flags & 0x38:
            raise Malformed("will QoS or retain without a will [MQTT-3.1.2-13, 3.1.2-15]")
        return None
    if qos == 3:
        raise Malformed("will QoS 3 [MQTT-3.1.2-14]")
    properties = _message_properties(fields, WILL) if level == V5 else NONE
    return Will(topic_name(fields.text()), fields.data(), qos, bool(flags & 0x20), properties)


def _login(flags: int, fields: Fields, level: int) -> tuple[str | None, bytes | None]:
    if level == V311 and flags & 0xC0 == 0x40:
        raise Malformed("password without a user name [MQTT-3.1.2-22]")
    user = fields.text() if flags & 0x80 else None
    return user, fields.data() if flags & 0x40 else None


def _connack(_: int, body: bytes, level: int) -> ConnAck:
    fields = Fields(body)
    flags, code = fields.byte(), fields.byte()
    if flags > 1 or (level == V311 and code > Code.NOT_AUTHORIZED):
        raise Malformed("reserved value in CONNACK [3.2.2]")
    properties = _properties(fields, Kind.CONNACK, level)
    fields.end()
    return ConnAck(bool(flags), code, properties)


def _subscribe(_: int, body: bytes, level: int) -> Subscribe:
    fields = Fields(body)
    packet_id = _packet_id(fields)
    properties = _properties(fields, Kind.SUBSCRIBE, level)
    filters = []
    while fields.more:
        text, options = fields.text(), fields.byte()
        if level == V311 and options > 2:
            raise Malformed("reserved bits or QoS 3 in SUBSCRIBE [MQTT-3.8.3-4]")
        if options & 3 == 3 or options & 0xC0 or options & 0x30 == 0x30:
            raise Malformed("reserved subscription option [MQTT5: MQTT-3.8.3-5]")
        filters.append((text, options))
    if not filters:
        raise Malformed("SUBSCRIBE without a filter [MQTT-3.8.3-3]", Reason.PROTOCOL)
    return Subscribe(packet_id, tuple(filters), properties)


def _suback(_: int, body: bytes, level: int) -> SubAck:
    fields = Fields(body)
    packet_id = _packet_id(fields)
    properties = _properties(fields, Kind.SUBACK, level)
    granted = tuple(fields.rest())
    if not granted or (level == V311 and any(code > 2 and code != REFUSED for code in granted)):
        raise Malformed("reserved return code in SUBACK [MQTT-3.9.3-2]")
    return SubAck(packet_id, granted, properties)


def _unsubscribe(_: int, body: bytes, level: int) -> Unsubscribe:
    fields = Fields(body)
    packet_id = _packet_id(fields)
    properties = _properties(fields, Kind.UNSUBSCRIBE, level)
    filters = []
    while fields.more:
        filters.append(fields.text())
    if not filters:
        raise Malformed("UNSUBSCRIBE without a filter [MQTT-3.10.3-2]", Reason.PROTOCOL)
    return Unsubscribe(packet_id, tuple(filters), properties)


def _unsuback(_: int, body: bytes, level: int) -> UnsubAck:
    fields = Fields(body)
    packet_id = _packet_id(fields)
    if level == V311:
        fields.end()
        return UnsubAck(packet_id)
    properties = _properties(fields, Kind.UNSUBACK, level)
    return UnsubAck(packet_id, tuple(fields.rest()), properties)


def _ack(kind: Kind) -> Reader:
    def ack(_: int, body: bytes, level: int) -> Ack:
        fields = Fields(body)
        packet_id = _packet_id(fields)
        if level == V311 or not fields.more:
            fields.end()
            return Ack(kind, packet_id)
        reason = fields.byte()
        if reason not in _ACK_REASONS[kind]:
            raise Malformed(f"{kind.name} with reason {reason:#04x} [MQTT5 3.4.2.1]")
        properties = _properties(fields, kind, level) if fields.more else NONE
        fields.end()
        return Ack(kind, packet_id, reason, properties)

    return ack


def _ping(kind: Kind) -> Reader:
    def ping(_: int, body: bytes, __: int) -> Signal:
        if body:
            raise Malformed("packet too long")
        return Signal(kind)

    return ping


def _disconnect(_: int, body: bytes, level: int) -> Disconnect:
    if level == V311 and body:
        raise Malformed("packet too long")
    reason, properties = _reasoned(Fields(body), Kind.DISCONNECT, level)
    if reason not in _DISCONNECTS:
        raise Malformed(f"DISCONNECT with reason {reason:#04x} [MQTT-3.14.2-1]")
    return Disconnect(reason, properties)


def _auth(_: int, body: bytes, level: int) -> Auth:
    if level == V311:
        raise Malformed("reserved packet type [2.2.1]")
    reason, properties = _reasoned(Fields(body), Kind.AUTH, level)
    if reason not in (Reason.SUCCESS, Reason.CONTINUE, Reason.REAUTHENTICATE):
        raise Malformed(f"AUTH with reason {reason:#04x} [MQTT-3.15.2-1]")
    return Auth(reason, properties)


def _reasoned(fields: Fields, kind: Kind, level: int) -> tuple[int, Properties]:
    reason = fields.byte() if fields.more else Reason.SUCCESS
    properties = _properties(fields, kind, level) if fields.more else NONE
    fields.end()
    return reason, properties


_R = Reason
_TAKEN = {
    _R.SUCCESS, _R.NO_SUBSCRIBERS, _R.UNSPECIFIED, _R.IMPLEMENTATION, _R.NOT_AUTHORIZED, _R.BAD_TOPIC, _R.ID_IN_USE,
    _R.QUOTA, _R.PAYLOAD_FORMAT,
}  # fmt: skip
_RELEASED = {_R.SUCCESS, _R.ID_UNKNOWN}
_ACK_REASONS: dict[Kind, set[Reason]] = {
    Kind.PUBACK: _TAKEN,
    Kind.PUBREC: _TAKEN,
    Kind.PUBREL: _RELEASED,
    Kind.PUBCOMP: _RELEASED,
}
_DISCONNECTS = {
    _R.SUCCESS, _R.WITH_WILL, _R.UNSPECIFIED, _R.MALFORMED, _R.PROTOCOL, _R.IMPLEMENTATION, _R.NOT_AUTHORIZED,
    _R.BUSY, _R.SHUTTING_DOWN, _R.KEEP_ALIVE, _R.TAKEN_OVER, _R.BAD_FILTER, _R.BAD_TOPIC, _R.RECEIVE_MAXIMUM,
    _R.BAD_ALIAS, _R.TOO_LARGE, _R.RATE, _R.QUOTA, _R.ADMINISTRATIVE, _R.PAYLOAD_FORMAT, _R.NO_RETAIN, _R.NO_QOS,
    _R.USE_ANOTHER, _R.MOVED, _R.NO_SHARING, _R.CONNECTION_RATE, _R.TIME_LIMIT, _R.NO_SUBSCRIPTION_IDS,
    _R.NO_WILDCARDS,
}  # fmt: skip
_FLAGS: dict[int, int] = {Kind.PUBREL: 2, Kind.SUBSCRIBE: 2, Kind.UNSUBSCRIBE: 2}
_READ: dict[int, Reader] = {
    Kind.CONNECT: _connect,
    Kind.CONNACK: _connack,
    Kind.PUBLISH: _publish,
    Kind.SUBSCRIBE: _subscribe,
    Kind.SUBACK: _suback,
    Kind.UNSUBSCRIBE: _unsubscribe,
    Kind.UNSUBACK: _unsuback,
    **{kind: _ack(kind) for kind in _ACK_REASONS},
    **{kind: _ping(kind) for kind in (Kind.PINGREQ, Kind.PINGRESP)},
    Kind.DISCONNECT: _disconnect,
    Kind.AUTH: _auth,
}
