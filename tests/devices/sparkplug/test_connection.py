"""The edge node on real brokers: what it does with its MQTT connection, and hosts that this project did not write."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from devices.endpoint import Client
from devices.endpoint import Wire as Protocol
from devices.mqtt import Bridges, MqttEndpoint
from devices.mqtt.broker import Broker
from devices.mqtt.packets import Code, Connect, Publish
from devices.mqtt.server import MqttServer
from devices.sparkplug.codec import decode
from devices.sparkplug.names import Names
from devices.sparkplug.node import EdgeNode
from tests.devices.fake_line import FakeCredentials, FakeLine, FakeLink
from tests.devices.mqtt.conftest import no_task_left
from tests.devices.mqtt.open_house import OpenHouse
from tests.devices.mqtt.test_bridge import Mosquitto, impatient, mosquitto
from tests.devices.mqtt.wire import Wire, until
from tests.devices.sparkplug.host_application import HostApplication

__all__ = ["impatient", "mosquitto"]
SPARKPLUG = "linelab-1-smart-factory-sparkplug"


class Witness(OpenHouse):
    """A broker's rules that keep what each client did, in order: `connect`, filters, topics, `gone`."""

    def __init__(self) -> None:
        super().__init__()
        self.connects: list[Connect] = []
        self.did: list[str] = []

    def admit(self, connect: Connect, peer: str) -> Client | Code:
        if connect.client_id == SPARKPLUG:
            self.connects.append(connect)
            self.did.append("connect")
        return super().admit(connect, peer)

    def may_subscribe(self, client: Client, pattern: str) -> bool:
        self._note(client, f"subscribe {pattern}")
        return True

    def arrived(self, client: Client, message: Publish) -> tuple[Publish]:
        self._note(client, message.topic.split("/")[2])
        return (message,)

    def left(self, client: Client) -> None:
        super().left(client)
        self._note(client, "gone")

    def _note(self, client: Client, what: str) -> None:
        if client.name == SPARKPLUG:
            self.did.append(what)


def edge_node(line: FakeLine, host: str | None = None) -> EdgeNode:
    numbers = count()
    return EdgeNode(line, Names("g", "smart-factory", host), lambda: next(numbers) % 256)


@dataclass
class Scene:
    """A bridged line and the broker that watches it."""

    line: FakeLine
    node: EdgeNode
    bridges: Bridges
    witness: Witness
    port: int


async def _scene(host: str | None) -> AsyncIterator[Scene]:
    witness = Witness()
    server = MqttServer(Broker(witness), FakeLink())
    port = await server.start("127.0.0.1", 0)
    line = FakeLine()
    node = edge_node(line, host)
    bridges = Bridges(line, f"mqtt://127.0.0.1:{port}", [node], interval_s=0.01)
    await bridges.start()
    yield Scene(line, node, bridges, witness, port)
    await bridges.stop()
    await server.stop()
    await no_task_left()


@pytest.fixture
async def scene(impatient: None) -> AsyncIterator[Scene]:
    async for each in _scene(None):
        yield each


@pytest.fixture
async def waiting(impatient: None) -> AsyncIterator[Scene]:
    """Its primary host is not there yet."""
    async for each in _scene("scada"):
        yield each


async def test_connect_subscribe_births(scene: Scene) -> None:
    """tck-id-principles-persistence-clean-session-311, tck-id-message-flow-edge-node-birth-publish-connect,
    tck-id-message-flow-edge-node-birth-publish-will-message, tck-id-payloads-ndeath-will-message; and the
    subscriptions before the first message."""
    await until(lambda: scene.witness.did.count("DBIRTH") == 2)
    base = "spBv1.0/g"
    assert scene.witness.did == [
        "connect",
        f"subscribe {base}/NCMD/smart-factory",
        f"subscribe {base}/DCMD/smart-factory/sorting",
        f"subscribe {base}/DCMD/smart-factory/storage",
        "NBIRTH",
        "DBIRTH",
        "DBIRTH",
    ]
    (connect,) = scene.witness.connects
    assert connect.clean
    assert connect.will is not None
    assert (connect.will.topic, connect.will.qos, connect.will.retain) == (f"{base}/NDEATH/smart-factory", 1, False)
    assert [each.value for each in decode(connect.will.payload).metrics] == [0]


async def test_leaving_on_purpose(scene: Scene) -> None:
    """tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath,
    tck-id-operational-behavior-edge-node-intentional-disconnect-packet,
    tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt311: NDEATH, then DISCONNECT, and the will is gone."""
    await until(lambda: "DBIRTH" in scene.witness.did)
    await scene.bridges.stop()
    await until(lambda: "gone" in scene.witness.did)
    assert scene.witness.did[-2:] == ["NDEATH", "gone"]
    assert scene.witness.did.count("NDEATH") == 1


