"""Who gets a topic, and how: subscriptions of all clients made into one plan for each topic. Sans-I/O."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from devices.mqtt.session import Grant, Session
from devices.mqtt.topics import Subscriptions, shared

CACHED_TOPICS = 4096
CACHED_LENGTH = 256


class Target(NamedTuple):
    """One session that gets a topic, once, whatever many of its filters take it [MQTT5: MQTT-3.3.4-2]."""

    session: Session
    qos: int
    as_published: bool
    ids: tuple[int, ...]
    own: "Target | None" = None  # what it gets of its own messages, where that differs
    local: bool = True  # False: of its own messages it gets `own`


@dataclass(slots=True, eq=False)
class Share:
    """A group of clients that take turns [MQTT5 4.8.2]."""

    group: str
    pattern: str
    members: dict[Session, Grant] = field(default_factory=dict)

    def pick(self, qos: int, may_read: Callable[[Session], bool]) -> Target | None:
        """Whose turn it is: somebody who is there and reads, else for QoS 1 and 2 somebody who is away."""
        able = [member for member in self.members if may_read(member)]
        there = [member for member in able if member.outlet is not None and not member.outlet.full]
        chosen = next(iter(there or (able if qos else ())), None)
        if chosen is None:
            return None
        grant = self.members.pop(chosen)
        self.members[chosen] = grant  # to the end of the queue
        ids = () if grant.identifier is None else (grant.identifier,)
        return Target(chosen, grant.qos, grant.as_published, ids)


class Plan(NamedTuple):
    """Everybody who gets one topic."""

    targets: tuple[Target, ...]
    shares: tuple[Share, ...]


class Routes:
    """All subscriptions of a broker. `may_read` is asked once for a plan, not for each message."""

    def __init__(self, may_read: Callable[[Session, str], bool]) -> None:
        self._may_read = may_read
        self._alone: Subscriptions[Session, Grant] = Subscriptions()
        self._shared: Subscriptions[Share, None] = Subscriptions()
        self._shares: dict[tuple[str, str], Share] = {}
        self._plans: dict[str, Plan] = {}  # until somebody subscribes

    @property
    def count(self) -> int:
        """Subscriptions that are not shared."""
        return self._alone.count

    @property
    def shared_count(self) -> int:
        return sum(len(share.members) for share in self._shares.values())

    def add(self, session: Session, text: str, grant: Grant) -> None:
        self._plans.clear()
        name = shared(text)
        if name is None:
            self._alone.add(session, text, grant)
            return
        share = self._shares.get(name)
        if share is None:
            share = self._shares[name] = Share(*name)
            self._shared.add(share, share.pattern, None)
        share.members[session] = grant

    def remove(self, session: Session, text: str) -> None:
        self._plans.clear()
        name = shared(text)
        if name is None:
            self._alone.remove(session, text)
            return
        share = self._shares.get(name)
        if share is not None:
            share.members.pop(session, None)
            if not share.members:
                del self._shares[name]
                self._shared.remove(share, share.pattern)

    def plan(self, topic: str) -> Plan:
        """Who gets this topic now."""
        plan = self._plans.get(topic)
        if plan is None:
            plan = Plan(tuple(self._targets(topic)), tuple(share for share, _ in self._shared.matching(topic)))
            if len(topic) <= CACHED_LENGTH:
                if len(self._plans) >= CACHED_TOPICS:
                    self._plans.clear()
                self._plans[topic] = plan
        return plan

    def _targets(self, topic: str) -> Iterator[Target]:
        found: dict[Session, list[Grant]] = {}
        for session, grant in self._alone.matching(topic):
            found.setdefault(session, []).append(grant)
        for session, grants in found.items():
            if not self._may_read(session, topic):
                continue
            others = [grant for grant in grants if not grant.no_local]
            target = _merged(session, grants)
            if len(others) < len(grants):
                target = target._replace(own=_merged(session, others) if others else None, local=False)
            yield target


def _merged(session: Session, grants: Iterable[Grant]) -> Target:
    grants = tuple(grants)
    return Target(
        session,
        max(grant.qos for grant in grants),
        any(grant.as_published for grant in grants),
        tuple(grant.identifier for grant in grants if grant.identifier is not None),
    )
