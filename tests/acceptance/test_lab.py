"""A lab from start to Ctrl-C, a recorded session replayed, and what is left when the power fails."""

import asyncio
import json
import time  # noqa: TID251  these tests run against the wall clock
from pathlib import Path

from pymodbus.client import ModbusTcpClient

from sim.journal import read
from tests.acceptance.conftest import MakeLab
from tests.acceptance.lab import is_free, linelab
from tests.acceptance.wires import all_wires, modbus, mqtt, opcua, printed_map


def records(journal: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines(keepends=True)]


def test_ctrl_c_ends_with_0_leaves_no_port_and_closes_the_journal(make_lab: MakeLab) -> None:
    lab = make_lab(benches=2).start()
    assert not any(is_free(port) for port in lab.ports)
    assert lab.stop() == 0
    assert [port for port in lab.ports if not is_free(port)] == []
    for bench in (1, 2):
        assert records(lab.journals(bench)[0])[-1]["k"] == "end"
        assert (lab.data / "tokens.json").stat().st_mode & 0o077 == 0


async def test_a_session_with_clients_on_all_wires_replays_to_the_same_digest(make_lab: MakeLab) -> None:
    lab = make_lab("--speed", "5").start()
    tags = printed_map()
    for station, control in (("sorting", "modbus"), ("inspection", "opcua"), ("infeed", "mqtt")):
        lab.key(station, control)
    async with all_wires(lab) as wires:
        for turn in range(40):
            on = turn % 3 == 0
            assert await wires["modbus"].write(tags["sorting.belt_run"], on) is None
            assert await wires["opcua"].write(tags["inspection.stopper_open"], not on) is None
            assert await wires["mqtt"].write(tags["infeed.belt_speed"], 100 + turn) is None
            assert await wires["opcua"].write(tags["sorting.ejector_2_colour"], turn % 4) is None
            await asyncio.sleep(0.05)
    assert lab.stop() == 0
    done = linelab("replay", str(lab.journals()[0]), "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["agrees"], found["ended"]) == (0, True, True)
    assert found["inputs"] >= 3 + 40


async def test_kill_9_under_load_loses_no_acknowledged_write_and_resume_goes_on(make_lab: MakeLab) -> None:
    lab = make_lab().start()
    tags = printed_map()
    for station, control in (("sorting", "modbus"), ("infeed", "opcua"), ("storage", "mqtt")):
        lab.key(station, control)
    acknowledged: dict[str, list[float]] = {"sorting.belt_run": [], "infeed.belt_speed": [], "storage.x_target": []}

    async def load(wire: object, name: str, values: list[float]) -> None:
        for value in values:
            if await wire.write(tags[name], value) is None:  # type: ignore[attr-defined]
                acknowledged[name].append(value)

    async with modbus(lab) as m, opcua(lab) as o, mqtt(lab) as q:
        tasks = [
            asyncio.create_task(load(m, "sorting.belt_run", [bool(n % 2) for n in range(100_000)])),
            asyncio.create_task(load(o, "infeed.belt_speed", [100 + n % 100 for n in range(100_000)])),
            asyncio.create_task(load(q, "storage.x_target", [n % 4 for n in range(100_000)])),
        ]
        await asyncio.sleep(3)
        await asyncio.to_thread(lab.kill)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        o.client.disconnect_socket()
    check_journal(lab.journals()[0], acknowledged)
    before = lab.journals()
    lab.start("--resume")
    assert set(lab.answers) <= {503, 200}, "while it starts nothing is unknown: it does not answer yet"
    assert lab.answers == sorted(lab.answers, reverse=True), "and what has answered goes on answering"
    assert lab.journals() == before, "resume goes on with the same record"
    values = lab.values()
    assert values["sorting.control"] == 1
    assert lab.stop() == 0
    assert linelab("replay", str(before[0])).returncode == 0


def check_journal(journal: Path, acknowledged: dict[str, list[float]]) -> None:
    """Every acknowledged write is in the record in its order; at most one more of each wire was under way."""
    with journal.open(encoding="utf-8", newline="\n") as file:
        inputs = read(file).inputs
    for name, values in acknowledged.items():
        written = [
            value for record in inputs if record.given and record.given.op == "write"
            for tag, value in record.given.args["writes"] if tag == name
        ]  # fmt: skip
        assert len(values) > 50, name
        # a write that changes nothing is no input
        changes = [v for n, v in enumerate(values) if n == 0 or v != values[n - 1]]
        changes = changes if written[:1] == changes[:1] else changes[1:]
        assert written[: len(changes)] == changes, name
        assert len(written) - len(changes) <= 1


def test_benches_are_isolated(make_lab: MakeLab) -> None:
    lab = make_lab(benches=3).start()
    lab.key("sorting", "modbus", bench=2)
    with ModbusTcpClient("127.0.0.1", port=lab.port("modbus", 2)) as plc:
        assert not plc.write_coil(96, False).isError()
    with ModbusTcpClient("127.0.0.1", port=lab.port("modbus", 3)) as plc:
        assert plc.write_coil(96, False).exception_code == 4
    time.sleep(0.2)
    assert [lab.values(bench)["sorting.control"] for bench in (1, 2, 3)] == [0, 1, 0]
    assert [len(lab.journals(bench)) for bench in (1, 2, 3)] == [1, 1, 1]
    assert lab.stop() == 0
