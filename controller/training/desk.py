"""The instructor's hand on one bench: bring it to a state, keep a state, look back, go on from the past, scenarios.

What a person may not do raises `LabError`. Everything that takes long is done by worker processes (`worker.py`).
"""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from controller import tail
from controller.beginning import Beginning, Kind
from controller.bench import Bench
from controller.messages import Frame, LabError
from controller.pacer import NS
from controller.recorder import JOURNAL
from controller.run import stamp
from controller.training import library, past
from controller.training.conditions import Cooked, Recipe
from controller.training.library import ConditionCard, Library, ScenarioCard, Shelf
from controller.training.snapshots import Snapshot, SnapshotError, SnapshotShelf, digest, new_id
from controller.training.worker import WorkError
from sim.arguments import inner, rows
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.state import JsonValue

LONGEST_NAME = 60
FIREABLE = ("waiting", "armed")
T = TypeVar("T")


class TrainingDesk:
    """Lives as long as its bench. One thing after another: who asks meanwhile waits."""

    def __init__(self, bench: Bench, data: Path, content: tuple[Path, ...]) -> None:
        self.bench, self._data, self._content = bench, data, content
        self._shelf = SnapshotShelf(data)
        self._libraries: dict[Shelf, Library] = {}
        self._ones: dict[tuple[Shelf, str], Library] = {}  # asked for by name before all were read
        self._fits = digest(bench.definition.name, bench.view.tags)
        self._turn = asyncio.Lock()

    # ---- what there is ---------------------------------------------------------------------------------------

    async def library(self, kind: Shelf) -> Library:
        """Scenarios, or conditions, for this line; read once."""
        async with self._turn:
            if kind not in self._libraries:
                self._libraries[kind] = await _worked(library.read(self._content, self.bench.definition.name, kind))
            return self._libraries[kind]

    async def _one(self, kind: Shelf, name: str) -> Library:
        """A library that has this one in it, if it is anywhere: nobody waits for the others."""
        known = self._libraries.get(kind) or self._ones.get((kind, name))
        if known is None:
            known = await _worked(library.read(self._content, self.bench.definition.name, kind, name))
            self._ones[kind, name] = known
        return known

    def snapshots(self) -> list[Snapshot]:
        """Those that fit this line, of all benches."""
        return [one for one in self._shelf.all() if one.fits == self._fits]

    def ready(self, card: ConditionCard) -> bool:
        """Whether the state of a condition need not be computed first."""
        return self._cooked(card.seed).ready(card.recipe)

    def _cooked(self, seed: int, definition: LineDefinition | None = None) -> Cooked:
        return Cooked(self._data, definition or self.bench.definition, seed)

    # ---- to a state ------------------------------------------------------------------------------------------

    async def condition(self, name: str, by: str, frozen: bool) -> None:
        """A new run of the line from a named state."""
        async with self._turn:
            card = (await self._one(Shelf.CONDITIONS, name)).conditions.get(name)
            if card is None:
                raise LabError("unknown", {"condition": name})
            state = await _worked(self._cooked(card.seed).state(card.recipe))
            await self.bench.begin_with(Beginning(Kind.CONDITION, state, {"name": name}), by, frozen)

    async def snapshot(self, name: str, by: str) -> Snapshot:
        """Keep the state of this instant under a name."""
        shown = " ".join(name.split())
        if not 0 < len(shown) <= LONGEST_NAME:
            raise LabError("range", {"name": name[:LONGEST_NAME]})
        run = self.bench.run
        if not run.settle():
            raise LabError("offline")
        utc, t_ns, state = stamp(self.bench.clock.utc()), run.line.now_ns, run.line.checkpoint()
        taken = Snapshot(
            new_id(), shown, self.bench.definition.name, self._fits, self.bench.number, run.folder_name, t_ns, utc, by
        )
        try:
            await asyncio.to_thread(self._shelf.keep, taken, run.line.definition, state)
        except SnapshotError as error:
            raise LabError("training", {"why": str(error)}) from error
        return taken

    def delete_snapshot(self, ident: str) -> None:
        self._found(ident)
        self._shelf.delete(ident)

    def _found(self, ident: str) -> Snapshot:
        try:
            return self._shelf.find(ident)
        except SnapshotError as error:
            raise LabError("unknown", {"snapshot": ident}) from error

    async def load_snapshot(self, ident: str, by: str, frozen: bool) -> None:
        """Go on from a snapshot, as from the past."""
        async with self._turn:
            found = self._found(ident)
            if found.fits != self._fits:
                raise LabError("training", {"why": f"{found.name} is of another line, or of one with other tags"})
            try:
                state = await asyncio.to_thread(self._shelf.state, found)
                definition = await asyncio.to_thread(self._shelf.definition, found)
            except SnapshotError as error:
                raise LabError("training", {"why": str(error)}) from error
            origin: Frame = {"name": found.name, "bench": found.bench, "run": found.run, "t_ns": found.t_ns}
            await self.bench.begin_with(Beginning(Kind.SNAPSHOT, state, origin, definition), by, frozen)

    # ---- the past --------------------------------------------------------------------------------------------

    def runs(self) -> list[str]:
        """Names of the runs of this bench and line that there is a record of, the latest first."""
        folder = self._data / f"bench-{self.bench.number}"
        names = (path.parent.name for path in folder.glob(f"*-{self.bench.definition.name}*/{JOURNAL}"))
        return sorted(names, reverse=True)

    async def look(self, run: str, t_s: float) -> JsonValue:
        """What there was to see at a moment: of the present run, or of an earlier one."""
        folder, t_ns = await self._moment(run, t_s)
        async with self._turn:
            return await _worked(past.look_at(folder, t_ns))

    async def branch(self, run: str, t_s: float, by: str, frozen: bool) -> None:
        """Let the bench go on from a moment of the past."""
        folder, t_ns = await self._moment(run, t_s)
        async with self._turn:
            moment = await _worked(past.state_at(folder, t_ns))
            origin: Frame = {"run": folder.name, "t_ns": t_ns}
            await self.bench.begin_with(Beginning(Kind.BRANCH, moment.state, origin, moment.definition), by, frozen)

    async def _moment(self, run: str, t_s: float) -> tuple[Path, int]:
        """The record, and the simulated time: a moment that has been. The future would be computed without end."""
        present = self.bench.run
        if run and run != present.folder_name:
            if run not in self.runs():
                raise LabError("unknown", {"run": run})
            folder = present.folder.parent / run
            last_ns = await asyncio.to_thread(tail.last_ns, folder / JOURNAL)
        elif not present.settle():
            raise LabError("offline")
        else:
            folder, last_ns = present.folder, present.line.now_ns
        if (t_ns := round(t_s * NS)) > last_ns:
            raise LabError("range", {"t_s": t_s, "last_s": last_ns / NS})
        return folder, t_ns

    # ---- scenarios -------------------------------------------------------------------------------------------

    async def scenario(self, name: str, by: str, here: bool, frozen: bool) -> None:
        """Load a scenario: from its initial state, or on the line as it is where it has none or that is asked for."""
        async with self._turn:
            card = (await self._one(Shelf.SCENARIOS, name)).scenarios.get(name)
            if card is None:
                raise LabError("unknown", {"scenario": name})
            anew = card.recipe is not None and not here
            if card.recipe is not None and anew:
                await self.bench.begin_with(await self._beginning(card, card.recipe), by, frozen=True)
            if self.bench.run.line.scenario is not None:
                raise LabError("scenario_running", {"scenario": self.bench.run.line.scenario.get("name")})
            for entry in rows(card.args["entries"]):
                self.bench.unhindered(inner(entry["fault"]), only="real")
            self.bench.give(Input("scenario", card.args), by)
            if anew and not frozen:  # not before the scenario: it begins at the same instant wherever it is loaded
                self.bench.go_on(by)

    def end_scenario(self, by: str) -> None:
        """End it, and every fault that it began."""
        if self.bench.run.line.scenario is None:
            raise LabError("no_scenario")
        self.bench.give(Input("end_scenario", {}), by)

    def fire(self, entry: str, by: str) -> None:
        """Begin an entry of the running scenario now."""
        running = self.bench.run.line.scenario
        if running is None:
            raise LabError("no_scenario")
        found = next((row for row in rows(running.get("entries")) if row.get("entry") == entry), None)
        if found is None:
            raise LabError("unknown", {"entry": entry})
        if found["state"] not in FIREABLE:
            raise LabError("entry_state", {"entry": entry, "state": found["state"]})
        self.bench.unhindered(inner(found["fault"]))
        self.bench.give(Input("fire", {"entry": entry}), by)

    def end_faults(self, by: str) -> None:
        """End all of them, those of a scenario too."""
        if not self.bench.run.line.faults:
            raise LabError("no_fault")
        self.bench.give(Input("end_faults", {}), by)

    async def _beginning(self, card: ScenarioCard, recipe: Recipe) -> Beginning:
        other = card.definition
        state = await _worked(self._cooked(card.seed, other).state(recipe))
        return Beginning(Kind.CONDITION, state, {"name": card.name}, other)


async def _worked(work: Awaitable[T]) -> T:
    """What a worker process makes; why it cannot, in the words of a refusal."""
    try:
        return await work
    except WorkError as error:
        raise LabError("training", {"why": str(error)}) from error
