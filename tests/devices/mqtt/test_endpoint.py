"""A bench's own broker: state, commands, and the rights of every role on every class of topic."""

import asyncio
import json
import socket

import pytest

from devices.endpoint import Role
from devices.endpoint import Wire as Protocol
from devices.mqtt import MqttEndpoint
from devices.mqtt.packets import REFUSED, Code, Connect, Publish, Will
from sim.refusal import Refusal
from tests.devices.fake_line import FakeCredentials, FakeLine
from tests.devices.mqtt.conftest import Bench
from tests.devices.mqtt.wire import Wire, until

EYE = "linelab/smart-factory/sorting/eye_1"
TARGET = "linelab/smart-factory/sorting/target"
ROLES = list(Role)
WORKERS = [Role.TRAINEE, Role.INSTRUCTOR, Role.ENGINEER]


async def message(wire: Wire) -> tuple[str, dict[str, object]]:
    publish = await wire.expect(Publish)
    return publish.topic, json.loads(publish.payload)


# --- logging in


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [
        (None, None, Code.NOT_AUTHORIZED),
        ("trainee", None, Code.BAD_LOGIN),
        ("trainee", b"", Code.BAD_LOGIN),
        ("trainee", b"instructor-token", Code.BAD_LOGIN),
        ("trainee", b"\xff\xfe", Code.BAD_LOGIN),
        ("admin", b"admin", Code.BAD_LOGIN),
    ],
)
async def test_without_a_token_nobody_comes_in(bench: Bench, user: str, password: bytes, code: Code) -> None:
    wire = await Wire.open(bench.port)
    assert (await wire.greet(Connect("x", user=user, password=password))).code == code
    assert await wire.closed()
    wire.cut()
    assert [(protocol, why) for protocol, _, why in bench.line.rejects] == [
        (Protocol.MQTT, f"CONNACK {code.value} {code.name.lower()}")
    ]


@pytest.mark.parametrize("role", ROLES)
async def test_a_command_comes_from_a_client_with_its_role(bench: Bench, role: Role) -> None:
    wire = await bench.connect(role, "panel")
    await wire.publish(f"{TARGET}/set", b"3", 1)
    client, writes = bench.line.requests[0]
    assert (client.name, client.role, client.wire) == ("panel", role, Protocol.MQTT)
    assert writes == [("sorting.target", 3)]


async def test_a_client_with_an_endless_name_fills_no_journal(bench: Bench) -> None:
    wire = await bench.connect(client_id="x" * 60_000)
    await wire.publish(f"{TARGET}/set", b"3", 1)
    assert len(bench.line.requests[0][0].name) < 100


async def test_each_connection_is_a_client_of_its_own_and_its_end_is_told(bench: Bench) -> None:
    for _ in range(2):
        wire = await bench.connect(client_id="panel")
        await wire.publish(f"{TARGET}/set", b"3", 1)
        await wire.leave()
    await until(lambda: len(bench.line.gone) == 2)
    assert [client for client, _ in bench.line.requests] == bench.line.gone
    assert bench.line.gone[0] != bench.line.gone[1]


# --- state


async def test_state_is_retained_and_follows_the_line(bench: Bench) -> None:
    wire = await bench.connect()
    await wire.subscribe("linelab/smart-factory/#", 1)
    topics = {p.topic: p for p in await wire.quiet() if isinstance(p, Publish)}
    assert len(topics) == len(bench.line.tags) + 1
    assert all(p.retain for p in topics.values())
    assert topics["linelab/smart-factory/status"].payload == b"online"
    bench.line.set("sorting.eye_1", True)
    topic, state = await message(wire)
    assert topic == EYE
    assert state == {"value": True, "quality": "good", "ts": "2026-01-01T00:00:00.000Z", "unit": ""}


async def test_stopping_says_offline_and_ends_everybody() -> None:
    line = FakeLine()
    endpoint = MqttEndpoint(line, "127.0.0.1", 0, FakeCredentials())
    await endpoint.start()
    port = int(endpoint.url.rpartition(":")[2])
    wire = await Wire.connect(port, user="trainee", password=b"trainee-token")
    await wire.subscribe("linelab/smart-factory/status")
    assert (await wire.expect(Publish)).payload == b"online"
    assert endpoint.clients == 1
    await endpoint.stop()
    assert (await wire.expect(Publish)).payload == b"offline"
    assert await wire.closed()
    wire.cut()
    assert endpoint.clients == 0
    await endpoint.stop()  # twice does no harm
    again = MqttEndpoint(line, "127.0.0.1", port, FakeCredentials())
    await again.start()  # the port is free
    await again.stop()


