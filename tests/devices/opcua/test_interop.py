"""node-opcua, a stack that this project did not write, browses, reads, drives and is refused."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from devices.opcua import OpcUaEndpoint
from sim.refusal import Refusal
from tests.devices.fake_line import FakeLine
from tests.tools import need

INTEROP = Path(__file__).parents[2] / "interop"
INSTALL = "npm ci --prefix tests/interop"


def need_module(name: str) -> None:
    """Skip, or fail in CI, where a package of tests/interop is not installed."""
    if (INTEROP / "node_modules" / name).is_dir():
        return
    why = f"{name} is missing: {INSTALL}"
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@pytest.mark.long
async def test_node_opcua_reads_and_drives_the_line(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    node = need("node", "apt-get install nodejs (20 or newer)")
    need_module("node-opcua-client")
    line.refuse["sorting.cmd_reset"] = Refusal.STATE
    script = str(INTEROP / "opcua_client.cjs")
    process = await asyncio.create_subprocess_exec(
        node, script, endpoint.url, line.line, "trainee-token", stdout=-1, stderr=-1
    )
    async with asyncio.timeout(40):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    found = json.loads(out.decode().strip().splitlines()[-1])
    assert found["line"] == ["sorting", "storage"]
    assert {tag.signal for tag in line.tags.of("sorting")} | {"Start", "Reset"} == set(found["station"])
    assert found["path"] == "ns=2;s=sorting.eye_1"
    assert found["speed"] == {"type": "Float", "value": 200, "source": True}
    assert (found["unit"], found["range"]) == ("mm/s", [0, 500])
    assert found["writes"] == ["Good", "BadNotWritable", "BadOutOfRange", "BadTypeMismatch"]
    assert found["heard"] == [200, 123.5]
    assert (found["start"], found["reset"]) == ("Good", "BadInvalidState")
    assert found["observer"] == "BadUserAccessDenied"
    assert "BadIdentityTokenRejected" in found["admin"]
    assert len(line.gone) == 2
