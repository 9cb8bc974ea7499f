"""What a CONNECT asks for and what the CONNACK answers: identifiers, times, limits, by version. Sans-I/O."""

import secrets

from devices.endpoint import Client
from devices.mqtt.broker import Rules
from devices.mqtt.codec import LEVELS
from devices.mqtt.limits import Limits
from devices.mqtt.packets import V5, Code, Connect, Properties, Reason
from devices.mqtt.session import NEVER_ENDS, Terms


def terms(connect: Connect, limits: Limits) -> Terms:
    """What is in force for this connection towards the client."""
    asked, plain = connect.properties, Terms(connect.level)
    if connect.level != V5:
        return plain
    return Terms(
        V5,
        asked.receive_maximum or plain.receive_maximum,
        asked.maximum_packet or plain.maximum_packet,
        min(asked.topic_alias_maximum or 0, limits.topic_aliases),
        asked.request_problem != 0,
    )


def named(connect: Connect) -> tuple[Connect, str | None]:
    """The CONNECT with an identifier, and that identifier where the broker gave it [MQTT-3.1.3-6]."""
    if connect.client_id or connect.level not in LEVELS or (connect.level != V5 and not connect.clean):
        return connect, None
    assigned = f"auto-{secrets.token_hex(8)}"
    return connect._replace(client_id=assigned), assigned


def admit(connect: Connect, rules: Rules, peer: str) -> Client | Code | Reason:
    """Who this is, or why it may not come in."""
    if connect.level not in LEVELS:
        return Code.LEVEL  # [MQTT-3.1.2-2]
    if connect.properties.auth_method is not None:
        return Reason.BAD_METHOD  # [MQTT5: MQTT-4.12.0-1] passwords only
    if not connect.client_id:
        return Code.CLIENT_ID  # [MQTT-3.1.3-8]
    return rules.admit(connect, peer)


def session_expiry(connect: Connect) -> int:
    """Seconds that the session lives after its connection; 3.1.1 knows not at all and for ever."""
    if connect.level == V5:
        return connect.properties.session_expiry_s or 0
    return 0 if connect.clean else NEVER_ENDS


def keep_alive(connect: Connect, limits: Limits) -> int:
    """Seconds of keep-alive in force; only a client of version 5 can be told of another than its own."""
    most = limits.keep_alive_s
    if connect.level != V5 or not most or 0 < connect.keep_alive <= most:
        return connect.keep_alive
    return most


def answer(connect: Connect, limits: Limits, assigned: str | None) -> Properties:
    """What a CONNACK of version 5 says beside success; everything else has the standard's default."""
    alive_s = keep_alive(connect, limits)
    return Properties(
        assigned_client_id=assigned,
        server_keep_alive_s=alive_s if alive_s != connect.keep_alive else None,
        receive_maximum=limits.receive_maximum,
        topic_alias_maximum=limits.topic_aliases,
        maximum_packet=limits.packet_bytes,
    )
