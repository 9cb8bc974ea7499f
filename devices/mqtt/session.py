"""What a broker remembers of one client: subscriptions, messages in flight, messages that wait. Sans-I/O.

Knows no other client and no topic right. It outlives its connection where the client asked for that (clean session 0).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from devices.endpoint import Client
from devices.mqtt.frames import ack_frame, publish_frame
from devices.mqtt.packets import Kind, Publish


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one broker takes. The bounds of one client's queue are also those of a client that is away."""

    packet_bytes: int = 1 << 20
    out_bytes: int = 8 << 20  # not yet taken by a connected client; past it QoS 0 is dropped
    waiting: int = 2000  # messages of QoS 1 and 2 that wait for one client
    waiting_bytes: int = 8 << 20
    in_flight: int = 64  # messages of QoS 1 and 2 that one client has not acknowledged
    connections: int = 256
    sessions: int = 256  # kept for clients that are away
    subscriptions: int = 200  # of one client
    levels: int = 32  # of a topic filter
    retained: int = 1000  # topics that clients keep here; what the line publishes is not counted
    retained_bytes: int = 4 << 20
    connect_s: float = 10.0  # for a CONNECT to arrive


@dataclass(slots=True)
class Counters:
    """What happened since the broker started."""

    received: int = 0
    sent: int = 0
    dropped: int = 0  # QoS 0 for a client that reads too slowly
    overflowed: int = 0  # QoS 1 and 2 that left the full queue of a client that is away
    closed_slow: int = 0
    rejected: int = 0  # garbage, broken rules, failed log-ins
    refused: int = 0  # publishes without the right to
    not_kept: int = 0  # retained messages past the bound


class Outlet(Protocol):
    """The way to one client: TCP now, TLS and WebSocket alike."""

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


@dataclass(slots=True)
class _Flight:
    """A message that the client has not acknowledged; `released`: its PUBREC came, what waits is the PUBCOMP."""

    message: Publish
    released: bool = False


@dataclass(slots=True, eq=False)
class Session:
    """One client identifier: see the module. `outlet` is None while the client is away."""

    client: Client
    client_id: str
    user: str | None
    clean: bool
    limits: Limits
    counters: Counters
    outlet: Outlet | None = None
    replace: Callable[[], None] | None = None  # ends the connection that holds this session
    subscriptions: dict[str, int] = field(default_factory=dict)
    incoming: set[int] = field(default_factory=set)  # QoS 2 messages that came and are not released yet
    _flights: dict[int, _Flight] = field(default_factory=dict)  # in the order of sending
    _waiting: deque[Publish] = field(default_factory=deque)
    _waiting_bytes: int = 0
    _last_id: int = 0

    def attach(self, client: Client, outlet: Outlet, replace: Callable[[], None]) -> None:
        """The client is there: what is in flight is sent again, in its order [MQTT-4.4.0-1], then what waits."""
        self.client, self.outlet, self.replace = client, outlet, replace
        for packet_id, flight in self._flights.items():
            if flight.released:
                outlet.send(ack_frame(Kind.PUBREL, packet_id))
            else:
                outlet.send(publish_frame(*flight.message[:4], dup=True, packet_id=packet_id))
        self.pump()

    def deliver(self, message: Publish) -> None:
        """Take a message of QoS 1 or 2, with the QoS and retain flag that this client gets."""
        outlet = self.outlet
        if outlet is not None and not self._waiting and self._room(outlet):
            self._send(message, outlet)
        else:
            self._wait(message)

    def pump(self) -> None:
        """Send what waits, as far as there is room."""
        outlet = self.outlet
        while outlet is not None and self._waiting and self._room(outlet):
            message = self._waiting.popleft()
            self._waiting_bytes -= len(message.payload)
            self._send(message, outlet)

    def acknowledged(self, packet_id: int) -> None:
        """PUBACK: the end of a QoS 1 flight."""
        flight = self._flights.get(packet_id)
        if flight is not None and flight.message.qos == 1:
            self._land(packet_id)

    def received(self, packet_id: int) -> None:
        """PUBREC: the client has a QoS 2 message, and is told to release it, known to us or not."""
        flight = self._flights.get(packet_id)
        if flight is not None and flight.message.qos == 2:
            flight.released = True
        if self.outlet is not None:
            self.outlet.send(ack_frame(Kind.PUBREL, packet_id))

    def completed(self, packet_id: int) -> None:
        """PUBCOMP: the end of a QoS 2 flight."""
        flight = self._flights.get(packet_id)
        if flight is not None and flight.released:
            self._land(packet_id)

    def _room(self, outlet: Outlet) -> bool:
        return len(self._flights) < self.limits.in_flight and not outlet.full

    def _land(self, packet_id: int) -> None:
        del self._flights[packet_id]
        if self._waiting:
            self.pump()

    def _send(self, message: Publish, outlet: Outlet) -> None:
        packet_id = self._next_id()
        self._flights[packet_id] = _Flight(message)
        self.counters.sent += 1
        outlet.send(publish_frame(message.topic, message.payload, message.qos, message.retain, False, packet_id))

    def _next_id(self) -> int:
        packet_id = self._last_id % 0xFFFF + 1
        while packet_id in self._flights:
            packet_id = packet_id % 0xFFFF + 1
        self._last_id = packet_id
        return packet_id

    def _wait(self, message: Publish) -> None:
        self._waiting.append(message)
        self._waiting_bytes += len(message.payload)
        while len(self._waiting) > self.limits.waiting or self._waiting_bytes > self.limits.waiting_bytes:
            # the oldest goes: who comes back wants to know how things are, not how they were
            self._waiting_bytes -= len(self._waiting.popleft().payload)
            self.counters.overflowed += 1
            self._close_slow()

    def _close_slow(self) -> None:
        if self.outlet is not None:
            self.counters.closed_slow += 1
            outlet, self.outlet = self.outlet, None
            outlet.drop()
