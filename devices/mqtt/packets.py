"""The control packets of MQTT as values, for 3.1.1 and 5 alike. Knows nothing of bytes, sockets or brokers.

Named tuples and not dataclasses: a broker makes one for every message, and a tuple is made four times as fast.
"""

from typing import NamedTuple

from devices.mqtt.packet_kind import Kind
from devices.mqtt.properties import NONE, Properties
from devices.mqtt.reasons import FAILED, Code, Reason

__all__ = [
    "NONE", "REFUSED", "V5", "V311", "Ack", "Auth", "Code", "ConnAck", "Connect", "Disconnect", "Kind", "Packet",
    "Properties", "Publish", "Reason", "Signal", "SubAck", "Subscribe", "UnsubAck", "Unsubscribe", "Will",
]  # fmt: skip

V311, V5 = 4, 5  # protocol levels
REFUSED = FAILED  # in a SUBACK of 3.1.1: this filter was not granted


class Will(NamedTuple):
    """What the broker publishes for a client whose connection is lost."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    properties: Properties = NONE


class Connect(NamedTuple):
    """The first packet of a client. Of a level that the codec does not know, only `level` is filled in."""

    client_id: str
    clean: bool = True
    keep_alive: int = 0
    will: Will | None = None
    user: str | None = None
    password: bytes | None = None
    level: int = V311
    properties: Properties = NONE


class ConnAck(NamedTuple):
    session_present: bool
    code: int
    properties: Properties = NONE


class Publish(NamedTuple):
    """One message, on the way in either direction."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    dup: bool = False
    packet_id: int = 0
    properties: Properties = NONE


class Ack(NamedTuple):
    """PUBACK, PUBREC, PUBREL or PUBCOMP."""

    kind: Kind
    packet_id: int
    reason: int = 0
    properties: Properties = NONE


class Subscribe(NamedTuple):
    """Topic filters with their options: the highest QoS wanted, with MQTT 5 also `NO_LOCAL` and so on."""

    packet_id: int
    filters: tuple[tuple[str, int], ...]
    properties: Properties = NONE


NO_LOCAL = 0x04  # options of a subscription
AS_PUBLISHED = 0x08
RETAIN_HANDLING = 0x30  # 0x00: send retained messages, 0x10: to a new subscription only, 0x20: never


class SubAck(NamedTuple):
    packet_id: int
    granted: tuple[int, ...]  # QoS, or the reason of a refusal
    properties: Properties = NONE


class Unsubscribe(NamedTuple):
    packet_id: int
    filters: tuple[str, ...]
    properties: Properties = NONE


class UnsubAck(NamedTuple):
    packet_id: int
    reasons: tuple[int, ...] = ()  # 5 only
    properties: Properties = NONE


class Signal(NamedTuple):
    """PINGREQ or PINGRESP: a packet without a body."""

    kind: Kind


class Disconnect(NamedTuple):
    """From a client, with MQTT 5 also from the broker."""

    reason: int = 0
    properties: Properties = NONE


class Auth(NamedTuple):
    """A step of an enhanced authentication, 5 only."""

    reason: int = 0
    properties: Properties = NONE


Packet = Connect | ConnAck | Publish | Ack | Subscribe | SubAck | Unsubscribe | UnsubAck | Signal | Disconnect | Auth
