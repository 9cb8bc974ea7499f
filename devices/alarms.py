"""The contract between a line's alarms and the wires: what an endpoint sees of them, hears, and asks.

As in `devices/endpoint.py` all calls are made in the loop of the host and none of them waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from devices.endpoint import Client
from sim.alarms.definition import AlarmDefinition
from sim.alarms.state import AlarmNow
from sim.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Times:
    """When an alarm did what last, in UTC of the bench; None: never in this run."""

    changed: datetime | None = None
    active: datetime | None = None
    returned: datetime | None = None
    acked: datetime | None = None
    confirmed: datetime | None = None
    commented: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """One transition, with the alarm as it was right after it."""

    number: int  # counts all transitions of the bench since the host started
    utc: datetime
    sim_ns: int
    what: str  # active, level, inactive, acknowledged, confirmed, comment, shelved, unshelved ...
    now: AlarmNow
    who: str
    comment: str


@dataclass(frozen=True, slots=True)
class AlarmAsk:
    """What somebody wants done to an alarm; `do` is a word of `sim/alarms/operations.py`."""

    alarm: str
    do: str
    comment: str = ""
    for_ms: int = 0  # of `shelve`
    once: bool = False  # of `shelve`: until it returns


class AlarmEvents(Protocol):
    """The transitions since one listener asked last, in order; of too many the oldest are lost."""

    def take(self) -> Sequence[AlarmEvent]: ...

    @property
    def torn(self) -> bool:
        """Some were lost since this was asked last; asking forgets it."""
        ...


class Alarms(Protocol):
    """The alarms of a bench."""

    @property
    def definitions(self) -> Mapping[str, AlarmDefinition]:
        """By `station.alarm`, in the order of the line; never changes while the bench lives."""
        ...

    def now(self, name: str) -> AlarmNow: ...

    def times(self, name: str) -> Times: ...

    def events(self) -> AlarmEvents:
        """A new listener; it hears what happens from now on."""
        ...

    def operate(self, client: Client, ask: AlarmAsk) -> Refusal | None:
        """Ask for it; None where it was done. It is journaled with the client's name."""
        ...


def station_of(name: str) -> str:
    return name.partition(".")[0]
