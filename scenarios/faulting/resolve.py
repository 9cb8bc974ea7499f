"""Aiming a fault at one target of one line: what it can be aimed at, and the arguments of the line's `fault` input."""

from collections.abc import Mapping

from scenarios.faulting import effects, select, values
from scenarios.faulting.condition import complaints
from scenarios.faulting.effects import Aim, Args
from scenarios.faulting.fault import Fault, FaultError, Figure
from scenarios.faulting.hows import ON_TAG, Key
from scenarios.faulting.model import RANDOM, RepairFile
from scenarios.faulting.select import Site
from scenarios.faulting.values import Given
from scenarios.file_error import unknown
from sim import units
from sim.components import KINDS
from sim.definition import LineDefinition
from sim.link_faults import WIRES
from sim.spec import Kind
from sim.state import JsonValue
from sim.tag import TagTable
from sim.tags import LINE

_LEAST_NS, _MOST_NS = 1_000_000, 30 * 24 * 3600 * 10**9
_WORDS = ("until_repaired", "once")


def targets(fault: Fault, line: LineDefinition, tags: TagTable, kinds: Mapping[str, Kind] = KINDS) -> list[str]:
    """All that this fault can be aimed at: tags, components, wires, stations or the line."""
    site = Site(line, tags, kinds)
    return [target for target in select.candidates(fault.stated.target, site) if _possible(fault, target, site)]


def _possible(fault: Fault, target: str, site: Site) -> bool:
    try:
        _resolved(fault, target, {}, site, None)
    except FaultError:
        return False
    return True


def resolve(
    fault: Fault,
    target: str,
    own: Mapping[str, object],
    line: LineDefinition,
    tags: TagTable,
    kinds: Mapping[str, Kind] = KINDS,
    duration: str | None = None,
) -> dict[str, JsonValue]:
    """Arguments of the `fault` input, all but its `id`; `own` are figures of the fault. Raises FaultError."""
    return resolve_at(fault, target, own, Site(line, tags, kinds), duration)


def resolve_at(
    fault: Fault, target: str, own: Mapping[str, object], site: Site, duration: str | None = None
) -> dict[str, JsonValue]:
    """Like `resolve`, where many faults are aimed at one line."""
    possible = list(select.candidates(fault.stated.target, site))
    if target not in possible:
        raise FaultError(f"{unknown(f'target of {fault.name}', target, possible)}{_why(fault, target, site)}")
    return _resolved(fault, target, own, site, duration)


def _why(fault: Fault, target: str, site: Site) -> str:
    """What the target is, where it is something else than the fault is for."""
    component = site.components.get(target)
    wanted = fault.stated.target.kind
    if component is not None and wanted is not None and component.kind not in wanted:
        return f"; {target} is a {component.kind}, and the fault is of a {' or '.join(wanted)}"
    return ""


def _resolved(
    fault: Fault, target: str, own: Mapping[str, object], site: Site, duration: str | None
) -> dict[str, JsonValue]:
    figures = _figures(fault, own)
    words = {**effects.words_at(site, target), **figures}
    aim = Aim(site, target, {**words, **{name: _given(value, words) for name, value in figures.items()}})
    made = [args for effect in fault.stated.effects for args in effects.resolve(effect, aim)]
    if not made:
        raise FaultError(f"{fault.name} has nothing to do at {target}")
    found: Args = {
        "fault": fault.name,
        "target": target,
        "effects": [*made],
        "duration": _duration(fault.stated.duration if duration is None else duration, aim),
        "repair": [_repair(row, aim) for row in fault.stated.repair if row.operation is not None],
    }
    conditions = [_condition(row.when, aim) for row in fault.stated.repair if row.when is not None]
    if conditions:
        found["ends_when"] = " or ".join(f"({text})" for text in conditions) if conditions[1:] else conditions[0]
    if fault.findings:
        found["findings"] = {name: {"zh": text.zh, "en": text.en} for name, text in fault.findings.items()}
    return found


