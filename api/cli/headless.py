"""`linelab run` and `linelab replay`: a line without wires, as fast as it goes. No server, no asyncio, no clock."""

import json as json_module
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from api.cli.content import LineArgument, load_line
from api.cli.report import print_report
from api.cli.say import Mistake, existing, out, say

if TYPE_CHECKING:
    from sim.line import Line
    from sim.state import JsonValue

HOUR_NS = 3_600_000_000_000
STEPS = 400  # of the progress bar

Progress = Callable[[float], None]  # told the share that is done


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
    seed: Annotated[int, typer.Option(min=0, max=2**53 - 1, help="Equal seeds give equal runs.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="The report as JSON, with the digest of all events.")] = False,
    journal: Annotated[Path | None, typer.Option(help="Write a journal that `replay` reads.")] = None,
) -> None:
    """Run a line without wires and report what it made."""
    from sim.line import Line
    from sim.state import dump

    definition = load_line(line)
    with _journal(journal) as record:
        live = Line(definition, seed)
        if record is not None:
            _begin(record, live)
        with progress(f"{definition.name}, {hours:g} h") as tell:
            _advance(live, round(hours * HOUR_NS), tell)
        if record is not None:
            _end(record, live)
    report = live.report()
    if json:
        whole = {**_plain(dump(report)), "digest": live.digest, "events": live.events}
        out(json_module.dumps(whole, ensure_ascii=False, indent=2))
    else:
        print_report(report, live.digest, live.events)


def _plain(data: "JsonValue") -> "dict[str, JsonValue]":
    if not isinstance(data, dict):
        raise TypeError("a record is an object")
    return data


def _advance(live: "Line", until_ns: int, tell: Progress) -> None:
    from sim.kernel import LineError

    for step in range(1, STEPS + 1):
        try:
            live.advance(until_ns * step // STEPS)
        except LineError as error:
            say(f"the line stopped: {error}")
            raise typer.Exit(1) from error
        tell(step / STEPS)


@contextmanager
def _journal(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    try:
        with path.open("w", encoding="utf-8", newline="\n") as record:
            yield record
    except OSError as error:
        raise Mistake(f"{path}: cannot be written: {error.strerror or error}") from error


def _begin(record: TextIO, live: "Line") -> None:
    from sim import journal

    record.write(journal.header(live.definition, live.seed) + "\n")


def _end(record: TextIO, live: "Line") -> None:
    from sim import journal

    record.write(journal.digest_record(live.now_ns, live.events, live.digest) + "\n")
    record.write(journal.end_record(live.now_ns) + "\n")


def replay(
    journal: Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal of a run.")],
    json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Run a journal again and say whether every event came out the same."""
    raise NotImplementedError
