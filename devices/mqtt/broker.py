"""An MQTT broker without sockets: sessions, routing, retained messages, wills. Sans-I/O, and knows no line.

`Connection` speaks for one client, `Rules` decides for the bench who may come, read and publish. Whoever owns the
sockets (`server`) feeds bytes to connections, gives each an `Outlet` and lends the broker its loop as `timing`. The
process itself publishes without a hop.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from devices.endpoint import Client
from devices.impairment import OVERTAKEN_S
from devices.mqtt.letter import Letter
from devices.mqtt.limits import Counters, Limits
from devices.mqtt.packets import NO_LOCAL, NONE, RETAIN_HANDLING, Code, Connect, Properties, Publish, Reason, Will
from devices.mqtt.retained import Retained
from devices.mqtt.routes import Routes, Target
from devices.mqtt.session import NEVER_ENDS, Grant, Session
from devices.mqtt.throttle import Throttle
from devices.mqtt.topics import shared
from devices.mqtt.trouble import Trouble

ONLY_NEW, NEVER = 0x10, 0x20  # retain handling of a subscription


class Rules(Protocol):
    """What a bench decides about its clients."""

    def admit(self, connect: Connect, peer: str) -> Client | Code:
        """Who this is, or why it may not come in."""
        ...

    def may_subscribe(self, client: Client, pattern: str) -> bool: ...

    def may_read(self, client: Client, topic: str) -> bool: ...

    def arrived(self, client: Client, message: Publish) -> Sequence[Publish] | None:
        """A client published: the messages that follow from it, most often itself; None where it has no right to."""
        ...

    def left(self, client: Client) -> None: ...

    def reject(self, peer: str, why: str) -> None:
        """A connection was closed for garbage or a failed log-in."""
        ...


class Handle(Protocol):
    """Something that is to be done later."""

    def cancel(self) -> None: ...


class Timing(Protocol):
    """The part of an asyncio loop that a broker needs: seconds that never step, and doing something later."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Handle: ...


class _Still:
    """Time before a broker has a loop: it stands, and nothing is done later."""

    def time(self) -> float:
        return 0.0

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Handle:
        return self

    def cancel(self) -> None: ...


