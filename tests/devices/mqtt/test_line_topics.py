"""What a line says and hears on MQTT, without a broker."""

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.address_map import AddressMap
from devices.endpoint import Client, Role, Wire
from devices.mqtt.line_topics import Commands, StateFeed, Topics, parse_command, timestamp
from sim.refusal import Refusal
from sim.tag import Quality
from tests.devices.fake_line import FakeLine

ME = Client(Wire.MQTT, "k1", "me", Role.TRAINEE)
TOPICS = Topics("smart-factory")


def states(feed: StateFeed) -> dict[str, object]:
    return {topic: json.loads(payload) for topic, payload in feed.due()}


def ask(line: FakeLine, name: str, payload: str | bytes, retain: bool = False) -> dict[str, object]:
    topic = f"linelab/smart-factory/{name.replace('.', '/')}/set"
    data = payload.encode() if isinstance(payload, str) else payload
    answer = Commands(line, TOPICS).take(ME, topic, data, retain)
    assert answer is not None
    assert answer[0] == f"{topic}/reply"
    reply: dict[str, object] = json.loads(answer[1])
    return reply


def test_names_carry_the_bench_on_a_shared_broker() -> None:
    tag = FakeLine().tags[0]
    assert TOPICS.state(tag) == "linelab/smart-factory/sorting/eye_1"
    shared = Topics("smart-factory", 3)
    assert shared.reply(tag) == "linelab/3/smart-factory/sorting/eye_1/set/reply"
    assert shared.commanded(shared.command(tag)) == "sorting.eye_1"
    assert shared.commanded(TOPICS.command(tag)) is None


@pytest.mark.parametrize(("bench", "prefix"), [(None, "linelab"), (3, "linelab/3")])
def test_the_address_map_says_the_same_topics(bench: int | None, prefix: str) -> None:
    line = FakeLine()
    topics, printed = Topics(line.line, bench), AddressMap(line.line, line.tags, mqtt_prefix=prefix)
    assert [topics.state(tag) for tag in line.tags] == [address.mqtt.state for address in printed]
    assert {topics.command(tag) for tag in line.tags if tag.writable} == {a.mqtt.set for a in printed} - {None}


@pytest.mark.parametrize("topic", ["linelab/smart-factory/a/set", "linelab/smart-factory/a/b/set/reply", "lab/a/b/set"])
def test_only_three_levels_below_the_line_are_a_command(topic: str) -> None:
    assert TOPICS.commanded(topic) is None


def test_first_everything_then_only_what_changed() -> None:
    line = FakeLine()
    feed = StateFeed(line, TOPICS)
    first = states(feed)
    assert len(first) == len(line.tags)
    assert first["linelab/smart-factory/sorting/belt_speed"] == {
        "value": 200.0,
        "quality": "good",
        "ts": "2026-01-01T00:00:00.000Z",
        "unit": "mm/s",
    }
    assert first["linelab/smart-factory/sorting/eye_2"]["value"] is True  # type: ignore[index]
    assert states(feed) == {}
    line.set("sorting.eye_1", True)
    line.set("sorting.eye_2", True)  # named, but the same as before
    assert list(states(feed)) == ["linelab/smart-factory/sorting/eye_1"]


def test_after_a_restart_everything_again() -> None:
    line = FakeLine()
    feed = StateFeed(line, TOPICS)
    states(feed)
    feed.restart()
    assert len(states(feed)) == len(line.tags)


def test_bad_quality_has_its_reason() -> None:
    line = FakeLine()
    feed = StateFeed(line, TOPICS)
    states(feed)
    line.quality[0] = Quality.BAD
    line.set("sorting.eye_1", False)
    assert states(feed)["linelab/smart-factory/sorting/eye_1"] == {
        "value": False,
        "quality": "bad",
        "ts": "2026-01-01T00:00:00.000Z",
        "unit": "",
        "reason": "",
    }


def current(line: FakeLine, feed: StateFeed, value: float, after_s: float = 1.0) -> object:
    """What the computed belt current (two decimals) says some time later."""
    tag = line.tags.find("sorting.belt_current")
    assert tag is not None
    line.clock.now += after_s
    line.values[tag.index] = value
    state = states(feed).get(TOPICS.state(tag))
    return None if state is None else state["value"]  # type: ignore[index]


