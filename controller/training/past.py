"""A moment of a run: the line as it was then, computed in a process of its own. Touches no wire and changes no file.

`python -m controller.training.past`, told {"folder", "t_ns", "want": "look" | "state"}, see `worker.py`.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from controller import tail
from controller.recorder import JOURNAL, checkpoints_until
from controller.training.look import look
from controller.training.worker import Work, WorkError, ask, serve
from sim.definition import LineDefinition
from sim.journal import Journal, JournalError
from sim.line import Line
from sim.state import JsonValue, dump, load

MODULE = "controller.training.past"


def line_at(folder: Path, t_ns: int) -> tuple[Line, int]:
    """The line at the end of this instant, its inputs included, and how many records were computed again."""
    path = folder / JOURNAL
    try:
        begins_ns = tail.read(path, until_ns=-1).header.start_ns
        if t_ns < begins_ns:
            raise WorkError(f"{folder.name}: the run begins at {begins_ns / 1e9:g} s")
        line, records = _nearest(folder, t_ns) or tail.from_header(path, t_ns)
    except (OSError, ValueError, JournalError) as error:
        raise WorkError(f"{path}: {error}") from error
    line.advance(t_ns)
    return line, len(records.records)


def _nearest(folder: Path, t_ns: int) -> tuple[Line, Journal] | None:
    tries = (tail.from_checkpoint(folder, kept, t_ns) for kept in checkpoints_until(folder, t_ns))
    return next((found for found in tries if found is not None), None)


async def look_at(folder: Path, t_ns: int) -> JsonValue:
    """What there was to see at a moment of a run. Raises `WorkError`."""
    return await ask(MODULE, {"folder": str(folder), "t_ns": t_ns, "want": "look"})


@dataclass(frozen=True, slots=True)
class Moment:
    """A line as it was: its checkpoint, and its own definition, which a scenario may have changed."""

    state: dict[str, JsonValue]
    definition: LineDefinition


async def state_at(folder: Path, t_ns: int) -> Moment:
    """What to go on from. Raises `WorkError`."""
    told = await ask(MODULE, {"folder": str(folder), "t_ns": t_ns, "want": "state"})
    if not isinstance(told, dict) or not isinstance(state := told.get("state"), dict):
        raise WorkError("the worker answered no checkpoint")
    return Moment(state, await asyncio.to_thread(load, LineDefinition, told["definition"]))


def _do(work: Work) -> JsonValue:
    t_ns = work["t_ns"]
    if not isinstance(t_ns, int):
        raise WorkError("t_ns is not a time")
    line, replayed = line_at(Path(str(work["folder"])), t_ns)
    if work["want"] == "state":
        return {"state": line.checkpoint(), "definition": dump(line.definition)}
    return {**look(line), "replayed": replayed}


if __name__ == "__main__":
    sys.exit(serve(_do))
