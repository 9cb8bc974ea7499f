"""Going on with a run whose process died: checkpoint plus the tail of the journal is the line.

`python -m controller.resume FOLDER` computes it in a process of its own, because it takes as long as it takes, and
prints the result; `ask` calls that from a host. Appends nothing; cuts off half a record at the end of the journal.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, fields
from pathlib import Path

from controller import tail
from controller.beginning import branch_of
from controller.recorder import CHECKPOINT, JOURNAL, read_checkpoint
from sim.definition import LineDefinition
from sim.journal import JournalError
from sim.state import JsonValue, dump, load

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
    branch: str  # which branch of an earlier run it is, empty where it is none


def resume(folder: Path) -> Resumed:
    """Compute the line at the end of a journal. Raises `ResumeError`."""
    path = folder / JOURNAL
    try:
        kept = read_checkpoint(folder / CHECKPOINT)
        found = None if kept is None else tail.from_checkpoint(folder, kept)
        line, records = found or tail.from_header(path)
        if records.truncated:
            _cut(path)
        speed, frozen = _pace(path)
    except (OSError, ValueError, JournalError) as error:
        raise ResumeError(f"{path}: {error}") from error
    replayed = len(records.records) - (found is not None)  # the first stands for the checkpoint itself
    branch = branch_of(records.header)
    return Resumed(str(folder), line.definition, line.checkpoint(), speed, frozen, replayed, branch)


def _cut(path: Path) -> None:
    """Take the last line off, so that the next one begins on a line of its own."""
    data = path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(data.rfind(b"\n", 0, len(data) - 1) + 1)


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
