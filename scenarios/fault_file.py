"""Fault files: what can be broken on purpose, what a person then sees, what helps. Fires nothing.

A file describes a fault in general (`photo_eye_stuck` on any photo-eye); `resolve` aims it at one target of one line
and gives the arguments of the line's `fault` input.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scenarios.fault_model import (
    SEAMS,
    STAND_INS,
    AnyFaultFile,
    DisturbanceFaultFile,
    LinkFaultFile,
    ParameterFaultFile,
    SignalFaultFile,
    SignalTarget,
)
from scenarios.field_types import as_text
from scenarios.file_error import Field, FileError, FileErrors, unknown
from scenarios.structure import validate
from scenarios.yaml_source import Source, read
from sim import units
from sim.components import KINDS
from sim.definition import ComponentDefinition, LineDefinition
from sim.link_faults import CERTAIN_PPM
from sim.spec import Kind, Parameter
from sim.state import JsonValue
from sim.tag import INTEGER_RANGE, DataType, Tag, TagTable
from sim.tags import component_signals
from sim.text import Text

_OVERRIDES = {"signal": ("value",), "parameter": ("how", "value"), "disturbance": (), "link": ("delay", "share")}
_LINK_FIGURES = {"delay": "delay", "loss": "share", "duplicate": "share"}
_HOW = ("factor", "replace", "offset")


class FaultError(ValueError):
    """Why a fault cannot be aimed at a target, in words for the instructor."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the catalogue."""

    name: str
    layer: str
    seam: str
    title: Text
    symptom: Text
    remedy: Text
    stated: AnyFaultFile


# ---- reading -------------------------------------------------------------------------------------------------------


def load(path: Path, kinds: Mapping[str, Kind] = KINDS) -> Fault:
    """The fault that a file describes. Raises FileErrors."""
    return build(read(path), kinds)


def build(source: Source, kinds: Mapping[str, Kind] = KINDS) -> Fault:
    """Like `load`, of a file that is read already."""
    given = validate(_model(source), source, STAND_INS)
    if isinstance(given, SignalFaultFile):
        _check_signal(given, source, kinds)
    elif isinstance(given, ParameterFaultFile):
        _check_parameter(given, source, kinds)
    elif isinstance(given, DisturbanceFaultFile):
        _check_disturbance(given, source, kinds)
    else:
        _check_link(given, source)
    source.check()
    return Fault(
        given.fault, given.layer, given.seam, given.title.text(), given.symptom.text(), given.remedy.text(), given
    )


def _model(source: Source) -> type[AnyFaultFile]:
    data = source.data
    if not isinstance(data, dict):
        raise FileErrors([FileError(source.path, 1, "", "must be a mapping (key: value)")])
    seam = data.get("seam")
    model = SEAMS.get(seam) if isinstance(seam, str) else None
    if model is None:
        message = unknown("seam", str(seam), SEAMS) if "seam" in data else f"is missing: {', '.join(SEAMS)}"
        # without it the other fields cannot be told right from wrong
        source.add(("seam",), message)
        raise FileErrors(source.errors)
    return model


def _known_kind(name: str, source: Source, kinds: Mapping[str, Kind]) -> Kind | None:
    if name not in kinds:
        source.add(("target", "kind"), unknown("kind of component", name, kinds))
    return kinds.get(name)


def _check_signal(given: SignalFaultFile, source: Source, kinds: Mapping[str, Kind]) -> None:
    target = given.target
    if not isinstance(given.defaults.value, bool | int | float):
        source.add(("defaults", "value"), "must be true, false or a number")
    kind = _known_kind(target.kind, source, kinds) if target.kind is not None else None
    if target.port is None:
        return
    if target.kind is None:
        source.add(("target", "port"), "needs the kind of component that has this port")
    elif kind is not None and target.port not in (ports := [port.name for port in kind.ports]):
        source.add(("target", "port"), unknown(f"port of a {kind.name}", target.port, ports))


