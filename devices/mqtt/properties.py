"""The properties of MQTT 5 packets, section 2.2.2: one table of names, types and places, to read and to write.

Sans-I/O. What 3.1.1 cannot say is simply absent: `NONE`.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

from devices.mqtt.fields import Fields, Malformed, pack_data, pack_text, pack_variable
from devices.mqtt.packet_kind import Kind
from devices.mqtt.reasons import Reason

Pair = tuple[str, str]
Value = int | str | bytes | tuple[int, ...] | tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Properties:
    """All properties of one packet; None: not said. Intervals are seconds, sizes bytes."""

    payload_format: int | None = None  # 1: the payload is UTF-8
    message_expiry_s: int | None = None
    content_type: str | None = None
    response_topic: str | None = None
    correlation: bytes | None = None
    subscription_ids: tuple[int, ...] | None = None
    session_expiry_s: int | None = None
    assigned_client_id: str | None = None
    server_keep_alive_s: int | None = None
    auth_method: str | None = None
    auth_data: bytes | None = None
    request_problem: int | None = None
    will_delay_s: int | None = None
    request_response: int | None = None
    response_information: str | None = None
    server_reference: str | None = None
    reason: str | None = None
    receive_maximum: int | None = None
    topic_alias_maximum: int | None = None
    topic_alias: int | None = None
    maximum_qos: int | None = None
    retain_available: int | None = None
    user: tuple[Pair, ...] | None = None
    maximum_packet: int | None = None
    wildcards_available: int | None = None
    subscription_ids_available: int | None = None
    sharing_available: int | None = None


NONE = Properties()
WILL = 0  # stands for the properties of a will, which are no packet's


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one type of property is read and written."""

    read: Callable[[Fields], int | str | bytes | Pair]
    write: Callable[[int | str | bytes | Pair], bytes]


def _number(size: int) -> _Kind:
    def write(value: int | str | bytes | Pair) -> bytes:
        return value.to_bytes(size, "big") if isinstance(value, int) else b""

    return _Kind(lambda given: int.from_bytes(given.take(size), "big"), write)


_BYTE, _TWO, _FOUR = _number(1), _number(2), _number(4)
_VARIABLE = _Kind(Fields.variable, lambda value: pack_variable(value) if isinstance(value, int) else b"")
_TEXT = _Kind(Fields.text, lambda value: pack_text(value) if isinstance(value, str) else b"")
_DATA = _Kind(Fields.data, lambda value: pack_data(value) if isinstance(value, bytes) else b"")
_PAIR = _Kind(
    lambda given: (given.text(), given.text()),
    lambda value: b"".join(map(pack_text, value)) if isinstance(value, tuple) else b"",
)

