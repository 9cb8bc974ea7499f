"""A line with its machining station at the machine of `machine.py`, in real time, and somebody to work at it."""

import asyncio
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any

from controller.bench import Bench
from controller.bindings import RealDevices
from controller.bindings.station import Station
from controller.clock import SystemClock
from controller.faults import FaultShelf
from controller.runs import Plan, begin
from controller.settings import Settings
from scenarios import binding
from scenarios.yaml_source import parse
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.state import JsonValue

BINDING = """\
binding: machining
line: smart-factory
devices:
  plc:
    url: modbus-tcp://127.0.0.1:{port}/1
    groups: {{main: 30 ms}}
    timing: {{answer: 300 ms, open: 1 s, lost_after: 2}}
    signals: {{live: {{address: discrete_input 15}}}}
stations:
  machining:
    device: plc
    source: {mode}
    tags:
      eye_work: discrete_input 0
      eye_out: discrete_input 1
      estop_ok: discrete_input 2
      door_open: discrete_input 3
      door_closed: discrete_input 4
      clamp_open: discrete_input 5
      clamp_closed: discrete_input 6
      spindle_done: discrete_input 7
      spindle_tool_ok: discrete_input 8
      belt_run: coil 0
      stopper_open: coil 1
      door_close: coil 2
      clamp_close: coil 3
      spindle_run: coil 4
      spindle_change_tool: coil 5
    handover: {{presence: eye_work, done: eye_out, twin: 500 ms}}
    deviation: 60 s
    arming:
      interlock: estop_ok
      lease: {lease}
      watchdog: {{address: holding_register 9, every: 100 ms, within: 1200 ms, safe: not plc.live}}
"""
SINGLE = """\
tags:
  storage.button_start: {device: plc, address: discrete_input 10}
"""
EYE_WORK, EYE_OUT, ESTOP, BUTTON = 0, 1, 2, 10
BELT, DOOR, CLAMP, SPINDLE = 0, 2, 3, 4


class Machine:
    """The device process, and a bare client of it: the hands and eyes of the test."""

    def __init__(self, port: int = 0) -> None:
        script = Path(__file__).with_name("machine.py")
        self.process = subprocess.Popen([sys.executable, str(script), str(port)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def _ask(self, pdu: bytes) -> bytes:
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=2)) as wire:
            wire.sendall(struct.pack(">HHHB", 1, 0, len(pdu) + 1, 1) + pdu)
            wire.recv(7)
            return wire.recv(256)

    def shows(self, sensor: int, on: bool) -> None:
        self._ask(struct.pack(">BHH", 5, 100 + sensor, 0xFF00 if on else 0))

    def coil(self, at: int) -> bool:
        return bool(self._ask(struct.pack(">BHH", 1, at, 1))[2] & 1)

    def moving(self) -> bool:
        return any(self.coil(at) for at in range(6))

    def count(self) -> int:
        return int(struct.unpack(">H", self._ask(struct.pack(">BHH", 3, 9, 1))[2:4])[0])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


async def until(happens: Callable[[], object], what: str, seconds: float = 8.0) -> None:
    """Look again and again."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not happens():
        assert loop.time() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.02)


class Rig:
    """A bench in real time without trainees' wires."""

    machine: "Machine"

    def __init__(self, definition: LineDefinition, data: Path, text: str) -> None:
        """`text` is the binding file."""
        self.clock = SystemClock()
        plan = Plan(definition, Settings(data=data), 1)
        run = begin(plan, self.clock)
        self.bench = Bench(
            1, self.clock, run, partial(begin, plan, self.clock), FaultShelf({}, definition, run.line.tags)
        )
        self.devices = RealDevices(binding.build(parse(text, Path("b.yaml")), definition), self.clock, run)
        self.bench.devices = self.devices

    @property
    def station(self) -> Station:
        return self.devices.stations["machining"]

    def value(self, tag: str) -> Any:
        found = self.bench.view.tags.find(f"machining.{tag}")
        assert found is not None
        return self.bench.run.line.read(found.index).value

    async def up(self) -> None:
        (device,) = self.devices.devices.values()
        # a device that sends by itself has said values before all that it was asked for is granted
        await until(lambda: device.state == "up", "connected")
        await until(lambda: all(s.quality == "good" for s in device.samples() if s.tag != "machining.watchdog"), "up")

    async def armed(self) -> None:
        """Real, proved, armed, confirmed and running."""
        await self.up()
        await self.devices.switch("machining", "real", "engineer")
        assert (await self.station.test("engineer")).passed
        self.lease = (await self.station.arm("engineer")).id
        self.confirm()
        for command, state in (("clear", 2), ("reset", 4), ("start", 6)):
            self.bench.write(f"machining.cmd_{command}", True, "engineer")
            await until(lambda state=state: self.value("state") == state, command)  # type: ignore[misc]

    def confirm(self) -> None:
        """Every part of the twin is there."""
        parts: list[JsonValue] = [*self.bench.run.line.parts_in("machining")]
        self.bench.give(Input("confirm_parts", {"station": "machining", "parts": parts}), "engineer")

    def audit(self) -> list[dict[str, Any]]:
        return list(self.devices.audit.latest)


@asynccontextmanager
async def rig(definition: LineDefinition, data: Path, mode: str = "sim", lease: str = "60 s") -> AsyncIterator[Rig]:
    machine = Machine()
    made = Rig(definition, data, BINDING.format(port=machine.port, mode=mode, lease=lease) + SINGLE)
    made.machine = machine
    made.bench.run.start()
    made.devices.start()
    try:
        yield made
    finally:
        await made.bench.stop()
        machine.kill()
