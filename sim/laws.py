"""Laws of times: what a component draws its service, repair or arrival times from. One table of small handlers.

Every draw of a law takes a fixed count of random words, so that the n-th part draws the same words whatever the numbers
of the law: two settings of a line compared with equal seeds differ by the settings alone. Times are whole nanoseconds.
"""

from collections.abc import Callable
from math import sqrt

from sim.component import MILLION, Component
from sim.elementary import exp, log, normal_quantile
from sim.spec import LAWS
from sim.stream import Stream


class Times:
    """The times of one law of a component. Holds no state: the stream counts what was drawn."""

    __slots__ = ("_draw", "_effective", "_keys", "_plant", "_stream", "values", "weights")

    def __init__(self, owner: Component, name: str) -> None:
        law = owner.definition.laws[name]
        self._draw, self._plant, self._effective = _DRAWS[law], owner.plant, owner.p
        self._stream = f"{owner.name}.{name}"
        self._keys = {number.name: f"{name}.{number.name}" for number in LAWS[law].numbers}
        self.values = owner.definition.lists.get(f"{name}.values", [])
        self.weights = owner.definition.lists.get(f"{name}.weights", []) or [1] * len(self.values)

    def number(self, name: str) -> int:
        """An effective number of the law: faults and adjustments may have changed it."""
        return self._effective[self._keys[name]]

    @property
    def stream(self) -> Stream:
        """Asked for at every draw: a restored line has other streams."""
        return self._plant.streams.get(self._stream) or self._plant.stream(self._stream)

    def draw(self) -> int:
        """The next time, in nanoseconds."""
        return self._draw(self)


def _fixed(times: Times) -> int:
    return times.number("mean")


def _uniform(times: Times) -> int:
    low, high = times.number("low"), times.number("high")
    return int(low + (high - low) * times.stream.uniform() + 0.5)


def _triangular(times: Times) -> int:
    low, mode, high = (times.number(n) for n in ("low", "mode", "high"))
    u, width = times.stream.uniform(), high - low
    if u * width < mode - low:
        return int(low + sqrt(u * width * (mode - low)) + 0.5)
    return int(high - sqrt((1.0 - u) * width * (high - mode)) + 0.5)


def _normal(times: Times) -> int:
    drawn = times.number("mean") + times.number("sd") * normal_quantile(times.stream.uniform())
    return int(drawn + 0.5) if drawn > 0.0 else 0


def _exponential(times: Times) -> int:
    return int(-times.number("mean") * log(times.stream.uniform()) + 0.5)


def _erlang(times: Times) -> int:
    """One logarithm of a product: with up to 16 phases it cannot leave the range of a double."""
    phases, stream, total, product = times.number("phases"), times.stream, 0.0, 1.0
    for n in range(phases):
        product *= stream.uniform()
        if n & 15 == 15:
            total, product = total + log(product), 1.0
    return int(-times.number("mean") / phases * (total + log(product)) + 0.5)


def _lognormal(times: Times) -> int:
    mean, sd = times.number("mean"), times.number("sd")
    deviate = normal_quantile(times.stream.uniform())
    if not mean:
        return 0
    share = sd / mean
    variance = log(1.0 + share * share)
    return int(mean * exp(sqrt(variance) * deviate - variance / 2) + 0.5)


def _geometric(times: Times) -> int:
    """Slots until done: the exponential's whole part has this law."""
    chance, u = times.number("chance"), times.stream.uniform()
    slots = 1 if chance >= MILLION else 1 + int(log(u) / log(1.0 - chance / MILLION))
    return slots * times.number("slot")


def _empirical(times: Times) -> int:
    return times.values[times.stream.pick(times.weights)]


def _listed(times: Times) -> int:
    """In order: the stream counts as if it had drawn a word for each."""
    stream = times.stream
    stream.drawn += 1
    return times.values[(stream.drawn - 1) % len(times.values)]


_DRAWS: dict[str, Callable[[Times], int]] = {
    "fixed": _fixed,
    "uniform": _uniform,
    "triangular": _triangular,
    "normal": _normal,
    "exponential": _exponential,
    "erlang": _erlang,
    "lognormal": _lognormal,
    "geometric": _geometric,
    "empirical": _empirical,
    "listed": _listed,
}
