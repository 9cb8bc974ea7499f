"""OPC UA at fan-out: what a change costs the server for each session that subscribes to it; and what a read costs.

VALUES change ten times a second; each session subscribes to all of them at 50 ms. The same clients and the same load
for three servers in turn: LineLab's endpoint, a bare asyncua server, a bare node-opcua server (`npm install
node-opcua-server` somewhere, NODE_PATH set to its node_modules). The clients ask for nothing else and do not decode
what they get: they count changes by the length that stands in front. CPU is user plus system time of the server's
process less what it takes with no session, over the changes that the clients counted: a server that falls behind is
not made cheaper by it. Also one session that reads, one value at a time and ten at once.

`python -m benchmarks.opcua_fan_out PORT` serves LineLab's endpoint with values that no line moves.
"""

import asyncio
import logging
import os
import shutil
import struct
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from benchmarks.figures import Figure, percentile, ratio, spread
from benchmarks.lab import HOST, free_ports, server
from benchmarks.peer_servers import NAMESPACE

SESSIONS = (1, 10, 40)
VALUES, CHANGE_S, PUBLISHING_MS = 20, 0.1, 50.0
ROUNDS, ROUND_S, SETTLE_S = 3, 2.0, 0.6
READS = 300
CHANGES_TYPE = ua.NodeId(ua.Int32(ObjectIds.DataChangeNotification_Encoding_DefaultBinary))
NODE_OPCUA = Path(__file__).parent / "peer_node_opcua.cjs"


@dataclass(slots=True)
class Peer:
    """A server under load and what was measured of it."""

    name: str
    port: int
    pid: int
    namespace: str
    idle: float = 0.0  # CPU seconds a second with no session
    cost: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in SESSIONS})  # CPU s of a change
    rate: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in SESSIONS})  # changes a second
    reads: dict[int, list[float]] = field(default_factory=lambda: {1: [], 10: []})  # CPU s of a request
    took: dict[int, list[float]] = field(default_factory=lambda: {1: [], 10: []})  # s until it was answered

    def cpu_s(self) -> float:
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system


class Counter:
    """How many changes all sessions were told of."""

    def __init__(self) -> None:
        self.changes = 0

    async def __call__(self, told: ua.PublishResult) -> None:
        for body in told.NotificationMessage.NotificationData or ():
            self.changes += struct.unpack_from("<I", body.Body)[0]


def measure() -> list[Figure]:
    warnings.simplefilter("ignore")
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    undecoded = ua.extension_objects_by_typeid.pop(CHANGES_TYPE)
    try:
        with ExitStack() as running:
            peers = [_start(running, *one) for one in _commands()]
            asyncio.run(_measure(peers))
    finally:
        ua.extension_objects_by_typeid[CHANGES_TYPE] = undecoded
    return _figures(peers)


def _commands() -> list[tuple[str, str, list[str]]]:
    python = [sys.executable, "-m"]
    found = [
        ("LineLab", "urn:linelab:benchmark-line", [*python, "benchmarks.opcua_fan_out"]),
        ("bare asyncua", NAMESPACE, [*python, "benchmarks.peer_servers", "changing"]),
    ]
    program = shutil.which("node")
    if program is not None and _has_node_opcua():
        found.append(("node-opcua", NAMESPACE, [program, str(NODE_OPCUA)]))
    return found


def _has_node_opcua() -> bool:
    return any((Path(place) / "node-opcua-server").is_dir() for place in os.environ.get("NODE_PATH", "").split(":"))


def _start(running: ExitStack, name: str, namespace: str, command: list[str]) -> Peer:
    port = free_ports(1).opcua
    pid = running.enter_context(server(*command, str(port), str(VALUES), str(round(CHANGE_S * 1000)), port=port))
    return Peer(name, port, pid, namespace)


async def _measure(peers: Sequence[Peer]) -> None:
    for peer in peers:
        async with Client(f"opc.tcp://{HOST}:{peer.port}/", timeout=30):  # answered: it has started
            pass
        await asyncio.sleep(SETTLE_S)
        begun, before = time.perf_counter(), peer.cpu_s()
        await asyncio.sleep(ROUND_S)
        peer.idle = (peer.cpu_s() - before) / (time.perf_counter() - begun)
    for _ in range(ROUNDS):  # interleaved: a busy machine is busy for all
        for sessions in SESSIONS:
            for peer in peers:
                await _fan_out(peer, sessions)
        for peer in peers:
            await _reads(peer)


async def _fan_out(peer: Peer, sessions: int) -> None:
    counter = Counter()
    async with AsyncExitStack() as stack:
        for _ in range(sessions):
            client = await stack.enter_async_context(Client(f"opc.tcp://{HOST}:{peer.port}/", timeout=30))
            await _subscribe(client, peer.namespace, counter)
        await asyncio.sleep(SETTLE_S)
        begun, before, told = time.perf_counter(), peer.cpu_s(), counter.changes
        await asyncio.sleep(ROUND_S)
        took = time.perf_counter() - begun
        spent, changes = peer.cpu_s() - before - peer.idle * took, counter.changes - told
    if not changes:
        raise RuntimeError(f"{peer.name} told {sessions} sessions of no change")
    peer.cost[sessions].append(spent / changes)
    peer.rate[sessions].append(changes / took)


