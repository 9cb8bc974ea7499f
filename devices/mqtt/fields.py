"""The data types of MQTT, section 1.5: fields of a packet's body, read from left to right, and written. Sans-I/O."""

from devices.mqtt.reasons import Reason

LONGEST = 268_435_455  # what a variable byte integer holds


class Malformed(Exception):
    """The peer broke the protocol: its connection must be closed, with MQTT 5 for the reason given."""

    def __init__(self, why: str, reason: Reason = Reason.MALFORMED) -> None:
        super().__init__(why, reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.args[0])


class Fields:
    """Reads the fields of one body."""

    __slots__ = ("at", "body")

    def __init__(self, body: bytes, at: int = 0) -> None:
        self.body, self.at = body, at

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

    def variable(self) -> int:
        """A variable byte integer."""
        value = 0
        for k in range(4):
            digit = self.byte()
            value |= (digit & 127) << 7 * k
            if digit < 128:
                if k and not digit:
                    raise Malformed("number of more bytes than it needs [MQTT-1.5.5-1]")
                return value
        raise Malformed("variable byte integer of more than four bytes [MQTT5 1.5.5]")

    def data(self) -> bytes:
        return self.take(self.number())

    def text(self) -> str:
        return utf8(self.data())

    def rest(self) -> bytes:
        return self.take(len(self.body) - self.at)

    @property
    def more(self) -> bool:
        return self.at < len(self.body)

    def end(self) -> None:
        if self.more:
            raise Malformed("packet too long")


def utf8(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Malformed("text is not UTF-8 [MQTT-1.5.3-1]") from None
    if "\0" in text:
        raise Malformed("null character in a text [MQTT-1.5.3-2]")
    return text


def topic_name(text: str) -> str:
    """A topic as it may stand in a PUBLISH or a will."""
    if not text:
        raise Malformed("empty topic [MQTT-4.7.3-1]", Reason.PROTOCOL)
    if "+" in text or "#" in text:
        raise Malformed("wildcard in a topic name [MQTT-3.3.2-2]", Reason.BAD_TOPIC)
    return text


def pack_data(data: bytes) -> bytes:
    """Two bytes of length, then the data. Too long is a fault of ours: a caller checks what strangers gave."""
    if len(data) > 0xFFFF:
        raise ValueError(f"a field of {len(data)} bytes is too long for MQTT")
    return len(data).to_bytes(2, "big") + data


def pack_text(text: str) -> bytes:
    return pack_data(text.encode())


def pack_variable(value: int) -> bytes:
    if value < 128:
        return bytes((value,))
    if value > LONGEST:
        raise ValueError(f"{value} is too long for MQTT")
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
