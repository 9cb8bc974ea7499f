"""`linelab run LINE --scenario X`: what a scenario costs, against the healthy run. And the lists of what there is."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.content import catalogue, load_line
from api.cli.say import Mistake, out, say, table

if TYPE_CHECKING:
    from controller.effect import Effect, Tell
    from scenarios.timeline import Scenario
    from sim.report import Oee

UNKNOWN = "-"
_OEE = (("availability", "availability"), ("effectiveness", "effectiveness"), ("quality", "quality"), ("OEE", "oee"))


def load_scenario(name: str, line: str) -> "Scenario":
    """A scenario by name or path, for this line; every mistake of the file is said at once."""
    from scenarios.file_error import FileErrors

    try:
        found = catalogue().load_scenario(name)
    except FileErrors as errors:
        raise Mistake(str(errors)) from errors
    if load_line(line).name != found.line:
        raise Mistake(f"--scenario {name}: is for the line {found.line}: linelab run {found.line} --scenario {name}")
    return found


def run_effect(scenario: "Scenario", time_ns: int, seed: int | None, tell: "Tell") -> "Effect":
    from controller.effect import effect
    from sim.kernel import LineError

    try:
        return effect(scenario, time_ns, seed, tell)
    except LineError as error:
        say(f"the line stopped: {error}")
        raise typer.Exit(1) from error


def print_effect(found: "Effect", *, as_json: bool) -> None:
    from sim.state import dump

    if as_json:
        out(json.dumps(dump(found), ensure_ascii=False, indent=2))
        return
    hours = found.time_s / 3600
    out(f"{found.scenario} on {found.line}, seed {found.seed}, {hours:g} h since the scenario began; nobody repairs")
    table("", ("", "healthy", "with it", "difference"), _rows(found))
    header = ("Station", "time lost", "blocked", "starved", "down", "stopped", "parts")
    table("Time lost: less work than in the healthy run, and what instead", header, _lost(found))
    out(f"Alarms that come only with it: {', '.join(found.alarms) or 'none'}")
    table("Faults", ("Entry", "Fault", "Target", "from", "to"), _faults(found))


def _rows(found: "Effect") -> Iterator[tuple[str, ...]]:
    for name, one, other in (
        ("parts", found.healthy.finished, found.hit.finished),
        ("good", found.healthy.good, found.hit.good),
    ):
        yield name, str(one), str(other), f"{other - one:+d}"
    for shown, name in _OEE:
        yield shown, *_shares(found.healthy.oee, found.hit.oee, name)


def _shares(healthy: "Oee", hit: "Oee", name: str) -> tuple[str, str, str]:
    one, other = getattr(healthy, name), getattr(hit, name)
    both = UNKNOWN if one is None or other is None else f"{100 * (other - one):+.1f} points"
    return _percent(one), _percent(other), both


def _percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{100 * value:.1f} %"


def _lost(found: "Effect") -> Iterator[tuple[str, ...]]:
    for row in found.lost:
        each = (row.lost_s, row.blocked_s, row.starved_s, row.down_s, row.stopped_s)
        yield row.station.removeprefix("flow."), *(f"{value:+.0f} s" for value in each), f"{-row.parts:+d}"


def _faults(found: "Effect") -> Iterator[tuple[str, ...]]:
    for seen in found.faults:
        until = "still there" if seen.to_s is None else f"{seen.to_s:.0f} s"
        yield seen.id, seen.fault, seen.target, f"{seen.from_s:.0f} s", until


# ---- what there is ---------------------------------------------------------------------------------------------------


def scenarios() -> None:
    """The scenarios that there are."""
    from scenarios.file_error import FileErrors

    try:
        found = catalogue().scenarios()
    except FileErrors as errors:
        raise Mistake(str(errors)) from errors
    rows = [
        (name, one.title.en, one.title.zh, one.line, str(one.level), ", ".join(one.faults))
        for name, one in found.items()
    ]
    table("", ("Scenario", "Title", "名称", "Line", "Level", "Faults"), rows)


def faults(
    line: Annotated[str | None, typer.Option(help="Only those that this line has a target for.")] = None,
) -> None:
    """The faults that there are."""
    from scenarios.faulting import targets
    from scenarios.file_error import FileErrors
    from sim.components import KINDS
    from sim.tags import line_tags

    try:
        found = catalogue().faults()
    except FileErrors as errors:
        raise Mistake(str(errors)) from errors
    definition = None if line is None else load_line(line)
    tags = None if definition is None else line_tags(definition, KINDS)
    rows = []
    for fault in sorted(found.values(), key=lambda one: (one.number or 10_000, one.name)):
        aims = targets(fault, definition, tags) if definition is not None and tags is not None else []
        if definition is None or aims:
            about = (fault.name, fault.title.en, fault.title.zh, fault.layer, str(fault.level))
            rows.append((str(fault.number or ""), *about, *([str(len(aims))] if definition is not None else [])))
    header = ("No.", "Fault", "Title", "名称", "Layer", "Level", *(["Targets"] if definition is not None else []))
    table("", header, rows)
