"""What is wrong with the link of one wire: data that faults make and that endpoints obey. Knows no protocol.

One row per way in which a link can be wrong (`how`): which wires it fits, and its figures with unit and range. A
row says into which field of `LinkState` each figure goes and which of two values is the worse one; what the endpoints
do with a field is said in docs/reference/link-faults.md.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

from sim.refusal import Refusal
from sim.state import JsonValue

WIRES = ("modbus", "opcua", "mqtt")
MOST_DELAY_MS = 3_600_000  # an hour: longer is no wire any more, and answers pile up
MOST_OFFSET_MS = 366 * 86_400_000  # a clock that is a year wrong shows all that a wrong clock can show
CERTAIN_PPM = 1_000_000
NO_LIMIT = 1_000_000  # connections or sessions: more than any bench has

Level = int | str  # of a figure: a number in the figure's unit, or one of its words


@dataclass(frozen=True, slots=True)
class LinkState:
    """The worst of all link faults of a wire; as it is made, all is well."""

    # messages, on every wire
    delay_ms: int = 0  # every answer and every message to a client is late by so much
    down: bool = False  # connections are cut, new ones refused
    silent: bool = False  # connections stay, nothing comes through: a pulled cable
    loss_ppm: int = 0  # share of the messages that get lost
    duplicate_ppm: int = 0  # share of the messages that come twice
    stale: bool = False  # what the wire keeps for later readers (MQTT: retained messages) is not renewed
    jitter_ms: int = 0  # each message is later by up to so much more
    loss_burst: int = 1  # messages that get lost one after the other
    reorder_ppm: int = 0  # share of the messages that come after the one behind them

    # connections, on every wire
    filtered: bool = False  # who wants to connect gets no answer: a packet filter that drops
    reset_ms: int = 0  # mean time between two resets of all connections; 0: none
    most_connections: int = NO_LIMIT
    dead_connections: int = 0  # places taken by peers that are gone without a word
    busy_ppm: int = 0  # share of the new connections that are turned away by an overloaded server
    restarting: bool = False  # the device boots: as `down`, and afterwards it remembers nobody
    clock_ms: int = 0  # the device's clock is ahead by so much
    scan_per_s: int = 0  # requests of somebody who tries out all addresses

    # Modbus
    exception: int = 0  # code that requests are answered with; 0: none
    exception_ppm: int = 0  # share of the requests that are
    exception_burst: int = 1  # requests that are, one after the other
    unit: int = 0  # the only unit identifier that is answered; 0: every one
    unit_gateway: int = 0  # others: 0 hear nothing, 1 hear a gateway (0Bh)
    shift: int = 0  # registers and bits stand so many addresses higher
    word_order: str = ""  # the order of words and bytes in which numbers are said; empty: that of the map
    second_device: bool = False  # another device has the same address: every other connection is its

    # OPC UA
    certificate: str = ""  # the server shows another certificate: `expired`, `changed`
    distrust: bool = False  # the server trusts no client's certificate any more
    namespace: int = 0  # the line's namespaces stand so many indexes higher
    queue_size: int = 0  # the largest queue that a monitored item gets; 0: as wanted
    sampling_ms: int = 0  # the fastest sampling that a monitored item gets
    most_sessions: int = NO_LIMIT
    anonymous: bool = False  # who does not log in may do what a trainee may

    # MQTT
    takeover_ms: int = 0  # mean time between two log-ins of somebody else under a client's identifier; 0: none
    denied: str = ""  # the right that is gone: `login`, `password`, `publish`, `subscribe`
    schema: str = ""  # the payload is built in another way: `renamed`, `nested`, `text`
    alias: int = 0  # Sparkplug: aliases moved by so much, and no birth said it
    late_death_ms: int = 0  # Sparkplug: mean time between two late deaths with an old bdSeq; 0: none


WELL = LinkState()


def _farthest(one: Level, other: Level) -> Level:
    return max(one, other, key=lambda level: abs(int(level)))


def _latest(_: Level, other: Level) -> Level:
    return other


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a way: whole numbers from `low` to `high` in `unit`, or one of `words`."""

    name: str
    field: str  # of `LinkState`
    unit: str = ""  # ms, ppm, 1/s; empty: a plain number
    low: int = 1
    high: int = CERTAIN_PPM
    default: Level | None = None  # None: it has to be said
    words: tuple[str, ...] = ()
    worst: Callable[..., Level] = max

    def fits(self, level: JsonValue) -> bool:
        if self.words:
            return level in self.words
        return isinstance(level, int) and not isinstance(level, bool) and self.low <= level <= self.high


@dataclass(frozen=True, slots=True)
class How:
    """One way in which the link of these wires can be wrong: its figures, else the one flag that it sets."""

    wires: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    flag: str = ""

    def levels(self, effect: Mapping[str, JsonValue]) -> dict[str, Level]:
        """What an effect says, by field, with the defaults of what it does not say."""
        said: dict[str, Level] = {self.flag: True} if self.flag else {}
        for figure in self.figures:
            level = effect.get(figure.name, figure.default)
            if isinstance(level, int | str):
                said[figure.field] = level
        return said


def _share(field: str, default: int | None = None) -> Figure:
    return Figure("share_ppm", field, "ppm", default=default)


def _burst(field: str) -> Figure:
    return Figure("burst", field, high=1000, default=1)


def _every(field: str) -> Figure:
    return Figure("every_ms", field, "ms", 100, 86_400_000, worst=min)


def _most(field: str) -> Figure:
    return Figure("most", field, low=0, high=1000, worst=min)


