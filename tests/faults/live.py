"""A line with all its wires in this process, its time moved by hand, and a trainee's clients on it.

    line = await LiveLine.open("machining-cell", folder)
    await line.anew(60)                                   # a new run, 60 simulated seconds old
    id = await line.inject("cylinder_seal", "cell.door")
    await line.go(30)                                     # 30 simulated seconds pass at once
    assert (await line.opcua("cell.door_is_open")).Value.Value is False

Time stands still between two `go`s, so what is read on three wires is one instant. Link faults and everything else that
lives in wall time are waited for with `until`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from controller.bench import Bench
from controller.clock import SystemClock
from controller.host import Host
from controller.settings import Settings
from controller.tokens import ROLES, Grant, Tokens
from devices.address_map import exports
from devices.endpoint import Role
from sim.inputs import Input
from sim.line import Line
from sim.packml import State
from sim.state import JsonValue
from sim.tag import Reading, Value
from tests.acceptance.lab import free_block
from tests.acceptance.wires import Modbus, Mqtt

PATIENCE_S = 10.0
AT_REST = (State.STOPPED, State.IDLE, State.ABORTED)
RUNNING = (State.EXECUTE, State.SUSPENDED)
LINK_S = 0.12  # wires look at their links twice as often
BY = "test"
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What OPC UA says of a tag. `value` is None where the status says that there is none."""

    value: Any
    status: str
    good: bool
    stamp: datetime | None  # of the source


