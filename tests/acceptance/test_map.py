"""The printed address map against the real line: every tag on every wire, every write, and addresses that stay."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.acceptance.lab import Lab, linelab
from tests.acceptance.wires import Entry, Modbus, Mqtt, all_wires, printed_map

GOLDEN = Path(__file__).with_name("golden") / "smart-factory-map.json"


def test_the_addresses_of_the_reference_line_stay_where_they_are() -> None:
    """Trainees' programs hold them. A tag may be added, and is then added here; none may move."""
    done = linelab("map", "smart-factory", "--format", "json")
    assert json.loads(done.stdout) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_no_two_tags_share_an_address() -> None:
    tags = printed_map().values()
    for place in (
        lambda t: (t["modbus"]["table"], t["modbus"]["address"]),
        lambda t: t["iec_address"],
        lambda t: t["opcua"]["node_id"],
        lambda t: t["mqtt"]["state"],
    ):
        assert len({place(tag) for tag in tags}) == len(tags)


def writable(tag: Entry) -> bool:
    return tag["direction"] in ("output", "parameter")


async def test_every_tag_has_the_same_value_on_every_wire(lab: Lab) -> None:
    await asyncio.sleep(2)
    lab.ask("POST", "/clock", {"action": "freeze"}, role="instructor")
    await asyncio.sleep(1.5)  # MQTT looks at what is a function of time once a second
    shown = lab.values()
    tags = printed_map()
    assert set(tags) == set(shown)
    async with all_wires(lab) as wires:
        for name, tag in tags.items():
            values = {wire: await client.read(tag) for wire, client in wires.items()}
            values["page"] = shown[name]
            low_word = tag["type"] in ("DINT", "UDINT")
            if isinstance(wires["modbus"], Modbus) and tag["type"] != "BOOL":
                values["modbus 32"] = await wires["modbus"].read_32(tag)
            if low_word:
                assert values.pop("modbus") == int(shown[name]) % 65536
            digits = 3 if not tag["modbus"]["scale"] else len(str(tag["modbus"]["scale"])) - 1
            assert len({round(float(value), digits) for value in values.values()}) == 1, (name, values)


async def test_outputs_of_a_station_that_runs_by_itself_are_refused_on_every_wire(lab: Lab) -> None:
    outputs = [tag for tag in printed_map().values() if tag["direction"] == "output"]
    assert len(outputs) > 30
    async with all_wires(lab) as wires:
        for wire, client in wires.items():
            answers = {tag["name"]: await client.write(tag, False if tag["type"] == "BOOL" else 0) for tag in outputs}
            assert set(answers.values()) == {"not_owner"}, (wire, answers)


@pytest.mark.parametrize("wire", ["modbus", "opcua", "mqtt"])
async def test_the_wire_in_control_may_write_every_output(lab: Lab, wire: str) -> None:
    tags = [tag for tag in printed_map().values() if tag["direction"] == "output"]
    stations = {tag["station"] for tag in tags}
    for station in stations:
        lab.key(station, wire)
    async with all_wires(lab) as wires:
        for tag in tags:
            high = True if tag["type"] == "BOOL" else tag["range"][1]
            assert await wires[wire].write(tag, high) is None, tag["name"]
            assert await wires[wire].read(tag) == high or isinstance(wires[wire], Mqtt)
            others = [client for name, client in wires.items() if name != wire]
            assert [await client.write(tag, high) for client in others] == ["not_owner", "not_owner"], tag["name"]


async def test_what_cannot_be_written_is_refused_alike(lab: Lab) -> None:
    tags = printed_map().values()
    async with all_wires(lab) as wires:
        for tag in tags:
            low, high = tag["range"] or (0, 1)
            if not writable(tag):
                value = False if tag["type"] == "BOOL" else low
                answers = {await client.write(tag, value) for client in wires.values()}
                assert answers == {"read_only"}, tag["name"]
            elif tag["direction"] == "parameter" and tag["type"] != "BOOL":
                answers = {await client.write(tag, high + 1) for client in wires.values()}
                assert answers == {"value"}, tag["name"]


async def test_parameters_and_commands_are_taken_or_refused_by_their_state_on_every_wire(lab: Lab) -> None:
    """All stations are in Execute: Reset, Start, Unhold, Unsuspend and Clear are illegal now, on each wire."""
    tags = printed_map()
    async with all_wires(lab) as wires:
        await asyncio.sleep(0.5)
        for name, tag in tags.items():
            signal = name.partition(".")[2]
            if signal in ("cmd_reset", "cmd_start", "cmd_unhold", "cmd_unsuspend", "cmd_clear"):
                assert {await client.write(tag, True) for client in wires.values()} == {"state"}, name
            elif signal.endswith("_colour") and tag["direction"] == "parameter":
                for value, client in enumerate(wires.values(), 1):
                    assert await client.write(tag, value) is None
                    assert await wires["modbus"].read(tag) == value
