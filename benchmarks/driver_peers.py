"""Drivers of OPC UA, S7 and MQTT: a value written to a device and read back, against the same library used bare.

Devices are the servers of the libraries (asyncua, python-snap7) and a small echo behind mosquitto, in processes of
their own. Ours goes all the way, limits, conversion, quality and counters; the bare client does the same requests and
nothing else. Both take turns, so that a busy machine is busy for both.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Awaitable, Callable

import paho.mqtt.client as paho
from asyncua import Client, ua
from paho.mqtt.enums import CallbackAPIVersion
from snap7.async_client import AsyncClient
from snap7.client import Client as S7Client

from benchmarks.figures import Figure, latencies, ratio
from benchmarks.lab import HOST, free_ports, server
from benchmarks.mqtt_wire import mosquitto
from benchmarks.peer_servers import NAMESPACE
from controller.clock import SystemClock
from devices.drivers import Device, DeviceType, Group, Point, Sample, State, Target, Timing, WriteLimits, make_driver
from sim.tag import DataType

ROUNDS, TURNS = 20, 20
READ_S = 2.0
GOAL = "at most 1.3"
LIMITS = WriteLimits()
TIMING = Timing(answer_s=2.0)
Turn = Callable[[int], Awaitable[None]]


def measure() -> list[Figure]:
    return [*_opcua(), *_s7(), *_mqtt()]


def _opcua() -> list[Figure]:
    port = free_ports(1).opcua
    with server(sys.executable, "-m", "benchmarks.peer_servers", "opcua", str(port), port=port):
        return asyncio.run(_over_opcua(port))


def _s7() -> list[Figure]:
    port = free_ports(1).modbus
    with server(sys.executable, "-m", "benchmarks.peer_servers", "s7", str(port), port=port):
        return asyncio.run(_over_s7(port))


def _mqtt() -> list[Figure]:
    with mosquitto() as port:
        if not port:
            return [Figure("mosquitto", 0, "", "missing: apt-get install mosquitto")]
        with server(sys.executable, "-m", "benchmarks.peer_servers", "mqtt_echo", str(port), port=port):
            return asyncio.run(_over_mqtt(port))


async def _compared(name: str, library: str, ours: Turn, bare: Turn) -> list[Figure]:
    """Both in short turns."""
    took: dict[Turn, list[float]] = {ours: [], bare: []}
    for _ in range(ROUNDS):
        for way, times in took.items():
            for n in range(TURNS):
                begin = time.perf_counter()
                await way(n)
                times.append(time.perf_counter() - begin)
    return [
        *latencies(f"{name}, written and read back, driver", took[ours]),
        *latencies(f"{name}, written and read back, bare {library}", took[bare]),
        ratio(f"{name} round trip, driver / bare {library}", took[ours], took[bare], goal=GOAL),
    ]


async def _device(url: str, *points: Point, cycle_s: float = 60.0) -> Device:
    clock = SystemClock()
    driver = make_driver(Target(url), TIMING, clock)
    device = Device("bench", driver, [Group("all", cycle_s, points)], clock, TIMING)
    up = asyncio.Event()
    device.watch(lambda change: up.set() if change.after is State.UP else None)
    device.start()
    await asyncio.wait_for(up.wait(), 10)
    return device


def _polled(device: Device, tag: str, value: Callable[[int], bool | int]) -> Turn:
    """Write, then read out of turn."""

    async def turn(n: int) -> None:
        refused = await device.write(tag, value(n))
        (sample,) = await device.refresh("all")
        if refused is not None or sample.value != value(n):
            raise RuntimeError(f"the device holds {sample.value}, {refused}")

    return turn


async def _rate(name: str, device: Device) -> Figure:
    """As fast as one connection goes."""
    before, begin = device.counters.values, time.perf_counter()
    await asyncio.sleep(READ_S)
    rate = (device.counters.values - before) / (time.perf_counter() - begin)
    await device.stop()
    return Figure(f"{name}, tags read", rate, "1/s")


async def _over_opcua(port: int) -> list[Figure]:
    url, nodes = f"opc.tcp://{HOST}:{port}?mode=read", [f"nsu={NAMESPACE};s=value_{n}" for n in range(100)]
    run = Point("cell.run", DataType.BOOL, nodes[0], DeviceType.BOOL, limits=LIMITS)
    device = await _device(url, run)
    client = Client(f"opc.tcp://{HOST}:{port}", timeout=5)
    async with client:
        node = client.get_node(f"ns={await client.get_namespace_index(NAMESPACE)};s=value_0")

        async def bare(n: int) -> None:
            await node.write_value(ua.DataValue(ua.Variant(n % 2 == 0)))
            if await node.read_value() is not (n % 2 == 0):
                raise RuntimeError("the device holds another value")

        figures = await _compared("OPC UA", "asyncua", _polled(device, run.tag, lambda n: n % 2 == 0), bare)
    await device.stop()
    points = [Point(f"cell.n{n}", DataType.BOOL, node, DeviceType.BOOL) for n, node in enumerate(nodes)]
    return [*figures, await _rate("OPC UA, 100 in one request", await _device(url, *points, cycle_s=0.0005))]


async def _over_s7(port: int) -> list[Figure]:
    url = f"s7://{HOST}:{port}"
    speed = Point("cell.speed", DataType.INT, "DB1.DBW0", DeviceType.INT, limits=LIMITS)
    device, client = await _device(url, speed), S7Client()
    client.connect(HOST, 0, 1, port)

    async def bare(n: int) -> None:
        client.db_write(1, 0, bytearray(n.to_bytes(2, "big")))
        if int.from_bytes(client.db_read(1, 0, 2), "big") != n:
            raise RuntimeError("the device holds another value")

    other = AsyncClient()
    await other.connect(HOST, 0, 1, port)

    async def bare_on_a_loop(n: int) -> None:
        await other.db_write(1, 0, bytearray(n.to_bytes(2, "big")))
        if int.from_bytes(await other.db_read(1, 0, 2), "big") != n:
            raise RuntimeError("the device holds another value")

    ours = _polled(device, speed.tag, lambda n: n)
    figures = await _compared("S7", "python-snap7, blocking", ours, bare)
    figures += (await _compared("S7", "python-snap7, asynchronous", ours, bare_on_a_loop))[2:]
    client.disconnect()
    await other.disconnect()
    await device.stop()
    points = [Point(f"cell.n{n}", DataType.INT, f"DB1.DBW{2 * n}", DeviceType.INT) for n in range(230)]
    return [*figures, await _rate("S7, 230 in one request", await _device(url, *points, cycle_s=0.0005))]


async def _heard_of(device: Device, tag: str) -> None:
    """Until the echo has subscribed."""
    for _ in range(100):
        if await device.write(tag, 0) is None:
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("the echo behind the broker did not start")


async def _over_mqtt(port: int) -> list[Figure]:
    run = Point("cell.run", DataType.INT, "cell/run", DeviceType.INT, write_address="cell/set", limits=LIMITS)
    device = await _device(f"mqtt://{HOST}:{port}", run)
    heard: asyncio.Queue[object] = asyncio.Queue()

    def hear(sample: Sample) -> None:
        heard.put_nowait(sample.value)

    device.listen(hear)
    await _heard_of(device, run.tag)

    async def ours(n: int) -> None:
        refused = await device.write(run.tag, n + 1)
        if refused is not None:
            raise RuntimeError(str(refused))
        while await heard.get() != n + 1:
            pass

    came = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda *_: came.set()
    client.connect(HOST, port)
    client.subscribe("cell/run")
    client.loop_start()

    async def bare(n: int) -> None:
        """As the library's own examples do it: its thread, and waiting for the acknowledgement."""
        came.clear()
        client.publish("cell/set", str(n + 1), 1).wait_for_publish(5)
        if not came.wait(5):
            raise RuntimeError("the device does not answer")

    figures = await _compared("MQTT", "paho", ours, bare)
    client.loop_stop()
    await device.stop()
    return figures
