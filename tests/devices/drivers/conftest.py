"""Devices by other makers for the tests of drivers."""

from collections.abc import AsyncIterator

import pytest

from tests.devices.drivers.libmodbus import LibmodbusDevice
from tests.devices.drivers.proxy import Cable, free_port


@pytest.fixture
async def modbus_device() -> AsyncIterator[LibmodbusDevice]:
    """A server on libmodbus, running."""
    device = LibmodbusDevice("tcp", str(free_port()))
    await device.start()
    yield device
    await device.kill()


@pytest.fixture
async def cable(modbus_device: LibmodbusDevice) -> AsyncIterator[Cable]:
    """Between a driver and that server."""
    async with Cable(int(modbus_device.place)) as cable:
        yield cable
