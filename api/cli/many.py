"""`linelab run` with replications or a comparison: many runs, tables of intervals. Knows no line of its own."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from api.cli.say import Mistake, out, say, table

if TYPE_CHECKING:
    from controller.intervals import Interval
    from controller.replications import Outcome, Plan, Tell
    from sim.definition import LineDefinition

HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Many:
    """What was asked for."""

    seed: int
    count: int
    jobs: int
    confidence: float
    json: bool


def with_settings(definition: "LineDefinition", settings: Sequence[str]) -> "LineDefinition":
    from scenarios.settings import SettingError, changed

    for setting in settings:
        try:
            definition = changed(definition, setting)
        except SettingError as error:
            raise Mistake(f"--set {setting}: {error}") from error
    return definition


def run_many(plans: "Sequence[Plan]", asked: Many, tell: "Tell") -> Callable[[], None]:
    """Run all plans with the same seeds, one plan or two to compare; the answer says what came out."""
    from controller.replications import differences, estimates, replicate
    from sim.kernel import LineError

    seeds = range(asked.seed, asked.seed + asked.count)
    try:
        outcomes = replicate(plans, seeds, asked.jobs, tell)
    except LineError as error:
        say(f"the line stopped: {error}")
        raise typer.Exit(1) from error
    found = [estimates(runs, asked.confidence) for runs in outcomes]
    if len(plans) == 2:
        found.append(differences(outcomes[0], outcomes[1], asked.confidence))
    return lambda: _say(plans, outcomes, found, asked)


def _say(
    plans: "Sequence[Plan]",
    outcomes: "Sequence[Sequence[Outcome]]",
    found: "Sequence[dict[str, Interval]]",
    asked: Many,
) -> None:
    if asked.json:
        out(json.dumps(_as_json(plans, outcomes, found, asked), ensure_ascii=False, indent=2))
    else:
        _show(plans, found, asked)
    tell_violations([violation for runs in outcomes for run in runs for violation in run.violations])


def tell_violations(violations: Sequence[str]) -> None:
    """What the invariants found, and exit code 1."""
    for violation in violations:
        say(f"invariant violated at {violation}")
    if violations:
        raise typer.Exit(1)


def _as_json(
    plans: "Sequence[Plan]",
    outcomes: "Sequence[Sequence[Outcome]]",
    found: "Sequence[dict[str, Interval]]",
    asked: Many,
) -> dict[str, object]:
    from sim.state import dump

    lines = [
        {
            "line": plan.definition.name,
            "figures": dump(figures),
            "runs": [dump(run.statistics) for run in runs],
        }
        for plan, figures, runs in zip(plans, found, outcomes, strict=False)
    ]
    about = {
        "replications": asked.count,
        "first_seed": asked.seed,
        "confidence": asked.confidence,
        "hours": plans[0].until_ns / HOUR_NS,
        "warmup_hours": plans[0].warmup_ns / HOUR_NS,
    }
    difference = {"difference": dump(found[2])} if len(found) == 3 else {}
    return {**about, "lines": lines, **difference}


def _show(plans: "Sequence[Plan]", found: "Sequence[dict[str, Interval]]", asked: Many) -> None:
    names = [plan.definition.name for plan in plans]
    hours, warmup = plans[0].until_ns / HOUR_NS, plans[0].warmup_ns / HOUR_NS
    out(f"{' and '.join(names)}: {asked.count} runs of {hours:g} h, the first {warmup:g} h left out")
    header = ["", *names, "difference"] if len(found) == 3 else ["", *names]
    table(f"Mean and {100 * asked.confidence:g} % confidence interval", header, _rows(found))


def _rows(found: "Sequence[dict[str, Interval]]") -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys(name for figures in found[:2] for name in figures):
        shown = [figures.get(name) for figures in found]
        if any(value is not None and (value.mean or value.half) for value in shown):
            yield (name.removeprefix("flow."), *("-" if value is None else _words(value) for value in shown))


def _words(value: "Interval") -> str:
    return f"{value.mean:.5g}" if value.half is None else f"{value.mean:.5g} ± {value.half:.2g}"
