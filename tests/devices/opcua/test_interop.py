"""node-opcua, a stack that this project did not write, browses, reads, drives and is refused."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from controller.clock import SystemClock
from devices.certificates import Shelf
from devices.opcua import OpcUaEndpoint
from sim.refusal import Refusal
from tests.devices.certificates import makers
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.secure import secured, store_of
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


async def run_secure(url: str, folder: Path, *more: str) -> dict[str, object]:
    node = need("node", "apt-get install nodejs (20 or newer)")
    need_module("node-opcua-client")
    script = str(INTEROP / "opcua_secure.cjs")
    process = await asyncio.create_subprocess_exec(
        node, script, url, "smart-factory", "trainee-token", str(folder), "sorting.belt_speed", *more,
        stdout=-1, stderr=-1,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    found: dict[str, object] = json.loads(out.decode().strip().splitlines()[-1])
    return found


@pytest.mark.long
async def test_node_opcua_with_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.certificates.store.private_key", makers.key)
    line = FakeLine(clock=SystemClock())  # type: ignore[arg-type]  # foreign clients look at their own clock
    store = store_of(line, tmp_path / "bench")
    async with secured(line, store) as endpoint:
        first = await run_secure(endpoint.url, tmp_path, "--once")  # this stack says only that the server hung up
        assert "disconnected" in str(first["once"]) or first["once"] == "BadCertificateUntrusted"
        assert any("untrusted" in why for _, _, why in line.rejects)
        (tool,) = [row for row in store.shown() if row.shelf is Shelf.REJECTED]
        assert store.move(tool.thumbprint, Shelf.TRUSTED)
        found = await run_secure(endpoint.url, tmp_path)
    for way in ("Basic256Sha256/Sign", "Basic256Sha256/SignAndEncrypt", "plain"):
        assert found[way] == ["Good", 77], way
    for way in ("Aes256_Sha256_RsaPss/Sign", "Aes256_Sha256_RsaPss/SignAndEncrypt"):
        assert found[way] == ["Good", 77], way
    assert found["past"] == {"raw": [None, 200, 77, None], "max": [200], "total": "BadAggregateNotSupported"}
    assert found["stranger"] != ["Good", 77]
    assert len([row for row in store.shown() if row.shelf is Shelf.REJECTED]) == 1
    assert (found["password"], found["unknown"]) == ("BadIdentityTokenRejected", "BadNodeIdUnknown")
    assert (found["readonly"], found["type"]) == ("BadNotWritable", "BadTypeMismatch")
