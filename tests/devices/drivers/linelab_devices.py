"""LineLab itself as the device: each of its endpoints on a fake line, in the shape of the foreign devices."""

import asyncio
from contextlib import suppress

from controller.clock import SystemClock
from devices.address_map import AddressMap
from devices.drivers import DeviceType, Target
from devices.endpoint import Endpoint
from devices.modbus import ModbusEndpoint
from devices.mqtt import MqttEndpoint
from devices.opcua import OpcUaEndpoint, namespace_uri
from devices.sparkplug.names import Names
from devices.sparkplug.node import EdgeNode
from tests.devices.drivers.foreign import points
from tests.devices.drivers.proxy import HOST, free_port
from tests.devices.fake_line import FakeCredentials, FakeLine

NUMBER, MOVING = "sorting.target", "sorting.parts_out"
USER = {"user": "trainee", "password": "trainee-token"}


class LineLabDevice:
    """Starts and stops an endpoint; one number of the line counts."""

    def __init__(self) -> None:
        self.port = free_port()
        self.line = FakeLine(clock=SystemClock())  # type: ignore[arg-type]  # edge nodes wait by it
        self._endpoint: Endpoint | None = None
        self._frozen = False
        self._moving: asyncio.Task[None] | None = None

    def _make(self) -> Endpoint:
        raise NotImplementedError

    async def start(self) -> None:
        self._endpoint = self._make()
        await self._endpoint.start()
        self._moving = asyncio.create_task(self._move())

    async def kill(self) -> None:
        if self._moving is not None:
            self._moving.cancel()
            with suppress(asyncio.CancelledError):
                await self._moving
        if self._endpoint is not None:
            await self._endpoint.stop()
        self._endpoint = self._moving = None

    async def freeze(self, on: bool) -> None:
        self._frozen = on

    async def _move(self) -> None:
        count = 70_000
        while True:
            await asyncio.sleep(0.02)
            if not self._frozen:
                count += 1
                self.line.set(MOVING, count)

    @property
    def did(self) -> list[object]:
        return [value for _, writes in self.line.requests for name, value in writes if name == NUMBER]


class OverOpcUa(LineLabDevice):
    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode
        space = f"nsu={namespace_uri(self.line.line)};s="
        self.groups = points((f"{space}{NUMBER}", DeviceType.INT), (f"{space}{MOVING}", DeviceType.UDINT))

    def _make(self) -> Endpoint:
        return OpcUaEndpoint(self.line, HOST, self.port, FakeCredentials())

    def target(self, port: int) -> Target:
        return Target(f"opc.tcp://{HOST}:{port}?mode={self._mode}", USER)


class OverModbus(LineLabDevice):
    def __init__(self) -> None:
        super().__init__()
        self._map = AddressMap(self.line.line, self.line.tags)
        number, moving = (address.modbus for address in map(self._map.find, (NUMBER, MOVING)) if address is not None)
        assert moving.address_32 is not None
        self.groups = points(
            (f"{number.table} {number.address}", DeviceType.INT),
            (f"{moving.table} {moving.address_32}", DeviceType.UDINT),
        )

    def _make(self) -> Endpoint:
        return ModbusEndpoint(self.line, self._map, port=self.port)

    def target(self, port: int) -> Target:
        return Target(f"modbus-tcp://{HOST}:{port}/1")


class OverMqtt(LineLabDevice):
    def __init__(self) -> None:
        super().__init__()
        topics = {name: f"linelab/{self.line.line}/{name.replace('.', '/')}" for name in (NUMBER, MOVING)}
        self.groups = points(
            (f"{topics[NUMBER]}#value", DeviceType.INT),
            (f"{topics[MOVING]}#value", DeviceType.UDINT),
            f"{topics[NUMBER]}/set#value",
        )

    def _make(self) -> Endpoint:
        numbers = iter(range(256))
        node = EdgeNode(self.line, Names("g", self.line.line), lambda: next(numbers))
        return MqttEndpoint(self.line, HOST, self.port, FakeCredentials(), voices=[node], interval_s=0.02)

    def target(self, port: int) -> Target:
        return Target(f"mqtt://{HOST}:{port}?reply=/reply", USER)


class OverSparkplug(OverMqtt):
    def __init__(self) -> None:
        super().__init__()
        place = f"spBv1.0/g/{self.line.line}/sorting"
        self.groups = points((f"{place}#target", DeviceType.INT), (f"{place}#parts_out", DeviceType.LINT))
