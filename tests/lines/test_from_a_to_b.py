"""From A to B: every part is taken at B, by the built-in program, by the reference program, and over real sockets."""

import asyncio

import pytest
from pymodbus.client import ModbusTcpClient

from devices.modbus import ModbusEndpoint
from tests.lines import checks
from tests.lines.plc_harness import SCAN_NS, PlcBench, Watched, scan_module

NAME = "from-a-to-b"
TAKEN = "transport.pick_up"


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_every_part_is_taken_at_b() -> None:
    bench = checks.runs(NAME, 600)
    assert bench.ends[TAKEN] > 50
    assert set(bench.ends) == {TAKEN}


@pytest.mark.long
def test_eight_hours() -> None:
    bench = checks.eight_hours(NAME)
    assert set(bench.ends) == {TAKEN}


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


def test_it_goes_on_after_whatever_happens() -> None:
    assert checks.survives(NAME).ends[TAKEN] > 50


@pytest.mark.parametrize("builtin_first", [0, 47])
def test_the_reference_program_drives_it(builtin_first: float) -> None:
    bench = checks.driven(NAME, 300, builtin_first)
    assert bench.ends[TAKEN] > 24
    assert set(bench.ends) == {TAKEN}


def test_a_part_that_nobody_stops_falls_off_the_end() -> None:
    bench = Watched(NAME)
    bench.give("key", station="transport", control="modbus")
    bench.give("write", writes=[["transport.cmd_unhold", True]])
    bench.give("write", writes=[["transport.belt_run", True]])
    bench.run(60)
    assert set(bench.ends) == {"transport.belt.out"}


async def test_the_reference_program_drives_it_over_real_sockets() -> None:
    """The program's own client and the endpoint on loopback; between two scans the line goes on for 100 ms."""
    bench = PlcBench(NAME)
    endpoint = ModbusEndpoint(bench.modbus.view, bench.addresses, port=0)
    await endpoint.start()
    host, port = endpoint.url.removeprefix("modbus://").rsplit(":", 1)
    bench.take_control()
    with ModbusTcpClient(host, port=int(port)) as client:
        scan = scan_module().Scan(bench.scan.make, client)
        for _ in range(600):
            await asyncio.to_thread(scan.cycle)
            bench.line.advance(bench.line.now_ns + SCAN_NS)
    await endpoint.stop()
    assert bench.ends[TAKEN] >= 4
    assert set(bench.ends) == {TAKEN}
