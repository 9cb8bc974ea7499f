"""A whole lab in real processes on real ports: started, killed in parts, stopped."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from controller.channel import Lab
from controller.clock import SystemClock
from controller.folder_lock import FolderLock, FolderTaken
from controller.recorder import JOURNAL
from controller.settings import PortOption, Settings
from controller.supervisor import Notice, Started, Supervisor, assign
from controller.wires import address_map
from devices.endpoint import Role
from scenarios.catalogue import Catalogue
from sim.journal import read, replay
from sim.line import Line

WIRES = ("modbus", "mqtt", "opcua")
ROLES = (Role.TRAINEE, Role.INSTRUCTOR, Role.ENGINEER)


def free_ports(count: int) -> list[int]:
    """Ports that nobody has, one after the other for the benches.

    Below those that the system gives to clients, and far from those of the worker that was started beside this one.
    """
    for first in range(21000 + os.getpid() * 100 % 10000, 32000, 10):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return list(range(first, first + count))
    raise OSError("no free ports")


def lab_settings(tmp_path: Path, benches: int = 1) -> Settings:
    ports = free_ports(1 + 3 * benches)
    return Settings(
        data=tmp_path, benches=benches, web_port=ports[0],
        opcua_port=ports[1], modbus_port=ports[1 + benches], mqtt_port=ports[1 + 2 * benches],
    )  # fmt: skip


class Watched:
    """A supervisor in a task, and what it told."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.told: list[Started | Notice] = []
        self.supervisor = Supervisor(settings, self.told.append, SystemClock())
        self.task = asyncio.create_task(self.supervisor.run())

    async def started(self) -> Started:
        async with asyncio.timeout(40):
            while not self.told:
                await asyncio.sleep(0.02)
        assert isinstance(self.told[0], Started), self.told
        return self.told[0]

    async def tells(self, text: str) -> None:
        async with asyncio.timeout(40):
            while not any(text in notice.text for notice in self.told if isinstance(notice, Notice)):
                await asyncio.sleep(0.02)

    async def stopped(self) -> int:
        self.supervisor.stop.set()
        return await asyncio.wait_for(self.task, 15)

    def kill(self, part: int) -> None:
        pid = self.supervisor._parts[part].process.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    watched = Watched(lab_settings(tmp_path))
    yield watched
    await watched.stopped()


def listening(settings: Settings) -> list[int]:
    """The ports of the lab that somebody listens on."""
    found = []
    for port in (settings.web_port, settings.opcua_port, settings.modbus_port, settings.mqtt_port):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            found.append(port)
    return found


def journals(tmp_path: Path) -> Iterator[Path]:
    yield from sorted(tmp_path.glob(f"bench-*/*/{JOURNAL}"))


async def turn_key(watched: Watched, station: str, control: str) -> None:
    lab = Lab([await watched.supervisor._hosts[0].address()])
    await lab.start()
    await lab.connected()
    await lab.request("key", bench=1, by="test", role=Role.TRAINEE, params={"station": station, "control": control})
    await lab.stop()


