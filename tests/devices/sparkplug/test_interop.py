"""A codec that this project did not write, npm sparkplug-payload, reads what the edge node says and writes commands."""

import asyncio
import json
from pathlib import Path
from typing import Any

from devices.sparkplug.codec import decode
from tests.devices.sparkplug.rig import born
from tests.tools import need

INTEROP = Path(__file__).parents[2] / "interop"


async def payload_tool(*lines: str) -> list[str]:
    node = need("node", "apt-get install nodejs")
    assert (INTEROP / "node_modules/sparkplug-payload").exists(), "npm ci --prefix tests/interop"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        node, str(INTEROP / "sparkplug_payload.cjs"), stdin=pipe, stdout=pipe, stderr=pipe
    )
    out, err = await process.communicate("\n".join(lines).encode())
    assert process.returncode == 0, err.decode()
    return out.decode().splitlines()


async def test_births_data_and_death_are_read_by_another_codec() -> None:
    rig = born()
    rig.line.set("sorting.target", -3)
    rig.line.set("sorting.belt_speed", float("nan"))
    rig.turn()
    rig.leave()
    read: list[dict[str, Any]] = [json.loads(line) for line in await payload_tool(*(m.payload.hex() for m in rig.said))]
    nbirth, sorting, storage, data, death = read
    assert [m["seq"] for m in (nbirth, sorting, storage, data)] == [0, 1, 2, 3]
    metrics = {m["name"]: m for m in sorting["metrics"]}
    assert set(metrics) == {tag.signal for tag in rig.line.tags.of("sorting")}
    speed = metrics["belt_speed"]
    assert (speed["type"], speed["value"], speed["properties"]["engUnit"]["value"]) == ("Float", 200, "mm/s")
    assert speed["properties"]["Quality"] == {"type": "Int32", "value": 192}
    assert (metrics["parts_out"]["type"], metrics["parts_out"]["value"]) == ("Int64", 70000)
    assert {m["name"]: m.get("value") for m in nbirth["metrics"]}["Node Control/Rebirth"] is False
    told = {m["alias"]: m for m in data["metrics"]}
    assert set(told) == {rig.alias("sorting.target"), rig.alias("sorting.belt_speed")}
    assert told[rig.alias("sorting.belt_speed")].get("value") is None
    assert ([m["name"] for m in death["metrics"]], death["metrics"][0]["value"]) == (["bdSeq"], 0)


async def test_commands_of_another_codec_are_done() -> None:
    rig = born()
    command = {
        "timestamp": 1767225600000,
        "seq": 0,
        "metrics": [
            {"name": "target", "type": "Int16", "value": -4},
            {"name": "belt_run", "type": "Boolean", "value": True},
            {"name": "belt_speed", "type": "Float", "value": 150.5},
        ],
    }
    rebirth = {"timestamp": 1, "metrics": [{"name": "Node Control/Rebirth", "type": "Boolean", "value": True}]}
    written = [bytes.fromhex(line) for line in await payload_tool(json.dumps(command), json.dumps(rebirth))]
    rig.hear("spBv1.0/g/DCMD/smart-factory/sorting", written[0])
    assert [writes for _, writes in rig.line.requests] == [
        [("sorting.target", -4)],
        [("sorting.belt_run", True)],
        [("sorting.belt_speed", 150.5)],
    ]
    rig.hear("spBv1.0/g/NCMD/smart-factory", written[1])
    assert rig.node.counters.rebirths == 1
    assert decode(written[0]).seq == 0
