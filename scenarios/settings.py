"""A setting of one parameter of a line, as text: `m1.service.mean=9 s`. Makes another definition; runs nothing."""

from dataclasses import replace
from pathlib import Path

from scenarios.connections import check_connections
from scenarios.file_error import unknown
from scenarios.places import check_places
from scenarios.yaml_source import Source
from sim import units
from sim.components import KINDS
from sim.definition import ComponentDefinition, LineDefinition
from sim.flow import FLOW
from sim.spec import Parameter


class SettingError(ValueError):
    """Why a setting cannot be made, in words for the person who gave it."""


def changed(definition: LineDefinition, setting: str) -> LineDefinition:
    """With that setting: `component.parameter=value` under `flow`, `station.component.parameter=value` else."""
    target, equals, text = setting.partition("=")
    if not equals:
        raise SettingError(f"{setting!r} is no setting: component.parameter=value")
    names = target.strip().split(".")
    known = _components(definition)
    name = next((n for n in (".".join(names[:2]), f"{FLOW}.{names[0]}") if n in known), None)
    if name is None:
        stations = {station.name for station in definition.stations}
        given = ".".join(names[:2]) if names[0] in stations else names[0]
        raise SettingError(unknown("component", given, [n.removeprefix(f"{FLOW}.") for n in known]))
    parameter = target.strip().removeprefix(f"{FLOW}.").removeprefix(f"{name.removeprefix(f'{FLOW}.')}.")
    found = _replaced(definition, name, _set(known[name], parameter, text.strip()))
    source = Source(Path("--set"))  # what a file with this value would be refused for
    check_places(source, found.stations, found.part)
    check_connections(source, found.stations)
    if source.errors:
        raise SettingError("; ".join(f"{error.field}: {error.message}" for error in source.errors))
    return found


def _components(definition: LineDefinition) -> dict[str, ComponentDefinition]:
    found = {f"{s.name}.{c.name}": c for s in definition.stations for c in s.components}
    return found | {f"{FLOW}.{c.name}": c for c in definition.flow}


def _set(given: ComponentDefinition, parameter: str, text: str) -> ComponentDefinition:
    kind = KINDS[given.kind]
    if parameter in given.laws and given.laws[parameter] == "fixed":
        parameter += ".mean"  # `m1.service=9 s`, as in the file
    spec = kind.parameter(parameter)
    if spec is None or parameter not in given.parameters:
        raise SettingError(unknown(f"parameter of {given.name}", parameter, given.parameters))
    return replace(given, parameters={**given.parameters, parameter: _value(spec, text)})


def _value(spec: Parameter, text: str) -> int:
    if spec.choices:
        if text not in spec.choices:
            raise SettingError(unknown(spec.name, text, spec.choices))
        return spec.choices.index(text)
    try:
        value = units.parse(text, spec.dimension)
    except units.UnitError as error:
        raise SettingError(str(error)) from error
    if not spec.low <= value <= spec.high:
        low, high = (units.format(limit, spec.dimension) for limit in (spec.low, spec.high))
        raise SettingError(f"{text} is out of range: {low} to {high}")
    return value


def _replaced(definition: LineDefinition, name: str, component: ComponentDefinition) -> LineDefinition:
    def swap(station: str, given: list[ComponentDefinition]) -> list[ComponentDefinition]:
        return [component if f"{station}.{c.name}" == name else c for c in given]

    stations = [replace(s, components=swap(s.name, s.components)) for s in definition.stations]
    return replace(definition, stations=stations, flow=swap(FLOW, definition.flow))
