"""`linelab run` and `linelab replay`: a line without wires, as fast as it goes. No server, no asyncio, no clock."""

import json as json_module
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from api.cli.content import LineArgument, load_line
from api.cli.many import Many, run_many, tell_violations, with_settings
from api.cli.report import print_report
from api.cli.say import Mistake, existing, out, say

if TYPE_CHECKING:
    from controller.replications import Plan, Watch
    from sim.journal import Journal, ReplayResult
    from sim.line import Line
    from sim.state import JsonValue

HOUR_NS = 3_600_000_000_000
STEPS = 400  # of the progress bar

Progress = Callable[[float], None]  # told the share that is done
Write = Callable[[Callable[[], str]], None]  # given what makes a record


@contextmanager
def progress(text: str) -> Iterator[Progress]:
    """A bar on standard error, where somebody looks at it."""
    if not sys.stderr.isatty():
        yield lambda share: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from api.cli.say import console

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console(stderr=True)) as bar:
        task = bar.add_task(text, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def run(
    line: LineArgument,
    hours: Annotated[float, typer.Option(min=0.0, max=10_000.0, help="Simulated hours.")] = 8.0,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**53 - 1, help="Equal seeds give equal runs; 1, or the scenario's, if left out."),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="What this scenario costs, against the healthy run.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The report as JSON, with the digest of all events.")] = False,
    journal: Annotated[Path | None, typer.Option(help="Write a journal that `replay` reads.")] = None,
    warmup: Annotated[str, typer.Option(metavar="TIME", help="Statistics begin after this time, as `30 min`.")] = "0 s",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Another value, as `m1.service.mean=9 s`; may be repeated."),
    ] = None,
    replications: Annotated[
        int, typer.Option(min=1, max=100_000, help="So many runs with seeds that follow each other.")
    ] = 1,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Worker processes for replications.")] = 1,
    compare: Annotated[
        str | None, typer.Option(metavar="LINE", help="Another line with the same seeds; --set then changes that one.")
    ] = None,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of the intervals.")] = 0.95,
    check_invariants: Annotated[
        bool, typer.Option("--check-invariants", help="Check all the time that nothing impossible happens.")
    ] = False,
) -> None:
    """Run a line without wires and report what it made."""
    from controller.replications import Plan

    given = settings or []
    if scenario is not None:
        alone = {"--journal": journal, "--set": given, "--compare": compare, "--warmup": warmup != "0 s"}
        alone |= {"--replications": replications != 1, "--check-invariants": check_invariants}
        _run_scenario(scenario, line, hours, seed, json, [name for name, value in alone.items() if value])
        return
    seed = 1 if seed is None else seed
    definition = with_settings(load_line(line), [] if compare else given)
    plan = Plan(definition, round(hours * HOUR_NS), _time(warmup), check_invariants)
    if plan.warmup_ns > plan.until_ns:
        raise Mistake(f"--warmup {warmup} is longer than the run of {hours:g} h")
    if compare is None and replications == 1:
        _run_one(plan, seed, json, journal)
        return
    if journal is not None:
        raise Mistake("--journal is for one run")
    other = [] if compare is None else [replace(plan, definition=with_settings(load_line(compare), given))]
    with progress(f"{definition.name}, {replications} runs of {hours:g} h") as tell:
        asked = Many(seed, replications, jobs, confidence, json)
        answer = run_many([plan, *other], asked, tell)
    answer()


def _run_scenario(name: str, line: str, hours: float, seed: int | None, json: bool, others: list[str]) -> None:
    from api.cli.effect import load_scenario, print_effect, run_effect

    if others:
        raise Mistake(f"{others[0]} does not go together with --scenario")
    scenario = load_scenario(name, line)
    with progress(f"{scenario.line}, {scenario.name}, {hours:g} h") as tell:
        found = run_effect(scenario, round(hours * HOUR_NS), seed, tell)
    print_effect(found, as_json=json)


def _time(text: str) -> int:
    from sim import units

    try:
        return units.parse(text, "time")
    except units.UnitError as error:
        raise Mistake(f"--warmup: {error}") from error