async def test_stopping_does_not_wait_for_who_does_not_read() -> None:
    line = FakeLine()
    endpoint = MqttEndpoint(line, "127.0.0.1", 0, FakeCredentials())
    await endpoint.start()
    wire = await Wire.connect(int(endpoint.url.rpartition(":")[2]), user="trainee", password=b"trainee-token")
    await wire.subscribe("lab/#")
    wire._writer.transport.pause_reading()  # type: ignore[attr-defined]
    for _ in range(120):
        endpoint._broker.publish("lab/x", bytes(100_000))
        await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await endpoint.stop()
    wire.cut()


async def test_port_in_use_is_an_os_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        endpoint = MqttEndpoint(FakeLine(), "127.0.0.1", taken.getsockname()[1], FakeCredentials())
        with pytest.raises(OSError, match="in use"):
            await endpoint.start()
        await endpoint.stop()


async def test_a_fault_of_ours_is_logged_when_it_happens(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.line.values.clear()
    for listener in bench.line._listeners:
        listener.dirty.add(0)
    await until(lambda: "failed" in caplog.text)
    assert "IndexError" in caplog.text
    bench.line.values.extend([0] * len(bench.line.tags))


# --- commands


async def test_a_command_is_answered_with_its_id_and_the_state_follows(bench: Bench) -> None:
    wire = await bench.connect()
    await wire.subscribe(f"{TARGET}/#", 1)
    await wire.expect(Publish)
    wire.send(Publish(f"{TARGET}/set", b'{"value": 4, "id": "a1"}', 0))
    assert await message(wire) == (f"{TARGET}/set", {"value": 4, "id": "a1"})
    reply = await wire.expect(Publish)
    assert (reply.topic, reply.qos, reply.retain) == (f"{TARGET}/set/reply", 1, False)
    assert json.loads(reply.payload) == {"id": "a1", "result": "accepted"}
    topic, state = await message(wire)
    assert (topic, state["value"]) == (TARGET, 4)


@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_a_refused_command_says_why_at_every_quality(bench: Bench, qos: int) -> None:
    bench.line.refuse["sorting.target"] = Refusal.NOT_OWNER
    watcher, wire = await bench.connect(), await bench.connect()
    await watcher.subscribe(f"{TARGET}/set/reply")
    await wire.publish(f"{TARGET}/set", b"4", qos)
    assert (await message(watcher))[1] == {"id": None, "result": "refused", "reason": "not_owner"}
    assert len(bench.line.requests) == 1


async def test_a_retained_command_is_refused_and_not_kept(bench: Bench) -> None:
    watcher, wire = await bench.connect(), await bench.connect()
    await watcher.subscribe(f"{TARGET}/#")
    await watcher.expect(Publish)
    await wire.publish(f"{TARGET}/set", b"4", 1, retain=True)
    assert await message(watcher) == (f"{TARGET}/set/reply", {"id": None, "result": "refused", "reason": "retained"})
    assert bench.line.requests == []
    await wire.subscribe(f"{TARGET}/set")
    assert await wire.quiet() == []


async def test_a_reply_is_not_kept(bench: Bench) -> None:
    wire = await bench.connect()
    await wire.publish(f"{TARGET}/set", b"4", 1)
    await wire.subscribe(f"{TARGET}/set/reply")
    assert await wire.quiet() == []


# --- rights

OWN = [
    EYE,
    TARGET,
    f"{TARGET}/set/reply",
    "linelab/smart-factory/status",
    "linelab/smart-factory/sorting/new",
    "linelab/smart-factory",
    "linelab/other/sorting/target/set",
    "linelab",
    "elsewhere",
    "$SYS/broker",
    "$lab/x",
    "labs/x",
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("topic", OWN)
async def test_nobody_publishes_what_is_the_lines(bench: Bench, role: Role, topic: str) -> None:
    """3.1.1 has no word for it: acknowledged, dropped, counted, noted; and nothing retained is changed."""
    watcher, wire = await bench.connect(), await bench.connect(role, "forger")
    await watcher.subscribe("#")
    await watcher.quiet()
    for qos in (0, 1, 2):
        await wire.publish(topic, b"forged", qos, retain=qos > 0)
    assert await watcher.quiet() == []
    assert bench.endpoint.counters.refused == 3
    assert [n for n in bench.line.notes if n[1] == "refused"] == [("forger", "refused", topic)] * 3
    late = await bench.connect()
    await late.subscribe("#")
    assert all(p.payload != b"forged" for p in await late.quiet() if isinstance(p, Publish))


@pytest.mark.parametrize("role", WORKERS)
async def test_lab_is_free(bench: Bench, role: Role) -> None:
    wire = await bench.connect(role)
    await wire.publish("lab/mine/x", b"kept", 1, retain=True)
    await wire.subscribe("lab/#")
    assert await wire.expect(Publish) == Publish("lab/mine/x", b"kept", 0, True)


async def test_an_observer_only_reads(bench: Bench) -> None:
    watcher, wire = await bench.connect(), await bench.connect(Role.OBSERVER)
    await watcher.subscribe("lab/#")
    await watcher.subscribe(f"{TARGET}/set/reply")
    await wire.publish("lab/x", b"1", 1)
    await wire.publish(f"{TARGET}/set", b"1", 1)
    assert [json.loads(p.payload)["reason"] for p in await watcher.quiet() if isinstance(p, Publish)] == ["forbidden"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("pattern", "granted"),
    [
        ("#", True),
        ("+/#", True),
        ("linelab/#", True),
        ("linelab/smart-factory/#", True),
        ("linelab/smart-factory/+/+", True),
        ("+/smart-factory/status", True),
        (EYE, True),
        ("lab/#", True),
        ("lab", True),
        ("linelab/other/#", False),
        ("elsewhere", False),
        ("$SYS/#", True),
        ("class/notice", True),
        ("$share/g/lab/x", True),
        ("$share/g/elsewhere", False),
    ],
)
async def test_who_may_subscribe_to_what(bench: Bench, role: Role, pattern: str, granted: bool) -> None:
    wire = await bench.connect(role)
    assert await wire.subscribe(pattern, 1) == (1 if granted else REFUSED)


@pytest.mark.parametrize("role", ROLES)
async def test_a_wide_filter_shows_only_what_may_be_read(bench: Bench, role: Role) -> None:
    """Retained and live, even of topics that the process itself publishes."""
    for retain in (True, False):
        bench.endpoint._broker.publish("controller/secret", b"x", 1, retain)
    wire = await bench.connect(role)
    await wire.subscribe("#", 1)
    bench.endpoint._broker.publish("controller/secret", b"y", 1)
    topics = {p.topic for p in await wire.quiet() if isinstance(p, Publish)}
    assert EYE in topics
    assert "controller/secret" not in topics


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("topic", [f"{TARGET}/set", EYE, "linelab/smart-factory/status", "elsewhere", "$SYS/x"])
async def test_a_will_that_moves_or_speaks_for_the_line_is_refused(bench: Bench, role: Role, topic: str) -> None:
    wire = await Wire.open(bench.port)
    token = f"{role}-token".encode()
    greeting = await wire.greet(Connect("x", user=role, password=token, will=Will(topic, b"1")))
    assert greeting.code == Code.NOT_AUTHORIZED
    assert await wire.closed()
    wire.cut()
    assert bench.line.requests == []


async def test_a_will_in_the_lab_is_free(bench: Bench) -> None:
    watcher = await bench.connect()
    await watcher.subscribe("lab/#")
    wire = await bench.connect(will=Will("lab/me", b"gone"))
    wire.cut()
    assert (await watcher.expect(Publish)).payload == b"gone"


async def test_a_role_does_not_inherit_the_session_of_another(bench: Bench) -> None:
    first = await bench.connect(Role.INSTRUCTOR, "desk", clean=False)
    await first.subscribe("lab/#", 1)
    await first.leave()
    second = await Wire.open(bench.port)
    bench.wires.append(second)
    greeting = await second.greet(Connect("desk", False, user="trainee", password=b"trainee-token"))
    assert greeting.session_present is False


# --- the link, and others


async def test_a_late_link_delays_state_and_replies(bench: Bench) -> None:
    wire = await bench.connect()
    await wire.subscribe(f"{TARGET}/set/reply")
    loop = asyncio.get_running_loop()
    bench.line.links[Protocol.MQTT].be(delay_ms=300)
    began = loop.time()
    wire.send(Publish(f"{TARGET}/set", b"4"))
    await until(lambda: len(bench.line.requests) == 1)
    assert loop.time() - began < 0.2  # asked at once: the answer is late, not the command
    await wire.expect(Publish)
    assert loop.time() - began > 0.29


async def test_garbage_on_the_port_leaves_the_bench_alone(bench: Bench) -> None:
    good = await bench.connect()
    await good.subscribe(EYE)
    await good.expect(Publish)
    for garbage in (b"GET / HTTP/1.0\r\n\r\n", b"\x00" * 20, b"\x10\x02\x00\x04"):
        bad = await Wire.open(bench.port)
        bad.raw(garbage)
        assert await bad.closed()
        bad.cut()
    assert len(bench.line.rejects) == 3
    bench.line.set("sorting.eye_1", True)
    assert (await message(good))[1]["value"] is True
