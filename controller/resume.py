"""Going on with a run whose process died: checkpoint plus the tail of the journal is the line.

`python -m controller.resume FOLDER` computes it in a process of its own, because it takes as long as it takes, and
prints the result; `ask` calls that from a host. Appends nothing; cuts off half a record at the end of the journal.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path

from controller.recorder import JOURNAL, read_checkpoint
from sim.definition import LineDefinition
from sim.journal import Journal, JournalError, Record, read, step
from sim.line import Line
from sim.state import JsonValue, dump, load

LONGEST_DIGEST = 4096  # bytes of a `digest` record, with a good margin
CLOCK = b'{"k":"clock",'  # how a `clock` record begins


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
        line, replayed = _from_checkpoint(folder, path) or _from_header(path)
        speed, frozen = _pace(path)
    except (OSError, ValueError, JournalError) as error:
        raise ResumeError(f"{path}: {error}") from error
    return Resumed(str(folder), line.definition, line.checkpoint(), speed, frozen, replayed)


def _read(path: Path, start: int = 0) -> Journal:
    """The header, and the records from this byte on; half a record at the end is taken off the file."""
    with path.open("rb") as file:
        first = file.readline()
        file.seek(max(start, len(first)))
        journal = read(line.decode("utf-8", "replace") for line in chain([first], file))
    if journal.truncated:
        _cut(path)
    return journal


def _cut(path: Path) -> None:
    """Take the last line off, so that the next one begins on a line of its own."""
    data = path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(data.rfind(b"\n", 0, len(data) - 1) + 1)


def _from_checkpoint(folder: Path, path: Path) -> tuple[Line, int] | None:
    """The line from its checkpoint and the tail of the journal, None where the two do not give it.

    What stands before the checkpoint is not even read: a run of weeks goes on as fast as one of an hour.
    """
    kept = read_checkpoint(folder)
    start = None if kept is None else _record_before(path, kept[0])
    if kept is None or start is None:
        return None
    try:
        journal = _read(path, start)
        line = Line.restore(journal.header.definition, kept[1])
    except (ValueError, JournalError):  # the whole journal will say what is wrong with it, and in which line
        return None
    if not journal.records or not _agrees(line, journal.records[0]):
        return None
    tail = journal.records[1:]
    return (line, len(tail)) if _play(line, tail) else None


def _record_before(path: Path, offset: int) -> int | None:
    """Where the record begins that ends at this byte, None where none does that could be a digest."""
    with path.open("rb") as file:
        begin = file.seek(max(0, offset - LONGEST_DIGEST))
        block = file.read(offset - begin)
    if len(block) != offset - begin or not block.endswith(b"\n"):
        return None
    return begin + block.rfind(b"\n", 0, -1) + 1 if b"\n" in block[:-1] else None


def _from_header(path: Path) -> tuple[Line, int]:
    """The line from the very start."""
    journal = _read(path)
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


def _pace(path: Path) -> tuple[float, bool]:
    """Speed, and whether time stood still, as the last clock records say."""
    speed, frozen = 1.0, False
    with path.open("rb") as file:
        for line in file:
            rate = json.loads(line).get("rate") if line.startswith(CLOCK) else None
            if isinstance(rate, int | float):
                speed, frozen = rate or speed, rate == 0
    return speed, frozen


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
