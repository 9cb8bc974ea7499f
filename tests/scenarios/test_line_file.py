"""Line files: what a good one means, and what is said of a bad one."""

from pathlib import Path

import pytest

from scenarios.file_error import FileErrors
from scenarios.line_file import load, parse
from sim.definition import LineDefinition, Placement, TransitionDefinition
from sim.state import dump
from sim.state import load as restore
from sim.text import Text
from tests.scenarios.kinds import KINDS
from tests.scenarios.sample import FILES, changed, complaints, good, line_of

MM = 10**12
SMART = Path(__file__).parents[2] / "scenarios/lines/smart-factory.yaml"


def test_quantities_become_exact_integers() -> None:
    line = good()
    belt = line.stations[1].components[0]
    assert belt.parameters == {"length": 1000 * MM, "speed": 100_000, "traction": 800_000}
    assert (line.part.length_fm, line.part.nominal_um, line.part.tolerance_um) == (60 * MM, 30_000, 50)
    assert (line.ideal_cycle_ns, line.planned_time_ns) == (10 * 10**9, 28_800 * 10**9)


def test_defaults_come_from_the_kind() -> None:
    first = good().stations[0].components[0]
    assert first.parameters["speed"] == 200_000
    assert first.title == Text("传送带", "Belt")
    assert first.options == ["speed_actual"]


def test_joins_name_station_and_component() -> None:
    first, second = good().stations
    assert first.components[0].joins == {"to": ["second.belt"]}
    assert second.components[2].joins == {"belt": ["second.belt"], "to": ["second.bin_1"]}


def test_a_component_may_rename_signals_and_take_lists_and_places() -> None:
    ejector, box = good().stations[1].components[2:]
    assert ejector.signals == {"extend": ""}
    assert ejector.lists == {"steps": [3, 4, 5]}
    assert ejector.title == Text("弹射器 1", "Ejector 1")
    assert box.place == Placement(2.0, 3.0, 0.0, 0.5)


def test_a_program_keeps_its_order_and_its_times() -> None:
    program = good().stations[1].program
    wait, push = program.run[0].steps
    assert list(wait.do.items()) == [("belt_run", "True"), ("route", "0")]
    assert wait.next == [TransitionDefinition("eye_1 and colour == 2", "push", 300_000_000)]
    assert push.next == [TransitionDefinition("True", "wait", 1_000_000_000)]
    assert program.hold == {"belt_run": 0, "ejector_1": 0}
    assert program.always == {"ready_to_receive": "not eye_1 and not bin_1_full"}


def test_a_definition_goes_through_json_unchanged() -> None:
    assert restore(LineDefinition, dump(good())) == good()


def test_all_mistakes_of_a_file_at_once() -> None:
    with pytest.raises(FileErrors) as caught:
        load(FILES / "bad.yaml", KINDS)
    said = str(caught.value).replace(str(FILES), "files").replace("\\", "/").splitlines()
    assert said == (FILES / "bad.txt").read_text("utf-8").splitlines()
    assert len(said) > 30


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("line: small-line", "line: Small Line", "line: 'Small Line' is no name: small letters, digits, _ and -, a"),
        ("tolerance: 50 µm", "tolerance: 0.5 µm", "part.tolerance: must be whole micrometres"),
        ("weight: 2}, {zh: 黑, en: black}", "weight: -1}", "part.colours[0].weight: must be at least 0"),
        ("ideal_cycle: 10 s", "ideal_cycle: 0 s", "production.ideal_cycle: must be at least 1 ns"),
        ("length: 1200 mm", "length: 1 mm", "stations.first.components.belt.length: 1 mm is out of range: must be"),
        ("length: 1200 mm", "length: [1 mm]", "stations.first.components.belt.length: must be one value, not a"),
        ("[3, 4, 5]", "3", "stations.second.components.ejector_1.steps: must be a list"),
        ("[3, 4, 5]", "[3, 4 mm]", "stations.second.components.ejector_1.steps[1]: '4 mm': 'mm' is no unit of cou"),
        (
            "to: second.belt,",
            "to: [second.belt],",
            "stations.first.components.belt.to: must be the name of one com",
        ),
        (
            "[speed_actual]",
            "[run]",
            "stations.first.components.belt.with[0]: no such optional port of a belt 'run'",
        ),
        ("packml: plc", "packml: maybe", "stations.second.packml: must be 'supervisor' or 'plc'"),
        ("timeout: 1 min", "timeout: 60", "stations.second.timeout: '60' has no unit: a time needs one of"),
        ("range: [1, 3]", "range: [3, 1]", "stations.second.parameters.colour.range: begins at 3, after its end 1"),
        ("range: [1, 3]", "range: [1, 99999]", "stations.second.parameters.colour.range: must be within -32768"),
        ("range: [1, 3]", "range: [1]", "stations.second.parameters.colour.range: needs at least 2 values"),
        ("upstream: first", "upstream: second", "stations.second.upstream: a station is not its own neighbour"),
        ("variables: {route: 0}", "variables: {route: 0, eye_1: 0}", "stations.second.program.variables.eye_1: is"),
        ("variables: {route: 0}", "variables: {route: 0, not: 0}", "stations.second.program.variables.not: 'not' "),
        ("ejector_1: 0}", "ejector_1: eye_1}", "stations.second.program.hold.ejector_1: must be true, false or a"),
        ("ejector_1: 0}", "route: 0}", "stations.second.program.hold.route: is a variable: only outputs are held"),
        ("starved: not eye_1", "starved: []", "stations.second.program.starved: must be an expression, a number"),
        ("step: push", "step: wait", "stations.second.program.run.main[1].step: wait is there twice"),
        ("null, ejector_1_home]", "null, eye_1]", "stations.second.io.inputs_bool[2]: eye_1 is listed twice"),
        ("inputs_bool: [", "inputs_number: [", "stations.second.io.inputs_number[0]: no such signal in inputs_"),
        (
            "eye_out: {kind",
            "belt_run: {kind: bin, signals: {full: ''}}\n      eye_out: {kind",
            "stations.first.com",
        ),
        ("eye_out: {kind", "in: {kind: bin, signals: {full: ''}}\n      eye_out: {kind", "stations.first.componen"),
        ("\n  first:", "\n  line:", "stations.line: is the name of the line's own tags"),
        ("eye_1 and colour", "second.eye_9 and colour", "stations.second.program.run.main[0].next[0].when: no suc"),
    ],
)
def test_one_mistake_is_named_with_line_and_field(old: str, new: str, said: str) -> None:
    line = line_of(old) + old.startswith("\n")
    assert any(text.startswith(f"x.yaml:{line}: {said}") for text in complaints(changed(old, new)))


