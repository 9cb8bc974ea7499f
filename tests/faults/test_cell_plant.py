"""Mechanical, pneumatic, electrical and actuator faults of the catalogue on the machining cell, seen on the wires."""

import pytest

from sim.packml import State
from tests.faults.covered import covers
from tests.faults.live import LiveLine

LINE = "machining-cell"
WARM_S = 60
pytestmark = pytest.mark.asyncio(loop_scope="module")


@covers(5)
async def test_hard_batch_loads_the_spindle_and_wears_the_tool(live: LiveLine) -> None:
    async def load() -> float:
        await live.go_until(lambda: float(live.truth("cell.mill_load")) > 30, 60, 0.5)
        return float((await live.opcua("cell.mill_load")).value)

    healthy, life = await load(), live.line.plant.components["cell.mill"].life()  # type: ignore[attr-defined]
    await live.inject("hard_batch", "cell.mill")
    await live.go_until(lambda: not live.truth("cell.mill_running"), 60, 0.5)
    harder = await load()
    assert 1.15 < harder / healthy < 1.3
    await live.all_say("cell.mill_load", live.truth("cell.mill_load"))
    assert live.line.plant.components["cell.mill"].life() < 0.5 * life  # type: ignore[attr-defined]
    await live.maintain("cell.mill", "replace")
    await live.recovers()


@covers(8)
async def test_bearing_the_line_of_its_outer_race_grows(live: LiveLine) -> None:
    await live.inject("bearing_outer_race", "cell.drive", growth="30 mm/s")
    await live.go(300)
    await live.go_until(lambda: bool(live.truth("cell.drive_running")), 60, 0.2)
    await live.go(0.8)
    line, rms = live.field("cell.drive_bpfo").value, live.field("cell.drive_vibration").value
    assert 2 < float(line) < 3.5
    assert float(rms) > 1.5
    shaft = float(live.field("cell.drive_speed_actual").value) / 60
    assert float(live.field("cell.drive_bpfo_hz").value) == pytest.approx(3.5848 * shaft, rel=0.01)
    await live.all_say("cell.drive_bpfo", float(line))
    assert (await live.opcua("cell.drive_vibration")).good
    await live.maintain("cell.drive", "replace")
    await live.recovers()
    await live.go_until(lambda: bool(live.truth("cell.drive_running")), 60, 0.2)
    assert float(live.field("cell.drive_bpfo").value) < 0.2


@covers(9)
async def test_worn_tool_is_used_up_fast(live: LiveLine) -> None:
    before = float(live.field("cell.mill_tool_used").value)
    await live.inject("tool_worn", "cell.mill")
    await live.go(100)
    used = float(live.field("cell.mill_tool_used").value)
    assert used - before > 25, "five cuts use up what thirty would"
    await live.all_say("cell.mill_tool_used", used)
    await live.maintain("cell.mill", "replace")
    assert float(live.field("cell.mill_tool_used").value) == 0, "the new tool begins its life"
    await live.recovers()


@covers(10)
async def test_broken_tool_cuts_nothing_until_it_is_changed(live: LiveLine) -> None:
    await live.go_until(lambda: float(live.truth("cell.mill_load")) > 30, 60, 0.5)
    await live.inject("tool_broken", "cell.mill")
    await live.go(0.5)
    idling = float((await live.opcua("cell.mill_load")).value)
    assert 0 < idling < 12, "the spindle turns free"
    await live.all_say("cell.mill_load", idling)
    await live.all_say("cell.mill_tool_ok", True)
    scrap = live.line.plant.parts.ends.get("outfeed.scrap", 0)
    await live.go(90)
    assert live.line.plant.parts.ends.get("outfeed.scrap", 0) >= scrap + 2, "the camera throws out what was not cut"
    await live.maintain("cell.mill", "replace")
    assert int(live.field("cell.mill_tool_changes").value) == 1
    await live.recovers()


