"""TLS and WebSocket, version 5, rights and reasons, with clients that this project did not write."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties as PahoProperties

from devices.certificates import CertificateStore, Identity
from devices.mqtt import MorePorts, MqttEndpoint
from devices.mqtt.limits import Limits
from devices.mqtt.packets import V5, Connect, Disconnect, Properties, Publish, Reason
from tests.devices.fake_line import FakeClock, FakeCredentials, FakeLine
from tests.devices.mqtt.conftest import Bench, House, no_task_left
from tests.devices.mqtt.test_clients import INSTALL, INTEROP, TARGET, login, run
from tests.devices.mqtt.wire import Wire, until
from tests.tools import need


class Today(FakeClock):
    """Certificates are checked by foreign tools, against the true day."""

    def utc(self) -> datetime:
        return datetime.fromtimestamp(Path(__file__).stat().st_atime, UTC)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> CertificateStore:
    return CertificateStore(tmp_path_factory.mktemp("certificates"), Today(), Identity("bench", "urn:linelab:bench:1"))


@pytest.fixture
async def wide(store: CertificateStore) -> AsyncIterator[Bench]:
    """An endpoint with all its ports."""
    line = FakeLine()
    more = MorePorts(websocket=0, tls=0, certificate=store.own_certificate)
    endpoint = MqttEndpoint(line, "127.0.0.1", 0, FakeCredentials(), interval_s=0.01, more=more)
    await endpoint.start()
    bench = Bench(endpoint, line)
    yield bench
    for wire in bench.wires:
        wire.cut()
    await endpoint.stop()
    await no_task_left()


def port(bench: Bench, scheme: str) -> str:
    url = next(url for url in bench.endpoint.more_urls if url.startswith(f"{scheme}://"))
    return url.removesuffix("/mqtt").rpartition(":")[2]


@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
async def test_mosquitto_sub_over_tls_believes_the_certificate(
    wide: Bench, store: CertificateStore, version: str
) -> None:
    tool = need("mosquitto_sub", INSTALL)
    where = ["-h", "localhost", "-p", port(wide, "mqtts"), "-V", version]
    who = ["-u", "trainee", "-P", "trainee-token", "-t", TARGET, "-C", "1", "-W", "5"]
    code, out, err = await run(tool, *where, "--cafile", str(store.own_certificate().certificate), *who)
    assert (code, err) == (0, "")
    assert json.loads(out)["value"] == 0
    code, _, _ = await run(tool, *where, "--cafile", str(Path(__file__)), *who)
    assert code != 0


async def test_mosquitto_pub_of_version_5_is_told_that_it_may_not(bench: Bench) -> None:
    tool = need("mosquitto_pub", INSTALL)
    _, out, err = await run(tool, *login(bench), "-V", "5", "-q", "1", "-t", TARGET, "-m", "1", "-d")
    assert "135" in out + err or "Not authorized" in out + err


async def test_paho_of_version_5_asks_and_is_answered(bench: Bench) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2, "asker", protocol=paho.MQTTv5)
    client.username_pw_set("trainee", "trainee-token")
    came: list[paho.MQTTMessage] = []
    client.on_message = lambda _client, _data, message: came.append(message)
    await asyncio.to_thread(client.connect, "127.0.0.1", bench.port)
    client.loop_start()
    try:
        await until(client.is_connected)
        client.subscribe("lab/answers", 1)
        await until(lambda: ("asker", "subscribe", "lab/answers") in bench.line.notes)
        asked = PahoProperties(PacketTypes.PUBLISH)
        asked.ResponseTopic, asked.CorrelationData = "lab/answers", b"no 7"
        client.publish(f"{TARGET}/set", "3", 1, properties=asked)
        await until(lambda: len(came) == 1)
        assert json.loads(came[0].payload)["result"] == "accepted"
        assert came[0].properties.CorrelationData == b"no 7"
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)


SCRIPT = """
const { connect } = require(process.env.INTEROP + '/node_modules/mqtt')
const client = connect(process.env.URL, { username: 'trainee', password: 'trainee-token', clientId: 'js5',
  protocolVersion: 5, reconnectPeriod: 0, properties: { topicAliasMaximum: 4, receiveMaximum: 3 } })