class LiveLine:
    """One bench of a host in this process. `open` and `close` it once for many tests; `anew` begins each."""

    def __init__(self, host: Host, tokens: Tokens, settings: Settings, stack: AsyncExitStack) -> None:
        self._host, self._tokens, self._settings, self._stack = host, tokens, settings, stack
        self.places: dict[str, Entry] = {
            place["name"]: place for place in json.loads(exports.json(host.desks[1].addresses))["tags"]
        }
        self.client: Client | None = None  # of OPC UA
        self.mqtt_client: Mqtt | None = None
        self._modbus: Modbus | None = None
        self._notes: list[tuple[str, str, str, str]] = []

    @classmethod
    async def open(cls, name: str, folder: Path, **settings: Any) -> "LiveLine":
        """Host, wires and clients; the line stands still at its beginning."""
        base = free_block(3)
        chosen = Settings(
            line=name, data=folder, opcua_port=base, modbus_port=base + 1, mqtt_port=base + 2, **settings
        )  # fmt: skip
        tokens = Tokens({Grant(1, role): f"token-of-{role.value}-1" for role in ROLES})
        host = Host(chosen, tokens, SystemClock())
        await host.start((1,))
        live = cls(host, tokens, chosen, AsyncExitStack())
        live.bench.freeze(BY)
        return live

    async def close(self) -> None:
        await self._stack.aclose()
        await self._host.stop()

    # ---- the line ---------------------------------------------------------------------------------------------

    @property
    def bench(self) -> Bench:
        return self._host.desks[1].bench

    @property
    def line(self) -> Line:
        found = self.bench.run.line
        assert isinstance(found, Line)
        return found

    def port(self, wire: str) -> int:
        return {"opcua": self._settings.opcua_port, "modbus": self._settings.modbus_port,
                "mqtt": self._settings.mqtt_port}[wire]  # fmt: skip

    def token(self, role: Role = Role.TRAINEE) -> str:
        return self._tokens.of(1, role)

    async def anew(self, seconds: float = 0) -> None:
        """A new run from the start, so many simulated seconds old; clients stay connected."""
        await self.bench.reset(BY)
        self.bench.freeze(BY)
        self._listen()
        if seconds:
            await self.go(seconds)

    def _listen(self) -> None:
        """Hear the traffic of the present run."""
        run, self._notes = self.bench.run, []
        keep, heard = run.note, self._notes

        def note(wire: str, client: str, verb: str, subject: str) -> None:
            heard.append((wire, client, verb, subject))
            keep(wire, client, verb, subject)

        run.note = note  # type: ignore[method-assign]

    async def go(self, seconds: float) -> None:
        """So much simulated time passes, at once."""
        await self.bench.step(BY, seconds)

    async def go_until(self, fits: Callable[[], bool], most_s: float, every_s: float = 1.0) -> float:
        """Simulated time passes until `fits`; answers how much. More than `most_s` is a failed test."""
        passed = 0.0
        while not fits():
            assert passed < most_s, f"not within {most_s} simulated seconds"
            await self.go(every_s)
            passed += every_s
        return passed

    def truth(self, tag: str) -> Value:
        """What the plant is."""
        return self.line.truth(self._index(tag))

    def field(self, tag: str) -> Reading:
        """What the I/O card says."""
        return self.line.read(self._index(tag))

    def _index(self, tag: str) -> int:
        found = self.line.tags.find(tag)
        assert found is not None, tag
        return found.index

    # ---- hands ------------------------------------------------------------------------------------------------

    async def inject(self, fault: str, target: str, **own: JsonValue) -> str:
        """Begin a fault as an instructor does; answers its id. What happens at once has happened."""
        id = self.bench.fault(fault, target, own, BY)
        await self.settle()
        return id

    async def settle(self) -> None:
        """What happens at once has happened, and every wire has looked at its link."""
        if self.bench.run.pacer.frozen:
            await self.go(0)
        await asyncio.sleep(LINK_S)

    @property
    def active(self) -> list[str]:
        """The ids of the faults that are active."""
        return list(self.line.faults)

    async def give(self, op: str, **args: JsonValue) -> None:
        """An input that must be accepted: panel, key, write, lock, maintain ..."""
        answers = self.bench.run.give(Input(op, args), BY)
        assert not any(answers), f"{op} {args}: {answers}"
        await self.go(0)

    async def maintain(self, target: str, operation: str) -> None:
        """A trainee's work on something: stop and lock out where that is asked, do it, take the padlock off."""
        found = self.line.maintenance.targets()[target]
        work = found.work(operation)
        assert work is not None, f"{target} does not offer {operation}"
        if work.lock_out:
            await self.stop(found.place)
            await self.give("lock", station=found.place, on=True, who=BY)
        await self.give("maintain", target=target, operation=operation, who=BY)
        await self.go(work.seconds + 1)
        await self.settle()
        if work.lock_out:
            await self.give("lock", station=found.place, on=False, who=BY)

    async def stop(self, station: str) -> None:
        """Bring a station to rest as a person at its panel does."""
        for _ in range(5):
            if self.state(station) in AT_REST:
                return
            await self.press(station, "stop")
        raise AssertionError(f"{station} does not stop: {self.state(station).name}")

    async def start(self, station: str) -> None:
        """Clear, reset and start, as a person at its panel does, until it runs."""
        for _ in range(8):
            if self.state(station) in RUNNING:
                return
            await self.press(station, "reset", "start")
            await self.go(10)
        raise AssertionError(f"{station} does not start: {self.state(station).name}")

    async def recovers(self, seconds: float = 150) -> None:
        """No fault is active any more, every station runs again, and parts are finished."""
        assert self.active == []
        for station in self.line.plant.units:
            await self.start(station)
        before = sum(self.line.plant.parts.ends.values())
        await self.go(seconds)
        assert sum(self.line.plant.parts.ends.values()) > before, "nothing is finished any more"

    def state(self, station: str) -> State:
        return State(int(self.truth(f"{station}.state")))

    async def press(self, station: str, *elements: str) -> None:
        """Push and let go buttons, with time for what they start."""
        for element in elements:
            await self.give("panel", station=station, element=element, pressed=True)
            await self.give("panel", station=station, element=element, pressed=False)
            await self.go(5)

    @property
    def traffic(self) -> list[tuple[str, str, str, str]]:
        """What was asked of the line in this run: wire, client, verb, subject."""
        return self._notes

    # ---- what a trainee reads ---------------------------------------------------------------------------------

    async def modbus_client(self) -> Modbus:
        if self._modbus is None or not self._modbus.client.connected:
            client = AsyncModbusTcpClient("127.0.0.1", port=self.port("modbus"), timeout=3)
            assert await client.connect()
            self._stack.callback(client.close)
            self._modbus = Modbus(client)
        return self._modbus

    async def modbus(self, tag: str) -> bool | float:
        """The tag's value out of its coil, discrete input or 16-bit register."""
        return await (await self.modbus_client()).read(self.places[tag])

    async def opcua_client(self) -> Client:
        if self.client is None:
            self.client = self.new_opcua_client()
            await self._stack.enter_async_context(self.client)
        return self.client

    def new_opcua_client(self, role: Role = Role.TRAINEE) -> Client:
        client = Client(f"opc.tcp://127.0.0.1:{self.port('opcua')}/", timeout=5)
        client.set_user(role.value)
        client.set_password(self.token(role))
        return client

    async def reconnect(self) -> None:
        """The trainee's clients come back after their connections were lost."""
        old, self.client, self._modbus = self.client, None, None
        if old is not None:
            with suppress(Exception):
                await old.disconnect()
        wire, self.mqtt_client = self.mqtt_client, None
        if wire is not None:
            wire.client.loop_stop()
            wire.client.disconnect()
        await self.until_it(self._answers, "the wires answer again")

    async def _answers(self) -> bool:
        try:
            return await (await self.modbus_client()).read(self.places["line.sim_time"]) >= 0
        except (AssertionError, ModbusException, OSError):
            self._modbus = None
            return False

    async def opcua(self, tag: str) -> Said:
        """What a trainee's client reads of the tag's node."""
        client, place = await self.opcua_client(), self.places[tag]["opcua"]
        index = await client.get_namespace_index(place["namespace_uri"])
        node = client.get_node(f"ns={index};{place['node_id']}")
        found = await node.read_data_value(raise_on_bad_status=False)
        status = found.StatusCode or ua.StatusCode()
        value = None if found.Value is None else found.Value.Value
        return Said(value, status.name, status.is_good(), found.SourceTimestamp)

    async def mqtt(self, tag: str) -> Entry:
        """The latest message on the tag's topic: value, quality, ts, and the reason unless it is good."""
        wire = await self.mqtt_wire()
        topic = self.places[tag]["mqtt"]["state"]
        await asyncio.sleep(0.12)  # the wire publishes every 50 ms
        await self.until(lambda: topic in wire.state, topic)
        return dict(wire.state[topic])

    async def mqtt_wire(self) -> Mqtt:
        if self.mqtt_client is None:
            wire = Mqtt()
            wire.client.username_pw_set(Role.TRAINEE.value, self.token())
            wire.client.on_connect = lambda client, *_: client.subscribe("linelab/#", qos=1)
            wire.client.connect("127.0.0.1", self.port("mqtt"))
            wire.client.loop_start()
            self._stack.callback(wire.client.loop_stop)
            self._stack.callback(wire.client.disconnect)
            self.mqtt_client = wire
            await self.until(lambda: bool(wire.state), "the first retained message")
        return self.mqtt_client

    async def all_say(self, tag: str, value: bool | float) -> None:
        """Modbus, OPC UA and MQTT say the same value, with good quality. What is a function of time is told later."""
        said = await self.opcua(tag)
        assert said.good, said
        got = {"modbus": await self.modbus(tag), "opcua": said.value}
        assert all(_close(v, value) for v in got.values()), f"{tag}: {got}, not {value}"
        wire, topic = await self.mqtt_wire(), self.places[tag]["mqtt"]["state"]
        await self.until(lambda: _says(wire.state.get(topic), value), f"{topic} says {value}, good", 4)

    async def until(self, fits: Callable[[], bool], what: str, seconds: float = PATIENCE_S) -> None:
        """Wall time passes until `fits`: for links, sessions and clocks."""
        await self.until_it(_awaited(fits), what, seconds)

    async def until_it(self, fits: Callable[[], Awaitable[bool]], what: str, seconds: float = PATIENCE_S) -> None:
        """The same with a question that takes time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not await fits():
            assert loop.time() < end, f"not within {seconds} s: {what}"
            await asyncio.sleep(0.02)


def _close(said: bool | float, value: bool | float) -> bool:
    """Within half a step of a 16-bit register with one decimal, or one part in ten thousand."""
    return abs(float(said) - float(value)) <= max(0.051, abs(float(value)) * 1e-4)


def _says(message: Entry | None, value: bool | float) -> bool:
    return message is not None and message["quality"] == "good" and _close(message["value"], value)


def _awaited(fits: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return fits()

    return ask
