"""A second LineLab as the device: its machining station, in remote control, reached over one of its own wires.

What it needs besides, as any machine does, is a watchdog relay in its emergency stop circuit: `Relay`. It watches a
register that has no use on the device's line, and opens the circuit when that has not counted for `TRIP_S`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from controller.bench import Bench
from controller.clock import SystemClock
from controller.host import Host
from controller.tokens import keep
from devices.endpoint import Role
from devices.tasks import begin, end
from sim.inputs import Input
from tests.controller.bindings.rig import Rig
from tests.controller.test_lab import lab_settings
from tests.devices.drivers.proxy import HOST, Cable

TRIP_S = 0.6
COUNT = "sorting.comm_timeout"  # a number that anybody may write, and that moves nothing
READ = ("eye_work", "eye_out", "estop_ok", "door_open", "door_closed", "clamp_open", "clamp_closed", "spindle_done",
        "spindle_tool_ok")  # fmt: skip
WRITTEN = ("belt_run", "stopper_open", "door_close", "clamp_close", "spindle_run", "spindle_change_tool")

BINDING = """\
binding: machining
line: smart-factory
devices:
  lab:
    url: {url}
    options: {options}
    groups: {{main: 50 ms}}
    timing: {{answer: 400 ms, open: 3 s, lost_after: 2}}
    signals: {{control: {{{control}, device_type: UINT, type: REAL}}}}
stations:
  machining:
    device: lab
    source: sim
    tags:
{tags}
    deviation: 60 s
    arming:
      interlock: lab.control > 0  # its key is turned to a wire
      lease: 60 s
      watchdog: {{{count}, every: 100 ms, within: 3 s, safe: not estop_ok}}
"""
LOST_S = 0.4 * 3 + 0.3  # as the binding states it: the question under way, `lost_after` more, one turn of the watch


class Relay:
    """Closes the emergency stop circuit of the device while it is counted to."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self.closed = bench, True

    async def run(self) -> None:
        tag = self._bench.view.tags.find(COUNT)
        assert tag is not None
        loop, seen, since_s = asyncio.get_running_loop(), None, float("-inf")
        while True:
            await asyncio.sleep(0.02)
            count = self._bench.run.line.read(tag.index).value
            if count != seen:
                seen, since_s = count, loop.time() if seen is not None else since_s
            closed = loop.time() - since_s < TRIP_S
            if closed is not self.closed:
                self.closed = closed
                self._bench.panel("machining", "estop", not closed, "relay")


class SecondLab:
    """The device, and what it was told."""

    def __init__(self, host: Host, wire: str) -> None:
        self.host, self.wire = host, wire
        self.desk = host.desks[1]
        self.bench = self.desk.bench
        self.told: list[tuple[str, object]] = []  # outputs that were written to it
        self.bench.run.line.listen(self._hear)

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "tag" and isinstance(subject, int):
            tag = self.bench.view.tags[subject]
            if tag.station == "machining" and tag.signal in WRITTEN:
                self.told.append((tag.signal, data))

    def key(self) -> None:
        """A person turns it, so that whoever writes first is in control."""
        for control in ("builtin", self.wire):
            self.bench.give(Input("key", {"station": "machining", "control": control}), "person")

    def value(self, signal: str) -> Any:
        tag = self.bench.view.tags.find(f"machining.{signal}")
        assert tag is not None
        return self.bench.run.line.read(tag.index).value

    def shows(self, signal: str, on: bool) -> None:
        self.bench.give(Input("force", {"tag": f"machining.{signal}", "value": on}), "test")

    def binding(self, port: int) -> str:
        place = {"modbus": self._modbus, "opcua": self._opcua, "mqtt": self._mqtt}[self.wire]
        url = {
            "modbus": f"modbus-tcp://{HOST}:{port}/1",
            "opcua": f"opc.tcp://{HOST}:{port}",
            "mqtt": f"mqtt://{HOST}:{port}?reply=/reply",
        }[self.wire]
        token = self.host.tokens.of(1, Role.TRAINEE)
        options = "{}" if self.wire == "modbus" else f"{{user: trainee, password: {token}}}"
        tags = [f"      {name}: {{{place(f'machining.{name}')}}}" for name in (*READ, *WRITTEN)]
        return BINDING.format(url=url, options=options, tags="\n".join(tags), count=place(COUNT),
                              control=place("machining.control"))  # fmt: skip

    def _modbus(self, name: str) -> str:
        found = self.desk.addresses.find(name)
        assert found is not None
        return f"address: {found.modbus.table} {found.modbus.address}"

    def _opcua(self, name: str) -> str:
        return f'address: "nsu=urn:linelab:smart-factory;s={name}"'

    def _mqtt(self, name: str) -> str:
        topic = f"linelab/smart-factory/{name.replace('.', '/')}"
        written = name == COUNT or name.partition(".")[2] in WRITTEN
        return f'address: "{topic}#value"' + (f', write_address: "{topic}/set#value"' if written else "")


@asynccontextmanager
async def two_labs(data: Path, wire: str) -> AsyncIterator[tuple[Rig, SecondLab, Cable]]:
    """A line whose machining station is that of a second lab, at the end of a cable."""
    settings = lab_settings(data / "device")
    host = Host(settings, keep(settings.data, [1])[0], SystemClock())
    await host.start((1,))
    try:
        device = SecondLab(host, wire)
        relay = begin(Relay(device.bench).run(), "relay")
        port: dict[str, Callable[[], int]] = {
            "modbus": lambda: settings.modbus_port, "opcua": lambda: settings.opcua_port,
            "mqtt": lambda: settings.mqtt_port,
        }  # fmt: skip
        async with Cable(port[wire]()) as cable:
            made = Rig(device.bench.definition, data / "line", device.binding(cable.port))
            made.bench.run.start()
            made.devices.start()
            try:
                yield made, device, cable
            finally:
                await made.bench.stop()
                await end(relay)
    finally:
        await host.stop()
