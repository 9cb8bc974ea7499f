"""A real station end to end: a device process on a wire, arming, safe states, takeover, replay."""

import asyncio
import json
from collections.abc import Awaitable
from pathlib import Path

import pytest

from controller.bindings.real_devices import SAMPLE_S
from controller.messages import Frame, LabError
from sim import journal
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.state import JsonValue
from tests.controller.bindings.rig import BELT, BUTTON, CLAMP, DOOR, ESTOP, EYE_OUT, EYE_WORK, rig, until


@pytest.mark.timeout(40)
async def test_armed_it_works_on_a_part_and_the_run_replays(definition: LineDefinition, tmp_path: Path) -> None:
    async with rig(definition, tmp_path) as made:
        await made.armed()
        assert made.bench.info()["label"] == "HIL"
        await until(lambda: made.machine.coil(BELT), "the belt runs")
        made.machine.shows(EYE_WORK, True)
        await until(lambda: made.machine.coil(DOOR) and made.machine.coil(CLAMP), "door and clamp close")
        await until(lambda: made.value("door_closed"), "its sensors are heard")
        folder = made.bench.run.folder
    written = [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]
    assert {"tag": "machining.belt_run", "value": True, "answer": "done"}.items() <= next(
        row for row in written if row["what"] == "write" and row["value"] is True
    ).items()
    with (folder / "journal.jsonl").open() as lines:
        assert journal.replay(journal.read(lines)).agrees is True


@pytest.mark.timeout(40)
async def test_every_loss_writes_the_safe_state(definition: LineDefinition, tmp_path: Path) -> None:
    async with rig(definition, tmp_path) as made:
        await made.armed()
        await until(made.machine.moving, "something moves")
        made.machine.shows(ESTOP, False)  # the device's own emergency stop
        await until(lambda: not made.station.armed and not made.machine.moving(), "safe")
        assert made.value("state") in (8, 9)
        # the row is written when the device has answered, or had its time to: the machine stands still before that
        await until(lambda: any(row["what"] == "disarmed" for row in made.audit()), "it is in the audit log")
        (row,) = (row for row in made.audit() if row["what"] == "disarmed")
        assert row["why"] in ("interlock", "aborted")
        assert row["confirmed"] is True


@pytest.mark.timeout(40)
async def test_without_a_heartbeat_the_lease_ends(definition: LineDefinition, tmp_path: Path) -> None:
    async with rig(definition, tmp_path, lease="2 s") as made:
        await made.armed()
        made.station.renew(made.lease)
        await until(lambda: not made.station.armed, "disarmed")
        await until(lambda: not made.machine.moving(), "safe")
        with pytest.raises(LabError):
            made.station.renew(made.lease)


@pytest.mark.timeout(40)
async def test_the_twin_takes_over_when_the_device_dies(definition: LineDefinition, tmp_path: Path) -> None:
    async with rig(definition, tmp_path) as made:
        await made.armed()
        made.machine.kill()
        await until(lambda: made.station.mode == "sim", "takeover")
        assert made.value("state") == 6  # within limits: without a bump
        assert not made.station.armed
        assert made.bench.run.line.source(0) == "sim"


async def _refused(asked: Awaitable[object]) -> str:
    with pytest.raises(LabError) as caught:
        await asked
    return caught.value.code


@pytest.mark.timeout(40)
async def test_what_is_refused_with_a_real_station(definition: LineDefinition, tmp_path: Path) -> None:
    async with rig(definition, tmp_path, mode="real") as made:
        await until(lambda: made.station.mode == "real", "as the file has it")
        with pytest.raises(LabError, match="real_station"):
            made.bench.go_on("instructor", 2.0)
        assert await _refused(made.bench.step("instructor", 1.0)) == "real_station"
        assert await _refused(made.station.arm("engineer")) == "arming"
        assert made.value("state") == 9


@pytest.mark.timeout(40)
async def test_freezing_disarms(definition: LineDefinition, tmp_path: Path) -> None:
    async with rig(definition, tmp_path) as made:
        await made.armed()
        await until(made.machine.moving, "something moves")
        made.bench.freeze("instructor")
        await until(lambda: not made.machine.moving() and not made.station.armed, "safe")


@pytest.mark.timeout(40)
async def test_a_shadow_is_compared_and_writes_nothing(definition: LineDefinition, tmp_path: Path) -> None:
    async with rig(definition, tmp_path, mode="shadow") as made:
        await made.up()
        made.machine.shows(EYE_OUT, True)
        eye = made.station.deviations
        await until(lambda: eye["machining.eye_out"].apart_s > 0.2, "it is seen to differ")
        assert eye["machining.door_open"].apart_s == 0
        assert not made.machine.moving()
        assert made.machine.count() == 0
        assert made.bench.info()["label"] == "MIL"


@pytest.mark.timeout(40)
async def test_a_station_whose_physics_is_bent_does_not_become_real(definition: LineDefinition, tmp_path: Path) -> None:
    async with rig(definition, tmp_path) as made:
        await made.up()
        stuck: JsonValue = {"seam": "signal", "tag": "machining.belt_run", "how": "stuck", "value": True}
        begun: Frame = {"id": "f1", "fault": "x", "target": "machining.belt", "effects": [stuck]}
        made.bench.give(Input("fault", begun), "instructor")
        with pytest.raises(LabError) as caught:
            await made.devices.switch("machining", "real", "engineer")
        assert (caught.value.code, caught.value.params["faults"]) == ("bent", ["f1"])
        made.bench.end_fault("f1", "instructor")
        await made.devices.switch("machining", "real", "engineer")
        assert made.station.mode == "real"


@pytest.mark.timeout(40)
async def test_who_switches_back_is_not_overruled_by_the_file(definition: LineDefinition, tmp_path: Path) -> None:
    """After a restart too, when the station was real and the file says that it is."""
    async with rig(definition, tmp_path, mode="real") as made:
        await until(lambda: made.station.mode == "real", "as the file has it")
        made.station.wanted = "real"  # as it is when the lab starts
        made.station.start()  # the line says that it is real
        assert (made.station.mode, made.value("state")) == ("real", 9)
        await made.devices.switch("machining", "sim", "engineer")
        await asyncio.sleep(4 * SAMPLE_S)
        assert made.station.mode == "sim"


@pytest.mark.timeout(40)
async def test_a_single_tag_is_still_real_after_a_restart_and_can_be_given_back(
    definition: LineDefinition, tmp_path: Path
) -> None:
    async with rig(definition, tmp_path) as made:
        await made.up()
        line, button = made.bench.run.line, made.devices.singles["storage.button_start"]
        index = button.one.tag.index
        await made.devices.switch("storage.button_start", "real", "engineer")
        made.machine.shows(BUTTON, True)
        await until(lambda: line.read(index).value is True, "somebody pushes the real button")
        button.mode = "sim"  # as it is in a new process
        button.start(made.bench.run)
        assert button.mode == line.source(index) == "real"
        await made.devices.switch("storage.button_start", "sim", "engineer")
        assert (line.source(index), line.read(index).value) == ("sim", False)
        assert [row["what"] for row in made.audit()] == ["mode real", "mode sim"]