async def test_a_lost_connection_is_a_death_and_a_new_session(scene: Scene) -> None:
    await until(lambda: "DBIRTH" in scene.witness.did)
    scene.line.links[Protocol.MQTT].be(down=True)
    await until(lambda: "NDEATH" in scene.witness.did)
    scene.line.links[Protocol.MQTT].be()
    await until(lambda: scene.witness.did.count("NBIRTH") == 2)
    numbers = [decode(c.will.payload).metrics[0].value for c in scene.witness.connects if c.will is not None]
    assert numbers == [0, 1]


async def test_a_primary_host_that_comes_goes_and_comes(waiting: Scene) -> None:
    """tck-id-operational-behavior-edge-node-termination-host-offline-reconnect,
    tck-id-operational-behavior-primary-application-state-with-multiple-servers-single-server."""
    did = waiting.witness.did
    await until(lambda: "subscribe spBv1.0/STATE/scada" in did)
    host = await Wire.connect(waiting.port, "scada")
    await host.publish("spBv1.0/STATE/scada", b'{"online": true, "timestamp": 10}', 1, retain=True)
    await until(lambda: did.count("DBIRTH") == 2)
    await host.publish("spBv1.0/STATE/scada", b'{"online": false, "timestamp": 11}', 1, retain=True)
    await until(lambda: did.count("connect") == 2)
    assert did[did.index("NDEATH") + 1 :][:2] == ["gone", "connect"]
    await until(lambda: did.count("subscribe spBv1.0/STATE/scada") == 2)
    assert did.count("NBIRTH") == 1
    await host.publish("spBv1.0/STATE/scada", b'{"online": true, "timestamp": 12}', 1, retain=True)
    await until(lambda: did.count("NBIRTH") == 2)
    host.cut()


# --- a host application on paho


