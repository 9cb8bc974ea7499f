"""Sixty benches on one machine: memory, time until all answer, CPU with no client and with three clients each.

Each bench has its line running by itself, a Modbus client that reads ten registers every 100 ms, an OPC UA client that
subscribes to ten tags at 100 ms and an MQTT client that subscribes to everything. The clients are one process beside
the lab's, on the same cores; what they cost is said too.
"""

import asyncio
import logging
import struct
import time
import warnings
from contextlib import AsyncExitStack

import psutil
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds

from benchmarks.figures import Figure, latencies
from benchmarks.lab import HOST, Lab, lab
from benchmarks.opcua_fan_out import CHANGES_TYPE, Counter
from devices.mqtt.frames import frame
from devices.mqtt.packets import Connect, Subscribe

BENCHES, WATCHED = 60, 10
SETTLE_S, IDLE_S, LOADED_S, POLL_S = 3.0, 10.0, 15.0, 0.1
MIB = 2**20
MODULES = {"controller.host": "hosts", "api.server": "page process"}


class Got:
    """What the clients of all benches got."""

    def __init__(self) -> None:
        self.reads: list[float] = []  # seconds until each was answered
        self.mqtt_bytes = 0
        self.changes = Counter()


def measure() -> list[Figure]:
    warnings.simplefilter("ignore")
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    undecoded = ua.extension_objects_by_typeid.pop(CHANGES_TYPE)
    try:
        with lab(BENCHES) as running:
            started = time.perf_counter() - running.started
            return _measure(running, started)
    finally:
        ua.extension_objects_by_typeid[CHANGES_TYPE] = undecoded


def _measure(running: Lab, started: float) -> list[Figure]:
    root = psutil.Process(running.process.pid)
    processes = [root, *root.children(recursive=True)]
    figures = [
        Figure(f"{BENCHES} benches, from process start until every wire answers", started, "s"),
        Figure("CPU time of all processes by then", _cpu_s(processes), "s"),
    ]
    time.sleep(SETTLE_S)
    figures.append(Figure("CPU, lines running by themselves, no client", _busy(processes, IDLE_S), "% of a core"))
    figures += _memory(processes, "no client")
    got, busy, own = asyncio.run(_loaded(running, processes))
    figures += [
        Figure("CPU, three clients each", busy, "% of a core", f"the clients' own process {own:.0f} %"),
        *_memory(processes, "three clients each")[:2],
        Figure("Modbus reads", len(got.reads) / LOADED_S, "1/s", f"asked for {BENCHES / POLL_S:.0f}"),
        *latencies("a Modbus read, three clients each", got.reads),
        Figure("OPC UA changes told", got.changes.changes / LOADED_S, "1/s"),
        Figure("MQTT", got.mqtt_bytes / LOADED_S / 1024, "KiB/s"),
    ]
    return figures


def _cpu_s(processes: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (one.cpu_times() for one in processes))


def _busy(processes: list[psutil.Process], seconds: float) -> float:
    before, begun = _cpu_s(processes), time.perf_counter()
    time.sleep(seconds)
    return 100 * (_cpu_s(processes) - before) / (time.perf_counter() - begun)


def _memory(processes: list[psutil.Process], when: str) -> list[Figure]:
    sizes = [one.memory_info().rss / MIB for one in processes]
    hosts = [size for one, size in zip(processes, sizes, strict=True) if "controller.host" in one.cmdline()]
    return [
        Figure(
            f"memory of all processes, {when}", sum(sizes), "MiB RSS", f"{len(hosts)} hosts of {len(sizes)} processes"
        ),
        Figure(f"of that each bench, {when}", sum(hosts) / BENCHES, "MiB RSS", "the hosts' whole memory / benches"),
    ]


async def _loaded(running: Lab, processes: list[psutil.Process]) -> tuple[Got, float, float]:
    got = Got()
    async with AsyncExitStack() as stack:
        polling = [
            asyncio.create_task(task)
            for n in range(BENCHES)
            for task in (_poll(running.ports.modbus + n, got, n), _hear(running, n, got))
        ]
        for n in range(BENCHES):
            await _subscribe(await stack.enter_async_context(_client(running, n)), got.changes)
        await asyncio.sleep(SETTLE_S)
        got.reads.clear()
        got.mqtt_bytes = got.changes.changes = 0
        before, own, begun = _cpu_s(processes), time.process_time(), time.perf_counter()
        await asyncio.sleep(LOADED_S)
        took = time.perf_counter() - begun
        busy, mine = 100 * (_cpu_s(processes) - before) / took, 100 * (time.process_time() - own) / took
        for task in polling:
            task.cancel()
        failed = [one for one in await asyncio.gather(*polling, return_exceptions=True) if isinstance(one, Exception)]
    if failed:
        raise failed[0]
    return got, busy, mine


async def _poll(port: int, got: Got, number: int) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    question = struct.pack(">HHHBBHH", 1, 0, 6, 1, 4, 0, 10)
    await asyncio.sleep(POLL_S * number / BENCHES)  # not all at once
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        begun = time.perf_counter()
        writer.write(question)
        await reader.readexactly(29)
        got.reads.append(time.perf_counter() - begun)
        due = max(due + POLL_S, loop.time())
        await asyncio.sleep(due - loop.time())


async def _hear(running: Lab, number: int, got: Got) -> None:
    reader, writer = await asyncio.open_connection(HOST, running.ports.mqtt + number)
    token = running.token(number + 1)
    writer.write(frame(Connect("sixty", user="trainee", password=token.encode(), keep_alive=0)))
    await reader.read(64)
    writer.write(frame(Subscribe(1, (("#", 0),))))
    while data := await reader.read(65536):
        got.mqtt_bytes += len(data)


def _client(running: Lab, number: int) -> Client:
    client = Client(f"opc.tcp://{HOST}:{running.ports.opcua + number}/", timeout=30)
    client.set_user("trainee")
    client.set_password(running.token(number + 1))
    return client


async def _subscribe(client: Client, counter: Counter) -> None:
    names = ["belt_current", "belt_speed_actual", "eye_infeed", "state", "parts_out"]
    index = await client.get_namespace_index("urn:linelab:smart-factory")
    made = await client.uaclient.create_subscription(
        ua.CreateSubscriptionParameters(100.0, 10_000, 100, 0, True, 0), counter
    )
    items = [
        ua.MonitoredItemCreateRequest(
            ItemToMonitor=ua.ReadValueId(
                NodeId=ua.NodeId(ua.String(f"{s}.{n}"), ua.Int16(index)), AttributeId=AttributeIds.Value
            ),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=ua.MonitoringParameters(ClientHandle=1, SamplingInterval=0, QueueSize=10),
        )
        for s in ("infeed", "inspection")
        for n in names
    ]
    wanted = ua.CreateMonitoredItemsParameters(made.SubscriptionId, ua.TimestampsToReturn.Both, items)
    results = await client.uaclient.create_monitored_items(wanted)
    if not any(one.StatusCode.is_good() for one in results):
        raise RuntimeError("no tag could be subscribed to")
