"""Raw MQTT for the conformance tests: packets as bytes, written here once more, independent of the project's codec."""

import socket
import threading
from dataclasses import dataclass, field

PATIENCE_S = 4.0
CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 2, 3, 4, 5, 6, 7
SUBACK, UNSUBACK, PINGRESP, DISCONNECT = 9, 11, 13, 14


def wait(seconds: float) -> None:
    """For what the standard itself counts in seconds."""
    threading.Event().wait(seconds)


def u16(number: int) -> bytes:
    return number.to_bytes(2, "big")


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return u16(len(data)) + data


def variable(number: int) -> bytes:
    out = b""
    while True:
        number, digit = number >> 7, number & 127
        out += bytes((digit | (128 if number else 0),))
        if not number:
            return out


def packet(first: int, body: bytes = b"") -> bytes:
    return bytes((first,)) + variable(len(body)) + body


def props(level: int, *pairs: bytes) -> bytes:
    """Properties with their length; nothing at all in 3.1.1."""
    body = b"".join(pairs)
    return variable(len(body)) + body if level == 5 else b""


def user(name: str, value: str) -> bytes:
    return b"\x26" + text(name) + text(value)


@dataclass
class Will:
    topic: str = "will"
    payload: bytes = b"gone"
    qos: int = 0
    retain: bool = False
    pairs: tuple[bytes, ...] = ()


def connect(
    level: int,
    client_id: str | bytes = "",
    *,
    clean: bool = True,
    keep_alive: int = 0,
    will: Will | None = None,
    pairs: tuple[bytes, ...] = (),
    flags: int | None = None,
    protocol: str = "MQTT",
    tail: bytes = b"",
) -> bytes:
    bits = clean << 1
    payload = text(client_id)
    if will is not None:
        bits |= 4 | will.qos << 3 | will.retain << 5
        payload += props(level, *will.pairs) + text(will.topic) + text(will.payload)
    head = text(protocol) + bytes((level, bits if flags is None else flags)) + u16(keep_alive)
    return packet(0x10, head + props(level, *pairs) + payload + tail)


def publish(
    level: int,
    topic: str | bytes,
    payload: bytes = b"x",
    qos: int = 0,
    *,
    retain: bool = False,
    dup: bool = False,
    packet_id: int = 1,
    pairs: tuple[bytes, ...] = (),
) -> bytes:
    number = u16(packet_id) if qos else b""
    return packet(0x30 | dup << 3 | qos << 1 | retain, text(topic) + number + props(level, *pairs) + payload)


def ack(kind: int, packet_id: int, reason: int | None = None) -> bytes:
    return packet(
        kind << 4 | (2 if kind == PUBREL else 0), u16(packet_id) + (b"" if reason is None else bytes((reason,)))
    )


def subscribe(
    level: int, *filters: tuple[str | bytes, int], packet_id: int = 10, pairs: tuple[bytes, ...] = ()
) -> bytes:
    body = b"".join(text(name) + bytes((options,)) for name, options in filters)
    return packet(0x82, u16(packet_id) + props(level, *pairs) + body)


def unsubscribe(level: int, *filters: str | bytes, packet_id: int = 11) -> bytes:
    return packet(0xA2, u16(packet_id) + props(level) + b"".join(map(text, filters)))


PINGREQ = b"\xc0\x00"


