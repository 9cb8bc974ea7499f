"""node-opcua, a stack that this project did not write, finds types, decodes structures and calls methods."""

import asyncio
import json

import pytest

from devices.opcua.model.companion import Companion
from devices.opcua.nodes import ModelSettings
from tests.devices.opcua.conftest import served
from tests.devices.opcua.model_line import equipped_line
from tests.devices.opcua.test_interop import INTEROP, need_module
from tests.tools import need


@pytest.mark.long
@pytest.mark.parametrize("companion", list(Companion))
async def test_node_opcua_understands_the_model(companion: Companion) -> None:
    node = need("node", "apt-get install nodejs (20 or newer)")
    need_module("node-opcua-client")
    line, definition = equipped_line()
    async with served(line, model=ModelSettings(companion, definition=definition)) as endpoint:
        process = await asyncio.create_subprocess_exec(
            node,
            str(INTEROP / "opcua_model.cjs"),
            endpoint.url,
            line.line,
            "cell",
            "trainee-token",
            stdout=-1,
            stderr=-1,
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    found = json.loads(out.decode().strip().splitlines()[-1])
    piece = int.from_bytes(b"H87", "big")
    assert found["type"] == "PackMLBaseObjectType"
    assert (found["machine"], found["state"], found["health"]) == ("ns=2;s=cell.Machine", "Cleared", 0)
    assert found["recipe"]["station"] == "cell"
    assert ["limit", 5, piece] in found["recipe"]["points"]
    assert [found[name] for name in ("speed", "fast", "missing", "set")] == [
        "Good",
        "BadOutOfRange",
        "BadArgumentsMissing",
        "Good",
    ]
    assert any(name == "cell.limit" for _, writes in line.requests for name, _ in writes)
