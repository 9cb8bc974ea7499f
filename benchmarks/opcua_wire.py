"""OPC UA: how soon a subscriber hears of what a write did, with asyncua's client on both sides of the comparison.

`infeed.part_available` is written and `machining.upstream_part_available` is subscribed: the wire between the stations
carries one to the other at the same simulated instant. Writes come at uneven times, so that no phase of the server's
publishing is favoured. LineLab publishes every 50 ms at most, whatever is asked for. The peer, a bare asyncua server,
has no line: there the written value itself is subscribed.
"""

import asyncio
import logging
import sys
import time
import warnings
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node

from benchmarks.figures import Figure, latencies, ratio
from benchmarks.lab import HOST, Lab, free_ports, lab, server
from benchmarks.peer_servers import NAMESPACE

INTERVALS_MS = (50, 10)
ROUNDS, WRITES = 2, 60


@dataclass(slots=True)
class Took:
    """Seconds until the write was answered, and until the subscriber heard."""

    answered: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)


class Ear:
    """Wakes who waits for the next notification."""

    def __init__(self) -> None:
        self.value: object = None
        self.news = asyncio.Event()

    def datachange_notification(self, node: Node, value: object, data: object) -> None:
        self.value = value
        self.news.set()


def measure() -> list[Figure]:
    warnings.simplefilter("ignore")
    logging.getLogger("asyncua").setLevel(logging.ERROR)
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    ours, peer = ({ms: Took() for ms in INTERVALS_MS} for _ in range(2))
    port = free_ports(1).opcua
    with lab() as running, server(sys.executable, "-m", "benchmarks.peer_servers", "opcua", str(port), port=port):
        running.key("infeed", "opcua")
        for _ in range(ROUNDS):  # interleaved: a busy machine is busy for both
            for ms in INTERVALS_MS:
                await _ours(running, ms, ours[ms])
                await _peer(port, ms, peer[ms])
    return [figure for ms in INTERVALS_MS for figure in _figures(ms, ours[ms], peer[ms])]


def _figures(ms: int, ours: Took, peer: Took) -> list[Figure]:
    return [
        *latencies(f"write -> notification, subscription at {ms} ms", ours.heard, "the following tag"),
        *latencies(f"bare asyncua, write -> notification at {ms} ms", peer.heard, "the written value"),
        ratio(f"write -> notification at {ms} ms, LineLab / bare asyncua", ours.heard, peer.heard),
        *latencies(f"write answered, subscription at {ms} ms", ours.answered),
        *latencies(f"bare asyncua, write answered, at {ms} ms", peer.answered),
        *latencies("read of one value", ours.read),
        *latencies("bare asyncua, read of one value", peer.read),
    ][: None if ms == INTERVALS_MS[-1] else -4]


async def _ours(running: Lab, ms: int, took: Took) -> None:
    client = Client(f"opc.tcp://{HOST}:{running.ports.opcua}/", timeout=10)
    client.set_user("trainee")
    client.set_password(running.token())
    async with client:
        index = await client.get_namespace_index("urn:linelab:smart-factory")
        written = client.get_node(f"ns={index};s=infeed.part_available")
        heard = client.get_node(f"ns={index};s=machining.upstream_part_available")
        await _run(client, written, heard, ms, took)


async def _peer(port: int, ms: int, took: Took) -> None:
    async with Client(f"opc.tcp://{HOST}:{port}/", timeout=10) as client:
        index = await client.get_namespace_index(NAMESPACE)
        node = client.get_node(f"ns={index};s=value_7")
        await _run(client, node, node, ms, took)


async def _run(client: Client, written: Node, heard: Node, ms: int, took: Took) -> None:
    ear = Ear()
    await _write(written, False)
    subscription = await client.create_subscription(ms, ear)
    await subscription.subscribe_data_change(heard)
    await asyncio.wait_for(ear.news.wait(), 5)
    for n in range(WRITES):
        await asyncio.sleep(0.06 + (n * 37 % 50) / 1000)
        await _once(written, n % 2 == 0, ear, took)
    for _ in range(WRITES):
        begin = time.perf_counter()
        await heard.read_value()
        took.read.append(time.perf_counter() - begin)
    await subscription.delete()


async def _once(written: Node, value: bool, ear: Ear, took: Took) -> None:
    ear.news.clear()
    begin = time.perf_counter()
    await _write(written, value)
    took.answered.append(time.perf_counter() - begin)
    async with asyncio.timeout(5):
        while ear.value is not value:
            await ear.news.wait()
            ear.news.clear()
    took.heard.append(time.perf_counter() - begin)


async def _write(node: Node, value: bool) -> None:
    await node.write_value(ua.DataValue(ua.Variant(value, ua.VariantType.Boolean)))
