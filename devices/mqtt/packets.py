"""The control packets of MQTT as values. Knows nothing of bytes, sockets or brokers.

Named tuples and not dataclasses: a broker makes one for every message, and a tuple is made four times as fast.
"""

from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """Control packet types, MQTT 3.1.1 table 2.1."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class Code(IntEnum):
    """What a CONNACK says, MQTT 3.1.1 table 3.1."""

    ACCEPTED = 0
    LEVEL = 1  # unacceptable protocol level
    CLIENT_ID = 2  # client identifier not allowed
    UNAVAILABLE = 3
    BAD_LOGIN = 4  # user name or password wrong
    NOT_AUTHORIZED = 5


REFUSED = 0x80  # in a SUBACK: this filter was not granted


class Will(NamedTuple):
    """What the broker publishes for a client whose connection is lost."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class Connect(NamedTuple):
    """The first packet of a client. Of a level that the codec does not know, only `level` is filled in."""

    client_id: str
    clean: bool = True
    keep_alive: int = 0
    will: Will | None = None
    user: str | None = None
    password: bytes | None = None
    level: int = 4


class ConnAck(NamedTuple):
    session_present: bool
    code: Code


class Publish(NamedTuple):
    """One message, on the way in either direction or at rest as a retained one."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    dup: bool = False
    packet_id: int = 0


class Ack(NamedTuple):
    """PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK: nothing but a packet identifier."""

    kind: Kind
    packet_id: int


class Subscribe(NamedTuple):
    packet_id: int
    filters: tuple[tuple[str, int], ...]  # topic filter and the highest QoS wanted


class SubAck(NamedTuple):
    packet_id: int
    granted: tuple[int, ...]  # QoS, or REFUSED


class Unsubscribe(NamedTuple):
    packet_id: int
    filters: tuple[str, ...]


class Signal(NamedTuple):
    """PINGREQ, PINGRESP or DISCONNECT: a packet without a body."""

    kind: Kind


Packet = Connect | ConnAck | Publish | Ack | Subscribe | SubAck | Unsubscribe | Signal
