"""An MQTT broker without sockets: sessions, routing, retained messages, rights. Sans-I/O, and knows no line.

`Connection` speaks for one client, `Rules` decides for the bench who may come, read and publish. Whoever owns the
sockets (`server.py`) feeds bytes to connections and gives each an `Outlet`. The process itself publishes without a hop.
"""

from collections.abc import Iterable
from typing import Protocol

from devices.endpoint import Client
from devices.mqtt.frames import publish_frame
from devices.mqtt.packets import Code, Connect, Publish
from devices.mqtt.session import Counters, Limits, Session
from devices.mqtt.topics import Subscriptions, matches

CACHED_TOPICS = 4096
CACHED_LENGTH = 256


class Rules(Protocol):
    """What a bench decides about its clients."""

    def admit(self, connect: Connect, peer: str) -> Client | Code:
        """Who this is, or why it may not come in."""
        ...

    def may_subscribe(self, client: Client, pattern: str) -> bool: ...

    def may_read(self, client: Client, topic: str) -> bool: ...

    def arrived(self, client: Client, message: Publish) -> Iterable[Publish] | None:
        """A client published: the messages that follow from it, most often itself; None where it has no right to."""
        ...

    def left(self, client: Client) -> None: ...

    def reject(self, peer: str, why: str) -> None:
        """A connection was closed for garbage or a failed log-in."""
        ...


class Broker:
    """Everybody's sessions, subscriptions and retained messages."""

    def __init__(self, rules: Rules, limits: Limits | None = None) -> None:
        self.rules = rules
        self.limits = limits or Limits()
        self.counters = Counters()
        self._sessions: dict[str, Session] = {}
        self._subscriptions: Subscriptions[Session] = Subscriptions()
        self._receivers: dict[str, tuple[tuple[Session, int], ...]] = {}  # per topic, until somebody subscribes
        self._retained: dict[str, Publish] = {}
        self._kept: dict[str, int] = {}  # bytes of the retained messages that clients left here
        self._kept_bytes = 0

    # --- messages

    def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        """Publish from inside the process: no right is asked, and a retained message is always kept."""
        if retain:
            self._forget(topic)
            if payload:
                self._retained[topic] = Publish(topic, payload, qos, True)
        self._route(topic, payload, qos)

    def accept(self, client: Client, message: Publish) -> None:
        """A client published: what follows by the rules of the bench."""
        self.counters.received += 1
        followers = self.rules.arrived(client, message)
        if followers is None:
            self.counters.refused += 1  # 3.1.1 has no word for it: acknowledged and dropped
            return
        for follower in followers:
            if follower.retain:
                self._keep(follower)
            self._route(follower.topic, follower.payload, follower.qos)

    def _route(self, topic: str, payload: bytes, qos: int) -> None:
        receivers = self._receivers.get(topic)
        if receivers is None:
            receivers = self._find_receivers(topic)
        frame = b""  # of QoS 0: encoded once for everybody
        for session, granted in receivers:
            if qos and granted:
                # forwarded to those who are subscribed already: the retain flag is off [MQTT-3.3.1-9]
                session.deliver(Publish(topic, payload, min(granted, qos)))
                continue
            outlet = session.outlet
            if outlet is None:
                continue
            if outlet.full:
                self.counters.dropped += 1
                continue
            frame = frame or publish_frame(topic, payload)
            self.counters.sent += 1
            outlet.send(frame)

    def _find_receivers(self, topic: str) -> tuple[tuple[Session, int], ...]:
        found = self._subscriptions.receivers(topic)
        receivers = tuple((s, qos) for s, qos in found.items() if self.rules.may_read(s.client, topic))
        if len(topic) <= CACHED_LENGTH:
            if len(self._receivers) >= CACHED_TOPICS:
                self._receivers.clear()
            self._receivers[topic] = receivers
        return receivers

    # --- retained messages

    def _keep(self, message: Publish) -> None:
        self._forget(message.topic)
        size = len(message.topic) + len(message.payload)
        if not message.payload:
            return  # an empty one takes the old one away [MQTT-3.3.1-10]
        if len(self._kept) >= self.limits.retained or self._kept_bytes + size > self.limits.retained_bytes:
            self.counters.not_kept += 1
            return
        self._kept[message.topic] = size
        self._kept_bytes += size
        self._retained[message.topic] = Publish(message.topic, message.payload, message.qos, True)

    def _forget(self, topic: str) -> None:
        self._retained.pop(topic, None)
        self._kept_bytes -= self._kept.pop(topic, 0)

    def _send_retained(self, session: Session, pattern: str, granted: int) -> None:
        for topic, message in self._find_retained(pattern):
            if not self.rules.may_read(session.client, topic):
                continue
            if session.outlet is None:
                return
            qos = min(granted, message.qos)
            if qos:
                session.deliver(message._replace(qos=qos))
            elif session.outlet.full:
                self.counters.dropped += 1
            else:
                self.counters.sent += 1
                session.outlet.send(publish_frame(topic, message.payload, 0, True))

    def _find_retained(self, pattern: str) -> list[tuple[str, Publish]]:
        if "+" not in pattern and "#" not in pattern:
            message = self._retained.get(pattern)
            return [(pattern, message)] if message is not None else []
        fixed = pattern[: min(pattern.find(w) for w in "+#" if w in pattern)].rstrip("/")
        return [(t, m) for t, m in self._retained.items() if t.startswith(fixed) and matches(pattern, t)]

    # --- sessions

    def open(self, connect: Connect, client: Client) -> tuple[Session, bool]:
        """The session for a client that was let in, not yet attached, and whether it was there before.

        A connection that holds this client identifier is replaced [MQTT-3.1.4-2].
        """
        client_id = connect.client_id
        held = self._sessions.get(client_id)
        if held is not None and held.replace is not None:
            held.replace()
        session = self._sessions.pop(client_id, None)
        # a name does not inherit what was queued for another user
        present = session is not None and not (session.clean or connect.clean) and session.user == connect.user
        if session is not None and not present:
            self._end(session)
        if session is None or not present:
            session = Session(client, client_id, connect.user, connect.clean, self.limits, self.counters)
        self._sessions[client_id] = session  # at the end: the order is that of coming and leaving
        return session, present

    def close(self, session: Session) -> None:
        """The client is gone; its session stays where it asked for that."""
        session.outlet = session.replace = None
        del self._sessions[session.client_id]
        if session.clean:
            self._end(session)
        else:
            self._sessions[session.client_id] = session
            self._expire()

    def subscribe(self, session: Session, pattern: str, qos: int) -> None:
        """Subscribe, or change the QoS; the retained messages are sent by `greet` after the SUBACK."""
        session.subscriptions[pattern] = qos
        self._subscriptions.add(session, pattern, qos)
        self._receivers.clear()

    def greet(self, session: Session, pattern: str) -> None:
        """Send the retained messages for a subscription, whether new or repeated [MQTT-3.8.4-3]."""
        self._send_retained(session, pattern, session.subscriptions[pattern])

    def unsubscribe(self, session: Session, pattern: str) -> None:
        if session.subscriptions.pop(pattern, None) is not None:
            self._subscriptions.remove(session, pattern)
            self._receivers.clear()

    def _end(self, session: Session) -> None:
        for pattern in tuple(session.subscriptions):
            self.unsubscribe(session, pattern)

    def _expire(self) -> None:
        away = [s for s in self._sessions.values() if s.outlet is None]
        for session in away[: max(0, len(away) - self.limits.sessions)]:
            del self._sessions[session.client_id]
            self._end(session)
