"""Alarms on a bench's broker: retained states, events that are not, commands by those who may."""

import json
from collections.abc import AsyncIterator

import pytest

from devices.alarms import AlarmAsk
from devices.endpoint import Role
from devices.mqtt import MqttEndpoint
from devices.mqtt.alarms import parse
from devices.mqtt.packets import Publish
from tests.devices.fake_line import FakeCredentials, FakeLine
from tests.devices.live_alarms import JAM, LiveAlarms
from tests.devices.mqtt.conftest import Bench
from tests.devices.mqtt.wire import Wire

STATE = "linelab/smart-factory/sorting/alarms/jam"


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    line = FakeLine()
    line.board = LiveAlarms(line.clock)
    endpoint = MqttEndpoint(line, "127.0.0.1", 0, FakeCredentials(), interval_s=0.01)
    await endpoint.start()
    bench = Bench(endpoint, line)
    yield bench
    for wire in bench.wires:
        wire.cut()
    await endpoint.stop()


def alarms(bench: Bench) -> LiveAlarms:
    assert isinstance(bench.line.board, LiveAlarms)
    return bench.line.board


async def next_of(wire: Wire, topic: str) -> Publish:
    while True:
        publish = await wire.expect(Publish)
        if publish.topic == topic:
            return publish


async def test_states_are_retained_and_events_are_not(bench: Bench) -> None:
    wire = await bench.connect(Role.OBSERVER)
    await wire.subscribe(f"{STATE}/#")
    first = await next_of(wire, STATE)
    assert (bool(first.retain), json.loads(first.payload)["state"]) == (True, "normal")
    alarms(bench).set("sorting.x", 1)
    assert json.loads((await next_of(wire, STATE)).payload)["state"] == "unacknowledged"
    event = json.loads((await next_of(wire, f"{STATE}/event")).payload)
    assert (event["what"], event["severity"], event["priority"]) == ("active", 700, "medium")
    late = await bench.connect(Role.OBSERVER, "late")
    await late.subscribe(f"{STATE}/#")
    kept = await late.expect(Publish)
    assert (kept.topic, json.loads(kept.payload)["active"]) == (STATE, True)


async def test_a_command_is_answered_and_done(bench: Bench) -> None:
    alarms(bench).set("sorting.x", 1)
    wire = await bench.connect(Role.TRAINEE)
    await wire.subscribe(f"{STATE}/set/reply")
    for reason in (None, "state"):
        await wire.publish(f"{STATE}/set", b'{"do": "ack", "comment": "seen", "id": 7}')
        reply = json.loads((await next_of(wire, f"{STATE}/set/reply")).payload)
        assert (reply["id"], reply.get("reason")) == (7, reason)
    now = alarms(bench).now(JAM)
    assert (now.acked, now.comment) == (True, "seen")


async def test_an_observer_acknowledges_nothing_and_a_retained_command_goes_nowhere(bench: Bench) -> None:
    alarms(bench).set("sorting.x", 1)
    wire = await bench.connect(Role.OBSERVER)
    await wire.subscribe(f"{STATE}/set/reply")
    await wire.publish(f"{STATE}/set", b'"ack"')
    assert json.loads((await next_of(wire, f"{STATE}/set/reply")).payload)["reason"] == "forbidden"
    await wire.publish(f"{STATE}/set", b'"ack"', retain=True)
    assert json.loads((await next_of(wire, f"{STATE}/set/reply")).payload)["reason"] == "retained"
    assert alarms(bench).now(JAM).acked is False


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b"3", b"{}", b'{"do": 3}', b'{"do": "shelve", "for_s": -1}', b'{"do": "shelve", "for_s": NaN}',
     b'{"do": "ack", "comment": 1}', b'{"do": "shelve", "once": 1}', b'"' + b"x" * 5000 + b'"', b"\xff"],
)  # fmt: skip
def test_what_cannot_be_read_is_no_command(payload: bytes) -> None:
    assert parse(JAM, payload) is None


def test_times_are_seconds() -> None:
    found = parse(JAM, b'{"do": "shelve", "for_s": 1.5}')
    assert found is not None
    assert found.ask == AlarmAsk(JAM, "shelve", "", 1500, False)
