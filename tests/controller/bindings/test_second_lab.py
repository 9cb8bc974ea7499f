"""A second LineLab in the place of a station, over each of its wires: what it says comes in, what it is told it does,
and when the cable is pulled the twin goes on with every part, and nothing that was meant for the device comes late.
"""

import asyncio
from pathlib import Path

import pytest

from devices.drivers import Quality
from sim.inputs import Input
from sim.invariants import Invariants
from sim.line import Line
from sim.packml import State
from tests.controller.bindings.rig import Rig, until
from tests.controller.bindings.second_lab import LOST_S, two_labs

OPCUA = pytest.param("opcua", marks=pytest.mark.long)  # an address space to build: seconds of a processor


@pytest.mark.timeout(60)
async def test_a_device_that_refuses_a_command_disarms_the_station(tmp_path: Path) -> None:
    """Somebody turns its key to another wire: what it does is then not what the line says."""
    async with two_labs(tmp_path, "modbus") as (made, device, _):
        device.key()
        await made.armed()
        await until(lambda: device.value("belt_run"), "the belt of the device runs")
        device.bench.give(Input("key", {"station": "machining", "control": "opcua"}), "person")
        device.shows("eye_work", True)  # the program closes the door
        await until(lambda: not made.station.armed, "disarmed")
        await until(lambda: [row["why"] for row in made.audit() if row["what"] == "disarmed"] == ["refused"], "why")
        assert made.value("state") in (State.ABORTING, State.ABORTED)


async def parts_come(made: Rig) -> Line:
    """The line, which has worked for half a minute, so that there is something to lose."""
    made.bench.freeze("test")
    await made.bench.step("test", 30.0)
    made.bench.go_on("test", 1.0)
    line = made.bench.run.line
    assert isinstance(line, Line)
    assert line.plant.parts.by_serial
    return line


@pytest.mark.timeout(60)
@pytest.mark.parametrize("wire", ["modbus", "mqtt", OPCUA])
async def test_a_second_lab_is_the_station_until_its_cable_is_pulled(wire: str, tmp_path: Path) -> None:
    async with two_labs(tmp_path, wire) as (made, device, cable):
        watch = Invariants(await parts_come(made))
        device.key()
        await made.armed()
        await until(lambda: device.value("belt_run"), "the belt of the device runs")
        device.shows("spindle_tool_ok", False)
        await until(lambda: made.value("spindle_tool_ok") is False, "the tool of the device is worn")

        cable.pull()
        await until(lambda: made.station.mode == "sim", "takeover", LOST_S + 1)  # and a second for a busy machine
        assert {sample.quality for sample in made.devices.devices["lab"].samples()} == {Quality.BAD}
        assert (made.value("state"), made.station.armed) == (State.EXECUTE, False)
        await until(lambda: not device.value("estop_ok"), "the device stops by itself")

        told, connects = [*device.told], cable.connects
        assert told
        await until(lambda: cable.connects > connects, "the old connection is given up")
        cable.plug()
        await made.up()  # by itself
        await asyncio.sleep(0.5)
        assert device.told == told, "a command from before came late"
        watch.look()
        assert watch.violations == []

        device.key()
        await made.armed()
        await until(lambda: device.value("belt_run"), "the belt of the device runs again")
        watch.look()
        assert watch.violations == []
