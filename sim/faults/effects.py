"""What a fault does, by seam: one class of small functions per seam, in one table.

`check` says why an effect cannot be, `begin` and `end` do and undo it, `again` happens at the effect's own times.
"""

from typing import TYPE_CHECKING, Protocol, cast

from sim.arguments import Args, figure, inner, rows, whole, word
from sim.component import Change
from sim.faults import signal_check
from sim.faults.signal import HOUR_NS
from sim.faults.state import ActiveFault
from sim.inputs import Input
from sim.link_faults import WIRES, check_link, link_how
from sim.refusal import Refusal
from sim.travel import NEVER

if TYPE_CHECKING:
    from sim.faults.engine import FaultEngine

RAMP_NS = 10_000_000_000  # a ramp moves its parameter so often
LEAST_EVERY_NS = 10_000_000  # an input that comes again and again: 100 times a second is a flood already
OPS = ("write", "panel", "key", "alarm", "comm", "operator", "remove_part")
PARAMETER_HOWS = ("replace", "factor", "offset", "ramp")
LONGEST_PEER = 64


class Seam(Protocol):
    """One seam of the line."""

    lasts: bool  # it stays until it is taken back; what does not can be done once

    def check(self, engine: "FaultEngine", effect: Args) -> Refusal | None: ...

    def begin(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None: ...

    def again(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None: ...

    def end(self, engine: "FaultEngine", ident: str, effect: Args) -> None: ...


class _Signal:
    """Between plant and field."""

    lasts = True

    def check(self, engine: "FaultEngine", effect: Args) -> Refusal | None:
        return signal_check.check(engine.plant.image.tags, effect)

    def begin(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        tag = engine.plant.image.tags.find(word(effect, "tag"))
        if tag is not None:
            engine.plant.image.begin_fault(tag.index, ident, f"{engine.stream_of(ident)}{place}", effect)

    def again(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        """The image has a clock of its own."""

    def end(self, engine: "FaultEngine", ident: str, effect: Args) -> None:
        engine.plant.image.end_fault(ident)


class _Parameter:
    """A physical parameter of a component."""

    lasts = True

    def check(self, engine: "FaultEngine", effect: Args) -> Refusal | None:
        component = engine.plant.components.get(word(effect, "component"))
        name = word(effect, "parameter")
        if component is None or name not in component.p or effect.get("how") not in PARAMETER_HOWS:
            return Refusal.UNKNOWN
        spec = component.KIND.parameter(name)
        if spec is not None and spec.fixed:  # it was read while the line was built
            return Refusal.READ_ONLY
        return None if whole(effect.get("value")) else Refusal.RANGE

    def begin(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        component, how = engine.plant.components[word(effect, "component")], word(effect, "how")
        value = 0 if how == "ramp" else figure(effect, "value")
        component.overlay(Change(ident, word(effect, "parameter"), how, value))
        if how == "ramp":
            engine.s.faults[ident].next_ns[place] = engine.now_ns + RAMP_NS

    def again(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        fault = engine.s.faults[ident]
        value = figure(effect, "value") * (engine.now_ns - fault.since_ns) // HOUR_NS
        engine.plant.components[word(effect, "component")].ramp(ident, word(effect, "parameter"), value)
        fault.next_ns[place] = engine.now_ns + RAMP_NS

    def end(self, engine: "FaultEngine", ident: str, effect: Args) -> None:
        engine.plant.components[word(effect, "component")].restore(ident)


class _Disturbance:
    """Something that happens to the plant."""

    lasts = False

    def check(self, engine: "FaultEngine", effect: Args) -> Refusal | None:
        component = engine.plant.components.get(word(effect, "component"))
        known = component is not None and word(effect, "method") in {d.name for d in component.KIND.disturbances}
        return None if known else Refusal.UNKNOWN

    def begin(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        getattr(engine.plant.components[word(effect, "component")], word(effect, "method"))()

    def again(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        """It happened."""

    def end(self, engine: "FaultEngine", ident: str, effect: Args) -> None:
        """The last of several that are alike clears it."""
        component = engine.plant.components[word(effect, "component")]
        clears = {d.name: d.clears for d in component.KIND.disturbances}[word(effect, "method")]
        at = (effect["component"], effect["method"])
        same = [e for e in engine.effects() if (e.get("component"), e.get("method")) == at]
        if clears and not same:
            getattr(component, clears)()


class _Link:
    """A wire; endpoints obey what `sim/link_faults.py` makes of it."""

    lasts = True

    def check(self, engine: "FaultEngine", effect: Args) -> Refusal | None:
        return check_link(effect) if "wire" in effect else Refusal.UNKNOWN

    def begin(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        engine.links_changed()

    def again(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        """Endpoints see to that."""

    def end(self, engine: "FaultEngine", ident: str, effect: Args) -> None:
        engine.links_changed()


class _Input:
    """What somebody else does: an operator, a second master, an intruder."""

    lasts = False

    def check(self, engine: "FaultEngine", effect: Args) -> Refusal | None:
        every, peer = effect.get("every_ns", 0), effect.get("peer", "")
        if not isinstance(peer, str) or len(peer) > LONGEST_PEER or bool(peer) is not ("wire" in effect):
            return Refusal.TYPE
        if every != 0 and not whole(every, LEAST_EVERY_NS):
            return Refusal.RANGE
        if "wire" in effect and effect["wire"] not in WIRES:
            return Refusal.UNKNOWN
        undo = effect.get("undo")
        return _possible(engine, effect) or (None if undo is None else _possible(engine, inner(undo)))

    def begin(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        self.again(engine, ident, effect, place)

    def again(self, engine: "FaultEngine", ident: str, effect: Args, place: int) -> None:
        fault = engine.s.faults[ident]
        _do(engine, fault, effect)
        every = figure(effect, "every_ns")
        fault.next_ns[place] = engine.now_ns + every if every else NEVER

    def end(self, engine: "FaultEngine", ident: str, effect: Args) -> None:
        """Whoever repaired it puts it back: an intruder does not, so no peer is named."""
        undo = effect.get("undo")
        if isinstance(undo, dict):
            _through_gate(engine, undo)


def _possible(engine: "FaultEngine", deed: Args) -> Refusal | None:
    """What can never be done is no fault; what is refused because of the present state may be done later."""
    op, args = deed.get("op"), deed.get("args")
    if op not in OPS or not isinstance(args, dict):
        return Refusal.UNKNOWN
    if op in ("remove_part", "alarm"):  # the part may come, and the alarm too
        return None
    hard = [answer for answer in engine.ask(Input(str(op), args), False) if answer not in (None, Refusal.STATE)]
    return hard[0] if hard else None


def _do(engine: "FaultEngine", fault: ActiveFault, effect: Args) -> None:
    """Through the gate like anybody's; a refusal is counted."""
    answer = _through_gate(engine, effect)
    fault.refused += answer is not None
    if word(effect, "peer"):
        said, wire = "" if answer is None else answer.value, word(effect, "wire")
        data = {name: effect[name] for name in ("wire", "peer", "op", "args")}
        engine.plant.emit("stranger", wire, {**data, "answer": said})


def _through_gate(engine: "FaultEngine", deed: Args) -> Refusal | None:
    given = Input(word(deed, "op"), inner(deed.get("args")))
    return next((answer for answer in engine.ask(given, True) if answer is not None), None)


def said_of_link(engine: "FaultEngine", effect: Args, active: bool) -> tuple[str, object]:
    """What the `link` event says: how late the wire is now, or which way came or went."""
    wire, how = word(effect, "wire"), link_how(effect)
    return wire, engine.link(wire).delay_ms if how == "delay" else f"{how} {active}"


SEAMS: dict[str, Seam] = {
    "signal": _Signal(),
    "parameter": _Parameter(),
    "disturbance": _Disturbance(),
    "link": _Link(),
    "input": _Input(),
}


def seam_of(effect: Args) -> Seam:
    return SEAMS[cast(str, effect["seam"])]


def effects_of(args: Args) -> list[Args]:
    return rows(args.get("effects"))
