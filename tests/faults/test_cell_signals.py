"""Sensor, control and quality faults of the catalogue on the machining cell, seen on the wires."""

from statistics import mean, pstdev

import pytest

from tests.faults.covered import covers
from tests.faults.live import LiveLine

LINE = "machining-cell"
WARM_S = 60
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def values(live: LiveLine, tag: str, count: int, every_s: float) -> list[float]:
    """What Modbus says of a tag, again and again."""
    said = []
    for _ in range(count):
        await live.go(every_s)
        said.append(float(await live.modbus(tag)))
    return said


@covers(30)
async def test_chattering_contact(live: LiveLine) -> None:
    await live.go_until(lambda: live.truth("cell.eye_place") is False, 60)
    index = live.line.tags.find("cell.eye_place").index  # type: ignore[union-attr]
    edges: list[int] = []
    live.line.listen(lambda t, kind, subject, data: edges.append(t) if (kind, subject) == ("tag", index) else None)
    await live.inject("chattering_contact", "cell.eye_place")
    await live.go(5)
    assert len(edges) / 5 > 20, "more than twenty edges a second"
    seen = {bool(v) for v in await values(live, "cell.eye_place", 30, 0.033)}
    assert seen == {True, False}
    assert (await live.opcua("cell.eye_place")).good
    assert live.truth("cell.eye_place") is False
    await live.maintain("cell.eye_place", "replace")
    await live.all_say("cell.eye_place", bool(live.truth("cell.eye_place")))
    await live.recovers()


@covers(31)
async def test_broken_loop_is_below_4_ma_on_every_wire(live: LiveLine) -> None:
    """Range -50 to 200 °C: 3.6 mA is 2.5 % of the span below its lower end."""
    await live.inject("wire_break", "cell.mill_temperature")
    assert await live.modbus("cell.mill_temperature") == pytest.approx(-56.25, abs=0.06)
    said = await live.opcua("cell.mill_temperature")
    assert said.status == "BadSensorFailure"
    assert said.value is None
    await live.until_it(lambda: _bad(live, "cell.mill_temperature", "sensor_failure"), "quality bad")
    assert 20 < float(live.truth("cell.mill_temperature")) < 60
    await live.maintain("cell.mill", "replace")
    await live.all_say("cell.mill_temperature", live.truth("cell.mill_temperature"))
    await live.recovers()


async def _bad(live: LiveLine, tag: str, reason: str) -> bool:
    told = await live.mqtt(tag)
    return (told["quality"], told.get("reason")) == ("bad", reason)


@covers(32)
async def test_over_range_is_uncertain(live: LiveLine) -> None:
    await live.inject("over_range", "utilities.air_pressure")
    assert await live.modbus("utilities.air_pressure") > 16
    assert (await live.opcua("utilities.air_pressure")).status == "UncertainEngineeringUnitsExceeded"
    await live.until_it(lambda: _uncertain(live, "utilities.air_pressure"), "quality uncertain")
    assert float(live.truth("utilities.air_pressure")) == pytest.approx(6, abs=0.1)
    await live.maintain("utilities.air", "calibrate")
    await live.all_say("utilities.air_pressure", live.truth("utilities.air_pressure"))
    await live.recovers()


async def _uncertain(live: LiveLine, tag: str) -> bool:
    return bool((await live.mqtt(tag))["quality"] == "uncertain")


@covers(33)
async def test_drift_parts_slowly_from_the_truth_with_good_quality(live: LiveLine) -> None:
    await live.inject("slow_drift", "utilities.air_pressure", rate="20 %")
    await live.go(900)
    drifted = float(live.field("utilities.air_pressure").value) - float(live.truth("utilities.air_pressure"))
    assert drifted == pytest.approx(0.2 * 16 / 4, abs=0.1), "a quarter of an hour of a fifth of 16 bar an hour"
    await live.all_say("utilities.air_pressure", live.field("utilities.air_pressure").value)
    await live.maintain("utilities.air", "calibrate")
    await live.all_say("utilities.air_pressure", live.truth("utilities.air_pressure"))
    await live.recovers()


@covers(34)
async def test_noise_is_around_the_truth(live: LiveLine) -> None:
    quiet = await values(live, "utilities.air_pressure", 20, 0.2)
    await live.inject("noise", "utilities.air_pressure")
    said = await values(live, "utilities.air_pressure", 60, 0.2)
    assert pstdev(said) > 4 * max(pstdev(quiet), 0.02)
    assert mean(said) == pytest.approx(6, abs=0.2)
    assert (await live.opcua("utilities.air_pressure")).good
    await live.maintain("utilities.air", "replace")
    await live.recovers()


@covers(35)
async def test_frozen_value_keeps_its_source_time_stamp(live: LiveLine) -> None:
    await live.inject("frozen_value", "cell.mill_temperature")
    held = await live.modbus("cell.mill_temperature")
    first = await live.opcua("cell.mill_temperature")
    await live.go(120)
    later = await live.opcua("cell.mill_temperature")
    assert await live.modbus("cell.mill_temperature") == held
    assert later.good
    assert later.stamp == first.stamp
    assert float(live.truth("cell.mill_temperature")) != held
    await live.maintain("cell.mill", "reset")
    await live.all_say("cell.mill_temperature", live.truth("cell.mill_temperature"))
    await live.recovers()


