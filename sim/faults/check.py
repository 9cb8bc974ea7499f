"""Whether a plan can be: a fault with its effects, duration and repairs; a scenario with its entries. Does nothing."""

import re
from typing import TYPE_CHECKING

from sim.arguments import Args, inner, rows, whole, word
from sim.faults.effects import SEAMS, effects_of, seam_of
from sim.link_faults import WIRES
from sim.refusal import Refusal
from sim.remote import rules
from sim.state import JsonValue

if TYPE_CHECKING:
    from sim.faults.engine import FaultEngine

OPERATIONS = ("inspect", "measure", "clean", "adjust", "calibrate", "replace", "reset", "close_connection")
MOST_EFFECTS = 200  # every tag of a station, and a few wires
MOST_ENTRIES = 100
LONGEST_NS = 366 * 86_400 * 1_000_000_000
_BY_HAND = re.compile(r"f\d+")  # what the faults of a hand are called


def fault(engine: "FaultEngine", args: Args) -> Refusal | None:
    """Why this fault cannot begin now."""
    return plan(engine, args) or (Refusal.STATE if hindrance(engine, args) else None)


def plan(engine: "FaultEngine", args: Args) -> Refusal | None:
    """Why this fault cannot be at all, whatever else is active."""
    effects = args.get("effects")
    if not isinstance(effects, list) or not 0 < len(effects) <= MOST_EFFECTS:
        return Refusal.TYPE
    for effect in effects_of(args):
        if word(effect, "seam") not in SEAMS:
            return Refusal.UNKNOWN
        refusal = seam_of(effect).check(engine, effect)
        if refusal is not None:
            return refusal
    if _bends_a_real_device(engine, args):
        return Refusal.STATE
    return _duration(args) or _repairs(engine, args) or _ends(engine, args) or _findings(args)


def hindrance(engine: "FaultEngine", args: Args) -> str:
    """Why it cannot be beside what is there: `real`, `active` already, or `replaced`: a parameter has one value."""
    if _bends_a_real_device(engine, args):
        return "real"
    same = (args.get("fault"), args.get("target"))
    for active in engine.s.faults.values():
        if word(args, "fault") and (active.args.get("fault"), active.args.get("target")) == same:
            return "active"
    own = [at for at in map(_replaced, effects_of(args)) if at is not None]
    taken = {_replaced(effect) for effect in engine.effects()}
    return "replaced" if len(set(own)) < len(own) or taken.intersection(own) else ""


def _bends_a_real_device(engine: "FaultEngine", args: Args) -> bool:
    return any(rules.forbids(engine.plant, effect) for effect in effects_of(args))


def _replaced(effect: Args) -> tuple[str, str] | None:
    """The parameter that an effect replaces."""
    if effect.get("seam") != "parameter" or effect.get("how") != "replace":
        return None
    return word(effect, "component"), word(effect, "parameter")


def _duration(args: Args) -> Refusal | None:
    if "duration" not in args:
        return None
    given = inner(args["duration"])
    kind = given.get("kind")
    if kind == "once":
        return Refusal.TYPE if any(seam_of(effect).lasts for effect in effects_of(args)) else None
    if kind in ("time", "random"):
        return None if whole(given.get("ns" if kind == "time" else "mean_ns"), 1, LONGEST_NS) else Refusal.RANGE
    return None if kind == "until_repaired" else Refusal.UNKNOWN


def _repairs(engine: "FaultEngine", args: Args) -> Refusal | None:
    given = args.get("repair", [])
    if not isinstance(given, list):
        return Refusal.TYPE
    places = {*engine.plant.components, *engine.plant.units, *WIRES}
    for repair in rows(given):
        if repair.get("operation") not in OPERATIONS or word(repair, "target") not in places:
            return Refusal.UNKNOWN
    return None


def _ends(engine: "FaultEngine", args: Args) -> Refusal | None:
    if args.get("ends_when") is None:
        return None
    return None if engine.conditions.find(word(args, "ends_when")) else Refusal.UNKNOWN


def _findings(args: Args) -> Refusal | None:
    given = args.get("findings")
    if given is None:
        return None
    if not isinstance(given, dict):
        return Refusal.TYPE
    texts = all(name in OPERATIONS and _text(text) for name, text in given.items())
    return None if texts else Refusal.TYPE


def _text(value: JsonValue) -> bool:
    text = inner(value)
    return isinstance(text.get("zh"), str) and isinstance(text.get("en"), str)


# ---- scenarios -----------------------------------------------------------------------------------------------------


def scenario(engine: "FaultEngine", args: Args) -> Refusal | None:
    """Why this scenario cannot be on this line."""
    entries = args.get("entries")
    if not word(args, "name") or not _text(args.get("title")) or not isinstance(entries, list):
        return Refusal.TYPE
    names = [word(entry, "entry") for entry in rows(entries)]
    if not 0 < len(names) <= MOST_ENTRIES or len(set(names)) < len(names):
        return Refusal.RANGE
    for entry in rows(entries):
        refusal = _entry(engine, entry, names)
        if refusal is not None:
            return refusal
    return None


def _entry(engine: "FaultEngine", entry: Args, names: list[str]) -> Refusal | None:
    name = word(entry, "entry")
    if not name or "#" in name or _BY_HAND.fullmatch(name):  # its faults could be taken for others
        return Refusal.TYPE
    if not isinstance(entry.get("repeat", False), bool) or not isinstance(entry.get("fault"), dict):
        return Refusal.TYPE
    return _start(engine, inner(entry.get("start")), names) or plan(engine, inner(entry["fault"]))


def _start(engine: "FaultEngine", start: Args, names: list[str]) -> Refusal | None:
    kind = word(start, "kind")
    if kind == "condition":
        if engine.conditions.find(word(start, "when")) is None:
            return Refusal.UNKNOWN
        return None if whole(start.get("for_ns", 0), 0, LONGEST_NS) else Refusal.RANGE
    if kind == "after" and start.get("entry") not in names:
        return Refusal.UNKNOWN
    figures = {"time": ("at_ns", 0), "parts": ("count", 1), "chance": ("mean_ns", 1), "after": ("delay_ns", 0)}
    if kind in figures:
        name, least = figures[kind]
        given = start.get(name, 0 if kind == "after" else None)
        return None if whole(given, least, LONGEST_NS) else Refusal.RANGE
    return None if kind == "hand" else Refusal.UNKNOWN
