"""What faults make of a value between plant and field: one row per way, small functions of (fault, value, moment).

`shows` is what comes out now and changes nothing. Ways that remember also have `takes`, told of each new value that
comes in, and `turn`, which happens at `next_ns`. A computed tag announces no change: for it, those that remember take
a sample every tenth of a second. Knows no image and no engine.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor
from typing import Protocol, cast

from sim.arguments import figure
from sim.elementary import log
from sim.state import JsonValue, Plain
from sim.stream import noise
from sim.tag import INTEGER_RANGE, LARGEST_REAL, DataType, Direction, Quality, Tag, Value
from sim.travel import NEVER

SAMPLE_NS = 100_000_000  # noise stands for so long, as a component's own does; what is remembered is sampled so often
DRIFT_NS = 1_000_000_000  # a drift moves a tag that is not computed so often
HOUR_NS = 3_600_000_000_000
LEAST_SPELL_NS = 1_000_000  # of an intermittent fault: shorter ones no input card tells apart
MOST_LATE = 10_000  # changes on their way; further ones are told together with the last
OWN_NOISE = 1 << 32  # a fault's noise has nothing to do with the noise that the sensor has anyway
MILLION = 1_000_000


@dataclass(slots=True)
class SignalFault:
    """A fault between plant and field of one tag."""

    ident: str
    how: str
    figures: Plain = field(default_factory=lambda: Plain({}))
    since_ns: int = 0
    stream: str = ""  # its random numbers
    quality: Quality = Quality.GOOD
    reason: str = ""
    given: Value = False  # what came in last
    shown: Value = False  # what goes out, of those that remember
    on: bool = True  # intermittent: it is there now
    next_ns: int = NEVER  # when it acts by itself
    late: list[tuple[int, Value]] = field(default_factory=list)  # delay: when each change comes out


class Chance(Protocol):
    """Where random numbers come from."""

    def uniform(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """What a way may know besides the value: the instant, the tag, and random numbers."""

    now_ns: int
    seed: int
    tag: Tag
    stream: Callable[[str], Chance]
    other: Callable[[str], Value]  # the source side of another tag


Shows = Callable[[SignalFault, Value, Moment], Value]
Does = Callable[[SignalFault, Moment], None]
Takes = Callable[[SignalFault, Value, Moment], None]


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a signal can be wrong."""

    shows: Shows
    takes: Takes | None = None
    turn: Does | None = None
    begins: Does | None = None
    every_ns: int = 0  # a function of time: tags that are not computed follow it so often


def sooner(one_ns: int, other_ns: int) -> int:
    """The earlier of two times, of which either may be NEVER."""
    return max(one_ns, other_ns) if NEVER in (one_ns, other_ns) else min(one_ns, other_ns)


def exponential(chance: Chance, mean_ns: int, least_ns: int = 1) -> int:
    """A random time with this mean, the same on every machine."""
    return max(least_ns, int(-mean_ns * log(chance.uniform()) + 0.5))


def typed(tag: Tag, value: Value) -> Value:
    """What a card of this data type can say: it saturates and rounds."""
    if tag.type is DataType.BOOL:
        return bool(value)
    low, high = INTEGER_RANGE.get(tag.type, (-LARGEST_REAL, LARGEST_REAL))
    held = min(max(value, low), high)
    return float(held) if tag.type is DataType.REAL else floor(held + 0.5)


def _real(fault: SignalFault, name: str) -> float:
    return cast(float, fault.figures.get(name, 0))


def _value(fault: SignalFault, value: Value, at: Moment) -> Value:
    return cast(Value, fault.figures["value"])


def _shown(fault: SignalFault, value: Value, at: Moment) -> Value:
    return fault.shown


def _same(fault: SignalFault, value: Value, at: Moment) -> Value:
    return value


def _blocked(fault: SignalFault, value: Value, at: Moment) -> Value:
    """An actuator that hears nothing rests. Set points and commands are held back at the gate."""
    return at.tag.type.zero if at.tag.direction is Direction.OUTPUT else value


def _bias(fault: SignalFault, value: Value, at: Moment) -> Value:
    return value + _real(fault, "by")


def _gain(fault: SignalFault, value: Value, at: Moment) -> Value:
    about = _real(fault, "about")
    return about + (value - about) * figure(fault.figures, "ppm") / MILLION


