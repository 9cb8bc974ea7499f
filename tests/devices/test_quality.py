"""Quality and reason: which readings have no value, which are old, and what they say of a device (NAMUR NE 107)."""

import json

import pytest

from devices.mqtt.line_topics import StateFeed, Topics
from devices.mqtt.uns import payloads
from devices.quality import Ne107, has_value, is_old, ne107
from devices.sparkplug.codec import Payload, decode, encode
from devices.sparkplug.metrics import data_metric
from sim.tag import Quality, Reading, Reason
from tests.devices.fake_line import FakeLine

G, U, B = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD


@pytest.mark.parametrize(
    ("reading", "health", "value", "old"),
    [
        (Reading(1.0), Ne107.NORMAL, True, False),
        (Reading(1.0, G, Reason.LOCAL_OVERRIDE), Ne107.CHECK_FUNCTION, True, False),
        (Reading(1.0, U, Reason.SENSOR_NOT_ACCURATE), Ne107.OFF_SPEC, True, False),
        (Reading(1.0, U, Reason.LAST_USABLE), Ne107.OFF_SPEC, True, True),
        (Reading(1.0, B, Reason.SENSOR_FAILURE), Ne107.FAILURE, False, False),
        (Reading(1.0, B, Reason.NO_COMMUNICATION), Ne107.FAILURE, False, False),
        (Reading(1.0, B, Reason.DEVICE_FAILURE), Ne107.FAILURE, True, False),
        (Reading(1.0, B, Reason.OUT_OF_SERVICE), Ne107.CHECK_FUNCTION, True, False),
    ],
)
def test_what_a_reading_says(reading: Reading, health: Ne107, value: bool, old: bool) -> None:
    assert (ne107(reading), has_value(reading), is_old(reading)) == (health, value, old)


@pytest.mark.parametrize(
    ("quality", "reason", "value"),
    [(B, "sensor_failure", None), (U, "last_usable", 200.0), (G, "local_override", 200.0), (G, "", 200.0)],
)
def test_mqtt_says_the_same_in_each_of_its_voices(quality: Quality, reason: str, value: float | None) -> None:
    line = FakeLine()
    tag = line.tags.find("sorting.belt_speed")
    assert tag is not None
    line.quality[tag.index], line.reason[tag.index] = quality, reason
    plain = next(json.loads(said) for topic, said in StateFeed(line, Topics("l")).due() if topic.endswith("belt_speed"))
    uns = json.loads(payloads.state(tag, line.read(tag.index), "now"))
    for state in (plain, uns):
        assert (state["value"], state["quality"], state.get("reason", "")) == (value, quality.value, reason)
    metric = data_metric(tag, line.read(tag.index), 1, True)
    (heard,) = decode(encode(Payload((metric,), 1, 0))).metrics
    assert heard.null is (value is None)
