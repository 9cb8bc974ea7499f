"""Drafting a binding by names: what is matched, what is left to a person, and that the file can be read."""

from pathlib import Path

import pytest

from controller.bindings.draft import draft, matches, plain
from devices.drivers import DeviceType, Discovery, Found
from scenarios.catalogue import Catalogue
from sim.components import KINDS
from sim.tag import Tag
from sim.tags import line_tags

T = DeviceType
LINE = "sorting-by-height"


@pytest.fixture
def tags() -> tuple[Tag, ...]:
    return tuple(tag for tag in line_tags(Catalogue().load_line(LINE), KINDS) if tag.station == "sorter")


def found(name: str, type_: DeviceType | None = T.BOOL, address: str = "") -> Found:
    return Found(address or name, type_, name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Sorter.EntryRun", "sorter_entry_run"),
        ("linelab/sorting-by-height/sorter/entry_run/value", "linelab_sorting_by_height_sorter_entry_run"),
        ("gtyp_Setup.x_AcknowledgeButton", "gtyp_setup_x_acknowledge_button"),
        ("DB1", "db_1"),
    ],
)
def test_names_in_plain_words(name: str, words: str) -> None:
    assert plain(name) == words


def test_the_fullest_name_wins_and_nothing_is_given_twice(tags: tuple[Tag, ...]) -> None:
    offered = [
        found("entry_run", address="a"),
        found("PLC.Sorter.EntryRun", address="b"),
        found("x.sorter.low", address="c"),
    ]
    made = {one.tag.name: (one.found.address, one.sure) for one in matches(offered, tags)}
    assert made == {"sorter.entry_run": ("b", True), "sorter.low": ("c", True)}


def test_a_signal_alone_is_a_guess_and_another_type_none(tags: tuple[Tag, ...]) -> None:
    offered = [found("entry_run"), found("sorter.high", T.INT), found("sorter.low", None), found("sorter.cmd_start")]
    assert [(one.tag.signal, one.sure) for one in matches(offered, tags)] == [("entry_run", False)]


def test_a_draft_can_be_read_and_holds_no_password(tags: tuple[Tag, ...], tmp_path: Path) -> None:
    offered = tuple(found(f"cell/{tag.station}/{tag.signal}") for tag in tags if tag.signal in ("low", "entry_run"))
    discovery = Discovery((*offered, found("cell/spare", T.REAL)), notes=("listened for 2 s",))
    text = draft("mqtt://me:secret@cell:1883", {"password": "secret", "qos": "1"}, LINE, tags, discovery)
    assert "secret" not in text
    path = tmp_path / "drafted.yaml"
    path.write_text(text)
    binding = Catalogue().load_binding(str(path))
    assert [one.tag.name for one in binding.stations["sorter"].tags] == ["sorter.entry_run", "sorter.low"]
    assert "cell/spare" in text
    assert "# not found: " in text
    assert text.count("write_address") == 1, "an output needs the topic of its command"


def test_nothing_that_matches_is_a_file_all_the_same(tags: tuple[Tag, ...], tmp_path: Path) -> None:
    path = tmp_path / "drafted.yaml"
    path.write_text(draft("s7://cell", {}, LINE, tags, Discovery((found("DB1", T.INT, "DB1.DBW0"),))))
    assert Catalogue().load_binding(str(path)).stations == {}