@covers(36)
async def test_wrong_scaling_is_a_multiple_of_the_truth(live: LiveLine) -> None:
    await live.inject("wrong_scaling", "utilities.air_pressure")
    assert await live.modbus("utilities.air_pressure") == pytest.approx(0.6, abs=0.02)
    await live.all_say("utilities.air_pressure", live.field("utilities.air_pressure").value)
    await live.maintain("utilities.air", "adjust")
    await live.all_say("utilities.air_pressure", 6)
    await live.recovers()


@covers(39)
async def test_two_channels_have_changed_places(live: LiveLine) -> None:
    await live.inject("channels_swapped", "utilities.air_pressure")
    other = next(tag for tag in ("utilities.air_receiver", "utilities.air_meter_flow")
                 if live.field(tag).value != live.truth(tag))  # fmt: skip
    assert float(live.field("utilities.air_pressure").value) == pytest.approx(float(live.truth(other)), abs=0.05)
    assert float(live.field(other).value) == pytest.approx(float(live.truth("utilities.air_pressure")), abs=0.05)
    await live.all_say(other, live.truth("utilities.air_pressure"))
    await live.maintain("utilities.air", "replace")
    await live.all_say("utilities.air_pressure", live.truth("utilities.air_pressure"))
    await live.recovers()


@covers(38)
async def test_dirty_camera_rejects_good_parts(live: LiveLine) -> None:
    await live.inject("camera_dirty", "outfeed.camera", share="90 %")
    await live.go(120)
    rejected = int(live.field("outfeed.camera_false_rejects").value)
    assert rejected >= 3
    await live.all_say("outfeed.camera_false_rejects", rejected)
    assert live.line.plant.parts.ends.get("outfeed.scrap", 0) >= 2
    await live.maintain("outfeed.camera", "clean")
    await live.recovers()
    assert int(live.field("outfeed.camera_false_rejects").value) <= rejected + 1, "one was on its way"


@covers(89)
async def test_strict_threshold_shows_in_the_confusion_matrix(live: LiveLine) -> None:
    await live.inject("threshold_badly_set", "outfeed.camera", margin="-49 µm")
    await live.go(120)
    rejected = int(live.field("outfeed.camera_false_rejects").value)
    assert rejected >= 2
    await live.all_say("outfeed.camera_false_rejects", rejected)
    await live.maintain("outfeed.camera", "adjust")
    await live.recovers()


async def sizes(live: LiveLine, count: int) -> list[float]:
    """The next dimensions that the camera says, by OPC UA, each beside what the part is."""
    said: list[float] = []
    while len(said) < count:
        await live.go_until(lambda: live.truth("outfeed.camera_valid") is False, 90, 0.3)
        await live.go_until(lambda: live.truth("outfeed.camera_valid") is True, 90, 0.3)
        said.append(float((await live.opcua("outfeed.camera_dimension")).value) - 30)
    return said


@covers(90)
async def test_gauge_offset_is_a_constant(live: LiveLine) -> None:
    await live.inject("gauge_offset", "outfeed.camera", offset="100 µm")
    off = await sizes(live, 3)
    assert mean(off) == pytest.approx(0.1, abs=0.03)
    await live.all_say("outfeed.camera_dimension", 30 + off[-1])
    await live.maintain("outfeed.camera", "calibrate")
    assert abs(mean(await sizes(live, 3))) < 0.03
    await live.recovers()


@covers(87)
async def test_mean_of_the_size_shifts_with_the_heat(live: LiveLine) -> None:
    healthy = mean(await sizes(live, 4))
    await live.inject("mean_shift", "cell.mill", growth="3 µm")
    await live.go(60)
    shifted = mean(await sizes(live, 4))
    assert shifted - healthy > 0.008, "some kelvins above ambient, three micrometres each"
    await live.maintain("cell.mill", "adjust")
    await live.recovers()


@covers(88)
async def test_spread_of_the_size_grows(live: LiveLine) -> None:
    healthy = pstdev(await sizes(live, 8))
    await live.inject("variance_doubled", "cell.mill", factor=5)
    await live.go(60)
    assert pstdev(await sizes(live, 8)) > 2 * healthy
    assert live.field("outfeed.camera_dimension").quality == "good"
    await live.maintain("cell.mill", "adjust")
    await live.recovers()


@covers(43)
async def test_forgotten_force_says_local_override(live: LiveLine) -> None:
    held = live.truth("cell.eye_in")
    await live.inject("forced_point", "cell.eye_in")
    await live.go_until(lambda: live.truth("cell.eye_in") is not held, 90, 0.2)
    said = await live.opcua("cell.eye_in")
    assert (said.status, said.value) == ("GoodLocalOverride", held)
    assert await live.modbus("cell.eye_in") is held
    assert (await live.mqtt("cell.eye_in"))["value"] is held
    await live.maintain("cell.eye_in", "adjust")
    await live.all_say("cell.eye_in", bool(live.truth("cell.eye_in")))
    await live.recovers()