def _drift(fault: SignalFault, value: Value, at: Moment) -> Value:
    by = _real(fault, "per_hour") * (at.now_ns - fault.since_ns) / HOUR_NS
    most = _real(fault, "most") or LARGEST_REAL
    return value + min(max(by, -most), most)


def _noise(fault: SignalFault, value: Value, at: Moment) -> Value:
    return value + _real(fault, "amplitude") * noise(at.seed, at.tag.index + OWN_NOISE, at.now_ns // SAMPLE_NS)


def _intermittent(fault: SignalFault, value: Value, at: Moment) -> Value:
    return cast(Value, fault.figures["value"]) if fault.on else value


def _clip(fault: SignalFault, value: Value, at: Moment) -> Value:
    return min(max(value, _real(fault, "low")), _real(fault, "high"))


def _modulo(fault: SignalFault, value: Value, at: Moment) -> Value:
    return value % _real(fault, "value")


def _invert(fault: SignalFault, value: Value, at: Moment) -> Value:
    return not value


def _swap(fault: SignalFault, value: Value, at: Moment) -> Value:
    return at.other(cast(str, fault.figures["with"]))


# ---- those that remember -------------------------------------------------------------------------------------------


def _spell(fault: SignalFault, at: Moment) -> None:
    """A loose contact stays as it is for a random while."""
    mean = figure(fault.figures, "on_ns" if fault.on else "off_ns")
    fault.next_ns = at.now_ns + exponential(at.stream(fault.stream), mean, LEAST_SPELL_NS)


def _flip(fault: SignalFault, at: Moment) -> None:
    fault.on = not fault.on
    _spell(fault, at)


def _send(fault: SignalFault, value: Value, at: Moment) -> None:
    """A change sets out; it comes `ns` later."""
    if value == fault.given:
        return
    if len(fault.late) < MOST_LATE:
        fault.late.append((at.now_ns + figure(fault.figures, "ns"), value))
    else:
        fault.late[-1] = (fault.late[-1][0], value)
    fault.next_ns = sooner(fault.next_ns, fault.late[0][0])


def _come(fault: SignalFault, at: Moment) -> None:
    while fault.late and fault.late[0][0] <= at.now_ns:
        fault.shown = fault.late.pop(0)[1]
    fault.next_ns = fault.late[0][0] if fault.late else NEVER


def _drop(fault: SignalFault, value: Value, at: Moment) -> None:
    """A change gets lost or not; the one after it may get through."""
    if value != fault.given and at.stream(fault.stream).uniform() * MILLION >= figure(fault.figures, "share_ppm"):
        fault.shown = value


WAYS: dict[str, Way] = {
    "stuck": Way(_value),
    "freeze": Way(_shown),
    "blocked": Way(_blocked),
    "bias": Way(_bias),
    "gain": Way(_gain),
    "drift": Way(_drift, every_ns=DRIFT_NS),
    "noise": Way(_noise, every_ns=SAMPLE_NS),
    "intermittent": Way(_intermittent, turn=_flip, begins=_spell),
    "delay": Way(_shown, takes=_send, turn=_come),
    "drop": Way(_shown, takes=_drop),
    "swap": Way(_swap),
    "clip": Way(_clip),
    "modulo": Way(_modulo),
    "invert": Way(_invert),
    "quality": Way(_same),
}


def shown(faults: list[SignalFault], value: Value, at: Moment) -> Value:
    """What comes out behind all faults of a tag, in the order in which they began. Changes nothing."""
    for fault in faults:
        value = typed(at.tag, WAYS[fault.how].shows(fault, value, at))
    return value


def taken(faults: list[SignalFault], value: Value, at: Moment) -> Value:
    """Like `shown`, and those that remember take note of what comes in."""
    for fault in faults:
        way = WAYS[fault.how]
        if way.takes is not None:
            way.takes(fault, value, at)
        fault.given = value
        value = typed(at.tag, way.shows(fault, value, at))
    return value


def made(effect: dict[str, JsonValue], ident: str, stream: str, value: Value, at: Moment) -> SignalFault:
    """The fault that an effect describes, as it begins behind this value."""
    fault = SignalFault(
        ident, cast(str, effect["how"]), Plain(effect), at.now_ns, stream,
        Quality(cast(str, effect.get("quality") or "good")), cast(str, effect.get("reason") or ""), value, value,
    )  # fmt: skip
    begins = WAYS[fault.how].begins
    if begins is not None:
        begins(fault, at)
    return fault