def test_computed_tags_are_read_each_second_and_told_by_steps() -> None:
    line = FakeLine()
    feed = StateFeed(line, TOPICS)
    states(feed)
    assert current(line, feed, 5.0, after_s=0.5) is None  # not yet
    assert current(line, feed, 5.0, after_s=0.5) == 5.0
    assert current(line, feed, 5.009) is None  # less than a step
    assert current(line, feed, 5.0141) == 5.01
    assert current(line, feed, 5.0161) is None  # moving by less than a step
    assert current(line, feed, 5.0161) == 5.02  # at rest: the last figure is right


def test_a_value_that_is_no_number_is_null() -> None:
    line = FakeLine()
    feed = StateFeed(line, TOPICS)
    line.values[3] = math.nan
    assert states(feed)["linelab/smart-factory/sorting/belt_current"]["value"] is None  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "payload", "asked"),
    [
        ("sorting.belt_run", "true", True),
        ("sorting.belt_run", "1", True),
        ("sorting.belt_run", " 0 ", False),
        ("sorting.belt_speed", "12.5", 12.5),
        ("sorting.belt_speed", "12", 12),
        ("sorting.target", "-3", -3),
        ("sorting.target", '{"value": 1}', 1),
        ("sorting.target", '{"value": 1, "id": "a", "ts": "x"}', 1),
    ],
)
def test_commands_that_are_accepted(name: str, payload: str, asked: object) -> None:
    line = FakeLine()
    reply = ask(line, name, payload)
    assert reply["result"] == "accepted"
    assert line.requests == [(ME, [(name, asked)])]
    assert type(line.requests[0][1][0][1]) is type(asked)


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        ("sorting.eye_1", "true", "read_only"),
        ("sorting.belt_speed", "501", "range"),
        ("sorting.belt_speed", "1e999", "range"),
        ("sorting.belt_speed", "1" + "0" * 400, "range"),
        ("sorting.belt_speed", "true", "type"),
        ("sorting.belt_run", "2", "type"),
        ("sorting.belt_run", "1.0", "type"),
        ("sorting.target", "1.5", "type"),
        ("sorting.target", '"1"', "type"),
        ("sorting.target", "null", "type"),
        ("sorting.nothing", "1", "unknown"),
        ("nowhere.target", "1", "unknown"),
        ("sorting.target", "", "payload"),
        ("sorting.target", "on", "payload"),
        ("sorting.target", "NaN", "payload"),
        ("sorting.target", "[1]", "payload"),
        ("sorting.target", "{}", "payload"),
        ("sorting.target", '{"value": {}}', "payload"),
        ("sorting.target", '{"value": 1, "id": []}', "payload"),
        ("sorting.target", '{"value": 1, "id": "' + "x" * 129 + '"}', "payload"),
        ("sorting.target", "[" * 4000, "payload"),
        ("sorting.target", "1" + " " * 4096, "payload"),
        ("sorting.target", b"\xff\xfe1", "payload"),
    ],
)
def test_commands_that_are_refused_say_why(name: str, payload: str | bytes, reason: str) -> None:
    line = FakeLine()
    before = list(line.values)
    assert ask(line, name, payload) == {"id": None, "result": "refused", "reason": reason}
    assert line.values == before


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_of_the_line_is_told(refusal: Refusal) -> None:
    line = FakeLine(refuse={"sorting.target": refusal})
    reply = ask(line, "sorting.target", '{"value": 1, "id": 7}')
    assert reply == {"id": 7, "result": "refused", "reason": refusal.value}


def test_a_retained_command_is_not_even_asked() -> None:
    line = FakeLine()
    assert ask(line, "sorting.target", "1", retain=True)["reason"] == "retained"
    assert line.requests == []
    assert line.notes == [("me", "refused", "sorting.target: retained")]


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_payload_is_answered(payload: bytes) -> None:
    assert ask(FakeLine(), "sorting.belt_speed", payload)["result"] in ("accepted", "refused")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "id", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(json_values)
def test_any_json_is_answered_in_json(document: object) -> None:
    reply = ask(FakeLine(), "sorting.belt_run", json.dumps(document))
    assert set(reply) >= {"id", "result"}


def test_a_command_of_a_name_too_long_is_no_command() -> None:
    assert Commands(FakeLine(), TOPICS).take(ME, f"linelab/smart-factory/{'x' * 600}/y/set", b"1", False) is None


def test_command_with_id_zero_keeps_it() -> None:
    command = parse_command(b'{"value": false, "id": 0}')
    assert command is not None
    assert (command.value, command.id) == (False, 0)


def test_time_stamps_have_milliseconds_and_z() -> None:
    assert timestamp(datetime(2026, 11, 21, 8, 0, 0, 123_999, tzinfo=UTC)) == "2026-11-21T08:00:00.123Z"
