"""A fake line behind a real Modbus endpoint on a free port, and a raw client of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from devices.address_map import AddressMap
from devices.modbus import ModbusEndpoint
from tests.devices.fake_line import FakeLine
from tests.devices.modbus.raw import RawClient


@pytest.fixture
def line() -> FakeLine:
    return FakeLine()


@pytest.fixture
def addresses(line: FakeLine) -> AddressMap:
    return AddressMap(line.line, line.tags)


@pytest.fixture
async def endpoint(line: FakeLine, addresses: AddressMap) -> AsyncIterator[ModbusEndpoint]:
    """Stopped after the test, when neither a task nor a client may be left."""
    endpoint = ModbusEndpoint(line, addresses, port=0)
    await endpoint.start()
    yield endpoint
    await endpoint.stop()
    assert endpoint.clients == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.fixture
async def client(endpoint: ModbusEndpoint) -> AsyncIterator[RawClient]:
    async with RawClient(endpoint.url) as client:
        yield client
