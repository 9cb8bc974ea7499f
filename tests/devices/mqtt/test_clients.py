"""Clients that this project did not write: paho, mosquitto_pub and mosquitto_sub, mqtt.js."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.devices.mqtt.conftest import Bench
from tests.devices.mqtt.wire import until
from tests.tools import need

INSTALL = "apt-get install mosquitto-clients"
INTEROP = Path(__file__).parents[2] / "interop"
TARGET = "linelab/smart-factory/sorting/target"


async def run(*command: str, timeout_s: float = 10.0) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a program."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, out.decode(), err.decode()


def login(bench: Bench, role: str = "trainee") -> list[str]:
    return ["-h", "127.0.0.1", "-p", str(bench.port), "-u", role, "-P", f"{role}-token"]


# --- mosquitto


@pytest.mark.parametrize("qos", ["0", "1", "2"])
async def test_mosquitto_sub_shows_retained_state(bench: Bench, qos: str) -> None:
    tool = need("mosquitto_sub", INSTALL)
    count = str(len(bench.line.tags) + 1)
    code, out, _ = await run(tool, *login(bench), "-t", "linelab/#", "-q", qos, "-C", count, "-v", "-W", "5")
    assert code == 0
    shown = dict(line.split(" ", 1) for line in out.splitlines())
    assert json.loads(shown["linelab/smart-factory/sorting/parts_out"])["value"] == 70000


@pytest.mark.parametrize("qos", ["0", "1", "2"])
async def test_mosquitto_pub_commands_and_mosquitto_sub_sees_the_reply(bench: Bench, qos: str) -> None:
    publisher, subscriber = need("mosquitto_pub", INSTALL), need("mosquitto_sub", INSTALL)
    reply = asyncio.create_task(
        run(subscriber, *login(bench), "-t", f"{TARGET}/set/reply", "-q", qos, "-C", "1", "-W", "8")
    )
    await until(lambda: any(verb == "subscribe" for _, verb, _ in bench.line.notes))
    code, _, _ = await run(publisher, *login(bench), "-t", f"{TARGET}/set", "-m", "3", "-q", qos)
    assert code == 0
    assert json.loads((await reply)[1]) == {"id": None, "result": "accepted"}
    assert bench.line.requests[0][1] == [("sorting.target", 3)]


async def test_mosquitto_says_that_a_password_is_wrong(bench: Bench) -> None:
    tool = need("mosquitto_pub", INSTALL)
    where = ["-h", "127.0.0.1", "-p", str(bench.port)]
    _, _, anonymous = await run(tool, *where, "-t", "lab/x", "-m", "1")
    _, _, wrong = await run(tool, *where, "-u", "trainee", "-P", "guess", "-t", "lab/x", "-m", "1")
    assert "not authori" in anonymous
    assert "bad user name or password" in wrong


# --- paho


@asynccontextmanager
async def phone(
    bench: Bench, client_id: str, clean: bool = True
) -> AsyncIterator[tuple[paho.Client, list[paho.MQTTMessage]]]:
    """A paho client with its own thread, as most programs use it, and what it received."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=clean)
    client.username_pw_set("trainee", "trainee-token")
    came: list[paho.MQTTMessage] = []
    client.on_message = lambda _client, _data, message: came.append(message)
    await asyncio.to_thread(client.connect, "127.0.0.1", bench.port)
    client.loop_start()
    try:
        await until(client.is_connected)
        yield client, came
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)


@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_paho_round_trip(bench: Bench, qos: int) -> None:
    async with phone(bench, "one") as (one, _), phone(bench, "other") as (other, came):
        other.subscribe("lab/#", qos)
        await until(lambda: ("other", "subscribe", "lab/#") in bench.line.notes)
        sent = [one.publish("lab/x", str(i), qos) for i in range(300)]
        await until(lambda: len(came) == 300)
        assert [int(m.payload) for m in came] == list(range(300))
        assert {m.qos for m in came} == {qos}
        await until(lambda: all(info.is_published() for info in sent))


async def test_paho_gets_what_came_while_it_was_away(bench: Bench) -> None:
    async with phone(bench, "away", clean=False) as (client, _):
        client.subscribe("lab/x", 2)
        await until(lambda: ("away", "subscribe", "lab/x") in bench.line.notes)
    async with phone(bench, "sender") as (sender, _):
        for i in range(50):
            sender.publish("lab/x", str(i), 2)
        await until(lambda: not sender._out_messages)
    async with phone(bench, "away", clean=False) as (_, came):
        await until(lambda: len(came) == 50)
        assert [int(m.payload) for m in came] == list(range(50))


async def test_paho_sees_the_line_move(bench: Bench) -> None:
    async with phone(bench, "panel") as (client, came):
        client.subscribe(TARGET)
        await until(lambda: len(came) == 1)
        client.publish(f"{TARGET}/set", b'{"value": -5, "id": 1}', 1)
        await until(lambda: len(came) == 2)
        assert json.loads(came[1].payload)["value"] == -5
        assert [bool(m.retain) for m in came] == [True, False]


# --- mqtt.js

SCRIPT = """
const { connect } = require(process.env.INTEROP + '/node_modules/mqtt')
const topic = 'linelab/smart-factory/sorting/target'
const client = connect('mqtt://127.0.0.1:' + process.env.PORT,
  { username: 'trainee', password: 'trainee-token', clientId: 'js', reconnectPeriod: 0 })
const seen = []
client.on('error', e => { console.error(e.message); process.exit(1) })
client.on('message', (t, payload, packet) => {
  seen.push([t, payload.toString(), packet.qos, packet.retain])
  if (seen.length === 1) client.publish(topic + '/set', JSON.stringify({ value: 2, id: 'js' }), { qos: 2 })
  if (seen.length === 4) client.end(false, {}, () => console.log(JSON.stringify(seen)))
})
client.on('connect', () => client.subscribe([topic, topic + '/+', topic + '/+/reply'], { qos: 2 }))
"""


@pytest.mark.long
async def test_mqtt_js_reads_and_commands(bench: Bench) -> None:
    node = need("node", "apt-get install nodejs")
    if not (INTEROP / "node_modules" / "mqtt").is_dir():
        need("mqtt.js", "npm ci --prefix tests/interop")
    program = f"process.env.INTEROP={json.dumps(str(INTEROP))};process.env.PORT='{bench.port}';{SCRIPT}"
    code, out, err = await run(node, "-e", program, timeout_s=30)
    assert (code, err) == (0, "")
    first, *others = json.loads(out)
    assert [first[0], *first[2:]] == [TARGET, 1, True]
    # of QoS 2 a client knows only at the end of the handshake: the order of different qualities is open
    seen = {topic: (json.loads(payload), qos, retain) for topic, payload, qos, retain in others}
    assert seen[f"{TARGET}/set"] == ({"value": 2, "id": "js"}, 2, False)
    assert seen[f"{TARGET}/set/reply"] == ({"id": "js", "result": "accepted"}, 1, False)
    assert seen[TARGET][0]["value"] == 2
