"""A real Node-RED loads the exported flow and hears the line through it, and writes to it."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from devices.address_map import AddressMap
from devices.address_map.exports import Site, make
from devices.mqtt import MqttEndpoint
from tests.devices.fake_line import FakeCredentials, FakeLine
from tests.tools import need

INTEROP = Path(__file__).parents[2] / "interop"
SETTINGS = """module.exports = {
  uiHost: "127.0.0.1", uiPort: %d, flowFile: "flows.json", credentialSecret: "test",
  editorTheme: { tours: false }, logging: { console: { level: "warn" } }, telemetry: { enabled: false },
};
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def to_a_socket(nodes: list[dict[str, Any]], port: int) -> list[dict[str, Any]]:
    """The flow with what its debug nodes show sent to the test as lines of JSON, and its injects pressed at once."""
    password = {"user": "trainee", "password": "trainee-token"}
    for node in nodes:
        if node["type"] == "mqtt-broker":
            node["credentials"] = password
        if node["type"] == "inject" and node["id"] == pressed(nodes):
            node.update(once=True, onceDelay=1)
    sheets = {node["z"] for node in nodes if node["type"] == "debug"}
    for node in list(nodes):
        if node["type"] == "debug":
            out = {"id": f"{node['id'][:12]}tcp1", "type": "tcp out", "z": node["z"], "beserver": "client"}
            out |= {"host": "127.0.0.1", "port": str(port), "base64": False, "end": False, "wires": [], "x": 1, "y": 1}
            text = {"id": f"{node['id'][:12]}func", "type": "function", "z": node["z"], "outputs": 1, "x": 1, "y": 1}
            text |= {"func": "return { payload: JSON.stringify([msg.topic, msg.payload]) + '\\n' };"}
            text |= {"wires": [[out["id"]]], "name": "", "noerr": 0, "initialize": "", "finalize": "", "libs": []}
            for other in nodes:
                if node["id"] in (other.get("wires") or [[]])[0]:
                    other["wires"] = [[text["id"]]]
            nodes += [text, out]
    assert sheets
    return nodes


def pressed(nodes: list[dict[str, Any]]) -> str:
    """The inject of the belt: what commands it."""
    out = next(node["id"] for node in nodes if node["type"] == "mqtt out" and node["topic"].endswith("/belt_run/set"))
    found: str = next(node["id"] for node in nodes if node["type"] == "inject" and out in node["wires"][0])
    return found


@asynccontextmanager
async def node_red(folder: Path, flow: list[dict[str, Any]]) -> AsyncIterator[asyncio.subprocess.Process]:
    program = INTEROP / "node_modules" / ".bin" / "node-red"
    need("node", "apt-get install nodejs (20 or newer)")
    if not program.is_file():
        why = "node-red is missing: npm ci --prefix tests/interop"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    (folder / "settings.js").write_text(SETTINGS % free_port())
    credentials = {node["id"]: node.pop("credentials") for node in flow if "credentials" in node}
    (folder / "flows.json").write_text(json.dumps(flow))
    (folder / "settings.js").write_text((folder / "settings.js").read_text().replace('"test"', "false"))
    (folder / "flows_cred.json").write_text(json.dumps(credentials))
    process = await asyncio.create_subprocess_exec(
        str(program), "--userDir", str(folder), "--settings", str(folder / "settings.js"), stdout=-1, stderr=-2
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        async with asyncio.timeout(20):
            await process.communicate()


@pytest.mark.long
@pytest.mark.timeout(120)
async def test_node_red_shows_every_tag_and_commands_the_belt(tmp_path: Path) -> None:
    line = FakeLine()
    endpoint = MqttEndpoint(line, "127.0.0.1", 0, FakeCredentials())
    await endpoint.start()
    heard: dict[str, Any] = {}

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while text := await reader.readline():
            topic, payload = json.loads(text)
            heard[topic] = payload
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    addresses = AddressMap(line.line, line.tags)
    made = make("node-red", addresses, Site(mqtt_port=int(endpoint.url.rpartition(":")[2])))
    try:
        async with node_red(tmp_path, to_a_socket(json.loads(made), port)) as process:
            await until(lambda: {a.mqtt.state for a in addresses} <= set(heard), process)
            await until(lambda: any(("sorting.belt_run", True) in writes for _, writes in line.requests), process)
            line.set("storage.crane_x", 77.5)
            await until(lambda: heard["linelab/smart-factory/storage/crane_x"]["value"] == 77.5, process)
            assert heard["linelab/smart-factory/sorting/belt_speed"]["unit"] == "mm/s"
    finally:
        server.close()
        await server.wait_closed()
        await endpoint.stop()


async def until(done: Any, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(45):
        while not done():
            assert process.returncode is None, "Node-RED has gone"
            await asyncio.sleep(0.1)
