"""Who may do what on a bench's own broker. Implements the broker's `Rules`; knows no session and no socket.

A table says what a role may do with topics that are nobody's (`RIGHTS`); the line's own topics come in spaces: each is
read by everybody, and says itself what follows from a message to it. State belongs to the line alone.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from devices.endpoint import Client, Credentials, LineView, Role, Wire
from devices.mqtt.line_topics import Commands, Topics
from devices.mqtt.packets import NONE, Code, Connect, Properties, Publish
from devices.mqtt.topics import matches, overlap
from devices.mqtt.voice import Free

FREE = "lab/#"  # for exercises
CLASS = "class/#"  # what instructors tell everybody
SYSTEM = "$SYS/#"
_SUBJECT_LENGTH = 200
_NAME_LENGTH = 80  # of a client in journal and traffic: a client id may have 65,535 bytes


@dataclass(frozen=True, slots=True)
class Right:
    """Topic filters of a role, beside the spaces of the line, which everybody reads."""

    subscribe: tuple[str, ...]
    publish: tuple[str, ...]


_READ = (FREE, CLASS, SYSTEM)
RIGHTS = {
    Role.OBSERVER: Right(_READ, ()),
    Role.TRAINEE: Right(_READ, (FREE,)),
    Role.INSTRUCTOR: Right(_READ, (FREE, CLASS)),
    Role.ENGINEER: Right(_READ, (FREE, CLASS)),
}


# what a link fault that takes a right away tells who wants to log in
LOGINS = {"login": Code.NOT_AUTHORIZED, "password": Code.BAD_LOGIN}


class Space(Protocol):
    """Topics of the line, with rules of their own."""

    @property
    def readable(self) -> tuple[str, ...]:
        """Filters that everybody who is logged in may read."""
        ...

    def arrived(self, client: Client, message: Publish) -> Sequence[Publish] | None:
        """What follows from a client's message to this space; None where it is not for this space."""
        ...


class LineSpace:
    """`linelab/<line>/…`: state that the line publishes, commands that are answered."""

    def __init__(self, view: LineView, topics: Topics) -> None:
        self._topics = topics
        self._commands = Commands(view, topics)

    @property
    def readable(self) -> tuple[str, ...]:
        return (self._topics.everything,)

    def arrived(self, client: Client, message: Publish) -> Sequence[Publish] | None:
        answer = self._commands.take(client, message.topic, message.payload, message.retain)
        if answer is None:
            return None
        replies = [Publish(*answer, qos=1, properties=_correlated(message))]
        wanted = message.properties.response_topic
        if wanted is not None and wanted != answer[0] and _may_publish(client.role, wanted):
            replies.append(replies[0]._replace(topic=wanted))
        # everybody sees commands as on any broker, but a retained one goes no further
        return replies if message.retain else [message, *replies]


class BenchRules:
    """The rules of one bench. Users are roles; the password of a role is its token."""

    def __init__(
        self, view: LineView, credentials: Credentials, spaces: Sequence[Space], free: Free = lambda role, topic: False
    ) -> None:
        self._view = view
        self._link = view.link(Wire.MQTT)
        self._free = free
        self._credentials = credentials
        self._spaces = tuple(spaces)
        of_the_line = tuple(pattern for space in spaces for pattern in space.readable)
        self._readable = {role: (*of_the_line, *right.subscribe) for role, right in RIGHTS.items()}

    def admit(self, connect: Connect, peer: str) -> Client | Code:
        link = self._link.state
        if link.denied in LOGINS:
            return LOGINS[link.denied]
        if connect.user is None:
            # a door that was left open: who does not say who he is may do what a trainee may
            return new_client(connect.client_id, Role.TRAINEE) if link.anonymous else Code.NOT_AUTHORIZED
        role = self._credentials.role(connect.user, (connect.password or b"").decode(errors="replace"))
        if role is None:
            return Code.BAD_LOGIN
        # a lost connection must neither move the line nor speak for it
        if connect.will is not None and not self._may_will(role, connect.will.topic):
            return Code.NOT_AUTHORIZED
        return new_client(connect.client_id, role)

    def may_subscribe(self, client: Client, pattern: str) -> bool:
        denied = self._link.state.denied == "subscribe"
        allowed = not denied and any(overlap(pattern, readable) for readable in self._readable[client.role])
        self._view.note(client, "subscribe" if allowed else "refused", _short(pattern))
        return allowed

    def may_read(self, client: Client, topic: str) -> bool:
        return any(matches(readable, topic) for readable in self._readable[client.role])

    def arrived(self, client: Client, message: Publish) -> Sequence[Publish] | None:
        denied = self._link.state.denied == "publish"
        if not denied and _may_publish(client.role, message.topic):
            return (message,)
        for space in () if denied else self._spaces:
            followers = space.arrived(client, message)
            if followers is not None:
                return followers
        self._view.note(client, "refused", _short(message.topic))
        return None

    def _may_will(self, role: Role, topic: str) -> bool:
        return _may_publish(role, topic) or self._free(role, topic)

    def left(self, client: Client) -> None:
        self._view.closed(client)

    def reject(self, peer: str, why: str) -> None:
        self._view.reject(Wire.MQTT, peer, why)


def new_client(name: str, role: Role) -> Client:
    """A client for a connection that was just made. Its key is random: a checkpoint may name the owner of a station,
    and a key that came again after a restart would hand the station to a stranger."""
    return Client(Wire.MQTT, f"mqtt-{secrets.token_hex(8)}", _short(name, _NAME_LENGTH), role)


def _may_publish(role: Role, topic: str) -> bool:
    return any(matches(pattern, topic) for pattern in RIGHTS[role].publish)


def _correlated(message: Publish) -> Properties:
    """The properties of an answer: MQTT 5's own way to say which question it answers."""
    correlation = message.properties.correlation
    return NONE if correlation is None else Properties(correlation=correlation)


def _short(text: str, most: int = _SUBJECT_LENGTH) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
