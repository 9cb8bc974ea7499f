"""How a run begins: from the start, with a state that was kept, or by resuming the record of an earlier one.

Reading a journal and replaying its tail takes long, so a worker process does it and hands over a checkpoint.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from controller.beginning import Beginning
from controller.recorder import Recorder, latest_folder, new_folder
from controller.resume import Resumed, ResumeError, ask
from controller.run import Run, stamp
from controller.settings import Settings
from devices.endpoint import Clock
from sim import journal
from sim.definition import LineDefinition
from sim.line import Line

__all__ = ["Plan", "ResumeError", "begin", "first"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the runs of a bench have in common."""

    definition: LineDefinition
    settings: Settings
    bench: int


async def first(plan: Plan, clock: Clock, workers: asyncio.Semaphore) -> Run:
    """The first run of a bench after its host has started: the last one resumed, where that is asked for."""
    settings = plan.settings
    folder = latest_folder(settings.data, plan.bench, plan.definition.name) if settings.resume else None
    if folder is None:
        return begin(plan, clock)
    async with workers:
        return go_on(await asyncio.to_thread(ask, folder), clock)


def begin(plan: Plan, clock: Clock, beginning: Beginning | None = None) -> Run:
    """A run from the birth of the line or with a state, not started yet. Raises `RecordError`, `ValueError`."""
    settings, definition = plan.settings, plan.definition
    if beginning is not None and beginning.definition is not None:
        definition = beginning.definition
    line = Line(definition, settings.seed) if beginning is None else Line.restore(definition, beginning.state)
    folder = new_folder(settings.data, plan.bench, definition.name, clock.utc())
    said = None if beginning is None else beginning.said(folder.name)
    recorder = Recorder(folder)
    start = None if beginning is None else beginning.state
    recorder.journal(journal.header(definition, line.seed, stamp(clock.utc()), start, said))
    why, branch = ("start", "") if beginning is None else (beginning.kind.value, str((said or {}).get("branch", "")))
    return Run(line, recorder, clock, settings.speed, why=why, branch=branch)


def go_on(resumed: Resumed, clock: Clock) -> Run:
    """The run that was resumed, not started yet; it appends to its own record."""
    line = Line.restore(resumed.definition, resumed.state)
    recorder = Recorder(Path(resumed.folder))
    return Run(line, recorder, clock, resumed.speed, resumed.frozen, why="resume", branch=resumed.branch)
