"""`linelab scenarios`, `faults`, `check` and `run --scenario`, as an instructor uses them."""

import json
from pathlib import Path

import jsonschema

from tests.api.test_cli import Linelab, linelab

__all__ = ["linelab"]  # the fixture

OWN = """\
scenario: blind
title: {zh: 失明, en: Blind}
description: {zh: 慢, en: Slow}
instructor: {zh: 光电, en: The eye}
level: 5
line: sorting-by-height
initial: {run: 1 min}
timeline:
  - {entry: supply, fault: supply_dry, target: sorter.supply, start: {at: 1 min}}
  - {entry: loud, fault: cricket, target: mqtt, start: by_hand}
"""
CRICKET = """\
fault: cricket
layer: mqtt
title: {zh: 蟋蟀, en: Cricket}
description: {zh: 叫, en: It chirps}
detection: {zh: 听, en: Listen}
remedy: {zh: 换, en: Replace it}
target: {wire: [mqtt]}
effects: [{link: duplicate, share: 100 %}]
repair: [{operation: replace}]
symptoms: {mqtt: {zh: 两次, en: Twice}}
level: 5
"""


def own(folder: Path, text: str = OWN) -> Path:
    (folder / "faults" / "mqtt").mkdir(parents=True)
    (folder / "library").mkdir()
    (folder / "faults" / "mqtt" / "cricket.yaml").write_text(CRICKET, "utf-8")
    path = folder / "library" / "blind.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_lists_show_what_ships_and_what_is_ones_own(linelab: Linelab, tmp_path: Path) -> None:
    own(tmp_path)
    listed = linelab("--content", tmp_path, "faults", "--line", "sorting-by-height").out
    assert "cricket" in listed
    assert "photo_eye_stuck" in listed
    assert "agv_docking" not in listed  # no vehicle there
    assert "agv_docking" in linelab("faults").out


def test_own_files_are_checked_with_own_names(linelab: Linelab, tmp_path: Path) -> None:
    path = own(tmp_path)
    assert linelab("--content", tmp_path, "check", path).out == "1 file is good\n"
    alone = linelab("check", path)
    assert alone.code == 2
    assert f"{path}:10: timeline[1].fault: no such fault 'cricket'" in alone.err


def test_a_mistake_is_said_with_file_line_and_what_there_is(linelab: Linelab, tmp_path: Path) -> None:
    path = own(tmp_path, OWN.replace("{at: 1 min}", "{when: sorter.state > 99}"))
    found = linelab("--content", tmp_path, "check", path)
    assert found.code == 2
    assert f"{path}:9: timeline[0].start.when: 99 is out of the range of sorter.state: 1 to 17" in found.err


def test_the_effect_of_a_scenario_against_the_healthy_run(linelab: Linelab, tmp_path: Path) -> None:
    path = own(tmp_path)
    arguments = ("--content", tmp_path, "run", "sorting-by-height", "--scenario", path, "--hours", "0.08")
    told = linelab(*arguments)
    assert told.code == 0
    for word in ("healthy", "with it", "availability", "OEE", "time lost", "supply_dry", "still there"):
        assert word in told.out
    found = json.loads(linelab(*arguments, "--json").out)
    assert found["hit"]["finished"] < found["healthy"]["finished"]
    assert found["healthy"]["oee"]["quality"] == 1.0
    assert [seen["target"] for seen in found["faults"]] == ["sorter.supply"]
    assert {"station", "lost_s", "blocked_s", "starved_s", "down_s", "stopped_s", "parts"} == set(found["lost"][0])


def test_a_scenario_wants_its_own_line_and_no_other_comparison(linelab: Linelab) -> None:
    other = linelab("run", "from-a-to-b", "--scenario", "supply_runs_dry")
    assert other.code == 2
    assert "is for the line sorting-by-colour" in other.err
    both = linelab("run", "sorting-by-colour", "--scenario", "supply_runs_dry", "--replications", "3")
    assert "--replications does not go together with --scenario" in both.err
    unknown = linelab("run", "sorting-by-colour", "--scenario", "supply_run_dry")
    assert "did you mean supply_runs_dry" in unknown.err


def test_editors_get_a_schema_of_every_kind_of_file(linelab: Linelab) -> None:
    for kind in ("fault", "scenario", "condition", "binding"):
        jsonschema.Draft202012Validator.check_schema(json.loads(linelab("check", "--schema", kind).out))
