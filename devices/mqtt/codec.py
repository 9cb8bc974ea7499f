"""MQTT 3.1.1 on the wire: bytes in, packets out, and back. Sans-I/O: knows no socket, session or topic right.

Strict: whatever the standard calls a violation raises `Malformed` with the statement's number, and the owner of the
connection must close it. Version 5 adds properties to most bodies: it gets a table of its own beside `_READ`.
"""

from collections.abc import Callable, Iterator

from devices.mqtt.packets import (
    REFUSED,
    Ack,
    Code,
    ConnAck,
    Connect,
    Kind,
    Packet,
    Publish,
    Signal,
    SubAck,
    Subscribe,
    Unsubscribe,
    Will,
)

PACKET_BYTES = 1 << 20  # the standard allows 256 MiB; a bench has no use for it
LEVEL = 4  # protocol level of MQTT 3.1.1
TEXT_BYTES = 0xFFFF


class Malformed(Exception):
    """The peer broke the protocol: its connection must be closed."""


class Decoder:
    """Cuts one direction of one connection into packets. After `Malformed` it must not be fed again."""

    def __init__(self, limit: int = PACKET_BYTES) -> None:
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
            if length > self._limit:
                raise Malformed(f"packet of {length} bytes, {self._limit} are allowed")
            if end - body < length:
                _reader(buffer[at])  # garbage is known by its first byte: do not wait for a body that never comes
                self._wanted = body - at + length
                break
            first = buffer[at]
            at = body + length
            yield read(first, buffer[body:at])
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


def read(first: int, body: bytes) -> Packet:
    """One packet from its first byte and its body."""
    return _reader(first)(first & 15, body)


def _reader(first: int) -> Callable[[int, bytes], Packet]:
    reader = _READ.get(first >> 4)
    if reader is None:
        raise Malformed("reserved packet type [2.2.1]")
    if reader is not _publish and first & 15 != _FLAGS.get(first >> 4, 0):
        raise Malformed("reserved flags in the fixed header [MQTT-2.2.2-2]")
    return reader


class _Fields:
    """Reads the fields of one body from left to right."""

    __slots__ = ("at", "body")

    def __init__(self, body: bytes) -> None:
        self.body, self.at = body, 0

    def take(self, count: int) -> bytes:
        part = self.body[self.at : self.at + count]
        if len(part) < count:
            raise Malformed("packet too short")
        self.at += count
        return part

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def data(self) -> bytes:
        return self.take(self.number())

    def text(self) -> str:
        return _utf8(self.data())

    @property
    def more(self) -> bool:
        return self.at < len(self.body)

    def end(self) -> None:
        if self.more:
            raise Malformed("packet too long")


