"""The instructor's routes: conditions, snapshots, the past, scenarios. Translates; every decision is the lab's."""

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Request

from api import models
from api import training_models as shapes
from api.asking import PROBLEMS, Bench, Instructor, ask, do
from api.lab import Host, LabError
from api.once import OnceRoute
from api.problem import of_lab
from sim.state import JsonValue

router = APIRouter(prefix="/api", route_class=OnceRoute, responses=PROBLEMS)

FileName = Annotated[str, Path(pattern="^[a-z][a-z0-9_-]*$", max_length=40)]
SnapshotId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
EntryName = Annotated[str, Path(pattern="^[a-z][a-z0-9_]*$", max_length=64)]
Run = Annotated[str, Query(max_length=120, description="name of an earlier run; empty: the present one")]
Seconds = Annotated[float, Query(ge=0, le=1e9, description="simulated seconds of the run")]


@router.get("/benches/{n}/conditions")
async def conditions(request: Request, caller: Instructor, n: Bench) -> shapes.Conditions:
    """Initial conditions and snapshots that fit the line of this bench."""
    return shapes.Conditions.model_validate(await ask(request, caller, "conditions"))


@router.post("/benches/{n}/conditions/{name}")
async def load_condition(
    request: Request, caller: Instructor, n: Bench, name: FileName, body: shapes.Load
) -> models.Done:
    """Bring the line to an initial condition: a new run."""
    return await do(request, caller, "load_condition", {"name": name, **body.model_dump()})


@router.post("/benches/{n}/snapshots")
async def take_snapshot(request: Request, caller: Instructor, n: Bench, body: shapes.TakeSnapshot) -> shapes.Snapshot:
    """Keep the state of this instant under a name."""
    return shapes.Snapshot.model_validate(await ask(request, caller, "take_snapshot", body.model_dump()))


@router.post("/benches/{n}/snapshots/{id}")
async def load_snapshot(
    request: Request, caller: Instructor, n: Bench, id: SnapshotId, body: shapes.Load
) -> models.Done:
    """Go on from a snapshot: a new run; to all who are connected the controller has lost its power."""
    return await do(request, caller, "load_snapshot", {"id": id, **body.model_dump()})


@router.delete("/benches/{n}/snapshots/{id}")
async def delete_snapshot(request: Request, caller: Instructor, n: Bench, id: SnapshotId) -> models.Done:
    """Delete a snapshot."""
    return await do(request, caller, "delete_snapshot", {"id": id})


@router.get("/benches/{n}/runs")
async def runs(request: Request, caller: Instructor, n: Bench) -> list[str]:
    """Names of the runs of this bench and line that there is a record of, the latest first."""
    return cast(list[str], await ask(request, caller, "runs"))


@router.get("/benches/{n}/past")
async def look(request: Request, caller: Instructor, n: Bench, t_s: Seconds, run: Run = "") -> shapes.Look:
    """Backtrack: any moment of a run, computed apart from the line: values, truth, picture, alarms, faults."""
    return shapes.Look.model_validate(await ask(request, caller, "look", {"t_s": t_s, "run": run}))


@router.post("/benches/{n}/branch")
async def branch(request: Request, caller: Instructor, n: Bench, body: shapes.Branch) -> models.Done:
    """Let the bench go on from a moment of the past, as a controller does that had lost its power."""
    return await do(request, caller, "branch", body.model_dump())


@router.get("/benches/{n}/scenarios")
async def scenarios(request: Request, caller: Instructor, n: Bench) -> shapes.Scenarios:
    """Scenarios that fit the line of this bench, with what instructors should know of them."""
    return shapes.Scenarios.model_validate(await ask(request, caller, "scenarios"))


@router.post("/benches/{n}/scenarios/{name}")
async def load_scenario(
    request: Request, caller: Instructor, n: Bench, name: FileName, body: shapes.LoadScenario
) -> models.Done:
    """Load a scenario on this bench."""
    return await do(request, caller, "load_scenario", {"name": name, **body.model_dump()})


@router.delete("/benches/{n}/scenario")
async def end_scenario(request: Request, caller: Instructor, n: Bench) -> models.Done:
    """End the scenario of this bench with all that it began."""
    return await do(request, caller, "end_scenario")


@router.post("/benches/{n}/scenario/{entry}")
async def fire(request: Request, caller: Instructor, n: Bench, entry: EntryName) -> models.Done:
    """Begin an entry of the running scenario now."""
    return await do(request, caller, "fire", {"entry": entry})


@router.delete("/benches/{n}/faults")
async def end_faults(request: Request, caller: Instructor, n: Bench) -> models.Done:
    """End every fault, those of a scenario too."""
    return await do(request, caller, "end_faults")


@router.get("/benches/{n}/active")
async def active(request: Request, caller: Instructor, n: Bench) -> shapes.Active:
    """What is wrong now and since when; where wires say something but the truth; what is wrong with the links."""
    return shapes.Active.model_validate(await ask(request, caller, "active"))


@router.get("/lab/benches")
async def lab_benches(request: Request, caller: Instructor) -> list[shapes.LabBench]:
    """Every bench of the lab: its line, its clock and the scenario that runs."""
    return [await _of_bench(request, caller, bench) for bench in cast(Host, request.app.state.host).benches]


@router.post("/lab/scenario")
async def lab_scenario(request: Request, caller: Instructor, body: shapes.LabScenario) -> list[shapes.BenchAnswer]:
    """Load a scenario on several benches, or on all; without a name end it there. One answer for each bench."""
    benches = body.benches or cast(Host, request.app.state.host).benches
    params: dict[str, JsonValue] = {"name": body.name, "frozen": body.frozen, "here": body.here}
    op = "load_scenario" if body.name else "end_scenario"
    return [await _answer(request, caller, bench, op, params) for bench in benches]


async def _answer(
    request: Request, caller: Instructor, bench: int, op: str, params: dict[str, JsonValue]
) -> shapes.BenchAnswer:
    host = cast(Host, request.app.state.host)
    try:
        await host.request(op, bench=bench, by=caller.by, role=caller.role, params=params)
    except LabError as error:
        said = of_lab(error)
        return shapes.BenchAnswer(bench=bench, ok=False, code=said.code, params=said.params)
    return shapes.BenchAnswer(bench=bench, ok=True)


async def _of_bench(request: Request, caller: Instructor, bench: int) -> shapes.LabBench:
    host = cast(Host, request.app.state.host)
    try:
        info = await host.request("info", bench=bench, by=caller.by, role=caller.role, params={})
        found = await host.request("active", bench=bench, by=caller.by, role=caller.role, params={})
    except LabError as error:
        return shapes.LabBench(bench=bench, code=of_lab(error).code)
    return shapes.LabBench.model_validate({**_object(info), **_object(found), "bench": bench})


def _object(answer: JsonValue) -> dict[str, JsonValue]:
    return answer if isinstance(answer, dict) else {}