async def _subscribe(client: Client, namespace: str, counter: Counter) -> None:
    index = await client.get_namespace_index(namespace)
    asked = ua.CreateSubscriptionParameters(
        RequestedPublishingInterval=PUBLISHING_MS,
        RequestedLifetimeCount=10_000,
        RequestedMaxKeepAliveCount=100,
        PublishingEnabled=True,
    )
    made = await client.uaclient.create_subscription(asked, counter)
    items = [
        ua.MonitoredItemCreateRequest(
            ItemToMonitor=ua.ReadValueId(NodeId=_node(index, n), AttributeId=AttributeIds.Value),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=ua.MonitoringParameters(ClientHandle=n, SamplingInterval=0, QueueSize=10),
        )
        for n in range(VALUES)
    ]
    wanted = ua.CreateMonitoredItemsParameters(
        SubscriptionId=made.SubscriptionId, TimestampsToReturn=ua.TimestampsToReturn.Both, ItemsToCreate=items
    )
    await client.uaclient.create_monitored_items(wanted)


def _node(index: int, number: int) -> ua.NodeId:
    return ua.NodeId(ua.String(f"bench.value_{number}"), ua.Int16(index))


async def _reads(peer: Peer) -> None:
    """One client that reads as fast as it is answered."""
    async with Client(f"opc.tcp://{HOST}:{peer.port}/", timeout=30) as client:
        index = await client.get_namespace_index(peer.namespace)
        for count, took in peer.took.items():
            nodes = [client.get_node(_node(index, n)) for n in range(count)]
            begun, before = time.perf_counter(), peer.cpu_s()
            for _ in range(READS):
                asked = time.perf_counter()
                await client.read_values(nodes)
                took.append(time.perf_counter() - asked)
            spent = peer.cpu_s() - before - peer.idle * (time.perf_counter() - begun)
            peer.reads[count].append(spent / READS)


def _figures(peers: Sequence[Peer]) -> list[Figure]:
    figures: list[Figure] = []
    ours = peers[0]
    for sessions in SESSIONS:
        for peer in peers:
            cost = [1e6 * seconds for seconds in peer.cost[sessions]]
            due = sessions * VALUES / CHANGE_S
            told = 100 * percentile(peer.rate[sessions], 0.5) / due
            note = f"{spread(cost)}; told {told:.0f} % of {due:,.0f} changes a second"
            figures.append(
                Figure(f"a change for each of {sessions} sessions: {peer.name}", percentile(cost, 0.5), "µs CPU", note)
            )
        figures += [
            ratio(f"the same, LineLab / {peer.name}", ours.cost[sessions], peer.cost[sessions], goal="at most 1.2")
            for peer in peers[1:]
        ]
    for count in ours.reads:
        for peer in peers:
            took = peer.took[count]
            asked = percentile(peer.reads[count], 0.5)
            note = f"answered in p50 {percentile(took, 0.5) * 1e3:.2f} ms, p99 {percentile(took, 0.99) * 1e3:.2f} ms"
            figures.append(Figure(f"reads of {count}: {peer.name}", 1 / asked, "requests/CPU s", note))
        figures += [
            ratio(f"the same, cost of LineLab / {peer.name}", ours.reads[count], peer.reads[count], goal="at most 1.2")
            for peer in peers[1:]
        ]
    if len(peers) < 3:
        figures.append(Figure("node-opcua", 0, "", "not measured: npm install node-opcua-server, set NODE_PATH"))
    return figures


async def serve(port: int, values: int, period_ms: int) -> None:
    """LineLab's endpoint, and values that change like those of the peers."""
    from controller.clock import SystemClock
    from devices.opcua import OpcUaEndpoint
    from sim.tag import DataType, Direction, Tag, TagTable
    from sim.text import Text
    from tests.devices.fake_line import FakeCredentials, FakeLine

    tags = TagTable(
        [
            Tag(
                n,
                "bench",
                f"value_{n}",
                DataType.REAL,
                Direction.INPUT,
                Text("数", "number"),
                unit="mm",
                low=0,
                high=1e9,
            )
            for n in range(values)
        ]
    )
    line = FakeLine("benchmark-line", tags=tags, clock=SystemClock())  # type: ignore[arg-type]
    await OpcUaEndpoint(line, HOST, port, FakeCredentials()).start()
    count = 0
    while True:
        count += 1
        for tag in tags:
            line.set(tag.name, float(count))
        line.notes.clear()
        await asyncio.sleep(period_ms / 1000)


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:])))
