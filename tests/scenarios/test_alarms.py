"""Alarms in a line file: what they become, and what is wrong with them, said with line and field."""

from pathlib import Path

import pytest

from docs.generate import FOLDER
from scenarios import alarm_model, line_file
from scenarios.catalogue import Catalogue
from scenarios.file_error import FileErrors

SHIPPED = Path(__file__).parents[2] / "scenarios" / "lines" / "filling-tank.yaml"
MARK = "    # the order of addresses"
HEAD = "      mine:\n        title: {zh: 一, en: one}\n"


def with_alarm(body: str) -> str:
    """The shipped line with one more alarm at the end of its station's."""
    text = SHIPPED.read_text("utf-8")
    at = text.index(MARK)
    return text[:at] + HEAD + "".join(f"        {line}\n" for line in body.splitlines()) + text[at:]


def mistakes(body: str) -> list[tuple[str, str]]:
    text = with_alarm(body)
    first = text[: text.index(HEAD)].count("\n") + 1
    with pytest.raises(FileErrors) as caught:
        line_file.parse(text, Path("mine.yaml"))
    assert all(error.line >= first for error in caught.value.errors)
    return [(error.field.removeprefix("stations.tank.alarms.mine").lstrip("."), error.message)
            for error in caught.value.errors]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ("severity: 3", "", "needs exactly one of limits"),
        ("when: 'True'\noff_normal: {tag: estop_ok, normal: true}", "", "it has off_normal, when"),
        ("limits: {tag: tank_levle, hi: 3}", "limits.tag", "did you mean tank_level"),
        ("limits: {tag: estop_ok, hi: 3}", "limits.tag", "is true or false"),
        ("off_normal: {tag: tank_level, normal: true}", "off_normal.tag", "is a number"),
        ("limits: {tag: tank_level}", "limits", "has no limit"),
        ("limits: {tag: tank_level, hi: 4000}", "limits.hi", "is never passed: the tag goes from 0 to 3000"),
        ("limits: {tag: tank_level, lo: 0}", "limits.lo", "is never passed"),
        ("limits: {tag: tank_level, lo: 200, hi: 100}", "limits.hi", "must be above lo"),
        ("limits: {tag: tank_level, hi: 100, deadband: 3000}", "limits.deadband", "as wide as"),
        ("limits: {tag: tank_level, hi: 100, every: 1 s}", "limits.every", "announces its changes"),
        ("limits: {tag: meter_flow, hi: 100, every: 1 ms}", "limits.every", "from 100 ms to 1 h"),
        ("limits: {tag: tank_level, hi: 100}\nseverity: {hihi: 3}", "severity.hihi", "no level of this alarm"),
        ("limits: {tag: tank_level, hi: 100}\ntype: trip", "type", "for alarms that have no limits"),
        ("when: tank_levle > 3", "when", "no such signal"),
        ("when: meter_flow > 3", "when", "is a function of time"),
        ("when: 'True'\nsuppress: nothing", "suppress", "no such signal"),
        ("when: 'True'\nseverity: 1001", "severity", ""),
        ("when: 'True'\non_delay: 25 h", "on_delay", "at most 86400 s"),
        ("bad_quality: tank_levle", "bad_quality", "did you mean tank_level"),
    ],
)
def test_a_mistake_is_named_where_it_is(body: str, field: str, words: str) -> None:
    assert any(at.startswith(field) and words in message for at, message in mistakes(body)), mistakes(body)


def test_a_tag_of_another_station_has_its_full_name() -> None:
    line = line_file.parse(with_alarm("limits: {tag: line.parts_made, hi: 10}"), Path("mine.yaml"))
    made = line.stations[0].alarms[-1]
    assert (made.tag, made.limits, made.every_ns, made.priority) == ("line.parts_made", {"hi": 10.0}, 10**9, "medium")


def test_every_shipped_line_has_alarms_that_say_what_to_do() -> None:
    catalogue = Catalogue()
    for name in catalogue.lines():
        line = catalogue.load_line(name)
        alarms = [alarm for station in line.stations for alarm in station.alarms]
        assert not line.stations or len(alarms) >= 4, name
        assert [alarm.name for alarm in alarms if not (alarm.cause.zh and alarm.action.en)] == [], name


def test_every_key_is_on_the_page() -> None:
    page = (FOLDER / "alarms.md").read_text("utf-8")
    for model in (alarm_model.AlarmFile, alarm_model.LimitsFile, alarm_model.OffNormalFile):
        assert [key for key in model.model_fields if f"`{key}`" not in page and f"{key}:" not in page] == []
