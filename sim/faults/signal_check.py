"""Whether a way of going wrong fits a tag: the figures of each way, and the types and directions that it is for."""

from collections.abc import Callable
from dataclasses import dataclass

from sim.arguments import Args, number, whole, word
from sim.faults.signal import LEAST_SPELL_NS, MILLION
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tag import INTEGER_RANGE, LARGEST_REAL, DataType, Direction, Quality, Reason, Tag, TagTable

LONGEST_NS = 3_600_000_000_000  # of a delay or a spell: an hour
MOST_PPM = 10**9  # a gain of a thousand
ANY, BIT, NUMBER, OUT = "any", "bit", "number", "out"


def _spell(value: JsonValue) -> bool:
    return whole(value, LEAST_SPELL_NS, LONGEST_NS)


def _above_zero(value: JsonValue) -> bool:
    return number(value, 0, LARGEST_REAL) and value != 0


def _number(value: JsonValue) -> bool:
    return number(value, -LARGEST_REAL, LARGEST_REAL)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a way needs: tags of this sort, these figures, perhaps these others."""

    sort: str
    figures: dict[str, Callable[[JsonValue], bool]]
    optional: dict[str, Callable[[JsonValue], bool]]
    settable: bool = False  # and a value that the tag can have


def _needs(
    sort: str = ANY, settable: bool = False, optional: dict[str, Callable[[JsonValue], bool]] | None = None,
    **figures: Callable[[JsonValue], bool],
) -> Needs:  # fmt: skip
    return Needs(sort, figures, optional or {}, settable)


NEEDS: dict[str, Needs] = {
    "stuck": _needs(settable=True),
    "freeze": _needs(),
    "blocked": _needs(OUT),
    "bias": _needs(NUMBER, by=_number),
    "gain": _needs(NUMBER, ppm=lambda v: whole(v, -MOST_PPM, MOST_PPM), optional={"about": _number}),
    "drift": _needs(NUMBER, per_hour=_number, optional={"most": _above_zero}),
    "noise": _needs(NUMBER, amplitude=_above_zero),
    "intermittent": _needs(settable=True, on_ns=_spell, off_ns=_spell),
    "delay": _needs(ns=lambda v: whole(v, 1, LONGEST_NS)),
    "drop": _needs(share_ppm=lambda v: whole(v, 1, MILLION)),
    "swap": _needs(),
    "clip": _needs(NUMBER, low=_number, high=_number),
    "modulo": _needs(NUMBER, value=_above_zero),
    "invert": _needs(BIT),
    "quality": _needs(quality=lambda v: v is not None),
}


def check(tags: TagTable, effect: Args) -> Refusal | None:
    """Why this effect cannot be, None where it can."""
    tag, needs = tags.find(word(effect, "tag")), NEEDS.get(word(effect, "how"))
    if tag is None or needs is None:
        return Refusal.UNKNOWN
    if not _suits(tag, needs.sort):
        return Refusal.TYPE
    if not _figures(effect, needs) or not _trusted(effect):
        return Refusal.RANGE
    if needs.settable:
        return accepts(tag, effect.get("value"))
    return _swappable(tags, tag, effect) if effect["how"] == "swap" else None


def _suits(tag: Tag, sort: str) -> bool:
    if sort == OUT:
        return tag.writable
    return sort == ANY or (tag.type is DataType.BOOL) is (sort == BIT)


def _figures(effect: Args, needs: Needs) -> bool:
    if not all(fits(effect.get(name)) for name, fits in needs.figures.items()):
        return False
    if not all(fits(effect[name]) for name, fits in needs.optional.items() if name in effect):
        return False
    low, high = effect.get("low"), effect.get("high")
    return not (isinstance(low, int | float) and isinstance(high, int | float)) or low <= high


def _trusted(effect: Args) -> bool:
    """The quality and the reason are words that every wire knows."""
    quality, reason = effect.get("quality"), effect.get("reason")
    return (quality is None or quality in list(Quality)) and (reason is None or reason in list(Reason))


def accepts(tag: Tag, value: JsonValue) -> Refusal | None:
    """A broken sensor may say more than its range, not more than its data type; an actuator does what it can."""
    if tag.type is DataType.BOOL or isinstance(value, bool):
        return None if tag.type is DataType.BOOL and isinstance(value, bool) else Refusal.TYPE
    if not isinstance(value, int | float) or (tag.type.is_integer and not isinstance(value, int)):
        return Refusal.TYPE
    low, high = (tag.writable and tag.range) or INTEGER_RANGE.get(tag.type, (-LARGEST_REAL, LARGEST_REAL))
    return None if low <= value <= high else Refusal.RANGE


def _swappable(tags: TagTable, tag: Tag, effect: Args) -> Refusal | None:
    """Two channels of one card can be swapped: two of one sort."""
    other = tags.find(word(effect, "with"))
    if other is None:
        return Refusal.UNKNOWN
    out = Direction.OUTPUT
    same = other is not tag and other.type is tag.type and (other.direction is out) is (tag.direction is out)
    return None if same else Refusal.TYPE
