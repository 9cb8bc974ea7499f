"""A line on a real port, and clients of asyncua that talk to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asyncua import Client, Node, ua

from devices.opcua import Companion, ModelSettings, OpcUaEndpoint, namespace_uri
from tests.devices.fake_line import FakeCredentials, FakeLine

URI = namespace_uri("smart-factory")


@asynccontextmanager
async def served(line: FakeLine, **options: Any) -> AsyncIterator[OpcUaEndpoint]:
    endpoint = OpcUaEndpoint(line, "127.0.0.1", 0, FakeCredentials(), **options)
    await endpoint.start()
    try:
        yield endpoint
    finally:
        await endpoint.stop()


@asynccontextmanager
async def client(endpoint: OpcUaEndpoint, user: str = "", password: str | None = None) -> AsyncIterator[Client]:
    one = Client(endpoint.url, timeout=5)
    if user:
        one.set_user(user)
        one.set_password(f"{user}-token" if password is None else password)
    async with one:
        yield one


async def node(one: Client, name: str) -> Node:
    return one.get_node(f"ns={await one.get_namespace_index(URI)};s={name}")


async def until(condition: Callable[[], bool], within_s: float = 3.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.005)


class Heard:
    """Collects what a subscription tells."""

    def __init__(self) -> None:
        self.values: list[tuple[str, object]] = []
        self.data: list[ua.DataValue] = []

    def datachange_notification(self, where: Node, value: object, data: Any) -> None:
        self.values.append((str(where.nodeid.Identifier), value))
        self.data.append(data.monitored_item.Value)

    def of(self, name: str) -> list[object]:
        return [value for where, value in self.values if where == name]


@pytest.fixture
def line() -> FakeLine:
    return FakeLine()


@pytest.fixture
async def endpoint(line: FakeLine) -> AsyncIterator[OpcUaEndpoint]:
    async with served(line) as started:
        yield started


@pytest.fixture(params=["fast", "stock"])
async def either(line: FakeLine, request: pytest.FixtureRequest) -> AsyncIterator[OpcUaEndpoint]:
    """Our own address space and publishing, and asyncua's as the way out: the same behaviour."""
    model = ModelSettings(Companion.OFF)  # a stock server would read the companion models each time
    async with served(line, stock=request.param == "stock", model=model) as started:
        yield started


@pytest.fixture
async def trainee(endpoint: OpcUaEndpoint) -> AsyncIterator[Client]:
    async with client(endpoint, "trainee") as one:
        yield one


@pytest.fixture
async def observer(endpoint: OpcUaEndpoint) -> AsyncIterator[Client]:
    async with client(endpoint) as one:
        yield one
