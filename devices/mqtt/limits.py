"""What one broker takes from its clients, and what it counts. Knows no protocol."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one broker takes. The bounds of one client's queue are also those of a client that is away."""

    packet_bytes: int = 1 << 20
    out_bytes: int = 8 << 20  # not yet taken by a connected client; past it QoS 0 is dropped
    waiting: int = 2000  # messages of QoS 1 and 2 that wait for one client
    waiting_bytes: int = 8 << 20
    in_flight: int = 64  # messages of QoS 1 and 2 that one client has not acknowledged
    receive_maximum: int = 100  # of QoS 2 that a client of version 5 has not released
    topic_aliases: int = 64  # that a client of version 5 may give, and that it is given at most
    connections: int = 256
    sessions: int = 256  # kept for clients that are away
    subscriptions: int = 200  # of one client
    levels: int = 32  # of a topic filter
    retained: int = 1000  # topics that clients keep here; what the line publishes is not counted
    retained_bytes: int = 4 << 20
    connect_s: float = 10.0  # for a CONNECT to arrive
    keep_alive_s: int = 0  # longest that a client of version 5 may choose; 0: as it likes


@dataclass(slots=True)
class Counters:
    """What happened since the broker started."""

    packets: int = 0  # of all kinds, from clients
    received: int = 0  # messages from clients
    sent: int = 0  # messages to clients
    bytes_received: int = 0
    bytes_sent: int = 0
    dropped: int = 0  # QoS 0 for a client that reads too slowly
    overflowed: int = 0  # QoS 1 and 2 that left the full queue of a client that is away
    expired: int = 0  # messages whose time was up before they could be sent
    too_large: int = 0  # messages beyond the maximum packet size of a client
    closed_slow: int = 0
    rejected: int = 0  # garbage, broken rules, failed log-ins
    refused: int = 0  # publishes without the right to
    not_kept: int = 0  # retained messages past the bound
    sessions_expired: int = 0
    most_clients: int = 0

    def clear(self) -> None:
        """Count from nothing."""
        for counter in fields(self):
            setattr(self, counter.name, 0)
