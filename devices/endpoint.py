"""The contract between a line and its wires: what an endpoint sees, asks and is asked.

Endpoints never see a model, a station or the journal; a host hands them a `LineView` when the bench starts.
All calls are made in the loop of the host and none of them waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sim.link_faults import LinkState
from sim.refusal import Refusal
from sim.tag import Reading, TagTable

if TYPE_CHECKING:
    from devices.alarms import Alarms
    from devices.strangers import Hear
    from devices.tag_history import TagHistory


class Clock(Protocol):
    """The only source of wall time. The one implementation that reads the clock is `controller/clock.py`."""

    def monotonic(self) -> float:
        """Seconds of a clock that never steps."""
        ...

    def utc(self) -> datetime:
        """Time of day in UTC, never earlier than it said before."""
        ...


class Role(StrEnum):
    """Who somebody is. Every node, topic, channel and route names the roles that it serves."""

    OBSERVER = "observer"  # reads, not logged in
    TRAINEE = "trainee"
    INSTRUCTOR = "instructor"
    ENGINEER = "engineer"


class Wire(StrEnum):
    """The protocols that a bench speaks; the same words as in a station's `control`."""

    MODBUS = "modbus"
    OPCUA = "opcua"
    MQTT = "mqtt"


@dataclass(frozen=True, slots=True)
class Client:
    """One connection of one tool. Equal to itself only as long as the connection lives (`key`)."""

    wire: Wire
    key: str  # unique per connection, never used again
    name: str  # what a person would call it: address and port, session name, MQTT client id
    role: Role


class Changes(Protocol):
    """What changed since one listener asked last: bounded by the number of tags, newest value wins."""

    def take(self) -> Sequence[int]:
        """Indexes of the tags whose reading may have changed, each once, in order of index; then forgets them.

        Computed tags are not announced: read them at your own interval.
        """
        ...


class Link(Protocol):
    """What lies between an endpoint and its clients: the seam where link faults sit."""

    @property
    def state(self) -> LinkState:
        """What is wrong with it now; the very object `WELL` where nothing is."""
        ...

    @property
    def seed(self) -> int:
        """The seed of the run: with equal ones the same messages get lost."""
        ...


class LineView(Protocol):
    """A line as its endpoints see it: the static tag table and the outside of the process image."""

    @property
    def line(self) -> str:
        """Name of the line, as in topics and in the OPC UA address space: `smart-factory`."""
        ...

    @property
    def bench(self) -> int:
        """Number of the bench, from 1."""
        ...

    @property
    def tags(self) -> TagTable: ...

    @property
    def clock(self) -> Clock: ...

    def link(self, wire: Wire) -> Link: ...

    def strangers(self, wire: Wire, hear: "Hear") -> None:
        """From now on be told what somebody else writes on this wire: it is his request, and shows as such."""
        ...

    def read(self, index: int) -> Reading:
        """The field value of a tag now. Reading changes nothing, ever."""
        ...

    def changes(self) -> Changes:
        """A new listener; its first `take` names every tag."""
        ...

    def request(self, client: Client, writes: Sequence[tuple[int, object]]) -> tuple[Refusal | None, ...]:
        """Ask for values on the outside, all at one instant. One answer per write, None where it was accepted.

        All or nothing: with any refusal nothing is applied, and the writes that would have been accepted are
        answered None as well. A wire that answers per item (OPC UA, MQTT) makes one request per item. When this
        returns, the input is journaled, applied and settled: what a client reads next is its consequence.
        """
        ...

    @property
    def history(self) -> "TagHistory":
        """What the tags were: every change in order. Computed tags are recorded by who reads them at an interval."""
        ...

    @property
    def alarms(self) -> "Alarms":
        """The alarms of the line."""
        ...

    def closed(self, client: Client) -> None:
        """The connection is gone: a station that it controlled is free for the next writer."""
        ...

    def note(self, client: Client, verb: str, subject: str) -> None:
        """Traffic that is not a write: `read`, `subscribe`, `call`, `refused` ... with what it was about."""
        ...

    def reject(self, wire: Wire, peer: str, why: str) -> None:
        """A connection was closed for garbage or a failed log-in: counted, and shown to the instructor."""
        ...


class Credentials(Protocol):
    """Checks names and passwords of a bench; the password of a role is its token."""

    def role(self, user: str, password: str) -> Role | None:
        """The role of this user, None where name or password is wrong. Takes the same time either way."""
        ...


@runtime_checkable
class ManyPorts(Protocol):
    """A wire that listens on more than one port."""

    @property
    def more_urls(self) -> tuple[str, ...]:
        """Where clients connect as well: `mqtts://127.0.0.1:8883`, `ws://127.0.0.1:9001/mqtt`."""
        ...


@runtime_checkable
class ManyVoices(Protocol):
    """A wire on which the line speaks in more than one way."""

    @property
    def also(self) -> tuple[str, ...]:
        """What is spoken besides, and where: `Sparkplug B, spBv1.0/plant/+/smart-factory/#`."""
        ...


class Endpoint(Protocol):
    """One wire of one bench. `start` binds its port or raises `OSError`; `stop` frees it and ends every client."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    @property
    def url(self) -> str:
        """Where a client connects: `opc.tcp://127.0.0.1:4840/`, `modbus://127.0.0.1:5020`, `mqtt://127.0.0.1:1883`."""
        ...

    @property
    def clients(self) -> int:
        """Connections open now."""
        ...
