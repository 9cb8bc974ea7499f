"""Components of a line file against the registry of kinds: parameters with units, joins, options, renamed signals.

What is wrong is reported to the source and left out; the rest becomes a `ComponentDefinition`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.field_types import as_text
from scenarios.file_error import Field, unknown
from scenarios.laws import LawReader, Stated
from scenarios.line_model import ComponentFile
from scenarios.yaml_source import Source
from sim import units
from sim.definition import ComponentDefinition, Placement
from sim.spec import Join, Kind, Parameter
from sim.text import Text

_COMMON = [info.alias or name for name, info in ComponentFile.model_fields.items()]
_SUFFIX = re.compile(r"[a-z0-9_]*")
_NUMBER = re.compile(r"_([0-9]+)$")


@dataclass(frozen=True, slots=True)
class Plant:
    """All components of the line by `station.component`, with the kind that each says."""

    kinds: Mapping[str, Kind]
    components: Mapping[str, str]


class ComponentReader:
    """Reads one component after the other; keeps nothing of them."""

    def __init__(self, source: Source, plant: Plant) -> None:
        self._source, self._plant = source, plant

    def read(self, station: str, name: str, given: ComponentFile, at: Field) -> ComponentDefinition:
        kind = self._plant.kinds.get(given.kind)
        if kind is None:
            self._source.add((*at, "kind"), unknown("kind of component", given.kind, self._plant.kinds))
            return ComponentDefinition(name, given.kind, Text(name, name))
        keys = dict(given.model_extra or {})
        parameters, lists = self._parameters(kind, keys, at)
        laws = self._laws(kind, keys, at)
        joins = self._joins(kind, keys, station, at)
        tables = self._tables(kind, keys, at)
        for key in keys:
            known = [p.name for p in kind.parameters] + [j.name for j in kind.joins] + [w.name for w in kind.laws]
            known += [t.name for t in kind.tables]
            self._source.add((*at, key), unknown(f"parameter or join of a {kind.name}", key, known + _COMMON))
        self._ports(kind, given, at)
        made = ComponentDefinition(
            name=name,
            kind=kind.name,
            title=given.title.text() if given.title else _default_title(kind, name),
            parameters=parameters | laws.parameters,
            lists=lists | laws.lists,
            laws=laws.laws,
            joins=joins,
            signals=given.signals,
            titles={port: title.text() for port, title in given.titles.items()},
            options=given.with_,
            place=_place(given),
            tables=tables,
        )
        for where, wrong in kind.check(made) if kind.check is not None else ():
            self._source.add((*at, *where), wrong)
        return made

    def _tables(self, kind: Kind, keys: dict[str, object], at: Field) -> dict[str, dict[str, list[str]]]:
        """Rows of words; what they mean is for the kind's own check to say."""
        found: dict[str, dict[str, list[str]]] = {}
        for table in kind.tables:
            given = keys.pop(table.name, {})
            if not isinstance(given, dict):
                self._source.add((*at, table.name), f"must be rows such as `{table.example}`")
                continue
            found[table.name] = {str(name): self._row(row, (*at, table.name, str(name))) for name, row in given.items()}
        return found

    def _row(self, given: object, at: Field) -> list[str]:
        if not isinstance(given, list):
            self._source.add(at, "must be a list")
            return []
        try:
            return [as_text(word) for word in given]
        except ValueError as error:
            self._source.add(at, str(error))
            return []

    def _parameters(
        self, kind: Kind, keys: dict[str, object], at: Field
    ) -> tuple[dict[str, int], dict[str, list[int]]]:
        """The values of all parameters; takes their keys out of `keys`."""
        single: dict[str, int] = {}
        lists: dict[str, list[int]] = {}
        for parameter in kind.parameters:
            given = keys.pop(parameter.name, None)
            if given is None and parameter.default is None:
                need = f"a {parameter.dimension} ({units.fitting(parameter.dimension)})"
                self._source.add((*at, parameter.name), f"is missing: {parameter.title.en}, {need}")
            elif parameter.many:
                lists[parameter.name] = self._values(parameter, given, (*at, parameter.name))
            else:
                value = self._value(parameter, parameter.default if given is None else given, (*at, parameter.name))
                if value is not None:
                    single[parameter.name] = value
        return single, lists

    def _laws(self, kind: Kind, keys: dict[str, object], at: Field) -> Stated:
        stated = Stated()
        reader = LawReader(self._source, self._value)
        for law in kind.laws:
            reader.read(law, keys.pop(law.name, None), (*at, law.name), stated)
        return stated

    def _values(self, parameter: Parameter, given: object, at: Field) -> list[int]:
        if given is None:
            given = [part for part in (parameter.default or "").split(",") if part.strip()]
        if not isinstance(given, list):
            self._source.add(at, "must be a list")
            return []
        values = [self._value(parameter, item, (*at, number)) for number, item in enumerate(given)]
        return [value for value in values if value is not None]

    def _value(self, parameter: Parameter, given: object, at: Field) -> int | None:
        if parameter.choices:
            return self._choice(parameter, given, at)
        try:
            value = units.parse(as_text(given), parameter.dimension)
        except ValueError as error:
            self._source.add(at, str(error))
            return None
        if parameter.low <= value <= parameter.high:
            return value
        word, limit = ("least", parameter.low) if value < parameter.low else ("most", parameter.high)
        limit_text = units.format(limit, parameter.dimension)
        self._source.add(at, f"{as_text(given)} is out of range: must be at {word} {limit_text}")
        return None

    def _choice(self, parameter: Parameter, given: object, at: Field) -> int | None:
        if given in parameter.choices:
            return parameter.choices.index(str(given))
        self._source.add(at, unknown(parameter.name, str(given), parameter.choices))
        return None

    def _joins(self, kind: Kind, keys: dict[str, object], station: str, at: Field) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for join in kind.joins:
            given = keys.pop(join.name, None)
            if given is None:
                if join.required:
                    self._source.add((*at, join.name), f"is missing: {join.title.en}, a {_kinds(join)}")
                continue
            items = given if join.many and isinstance(given, list) else [given]
            targets = [self._target(join, item, station, (*at, join.name)) for item in items]
            found[join.name] = [target for target in targets if target is not None]
        return found

    def _target(self, join: Join, given: object, station: str, at: Field) -> str | None:
        if not isinstance(given, str):
            self._source.add(at, f"must be the name of {'components' if join.many else 'one component'}")
            return None
        target = given if "." in given else f"{station}.{given}"
        kind = self._plant.components.get(target)
        if kind is None:
            here = [name.removeprefix(f"{station}.") for name in self._plant.components]
            self._source.add(at, unknown("component", given, here))
            return None
        if kind in self._plant.kinds and kind not in join.kinds:
            self._source.add(at, f"{given} is a {kind}, but must be a {_kinds(join)}")
            return None
        return target

    def _ports(self, kind: Kind, given: ComponentFile, at: Field) -> None:
        optional = [port.name for port in kind.ports if port.optional]
        present = [port.name for port in kind.ports if not port.optional or port.name in given.with_]
        for number, name in enumerate(given.with_):
            if name not in optional:
                self._source.add((*at, "with", number), unknown(f"optional port of a {kind.name}", name, optional))
            elif name in given.with_[:number]:
                self._source.add((*at, "with", number), f"{name} is listed twice")
        for field, names in (("signals", given.signals), ("titles", given.titles)):
            for name in names:
                if name not in present:
                    self._source.add((*at, field, name), unknown(f"port of this {kind.name}", name, present))
        for name, suffix in given.signals.items():
            if not _SUFFIX.fullmatch(suffix):
                self._source.add((*at, "signals", name), f"{suffix!r} is no suffix: small letters, digits, _")


def _kinds(join: Join) -> str:
    return " or ".join(join.kinds)


def _default_title(kind: Kind, name: str) -> Text:
    """The kind's title, numbered like the name: `ejector_2` is `Ejector 2`."""
    number = _NUMBER.search(name)
    if number is None:
        return kind.title
    return Text(f"{kind.title.zh} {number[1]}", f"{kind.title.en} {number[1]}")


def _place(given: ComponentFile) -> Placement:
    x, y, z, *_ = [*(given.at or []), 0.0, 0.0, 0.0]
    return Placement(x_m=float(x), y_m=float(y), heading_deg=float(given.heading), z_m=float(z))
