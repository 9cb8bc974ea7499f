"""Laws of times in a line file: `service: 10 s`, or `service: {law: exponential, mean: 10 s}`, and their meaning."""

import difflib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scenarios.file_error import Field, unknown
from scenarios.yaml_source import Source
from sim import units
from sim.spec import LAWS, Law, LawKind, Parameter


@dataclass(slots=True)
class Stated:
    """What the laws of one component say, as a component definition keeps it."""

    laws: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, int] = field(default_factory=dict)
    lists: dict[str, list[int]] = field(default_factory=dict)


Read = Callable[[Parameter, object, Field], int | None]  # a quantity within its limits, or None and an error said


class LawReader:
    """Reads one law after the other; keeps nothing but what to read a quantity with."""

    def __init__(self, source: Source, value: Read) -> None:
        self._source, self._value = source, value

    def read(self, law: Law, given: object, at: Field, into: Stated) -> None:
        if given is None:
            if law.default is None:
                names = ", ".join(LAWS)
                self._source.add(at, f"is missing: {law.title.en}, a time or {{law: …}} with one of {names}")
            given = law.default
        if given in (None, ""):
            return
        if not isinstance(given, dict):
            given = {"law": "fixed", "mean": given}
            places = {"mean": at}
        else:
            places = {}
        kind = self._kind(given, at)
        if kind is None:
            return
        found = Stated()
        count = len(self._source.errors)
        for number in kind.numbers:
            self._number(number, given, places.get(number.name, (*at, number.name)), found)
        for key in given:
            if key not in ("law", *(number.name for number in kind.numbers)):
                known = [number.name for number in kind.numbers]
                self._source.add((*at, str(key)), unknown(f"number of the law {kind.name}", str(key), known))
        if len(self._source.errors) > count:
            return
        wrong = _meaning(kind.name, found, law.positive)
        if wrong:
            self._source.add(at, wrong)
            return
        into.laws[law.name] = kind.name
        into.parameters |= {f"{law.name}.{n}": v for n, v in found.parameters.items()}
        into.lists |= {f"{law.name}.{n}": v for n, v in found.lists.items()}

    def _kind(self, given: Mapping[str, object], at: Field) -> LawKind | None:
        name = given.get("law")
        if isinstance(name, str) and name in LAWS:
            return LAWS[name]
        if name is None:
            self._source.add((*at, "law"), f"is missing: {', '.join(LAWS)}")
        elif difflib.get_close_matches(str(name), LAWS, cutoff=0.6):
            self._source.add((*at, "law"), unknown("law", str(name), LAWS))
        else:
            self._source.add((*at, "law"), f"no such law {str(name)[:60]!r}; there are {', '.join(LAWS)}")
        return None

    def _number(self, number: Parameter, given: Mapping[str, object], at: Field, into: Stated) -> None:
        stated = given.get(number.name)
        if stated is None:
            if number.default is None:
                self._source.add(at, f"is missing: {number.title.en}, a {number.dimension}")
            return
        if not number.many:
            value = self._value(number, stated, at)
            if value is not None:
                into.parameters[number.name] = value
            return
        if not isinstance(stated, list):
            self._source.add(at, "must be a list")
            return
        values = [self._value(number, item, (*at, place)) for place, item in enumerate(stated)]
        into.lists[number.name] = [value for value in values if value is not None]


def _meaning(name: str, found: Stated, positive: bool) -> str:
    """What is wrong with numbers that are each good, "" if nothing."""
    numbers, lists = found.parameters, found.lists
    wrong = _CHECKS[name](numbers, lists) if name in _CHECKS else ""
    if not wrong and positive and not any(_largest(numbers, lists)):
        return "would always be nought"
    return wrong


def _largest(numbers: Mapping[str, int], lists: Mapping[str, list[int]]) -> list[int]:
    return [numbers[n] for n in ("mean", "high", "slot") if n in numbers] + lists.get("values", [])


def _ordered(numbers: Mapping[str, int], _: Mapping[str, list[int]]) -> str:
    shown = [(n, numbers[n]) for n in ("low", "mode", "high") if n in numbers]
    for (name, less), (other, more) in itertools.pairwise(shown):
        if less > more:
            return f"{name} {units.format(less, 'time')} is above {other} {units.format(more, 'time')}"
    return ""


def _normal(numbers: Mapping[str, int], _: Mapping[str, list[int]]) -> str:
    if 3 * numbers["sd"] > numbers["mean"]:
        return "sd is above a third of the mean: times would fall below nought; take lognormal or erlang"
    return ""


def _lognormal(numbers: Mapping[str, int], _: Mapping[str, list[int]]) -> str:
    return "sd is above ten times the mean" if numbers["sd"] > 10 * numbers["mean"] else ""


def _values(_: Mapping[str, int], lists: Mapping[str, list[int]]) -> str:
    values, weights = lists.get("values", []), lists.get("weights", [])
    if not values:
        return "values are empty"
    if weights and len(weights) != len(values):
        return f"{len(values)} values, but {len(weights)} weights"
    if weights and not any(weights):
        return "no weight is above 0"
    return ""


_CHECKS: Mapping[str, Callable[[Mapping[str, int], Mapping[str, list[int]]], str]] = {
    "uniform": _ordered,
    "triangular": _ordered,
    "normal": _normal,
    "lognormal": _lognormal,
    "empirical": _values,
    "listed": _values,
}
