"""A broker without rights and an endpoint on a fake line, both on ports of the operating system."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from devices.mqtt import MqttEndpoint
from devices.mqtt.broker import Broker
from devices.mqtt.limits import Limits
from devices.mqtt.server import MqttServer
from tests.devices.fake_line import FakeCredentials, FakeLine, FakeLink
from tests.devices.mqtt.open_house import OpenHouse
from tests.devices.mqtt.wire import Wire

TIGHT = Limits(
    packet_bytes=70_000,
    out_bytes=200_000,
    waiting=50,
    waiting_bytes=100_000,
    in_flight=8,
    connections=20,
    sessions=3,
    subscriptions=10,
    levels=8,
    retained=5,
    retained_bytes=10_000,
    connect_s=0.3,
)


@dataclass
class House:
    """A running broker and the clients of a test, all ended with it."""

    server: MqttServer
    rules: OpenHouse
    link: FakeLink
    port: int
    wires: list[Wire] = field(default_factory=list)

    @property
    def broker(self) -> Broker:
        return self.server.broker

    async def open(self) -> Wire:
        self.wires.append(await Wire.open(self.port))
        return self.wires[-1]

    async def connect(self, client_id: str = "", **options: object) -> Wire:
        self.wires.append(await Wire.connect(self.port, client_id, **options))
        return self.wires[-1]


async def _house(limits: Limits | None) -> AsyncIterator[House]:
    rules, link = OpenHouse(), FakeLink()
    server = MqttServer(Broker(rules, limits), link)
    house = House(server, rules, link, await server.start("127.0.0.1", 0))
    yield house
    for wire in house.wires:
        wire.cut()
    await server.stop()
    assert server.clients == 0
    await no_task_left()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async for each in _house(None):
        yield each


@pytest.fixture
async def tight() -> AsyncIterator[House]:
    """A broker with low limits."""
    async for each in _house(TIGHT):
        yield each


@dataclass
class Bench:
    """A running endpoint and its fake line."""

    endpoint: MqttEndpoint
    line: FakeLine
    wires: list[Wire] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.endpoint.url.rpartition(":")[2])

    async def connect(self, role: str = "trainee", client_id: str = "", **options: object) -> Wire:
        wire = await Wire.connect(self.port, client_id, user=role, password=f"{role}-token".encode(), **options)
        self.wires.append(wire)
        return wire


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    line = FakeLine()
    endpoint = MqttEndpoint(line, "127.0.0.1", 0, FakeCredentials(), interval_s=0.01)
    await endpoint.start()
    bench = Bench(endpoint, line)
    yield bench
    for wire in bench.wires:
        wire.cut()
    await endpoint.stop()
    assert endpoint.clients == 0
    await no_task_left()


async def no_task_left() -> None:
    """Fail if anything of the wire still runs."""
    await asyncio.sleep(0)
    names = [t.get_name() for t in asyncio.all_tasks() if t.get_name().startswith("mqtt")]
    assert names == []