def _given(value: Given, words: Mapping[str, Given]) -> Given:
    """A default such as $next or $initial stands for what it is at this target."""
    return words.get(value[1:], value) if isinstance(value, str) and value.startswith("$") else value


# ---- figures --------------------------------------------------------------------------------------------------------


def _figures(fault: Fault, own: Mapping[str, object]) -> dict[str, Given]:
    for name in own:
        if name not in fault.figures:
            if not fault.figures:
                raise FaultError(f"no such setting of {fault.name} {str(name)[:60]!r}; it has none", ("with", name))
            raise FaultError(unknown(f"setting of {fault.name}", name, fault.figures), ("with", name))
    found = {name: figure.default for name, figure in fault.figures.items()}
    return found | {name: _set(fault.figures[name], value) for name, value in own.items()}


def _set(figure: Figure, given: object) -> Given:
    """A figure as somebody sets it. Raises FaultError where it is out of its range."""
    try:
        problem = outside(figure, given)
    except ValueError as error:
        raise FaultError(f"{figure.name}: {error}", ("with", figure.name)) from error
    if problem:
        raise FaultError(f"{figure.name}: {problem}", ("with", figure.name))
    return given if isinstance(given, bool | int | float | str) else str(given)


def outside(figure: Figure, given: object) -> str:
    """Why a value is not one that this figure may have; nothing where it may. Raises ValueError for no value."""
    if figure.choices:
        same = [choice for choice in figure.choices if choice == given and type(choice) is type(given)]
        return "" if same else unknown("choice", str(given), [str(choice) for choice in figure.choices])
    key = Key(figure.name, figure.dimension, figure.title)
    values.check(given, key)
    form, value = _size(given, key)
    for limit, below in ((figure.low, True), (figure.high, False)):
        if limit is None:
            continue
        limit_form, end = _size(limit, key)
        if limit_form != form:
            return f"{given} must be given as its limit is: {limit}"
        if (value < end) if below else (value > end):
            return f"{given} is {'less' if below else 'more'} than {limit}"
    return ""


def _size(given: object, key: Key) -> tuple[str, float]:
    if key.dimension in ON_TAG:
        return values.amount(given)
    value = values.read(given, key)
    return "", 0.0 if isinstance(value, str) else float(value)


# ---- how it ends ----------------------------------------------------------------------------------------------------


def _duration(given: str, aim: Aim) -> Args:
    by_chance = given.startswith(RANDOM)
    text = aim.text(given.removeprefix(RANDOM))
    if not by_chance and text in _WORDS:
        return {"kind": text}
    try:
        time_ns = units.parse(text, "time")
    except units.UnitError as error:
        raise FaultError(f"duration: {error}, or {' or '.join(_WORDS)}", ("duration",)) from error
    if not _LEAST_NS <= time_ns <= _MOST_NS:
        raise FaultError(f"duration: {text} must be from 1 ms to 30 days", ("duration",))
    return {"kind": "random", "mean_ns": time_ns} if by_chance else {"kind": "time", "ns": time_ns}


def _repair(row: RepairFile, aim: Aim) -> Args:
    target = aim.text(row.target) if row.target else repaired_at(aim)
    known = [*aim.site.components, *WIRES, *aim.site.stations, LINE]
    if target not in known:
        raise FaultError(f"repair: {unknown('component, station or wire', target, known)}")
    return {"target": target, "operation": str(row.operation)}


def repaired_at(aim: Aim) -> str:
    """What maintenance works on: the component that a signal belongs to, else the target or its station."""
    component = aim.words.get("component")
    if component is not None:
        return str(component)
    return aim.target if "." not in aim.target else str(aim.words["station"])


def _condition(text: str, aim: Aim) -> str:
    filled = aim.text(text)
    said = complaints(filled, aim.site.tags)
    if said:
        raise FaultError(f"repair: {'; '.join(said)}")
    return filled