class Modbus:
    """As much of a Modbus client as it takes to read and write a register."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> "Modbus":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def ask(self, function: int, address: int, value: int) -> bytes:
        """The answer after the header; `OSError` or `EOFError` where there is none any more."""
        self._writer.write(struct.pack(">HHHBBHH", 1, 0, 6, 1, function, address, value))
        length = struct.unpack(">HHH", await self._reader.readexactly(6))[2]
        return await self._reader.readexactly(length)


async def get(url: str) -> int:
    def ask() -> int:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status)

    return await asyncio.to_thread(ask)


async def lines_and_wires_outlive_the_api_process(watched: Watched, started: Started) -> None:
    async with Modbus(watched.settings.modbus_port) as plc:
        assert (await plc.ask(2, 0, 1))[1] == 2
        watched.kill(-1)
        await watched.tells("api ended")
        assert (await plc.ask(2, 0, 1))[1] == 2  # the same connection
        await watched.tells("api is back")
        assert (await plc.ask(2, 0, 1))[1] == 2
    assert await get(f"{started.web}api/health") == 200


async def test_what_a_lab_survives(watched: Watched, tmp_path: Path) -> None:
    """First the end of the api process; then kill -9 of the host under load: every acknowledged write is there."""
    await lines_and_wires_outlive_the_api_process(watched, await watched.started())
    definition = Catalogue().load_line("smart-factory")
    addresses = address_map(definition, Line(definition, 1).tags, watched.settings, 1)
    place = addresses.find("sorting.ejector_2_colour")
    assert place is not None
    acknowledged: list[int] = []

    async def load() -> None:
        async with Modbus(watched.settings.modbus_port) as plc:
            with contextlib.suppress(OSError, EOFError):
                for n in range(100_000):
                    answer = await plc.ask(6, place.modbus.address, 3 - n % 4)
                    assert answer[1] == 6
                    acknowledged.append(3 - n % 4)

    loading = asyncio.create_task(load())
    async with asyncio.timeout(20):
        while len(acknowledged) < 300:
            await asyncio.sleep(0.005)
    watched.kill(0)
    await loading
    await watched.tells("host 1 is back")
    async with Modbus(watched.settings.modbus_port) as plc:
        answer = await plc.ask(3, place.modbus.address, 1)
        assert struct.unpack(">H", answer[-2:])[0] in (acknowledged[-1], (acknowledged[-1] - 1) % 4)
        await plc.ask(6, place.modbus.address, (acknowledged[-1] + 2) % 4)
    assert await watched.stopped() == 0
    (path,) = journals(tmp_path)
    with path.open(encoding="utf-8") as lines:
        journal = read(lines)
    written = [r.given.args["writes"][0][1] for r in journal.inputs if r.given is not None]  # type: ignore[index]
    assert written[: len(acknowledged)] == acknowledged
    assert len(written) in (len(acknowledged) + 1, len(acknowledged) + 2)  # one may have been on its way
    assert "resume" in [r.data["why"] for r in journal.records if r.kind == "clock"]
    result = replay(journal)
    assert result.agrees
    assert result.compared >= 1


@pytest.mark.parametrize("wire", ["modbus", "opcua", "mqtt", "web"])
async def test_a_port_in_use_is_named_with_the_option_that_changes_it(wire: str, tmp_path: Path) -> None:
    settings = lab_settings(tmp_path)
    port = int(getattr(settings, f"{wire}_port"))
    with socket.create_server(("127.0.0.1", port)):
        watched = Watched(settings)
        assert await asyncio.wait_for(watched.task, 40) == 2
        (notice,) = watched.told
        assert isinstance(notice, Notice)
        assert str(port) in notice.text
        assert PortOption[wire.upper()] in notice.text
        assert listening(settings) == [port]
    assert list(journals(tmp_path)) == []


async def test_a_folder_serves_one_lab_at_a_time(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.take()
    watched = Watched(lab_settings(tmp_path))
    assert await asyncio.wait_for(watched.task, 40) == 2
    (notice,) = watched.told
    assert isinstance(notice, Notice)
    assert "--data" in notice.text
    with pytest.raises(FolderTaken, match="another LineLab"):
        second.take()
    first.release()
    second.take()
    second.release()


async def test_a_lab_starts_is_used_stops_clean_and_goes_on(tmp_path: Path) -> None:
    settings = lab_settings(tmp_path, benches=2)
    watched = Watched(settings)
    started = await watched.started()
    assert [(row.bench, row.wire) for row in started.connections] == [(n, w) for n in (1, 2) for w in WIRES]
    assert {frozenset(roles) for roles in started.new_tokens.values()} == {frozenset(ROLES)}
    assert len({token for roles in started.new_tokens.values() for token in roles.values()}) == 6
    assert await get(f"{started.web}api/health") == 200
    assert len(listening(settings)) == 4
    await turn_key(watched, "sorting", "modbus")
    assert await watched.stopped() == 0
    assert listening(settings) == []

    again = Watched(settings.model_copy(update={"resume": True}))
    assert (await again.started()).new_tokens == {}
    assert await again.stopped() == 0
    files = list(journals(tmp_path))
    assert [path.parent.parent.name for path in files] == ["bench-1", "bench-2"]
    for path, inputs in zip(files, (1, 0), strict=True):
        with path.open(encoding="utf-8") as lines:
            journal = read(lines)
        assert len(journal.inputs) == inputs  # benches are isolated
        assert [r.kind for r in journal.records].count("end") == 2
        assert replay(journal).agrees
    for log in (tmp_path / "log").iterdir():
        assert "Traceback" not in log.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
@pytest.mark.parametrize("when", ["while it starts", "running"])
async def test_ctrl_c_stops_without_a_traceback(when: str, tmp_path: Path) -> None:
    settings = lab_settings(tmp_path)
    program = (
        "import sys; from controller.settings import Settings; from controller.supervisor import run\n"
        "sys.exit(run(Settings.model_validate_json(sys.argv[1]), lambda told: print(type(told).__name__, flush=True)))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, settings.model_dump_json(),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    if when == "running":
        assert await asyncio.wait_for(process.stdout.readline(), 40) == b"Started\n"
    async with asyncio.timeout(20):
        while not (tmp_path / "log" / "host-1.log").exists():  # the host process has begun
            await asyncio.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 15) == 0
    assert await process.stderr.read() == b""
    assert listening(settings) == []


def test_benches_are_spread_evenly() -> None:
    assert assign(7, 3) == [(1, 2), (3, 4), (5, 6, 7)]
    assert assign(1, 1) == [(1,)]


def test_a_lab_that_is_told_nonsense_says_so(tmp_path: Path) -> None:
    for wrong in ({"benches": 0}, {"speed": 50}, {"listen": "here"}, {"listen": "0.0.0.0"}, {"what": 1},
                  {"modbus_allow": ["10.0.0.0/99"]}, {"benches": 9, "mqtt_port": 65530}):  # fmt: skip
        with pytest.raises(ValueError, match="validation error"):
            Settings.model_validate({"data": tmp_path, **wrong})
    assert json.loads(Settings(data=tmp_path, listen="localhost").model_dump_json())["listen"] == "127.0.0.1"
