"""Drivers: a value written to a device and read back, against the same library used bare; tags read per second.

Modbus: a server on libmodbus in C is the device. Ours goes all the way: limits, conversion, quality, counters; the bare
pymodbus client does the same two requests and nothing else. Both take turns in one loop.
"""

import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from pymodbus.client import AsyncModbusTcpClient

from benchmarks import driver_peers
from benchmarks.figures import Figure, latencies, ratio
from benchmarks.lab import HOST, free_ports, server
from benchmarks.peer_libmodbus import compiled
from controller.clock import SystemClock
from devices.drivers import (
    Device,
    DeviceType,
    Group,
    Plausibility,
    Point,
    State,
    Target,
    Timing,
    WriteLimits,
    make_driver,
)
from devices.drivers.point import ANYTHING
from sim.tag import DataType

ROUNDS, TOGGLES = 80, 40
TAGS, READ_S = 250, 2.0
GOAL = "at most 1.3"
RUN = Point("cell.run", DataType.BOOL, "coil 3", DeviceType.BOOL, limits=WriteLimits())
TIMING = Timing(answer_s=2.0)


def measure() -> list[Figure]:
    return [*_modbus(), *driver_peers.measure()]


def _modbus() -> list[Figure]:
    port = free_ports(1).modbus
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linelab-drivers-")))
        program = compiled(folder)
        bare = [sys.executable, "-m", "benchmarks.peer_servers", "modbus"]
        stack.enter_context(server(*([str(program)] if program else bare), str(port), port=port))
        return asyncio.run(_measure(port, "libmodbus" if program else "pymodbus"))


async def _measure(port: int, device: str) -> list[Figure]:
    ours: list[float] = []
    bare: list[float] = []
    driver, client = _device(port, Group("all", 60.0, (RUN,))), AsyncModbusTcpClient(HOST, port=port, timeout=2)
    await _up(driver)
    await client.connect()
    for _ in range(ROUNDS):  # in short turns: a busy machine is busy for both
        await _ours(driver, ours)
        await _bare(client, bare)
    client.close()
    await driver.stop()
    return [
        *latencies("Modbus, coil written and read back, driver", ours, f"device: {device}"),
        *latencies("Modbus, coil written and read back, bare pymodbus", bare),
        ratio("Modbus round trip, driver / bare pymodbus", ours, bare, goal=GOAL),
        await _tags(port, "unchanged", ANYTHING),
        await _tags(port, "each judged", Plausibility(low=-1, high=70_000, step_per_s=1e9)),
    ]


def _device(port: int, group: Group) -> Device:
    clock = SystemClock()
    driver = make_driver(Target(f"modbus-tcp://{HOST}:{port}/1"), TIMING, clock)
    return Device("bench", driver, [group], clock, TIMING)


async def _up(device: Device) -> None:
    up = asyncio.Event()
    device.watch(lambda change: up.set() if change.after is State.UP else None)
    device.start()
    await asyncio.wait_for(up.wait(), 10)


async def _ours(device: Device, took: list[float]) -> None:
    for n in range(TOGGLES):
        begin = time.perf_counter()
        refused = await device.write(RUN.tag, n % 2 == 0)
        (sample,) = await device.refresh("all")
        took.append(time.perf_counter() - begin)
        if refused is not None or sample.value is not (n % 2 == 0):
            raise RuntimeError(f"the device holds {sample.value}, {refused}")


async def _bare(client: AsyncModbusTcpClient, took: list[float]) -> None:
    for n in range(TOGGLES):
        begin = time.perf_counter()
        await client.write_coil(3, n % 2 == 0, device_id=1)
        answer = await client.read_coils(3, count=1, device_id=1)
        took.append(time.perf_counter() - begin)
        if answer.bits[0] is not (n % 2 == 0):
            raise RuntimeError(f"the device holds {answer.bits}")


async def _tags(port: int, what: str, plausible: Plausibility) -> Figure:
    """As fast as one connection goes: each cycle begins when the one before has ended."""
    points = tuple(
        Point(f"cell.n{at}", DataType.UINT, f"input_register {at}", DeviceType.UINT, plausible=plausible)
        for at in range(TAGS)
    )
    device = _device(port, Group("all", 0.0005, points))
    await _up(device)
    before, cpu, begin = device.counters.values, time.process_time(), time.perf_counter()
    await asyncio.sleep(READ_S)
    rate = (device.counters.values - before) / (time.perf_counter() - begin)
    busy = (time.process_time() - cpu) / (time.perf_counter() - begin)
    await device.stop()
    return Figure(f"Modbus, tags read, {what}", rate, "1/s", f"{TAGS} registers in two requests, {busy:.0%} of a core")
