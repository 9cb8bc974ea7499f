"""Scenario files and initial conditions: what they become, and what is said of a bad one, with its line."""

from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from scenarios import timeline
from scenarios.faulting import Fault
from scenarios.faulting import build as build_fault
from scenarios.file_error import FileError, FileErrors, unknown
from scenarios.schema import condition_schema, scenario_schema
from scenarios.timeline import Condition, Places, Scenario
from scenarios.timeline.line_of import LineOf
from scenarios.yaml_source import parse
from sim.definition import LineDefinition
from sim.inputs import Input
from tests.scenarios.kinds import KINDS
from tests.scenarios.sample import FILES, good

SAMPLE = (FILES / "small_scenario.yaml").read_text("utf-8")
CONDITION = """\
condition: warm
title: {zh: 热, en: Warm}
line: good
seed: 3
run: 10 min
set: {second.colour: 2}
keys: {second: modbus}
operator: false
"""
HEAD = "layer: sensor\nlevel: 5\n" + "".join(
    f"{key}: {{zh: 一, en: one}}\n" for key in ("title", "description", "detection", "remedy")
)
TAIL = "symptoms: {line: {zh: 一, en: one}}\nrepair: [{operation: replace}]\n"


def small_faults() -> Mapping[str, Fault]:
    texts = {
        "slip": (FILES / "slip.yaml").read_text("utf-8"),
        "stuck": "target: {kind: photo_eye, port: ''}\neffects: [{signal: $target, how: stuck, value: $value}]\n"
        "parameters: {value: {default: true, choices: [true, false], title: {zh: 值, en: value}}}\n",
        "cable": "target: {wire: [mqtt]}\neffects: [{link: silent}]\n",
        "jam": "target: {kind: belt}\neffects: [{disturbance: jam}]\n",
        "fast": "target: {kind: belt}\neffects: [{parameter: speed, how: replace, value: 1 m/s}]\n",
    }
    made = {name: text if name == "slip" else f"fault: {name}\n" + HEAD + text + TAIL for name, text in texts.items()}
    return {name: build_fault(parse(text, Path(f"{name}.yaml")), KINDS) for name, text in made.items()}


FAULTS = small_faults()


def load_line(name: str) -> LineDefinition:
    if name != "good":
        raise FileErrors([FileError(Path(name), 0, "", unknown("line", name, ["good"]))])
    return good()


def condition(name: str) -> Condition:
    if name != "warm":
        raise FileErrors([FileError(Path(name), 0, "", unknown("condition", name, ["warm"]))])
    return timeline.build_condition(parse(CONDITION, Path("warm.yaml")), LineOf(load_line, KINDS))


PLACES = Places(LineOf(load_line, KINDS), lambda: FAULTS, condition)


def read(text: str) -> Scenario:
    return timeline.build(parse(text, Path("x.yaml")), PLACES)


def mistakes(text: str) -> list[str]:
    with pytest.raises(FileErrors) as caught:
        read(text)
    return [str(error).removeprefix("x.yaml:") for error in caught.value.errors]


def test_a_whole_scenario() -> None:
    found = read(SAMPLE)
    assert (found.name, found.line, found.seed, found.level, found.initial.run_ns) == (
        "sample",
        "small-line",
        7,
        4,
        600 * 10**9,
    )
    assert found.faults == ("slip", "stuck", "cable", "jam")
    assert found.definition.stations[0].components != good().stations[0].components  # the setting
    assert [entry["start"] for entry in found.entries] == [
        {"kind": "time", "at_ns": 300 * 10**9},
        {"kind": "condition", "when": "second.colour > 2 and not first.eye_out", "for_ns": 2 * 10**9},
        {"kind": "after", "entry": "eye", "delay_ns": 60 * 10**9},
        {"kind": "chance", "mean_ns": 1200 * 10**9},
        {"kind": "parts", "count": 20},
        {"kind": "hand"},
    ]
    first = found.entries[0]["fault"]
    assert isinstance(first, dict)
    assert (first["target"], first["duration"]) == ("first.belt", {"kind": "time", "ns": 120 * 10**9})
    assert found.begin().args["title"] == {"zh": "例", "en": "Sample"}


def test_a_condition_may_look_at_what_is_a_function_of_time() -> None:
    """The running side polls it; `tests/sim/faults/test_engine.py` proves that."""
    entry = read(SAMPLE.replace("second.colour > 2 and not first.eye_out", "line.parts_made >= 20")).entries[1]
    assert entry["start"] == {"kind": "condition", "when": "line.parts_made >= 20", "for_ns": 2 * 10**9}


def test_a_named_condition_is_inputs_and_time() -> None:
    initial = read(SAMPLE.replace("{run: 10 min}", "{condition: warm}")).initial
    assert initial.before == (Input("write", {"writes": [["second.colour", 2]]}), Input("operator", {"on": False}))
    assert initial.after == (Input("key", {"station": "second", "control": "modbus"}),)
    assert initial.run_ns == 600 * 10**9


