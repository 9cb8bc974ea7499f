"""The scenario that runs: each entry waits for its start, begins its fault, and waits again or has ended.

`waiting`: its time or its condition has not come. `armed`: nothing is lacking but a hand. Functions over the engine,
which holds the state.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.arguments import Args, figure, inner, rows, word
from sim.faults import check as plans
from sim.faults.signal import exponential, sooner
from sim.faults.state import ACTIVE, ARMED, ENDED, WAITING, Entry, Scenario, shown_entry
from sim.state import Plain
from sim.travel import NEVER

if TYPE_CHECKING:
    from sim.faults.engine import FaultEngine

check = plans.scenario
AGAIN_NS = 1_000_000_000  # from one begin of an entry to the next by itself: two could go round without end


def shown(engine: "FaultEngine") -> Args | None:
    """The scenario as instructors see it, None where none runs."""
    running = engine.s.scenario
    if running is None:
        return None
    head: Args = {"name": running.args["name"], "title": running.args["title"], "since_ns": running.since_ns}
    return {**head, "entries": [shown_entry(entry) for entry in running.entries]}


def begin(engine: "FaultEngine", args: Args) -> None:
    """A scenario begins now; it was checked."""
    entries = [_entry(given) for given in rows(args["entries"])]
    engine.s.scenario = Scenario(Plain(args), engine.now_ns, entries)
    engine.plant.emit("scenario", word(args, "name"), True)
    for entry in entries:
        _arm(engine, entry)
    engine.settle()


def _entry(given: Args) -> Entry:
    start, fault = inner(given["start"]), inner(given["fault"])
    return Entry(word(given, "entry"), Plain(start), bool(given.get("repeat")), Plain(fault))


def end(engine: "FaultEngine") -> None:
    """It ends, and with it every fault that it began."""
    running, engine.s.scenario = engine.s.scenario, None
    if running is None:
        return
    for ident in [ident for ident, fault in engine.s.faults.items() if fault.entry]:
        engine.end(ident)
    for entry in running.entries:
        engine.forget(f"fault {entry.entry}.")
    engine.plant.emit("scenario", word(running.args, "name"), False)
    engine.settle()


def find(engine: "FaultEngine", name: str) -> Entry | None:
    entries = engine.s.scenario.entries if engine.s.scenario is not None else []
    return next((entry for entry in entries if entry.entry == name), None)


def fire(engine: "FaultEngine", entry: Entry) -> None:
    """The entry's fault begins now, by itself or by hand."""
    refusal = plans.fault(engine, entry.fault)
    entry.due_ns = entry.true_ns = NEVER
    entry.fresh, entry.begun_ns = False, engine.now_ns
    ident = entry.entry if not entry.count else f"{entry.entry}#{entry.count + 1}"
    if refusal is not None or ident in engine.s.faults:
        entry.refused += 1
        _ended(engine, entry)
        return
    entry.count += 1
    _be(engine, entry, ACTIVE)
    engine.begin(ident, entry.fault, entry.entry)


def fault_ended(engine: "FaultEngine", name: str) -> None:
    """The fault of an entry is over."""
    entry = find(engine, name)
    if entry is not None:
        _ended(engine, entry)


def _ended(engine: "FaultEngine", entry: Entry) -> None:
    if entry.repeat:
        _arm(engine, entry)
    else:
        _be(engine, entry, ENDED)
    running = engine.s.scenario
    for other in running.entries if running is not None else ():
        if other.state == WAITING and other.start["kind"] == "after" and other.start["entry"] == entry.entry:
            other.due_ns = sooner(other.due_ns, _not_before(other, engine.now_ns + figure(other.start, "delay_ns")))


def _be(engine: "FaultEngine", entry: Entry, state: str) -> None:
    entry.state, entry.since_ns = state, engine.now_ns
    engine.plant.emit("entry", entry.entry, state)


def _arm(engine: "FaultEngine", entry: Entry) -> None:
    """From the start, or again: its time counts from now."""
    start, now = entry.start, engine.now_ns
    kind = start["kind"]
    if kind == "time":
        entry.due_ns = _not_before(entry, now + figure(start, "at_ns"))
    elif kind == "chance":
        stream = engine.plant.stream(f"fault {entry.entry}.start")
        entry.due_ns = _not_before(entry, now + exponential(stream, figure(start, "mean_ns")))
    elif kind == "parts":
        entry.parts = engine.plant.parts.made + figure(start, "count")
    _be(engine, entry, ARMED if kind == "hand" else WAITING)


# ---- time ----------------------------------------------------------------------------------------------------------


def _waiting(engine: "FaultEngine") -> list[Entry]:
    running = engine.s.scenario
    return [entry for entry in running.entries if entry.state == WAITING] if running is not None else []


def conditions(engine: "FaultEngine") -> Iterator[str]:
    """What waiting entries wait for."""
    for entry in _waiting(engine):
        if entry.start["kind"] == "condition":
            yield word(entry.start, "when")


def counts(engine: "FaultEngine") -> bool:
    """Whether one of them waits for parts."""
    return any(entry.start["kind"] == "parts" for entry in _waiting(engine))


def due_ns(engine: "FaultEngine") -> int:
    """When the next of them begins by itself."""
    due = NEVER
    for entry in _waiting(engine):
        due = sooner(due, entry.due_ns)
    return due


def look(engine: "FaultEngine") -> None:
    """Begin what has come to its start."""
    for entry in _waiting(engine):
        kind = entry.start["kind"]
        if kind == "condition":
            _weigh(engine, entry)
        elif kind == "parts" and engine.plant.parts.made >= entry.parts:
            entry.due_ns = sooner(entry.due_ns, _not_before(entry, engine.now_ns))
        if entry.state == WAITING and entry.due_ns == engine.now_ns:
            fire(engine, entry)


def _weigh(engine: "FaultEngine", entry: Entry) -> None:
    """A condition has to hold without a break; after its fault it has to become false first."""
    if not engine.conditions.holds(word(entry.start, "when")):
        entry.due_ns = entry.true_ns = NEVER
        entry.fresh = True
    elif entry.fresh and entry.true_ns == NEVER:
        entry.true_ns = engine.now_ns
        entry.due_ns = _not_before(entry, engine.now_ns + figure(entry.start, "for_ns"))


def _not_before(entry: Entry, at_ns: int) -> int:
    return at_ns if entry.begun_ns == NEVER else max(at_ns, entry.begun_ns + AGAIN_NS)
