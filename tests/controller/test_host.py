"""A host in this process: real wires on real ports, one loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.host import Host
from controller.ports import PortTaken
from controller.recorder import JOURNAL
from controller.resume import ResumeError
from controller.settings import Settings
from controller.tokens import Tokens, keep
from devices.endpoint import Wire
from scenarios.file_error import FileErrors
from sim.inputs import Input
from sim.journal import read, replay
from tests.controller.test_lab import Modbus, lab_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return lab_settings(tmp_path)


def new_host(settings: Settings) -> Host:
    tokens: Tokens = keep(settings.data, [1])[0]
    return Host(settings, tokens, SystemClock())


@pytest.fixture
async def host(settings: Settings) -> AsyncIterator[Host]:
    host = new_host(settings)
    await host.start((1,))
    yield host
    await host.stop()


async def test_a_coil_written_on_the_wire_is_in_the_journal_and_replays(host: Host, tmp_path: Path) -> None:
    desk = host.desks[1]
    assert not any(desk.bench.run.give(Input("key", {"station": "sorting", "control": "modbus"}), "test"))
    place = desk.addresses.find("sorting.ejector_2_extend")
    assert place is not None
    async with Modbus(host.settings.modbus_port) as plc:
        for value in (0xFF00, 0xFF00, 0x0000):
            assert (await plc.ask(5, place.modbus.address, value))[1] == 5
            await asyncio.sleep(0.05)
    last = desk.bench.view.wires[Wire.MODBUS].last
    assert last is not None
    assert (last.tag, last.value, last.refusal) == ("sorting.ejector_2_extend", False, None)
    await host.stop()
    (path,) = tmp_path.glob(f"bench-1/*/{JOURNAL}")
    with path.open(encoding="utf-8") as lines:
        journal = read(lines)
    assert [r.given.op for r in journal.inputs if r.given] == ["key", "write", "write"]
    assert replay(journal).agrees


async def test_time_runs_with_the_wall_clock_and_stops_with_the_host(host: Host) -> None:
    run = host.desks[1].bench.run
    began, sim = SystemClock().monotonic(), run.sim_s
    await asyncio.sleep(0.5)
    run.settle()
    passed = SystemClock().monotonic() - began
    lost = 0.25 * run.pacer.slips + 0.25
    assert passed - lost <= run.sim_s - sim <= passed + 0.01


@pytest.mark.parametrize("wire", list(Wire))
async def test_a_wire_that_cannot_listen_takes_back_everything(wire: Wire, settings: Settings, tmp_path: Path) -> None:
    port = settings.port(wire, 1)
    host = new_host(settings)
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(PortTaken, match=f"{port}.*--{wire}-port"):
            await host.start((1,))
        for other in set(Wire) - {wire}:
            socket.create_server(("127.0.0.1", settings.port(other, 1))).close()
    assert list(tmp_path.glob("bench-1/*")) == []


async def test_what_is_wrong_with_a_line_or_a_record_is_told(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(FileErrors, match="no-such-line"):
        await new_host(settings.model_copy(update={"line": "no-such-line"})).start((1,))
    broken = tmp_path / "bench-1" / "20260101T000000Z-smart-factory"
    broken.mkdir(parents=True)
    (broken / JOURNAL).write_text('{"k":"something"}\n')
    with pytest.raises(ResumeError, match="header"):
        await new_host(settings.model_copy(update={"resume": True})).start((1,))
