"""What a broker remembers of one client: subscriptions, messages in flight, messages that wait. Sans-I/O.

Knows no other client and no topic right. It outlives its connection as long as the client asked for.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from devices.endpoint import Client
from devices.mqtt.fields import LONGEST
from devices.mqtt.frames import ack_frame, publish_frame
from devices.mqtt.letter import FOREVER, Letter
from devices.mqtt.limits import Counters, Limits
from devices.mqtt.packets import V5, V311, Kind, Reason
from devices.mqtt.properties import pack_properties
from devices.mqtt.trouble import Trouble

NEVER_ENDS = 0xFFFFFFFF  # session expiry interval
_ANY_SIZE = LONGEST + 5


class Outlet(Protocol):
    """The way to one client: TCP, TLS and WebSocket alike."""

    @property
    def full(self) -> bool:
        """True while the client takes less than it is sent."""
        ...

    def send(self, data: bytes) -> None: ...

    def limit_silence(self, seconds: float) -> None:
        """From now on a client that sends no packet for so long is gone; 0: it may be silent for ever."""
        ...

    def end(self) -> None:
        """Send what is still to be sent, then close."""
        ...

    def drop(self) -> None:
        """Close now."""
        ...


class Grant(NamedTuple):
    """How a client subscribed to one filter."""

    qos: int
    no_local: bool = False
    as_published: bool = False
    identifier: int | None = None


@dataclass(slots=True)
class Terms:
    """What a client asked for when it connected, in force as long as this connection."""

    level: int = V311
    receive_maximum: int = 0xFFFF
    maximum_packet: int = _ANY_SIZE
    alias_maximum: int = 0  # topic aliases that it understands
    problem: bool = True  # it wants reason strings
    aliases: dict[str, int] = field(default_factory=dict)

    @property
    def special(self) -> bool:
        """True where its frames may look other than those of other clients of its level."""
        return self.alias_maximum > 0 or self.maximum_packet < _ANY_SIZE

    def alias(self, topic: str) -> tuple[str, int | None]:
        """Topic and alias to send: a known alias stands for the topic, a new one goes with it while there are any."""
        known = self.aliases.get(topic)
        if known is not None:
            return "", known
        if len(self.aliases) >= self.alias_maximum:
            return topic, None
        self.aliases[topic] = len(self.aliases) + 1
        return topic, self.aliases[topic]


class _Parcel(NamedTuple):
    """A letter with what this client is told about it."""

    letter: Letter
    qos: int
    retain: bool
    ids: tuple[int, ...]


@dataclass(slots=True)
class _Flight:
    """A message that the client has not acknowledged; `released`: its PUBREC came, what waits is the PUBCOMP."""

    parcel: _Parcel
    released: bool = False


@dataclass(slots=True, eq=False)
class Session:
    """One client identifier: see the module. `outlet` is None while the client is away."""

    client: Client
    client_id: str
    user: str | None
    expiry_s: int  # after its connection it lives so long; `NEVER_ENDS`: as long as the broker
    limits: Limits
    counters: Counters
    now: Callable[[], float] = lambda: 0.0
    trouble: Trouble = field(default_factory=Trouble)
    outlet: Outlet | None = None
    terms: Terms = field(default_factory=Terms)
    level: int = V311
    special: bool = False
    replace: Callable[[], None] | None = None  # ends the connection that holds this session
    farewell: Callable[[], None] | None = None  # publishes a will that is still held back
    subscriptions: dict[str, Grant] = field(default_factory=dict)
    incoming: set[int] = field(default_factory=set)  # QoS 2 messages that came and are not released yet
    _flights: dict[int, _Flight] = field(default_factory=dict)  # in the order of sending
    _again: deque[int] = field(default_factory=deque)  # those of them that this connection has not seen yet
    _waiting: deque[_Parcel] = field(default_factory=deque)
    _waiting_bytes: int = 0
    _last_id: int = 0

    @property
    def stored(self) -> int:
        """Messages that wait or are in flight."""
        return len(self._waiting) + len(self._flights)

    def attach(self, client: Client, outlet: Outlet, replace: Callable[[], None], terms: Terms | None = None) -> None:
        """The client is there: what is in flight is sent again, in its order [MQTT-4.4.0-1], then what waits."""
        self.client, self.outlet, self.replace = client, outlet, replace
        self.terms = terms or Terms()
        self.level, self.special = self.terms.level, self.terms.special
        self._again = deque(self._flights)
        self.pump()

    def deliver(self, letter: Letter, qos: int, retain: bool = False, ids: tuple[int, ...] = ()) -> None:
        """Take a message with QoS 1 or 2."""
        outlet, parcel = self.outlet, _Parcel(letter, qos, retain, ids)
        if outlet is not None and not self._waiting and not self._again and self._room(outlet):
            self._send(parcel, outlet)
        else:
            self._wait(parcel)

    def send_zero(self, letter: Letter, retain: bool, ids: tuple[int, ...]) -> None:
        """Send a message of QoS 0 that looks special to this client: alias, identifiers, maximum size."""
        data = self._special_frame(_Parcel(letter, 0, retain, ids), 0, False)
        if data is not None and self.outlet is not None:
            self.counters.sent += 1
            self.outlet.send(data)

    def pump(self) -> None:
        """Send what waits, as far as there is room."""
        outlet = self.outlet
        while outlet is not None and (self._again or self._waiting) and self._room(outlet):
            if self._again:
                self._resend(self._again.popleft(), outlet)
            else:
                parcel = self._waiting.popleft()
                self._waiting_bytes -= len(parcel.letter.payload)
                self._send(parcel, outlet)

    # --- acknowledgements

    def acknowledged(self, packet_id: int) -> None:
        """PUBACK: the end of a QoS 1 flight, also where it says that the message was not wanted."""
        flight = self._flights.get(packet_id)
        if flight is not None and flight.parcel.qos == 1:
            self._land(packet_id)

    def received(self, packet_id: int, reason: int = 0) -> None:
        """PUBREC: the client has a QoS 2 message, and is told to release it; or it does not want it."""
        flight = self._flights.get(packet_id)
        known = flight is not None and flight.parcel.qos == 2
        if known and reason >= Reason.UNSPECIFIED:
            self._land(packet_id)  # [MQTT5: MQTT-4.4.0-2]
            return
        if flight is not None and known:
            flight.released = True
        if self.outlet is not None:
            unknown = Reason.ID_UNKNOWN if not known and self.terms.level == V5 else 0
            self.outlet.send(ack_frame(Kind.PUBREL, packet_id, unknown))

    def completed(self, packet_id: int) -> None:
        """PUBCOMP: the end of a QoS 2 flight."""
        flight = self._flights.get(packet_id)
        if flight is not None and flight.released:
            self._land(packet_id)

    # --- inside

    def _room(self, outlet: Outlet) -> bool:
        under_way = len(self._flights) - len(self._again)
        return under_way < self.limits.in_flight and under_way < self.terms.receive_maximum and not outlet.full

    def _land(self, packet_id: int) -> None:
        del self._flights[packet_id]
        if self._again and packet_id in self._again:
            self._again.remove(packet_id)
        if self._waiting or self._again:
            self.pump()

    def _send(self, parcel: _Parcel, outlet: Outlet) -> None:
        letter = parcel.letter
        if letter.until <= self.now():
            self.counters.expired += 1
            return
        packet_id = self._next_id()
        data = self._frame(parcel, packet_id, False)
        if data is None:
            return
        self._flights[packet_id] = _Flight(parcel)
        self.counters.sent += 1
        outlet.send(data)
        if self.trouble.doubling and parcel.qos == 1 and self.trouble.doubles():
            outlet.send(self._frame(parcel, packet_id, True) or b"")

    def _resend(self, packet_id: int, outlet: Outlet) -> None:
        flight = self._flights[packet_id]
        if flight.released:
            outlet.send(ack_frame(Kind.PUBREL, packet_id))
            return
        data = self._frame(flight.parcel, packet_id, True)
        if data is None:
            del self._flights[packet_id]
        else:
            outlet.send(data)

    def _frame(self, parcel: _Parcel, packet_id: int, dup: bool) -> bytes | None:
        letter = parcel.letter
        if self.special or parcel.ids or letter.until != FOREVER:
            return self._special_frame(parcel, packet_id, dup)
        return letter.numbered(self.terms.level, parcel.qos, parcel.retain, dup, packet_id)

    def _special_frame(self, parcel: _Parcel, packet_id: int, dup: bool) -> bytes | None:
        """The frame; None where it is larger than the client takes [MQTT5: MQTT-3.1.2-24, 3.1.2-25]."""
        letter, terms, topic, packed = parcel.letter, self.terms, parcel.letter.topic, b""
        if terms.level == V5:
            properties = letter.properties_now(self.now())
            topic, alias = terms.alias(topic) if terms.alias_maximum else (topic, None)
            if parcel.ids or alias is not None:
                properties = replace(properties, subscription_ids=parcel.ids or None, topic_alias=alias)
            packed = pack_properties(properties)
        data = publish_frame(topic, letter.payload, parcel.qos, parcel.retain, dup, packet_id, packed)
        if len(data) <= terms.maximum_packet:
            return data
        self.counters.too_large += 1
        if topic:
            terms.aliases.pop(topic, None)  # the client never heard of it
        return None

    def _next_id(self) -> int:
        packet_id = self._last_id % 0xFFFF + 1
        while packet_id in self._flights:
            packet_id = packet_id % 0xFFFF + 1
        self._last_id = packet_id
        return packet_id

    def _wait(self, parcel: _Parcel) -> None:
        self._waiting.append(parcel)
        self._waiting_bytes += len(parcel.letter.payload)
        while len(self._waiting) > self.limits.waiting or self._waiting_bytes > self.limits.waiting_bytes:
            # the oldest goes: who comes back wants to know how things are, not how they were
            self._waiting_bytes -= len(self._waiting.popleft().letter.payload)
            self.counters.overflowed += 1
            self._close_slow()

    def _close_slow(self) -> None:
        if self.outlet is not None:
            self.counters.closed_slow += 1
            outlet, self.outlet = self.outlet, None
            outlet.drop()
