"""Devices by other makers in processes of their own, one shape for all: a number to write, a number that moves.

`kill` and `start` again: that is a device that restarts, on the same port. `did` is what it was told to do and did.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from devices.drivers import DeviceType, Group, Plausibility, Point, Target, WriteLimits
from sim.tag import DataType
from tests.devices.drivers.libmodbus import LibmodbusDevice
from tests.devices.drivers.proxy import free_port
from tests.tools import need

ROOT = Path(__file__).resolve().parents[3]
INTEROP = ROOT / "tests" / "interop"
NODE = "apt-get install nodejs (20 or newer), npm ci --prefix tests/interop"


def points(number: tuple[str, DeviceType], moving: tuple[str, DeviceType], write: str = "") -> tuple[Group, ...]:
    """The two points that every device has."""
    return (
        Group(
            "all",
            0.05,
            (
                Point("press.number", DataType.INT, *number, write_address=write, limits=WriteLimits()),
                Point("press.moving", DataType.UDINT, *moving, plausible=Plausibility(frozen_s=0.6)),
            ),
        ),
    )


@dataclass
class Process:
    """A program that says READY, takes commands on its standard input and says what it did."""

    command: list[str]
    said: list[str] = field(default_factory=list)
    _process: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        nothing = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            *self.command, stdin=-1, stdout=-1, stderr=nothing, cwd=ROOT
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(20):
            while (line := await self._process.stdout.readline()) != b"READY\n":
                assert line, f"{self.command} ended before it was ready"
        self._reading = asyncio.create_task(self._read(self._process.stdout))

    async def tell(self, command: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())
        await self._process.stdin.drain()

    async def kill(self) -> None:
        """At once, as by a power cut."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            self.said.append(line.decode().strip())


class NodeOpcUa:
    """node-opcua's server. `mode` is how the driver hears of changes."""

    def __init__(self, folder: Path, mode: str, *, secure: bool = False) -> None:
        self.port = free_port()
        script = str(INTEROP / "opcua_server.cjs")
        self.process = Process([need("node", NODE), script, str(self.port), str(folder), *(["secure"] * secure)])
        self._mode = mode
        self.groups = points(("ns=1;s=press.int16", DeviceType.INT), ("ns=1;s=press.counter", DeviceType.UDINT))
        self.start, self.kill = self.process.start, self.process.kill

    def target(self, port: int) -> Target:
        return Target(f"opc.tcp://127.0.0.1:{port}?mode={self._mode}")

    async def freeze(self, on: bool) -> None:
        await self.process.tell("freeze" if on else "thaw")

    @property
    def did(self) -> list[object]:
        return [json.loads(line)["value"] for line in self.process.said if '"int16"' in line]


class Snap7:
    """python-snap7's server."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process = Process([sys.executable, "-m", "tests.devices.drivers.s7_device", str(self.port)])
        self.groups = points(("DB1.DBW0", DeviceType.INT), ("DB1.DBD4", DeviceType.UDINT))
        self.start, self.kill = self.process.start, self.process.kill

    def target(self, port: int) -> Target:
        return Target(f"s7://127.0.0.1:{port}?rack=0&slot=1")

    async def freeze(self, on: bool) -> None:
        await self.process.tell("freeze" if on else "thaw")

    @property
    def did(self) -> list[object]:
        return [int(line) for line in self.process.said]


class Libmodbus(LibmodbusDevice):
    """libmodbus; input register 199 counts requests, holding registers come back as input registers."""

    def __init__(self) -> None:
        self.port = free_port()
        super().__init__("tcp", str(self.port))
        self.groups = points(("holding_register 0", DeviceType.INT), ("input_register 199", DeviceType.UINT))

    def target(self, port: int) -> Target:
        return Target(f"modbus-tcp://127.0.0.1:{port}/1")

    async def freeze(self, on: bool) -> None:
        """By its coil 199, through a client of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(bytes([0, 1, 0, 0, 0, 6, 1, 5, 0, 199, 255 if on else 0, 0]))
        await reader.readexactly(12)
        writer.close()
        await writer.wait_closed()

    @property
    def did(self) -> list[object]:
        rows = [line.split() for line in self.writes]
        return [int.from_bytes(bytes.fromhex("".join(row[2:4])), "big", signed=True) for row in rows if row[0] == "6"]


class BehindMosquitto:
    """A device by MQTT.js and sparkplug-payload behind a mosquitto; the cable is between driver and broker."""

    def __init__(self, folder: Path, speaks: str) -> None:
        self.port = free_port()
        config = folder / "mosquitto.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        self._broker_command = [need("mosquitto", "apt-get install mosquitto"), "-c", str(config)]
        self._broker: asyncio.subprocess.Process | None = None
        script = str(INTEROP / "mqtt_device.cjs")
        self.process = Process([need("node", NODE), script, f"mqtt://127.0.0.1:{self.port}"])
        self._speaks = speaks
        if speaks == "json":
            places = ("cell/press/state#number", "cell/press/state#moving", "cell/press/set#number")
        else:
            places = ("spBv1.0/g/press/axis#number", "spBv1.0/g/press/axis#moving", "")
        self.groups = points((places[0], DeviceType.INT), (places[1], DeviceType.DINT), places[2])

    def target(self, port: int) -> Target:
        return Target(f"mqtt://127.0.0.1:{port}")

    async def start(self) -> None:
        nothing = asyncio.subprocess.DEVNULL
        self._broker = await asyncio.create_subprocess_exec(*self._broker_command, stdout=nothing, stderr=nothing)
        await self.process.start()  # it tries until the broker listens

    async def kill(self) -> None:
        await self.process.kill()
        if self._broker is not None:
            self._broker.kill()
            await self._broker.wait()
            self._broker = None

    async def freeze(self, on: bool) -> None:
        await self.process.tell("freeze" if on else "thaw")

    @property
    def did(self) -> list[object]:
        rows = [json.loads(line) for line in self.process.said if line.startswith("{")]
        return [row["value"] for row in rows if row["name"] == "number"]
