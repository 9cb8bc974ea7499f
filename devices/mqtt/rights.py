"""Who may do what on a bench's own broker. Implements the broker's `Rules`; knows no session and no socket.

Everybody logged in reads the line and `lab/#`. State topics belong to the line alone; commands are asked of the line,
whose answer is published; `lab/#` is free for exercises. Nobody has anything to do with `$` topics.
"""

import secrets
from collections.abc import Iterable

from devices.endpoint import Client, Credentials, LineView, Role, Wire
from devices.mqtt.line_topics import Commands, Topics
from devices.mqtt.packets import Code, Connect, Publish
from devices.mqtt.topics import matches, overlap

FREE = "lab/#"
_SUBJECT_LENGTH = 200
_NAME_LENGTH = 80  # of a client in journal and traffic: a client id may have 65,535 bytes


class BenchRules:
    """The rules of one bench. Users are roles; the password of a role is its token."""

    def __init__(self, view: LineView, credentials: Credentials, topics: Topics) -> None:
        self._view = view
        self._credentials = credentials
        self._readable = (topics.everything, FREE)
        self._commands = Commands(view, topics)

    def admit(self, connect: Connect, peer: str) -> Client | Code:
        if connect.user is None:
            return Code.NOT_AUTHORIZED
        role = self._credentials.role(connect.user, (connect.password or b"").decode(errors="replace"))
        if role is None:
            return Code.BAD_LOGIN
        # a lost connection must neither move the line nor speak for it
        if connect.will is not None and not self._free(role, connect.will.topic):
            return Code.NOT_AUTHORIZED
        return new_client(connect.client_id, role)

    def may_subscribe(self, client: Client, pattern: str) -> bool:
        allowed = any(overlap(pattern, readable) for readable in self._readable)
        self._view.note(client, "subscribe" if allowed else "refused", _short(pattern))
        return allowed

    def may_read(self, client: Client, topic: str) -> bool:
        return any(matches(readable, topic) for readable in self._readable)

    def arrived(self, client: Client, message: Publish) -> Iterable[Publish] | None:
        if self._free(client.role, message.topic):
            return (message,)
        answer = self._commands.take(client, message.topic, message.payload, message.retain)
        if answer is None:
            self._view.note(client, "refused", _short(message.topic))
            return None
        reply = Publish(*answer, qos=1)
        # everybody sees commands as on any broker, but a retained one goes no further
        return (reply,) if message.retain else (message, reply)

    def left(self, client: Client) -> None:
        self._view.closed(client)

    def reject(self, peer: str, why: str) -> None:
        self._view.reject(Wire.MQTT, peer, why)

    def _free(self, role: Role, topic: str) -> bool:
        return role is not Role.OBSERVER and matches(FREE, topic)


def new_client(name: str, role: Role) -> Client:
    """A client for a connection that was just made. Its key is random: a checkpoint may name the owner of a station,
    and a key that came again after a restart would hand the station to a stranger."""
    return Client(Wire.MQTT, f"mqtt-{secrets.token_hex(8)}", _short(name, _NAME_LENGTH), role)


def _short(text: str, most: int = _SUBJECT_LENGTH) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
