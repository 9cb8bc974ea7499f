"""What is connected to nothing, or twice to one place, is refused at load, with its line."""

from pathlib import Path

import pytest

from scenarios.file_error import FileErrors
from scenarios.line_file import parse
from scenarios.settings import SettingError, changed
from scenarios.template import TEMPLATE, begin

GOOD = TEMPLATE.read_text("utf-8")
AFTER = "      button: {kind: push_button"


def said(text: str) -> list[str]:
    with pytest.raises(FileErrors) as caught:
        parse(text, Path("x.yaml"))
    return str(caught.value).splitlines()


def with_component(stated: str) -> tuple[str, int]:
    """The template with one more component, and its line."""
    text = GOOD.replace(AFTER, f"      {stated}\n{AFTER}")
    return text, text[: text.index(stated)].count("\n") + 1


@pytest.mark.parametrize(
    ("stated", "field", "message"),
    [
        ("table: {kind: turntable}", "", "its parts go nowhere: name `to`, `to_left`, `to_right` or `to_back`"),
        ("table: {kind: transfer}", "", "its parts go nowhere: name `to`, `to_left`, `to_right` or `to_back`"),
        ("inlet: {kind: valve, flow: 1 L/s}", "", "leads from nowhere to nowhere: name a tank in `source`, in `to`,"),
        ("round: {kind: belt, length: 1 m, to: round}", ".to", "leads back to itself"),
        (
            "other: {kind: collection, belt: belt, position: 1040 mm}",
            ".position",
            "1.04 m: exit takes parts at this place of the belt already; one part, one taker",
        ),
        (
            "over: {kind: belt, length: 1 m, at: [0.5, 0.8]}",
            ".at",
            "station_1.belt lies at this place with this heading",
        ),
        ("eye: {kind: photo_eye, belt: belt, position: 1300 mm}", ".position", "1.3 m is off the belt station_1.belt"),
        ("here: {kind: spot, of: belt, position: 1300 mm}", ".position", "1.3 m is off the belt station_1.belt"),
        ("pusher: {kind: pusher, belt: belt, position: 500 mm, to: belt}", ".to", "leads back to the belt that it st"),
        ("scale: {kind: scale, belt: belt, position: 1 m}", ".position", "its plate ends at 1.3 m, off the belt"),
        ("other: {kind: supply, belt: belt, least: 9 s}", ".least", "9 s is above most, which is 5 s"),
        ("vessel: {kind: tank, height: 200 mm}", ".high_at", "270 mm is above height, which is 200 mm"),
        ("eye: {kind: photo_eye, belt: belt, position: 12 inch}", ".position", "'12 inch': 'inch' is no unit of leng"),
    ],
)
def test_a_line_that_cannot_work_is_refused_with_file_line_and_what_to_change(
    stated: str, field: str, message: str
) -> None:
    text, line = with_component(stated)
    name = stated.partition(":")[0]
    [found] = said(text)
    assert found.startswith(f"x.yaml:{line}: stations.station_1.components.{name}{field}: {message}")


def test_a_spot_at_a_place_that_its_table_does_not_have() -> None:
    text, line = with_component("table: {kind: index_table, places: 4}")
    row = text.splitlines()[line - 1]
    spot = row.replace("table: {kind: index_table, places: 4}", "nest: {kind: spot, of: table, place: 4}")
    [found] = said(text.replace(row, f"{row}\n{spot}"))
    assert found == f"x.yaml:{line + 1}: stations.station_1.components.nest.place: 4: station_1.table has places 0 to 3"


def test_a_taker_elsewhere_on_the_belt_is_no_rival() -> None:
    text, _ = with_component("other: {kind: collection, belt: belt, position: 900 mm}")
    assert len(parse(text, Path("x.yaml")).stations[0].components) == 7


def test_the_template_takes_the_name_that_it_is_given_and_keeps_its_comments() -> None:
    text = begin("my-line")
    assert parse(text, Path("my-line.yaml")).name == "my-line"
    assert [row for row in text.splitlines() if row != "line: my-line"] == [
        row for row in GOOD.splitlines() if row != "line: template"
    ]


@pytest.mark.parametrize("name", ["", "My-Line", "1st", "a" * 41, "a b", "../up", "ünder"])
def test_what_is_no_name_of_a_line(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a line"):
        begin(name)


def test_a_setting_is_refused_for_what_a_file_would_be_refused_for() -> None:
    line = parse(GOOD, Path("x.yaml"))
    with pytest.raises(SettingError, match=r"eye_out\.position: 1\.05 m is off the belt"):
        changed(line, "station_1.belt.length=300 mm")
    assert changed(line, "station_1.belt.length=2 m").stations[0].components[0].parameters["length"] == 2 * 10**15