_ORDERS = ("ABCD", "BADC", "CDAB", "DCBA")
_MESSAGES = ("modbus", "mqtt")  # whose messages stand for themselves; those of OPC UA are one numbered stream

LINK_HOWS: Mapping[str, How] = {
    "delay": How(WIRES, (Figure("delay_ms", "delay_ms", "ms", 0, MOST_DELAY_MS),)),
    "jitter": How(WIRES, (Figure("jitter_ms", "jitter_ms", "ms", 1, MOST_DELAY_MS),)),
    "down": How(WIRES, flag="down"),
    "silent": How(WIRES, flag="silent"),
    "loss": How(WIRES, (_share("loss_ppm"), _burst("loss_burst"))),
    "duplicate": How(_MESSAGES, (_share("duplicate_ppm"),)),
    "reorder": How(_MESSAGES, (_share("reorder_ppm"),)),
    "filtered": How(WIRES, flag="filtered"),
    "reset": How(WIRES, (_every("reset_ms"),)),
    "connections": How(WIRES, (_most("most_connections"),)),
    "half_open": How(WIRES, (Figure("dead", "dead_connections", high=1000),)),
    "busy": How(WIRES, (_share("busy_ppm"),)),
    "restart": How(WIRES, flag="restarting"),
    "clock": How(WIRES, (Figure("offset_ms", "clock_ms", "ms", -MOST_OFFSET_MS, MOST_OFFSET_MS, worst=_farthest),)),
    "scan": How(("modbus", "opcua"), (Figure("per_s", "scan_per_s", "1/s", high=200),)),
    "exception": How(
        ("modbus",),
        (
            Figure("code", "exception", high=11, worst=_latest),  # 1 to 11 are the codes of the specification
            _share("exception_ppm", CERTAIN_PPM),
            _burst("exception_burst"),
        ),
    ),
    "unit": How(
        ("modbus",),
        (
            Figure("number", "unit", high=247, worst=_latest),
            Figure("gateway", "unit_gateway", low=0, high=1, default=0),
        ),
    ),
    "shift": How(("modbus",), (Figure("by", "shift", low=-1000, high=1000, worst=_farthest),)),
    "word_order": How(("modbus",), (Figure("order", "word_order", words=_ORDERS, worst=_latest),)),
    "second_device": How(("modbus",), flag="second_device"),
    "certificate": How(("opcua",), (Figure("kind", "certificate", words=("expired", "changed"), worst=_latest),)),
    "distrust": How(("opcua",), flag="distrust"),
    "namespace": How(("opcua",), (Figure("by", "namespace", high=8),)),
    "queue": How(
        ("opcua",),
        (
            Figure("size", "queue_size", high=1000, default=1, worst=min),
            Figure("sampling_ms", "sampling_ms", "ms", low=0, high=60_000, default=0),
        ),
    ),
    "sessions": How(("opcua",), (_most("most_sessions"),)),
    "anonymous": How(("opcua", "mqtt"), flag="anonymous"),
    "stale": How(("mqtt",), flag="stale"),
    "takeover": How(("mqtt",), (_every("takeover_ms"),)),
    "denied": How(
        ("mqtt",), (Figure("right", "denied", words=("login", "password", "publish", "subscribe"), worst=_latest),)
    ),
    "schema": How(("mqtt",), (Figure("form", "schema", words=("renamed", "nested", "text"), worst=_latest),)),
    "alias": How(("mqtt",), (Figure("by", "alias", high=100_000, worst=_latest),)),
    "late_death": How(("mqtt",), (_every("late_death_ms"),)),
}


def link_state(wire: str, effects: Iterable[Mapping[str, JsonValue]]) -> LinkState:
    """What the active effects make of a wire, in the order in which they began; those of other seams are passed over.

    Make it when an effect begins or ends and keep it: endpoints ask for every message.
    """
    mine = [effect for effect in effects if effect.get("seam") == "link" and link_wire(effect) == wire]
    return reduce(_worsened, mine, WELL)


def _worsened(state: LinkState, effect: Mapping[str, JsonValue]) -> LinkState:
    how = LINK_HOWS[link_how(effect)]
    worst = {figure.field: figure.worst for figure in how.figures}
    levels: dict[str, Level] = {}
    for field, level in how.levels(effect).items():
        present = getattr(state, field)
        levels[field] = worst[field](present, level) if field in worst and present != getattr(WELL, field) else level
    return replace(state, **levels)  # type: ignore[arg-type]  # the table names the fields; a test proves their types


def link_how(effect: Mapping[str, JsonValue]) -> str:
    """Which way a link fault goes; where it is not said, lateness."""
    how = effect.get("how", "delay")
    return how if isinstance(how, str) else ""


def link_wire(effect: Mapping[str, JsonValue]) -> str:
    """The wire that an effect is about."""
    wire = effect.get("wire", effect.get("target"))
    return wire if isinstance(wire, str) else ""


def check_link(effect: Mapping[str, JsonValue]) -> Refusal | None:
    """Why this effect cannot be: no such way on this wire, or a figure that is missing or out of its range."""
    how = LINK_HOWS.get(link_how(effect))
    if how is None or link_wire(effect) not in how.wires:
        return Refusal.UNKNOWN
    return None if all(f.fits(effect.get(f.name, f.default)) for f in how.figures) else Refusal.RANGE


def valid_link(effect: Mapping[str, JsonValue]) -> bool:
    """True where an effect can be."""
    return check_link(effect) is None
