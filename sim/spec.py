"""What a kind of component says of itself: parameters with units, ports, links, disturbances.

One source for the checks of a line file, the generated reference page and the components themselves.
"""

from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of component as a writer of line files sees it."""

    name: str
    title: Text
    purpose: Text
    parameters: tuple[Parameter, ...] = ()
    ports: tuple[Port, ...] = ()
    joins: tuple[Join, ...] = ()
    disturbances: tuple[Disturbance, ...] = ()
    rank: int = field(default=0)  # order of waking among the components of one station

    def parameter(self, name: str) -> Parameter | None:
        return next((p for p in self.parameters if p.name == name), None)
