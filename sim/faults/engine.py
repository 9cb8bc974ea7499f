"""The fault engine: begins and ends faults, at their times, by conditions, by repair. The last phase of every instant.

It sees a settled plant, and what it does is felt in the same instant. Scenarios are in `sim/faults/scenario.py`.
"""

from collections.abc import Callable, Iterator

from sim.arguments import Args, figure, inner, rows, word
from sim.faults import scenario
from sim.faults.conditions import POLL_NS, Conditions
from sim.faults.effects import effects_of, said_of_link, seam_of
from sim.faults.signal import exponential, sooner
from sim.faults.state import ActiveFault, EngineState, shown_fault
from sim.inputs import Input
from sim.kernel import Wakeable
from sim.link_faults import WELL, LinkState, link_state
from sim.plant import Plant
from sim.refusal import Refusal
from sim.state import Plain
from sim.text import Text
from sim.travel import NEVER

Ask = Callable[[Input, bool], tuple[Refusal | None, ...]]  # the gate: check an input, and do it where it may be


class FaultEngine(Wakeable):
    """Made last, so that it is last in its phase. Without faults it never wakes."""

    SLOTS = ("turn", "look")
    TURN, LOOK = 0, 1
    PHASE = 3
    s: EngineState
    ask: Ask

    def __init__(self, plant: Plant) -> None:
        super().__init__(plant.kernel, "(faults)")
        self.plant, self.s = plant, EngineState([NEVER, NEVER])
        self.conditions = Conditions(plant.image, self, self.LOOK)
        self._links: dict[str, LinkState] = {}
        self._polled = False

    @property
    def now_ns(self) -> int:
        return self.kernel.now_ns

    # ---- what others ask --------------------------------------------------------------------------------------

    def effects(self) -> Iterator[Args]:
        """All effects that are active, in the order in which they began."""
        for fault in self.s.faults.values():
            yield from effects_of(fault.args)

    def shown(self) -> dict[str, Args]:
        """The active faults by their ids."""
        return {ident: shown_fault(fault) for ident, fault in self.s.faults.items()}

    def link(self, wire: str) -> LinkState:
        """What link faults make of a wire."""
        return self._links.get(wire, WELL)

    def links_changed(self) -> None:
        wires = {word(effect, "wire") for effect in self.effects() if effect["seam"] == "link"}
        self._links = {wire: link_state(wire, self.effects()) for wire in sorted(wires)}

    def finding(self, target: str, operation: str) -> Text | None:
        """What somebody finds who does this there; of several faults the first has its say."""
        for fault in self.s.faults.values():
            text = inner(inner(fault.args.get("findings")).get(operation))
            if text and target in _places(fault.args):
                return Text(word(text, "zh"), word(text, "en"))
        return None

    # ---- begin and end ----------------------------------------------------------------------------------------

    def begin(self, ident: str, args: Args, entry: str = "") -> None:
        """A fault begins; it was checked."""
        effects, now = effects_of(args), self.now_ns
        fault = self.s.faults[ident] = ActiveFault(Plain(args), now, entry=entry, next_ns=[NEVER] * len(effects))
        for place, effect in enumerate(effects):
            seam_of(effect).begin(self, ident, effect, place)
        self._say(ident, effects, active=True)
        given = inner(args.get("duration"))
        if given.get("kind") == "once":
            self._close(ident, undo=False)
        elif given.get("kind") == "time":
            fault.ends_ns = now + figure(given, "ns")
        elif given.get("kind") == "random":
            stream = self.plant.stream(f"{self.stream_of(ident)}duration")
            fault.ends_ns = now + exponential(stream, figure(given, "mean_ns"))
        self.settle()

    def end(self, ident: str) -> None:
        """A fault ends; the line is as if it had never been, but for what it did."""
        self._close(ident, undo=True)
        self.settle()

    def _close(self, ident: str, undo: bool) -> None:
        fault = self.s.faults.pop(ident)
        effects = effects_of(fault.args)
        for effect in reversed(effects) if undo else ():
            seam_of(effect).end(self, ident, effect)
        self._say(ident, effects, active=False)
        if fault.entry:
            scenario.fault_ended(self, fault.entry)
        else:
            self.forget(self.stream_of(ident))

    def _say(self, ident: str, effects: list[Args], active: bool) -> None:
        self.plant.emit("fault", ident, active)
        for effect in effects:
            if effect["seam"] == "link":
                self.plant.emit("link", *said_of_link(self, effect, active))

    def repair(self, target: str, operation: str) -> list[str]:
        """Somebody did this there: end what it repairs and say which faults that were."""
        at = {"target": target, "operation": operation}
        mended = [
            ident
            for ident, fault in self.s.faults.items()
            if any(at.items() <= repair.items() for repair in rows(fault.args.get("repair")))
        ]
        for ident in mended:
            self.end(ident)
        return mended

    def stream_of(self, ident: str) -> str:
        """Where the names of a fault's random streams begin; all faults of an entry go on with the same streams."""
        fault = self.s.faults.get(ident)
        return f"fault {fault.entry if fault is not None and fault.entry else ident}."

    def forget(self, prefix: str) -> None:
        """Random streams that nobody draws from any more."""
        for name in [name for name in self.plant.streams if name.startswith(prefix)]:
            del self.plant.streams[name]

    # ---- time -------------------------------------------------------------------------------------------------

    def born(self) -> None:
        given = self.plant.definition.scenario
        if given is not None:
            refusal = scenario.check(self, given)
            if refusal is not None:
                raise ValueError(f"the scenario of the definition is refused: {refusal}")
            scenario.begin(self, given)

    def restored(self) -> None:
        self.links_changed()
        self._watch()

    def settle(self) -> None:
        """Something began or ended: look at everything once the instant is settled."""
        self._watch()
        self.wake(self.LOOK, self.now_ns)

    def _watch(self) -> None:
        texts = [text for fault in self.s.faults.values() if (text := word(fault.args, "ends_when"))]
        polled = self.conditions.watch([*texts, *scenario.conditions(self)])
        self._polled = polled or scenario.counts(self)

    def turn(self) -> None:
        self.look()

    def look(self) -> None:
        """Do all that is due, then sleep until something is."""
        now = self.now_ns
        for ident in list(self.s.faults):
            self._look_at(ident, now)
        scenario.look(self)
        self._plan(now)

    def _look_at(self, ident: str, now: int) -> None:
        fault = self.s.faults.get(ident)
        if fault is None:
            return
        text = word(fault.args, "ends_when")
        if NEVER != fault.ends_ns <= now or (text and self.conditions.holds(text)):
            self.end(ident)
            return
        for place, effect in enumerate(effects_of(fault.args)):
            if NEVER != fault.next_ns[place] <= now:
                seam_of(effect).again(self, ident, effect, place)

    def _plan(self, now: int) -> None:
        due = scenario.due_ns(self)
        for fault in self.s.faults.values():
            for at in (fault.ends_ns, *fault.next_ns):
                due = sooner(due, at)
        if self._polled:
            due = sooner(due, (now // POLL_NS + 1) * POLL_NS)
        self.wake(self.TURN, due)


def _places(args: Args) -> set[str]:
    """Where a person finds something of this fault: its target, what it affects, where it is repaired."""
    places = {word(args, "target"), *(word(repair, "target") for repair in rows(args.get("repair")))}
    for effect in effects_of(args):
        places |= {word(effect, "component"), word(effect, "wire")}
    return places - {""}
