"""Material, sensor, control and security faults of the catalogue on the reference line, seen on the wires."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sim.packml import State
from tests.faults.covered import covers
from tests.faults.live import LiveLine

LINE = "smart-factory"
WARM_S = 120
pytestmark = pytest.mark.asyncio(loop_scope="module")


@covers(1)
async def test_empty_infeed_starves_the_line(live: LiveLine) -> None:
    await live.inject("infeed_empty", "infeed.feeder")
    await live.go_until(lambda: live.truth("infeed.feeder_empty") is True, 700, 10)
    await live.go(60)
    await live.all_say("infeed.feeder_empty", True)
    await live.all_say("machining.equipment_starved", True)
    assert live.state("machining") is State.SUSPENDED
    await live.all_say("machining.state", 5)
    made = live.truth("line.parts_made")
    await live.go(60)
    assert live.truth("line.parts_made") == made
    await live.maintain("infeed.feeder", "replace")
    await live.go(120)
    await live.recovers(240)


@covers(2)
async def test_jam_the_eye_stays_on_and_the_belt_runs(live: LiveLine) -> None:
    await live.inject("part_jam", "sorting.belt")
    await live.go(60)
    await live.all_say("sorting.belt_run", live.field("sorting.belt_run").value)
    made = sum(live.line.plant.parts.ends.values())
    await live.go(60)
    assert sum(live.line.plant.parts.ends.values()) <= made + 1, "nothing gets past"
    await live.maintain("sorting.belt", "clean")
    await live.recovers()


@covers(3)
async def test_mixed_lot_is_rejected_and_no_machine_is_to_blame(live: LiveLine) -> None:
    before = int(live.truth("line.parts_rejected"))
    await live.inject("mixed_lot", "infeed.feeder", share="90 %")
    await live.go(200)
    rejected = int(live.truth("line.parts_rejected"))
    assert rejected > before + 3
    await live.all_say("line.parts_rejected", rejected)
    await live.maintain("infeed.feeder", "replace")
    await live.recovers()


@covers(7)
async def test_belt_slip_the_command_is_normal_and_parts_are_late(live: LiveLine) -> None:
    await live.go_until(lambda: float(live.truth("infeed.belt_speed_actual")) > 0, 60, 0.2)
    await live.inject("belt_slip", "infeed.belt")
    await live.go_until(lambda: float(live.truth("infeed.belt_speed_actual")) > 0, 60, 0.2)
    slow = float(live.field("infeed.belt_speed_actual").value)
    assert slow == pytest.approx(0.8 * 200, abs=5)
    await live.all_say("infeed.belt_speed_actual", slow)
    await live.all_say("infeed.belt_speed", 200)
    await live.maintain("infeed.belt", "adjust")
    await live.recovers()
    await live.go_until(lambda: float(live.truth("infeed.belt_speed_actual")) > 0, 60, 0.2)
    assert float(live.field("infeed.belt_speed_actual").value) == pytest.approx(200, abs=0.5)


@covers(28)
async def test_eye_stuck_on_is_good_and_wrong(live: LiveLine) -> None:
    await live.inject("photo_eye_stuck", "sorting.eye_2")
    await live.go(1)
    await live.all_say("sorting.eye_2", True)
    assert live.truth("sorting.eye_2") is False
    await live.maintain("sorting.eye_2", "replace")
    await live.all_say("sorting.eye_2", bool(live.truth("sorting.eye_2")))
    await live.recovers()


@covers(29)
async def test_blind_eye_lets_parts_pass_that_the_next_one_sees(live: LiveLine) -> None:
    await live.inject("photo_eye_blind", "inspection.eye_camera")
    await live.go_until(lambda: live.truth("inspection.eye_camera") is True, 90, 0.3)
    await live.all_say("inspection.eye_camera", False)
    await live.go(60)
    assert live.truth("inspection.eye_camera") is True, "the part stands before the camera and nobody takes a picture"
    await live.maintain("inspection.eye_camera", "replace")
    await live.all_say("inspection.eye_camera", bool(live.truth("inspection.eye_camera")))
    await live.recovers()


@covers(46)
async def test_deadlocked_handshake_has_no_fault_alarm(live: LiveLine) -> None:
    await live.inject("handshake_deadlock", "inspection.ready_to_receive")
    await live.go(90)
    await live.all_say("inspection.ready_to_receive", True)
    await live.all_say("machining.part_available", True)
    await live.all_say("machining.downstream_ready", False)
    assert live.state("machining") is State.SUSPENDED
    await live.all_say("machining.state", 5)
    assert live.line.plant.units["inspection"].program.s.chains["main"].step == "receive", "it waits as well"
    assert not any(alarm.active for name, alarm in live.line.alarms().items() if name.startswith("inspection."))
    await live.maintain("inspection", "replace")
    await live.recovers()


def strangers(live: LiveLine) -> list[str]:
    """What peers of another network asked, in the traffic of the run."""
    return [subject for _, client, _, subject in live.traffic if "192.168.10." in client]


@covers(56)
async def test_two_masters_write_one_set_point(live: LiveLine) -> None:
    await live.inject("two_masters", "sorting.ejector_2_colour", value=3)
    modbus = await live.modbus_client()
    flips = []
    for _ in range(4):
        live.bench.go_on("test")
        assert await modbus.write(live.places["sorting.ejector_2_colour"], 1) is None
        live.bench.freeze("test")
        flips.append(await live.modbus("sorting.ejector_2_colour"))
        await live.go(2.1)
        flips.append(await live.modbus("sorting.ejector_2_colour"))
    assert flips == [1, 3] * 4
    await live.all_say("sorting.ejector_2_colour", 3)
    assert len(strangers(live)) >= 4
    await live.maintain("sorting", "close_connection")
    live.bench.go_on("test")
    assert await modbus.write(live.places["sorting.ejector_2_colour"], 1) is None
    live.bench.freeze("test")
    await live.go(10)
    await live.all_say("sorting.ejector_2_colour", 1)
    await live.recovers()


@covers(78)
async def test_unauthorised_write_stops_a_station_and_its_peer_is_seen(live: LiveLine) -> None:
    await live.inject("unauthorised_write", "machining")
    await live.go(3)
    assert live.state("machining") is State.STOPPED
    await live.all_say("machining.state", 2)
    assert any("machining.cmd_stop" in subject for subject in strangers(live))
    await live.maintain("machining", "close_connection")
    await live.recovers()


@covers(79)
async def test_changed_parameter_is_not_the_baseline(live: LiveLine) -> None:
    before = live.truth("sorting.ejector_2_colour")
    await live.inject("parameter_changed", "sorting.ejector_2_colour", value=0)
    await live.go(1)
    await live.all_say("sorting.ejector_2_colour", 0)
    assert strangers(live)
    await live.maintain("sorting", "adjust")
    await live.all_say("sorting.ejector_2_colour", int(before))
    await live.recovers()


@covers(91)
async def test_wrong_recipe_sorts_otherwise(live: LiveLine) -> None:
    before = live.truth("sorting.ejector_3_colour")
    await live.inject("wrong_recipe", "sorting.ejector_3_colour", value=0)
    await live.go(1)
    await live.all_say("sorting.ejector_3_colour", 0)
    assert not strangers(live), "an operator's hand, no stranger's"
    await live.maintain("sorting", "adjust")
    await live.all_say("sorting.ejector_3_colour", int(before))
    await live.inject("wrong_recipe", "sorting.ejector_3_colour", value=0)
    modbus = await live.modbus_client()
    live.bench.go_on("test")
    assert await modbus.write(live.places["sorting.ejector_3_colour"], int(before)) is None
    live.bench.freeze("test")
    await live.go(1)
    assert live.active == [], "writing the right recipe is a remedy as well"
    await live.recovers()


@covers(82)
async def test_suppressed_alarm_does_not_come(live: LiveLine) -> None:
    await live.inject("alarm_suppressed", "storage", alarm="estop")
    await live.give("panel", station="storage", element="estop", pressed=True)
    await live.go(5)
    assert live.truth("storage.estop_ok") is False
    assert live.line.alarms()["storage.estop"].isa == "out_of_service"
    assert await live.modbus("storage.alarms_active") == 0
    await live.all_say("storage.estop_ok", False)
    await live.give("panel", station="storage", element="estop", pressed=False)
    await live.maintain("storage", "adjust")
    await live.give("panel", station="storage", element="estop", pressed=True)
    await live.go(5)
    assert live.line.alarms()["storage.estop"].active
    assert await live.modbus("storage.alarms_active") >= 1
    await live.give("panel", station="storage", element="estop", pressed=False)
    await live.recovers()


@covers(84)
async def test_rogue_master_shows_another_certificate_and_writes(live: LiveLine) -> None:
    async def certificate() -> bytes:
        client = live.new_opcua_client()
        return bytes((await client.connect_and_get_server_endpoints())[-1].ServerCertificate)

    own = await certificate()
    await live.inject("rogue_master", "sorting.ejector_2_colour", value=2)
    await live.go(6)
    await live.until_it(lambda: _differs(certificate, own), "another certificate")  # its key takes a while
    await live.all_say("sorting.ejector_2_colour", 2)
    assert strangers(live)
    await live.maintain("sorting", "close_connection")
    assert await certificate() == own
    await live.recovers()


async def _differs(certificate: Callable[[], Awaitable[bytes]], own: bytes) -> bool:
    return await certificate() != own


@covers(85)
async def test_changed_mode_holds_the_station(live: LiveLine) -> None:
    await live.inject("mode_change", "sorting")
    await live.go(1)
    said = await live.opcua("sorting.control")
    assert said.value == 2
    assert live.state("sorting") is State.HELD
    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", live.port("modbus"))
    assert strangers(live)
    await live.give("key", station="sorting", control="builtin")
    await live.go(1)
    await live.recovers()


@covers(27)
async def test_power_dip_closes_sessions_and_aborts(live: LiveLine) -> None:
    client = live.new_opcua_client()
    await client.connect()
    modbus = await live.modbus_client()
    await live.inject("power_dip", "storage", length="2 s")
    await live.until(lambda: not modbus.client.connected, "the TCP connection is closed")
    assert live.state("storage") is State.ABORTED
    await live.go(3)
    assert live.active == []
    with pytest.raises(Exception):  # noqa: B017, PT011
        await client.nodes.server_state.read_value()
    await live.reconnect()
    await live.all_say("storage.state", 9)
    await live.recovers()
