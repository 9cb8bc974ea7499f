"""Initial conditions, snapshots, looking back and branches, on the shipped line with a clock moved by hand."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from controller.beginning import Beginning, Kind
from controller.bench import Bench
from controller.messages import Frame, LabError, Request
from controller.operations import Desk, answer
from controller.recorder import JOURNAL, MINUTE_NS, MOST_KEPT, SERIES, least_missed
from controller.resume import resume
from controller.run import Run
from controller.runs import go_on
from controller.training.conditions import Cooked, Given, Recipe
from controller.training.past import line_at
from controller.training.worker import WorkError
from devices.endpoint import Client, Role, Wire
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.journal import read, replay
from sim.line import Line
from sim.packml import State
from sim.state import JsonValue, Plain
from tests.controller.fake_sim import HandClock

S = 10**9


def pass_time(run: Run, clock: HandClock, seconds: float) -> None:
    for _ in range(round(seconds / 0.1)):
        clock.now_s += 0.1
        run.settle()


async def ask(desk: Desk, op: str, role: Role = Role.INSTRUCTOR, **params: Any) -> Any:
    return await answer(desk, Request(1, op, 1, "tester", role, cast(Frame, params)))


def replays(folder: Path) -> bool | None:
    with (folder / JOURNAL).open(encoding="utf-8") as lines:
        return replay(read(lines)).agrees


# ---- initial conditions --------------------------------------------------------------------------------------------


RECIPE = Recipe(20 * S, [Given(20 * S, "key", Plain({"station": "sorting", "control": "modbus"}))])


async def test_a_condition_is_computed_once_and_a_damaged_one_again(definition: LineDefinition, tmp_path: Path) -> None:
    cooked = Cooked(tmp_path, definition, 7)
    assert not cooked.ready(RECIPE)
    first = await cooked.state(RECIPE)
    line = Line.restore(definition, first)
    assert (line.now_ns, line.seed, line.control("sorting")) == (20 * S, 7, "modbus")
    path = cooked.path(RECIPE)
    written = path.stat().st_mtime_ns
    assert await cooked.state(RECIPE) == first
    assert path.stat().st_mtime_ns == written, "the second time it is only read"
    path.write_text(path.read_text("utf-8").replace('"seed":7', '"seed":8'), "utf-8")
    assert await cooked.state(RECIPE) == first, "a damaged one is computed anew"


async def test_nobody_waits_for_ever_for_a_worker(
    definition: LineDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.training.worker.LONGEST_S", 0.02)
    with pytest.raises(WorkError, match=r"longer than 0\.02 s"):
        await Cooked(tmp_path, definition, 1).state(RECIPE)


async def test_a_condition_that_the_line_refuses_says_so(definition: LineDefinition, tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="does not fit"):
        await Cooked(tmp_path, definition, 1).state(
            Recipe(S, [Given(0, "key", Plain({"station": "attic", "control": "modbus"}))])
        )


# ---- snapshots -----------------------------------------------------------------------------------------------------


async def test_a_snapshot_is_kept_listed_loaded_and_deleted(desk: Desk, bench: Bench, clock: HandClock) -> None:
    pass_time(bench.run, clock, 8.0)
    taken = await ask(desk, "take_snapshot", name=" before  the jam ")
    then = bench.run.line.checkpoint()
    assert (taken["name"], taken["t_s"]) == ("before the jam", pytest.approx(8.0))
    pass_time(bench.run, clock, 5.0)
    before = bench.run.folder
    await ask(desk, "load_snapshot", id=taken["id"], frozen=True)
    assert bench.run.line.checkpoint() == then
    assert bench.run.pacer.frozen
    assert bench.run.folder != before
    assert [one["id"] for one in (await ask(desk, "conditions"))["snapshots"]] == [taken["id"]]
    await ask(desk, "delete_snapshot", id=taken["id"])
    for op in ("load_snapshot", "delete_snapshot"):
        with pytest.raises(LabError, match="unknown"):
            await ask(desk, op, id=taken["id"])


async def test_a_damaged_snapshot_leaves_the_run_alone(desk: Desk, bench: Bench, tmp_path: Path) -> None:
    taken = await ask(desk, "take_snapshot", name="x")
    path = tmp_path / "snapshots" / f"{taken['id']}.state.json"
    path.write_text(path.read_text("utf-8")[:-9], "utf-8")
    run = bench.run
    with pytest.raises(LabError, match="training"):
        await ask(desk, "load_snapshot", id=taken["id"])
    assert bench.run is run


async def test_what_begins_with_a_state_replays_and_resumes(
    desk: Desk, bench: Bench, clock: HandClock, tmp_path: Path
) -> None:
    pass_time(bench.run, clock, 6.0)
    taken = await ask(desk, "take_snapshot", name="warm")
    await ask(desk, "load_snapshot", id=taken["id"])
    pass_time(bench.run, clock, 4.0)
    assert not any(bench.run.give(Input("key", {"station": "sorting", "control": "modbus"}), "test"))
    pass_time(bench.run, clock, 2.0)
    await bench.run.checkpoint()
    assert replays(bench.run.folder)
    resumed = resume(bench.run.folder)
    assert go_on(resumed, clock).line.digest == bench.run.line.digest
    (bench.run.folder / "checkpoint.json").unlink()
    assert go_on(resume(bench.run.folder), clock).line.digest == bench.run.line.digest


async def test_settings_of_a_scenario_stay_with_its_snapshots_and_branches(
    desk: Desk, bench: Bench, clock: HandClock
) -> None:
    other = replace(bench.definition, ideal_cycle_ns=3 * S)
    await bench.begin_with(Beginning(Kind.CONDITION, Line(other, 4).checkpoint(), {"name": "x"}, other), "test")
    pass_time(bench.run, clock, 3.0)
    taken = await ask(desk, "take_snapshot", name="faster")
    pass_time(bench.run, clock, 2.0)
    await ask(desk, "branch", t_s=2.0)
    assert bench.run.line.definition == other
    assert bench.run.line.seed == 4
    await bench.reset("test")
    assert bench.run.line.definition != other
    await ask(desk, "load_snapshot", id=taken["id"])
    assert bench.run.line.definition == other
    assert bench.run.line.now_ns == taken["t_s"] * S
    await bench.run.checkpoint()
    assert replays(bench.run.folder)


# ---- the past ------------------------------------------------------------------------------------------------------


async def test_any_moment_is_the_same_line_as_then(bench: Bench, clock: HandClock) -> None:
    seen = {}
    for turn in range(6):
        pass_time(bench.run, clock, 3.0)
        station: Frame = {"station": "sorting", "control": ("modbus", "builtin")[turn % 2]}
        assert not any(bench.run.give(Input("key", station), "test"))
        seen[bench.run.line.now_ns] = bench.run.line.checkpoint()
        if turn % 2:
            await bench.run.checkpoint()
    assert len(list((bench.run.folder / SERIES).iterdir())) == 3
    for t_ns, state in seen.items():
        line, replayed = line_at(bench.run.folder, t_ns)
        assert line.checkpoint() == state
        assert replayed <= 3, "from the nearest checkpoint, not from the start"
    damaged = max((bench.run.folder / SERIES).iterdir())
    damaged.write_text("{}", "utf-8")
    last = max(seen)
    assert line_at(bench.run.folder, last)[0].checkpoint() == seen[last], "a damaged one is passed over"


async def test_looking_back_changes_nothing_and_shows_plant_and_field(
    desk: Desk, bench: Bench, clock: HandClock
) -> None:
    pass_time(bench.run, clock, 5.0)
    eye = next(row for row in desk.bench.shelf.rows() if isinstance(row, dict) and row["fault"] == "photo_eye_stuck")
    target = cast(list[str], eye["targets"])[0]
    await ask(desk, "fault", fault="photo_eye_stuck", target=target, value=True)
    pass_time(bench.run, clock, 1.0)
    before, journal = bench.run.line.checkpoint(), (bench.run.folder / JOURNAL).read_bytes()
    seen = await ask(desk, "look", t_s=5.5)
    assert (bench.run.line.checkpoint(), (bench.run.folder / JOURNAL).read_bytes()) == (before, journal)
    index = bench.view.tags.find(target)
    assert index is not None
    assert seen["t_s"] == 5.5
    assert seen["values"][index.index][1:] == [True, "good", False]
    assert [fault["fault"] for fault in seen["faults"]] == ["photo_eye_stuck"]
    assert seen["scene"]["clk"]["rate"] == 0
    assert not (await ask(desk, "look", t_s=4.0))["faults"]
    for wrong in ({"t_s": 99.0}, {"t_s": -1}, {"t_s": "now"}, {"t_s": 1.0, "run": "../1"}):
        with pytest.raises(LabError):
            await ask(desk, "look", **wrong)


async def test_no_moment_after_the_end_of_an_earlier_run_is_computed(
    desk: Desk, bench: Bench, clock: HandClock
) -> None:
    pass_time(bench.run, clock, 3.0)
    earlier = bench.run.folder_name
    await bench.reset("test")
    assert (await ask(desk, "look", run=earlier, t_s=3.0))["t_s"] == 3.0
    for op in ("look", "branch"):
        with pytest.raises(LabError, match="range") as refused:
            await ask(desk, op, run=earlier, t_s=1e8)
        assert refused.value.params["last_s"] == pytest.approx(3.0)


async def test_a_branch_is_a_power_cycle_of_the_controller(
    desk: Desk, bench: Bench, clock: HandClock, client: Callable[..., Client]
) -> None:
    pass_time(bench.run, clock, 3.0)
    bench.key("sorting", "modbus", "test")
    run_tag, state_tag = (bench.view.tags.find(f"sorting.{signal}") for signal in ("belt_run", "state"))
    assert run_tag is not None
    assert state_tag is not None
    plc = client()
    assert bench.view.request(plc, [(run_tag.index, True)]) == (None,)
    pass_time(bench.run, clock, 3.0)
    origin = bench.run.folder
    bench.key("sorting", "builtin", "test")
    pass_time(bench.run, clock, 2.0)
    await ask(desk, "branch", t_s=5.0)
    line = bench.run.line
    assert (line.now_ns, line.control("sorting")) == (5 * S, "modbus")
    assert line.read(run_tag.index).value is False, "the outputs are safe"
    assert line.read(state_tag.index).value == State.ABORTED
    assert line.read(cast(Any, bench.view.tags.find("inspection.state")).index).value != State.ABORTED
    assert all(bench.view.link(wire).state.restarting for wire in Wire)
    bench.run.note("modbus", "plc", "read", "0")
    await bench.run.stop()
    head = json.loads((bench.run.folder / JOURNAL).read_text("utf-8").splitlines()[0])
    told = {"kind": "branch", "run": origin.name, "t_ns": 5 * S, "branch": bench.run.folder.name}
    assert head["origin"] == told
    traffic = (bench.run.folder / "traffic.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(row)["branch"] for row in traffic} == {bench.run.folder.name}
    assert replays(bench.run.folder)
    assert replays(origin), "the record of the run before stays as it was"
    assert resume(bench.run.folder).branch == bench.run.folder.name


async def test_a_fault_that_cannot_be_there_is_refused_with_its_reason(desk: Desk, bench: Bench) -> None:
    slip: Frame = {"fault": "belt_slip", "target": "infeed.belt"}
    replace: JsonValue = {
        "seam": "parameter", "component": "infeed.belt", "parameter": "traction", "how": "replace", "value": 500_000,
    }  # fmt: skip
    entry: JsonValue = {"entry": "e", "start": {"kind": "hand"}, "fault": {**slip, "effects": [replace]}}
    title: JsonValue = {"zh": "场景", "en": "s"}
    bench.give(Input("scenario", {"name": "s", "title": title, "entries": [entry]}), "test")
    bench.give(Input("fault", {"id": "g", "fault": "other", "target": "infeed.belt", "effects": [replace]}), "test")
    with pytest.raises(LabError, match="fault_replaced"):
        await ask(desk, "fire", entry="e")
    bench.end_fault("g", "test")
    await ask(desk, "fire", entry="e")
    with pytest.raises(LabError, match="fault_active"):
        await ask(desk, "fault", fault="belt_slip", target="infeed.belt")


async def test_an_entry_that_could_not_begin_says_so(desk: Desk, bench: Bench, clock: HandClock) -> None:
    jam: JsonValue = {"seam": "disturbance", "component": "infeed.belt", "method": "jam"}
    fault: Frame = {"fault": "part_jam", "target": "infeed.belt", "effects": [jam]}
    entry: JsonValue = {"entry": "e", "start": {"kind": "time", "at_ns": S}, "fault": fault}
    title: JsonValue = {"zh": "场景", "en": "s"}
    bench.give(Input("scenario", {"name": "s", "title": title, "entries": [entry]}), "test")
    bench.give(Input("fault", {"id": "f1", **fault}), "test")
    pass_time(bench.run, clock, 2.0)
    (row,) = (await ask(desk, "active"))["scenario"]["entries"]
    assert (row["state"], row["count"], row["refused"]) == ("ended", 0, 1)


async def test_nothing_of_this_is_for_trainees(desk: Desk) -> None:
    from controller.training.operations import TRAINING

    for op in TRAINING:
        with pytest.raises(LabError, match="forbidden"):
            await ask(desk, op, Role.TRAINEE)


def test_the_series_of_checkpoints_is_dense_where_it_is_young() -> None:
    times: list[int] = []
    for minute in range(1, 8 * 60 + 1):
        times.append(minute * MINUTE_NS)
        if len(times) > MOST_KEPT:
            times.remove(least_missed(times))
    gaps = [(later - earlier) / MINUTE_NS for earlier, later in itertools.pairwise(times)]
    assert max(gaps[-15:]) == 1, "of the last quarter of an hour every minute"
    assert max(gaps) <= 20
    assert times[-1] == 8 * 60 * MINUTE_NS