@dataclass
class PahoHost:
    """The host application of the tests on a foreign client; paho's thread hears, so does this."""

    port: int
    user: str | None = None
    application: HostApplication = field(default_factory=HostApplication)
    refused: list[str] = field(default_factory=list)

    def __enter__(self) -> "PahoHost":
        client = self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="host")
        if self.user is not None:
            client.username_pw_set(self.user, f"{self.user}-token")
        client.will_set("spBv1.0/STATE/scada", b'{"online": false, "timestamp": 1}', 1, True)
        client.on_message = self._hear
        client.on_connect = lambda _c, _u, _f, reason, _p: (
            self.refused.append(str(reason)) if reason.is_failure else None
        )
        client.connect("127.0.0.1", self.port)
        client.subscribe("spBv1.0/#")
        client.publish("spBv1.0/STATE/scada", b'{"online": true, "timestamp": 1}', 1, True)
        client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload)

    def _hear(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self.application.hear(message.topic, message.payload)
        while self.application.out:
            self.say(*self.application.out.pop())

    def knows(self, device: str, signal: str, value: object) -> Callable[[], bool]:
        metrics = self.application.node().metrics
        return lambda: (device, signal) in metrics and metrics[device, signal].value == value


async def act_and_see(line: FakeLine, node: EdgeNode, host: PahoHost) -> None:
    """A host that comes late asks for births, follows, and commands."""
    application = host.application
    application.ask_rebirth()
    host.say(*application.out.pop())

    def reborn() -> bool:
        line.clock.now += 1  # rebirths are one a second
        return node.counters.rebirths == 1 and application.node().births >= 1 and not node._commands.rebirth

    await until(reborn)
    await until(lambda: len(application.node().devices) == 2)
    line.set("sorting.parts_out", 70001)
    await until(host.knows("sorting", "parts_out", 70001))
    host.say(*application.command("sorting", "target", -4))
    await until(host.knows("sorting", "target", -4))
    host.say("spBv1.0/g/DCMD/smart-factory/sorting", b"\x00garbage")
    await until(lambda: node.counters.garbage == 1)
    assert (application.node().gaps, application.node().online) == (0, True)


@pytest.fixture
async def own() -> AsyncIterator[tuple[MqttEndpoint, FakeLine, EdgeNode]]:
    line = FakeLine()
    node = edge_node(line)
    endpoint = MqttEndpoint(line, "127.0.0.1", 0, FakeCredentials(), interval_s=0.01, voices=[node])
    await endpoint.start()
    yield endpoint, line, node
    await endpoint.stop()
    await no_task_left()


def port_of(endpoint: MqttEndpoint) -> int:
    return int(endpoint.url.rpartition(":")[2])


async def test_a_host_on_the_own_broker(own: tuple[MqttEndpoint, FakeLine, EdgeNode]) -> None:
    endpoint, line, node = own
    with PahoHost(port_of(endpoint), "trainee") as host:
        await act_and_see(line, node, host)
        assert line.requests[0][0].name == "host"  # who commands is known here
        await endpoint.stop()
        await until(lambda: host.application.node().deaths == 1)
    assert endpoint.also == ("Sparkplug B, spBv1.0/g/+/smart-factory/#",)
    assert [t.name for t in threading.enumerate() if "paho" in t.name] == []


async def test_a_host_on_a_link_that_loses_messages(own: tuple[MqttEndpoint, FakeLine, EdgeNode]) -> None:
    endpoint, line, node = own
    with PahoHost(port_of(endpoint), "trainee") as host:
        await act_and_see(line, node, host)
        line.links[Protocol.MQTT].be(loss_ppm=1_000_000)
        await until(lambda: endpoint._broker.trouble.lossy)
        line.set("sorting.parts_out", 70002)  # nobody hears it
        said = node._seq
        await until(lambda: node._seq != said)
        line.links[Protocol.MQTT].be()
        await until(lambda: not endpoint._broker.trouble.lossy)
        line.clock.now += 10
        births = host.application.node().births
        line.set("sorting.parts_out", 70003)  # a gap: the host asks
        await until(lambda: host.application.node().births == births + 1)
        await until(host.knows("sorting", "parts_out", 70003))
        assert host.application.node().gaps >= 1


async def test_rights_on_the_own_broker(own: tuple[MqttEndpoint, FakeLine, EdgeNode]) -> None:
    endpoint, line, node = own
    port = port_of(endpoint)
    trainee = await Wire.connect(port, "t", user="trainee", password=b"trainee-token")
    await trainee.subscribe("spBv1.0/#")
    # a trainee's own edge node may speak; nobody speaks for the line
    trainee.send(Publish("spBv1.0/g/NBIRTH/mine", b"x"), Publish("spBv1.0/g/NBIRTH/smart-factory", b"x"))
    came = [p.topic for p in await trainee.quiet() if isinstance(p, Publish)]
    assert came == ["spBv1.0/g/NBIRTH/mine"]
    observer = await Wire.connect(port, "o", user="observer", password=b"observer-token")
    observer.send(Publish("spBv1.0/STATE/scada", b"x"), Publish("spBv1.0/g/DCMD/smart-factory/sorting", b"\x12\x00"))
    await until(lambda: node.counters.unfit == 1)
    came = [p.topic for p in await trainee.quiet() if isinstance(p, Publish)]
    assert came == ["spBv1.0/g/DCMD/smart-factory/sorting"]  # seen as on any broker; the state was refused
    assert line.requests == []
    trainee.cut()
    observer.cut()


async def test_a_retained_command_is_not_kept(own: tuple[MqttEndpoint, FakeLine, EdgeNode]) -> None:
    endpoint, _, node = own
    trainee = await Wire.connect(port_of(endpoint), "t", user="trainee", password=b"trainee-token")
    await trainee.publish("spBv1.0/g/NCMD/smart-factory", b"\x12\x00", 1, retain=True)
    assert node.counters.garbage == 1
    await trainee.subscribe("spBv1.0/#")
    assert await trainee.quiet() == []
    trainee.cut()


async def test_a_host_on_mosquitto_and_a_broker_that_comes_again(mosquitto: Mosquitto, impatient: None) -> None:
    await mosquitto.start()
    line = FakeLine()
    node = edge_node(line)
    bridges = Bridges(line, f"mqtt://127.0.0.1:{mosquitto.port}", [node], interval_s=0.01)
    await bridges.start()
    await until(lambda: bridges.clients == 1 and node._born)
    await asyncio.sleep(0.1)  # PahoHost blocks the loop while it connects: what the node subscribes is written before
    with PahoHost(mosquitto.port) as host:
        await act_and_see(line, node, host)
    await mosquitto.kill()
    line.set("sorting.target", 2)  # while nobody hears
    await until(lambda: bridges.clients == 0)
    watcher: Wire | None = None
    await mosquitto.start()
    watcher = await Wire.connect(mosquitto.port, "watcher")
    await watcher.subscribe("spBv1.0/#")
    application = HostApplication()
    while len(application.node().devices) < 2:
        message = await watcher.expect(Publish)
        application.hear(message.topic, message.payload)
    assert application.log == ["NBIRTH", "DBIRTH", "DBIRTH"]
    assert (application.node().bd_seq, application.value("sorting", "target")) == (1, 2)
    await asyncio.sleep(0.05)
    assert [p for p in await watcher.quiet() if isinstance(p, Publish)] == []  # births say it once
    await bridges.stop()
    death = await watcher.expect(Publish)
    application.hear(death.topic, death.payload)
    assert application.node().deaths == 1
    watcher.cut()
    await no_task_left()
