"""On a real broker with clients of other makers: the bench's own and mosquitto; rights, wills, a restart."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from controller.view import View, ViewLink
from devices.mqtt import Bridges, MqttEndpoint
from devices.mqtt.fischertechnik import factory_voices
from sim.link_faults import WELL, LinkState
from tests.controller.fake_sim import HandClock
from tests.devices.fake_line import FakeCredentials
from tests.devices.fischertechnik.live import definition, live_view
from tests.devices.mqtt.test_bridge import Mosquitto
from tests.tools import need

INTEROP = Path(__file__).parents[2] / "interop"
STEP_S = 0.2


@dataclass
class Fast:
    """A line whose simulated time runs as fast as it can while the wires are served."""

    view: View
    clock: HandClock
    task: "asyncio.Task[None] | None" = None

    async def run(self) -> None:
        while True:
            for _ in range(5):
                self.clock.now_s += STEP_S
                self.view.run.settle()
            await asyncio.sleep(0.005)


@pytest.fixture
async def fast(tmp_path: Path) -> AsyncIterator[Fast]:
    fast = Fast(*live_view(tmp_path))
    fast.task = asyncio.create_task(fast.run())
    yield fast
    fast.task.cancel()
    await fast.view.run.stop()


def endpoint(fast: Fast) -> MqttEndpoint:
    voices = factory_voices(fast.view, definition())
    return MqttEndpoint(fast.view, "127.0.0.1", 0, FakeCredentials(), interval_s=0.005, voices=voices)


async def until(fact: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not fact():
            await asyncio.sleep(0.005)


class Paho:
    """paho in its own thread, as an exercise runs it: the last document of each topic."""

    def __init__(self, port: int, role: str = "trainee") -> None:
        self.last: dict[str, Any] = {}
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self.client.username_pw_set(role, f"{role}-token")
        self.client.on_message = self._came
        self.client.on_connect = lambda client, *_: client.subscribe(
            [("ccu/#", 2), ("module/v1/ff/#", 2), ("fts/v1/ff/#", 2), ("f/#", 1)]
        )
        self.client.connect_async("127.0.0.1", port)
        self.client.loop_start()

    def _came(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        self.last[message.topic] = json.loads(message.payload)

    def order(self, colour: str) -> None:
        self.client.publish("ccu/order/request", json.dumps({"type": colour, "orderType": "PRODUCTION"}), qos=2)

    def end(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


async def test_mqtt_js_orders_one_of_each_and_sees_them_completed(fast: Fast) -> None:
    node = need("node", "apt-get install nodejs")
    if not (INTEROP / "node_modules" / "mqtt").is_dir():
        need("mqtt.js", "npm ci --prefix tests/interop")
    wire = endpoint(fast)
    await wire.start()
    process = await asyncio.create_subprocess_exec(
        node, str(INTEROP / "fischertechnik.cjs"), wire.url, "trainee-token",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(40):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await wire.stop()
    assert process.returncode == 0, err.decode()
    found = json.loads(out)
    assert sorted(map(tuple, found["completed"])) == sorted((name, "FINISHED") for name in found["ids"].values())
    assert {"DRILL", "MILL", "FIRE", "CHECK_QUALITY"} <= {command for _, command in found["work"]}


async def test_paho_follows_an_order_over_a_restart_and_an_observer_only_reads(fast: Fast) -> None:
    wire = endpoint(fast)
    await wire.start()
    port = int(wire.url.rpartition(":")[2])
    trainee, observer = Paho(port), Paho(port, "observer")
    try:
        await until(lambda: "ccu/state/stock" in trainee.last and "ccu/state/stock" in observer.last)
        await until(lambda: "module/v1/ff/MILL001/connection" in trainee.last)
        assert trainee.last["module/v1/ff/MILL001/connection"]["connectionState"] == "ONLINE"
        observer.order("RED")
        trainee.order("BLUE")
        await until(lambda: "ccu/order/response" in observer.last)
        assert observer.last["ccu/order/response"]["type"] == "BLUE"
        name = observer.last["ccu/order/response"]["orderId"]
        await wire.stop()
    finally:
        trainee.end()
        observer.end()
    assert trainee.last["module/v1/ff/MILL001/connection"]["connectionState"] == "OFFLINE"
    again = endpoint(fast)
    await again.start()
    later = Paho(int(again.url.rpartition(":")[2]))
    try:
        await until(lambda: bool(later.last.get("ccu/order/completed")), 30)
        assert [(one["orderId"], one["state"]) for one in later.last["ccu/order/completed"]] == [(name, "FINISHED")]
    finally:
        later.end()
        await again.stop()


async def test_each_device_has_its_last_will_on_an_external_broker(
    fast: Fast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = False
    monkeypatch.setattr(ViewLink, "state", property(lambda link: LinkState(down=True) if cut else WELL))
    config = tmp_path / "mosquitto.conf"
    config.write_text("allow_anonymous true\n")
    broker = Mosquitto(need("mosquitto", "apt-get install mosquitto"), config)
    await broker.start()
    bridges = Bridges(
        fast.view, f"mqtt://127.0.0.1:{broker.port}", factory_voices(fast.view, definition()), interval_s=0.005
    )
    await bridges.start()
    watcher = Paho(broker.port)
    drill = "module/v1/ff/DRILL001/connection"
    try:
        await until(lambda: watcher.last.get(drill, {}).get("connectionState") == "ONLINE")
        watcher.order("RED")
        await until(lambda: "ccu/order/response" in watcher.last)
        assert watcher.last["ccu/order/response"]["state"] in ("ENQUEUED", "IN_PROGRESS")
        cut = True  # without a goodbye
        states = ("module/v1/ff/DRILL001", "module/v1/ff/HBW001", "fts/v1/ff/AGV002")
        await until(lambda: {watcher.last[f"{s}/connection"]["connectionState"] for s in states} == {"OFFLINE"})
        cut = False
        await until(lambda: watcher.last[drill]["connectionState"] == "ONLINE", 15)
    finally:
        watcher.end()
        await bridges.stop()
        await broker.kill()
