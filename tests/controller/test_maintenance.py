"""Maintenance of a bench: work, padlocks, the log; who may see whom, and what traffic keeps."""

from typing import Any

import pytest

from controller.bench import Bench
from controller.messages import LabError, Request
from controller.operations import Desk, answer
from controller.run import Run
from controller.service import ROLES
from devices.endpoint import Role
from sim.state import JsonValue

EYE, BELT = "sorting.eye_1", "sorting.belt"


async def ask(desk: Desk, op: str, role: Role = Role.TRAINEE, **params: JsonValue) -> Any:
    return await answer(desk, Request(1, op, 1, f"{role} 127.0.0.1", role, params))


async def refused(desk: Desk, op: str, role: Role = Role.TRAINEE, **params: JsonValue) -> str:
    with pytest.raises(LabError) as no:
        await ask(desk, op, role, **params)
    return str(no.value.code)


def pass_by(bench: Bench, seconds: float) -> None:
    bench.run.line.advance(bench.run.line.now_ns + round(seconds * 1e9))


@pytest.fixture
def stopped(bench: Bench) -> Bench:
    bench.panel("sorting", "stop", True, "somebody")
    return bench


async def test_everything_is_offered_with_time_and_spare_part(desk: Desk) -> None:
    found = await ask(desk, "maintenance")
    names = {target["name"]: target["category"] for target in found["targets"]}
    assert names["sorting"] == "controller"
    assert names["modbus"] == "network"
    assert names[EYE] == "switch_sensor"
    sorts = {sort["name"]: sort for sort in found["categories"]}
    clean = next(w for w in sorts["conveyor"]["operations"] if w["operation"] == "clean")
    assert (clean["lock_out"], clean["seconds"]) == (True, 90)


async def test_work_takes_its_time_and_is_in_the_log(desk: Desk, bench: Bench) -> None:
    assert await ask(desk, "maintain", target=EYE, operation="inspect") == {"job": 1}
    assert await refused(desk, "maintain", target=BELT, operation="measure") == "busy"
    assert await ask(desk, "maintenance_log") == []
    pass_by(bench, 15.5)
    (row,) = await ask(desk, "maintenance_log")
    assert (row["target"], row["operation"], row["ended_s"] - row["began_s"]) == (EYE, "inspect", 15.0)
    assert row["who"] is None
    (row,) = await ask(desk, "maintenance_log", Role.INSTRUCTOR)
    assert row["who"] == "trainee 127.0.0.1"


async def test_why_not_is_said_in_words_that_help(desk: Desk, bench: Bench) -> None:
    assert await refused(desk, "lock", station="sorting", on=False) == "unlocked"
    assert await refused(desk, "maintain", target=BELT, operation="clean") == "lock_out"
    assert await refused(desk, "maintain", target="sorting.nothing", operation="clean") == "unknown"
    assert await refused(desk, "maintain", target=7, operation="clean") == "params"
    bench.freeze("instructor")
    assert await refused(desk, "maintain", target=EYE, operation="inspect") == "paused"


async def test_a_padlock_of_the_staff_is_no_matter_of_trainees(desk: Desk, stopped: Bench) -> None:
    await ask(desk, "lock", Role.INSTRUCTOR, station="sorting", on=True)
    assert await refused(desk, "lock", station="sorting", on=True) == "locked"
    assert await refused(desk, "lock", station="sorting", on=False) == "padlock"
    await ask(desk, "lock", Role.ENGINEER, station="sorting", on=False)
    await ask(desk, "lock", station="sorting", on=True)
    await ask(desk, "lock", Role.INSTRUCTOR, station="sorting", on=False)


async def test_what_was_tried_without_a_padlock_is_in_the_traffic(desk: Desk, run: Run) -> None:
    await refused(desk, "maintain", target=BELT, operation="clean")
    await ask(desk, "maintain", target=EYE, operation="inspect")
    noted = [(row["verb"], row["subject"]) for row in run._traffic.rest()]
    assert ("lock_out", f"maintain clean {BELT}") in noted
    assert ("maintain", f"inspect {EYE}") in noted


def test_everybody_may_follow_the_channel() -> None:
    assert ROLES["maintenance"] >= {Role.TRAINEE, Role.INSTRUCTOR}