def _run_one(plan: "Plan", seed: int, json: bool, journal: Path | None) -> None:
    from controller.replications import Watch
    from sim.line import Line
    from sim.state import dump

    with _record(journal) as record:
        live = Line(plan.definition, seed)
        watch = Watch(live, plan.warmup_ns, plan.check)
        with progress(f"{plan.definition.name}, {plan.until_ns / HOUR_NS:g} h") as tell:
            _advance(live, watch, plan.until_ns, tell, record)
    report, outcome = live.report(), watch.outcome()
    if json:
        more = {"statistics": dump(outcome.statistics), "digest": live.digest, "events": live.events}
        out(json_module.dumps({**_plain(dump(report)), **more}, ensure_ascii=False, indent=2))
    else:
        print_report(report, outcome.statistics, live.digest, live.events)
    tell_violations(outcome.violations)


def _plain(data: "JsonValue") -> "dict[str, JsonValue]":
    if not isinstance(data, dict):
        raise TypeError("a record is an object")
    return data


def _advance(live: "Line", watch: "Watch", until_ns: int, tell: Progress, record: Write) -> None:
    from sim import journal
    from sim.kernel import LineError

    record(lambda: journal.header(live.definition, live.seed, _utc()))
    for stop in watch.stops(until_ns, STEPS):
        try:
            live.advance(stop)
            watch.at_stop()
        except LineError as error:
            say(f"the line stopped: {error}")
            raise typer.Exit(1) from error
        record(lambda: journal.digest_record(live.now_ns, live.events, live.digest))
        tell(stop / until_ns if until_ns else 1.0)
    record(lambda: journal.end_record(live.now_ns, _utc()))


def _utc() -> str:
    from controller.clock import SystemClock

    return SystemClock().utc().isoformat(timespec="milliseconds")


@contextmanager
def _record(path: Path | None) -> Iterator[Write]:
    """Writes records to a file; without one nothing is even made."""
    if path is None:
        yield lambda line: None
        return
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            yield lambda line: _write_line(file, line())
    except OSError as error:
        raise Mistake(f"{path}: cannot be written: {error.strerror or error}") from error


def _write_line(file: TextIO, line: str) -> None:
    file.write(line + "\n")


def replay(
    journal: Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal of a run.")],
    json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Run a journal again and say whether every event came out the same."""
    from sim.journal import JournalError, read
    from sim.journal import replay as again
    from sim.kernel import LineError
    from sim.state import dump

    try:
        # a journal may be cut off within a character
        with existing(journal).open(encoding="utf-8", errors="replace", newline="\n") as file:
            recorded = read(file)
        whole = recorded.end_ns or 1
        with progress(f"{recorded.header.definition.name}, {recorded.end_ns / HOUR_NS:g} h") as tell:
            result = again(recorded, lambda now_ns: tell(now_ns / whole))
    except (JournalError, OSError) as error:
        raise Mistake(f"{journal}: {error}") from error
    except RecursionError as error:
        raise Mistake(f"{journal}: is nested too deeply") from error
    except LineError as error:
        say(f"the line stopped: {error}")
        raise typer.Exit(1) from error
    if json:
        found = {**_plain(dump(result)), "truncated": recorded.truncated, "ended": _ended(recorded)}
        out(json_module.dumps(found, ensure_ascii=False, indent=2))
    else:
        _tell(recorded, result)
    if not result.agrees:
        raise typer.Exit(1)


def _ended(recorded: "Journal") -> bool:
    return bool(recorded.records) and recorded.records[-1].kind == "end"


def _tell(recorded: "Journal", result: "ReplayResult") -> None:
    if recorded.truncated:
        say("The journal is cut off in its last record; replayed up to the last whole one.")
    elif not _ended(recorded):
        say("The journal has no end: the run was not stopped in order. Replayed up to its last record.")
    about = f"{result.inputs} inputs, {result.events} events, {result.t_ns / 1e9:.3f} s simulated"
    if result.agrees is None:
        out(f"Cannot say: the journal holds no digest to compare with. {about}, digest {result.digest}")
    elif result.agrees:
        out(f"The digest agrees at all {result.compared} places. {about}, digest {result.digest}")
    else:
        first = (result.first_wrong_ns or 0) / 1e9
        out(f"The digest does NOT agree, first at {first:.3f} s. {about}, digest {result.digest}")