def _utf8(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Malformed("text is not UTF-8 [MQTT-1.5.3-1]") from None
    if "\0" in text:
        raise Malformed("null character in a text [MQTT-1.5.3-2]")
    return text


def _topic(text: str) -> str:
    if not text:
        raise Malformed("empty topic [MQTT-4.7.3-1]")
    if "+" in text or "#" in text:
        raise Malformed("wildcard in a topic name [MQTT-3.3.2-2]")
    return text


def _packet_id(fields: _Fields) -> int:
    number = fields.number()
    if not number:
        raise Malformed("packet identifier 0 [MQTT-2.3.1-1]")
    return number


def _publish(flags: int, body: bytes) -> Publish:
    # written out without _Fields: this is what a broker does most
    qos = flags >> 1 & 3
    if qos == 3:
        raise Malformed("QoS 3 [MQTT-3.3.1-4]")
    if flags & 8 and not qos:
        raise Malformed("DUP with QoS 0 [MQTT-3.3.1-2]")
    if len(body) < 2:
        raise Malformed("packet too short")
    at = 2 + (body[0] << 8 | body[1])
    topic = _topic(_utf8(body[2:at]))
    packet_id = 0
    if qos:
        packet_id = int.from_bytes(body[at : at + 2], "big")
        at += 2
        if not packet_id and at <= len(body):
            raise Malformed("packet identifier 0 [MQTT-2.3.1-1]")
    if at > len(body):
        raise Malformed("packet too short")
    return Publish(topic, body[at:], qos, bool(flags & 1), bool(flags & 8), packet_id)


def _connect(_: int, body: bytes) -> Connect:
    fields = _Fields(body)
    name = fields.data()
    if name not in (b"MQTT", b"MQIsdp"):
        raise Malformed("protocol name is not MQTT [MQTT-3.1.2-1]")
    level = fields.byte()
    if name != b"MQTT" or level != LEVEL:
        # the rest may look different; to be answered with Code.LEVEL
        return Connect("", level=level if name == b"MQTT" else 3)
    flags = fields.byte()
    if flags & 1:
        raise Malformed("reserved connect flag [MQTT-3.1.2-3]")
    keep_alive = fields.number()
    client_id = fields.text()
    will = _will(flags, fields)
    user, password = _login(flags, fields)
    fields.end()
    return Connect(client_id, bool(flags & 2), keep_alive, will, user, password)


def _will(flags: int, fields: _Fields) -> Will | None:
    qos = flags >> 3 & 3
    if not flags & 4:
        if flags & 0x38:
            raise Malformed("will QoS or retain without a will [MQTT-3.1.2-13, 3.1.2-15]")
        return None
    if qos == 3:
        raise Malformed("will QoS 3 [MQTT-3.1.2-14]")
    return Will(_topic(fields.text()), fields.data(), qos, bool(flags & 0x20))


def _login(flags: int, fields: _Fields) -> tuple[str | None, bytes | None]:
    if flags & 0xC0 == 0x40:
        raise Malformed("password without a user name [MQTT-3.1.2-22]")
    user = fields.text() if flags & 0x80 else None
    return user, fields.data() if flags & 0x40 else None


def _connack(_: int, body: bytes) -> ConnAck:
    fields = _Fields(body)
    flags, code = fields.byte(), fields.byte()
    fields.end()
    if flags > 1 or code > Code.NOT_AUTHORIZED:
        raise Malformed("reserved value in CONNACK [3.2.2]")
    return ConnAck(bool(flags), Code(code))


def _subscribe(_: int, body: bytes) -> Subscribe:
    fields = _Fields(body)
    packet_id = _packet_id(fields)
    filters = []
    while fields.more:
        text, qos = fields.text(), fields.byte()
        if qos > 2:
            raise Malformed("reserved bits or QoS 3 in SUBSCRIBE [MQTT-3.8.3-4]")
        filters.append((text, qos))
    if not filters:
        raise Malformed("SUBSCRIBE without a filter [MQTT-3.8.3-3]")
    return Subscribe(packet_id, tuple(filters))


def _suback(_: int, body: bytes) -> SubAck:
    fields = _Fields(body)
    packet_id = _packet_id(fields)
    granted = tuple(body[fields.at :])
    if not granted or any(code > 2 and code != REFUSED for code in granted):
        raise Malformed("reserved return code in SUBACK [MQTT-3.9.3-2]")
    return SubAck(packet_id, granted)


def _unsubscribe(_: int, body: bytes) -> Unsubscribe:
    fields = _Fields(body)
    packet_id = _packet_id(fields)
    filters = []
    while fields.more:
        filters.append(fields.text())
    if not filters:
        raise Malformed("UNSUBSCRIBE without a filter [MQTT-3.10.3-2]")
    return Unsubscribe(packet_id, tuple(filters))


def _ack(kind: Kind) -> Callable[[int, bytes], Ack]:
    def ack(_: int, body: bytes) -> Ack:
        fields = _Fields(body)
        packet_id = _packet_id(fields)
        fields.end()
        return Ack(kind, packet_id)

    return ack


def _signal(kind: Kind) -> Callable[[int, bytes], Signal]:
    def signal(_: int, body: bytes) -> Signal:
        if body:
            raise Malformed("packet too long")
        return Signal(kind)

    return signal


_ACKS = (Kind.PUBACK, Kind.PUBREC, Kind.PUBREL, Kind.PUBCOMP, Kind.UNSUBACK)
_SIGNALS = (Kind.PINGREQ, Kind.PINGRESP, Kind.DISCONNECT)
_FLAGS: dict[int, int] = {Kind.PUBREL: 2, Kind.SUBSCRIBE: 2, Kind.UNSUBSCRIBE: 2}
_READ: dict[int, Callable[[int, bytes], Packet]] = {
    Kind.CONNECT: _connect,
    Kind.CONNACK: _connack,
    Kind.PUBLISH: _publish,
    Kind.SUBSCRIBE: _subscribe,
    Kind.SUBACK: _suback,
    Kind.UNSUBSCRIBE: _unsubscribe,
    **{kind: _ack(kind) for kind in _ACKS},
    **{kind: _signal(kind) for kind in _SIGNALS},
}