@covers(11)
async def test_gripper_drops_its_part(live: LiveLine) -> None:
    await live.go_until(lambda: bool(live.truth("cell.arm_part")) and not live.truth("cell.arm_at_home"), 60, 0.1)
    await live.inject("gripper_drops_part", "cell.arm")
    await live.go_until(lambda: int(live.field("cell.arm_error_code").value) in (2, 3), 15, 0.2)
    await live.all_say("cell.arm_error", True)
    assert float(live.truth("cell.arm_vacuum")) < 56, "a torn cup does not reach its vacuum"
    await live.maintain("cell.arm", "replace")
    await live.recovers()


@covers(13)
async def test_robot_motors_warm_up_and_stop_it(live: LiveLine) -> None:
    before = float(live.field("cell.arm_temperature_arm").value)
    await live.inject("robot_overheats", "cell.arm", drag=6)
    await live.go(120)
    warm = float(live.field("cell.arm_temperature_arm").value)
    assert warm > before + 10
    await live.go_until(lambda: int(live.field("cell.arm_error_code").value) == 4, 1800, 10)
    await live.all_say("cell.arm_error_code", 4)
    assert float((await live.opcua("cell.arm_temperature_arm")).value) >= 84.5
    await live.maintain("cell.arm", "adjust")
    await live.go(900)  # it cools
    await live.recovers()


@covers(15)
async def test_low_pressure_slows_every_cylinder_at_once(live: LiveLine) -> None:
    await live.inject("pressure_low", "utilities.air")
    await live.go_until(lambda: float(live.field("utilities.air_pressure").value) < 4, 120, 1)
    await live.all_say("utilities.air_ok", False)
    pressure = float(live.field("utilities.air_pressure").value)
    await live.all_say("utilities.air_pressure", pressure)
    speeds = [live.line.plant.components[name] for name in ("cell.door", "outfeed.stopper", "outfeed.gate")]
    assert len(speeds) == 3
    await live.go(60)
    assert float(live.field("utilities.air_pressure").value) < 2
    assert live.line.alarms()["utilities.pressure_low"].active, "one cause, and its alarm"
    await live.maintain("utilities.air", "replace")
    await live.start("utilities")
    await live.go(180)  # the receiver fills
    await live.all_say("utilities.air_ok", True)
    for station in ("cell", "outfeed"):
        await live.stop(station)
    await live.recovers(300)


async def stroke_s(live: LiveLine, command: str, end: str, value: bool) -> float:
    """How long it takes from the command's edge to its end switch."""
    await live.go_until(lambda: live.truth(command) is not value, 90, 0.05)
    await live.go_until(lambda: live.truth(command) is value, 90, 0.05)
    return await live.go_until(lambda: live.truth(end) is True, 30, 0.05)


@covers(16)
async def test_worn_seal_makes_one_cylinder_slow_both_ways(live: LiveLine) -> None:
    healthy = await stroke_s(live, "cell.door_close", "cell.door_is_closed", True)
    await live.inject("seal_worn", "cell.door")
    out = await stroke_s(live, "cell.door_close", "cell.door_is_closed", True)
    await live.all_say("cell.door_is_closed", True)
    back = await stroke_s(live, "cell.door_open", "cell.door_is_open", True)
    assert out > 2 * healthy
    assert back > 2 * healthy
    assert float(live.truth("utilities.air_pressure")) == pytest.approx(6, abs=0.1), "the supply is not to blame"
    await live.maintain("cell.door", "replace")
    await live.recovers()
    assert await stroke_s(live, "cell.door_close", "cell.door_is_closed", True) == pytest.approx(healthy, abs=0.11)


@covers(17)
async def test_open_coil_the_output_is_on_and_nothing_moves(live: LiveLine) -> None:
    await live.go_until(lambda: live.truth("cell.door_is_open") is True, 60, 0.2)
    await live.inject("valve_coil_open", "cell.door")
    await live.go_until(lambda: live.field("cell.door_close").value is True, 60, 0.2)
    await live.go(6)
    await live.all_say("cell.door_close", True)
    await live.all_say("cell.door_is_closed", False)
    await live.all_say("cell.door_is_open", True)
    assert live.line.alarms()["cell.door_stuck"].active
    await live.maintain("cell.door", "replace")
    await live.recovers()


