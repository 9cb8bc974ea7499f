"""The state of the fault engine: faults that are active, and the scenario with its entries. Data alone."""

from dataclasses import dataclass, field

from sim.arguments import Args
from sim.state import JsonValue, Plain
from sim.travel import NEVER

WAITING, ARMED, ACTIVE, ENDED = "waiting", "armed", "active", "ended"


@dataclass(slots=True)
class ActiveFault:
    """A fault from its begin to its end."""

    args: Plain  # as the input said it
    since_ns: int
    ends_ns: int = NEVER  # by itself
    entry: str = ""  # of the scenario that began it
    next_ns: list[int] = field(default_factory=list)  # of each effect that does something again and again
    refused: int = 0  # what it wanted to do and the gate refused


@dataclass(slots=True)
class Entry:
    """One entry of a scenario."""

    entry: str
    start: Plain
    repeat: bool
    fault: Plain
    state: str = ""
    since_ns: int = 0  # of the state
    due_ns: int = NEVER  # it begins then by itself
    begun_ns: int = NEVER  # when it began last, or would have
    true_ns: int = NEVER  # its condition has held since then
    fresh: bool = True  # its condition has been false since it began last
    parts: int = 0  # it begins at this count of parts
    count: int = 0  # how often it began
    refused: int = 0  # how often it could not: another fault was in its place


@dataclass(slots=True)
class Scenario:
    """A scenario that runs."""

    args: Plain
    since_ns: int
    entries: list[Entry]


@dataclass(slots=True)
class EngineState:
    """Everything of the engine that changes."""

    due: list[int]
    faults: dict[str, ActiveFault] = field(default_factory=dict)
    scenario: Scenario | None = None


def shown_fault(fault: ActiveFault) -> Args:
    """A fault as people see it: what the input said, and since when."""
    more: Args = {"since_ns": fault.since_ns}
    if fault.ends_ns != NEVER:
        more["ends_ns"] = fault.ends_ns
    if fault.refused:
        more["refused"] = fault.refused
    return {**fault.args, **more}


def shown_entry(entry: Entry) -> JsonValue:
    """An entry as people see it."""
    more: Args = {} if entry.due_ns == NEVER else {"due_ns": entry.due_ns}
    return {
        "entry": entry.entry, "state": entry.state, "start": dict(entry.start), "repeat": entry.repeat,
        "since_ns": entry.since_ns, "count": entry.count, "refused": entry.refused, "fault": dict(entry.fault), **more,
    }  # fmt: skip
