"""The Unified Namespace: topics in the levels of ISA-95, payloads by their published schema, on both brokers."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from devices.endpoint import Role
from devices.mqtt import Bridges, MqttEndpoint
from devices.mqtt.line_topics import Topics
from devices.mqtt.packets import Publish
from devices.mqtt.uns import Levels, UnsVoice
from sim.tag import Quality
from tests.devices.fake_line import FakeCredentials, FakeLine
from tests.devices.live_alarms import LiveAlarms
from tests.devices.mqtt.conftest import no_task_left
from tests.devices.mqtt.test_bridge import Mosquitto, impatient, mosquitto
from tests.devices.mqtt.wire import Wire, until

__all__ = ["impatient", "mosquitto"]
PREFIX = "acme/shenzhen/hall1/smart-factory"
SCHEMA = json.loads((Path(__file__).parents[3] / "docs/reference/uns.schema.json").read_text())
KINDS = {
    ("status",): "status",
    ("info",): "line_info",
    ("*", "info"): "station_info",
    ("*", "event", "state"): "state_event",
    ("*", "event", "part"): "part_event",
    ("*", "alarms", "*"): "alarm",
    ("*", "alarms", "*", "event"): "alarm_event",
    ("*", "*", "*"): "state",
}

VALIDATORS = {kind: jsonschema.Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{kind}"}) for kind in SCHEMA["$defs"]}


def voice(line: FakeLine) -> UnsVoice:
    return UnsVoice(line, Levels.of("acme/shenzhen/hall1"), "smart-factory", Topics("smart-factory"))


def kind_of(topic: str) -> str:
    assert topic.startswith(f"{PREFIX}/")
    levels = topic[len(PREFIX) + 1 :].split("/")
    return next(
        kind
        for pattern, kind in KINDS.items()
        if len(pattern) == len(levels) and all(p in ("*", level) for p, level in zip(pattern, levels, strict=True))
    )


def checked(message: Publish) -> dict[str, Any]:
    """The document of a message, after its schema and its retain flag were checked."""
    kind = kind_of(message.topic)
    document: dict[str, Any] = json.loads(message.payload)
    VALIDATORS[kind].validate(document)
    assert message.retain is not kind.endswith("event")
    assert message.qos == 1
    return document


class Heard:
    """A voice on a fake line with alarms, and all that it says, checked."""

    def __init__(self) -> None:
        self.line = FakeLine()
        self.line.board = self.alarms = LiveAlarms(self.line.clock)
        self.voice = voice(self.line)
        self.will = self.voice.prepare()
        self.voice.connected()

    def turn(self) -> list[tuple[str, dict[str, Any]]]:
        return [(message.topic[len(PREFIX) + 1 :], checked(message)) for message in self.voice.due()]


def test_everything_is_said_once_and_by_its_schema() -> None:
    heard = Heard()
    first = heard.turn()
    told = dict(first)
    assert len(told) == len(first) == len(heard.line.tags) + 4 + len(heard.alarms.definitions)
    assert told["sorting/output/belt_speed"] == {
        "schema": 1,
        "value": 200.0,
        "quality": "good",
        "ts": "2026-01-01T00:00:00.000Z",
        "unit": "mm/s",
    }
    assert told["info"]["levels"] == {
        "enterprise": "acme",
        "site": "shenzhen",
        "area": "hall1",
        "line": "smart-factory",
    }
    assert told["status"]["online"] is True
    assert heard.turn() == []


def test_a_station_says_what_it_has_and_where_it_is_commanded() -> None:
    told = dict(Heard().turn())
    signals = {each["signal"]: each for each in told["sorting/info"]["signals"]}
    assert signals["target"]["command"] == "linelab/smart-factory/sorting/target/set"
    assert signals["eye_1"]["command"] is None
    assert (signals["belt_speed"]["low"], signals["belt_speed"]["high"]) == (0, 500)
    assert all(each["topic"].removeprefix(f"{PREFIX}/") in told for each in signals.values())


def test_a_bad_value_says_why() -> None:
    heard = Heard()
    heard.turn()
    heard.line.quality[0] = Quality.BAD
    heard.line.set("sorting.eye_1", True)
    ((topic, document),) = heard.turn()
    assert (topic, document["quality"], document["value"]) == ("sorting/input/eye_1", "bad", True)
    assert "reason" in document


def test_every_change_of_state_is_an_event_in_order() -> None:
    heard = Heard()
    heard.turn()
    for state in (15, 4, 3, 6):
        heard.line.clock.now += 0.001
        heard.line.set("sorting.state", state)
    events = [document for topic, document in heard.turn() if topic == "sorting/event/state"]
    assert [(each["from"], each["to"]) for each in events] == [
        ("stopped", "resetting"),
        ("resetting", "idle"),
        ("idle", "starting"),
        ("starting", "execute"),
    ]
    assert [each["ts"][-4:] for each in events] == ["001Z", "002Z", "003Z", "004Z"]
    assert heard.turn() == []


def test_parts_are_events_and_a_new_run_is_none() -> None:
    heard = Heard()
    heard.turn()
    for count in (70001, 70003, 0, 1):
        heard.line.set("sorting.parts_out", count)
    events = [document for topic, document in heard.turn() if topic == "sorting/event/part"]
    assert [(each["what"], each["by"], each["count"]) for each in events] == [
        ("out", 1, 70001),
        ("out", 2, 70003),
        ("out", 1, 1),
    ]


def test_alarms_are_states_and_events() -> None:
    heard = Heard()
    heard.turn()
    heard.alarms.set("sorting.x", 1)
    told = heard.turn()
    assert [topic for topic, _ in told] == ["sorting/alarms/jam", "sorting/alarms/jam/event"]
    assert (told[0][1]["active"], told[1][1]["what"]) == (True, "active")


def test_the_end_is_said_and_left_behind() -> None:
    heard = Heard()
    heard.turn()
    assert checked(heard.will) == {"schema": 1, "online": False}
    (last,) = heard.voice.farewell()
    assert checked(last)["online"] is False


def test_a_new_connection_says_states_anew_and_old_events_not() -> None:
    heard = Heard()
    count = len(heard.turn())
    heard.line.set("sorting.state", 6)
    heard.voice.prepare()
    heard.voice.connected()
    again = heard.turn()
    assert len(again) == count
    assert dict(again)["sorting/status/state"]["value"] == 6


@pytest.mark.parametrize("text", ["", "a", "a/b", "a/b/c/d", "a//c", "a/b/+", "#/b/c", "$SYS/b/c"])
def test_levels_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="enterprise/site/area"):
        Levels.of(text)


def test_nobody_writes_here() -> None:
    made = voice(FakeLine())
    assert not made.free(Role.ENGINEER, f"{PREFIX}/status")
    assert made.subscriptions == ()


async def test_on_the_own_broker_everybody_reads_and_nobody_writes() -> None:
    line = FakeLine()
    endpoint = MqttEndpoint(line, "127.0.0.1", 0, FakeCredentials(), interval_s=0.01, voices=[voice(line)])
    await endpoint.start()
    port = int(endpoint.url.rpartition(":")[2])
    observer = await Wire.connect(port, "o", user="observer", password=b"observer-token")
    await observer.subscribe("acme/#", 1)
    retained = [packet for packet in await observer.quiet() if isinstance(packet, Publish)]
    assert {kind_of(packet.topic) for packet in retained} == {"state", "status", "line_info", "station_info"}
    assert len(retained) == len(line.tags) + 4
    trainee = await Wire.connect(port, "t", user="trainee", password=b"trainee-token")
    await trainee.publish(f"{PREFIX}/status", b"forged", 1, retain=True)
    assert await observer.quiet() == []
    await endpoint.stop()
    assert json.loads((await observer.expect(Publish)).payload)["online"] is False
    observer.cut()
    trainee.cut()
    await no_task_left()


async def test_on_mosquitto_a_lost_line_is_offline(mosquitto: Mosquitto, impatient: None) -> None:
    await mosquitto.start()
    line = FakeLine()
    bridges = Bridges(line, f"mqtt://127.0.0.1:{mosquitto.port}", [voice(line)], interval_s=0.01)
    await bridges.start()
    await until(lambda: bridges.clients == 1)
    watcher = await Wire.connect(mosquitto.port, "watcher")
    await watcher.subscribe(f"{PREFIX}/status", 0)
    assert json.loads((await watcher.expect(Publish)).payload)["online"] is True
    bridge = bridges._bridges[1]
    assert bridge._link is not None
    bridge._link._connected_socket.shutdown(2)
    seen = [json.loads((await watcher.expect(Publish)).payload)["online"] for _ in range(2)]
    assert seen == [False, True]
    await bridges.stop()
    assert json.loads((await watcher.expect(Publish)).payload)["online"] is False
    watcher.cut()
    await no_task_left()