@covers(18)
async def test_turned_throttle_slows_one_direction_alone(live: LiveLine) -> None:
    out, back = (
        await stroke_s(live, "cell.door_close", "cell.door_is_closed", True),
        await stroke_s(live, "cell.door_open", "cell.door_is_open", True),
    )
    await live.inject("throttle_turned", "cell.door")
    assert await stroke_s(live, "cell.door_close", "cell.door_is_closed", True) > 3 * out
    await live.all_say("cell.door_is_closed", True)
    assert await stroke_s(live, "cell.door_open", "cell.door_is_open", True) == pytest.approx(back, abs=0.11)
    await live.maintain("cell.door", "adjust")
    await live.recovers()


@covers(19)
async def test_clogged_ejector_builds_its_vacuum_up_late(live: LiveLine) -> None:
    async def level() -> float:
        await live.go_until(lambda: live.truth("cell.arm_part") is False, 60, 0.1)
        await live.go_until(lambda: live.truth("cell.arm_part") is True, 60, 0.1)
        await live.go(0.8)
        return float((await live.opcua("cell.arm_vacuum")).value)

    healthy = await level()
    await live.inject("ejector_clogged", "cell.arm")
    clogged = await level()
    assert clogged < 0.8 * healthy
    assert (await live.mqtt("cell.arm_vacuum"))["quality"] == "good"
    await live.maintain("cell.arm", "clean")
    await live.recovers()
    assert await level() == pytest.approx(healthy, abs=1)


@covers(20)
async def test_bus_loss_bistable_stays_and_monostable_returns(live: LiveLine) -> None:
    await live.go_until(
        lambda: live.truth("cell.door_is_closed") is True and bool(live.truth("cell.mill_running")), 90, 0.2
    )
    await live.inject("bus_loss", "cell")
    await live.go(3)
    assert live.truth("cell.door_is_closed") is True, "a bistable valve keeps its cylinder where it is"
    said = await live.opcua("cell.door_is_closed")
    assert said.status == "BadNoCommunication"
    assert said.value is None
    told = await live.mqtt("cell.door_is_closed")
    assert (told["quality"], told["reason"]) == ("bad", "no_communication")
    await live.maintain("cell", "replace")
    await live.all_say("cell.mill_tool_ok", True)
    await live.inject("bus_loss", "outfeed")
    await live.go(5)
    stopper = live.line.plant.components["outfeed.stopper"]
    assert stopper.s.travel.at(live.line.now_ns) == 0, "a monostable valve lets its cylinder return"
    await live.maintain("outfeed", "replace")
    await live.recovers()


@covers(21)
async def test_undervoltage_takes_all_inputs_of_the_module(live: LiveLine) -> None:
    await live.inject("sensor_undervoltage", "cell")
    await live.go(1)
    for tag in ("cell.arm_ready", "cell.door_is_open", "cell.mill_tool_ok"):
        await live.all_say(tag, False)
    assert (await live.opcua("cell.mill_temperature")).status == "BadSensorFailure"
    assert live.truth("cell.mill_tool_ok") is True
    assert live.field("outfeed.gate_home").value is True, "another module has its own supply"
    await live.maintain("cell", "replace")
    await live.recovers()


@covers(22)
async def test_output_short_one_actuator_is_dead(live: LiveLine) -> None:
    await live.go_until(lambda: live.truth("outfeed.stopper_open") is False, 60, 0.1)
    await live.inject("output_short", "outfeed.stopper_open")
    await live.go(60)
    assert live.truth("outfeed.stopper_open") is False, "no current reaches the valve"
    assert live.line.plant.units["outfeed"].program.s.chains["main"].step == "release", "the program wants it open"
    await live.all_say("outfeed.eye_camera", True)
    await live.all_say("outfeed.rollers_run", True)
    await live.maintain("outfeed.stopper", "replace")
    await live.recovers()


@covers(23)
async def test_overload_trips_after_the_time_that_i2t_says(live: LiveLine) -> None:
    """The belt runs a quarter of the time, so that it takes more than twice the current to heat its thermal image."""
    await live.inject("motor_overload", "cell.drive", load=5)
    await live.go_until(lambda: bool(live.truth("cell.drive_running")), 60, 0.2)
    await live.go(0.6)
    current = float(live.field("cell.drive_current").value)
    assert current > 4.5 * 2
    await live.go_until(lambda: int(live.field("cell.drive_fault_code").value) == 1, 600, 2)
    await live.all_say("cell.drive_fault_code", 1)
    await live.all_say("cell.drive_fault", True)
    await live.go(30)
    assert await live.modbus("cell.drive_current") == 0
    await live.maintain("cell.drive", "clean")
    await live.go(1200)  # its thermal image cools down
    await live.recovers()