def _check_parameter(given: ParameterFaultFile, source: Source, kinds: Mapping[str, Kind]) -> None:
    kind = _known_kind(given.target.kind, source, kinds)
    if kind is None:
        return
    at: Field = ("defaults", "parameter")
    parameter = kind.parameter(given.defaults.parameter)
    if parameter is None:
        names = [p.name for p in kind.parameters if not p.many and not p.fixed]
        source.add(at, unknown(f"parameter of a {kind.name}", given.defaults.parameter, names))
        return
    if parameter.many:
        source.add(at, f"{parameter.name} is a list: a fault changes single values only")
    if parameter.fixed:
        source.add(at, _fixed(kind, parameter))
    try:
        _parameter_value(given.defaults.value, given.defaults.how, parameter.dimension)
    except ValueError as error:
        source.add(("defaults", "value"), str(error))


def _check_disturbance(given: DisturbanceFaultFile, source: Source, kinds: Mapping[str, Kind]) -> None:
    kind = _known_kind(given.target.kind, source, kinds)
    if kind is None:
        return
    methods = {disturbance.name: disturbance.clears for disturbance in kind.disturbances}
    method, clear = given.defaults.method, given.defaults.clear
    if method not in methods:
        source.add(("defaults", "method"), unknown(f"disturbance of a {kind.name}", method, methods))
    elif clear and clear != methods[method]:
        source.add(("defaults", "clear"), f"{method} is cleared by {methods[method] or 'nothing'}")


def _check_link(given: LinkFaultFile, source: Source) -> None:
    how, figure = given.defaults.how, _LINK_FIGURES.get(given.defaults.how)
    for name in ("delay", "share"):
        value = getattr(given.defaults, name)
        if name == figure and value is None:
            source.add(("defaults", name), f"is missing: {how} needs it")
        elif name != figure and value is not None:
            source.add(("defaults", name), f"has no meaning for {how}")
    if given.defaults.share is not None and given.defaults.share > CERTAIN_PPM:
        source.add(("defaults", "share"), "must be at most 100 %")


# ---- aiming --------------------------------------------------------------------------------------------------------


def targets(fault: Fault, line: LineDefinition, tags: TagTable, kinds: Mapping[str, Kind] = KINDS) -> list[str]:
    """All that this fault can be aimed at: tags, components or wires."""
    stated = fault.stated
    if isinstance(stated, LinkFaultFile):
        return list(stated.target.wire)
    if isinstance(stated, SignalFaultFile):
        return [tag.name for tag in _tags(stated.target, line, tags, kinds)]
    return [name for name, component in _components(line) if component.kind == stated.target.kind]


def resolve(
    fault: Fault,
    target: str,
    overrides: Mapping[str, object],
    line: LineDefinition,
    tags: TagTable,
    kinds: Mapping[str, Kind] = KINDS,
) -> dict[str, JsonValue]:
    """Arguments of the `fault` input, all but its `id`. Raises FaultError."""
    if target not in (possible := targets(fault, line, tags, kinds)):
        raise FaultError(unknown(f"target of {fault.name}", target, possible))
    for name in overrides:
        if name not in _OVERRIDES[fault.seam]:
            raise FaultError(unknown(f"setting of {fault.name}", name, _OVERRIDES[fault.seam]))
    head: dict[str, JsonValue] = {"fault": fault.name, "seam": fault.seam, "target": target}
    try:
        return head | _arguments(fault.stated, target, overrides, tags, kinds)
    except units.UnitError as error:
        raise FaultError(str(error)) from error


def _arguments(
    stated: AnyFaultFile, target: str, overrides: Mapping[str, object], tags: TagTable, kinds: Mapping[str, Kind]
) -> dict[str, JsonValue]:
    if isinstance(stated, SignalFaultFile):
        value = _signal_value(overrides.get("value", stated.defaults.value), tags.find(target))
        return {"how": stated.defaults.how, "value": value}
    if isinstance(stated, ParameterFaultFile):
        return _parameter_arguments(stated, overrides, kinds)
    if isinstance(stated, DisturbanceFaultFile):
        return {"method": stated.defaults.method, "clear": stated.defaults.clear, "args": {}}
    return _link_arguments(stated, overrides)


