"""The line on an external broker, a real mosquitto: state, commands, and a broker that comes and goes."""

import asyncio
import json
import logging
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from devices.endpoint import Role
from devices.endpoint import Wire as Protocol
from devices.mqtt import MqttBridge, external
from devices.mqtt.packets import Publish
from tests.devices.fake_line import FakeLine
from tests.devices.mqtt.conftest import no_task_left
from tests.devices.mqtt.wire import Wire, until
from tests.tools import need

PREFIX = "linelab/1/smart-factory"
TARGET = f"{PREFIX}/sorting/target"
WORDS = ("not reached", "connected", "lost")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Mosquitto:
    """A broker in a process of its own that can be started and killed at will."""

    program: str
    config: Path
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        nothing = asyncio.subprocess.DEVNULL
        self.process = await asyncio.create_subprocess_exec(
            self.program, "-c", str(self.config), "-p", str(self.port), stdout=nothing, stderr=nothing
        )
        async with asyncio.timeout(5):
            while not self._open():
                await asyncio.sleep(0.02)

    def _open(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    async def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            await self.process.wait()
            self.process = None


@pytest.fixture
async def mosquitto(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    program = need("mosquitto", "apt-get install mosquitto")
    config = tmp_path / "mosquitto.conf"
    config.write_text("allow_anonymous true\n")
    broker = Mosquitto(program, config)
    yield broker
    await broker.kill()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external, "BACK_OFF_S", (0.05, 0.2))


@dataclass
class Bridged:
    bridge: MqttBridge
    line: FakeLine


@pytest.fixture
async def bridged(mosquitto: Mosquitto, impatient: None) -> AsyncIterator[Bridged]:
    """A line on a running mosquitto."""
    await mosquitto.start()
    line = FakeLine()
    bridge = MqttBridge(line, f"mqtt://127.0.0.1:{mosquitto.port}", interval_s=0.01)
    await bridge.start()
    await until(lambda: bridge.clients == 1)
    yield Bridged(bridge, line)
    await bridge.stop()
    assert bridge.clients == 0
    await no_task_left()
    assert [thread.name for thread in threading.enumerate() if "paho" in thread.name] == []


async def collect(wire: Wire, count: int) -> dict[str, Publish]:
    came: dict[str, Publish] = {}
    while len(came) < count:
        publish = await wire.expect(Publish)
        came[publish.topic] = publish
    return came


async def test_state_lies_on_the_external_broker_under_the_bench(bridged: Bridged, mosquitto: Mosquitto) -> None:
    wire = await Wire.connect(mosquitto.port, "watcher")
    await wire.subscribe(f"{PREFIX}/#")
    states = await collect(wire, len(bridged.line.tags) + 1)
    assert states[f"{PREFIX}/status"].payload == b"online"
    assert json.loads(states[TARGET].payload)["value"] == 0
    bridged.line.set("sorting.target", 3)
    assert json.loads((await wire.expect(Publish)).payload)["value"] == 3
    wire.cut()


async def test_commands_come_from_one_trainee_and_are_answered(bridged: Bridged, mosquitto: Mosquitto) -> None:
    wire = await Wire.connect(mosquitto.port, "commander")
    await wire.subscribe(f"{TARGET}/set/reply", 1)
    wire.send(Publish(f"{TARGET}/set", b'{"value": 2, "id": "x"}'), Publish(f"{TARGET}/set", b"99"))
    replies = [json.loads((await wire.expect(Publish)).payload) for _ in range(2)]
    assert replies == [{"id": "x", "result": "accepted"}, {"id": None, "result": "refused", "reason": "range"}]
    client, _ = bridged.line.requests[0]
    assert (client.name, client.role, client.wire) == ("mqtt 127.0.0.1", Role.TRAINEE, Protocol.MQTT)
    wire.cut()


async def test_a_command_kept_on_the_broker_is_refused(mosquitto: Mosquitto, impatient: None) -> None:
    await mosquitto.start()
    wire = await Wire.connect(mosquitto.port, "commander")
    await wire.publish(f"{TARGET}/set", b"5", 1, retain=True)
    await wire.subscribe(f"{TARGET}/set/reply", 1)
    line = FakeLine()
    bridge = MqttBridge(line, f"mqtt://127.0.0.1:{mosquitto.port}")
    await bridge.start()
    assert json.loads((await wire.expect(Publish)).payload)["reason"] == "retained"
    assert line.requests == []
    await bridge.stop()
    wire.cut()


async def test_offline_is_left_behind_on_a_clean_stop_and_on_a_lost_line(mosquitto: Mosquitto, impatient: None) -> None:
    await mosquitto.start()
    wire = await Wire.connect(mosquitto.port, "watcher")
    await wire.subscribe(f"{PREFIX}/status", 1)
    for clean in (True, False):
        bridge = MqttBridge(FakeLine(), f"mqtt://127.0.0.1:{mosquitto.port}")
        await bridge.start()
        while (await wire.expect(Publish)).payload != b"online":
            pass
        if not clean:
            assert bridge._link is not None
            bridge._link._connected_socket.shutdown(socket.SHUT_RDWR)
        else:
            await bridge.stop()
        assert (await wire.expect(Publish)).payload == b"offline"
        await bridge.stop()
    wire.cut()


async def test_the_broker_may_come_late_and_go_and_come_again(
    mosquitto: Mosquitto, impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "devices.mqtt.external")
    line = FakeLine()
    bridge = MqttBridge(line, f"mqtt://127.0.0.1:{mosquitto.port}", interval_s=0.01)
    await bridge.start()  # nobody there: no exception
    await asyncio.sleep(0.4)
    assert bridge.clients == 0
    for round_number in (1, 2):
        await mosquitto.start()
        await until(lambda: bridge.clients == 1)
        wire = await Wire.connect(mosquitto.port, "watcher")
        await wire.subscribe(f"{PREFIX}/#")
        assert len(await collect(wire, len(line.tags) + 1)) == len(line.tags) + 1  # mosquitto forgot, we say it anew
        wire.cut()
        await mosquitto.kill()
        await until(lambda: bridge.clients == 0)
        assert len(line.gone) == round_number
    await asyncio.sleep(0.4)
    await bridge.stop()
    said = [word for record in caplog.records for word in WORDS if word in record.getMessage()]
    # an attempt between two lives of the broker may or may not be in time to fail
    assert [a for a, b in pairwise(["", *said]) if a != "not reached"][1:] == ["connected", "lost", "connected", "lost"]
    assert said[0] == said[-1] == "not reached"
    assert all(a != b for a, b in pairwise(said))  # transitions, not states
    assert line.gone[0].key != line.gone[1].key


async def test_user_and_password_are_those_of_the_url(
    mosquitto: Mosquitto, impatient: None, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """A wrong password is said once, tried again, and never shown."""
    users = tmp_path / "users"
    maker = await asyncio.create_subprocess_exec(
        need("mosquitto_passwd", "apt-get install mosquitto"), "-b", "-c", str(users), "bench", "secret@word"
    )
    assert await maker.wait() == 0
    users.chmod(0o644)
    mosquitto.config.write_text(f"allow_anonymous false\npassword_file {users}\nuser root\n")
    await mosquitto.start()
    good = MqttBridge(FakeLine(), f"mqtt://bench:secret%40word@127.0.0.1:{mosquitto.port}")
    bad = MqttBridge(FakeLine(bench=2), f"mqtt://bench:secret@127.0.0.1:{mosquitto.port}")
    await good.start()
    await bad.start()
    await until(lambda: good.clients == 1)
    await until(lambda: "Not authorized" in caplog.text)
    await asyncio.sleep(0.3)
    assert bad.clients == 0
    assert caplog.text.count("Not authorized") == 1
    await good.stop()
    await bad.stop()
    assert "secret" not in caplog.text + good.url


async def test_a_port_that_never_answers_does_not_hold_up_stop(impatient: None) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        bridge = MqttBridge(FakeLine(), f"mqtt://127.0.0.1:{mute.getsockname()[1]}")
        await bridge.start()
        await asyncio.sleep(0.1)
        async with asyncio.timeout(2):
            await bridge.stop()
    assert bridge.clients == 0


async def test_a_late_link_delays_what_the_broker_gets(bridged: Bridged, mosquitto: Mosquitto) -> None:
    wire = await Wire.connect(mosquitto.port, "watcher")
    await wire.subscribe(TARGET)
    await wire.expect(Publish)
    bridged.line.links[Protocol.MQTT].be(delay_ms=200)
    began = asyncio.get_running_loop().time()
    bridged.line.set("sorting.target", 1)
    await wire.expect(Publish)
    assert asyncio.get_running_loop().time() - began > 0.19
    wire.cut()


@pytest.mark.parametrize("url", ["http://x", "mqtts://x:8883", "x:1883", "mqtt://"])
def test_what_is_no_url_of_a_broker_is_said(url: str) -> None:
    with pytest.raises(ValueError, match="MQTT broker"):
        MqttBridge(FakeLine(), url)


async def test_a_cut_link_marks_the_line_offline_and_comes_back_by_itself(
    bridged: Bridged, mosquitto: Mosquitto
) -> None:
    """Stale is marked stale; afterwards everything is said anew, in order, once."""
    wire = await Wire.connect(mosquitto.port, "watcher")
    await wire.subscribe(f"{PREFIX}/#")
    count = len(bridged.line.tags) + 1
    await collect(wire, count)
    link = bridged.line.links[Protocol.MQTT]
    link.be(down=True)
    offline = await wire.expect(Publish)
    assert (offline.topic, offline.payload) == (f"{PREFIX}/status", b"offline")
    for n in (1, 2, 3):
        bridged.line.set("sorting.target", n)
    link.be()
    came = [await wire.expect(Publish) for _ in range(count)]
    assert (came[0].topic, came[0].payload) == (f"{PREFIX}/status", b"online")
    assert len({message.topic for message in came}) == count
    assert [json.loads(m.payload)["value"] for m in came if m.topic == TARGET] == [3]
    assert [p for p in await wire.quiet() if isinstance(p, Publish)] == []
    wire.cut()