def test_a_number_that_an_output_cannot_hold() -> None:
    belt = "with: [speed_actual, speed_set]"
    text = changed("with: [speed_actual]", belt).replace(
        "{belt_run: not eye_out or", "{belt_speed_set: 301, belt_run: not eye_out or"
    )
    assert complaints(text) == [
        "x.yaml:13: stations.first.program.always.belt_speed_set: 301 is out of range: 0 to 300"
    ]


def test_a_broken_component_brings_no_second_complaint() -> None:
    said = complaints(changed("eye_1: {kind: photo_eye,", "eye_1: {kind: eye,"))
    assert [text.partition(": ")[0] for text in said] == [f"x.yaml:{line_of('eye_1: {kind')}"]


def test_a_chain_that_homes_must_end() -> None:
    text = changed("next: [{when: ejector_1_home, go: done}]\n          - step: done\n", "next: []\n")
    said = "stations.second.program.home.main: has no step done: homing would never end"
    assert complaints(text) == [f"x.yaml:{line_of('- step: retract') - 1}: {said}"]


def test_a_station_has_a_bounded_block_of_addresses() -> None:
    eyes = "".join(f"      eye_{n}: {{kind: photo_eye, belt: belt, position: 1 mm}}\n" for n in range(10, 40))
    text = changed("      eye_out: {kind", eyes + "      eye_out: {kind")
    assert complaints(text) == [
        "x.yaml:6: stations.first.io.inputs_bool: needs 36 addresses, but a station has 32 of a group: leave out "
        "optional ports (`with`), or make two stations of it"
    ]


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FileErrors) as caught:
        load(Path("nowhere.yaml"), KINDS)
    assert str(caught.value) == "nowhere.yaml: cannot be read: No such file or directory"


def test_a_file_of_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "line.yaml"
    path.write_bytes("line: 线".encode("gbk"))
    with pytest.raises(FileErrors, match="is not UTF-8: byte 6"):
        load(path, KINDS)


def test_the_real_components_are_read() -> None:
    text = changed("{kind: bin, at: [2, 3, 0.5]}", "{kind: bin, at: [2, 3, 0.5], capacity: 8, full_at: 7 pcs}")
    # the small registry differs from the real one in these
    text = text.replace("steps: [3, 4, 5]", "with: [home]").replace("bin_1_full", "eye_1")
    line = parse(text, Path("x.yaml"))
    assert line.stations[1].components[3].parameters["full_at"] == 7
    assert line.stations[1].components[2].parameters["position"] == 320 * MM


def test_places_off_the_belt_are_refused_and_those_too_near_to_its_beginning() -> None:
    text = SMART.read_text("utf-8")
    wrong = text.replace("belt: belt, position: 900 mm", "belt: belt, position: 1001 mm", 1)
    wrong = wrong.replace("belt: belt, position: 300 mm, signals", "belt: belt, position: 59 mm, signals", 1)
    with pytest.raises(FileErrors) as caught:
        parse(wrong, SMART)
    said = [error.message for error in caught.value.errors]
    assert said == [
        "1.001 m is off the belt infeed.belt, which is 1 m long",
        "59 mm is too near to the belt's beginning to hold a part: 60 mm",
    ]