def _link_arguments(stated: LinkFaultFile, overrides: Mapping[str, object]) -> dict[str, JsonValue]:
    how = stated.defaults.how
    figure = _LINK_FIGURES.get(how)
    for name in overrides:
        if name != figure:
            raise FaultError(f"{name} has no meaning for {stated.fault}, which is {how}")
    if figure == "delay":
        delay_ns = _positive(overrides, "delay", stated.defaults.delay, "time")
        return {"delay_ms": -(-delay_ns // 1_000_000)}
    if figure is None:
        return {"how": how}
    share = _positive(overrides, "share", stated.defaults.share, "ratio")
    if share > CERTAIN_PPM:
        raise FaultError("the share must be at most 100 %")
    return {"how": how, "share_ppm": share}


def _positive(overrides: Mapping[str, object], name: str, stated: int | None, dimension: str) -> int:
    """A figure of a link fault: as the file states it, in base units, or as somebody wrote it now, with its unit."""
    value = units.parse(_text(overrides[name]), dimension) if name in overrides else stated or 0
    if value <= 0:
        raise FaultError(f"the {name} must be more than 0")
    return value


def _parameter_arguments(
    stated: ParameterFaultFile, overrides: Mapping[str, object], kinds: Mapping[str, Kind]
) -> dict[str, JsonValue]:
    how = overrides.get("how", stated.defaults.how)
    if how not in _HOW:
        raise FaultError(unknown("way to change a parameter", str(how), _HOW))
    parameter = kinds[stated.target.kind].parameter(stated.defaults.parameter)
    if parameter is None:
        raise FaultError(f"a {stated.target.kind} has no parameter {stated.defaults.parameter}")
    if parameter.fixed:
        raise FaultError(_fixed(kinds[stated.target.kind], parameter))
    value = _parameter_value(overrides.get("value", stated.defaults.value), str(how), parameter.dimension)
    return {"parameter": parameter.name, "how": str(how), "value": value}


def _fixed(kind: Kind, parameter: Parameter) -> str:
    return f"{parameter.name} of a {kind.name} is fixed: the line is built with it; change it in the line file"


def _parameter_value(given: object, how: str, dimension: str) -> int:
    return units.parse(_text(given), "ratio" if how == "factor" else dimension)


def _text(given: object) -> str:
    try:
        return as_text(given)
    except ValueError as error:
        raise FaultError(str(error)) from error


def _signal_value(given: object, tag: Tag | None) -> bool | int | float:
    """The value that the tag is stuck at, in its own type. `Tag.accept` cannot be asked: it refuses all inputs."""
    if tag is None or not isinstance(given, bool | int | float):
        raise FaultError(f"{str(given)[:40]!r} is neither true, false nor a number")
    if tag.type is DataType.BOOL or isinstance(given, bool):
        if tag.type is DataType.BOOL and isinstance(given, bool):
            return given
        need = "true or false" if tag.type is DataType.BOOL else "a number"
        raise FaultError(f"{tag.name} is {tag.type}: must be {need}")
    if not math.isfinite(given):
        raise FaultError(f"{given} is no number")
    limits = INTEGER_RANGE.get(tag.type)
    if limits is None:
        return float(given)
    if given != int(given) or not limits[0] <= given <= limits[1]:
        raise FaultError(f"{tag.name} is {tag.type}: must be a whole number from {limits[0]} to {limits[1]}")
    return int(given)


def _components(line: LineDefinition) -> Iterator[tuple[str, ComponentDefinition]]:
    for station in line.stations:
        for component in station.components:
            yield f"{station.name}.{component.name}", component


def _tags(target: SignalTarget, line: LineDefinition, tags: TagTable, kinds: Mapping[str, Kind]) -> list[Tag]:
    """The inputs and outputs that a signal fault fits: status and parameters have no card that could break."""
    of_kind: dict[str, str] | None = None
    if target.kind is not None:
        of_kind = {
            f"{name.partition('.')[0]}.{signal}": port.name
            for name, component in _components(line)
            if component.kind == target.kind
            for port, signal, _ in component_signals(component, kinds[component.kind])
        }
    return [tag for tag in tags if _fits(tag, target, of_kind)]


def _fits(tag: Tag, target: SignalTarget, of_kind: Mapping[str, str] | None) -> bool:
    if tag.direction not in ("input", "output"):
        return False
    if of_kind is not None and (tag.name not in of_kind or target.port not in (None, of_kind[tag.name])):
        return False
    return target.type in (None, tag.type) and target.direction in (None, tag.direction)
