"""Three small clients, one per wire, that know nothing of a line but its printed map (`linelab map --format json`).

Each reads any tag as its value in engineering units and writes one, answering None or the word of the refusal.
"""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from itertools import count
from typing import Any, Protocol

import paho.mqtt.client as paho
from asyncua import Client, ua
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.pdu import ModbusPDU

from tests.acceptance.lab import Lab, linelab

Entry = dict[str, Any]
TYPES = {"BOOL": "Boolean", "INT": "Int16", "UINT": "UInt16", "DINT": "Int32", "UDINT": "UInt32", "REAL": "Float"}
DEVICE_FAILURE, BUSY = 4, 6
MODBUS_WORDS = {3: "value", DEVICE_FAILURE: "not_owner", BUSY: "state"}
OPCUA_WORDS = {
    ua.StatusCodes.BadUserAccessDenied: "not_owner", ua.StatusCodes.BadInvalidState: "state",
    ua.StatusCodes.BadOutOfRange: "value", ua.StatusCodes.BadTypeMismatch: "value",
    ua.StatusCodes.BadNotWritable: "read_only",
}  # fmt: skip
MQTT_WORDS = {"range": "value", "type": "value"}


@cache
def printed_map(line: str = "smart-factory") -> dict[str, Entry]:
    done = linelab("map", line, "--format", "json")
    assert done.returncode == 0, done.stderr
    return {tag["name"]: tag for tag in json.loads(done.stdout)["tags"]}


class WireClient(Protocol):
    """One wire as a test uses it."""

    async def read(self, tag: Entry) -> bool | float: ...

    async def write(self, tag: Entry, value: bool | float) -> str | None: ...


class Modbus:
    """The 16-bit view, and the 32-bit one by `read_32`."""

    def __init__(self, client: AsyncModbusTcpClient) -> None:
        self.client = client

    async def read(self, tag: Entry) -> bool | float:
        place = tag["modbus"]
        if tag["type"] == "BOOL":
            read = self.client.read_coils if place["table"] == "coil" else self.client.read_discrete_inputs
            return bool((await read(place["address"])).bits[0])
        (word,) = await self._words(place["table"], place["address"], 1)
        signed = word - 65536 if place["signed"] and word >= 32768 else word
        return signed / place["scale"] if tag["type"] == "REAL" else signed

    async def read_32(self, tag: Entry) -> float:
        place = tag["modbus"]
        high, low = await self._words(place["table"], place["address_32"], 2)
        raw = struct.pack(">HH", high, low)
        form = {"REAL": ">f", "UINT": ">I", "UDINT": ">I"}.get(tag["type"], ">i")
        return float(struct.unpack(form, raw)[0])

    async def _words(self, table: str, address: int, count: int) -> list[int]:
        holding = table == "holding_register"
        read = self.client.read_holding_registers if holding else self.client.read_input_registers
        answer = await read(address, count=count)
        assert not answer.isError(), answer
        return answer.registers

    async def write(self, tag: Entry, value: bool | float) -> str | None:
        place = tag["modbus"]
        if place["table"] not in ("coil", "holding_register"):
            return "read_only"  # Modbus has no function that writes there
        answer: ModbusPDU
        if tag["type"] == "BOOL":
            answer = await self.client.write_coil(place["address"], bool(value))
        else:
            word = round(value * (place["scale"] or 1)) & 0xFFFF
            answer = await self.client.write_register(place["address"], word)
        return MODBUS_WORDS[answer.exception_code] if answer.isError() else None


class OpcUa:
    """By namespace URI and node id."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def _node(self, tag: Entry) -> Any:
        index = await self.client.get_namespace_index(tag["opcua"]["namespace_uri"])
        return self.client.get_node(f"ns={index};{tag['opcua']['node_id']}")

    async def read(self, tag: Entry) -> bool | float:
        value: bool | float = await (await self._node(tag)).read_value()
        return value

    async def write(self, tag: Entry, value: bool | float) -> str | None:
        kind = ua.VariantType[TYPES[tag["type"]]]
        try:
            await (await self._node(tag)).write_value(ua.DataValue(ua.Variant(value, kind)))
        except ua.UaStatusCodeError as error:
            return OPCUA_WORDS[error.code]
        return None


class Mqtt:
    """Retained state; commands with an id and the reply to it."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}
        self.replies: dict[str, asyncio.Future[Entry]] = {}
        self.numbers = count(1)
        self.loop = asyncio.get_running_loop()
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self.client.on_message = lambda _client, _data, message: self.loop.call_soon_threadsafe(self._heard, message)

    def _heard(self, message: paho.MQTTMessage) -> None:
        if not message.topic.endswith("/set/reply"):
            if message.payload[:1] == b"{":
                self.state[message.topic] = json.loads(message.payload)
            return
        answer = json.loads(message.payload)
        if waiting := self.replies.pop(str(answer["id"]), None):
            waiting.set_result(answer)

    async def read(self, tag: Entry) -> bool | float:
        async with asyncio.timeout(5):
            while tag["mqtt"]["state"] not in self.state:
                await asyncio.sleep(0.02)
        value: bool | float = self.state[tag["mqtt"]["state"]]["value"]
        return value

    async def write(self, tag: Entry, value: bool | float) -> str | None:
        topic = tag["mqtt"]["set"] or tag["mqtt"]["state"] + "/set"
        id = f"n{next(self.numbers)}"
        waiting = self.replies[id] = self.loop.create_future()
        self.client.publish(topic, json.dumps({"value": value, "id": id}), qos=1)
        answer = await asyncio.wait_for(waiting, 5)
        reason = answer.get("reason")
        return None if answer["result"] == "accepted" else MQTT_WORDS.get(reason, reason)


@asynccontextmanager
async def modbus(lab: Lab, bench: int = 1) -> AsyncIterator[Modbus]:
    async with AsyncModbusTcpClient("127.0.0.1", port=lab.port("modbus", bench)) as client:
        yield Modbus(client)


@asynccontextmanager
async def opcua(lab: Lab, bench: int = 1, role: str = "trainee") -> AsyncIterator[OpcUa]:
    client = Client(f"opc.tcp://127.0.0.1:{lab.port('opcua', bench)}/", timeout=10)
    client.set_user(role)
    client.set_password(lab.token(role, bench))
    async with client:
        yield OpcUa(client)


@asynccontextmanager
async def mqtt(lab: Lab, bench: int = 1, role: str = "trainee") -> AsyncIterator[Mqtt]:
    wire = Mqtt()
    wire.client.username_pw_set(role, lab.token(role, bench))
    wire.client.on_connect = lambda client, *_: client.subscribe("linelab/#", qos=1)
    wire.client.connect("127.0.0.1", lab.port("mqtt", bench))
    wire.client.loop_start()
    try:
        async with asyncio.timeout(10):
            while not wire.state:
                await asyncio.sleep(0.02)
        yield wire
    finally:
        wire.client.disconnect()
        wire.client.loop_stop()


@asynccontextmanager
async def all_wires(lab: Lab) -> AsyncIterator[dict[str, WireClient]]:
    async with AsyncExitStack() as stack:
        yield {
            "modbus": await stack.enter_async_context(modbus(lab)),
            "opcua": await stack.enter_async_context(opcua(lab)),
            "mqtt": await stack.enter_async_context(mqtt(lab)),
        }


async def eventually(ask: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while not await ask():
        assert asyncio.get_running_loop().time() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)