const seen = []
client.on('error', e => { console.error(e.message); process.exit(1) })
client.on('message', (topic, payload, packet) => {
  seen.push([topic, payload.toString(), packet.properties.userProperties.k, packet.properties.subscriptionIdentifier])
  if (seen.length === 12) client.end(false, {}, () => console.log(JSON.stringify(seen)))
})
client.on('connect', () => client.subscribe('lab/#', { qos: 1, properties: { subscriptionIdentifier: 9 } }, () => {
  for (let n = 0; n < 12; n++)
    client.publish('lab/' + n % 6, String(n), { qos: n % 3, properties: { userProperties: { k: 'v' } } })
}))
"""


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["mqtt", "ws"])
async def test_mqtt_js_of_version_5(wide: Bench, scheme: str) -> None:
    node = need("node", "apt-get install nodejs")
    if not (INTEROP / "node_modules" / "mqtt").is_dir():
        need("mqtt.js", "npm ci --prefix tests/interop")
    url = wide.endpoint.url if scheme == "mqtt" else f"ws://127.0.0.1:{port(wide, 'ws')}/mqtt"
    env = f"process.env.INTEROP={json.dumps(str(INTEROP))};process.env.URL={json.dumps(url)};"
    code, out, err = await run(node, "-e", env + SCRIPT, timeout_s=30)
    assert (code, err) == (0, "")
    seen = json.loads(out)
    assert sorted(int(payload) for _, payload, _, _ in seen) == list(range(12))
    assert all((topic, k, number) == (f"lab/{int(p) % 6}", "v", 9) for topic, p, k, number in seen)


async def test_another_path_is_no_mqtt(wide: Bench) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port(wide, "ws")))
    writer.write(
        b"GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: mqtt\r\n\r\n"
    )
    assert (await reader.read(100)).startswith(b"HTTP/1.1 404")
    writer.close()


# --- what version 5 is told


async def test_reasons_of_refusals(bench: Bench) -> None:
    wire = await bench.connect("observer", level=V5)
    assert await wire.subscribe("elsewhere/#") == Reason.NOT_AUTHORIZED
    wire.send(Publish("lab/x", b"1", 1, packet_id=3))
    answer = await wire.take()
    assert (answer.reason, answer.properties.reason) == (0x87, "no right to publish to this topic")  # type: ignore[union-attr]
    stranger = await Wire.open(bench.port)
    bench.wires.append(stranger)
    assert (await stranger.greet(Connect("x", user="trainee", password=b"no", level=V5))).code == Reason.BAD_LOGIN


async def test_the_longest_keep_alive_is_told() -> None:
    from devices.mqtt.broker import Broker
    from devices.mqtt.server import MqttServer
    from tests.devices.fake_line import FakeLink
    from tests.devices.mqtt.open_house import OpenHouse

    server = MqttServer(Broker(OpenHouse(), Limits(keep_alive_s=20)), FakeLink())
    wire = await Wire.open(await server.start("127.0.0.1", 0))
    assert (await wire.greet(Connect("x", level=V5))).properties.server_keep_alive_s == 20
    await server.stop()
    assert await wire.expect(Disconnect) == Disconnect(Reason.SHUTTING_DOWN)
    assert await wire.closed()
    wire.cut()


async def test_failed_log_ins_get_slower_and_nobody_else(bench: Bench) -> None:
    loop = asyncio.get_running_loop()
    took = []
    for _ in range(5):
        wire = await Wire.open(bench.port)
        bench.wires.append(wire)
        began = loop.time()
        assert (await wire.greet(Connect("x", user="trainee", password=b"guess"))).code == 4
        took.append(loop.time() - began)
    assert took[3] > 0.4
    assert took[4] > 0.9
    began = loop.time()
    await bench.connect()
    assert loop.time() - began < 0.4


async def test_the_broker_tells_of_itself(bench: Bench) -> None:
    wire = await bench.connect()
    await wire.subscribe("$SYS/broker/clients/connected")
    assert (await wire.expect(Publish)).payload == b"0"  # as it was when it was told last
    await wire.subscribe("$SYS/broker/version")
    assert (await wire.expect(Publish)).payload.startswith(b"LineLab")
    assert b"retained" not in (await wire.quiet() or [b""])


async def test_a_message_keeps_its_properties_while_it_is_retained(house: House) -> None:
    sender, late = await house.connect("a", level=V5), await house.connect("b", level=V5)
    sender.send(Publish("t", b"x", 0, True, properties=Properties(user=(("k", "v"),), message_expiry_s=100)))
    await sender.quiet()
    await late.subscribe("t", 0, properties=Properties(subscription_ids=(3,)))
    came = (await late.expect(Publish)).properties
    assert came == Properties(user=(("k", "v"),), message_expiry_s=100, subscription_ids=(3,))