_K = Kind
_ACKS = {_K.PUBACK, _K.PUBREC, _K.PUBREL, _K.PUBCOMP, _K.SUBACK, _K.UNSUBACK}
_MESSAGE = {_K.PUBLISH, WILL}
_ALL = {*_K, WILL} - {_K.PINGREQ, _K.PINGRESP}
# identifier: name, type, where it may stand (table 2-4)
TABLE: dict[int, tuple[str, _Kind, set[int]]] = {
    0x01: ("payload_format", _BYTE, {*_MESSAGE}),
    0x02: ("message_expiry_s", _FOUR, {*_MESSAGE}),
    0x03: ("content_type", _TEXT, {*_MESSAGE}),
    0x08: ("response_topic", _TEXT, {*_MESSAGE}),
    0x09: ("correlation", _DATA, {*_MESSAGE}),
    0x0B: ("subscription_ids", _VARIABLE, {_K.PUBLISH, _K.SUBSCRIBE}),
    0x11: ("session_expiry_s", _FOUR, {_K.CONNECT, _K.CONNACK, _K.DISCONNECT}),
    0x12: ("assigned_client_id", _TEXT, {_K.CONNACK}),
    0x13: ("server_keep_alive_s", _TWO, {_K.CONNACK}),
    0x15: ("auth_method", _TEXT, {_K.CONNECT, _K.CONNACK, _K.AUTH}),
    0x16: ("auth_data", _DATA, {_K.CONNECT, _K.CONNACK, _K.AUTH}),
    0x17: ("request_problem", _BYTE, {_K.CONNECT}),
    0x18: ("will_delay_s", _FOUR, {WILL}),
    0x19: ("request_response", _BYTE, {_K.CONNECT}),
    0x1A: ("response_information", _TEXT, {_K.CONNACK}),
    0x1C: ("server_reference", _TEXT, {_K.CONNACK, _K.DISCONNECT}),
    0x1F: ("reason", _TEXT, {*_ACKS, _K.CONNACK, _K.DISCONNECT, _K.AUTH}),
    0x21: ("receive_maximum", _TWO, {_K.CONNECT, _K.CONNACK}),
    0x22: ("topic_alias_maximum", _TWO, {_K.CONNECT, _K.CONNACK}),
    0x23: ("topic_alias", _TWO, {_K.PUBLISH}),
    0x24: ("maximum_qos", _BYTE, {_K.CONNACK}),
    0x25: ("retain_available", _BYTE, {_K.CONNACK}),
    0x26: ("user", _PAIR, {*_ALL}),
    0x27: ("maximum_packet", _FOUR, {_K.CONNECT, _K.CONNACK}),
    0x28: ("wildcards_available", _BYTE, {_K.CONNACK}),
    0x29: ("subscription_ids_available", _BYTE, {_K.CONNACK}),
    0x2A: ("sharing_available", _BYTE, {_K.CONNACK}),
}
_IDENTIFIERS = {name: (identifier, kind) for identifier, (name, kind, _) in TABLE.items()}
_NAMES = tuple(field.name for field in fields(Properties))
_REPEATED = {"subscription_ids", "user"}
_FLAGS = {"payload_format", "request_problem", "request_response"}  # 0 or 1, nothing else
_NOT_ZERO = {"receive_maximum", "maximum_packet", "subscription_ids"}


def read_properties(given: Fields, place: int) -> Properties:
    """The properties that come next in a packet of this kind."""
    length = given.variable()
    if not length:
        return NONE
    inside = Fields(given.take(length))
    found: dict[str, object] = {}
    while inside.more:
        name, value = _read_one(inside, place)
        if name in _REPEATED and not (place == Kind.SUBSCRIBE and name == "subscription_ids"):
            found[name] = (*found.get(name, ()), value)  # type: ignore[misc] # a tuple of its own kind
        elif name in found:
            raise Malformed(f"{name} twice [MQTT5 2.2.2.2]", Reason.PROTOCOL)
        else:
            found[name] = (value,) if name in _REPEATED else value
    return Properties(**found)  # type: ignore[arg-type] # the table says which types


def _read_one(inside: Fields, place: int) -> tuple[str, int | str | bytes | Pair]:
    name, kind, places = TABLE.get(inside.variable(), ("", _BYTE, set()))
    if place not in places:
        raise Malformed(f"property {name or 'unknown'} does not belong here [MQTT5 2.2.2.2]")
    value = kind.read(inside)
    if name in _FLAGS and value not in (0, 1):
        raise Malformed(f"{name} is neither 0 nor 1", Reason.PROTOCOL)
    if name in _NOT_ZERO and value == 0:
        raise Malformed(f"{name} is 0", Reason.PROTOCOL)
    return name, value


def pack_properties(properties: Properties) -> bytes:
    """Length and properties, as they stand in a packet."""
    if properties is NONE:
        return b"\0"
    parts: list[bytes] = []
    for name in _NAMES:
        value = getattr(properties, name)
        if value is None:
            continue
        identifier, kind = _IDENTIFIERS[name]
        for one in value if name in _REPEATED else (value,):
            parts.append(bytes((identifier,)) + kind.write(one))
    body = b"".join(parts)
    return pack_variable(len(body)) + body