@covers(47)
async def test_stopped_plc_has_no_heartbeat_and_no_outputs(live: LiveLine) -> None:
    await live.inject("plc_stop", "outfeed")
    beat = await live.modbus("line.heartbeat")
    await live.go(10)
    assert await live.modbus("line.heartbeat") == beat
    for tag in ("outfeed.belt_run", "outfeed.rollers_run", "outfeed.tower_green"):
        assert live.truth(tag) is False, tag
    await live.all_say("line.heartbeat", beat)
    assert live.field("cell.arm_enable").value is True, "another controller runs"
    await live.maintain("outfeed", "reset")
    await live.go(3)
    assert await live.modbus("line.heartbeat") != beat
    await live.recovers()


@covers(48)
async def test_wrong_mode_holds_the_station_until_the_key_is_turned_back(live: LiveLine) -> None:
    await live.inject("wrong_mode", "outfeed")
    await live.go(1)
    await live.all_say("outfeed.control", 1)
    await live.all_say("outfeed.state", 11)
    assert live.active != []
    await live.give("key", station="outfeed", control="builtin")
    await live.go(1)
    assert live.active == []
    await live.recovers()


@covers(63)
async def test_device_behind_the_server_is_lost(live: LiveLine) -> None:
    await live.inject("device_behind_server_lost", "utilities.meter")
    held = await live.modbus("utilities.meter_watt_hours")
    await live.go(60)
    said = await live.opcua("utilities.meter_power")
    assert said.status == "UncertainNoCommunicationLastUsableValue"
    assert said.value is not None, "the last usable value is there"
    assert await live.modbus("utilities.meter_watt_hours") == held
    await live.until_it(lambda: _uncertain(live, "utilities.meter_power"), "quality uncertain")
    await live.all_say("utilities.air_ok", True)
    await live.maintain("utilities.meter", "replace")
    await live.go(30)
    assert await live.modbus("utilities.meter_watt_hours") > held
    await live.recovers()


@covers(80)
async def test_spoofed_values_are_normal_while_the_plant_is_not(live: LiveLine) -> None:
    await live.inject("spoofed_values", "utilities")
    await live.inject("pressure_low", "utilities.air", leak="5 L/s")
    await live.go(60)
    assert float(live.truth("utilities.air_pressure")) < 2
    await live.all_say("utilities.air_pressure", 6)
    await live.maintain("utilities", "reset")
    assert await live.modbus("utilities.air_pressure") < 2
    await live.maintain("utilities.air", "replace")
    await live.start("utilities")
    await live.go(180)
    for station in ("cell", "outfeed"):
        await live.stop(station)
    await live.recovers(300)


@covers(95)
async def test_bypassed_guard_says_nothing(live: LiveLine) -> None:
    await live.inject("guard_bypassed", "cell.stop_2")
    await live.give("panel", station="cell", element="stop_2", pressed=True)
    await live.go(2)
    assert live.truth("cell.stop_2_ok") is False
    await live.all_say("cell.stop_2_ok", True)
    await live.give("panel", station="cell", element="stop_2", pressed=False)
    await live.maintain("cell.stop_2", "replace")
    await live.recovers()


@covers(93)
async def test_counts_differ_by_what_got_lost(live: LiveLine) -> None:
    await live.inject("counts_differ", "outfeed.parts_out")
    made = int(live.truth("outfeed.parts_out"))
    await live.all_say("outfeed.parts_out", made + 7)
    await live.maintain("outfeed", "adjust")
    await live.all_say("outfeed.parts_out", int(live.truth("outfeed.parts_out")))
    await live.recovers()


@covers(50)
async def test_counter_begins_again_at_nought(live: LiveLine) -> None:
    await live.inject("counter_wrap", "outfeed.parts_out", before=65533)
    made = int(live.truth("outfeed.parts_out"))
    await live.all_say("outfeed.parts_out", (65533 + made) % 65536)
    await live.go(100)
    made = int(live.truth("outfeed.parts_out"))
    assert made > 3
    await live.all_say("outfeed.parts_out", (65533 + made) % 65536)
    assert await live.modbus("outfeed.parts_out") < 20
    await live.maintain("outfeed", "adjust")
    await live.recovers()


@covers(96)
async def test_more_good_parts_are_said_than_were_made(live: LiveLine) -> None:
    await live.inject("wrong_count_entered", "outfeed", by=50)
    assert await live.modbus("line.parts_good") > await live.modbus("line.parts_made")
    await live.all_say("line.parts_good", int(live.truth("line.parts_good")) + 50)
    await live.maintain("outfeed", "adjust")
    await live.all_say("line.parts_good", int(live.truth("line.parts_good")))
    await live.recovers()
