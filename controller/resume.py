"""Going on with a run whose process died: checkpoint plus the tail of the journal is the line.

`python -m controller.resume FOLDER` computes it in a process of its own, because it takes as long as it takes, and
prints the result; `ask` calls that from a host. Appends nothing; cuts off half a record at the end of the journal.
"""

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from controller.recorder import JOURNAL, read_checkpoint
from sim.definition import LineDefinition
from sim.journal import Journal, JournalError, Record, read, step
from sim.line import Line
from sim.state import JsonValue, dump, load


class ResumeError(Exception):
    """The record of a run does not give its line back. Says why, for a person."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A line as its record left it."""

    folder: str
    definition: LineDefinition
    state: dict[str, JsonValue]  # a checkpoint
    speed: float
    frozen: bool
    replayed: int  # records that were computed again


def resume(folder: Path) -> Resumed:
    """Compute the line at the end of a journal. Raises `ResumeError`."""
    path = folder / JOURNAL
    try:
        data = path.read_bytes()
        journal = read(io.StringIO(data.decode("utf-8", "replace"), newline="\n"))
        if journal.truncated:
            _cut(path, data)
        line, replayed = _from_checkpoint(folder, data, journal) or _from_header(journal)
    except (OSError, JournalError) as error:
        raise ResumeError(f"{path}: {error}") from error
    speed, frozen = _pace(journal.records)
    return Resumed(str(folder), journal.header.definition, line.checkpoint(), speed, frozen, replayed)


def _cut(path: Path, data: bytes) -> None:
    """Take half a record off the end, so that the next one begins on a line of its own."""
    with path.open("r+b") as file:
        file.truncate(data.rfind(b"\n", 0, len(data) - 1) + 1)


def _from_checkpoint(folder: Path, data: bytes, journal: Journal) -> tuple[Line, int] | None:
    """The line from its checkpoint and the tail of the journal, None where the two do not give it."""
    kept = read_checkpoint(folder)
    if kept is None:
        return None
    offset, state = kept
    done = data[:offset].count(b"\n") - 1  # records without the header
    if offset > len(data) or not 1 <= done <= len(journal.records):
        return None
    try:
        line = Line.restore(journal.header.definition, state)
    except ValueError:
        return None
    if not _agrees(line, journal.records[done - 1]):
        return None
    tail = journal.records[done:]
    return (line, len(tail)) if _play(line, tail) else None


def _from_header(journal: Journal) -> tuple[Line, int]:
    """The line from the very start."""
    line = journal.header.line()
    if not _play(line, journal.records):
        raise JournalError("computed again it does not agree with its own digest")
    return line, len(journal.records)


def _play(line: Line, records: Sequence[Record]) -> bool:
    for record in records:
        step(line, record)
        if record.kind == "digest" and not _agrees(line, record):
            return False
    return True


def _agrees(line: Line, record: Record) -> bool:
    return (record.kind, record.events, record.digest) == ("digest", line.events, line.digest)


def _pace(records: Sequence[Record]) -> tuple[float, bool]:
    """Speed, and whether time stood still, as the last clock records say."""
    rates = [rate for r in records if r.kind == "clock" and isinstance(rate := r.data.get("rate"), int | float)]
    return next((rate for rate in reversed(rates) if rate > 0), 1.0), bool(rates) and rates[-1] == 0


def ask(folder: Path) -> Resumed:
    """`resume` in a process of its own. Blocks: call it in a thread."""
    done = subprocess.run(  # noqa: S603  our own program, our own argument
        [sys.executable, "-m", "controller.resume", str(folder)], capture_output=True, check=False, encoding="utf-8"
    )
    if done.returncode != 0:
        raise ResumeError(done.stderr.strip().rpartition("\n")[2] or f"{folder}: code {done.returncode}")
    told = json.loads(done.stdout)
    return Resumed(**{**told, "definition": load(LineDefinition, told["definition"])})


def main() -> int:
    try:
        resumed = resume(Path(sys.argv[1]))
    except ResumeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    told = {item.name: getattr(resumed, item.name) for item in fields(resumed)}
    json.dump({**told, "definition": dump(resumed.definition)}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
