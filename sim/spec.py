"""What a kind of component says of itself: parameters with units, ports, links, disturbances.

One source for the checks of a line file, the generated reference page and the components themselves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sim.definition import ComponentDefinition
from sim.tag import DataType, Direction, Value
from sim.text import Text


@dataclass(frozen=True, slots=True)
class Parameter:
    """A physical parameter. YAML gives it with its unit (`length: 1200 mm`); inside it is an exact integer.

    `dimension` names a family in `sim/units.py` (length, speed, time, ratio, count, temperature ...), whose base unit
    is the integer's unit: fm, µm/s, ns, ppm, pieces, µK.
    """

    name: str
    dimension: str
    title: Text
    default: str | None = None  # as in YAML; None: must be given
    low: int = 0  # of the integer, both ends included
    high: int = 2**53
    many: bool = False  # a list of values
    choices: tuple[str, ...] = ()  # words instead of a quantity; the integer is the word's place among them
    fixed: bool = False  # read while the line is built (geometry): no fault and no adjustment changes it


@dataclass(frozen=True, slots=True)
class KindState:
    """A state that a component of a kind can be in; the time in each is counted (`sim/duty.py`)."""

    name: str
    title: Text


@dataclass(frozen=True, slots=True)
class Table:
    """Named rows of words that a component reads itself, as a robot its points and programs: `name: [word, word]`."""

    name: str
    title: Text
    example: str  # one row as in YAML


@dataclass(frozen=True, slots=True)
class Law:
    """A parameter that is a law of times (`sim/laws.py`): fixed, or a distribution that is drawn from.

    Its numbers are parameters `<name>.<number>` of the component: `service.mean` can be changed like any other.
    """

    name: str
    title: Text
    default: str | None = None  # a time; None: must be given, "" may be left out
    positive: bool = False  # never always nought: such arrivals would have no end within an instant


@dataclass(frozen=True, slots=True)
class LawKind:
    """One law: what it is called and which numbers it takes, each a parameter with its unit."""

    name: str
    title: Text
    numbers: tuple[Parameter, ...]


def _time(name: str, zh: str, en: str) -> Parameter:
    return Parameter(name, "time", Text(zh, en))


_MEAN, _SD = _time("mean", "均值", "mean"), _time("sd", "标准差", "standard deviation")
_LOW, _HIGH = _time("low", "下限", "least"), _time("high", "上限", "most")
_CHANCE = Parameter("chance", "ratio", Text("概率", "chance"), low=1, high=1_000_000)
_VALUES = Parameter("values", "time", Text("时间列表", "times"), many=True)
LAWS: dict[str, LawKind] = {
    law.name: law
    for law in (
        LawKind("fixed", Text("定值", "always the same"), (_MEAN,)),
        LawKind("uniform", Text("均匀分布", "uniform"), (_LOW, _HIGH)),
        LawKind("triangular", Text("三角分布", "triangular"), (_LOW, _time("mode", "众数", "most frequent"), _HIGH)),
        LawKind("normal", Text("正态分布", "normal; below nought counts as nought"), (_MEAN, _SD)),
        LawKind("exponential", Text("指数分布", "exponential"), (_MEAN,)),
        LawKind("erlang", Text("爱尔朗分布", "Erlang: a sum of equal exponential phases"), (
            _MEAN, Parameter("phases", "count", Text("阶数", "phases"), low=1, high=1000))),
        LawKind("lognormal", Text("对数正态分布", "lognormal, by mean and deviation of the time itself"), (_MEAN, _SD)),
        LawKind("geometric", Text("几何分布 (伯努利机器)", "whole slots, done after each with a chance"), (
            _time("slot", "时隙", "slot"), _CHANCE)),
        LawKind("empirical", Text("经验分布", "one of the values, as often as its weight says"), (
            _VALUES, Parameter("weights", "count", Text("权重", "weights; all equal if left out"), "", many=True))),
        LawKind("listed", Text("逐件给定", "the values in order, one for each part, then again"), (_VALUES,)),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Port:
    """A signal of a component. Its tag is `<component>_<name>`, or `<component>` where the name is empty."""

    name: str
    type: DataType
    direction: Direction
    title: Text
    unit: str = ""
    low: float | None = None
    high: float | None = None
    decimals: int = 0
    initial: Value = 0
    optional: bool = False  # there only where the line file lists it under `with`
    powered: bool = False  # see `Tag.powered`
    computed: bool = False  # see `Tag.computed`
    moves: bool = False  # see `Tag.moves`
    kept: bool = False  # see `Tag.kept`


@dataclass(frozen=True, slots=True)
class Join:
    """A connection to another component: the key in YAML and the kinds that fit."""

    name: str
    kinds: tuple[str, ...]
    title: Text
    required: bool = True
    many: bool = False


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something that happens to a component from outside: a public method that a fault may call."""

    name: str
    title: Text
    clears: str = ""  # the method that ends it


def states(*named: tuple[str, str, str]) -> tuple[KindState, ...]:
    """The states of a kind, each as (name, 中文, English); a component is born in the first."""
    return tuple(KindState(name, Text(zh, en)) for name, zh, en in named)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of component as a writer of line files sees it.

    Every kind declares `states` and what its `cycle` is; its component says `self.be(n)` when it has gone over to
    state n, and `self.cycle()` when a cycle is done (`sim/duty.py`). `tests/sim/test_duty.py` refuses one that does
    not.
    """

    name: str
    title: Text
    purpose: Text
    parameters: tuple[Parameter, ...] = ()
    ports: tuple[Port, ...] = ()
    joins: tuple[Join, ...] = ()
    disturbances: tuple[Disturbance, ...] = ()
    rank: int = field(default=0)  # order of waking among the components of one station
    laws: tuple[Law, ...] = ()
    flow: bool = False  # stands under `flow` of a line, without station, tags and PackML
    states: tuple[KindState, ...] = ()
    cycle: Text | None = None  # what counts as one
    tables: tuple[Table, ...] = ()
    check: Callable[[ComponentDefinition], Iterable[tuple[tuple[str, ...], str]]] | None = None  # keys, what is wrong

    def parameter(self, name: str) -> Parameter | None:
        """A parameter by its name, a law's number by `law.number`."""
        law, dot, number = name.partition(".")
        if dot and any(law == known.name for known in self.laws):
            return next((p for kind in LAWS.values() for p in kind.numbers if p.name == number and not p.many), None)
        return next((p for p in self.parameters if p.name == name), None)