@covers(24)
async def test_phase_loss_one_current_is_nought_and_the_drive_trips(live: LiveLine) -> None:
    await live.go_until(lambda: bool(live.truth("cell.drive_running")), 60, 0.2)
    healthy = float(live.truth("cell.drive_current_l1"))
    await live.inject("phase_loss", "cell.drive")
    await live.go(1)
    currents = sorted([float((await live.opcua(f"cell.drive_current_l{k}")).value) for k in (1, 2, 3)])
    assert currents[0] == 0
    assert currents[1] > 1.3 * healthy
    await live.go_until(lambda: int(live.field("cell.drive_fault_code").value) == 3, 20, 0.5)
    await live.all_say("cell.drive_fault_code", 3)
    await live.maintain("cell.drive", "replace")
    await live.recovers()


@covers(25)
async def test_latched_drive_needs_its_reset(live: LiveLine) -> None:
    await live.inject("drive_trip", "cell.drive")
    await live.go(1)
    await live.all_say("cell.drive_fault_code", 4)
    await live.go(60)
    assert live.truth("cell.drive_running") is False
    assert live.active == [], "it happened once; what is left is the latch"
    await live.stop("cell")
    await live.recovers()  # homing resets the drive
    await live.all_say("cell.drive_fault", False)


@covers(40)
async def test_welded_contactor_runs_on_without_a_command(live: LiveLine) -> None:
    await live.go_until(lambda: live.truth("cell.belt_in_run") is True, 60, 0.2)
    await live.inject("contactor_welded", "cell.belt_in")
    await live.go_until(lambda: live.field("cell.belt_in_run").value is False, 60, 0.2)
    await live.go(1)
    await live.all_say("cell.belt_in_run", False)
    assert float((await live.opcua("cell.belt_in_speed_actual")).value) > 100
    await live.maintain("cell.belt_in", "replace")
    await live.recovers()


@covers(41)
async def test_stuck_stopper_releases_nothing(live: LiveLine) -> None:
    await live.go_until(lambda: live.truth("outfeed.eye_camera") is True, 60, 0.2)
    await live.inject("stopper_stuck", "outfeed.stopper")
    await live.go(20)
    await live.all_say("outfeed.stopper_open", True)
    await live.all_say("outfeed.eye_camera", True)
    await live.maintain("outfeed.stopper", "clean")
    await live.recovers()


@covers(42)
async def test_late_diverter_comes_out_late(live: LiveLine) -> None:
    async def lag() -> float:
        await live.give("jog", tag="outfeed.gate_extend", value=False)
        await live.go(2)
        await live.give("jog", tag="outfeed.gate_extend", value=True)
        return await live.go_until(lambda: live.truth("outfeed.gate_out") is True, 10, 0.05)

    await live.stop("outfeed")
    healthy = await lag()
    await live.inject("diverter_late", "outfeed.gate")
    late = await lag()
    assert late == pytest.approx(healthy + 1.2, abs=0.11)
    await live.all_say("outfeed.gate_out", True)
    await live.maintain("outfeed.gate", "adjust")
    assert await lag() == pytest.approx(healthy, abs=0.06)
    await live.recovers()


@covers(26)
async def test_estop_aborts_and_reset_waits_for_its_release(live: LiveLine) -> None:
    await live.inject("estop_pressed", "cell")
    await live.go(1)
    assert live.state("cell") is State.ABORTED
    await live.all_say("cell.state", 9)
    await live.all_say("cell.stop_reason", 1)
    await live.all_say("cell.estop_ok", False)
    await live.press("cell", "reset", "start")
    assert live.state("cell") is State.ABORTED
    assert live.active != []
    await live.give("panel", station="cell", element="estop", pressed=False)
    await live.recovers()