class Broker:
    """Everybody's sessions, subscriptions and retained messages."""

    def __init__(self, rules: Rules, limits: Limits | None = None) -> None:
        self.rules = rules
        self.limits = limits or Limits()
        self.counters = Counters()
        self.timing: Timing = _Still()
        self.trouble = Trouble()
        self.throttle = Throttle()
        self.retained = Retained(self.limits, self.counters)
        self.routes = Routes(lambda session, topic: rules.may_read(session.client, topic))
        self._sessions: dict[str, Session] = {}
        self._endings: dict[Session, Handle] = {}  # of sessions whose time runs
        self._aside: Letter | None = None  # the message behind it goes first

    @property
    def sessions(self) -> Iterable[Session]:
        return self._sessions.values()

    # --- messages

    def publish(
        self, topic: str, payload: bytes, qos: int = 0, retain: bool = False, properties: Properties = NONE
    ) -> None:
        """Publish from inside the process: no right is asked, and a retained message is always kept."""
        letter = Letter.of(Publish(topic, payload, qos, retain, properties=properties), self.timing.time())
        if retain and not self.trouble.stale:
            self.retained.keep(letter, False)
        if self.trouble.mixing or self._aside is not None:
            self._mix(letter)
        else:
            self._route(letter, None)

    def _mix(self, letter: Letter) -> None:
        """A bad link lets a message overtake the one before it."""
        aside, self._aside = self._aside, None
        if aside is None and self.trouble.swaps():
            self._aside = letter
            self.timing.call_later(OVERTAKEN_S, lambda: self._catch_up(letter))
            return
        self._route(letter, None)
        if aside is not None:
            self._route(aside, None)

    def _catch_up(self, letter: Letter) -> None:
        """Nothing came behind it in time."""
        if self._aside is letter:
            self._aside = None
            self._route(letter, None)

    def accept(self, client: Client, message: Publish, session: Session | None = None) -> Reason:
        """A client published: what follows by the rules of the bench, and what the client is told with MQTT 5."""
        self.counters.received += 1
        followers = self.rules.arrived(client, message)
        if followers is None:
            self.counters.refused += 1  # 3.1.1 has no word for it: acknowledged and dropped
            return Reason.NOT_AUTHORIZED
        receivers = 0
        for follower in followers:
            letter = Letter.of(follower, self.timing.time())
            if letter.retain and not self.trouble.stale:
                self.retained.keep(letter, True)
            receivers += self._route(letter, session)
        forwarded = len(followers) == 1 and followers[0] is message
        return Reason.NO_SUBSCRIBERS if forwarded and not receivers else Reason.SUCCESS

    def _route(self, letter: Letter, sender: Session | None) -> int:
        """Give a message to all who get it, and say how many those are."""
        plan = self.routes.plan(letter.topic)
        qos, lossy, sent, retain = letter.qos, self.trouble.lossy, 0, letter.retain
        frames: dict[int, bytes] = {}  # by level, for those who see no retain flag
        for session, granted, as_published, ids, own, local in plan.targets:
            # this loop is what a broker does most: a message of QoS 0 is encoded once for each look, and handed on
            outlet = session.outlet
            if (qos and granted) or lossy or ids or session.special or not (local or session is not sender):
                target = Target(session, granted, as_published, ids) if local or session is not sender else own
                if target is not None:
                    self._give(target, letter, letter.retain and target.as_published)
            elif outlet is None:
                continue
            elif outlet.full:
                self.counters.dropped += 1
            else:
                sent += 1
                if retain and as_published:
                    outlet.send(letter.zero(session.level, True))
                    continue
                level = session.level
                outlet.send(frames.get(level) or frames.setdefault(level, letter.zero(level, False)))
        self.counters.sent += sent
        for share in plan.shares:
            target_ = share.pick(qos, lambda member: self.rules.may_read(member.client, letter.topic))
            if target_ is not None:
                self._give(target_, letter, letter.retain and target_.as_published)
        return len(plan.targets) + len(plan.shares)

    def _give(self, target: Target, letter: Letter, retain: bool) -> None:
        """Like one turn of `_route`, for what happens less often."""
        session = target.session
        qos = min(target.qos, letter.qos)
        if qos:
            session.deliver(letter, qos, retain, target.ids)
        elif session.outlet is None:
            return
        elif session.outlet.full:
            self.counters.dropped += 1
        elif not (self.trouble.lossy and self.trouble.loses()):
            session.send_zero(letter, retain, target.ids)

    # --- subscriptions

    def subscribe(self, session: Session, pattern: str, options: int, identifier: int | None = None) -> bool:
        """Subscribe, or replace how; True where the retained messages are to be sent, by `greet`, after the SUBACK."""
        new = pattern not in session.subscriptions
        grant = Grant(options & 3, bool(options & NO_LOCAL), bool(options & 0x08), identifier)
        session.subscriptions[pattern] = grant
        self.routes.add(session, pattern, grant)
        handling = options & RETAIN_HANDLING
        return shared(pattern) is None and handling != NEVER and (new or handling != ONLY_NEW)

    def greet(self, session: Session, pattern: str) -> None:
        """Send the retained messages for a subscription [MQTT-3.8.4-3]."""
        grant = session.subscriptions[pattern]
        ids = () if grant.identifier is None else (grant.identifier,)
        target = Target(session, grant.qos, True, ids)
        for letter in self.retained.find(pattern, self.timing.time()):
            if self.rules.may_read(session.client, letter.topic):
                self._give(target, letter, True)

    def unsubscribe(self, session: Session, pattern: str) -> bool:
        """Forget a subscription; False where there was none."""
        if session.subscriptions.pop(pattern, None) is None:
            return False
        self.routes.remove(session, pattern)
        return True

    # --- sessions

    def open(self, connect: Connect, client: Client, expiry_s: int) -> tuple[Session, bool]:
        """The session for a client that was let in, not yet attached, and whether it was there before.

        A connection that holds this client identifier is replaced [MQTT-3.1.4-2].
        """
        client_id = connect.client_id
        held = self._sessions.get(client_id)
        if held is not None and held.replace is not None:
            held.replace()
        session = self._sessions.pop(client_id, None)
        # a name does not inherit what was queued for another user
        present = session is not None and not connect.clean and session.user == connect.user
        if session is not None and not present:
            self._end(session)
        if session is None or not present:
            session = Session(
                client, client_id, connect.user, expiry_s, self.limits, self.counters, self._now, self.trouble
            )
        self._stop_ending(session)
        session.farewell = None  # [MQTT5: MQTT-3.1.3-9] whose delay ran is not published
        session.expiry_s = expiry_s
        self._sessions[client_id] = session  # at the end: the order is that of coming and leaving
        return session, present

    def close(self, session: Session, will: Will | None = None) -> None:
        """The client is gone; its session stays as long as it asked for, its will is published when it is due."""
        session.outlet = session.replace = None
        client = session.client
        if will is not None:
            message = Publish(will.topic, will.payload, will.qos, will.retain, properties=will.properties)
            session.farewell = lambda: self._say_farewell(session, client, message)
        del self._sessions[session.client_id]
        if not session.expiry_s:
            self._end(session)
            return
        self._sessions[session.client_id] = session
        if session.expiry_s != NEVER_ENDS:
            self._endings[session] = self.timing.call_later(session.expiry_s, lambda: self._expire(session))
        delay_s = (will.properties.will_delay_s or 0) if will is not None else 0
        if session.farewell is not None:
            if not delay_s:
                session.farewell()
            elif delay_s < session.expiry_s:
                farewell = session.farewell
                self.timing.call_later(delay_s, lambda: farewell() if session.farewell is farewell else None)
        self._forget_longest_away()

    def forget(self) -> None:
        """The device booted: no session, no message and no figure from before. Its connections are cut already."""
        self._aside = None
        for session in tuple(self._sessions.values()):
            session.farewell = None
            del self._sessions[session.client_id]
            self._end(session)
        self.retained.clear()
        self.counters.clear()

    def _now(self) -> float:
        return self.timing.time()

    def _say_farewell(self, session: Session, client: Client, message: Publish) -> None:
        session.farewell = None
        properties = message.properties
        if properties is not NONE:
            message = message._replace(properties=_without_delay(properties))
        self.accept(client, message)

    def _stop_ending(self, session: Session) -> None:
        handle = self._endings.pop(session, None)
        if handle is not None:
            handle.cancel()

    def _expire(self, session: Session) -> None:
        self.counters.sessions_expired += 1
        del self._sessions[session.client_id]
        self._end(session)

    def _end(self, session: Session) -> None:
        self._stop_ending(session)
        for pattern in tuple(session.subscriptions):
            self.unsubscribe(session, pattern)
        if session.farewell is not None:
            session.farewell()  # a will is due at the latest when the session ends [MQTT5: MQTT-3.1.2-8]

    def _forget_longest_away(self) -> None:
        away = [s for s in self._sessions.values() if s.outlet is None]
        for session in away[: max(0, len(away) - self.limits.sessions)]:
            del self._sessions[session.client_id]
            self._end(session)


def _without_delay(properties: Properties) -> Properties:
    """What of a will's properties is the message's."""
    return Properties(
        payload_format=properties.payload_format,
        message_expiry_s=properties.message_expiry_s,
        content_type=properties.content_type,
        response_topic=properties.response_topic,
        correlation=properties.correlation,
        user=properties.user,
    )
