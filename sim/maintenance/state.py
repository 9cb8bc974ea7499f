"""All that changes of maintenance: work under way, work that is done, locks, the store. Plain data."""

from dataclasses import dataclass, field

from sim.maintenance.findings import Findings


@dataclass(slots=True)
class Job:
    """Work on one target, under way from `began_ns` until `due_ns`. `place` is where the technician stands."""

    number: int
    place: str
    target: str
    operation: str
    began_ns: int
    due_ns: int
    by: str = ""
    express: bool = False  # waits for a spare part of which none was left


@dataclass(slots=True)
class Record:
    """Work that was done, what it used, and what it found."""

    number: int
    target: str
    operation: str
    began_ns: int
    ended_ns: int
    by: str
    spare: str  # name of what was put in, or nothing
    cost: int  # yuan
    findings: Findings


@dataclass(slots=True)
class Lock:
    """A padlock on the isolator of a station."""

    since_ns: int
    by: str = ""


@dataclass(slots=True)
class MaintenanceState:
    """The whole state. `taken` counts what each sort of spare part has lost from the store."""

    due: list[int]
    jobs: list[Job] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    locks: dict[str, Lock] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    number: int = 0
    cost: int = 0  # yuan, of all spare parts
