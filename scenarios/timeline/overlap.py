"""Faults of one timeline that cannot be there at the same time: a contact stuck on that is also stuck off.

What is not provably apart counts as together: an entry that lasts until it is repaired may still be there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from sim.arguments import Args, inner, rows
from sim.state import JsonValue

_FOR_EVER = 2**62  # ns
_WHOLE = ("stuck", "freeze")  # say what the tag shows, whatever was before


@dataclass(frozen=True, slots=True)
class Clash:
    """Two entries, by their places in the timeline, and what both of them claim."""

    first: int
    second: int
    claim: str


def clashes(entries: list[Args]) -> Iterator[Clash]:
    """All pairs that cannot be."""
    for (i, first), (j, second) in combinations(enumerate(entries), 2):
        shared = [claim for claim in _claims(first) if claim in _claims(second)]
        if shared and not _apart(first, second, entries):
            yield Clash(i, j, shared[0])


def _claims(entry: Args) -> list[str]:
    return [claim for effect in rows(inner(entry["fault"])["effects"]) if (claim := _claim(effect))]


def _claim(effect: Args) -> str:
    """What an effect has for itself alone; nothing where others fit beside it."""
    how = str(effect.get("how"))
    match effect["seam"]:
        case "signal" if how in _WHOLE:
            return f"what {effect['tag']} says"
        case "parameter" if how == "replace":
            return f"{effect['parameter']} of {effect['component']}"
        case "disturbance":
            return f"{effect['method']} at {effect['component']}"
    return ""


def _apart(first: Args, second: Args, entries: list[Args]) -> bool:
    if _follows(first, second, entries) or _follows(second, first, entries):
        return True
    one, other = _span(first), _span(second)
    return one is not None and other is not None and (one[1] <= other[0] or other[1] <= one[0])


def _span(entry: Args) -> tuple[int, int] | None:
    """From when to when an entry is there at most, where the file alone says so."""
    start, duration = inner(entry["start"]), inner(inner(entry["fault"])["duration"])
    if start["kind"] != "time" or entry["repeat"]:
        return None
    begins = _whole(start["at_ns"])
    lasts = {"once": 0, "time": _whole(duration.get("ns"))}.get(str(duration["kind"]), _FOR_EVER)
    return begins, begins + lasts


def _follows(entry: Args, of: Args, entries: list[Args]) -> bool:
    """True where an entry begins only after the other has ended, and ends before that could come again."""
    by_name = {str(e["entry"]): e for e in entries}
    seen: set[str] = set()
    start = inner(entry["start"])
    while start["kind"] == "after" and (name := str(start["entry"])) not in seen:
        if name == of["entry"]:
            return not of["repeat"]
        seen.add(name)
        start = inner(by_name[name]["start"]) if name in by_name else {"kind": ""}
    return False


def _whole(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