def test_the_sample_fits_the_schema_and_a_typo_does_not() -> None:
    validator = jsonschema.Draft202012Validator(scenario_schema())
    assert [error.message for error in validator.iter_errors(parse(SAMPLE, Path("x")).data)] == []
    assert not validator.is_valid(parse(SAMPLE.replace("level:", "levle:"), Path("x")).data)
    assert jsonschema.Draft202012Validator(condition_schema()).is_valid(parse(CONDITION, Path("x")).data)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("line: good", "line: god", "8: line: no such line 'god'; did you mean good?"),
        ("first.belt.speed", "first.belt.sped", "11: settings.first.belt.sped: no such parameter of belt 'sped'"),
        ("fault: slip, target: first", "fault: slop, target: first", "13: timeline[0].fault: no such fault 'slop'"),
        ("target: first.belt", "target: first.bolt", "13: timeline[0].target: no such target of slip 'first.bolt'"),
        ("target: first.belt", "target: first.eye_out", "first.eye_out is a photo_eye, and the fault is of a belt"),
        ("{share: 50 %}", "{shore: 50 %}", "timeline[0].with.shore: no such setting of slip 'shore'"),
        ("{share: 50 %}", "{share: 100 %}", "timeline[0].with.share: share: 100 % is more than 99 %"),
        ("duration: 2 min", "duration: 2 mm", "13: timeline[0].duration: duration: '2 mm': 'mm' is no unit of time"),
        ("second.colour >", "second.color >", "14: timeline[1].start.when: no such tag 'second.color'; did you mean"),
        ("colour > 2", "colour > 99999", "timeline[1].start.when: 99999 is out of the range of second.colour: 1 to 3"),
        ("colour > 2", "colour > True", "second.colour is a number and True is true or false: they cannot be compared"),
        ("not first.eye_out", "first.eye_out == 1", "first.eye_out is true or false and 1 is a number: they cannot be"),
        ("not first.eye_out", "second.colour", "second.colour is a number: compare it, as in `speed > 100`"),
        ("colour > 2 and", "colour > and", "14: timeline[1].start.when: 'second.colour > and not first"),
        ("after: eye", "after: eyes", "15: timeline[2].start.after: no such entry 'eyes'; did you mean eye?"),
        ("{after: eye, delay: 1 min}", "{after: off}", "15: timeline[2].start.after: never begins: off after off"),
        ("{after: eye, delay: 1 min}", "{at: 9 min}", "15: timeline[2]: cannot be there together with eye: both are "
         "what second.eye_1 says"),
        ("{after: eye, delay: 1 min}", "{delay: 1 min}", "15: timeline[2].start: needs exactly one of at, when, parts"),
        ("{after: eye, delay: 1 min}", "{at: 1 s, for: 1 s}", "15: timeline[2].start.for: belongs to when"),
        ("3 per hour", "3 an hour", "16: timeline[3].start.chance: must be a rate: 3 per hour"),
        ("entry: off", "entry: eye", "15: timeline[2].entry: eye is there twice"),
        ("entry: off", "entry: f3", "15: timeline[2].entry: f and a number is what faults of the instructor's hand"),
        ("{parts: 20}", "{parts: 0}", "17: timeline[4].start.parts: must be at least 1"),
        ("start: by_hand", "start: by_foot", "18: timeline[5].start: must be a mapping"),
        ("{random: 30 s}", "{radnom: 30 s}", "17: timeline[4].duration: must be until_repaired, once, a time"),
        ("{run: 10 min}", "{condition: worm}", "10: initial.condition: no such condition 'worm'; did you mean warm?"),
        ("{run: 10 min}", "{run: 10 min, condition: warm}", "10: initial: needs run, or condition: one of them"),
        ("seed: 7", "seed: -1", "9: seed: must be at least 0"),
        ("level: 4", "levle: 4", "7: levle: no such key 'levle'; did you mean level?"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_line_and_field(old: str, new: str, message: str) -> None:
    assert old in SAMPLE
    assert any(message in said for said in mistakes(SAMPLE.replace(old, new)))


def timed(first: str, second: str, fault: str = "fast") -> str:
    """Two entries that do the same to one belt."""
    entry = "  - {{entry: {}, fault: {}, target: first.belt, {}}}\n"
    head = SAMPLE[: SAMPLE.index("  - {entry: slow")]
    return head + entry.format("one", fault, first) + entry.format("two", fault, second)


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ("start: {at: 1 min}, duration: 1 min", "start: {at: 2 min}", True),
        ("start: {at: 1 min}, duration: 1 min", "start: {at: 119 s}", False),
        ("start: {at: 1 min}", "start: {at: 2 min}", False),
        ("start: {at: 1 min}", "start: {after: one}", True),
        ("start: {at: 1 min}, repeat: true", "start: {after: one}", False),
        ("start: {chance: 1 per hour}, duration: 1 s", "start: by_hand, duration: 1 s", False),
    ],
)
def test_impossible_faults_must_be_apart(first: str, second: str, apart: bool) -> None:
    for fault, what in (("fast", "speed of first.belt"), ("jam", "jam at first.belt")):
        if apart:
            assert len(read(timed(first, second, fault)).entries) == 2
        else:
            assert f"cannot be there together with one: both are {what}" in mistakes(timed(first, second, fault))[0]
    assert len(read(timed(first, second, "slip")).entries) == 2  # two factors go together


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("second.colour: 2", "second.color: 2", "6: set.second.color: no such set point 'second.color'; did you mean"),
        ("second.colour: 2", "second.colour: 9", "6: set.second.colour: 9 is out of range: 1 to 3"),
        ("second.colour: 2", "second.colour: true", "True is not a whole number, which second.colour is"),
        ("{second: modbus}", "{third: modbus}", "7: keys.third: no such station 'third'; there are first, second"),
        ("{second: modbus}", "{second: profibus}", "7: keys.second: must be 'builtin', 'modbus'"),
        ("run: 10 min", "run: 10 mm", "5: run: '10 mm': 'mm' is no unit of time"),
        ("line: good", "line: bad", "3: line: no such line 'bad'; there are good"),
    ],
)
def test_a_mistake_in_a_condition(old: str, new: str, message: str) -> None:
    with pytest.raises(FileErrors) as caught:
        timeline.build_condition(parse(CONDITION.replace(old, new), Path("x.yaml")), LineOf(load_line, KINDS))
    assert any(message in str(error) for error in caught.value.errors)
