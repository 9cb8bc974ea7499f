"""Further ways to speak on MQTT, by setting: who is made, under which names, and sessions that count on."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from controller.settings import Settings
from controller.voices import session_numbers, voices
from tests.devices.fake_line import FakeLine


def test_plain_alone_unless_asked_for(tmp_path: Path) -> None:
    assert voices(FakeLine(), Settings(data=tmp_path)) == []


def test_names_on_an_own_broker_and_on_a_shared_one(tmp_path: Path) -> None:
    told = []
    for url in (None, "mqtt://127.0.0.1"):
        settings = Settings(data=tmp_path, sparkplug="plant", uns="acme/sz/hall1", mqtt_url=url)
        told += [voice.about for voice in voices(FakeLine(bench=3), settings)]
    assert told == [
        "Sparkplug B, spBv1.0/plant/+/smart-factory/#",
        "Unified Namespace, acme/sz/hall1/smart-factory/#",
        "Sparkplug B, spBv1.0/plant/+/smart-factory-3/#",
        "Unified Namespace, acme/sz/hall1/smart-factory-3/#",
    ]


def test_the_node_may_be_called_otherwise(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sparkplug="plant", sparkplug_node="cell {bench}", sparkplug_host="scada")
    (node,) = voices(FakeLine(bench=2), settings)
    assert node.about == "Sparkplug B, spBv1.0/plant/+/cell 2/#"
    assert ("spBv1.0/STATE/scada", 1) in node.subscriptions


@pytest.mark.parametrize(
    "given",
    [
        {"sparkplug": "a/b"},
        {"sparkplug": ""},
        {"sparkplug_host": "scada"},
        {"sparkplug_node": "n"},
        {"sparkplug": "g", "sparkplug_node": "n", "mqtt_url": "mqtt://h", "benches": 2},
        {"uns": "acme"},
        {"uns": "acme//hall"},
        {"uns": "acme/+/hall"},
    ],
)
def test_settings_that_cannot_be(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(given)


def test_sessions_count_on_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "bench-1"
    first = session_numbers(file)
    assert [first(), first()] == [0, 1]
    assert session_numbers(file)() == 2
    file.write_text("255\n")
    assert first() == 0
    file.write_text("rubbish")
    assert first() == 0