@dataclass
class Message:
    """A PUBLISH as it came. Properties by identifier, each as a list of raw values."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    packet_id: int
    properties: dict[int, list[bytes]] = field(default_factory=dict)


_SIZES = {0x01: 1, 0x17: 1, 0x19: 1, 0x24: 1, 0x25: 1, 0x28: 1, 0x29: 1, 0x2A: 1, 0x13: 2, 0x21: 2, 0x22: 2, 0x23: 2}
_SIZES |= {0x02: 4, 0x11: 4, 0x18: 4, 0x27: 4}


def read_variable(data: bytes, at: int = 0) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return number, at


def read_properties(data: bytes, at: int = 0) -> tuple[dict[int, list[bytes]], int]:
    """Properties by identifier, and where what follows begins."""
    length, at = read_variable(data, at)
    end, found = at + length, {}
    while at < end:
        kind, at = data[at], at + 1
        if kind in _SIZES:
            size = _SIZES[kind]
        elif kind == 0x0B:
            size = read_variable(data, at)[1] - at
        else:
            size = 2 + int.from_bytes(data[at : at + 2], "big")
            if kind == 0x26:
                size += 2 + int.from_bytes(data[at + size : at + size + 2], "big")
        found.setdefault(kind, []).append(data[at : at + size])
        at += size
    assert at == end
    return found, end


class Client:
    """One connection. `take` waits for a packet; `quiet` pings and gives what came before the answer."""

    def __init__(self, port: int, level: int, patience_s: float = PATIENCE_S) -> None:
        self.level = level
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=patience_s)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data = b""
        self.connack = b""

    def send(self, *packets: bytes) -> None:
        self._socket.sendall(b"".join(packets))

    def patience(self, seconds: float) -> None:
        self._socket.settimeout(seconds)

    def cut(self) -> None:
        self._socket.close()

    def take(self) -> tuple[int, bytes] | None:
        """First byte and body of the next packet, None when the other side hung up."""
        while True:
            if len(self._data) >= 2:
                try:
                    length, at = read_variable(self._data, 1)
                except IndexError:
                    length, at = 1 << 30, 0
                if len(self._data) >= at + length:
                    first, body = self._data[0], self._data[at : at + length]
                    self._data = self._data[at + length :]
                    return first, body
            try:
                more = self._socket.recv(65536)
            except ConnectionError:
                return None
            if not more:
                return None
            self._data += more

    def expect(self, kind: int) -> bytes:
        came = self.take()
        assert came is not None, "closed"
        assert came[0] >> 4 == kind, came
        return came[1]

    def message(self) -> Message:
        came = self.take()
        assert came is not None, "closed"
        return self.read(came)

    def read(self, came: tuple[int, bytes]) -> Message:
        first, body = came
        assert first >> 4 == PUBLISH, came
        qos, at = first >> 1 & 3, 2 + int.from_bytes(body[:2], "big")
        topic = body[2:at].decode()
        number = int.from_bytes(body[at : at + 2], "big") if qos else 0
        at += 2 if qos else 0
        found: dict[int, list[bytes]] = {}
        if self.level == 5:
            found, at = read_properties(body, at)
        return Message(topic, body[at:], qos, bool(first & 1), bool(first & 8), number, found)

    def quiet(self) -> list[tuple[int, bytes]]:
        self.send(PINGREQ)
        came: list[tuple[int, bytes]] = []
        while (one := self.take()) != (0xD0, b""):
            assert one is not None, "closed"
            came.append(one)
        return came

    def messages(self) -> list[Message]:
        """All messages that came before the answer to a ping, acknowledged at once."""
        found = []
        for came in self.quiet():
            if came[0] >> 4 == PUBLISH:
                found.append(self.read(came))
        return found

    def closed(self) -> bool:
        """True when the other side hangs up, whatever it says before."""
        while self.take() is not None:
            pass
        return True

    def disconnected(self) -> int | None:
        """The reason that a DISCONNECT gave before the other side hung up, None without one."""
        reason = None
        while (came := self.take()) is not None:
            if came[0] == 0xE0:
                reason = came[1][0] if came[1] else 0
        return reason

    # --- with answers

    def subscribe(self, *filters: tuple[str | bytes, int], pairs: tuple[bytes, ...] = ()) -> bytes:
        """The codes of the SUBACK."""
        self.send(subscribe(self.level, *filters, pairs=pairs))
        body = self.expect(SUBACK)
        assert body[:2] == u16(10)
        return body[2:] if self.level == 4 else body[read_properties(body, 2)[1] :]

    def unsubscribe(self, *filters: str) -> bytes:
        self.send(unsubscribe(self.level, *filters))
        body = self.expect(UNSUBACK)
        assert body[:2] == u16(11)
        return body[2:] if self.level == 4 else body[read_properties(body, 2)[1] :]

    def publish(
        self,
        topic: str,
        payload: bytes = b"x",
        qos: int = 1,
        *,
        retain: bool = False,
        packet_id: int = 1,
        pairs: tuple[bytes, ...] = (),
    ) -> int:
        """Publish, see the handshake through, and give the reason of its first answer."""
        self.send(publish(self.level, topic, payload, qos, retain=retain, packet_id=packet_id, pairs=pairs))
        if not qos:
            assert self.quiet() == []
            return 0
        body = self.expect(PUBACK if qos == 1 else PUBREC)
        assert body[:2] == u16(packet_id)
        if qos == 2:
            self.send(ack(PUBREL, packet_id))
            assert self.expect(PUBCOMP)[:2] == u16(packet_id)
        return body[2] if len(body) > 2 else 0
