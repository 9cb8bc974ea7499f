"""Faults from their begin to their end: duration, repair, condition, ramp, what somebody else does."""

import pytest

from sim.inputs import Input
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.text import Text
from tests.sim.builders import Bench, reference
from tests.sim.faults.conftest import small

STUCK: dict[str, JsonValue] = {"seam": "signal", "tag": "s.eye", "how": "stuck", "value": True}
SLIP: dict[str, JsonValue] = {"seam": "parameter", "component": "s.belt", "parameter": "traction", "how": "factor",
                              "value": 500_000}  # fmt: skip
PRESS: dict[str, JsonValue] = {
    "seam": "input", "op": "panel", "args": {"station": "s", "element": "start", "pressed": True},
}  # fmt: skip
S = 10**9


def begin(bench: Bench, *effects: dict[str, JsonValue], ident: str = "f", **more: JsonValue) -> None:
    bench.give("fault", id=ident, effects=[*effects], **more)


def said(bench: Bench) -> list[tuple[float, object, object]]:
    return [(t / S, subject, data) for t, kind, subject, data in bench.events if kind == "fault"]


def refused(bench: Bench, *effects: JsonValue, **more: JsonValue) -> Refusal | None:
    return bench.line.check(Input("fault", {"id": "g", "effects": [*effects], **more}))[0]


# ---- ends ------------------------------------------------------------------------------------------------------


def test_a_fault_lasts_until_it_is_ended(bench: Bench) -> None:
    begin(bench, STUCK, SLIP)
    bench.run(100)
    assert bench.field("s.eye") is True
    assert bench.line.faults["f"]["since_ns"] == 0
    bench.give("end_fault", id="f")
    assert (bench.field("s.eye"), bench.line.faults) == (False, {})
    assert said(bench) == [(0, "f", True), (100, "f", False)]


def test_a_fault_of_ten_seconds_ends_after_ten_seconds(bench: Bench) -> None:
    bench.run(1)
    begin(bench, STUCK, duration={"kind": "time", "ns": 10 * S})
    assert bench.line.faults["f"]["ends_ns"] == 11 * S
    bench.run(60)
    assert said(bench) == [(1, "f", True), (11, "f", False)]


def test_random_durations_have_their_mean(bench: Bench) -> None:
    for number in range(200):
        begin(bench, STUCK, ident=f"f{number}", duration={"kind": "random", "mean_ns": 10 * S})
    bench.run(200)
    spans = [t for t, _, active in said(bench) if not active]
    assert len(spans) == 200
    assert 8 < sum(spans) / 200 < 12
    assert bench.line.plant.streams.keys() == Bench(small()).line.plant.streams.keys()


def test_a_fault_ends_when_its_condition_comes_true(bench: Bench) -> None:
    begin(bench, STUCK, ends_when="s.eye and s.belt_run")  # what is true of the eye, not what it says
    bench.write(s__belt_run=True)
    bench.run(3)
    assert list(bench.line.faults) == ["f"]
    bench.lay()
    assert said(bench)[-1] == (3, "f", False)


def test_a_condition_over_time_is_looked_at_once_a_second(bench: Bench) -> None:
    bench.run(0.5)
    begin(bench, STUCK, ends_when="line.sim_time >= 7")
    bench.run(20)
    assert said(bench)[-1] == (7, "f", False)


def test_what_happens_once_is_over_at_once_and_stays_done() -> None:
    bench = Bench(small())
    bench.write(s__belt_run=True)
    bench.lay()
    begin(bench, {"seam": "disturbance", "component": "s.belt", "method": "jam"}, duration={"kind": "once"})
    assert said(bench) == [(0, "f", True), (0, "f", False)]
    bench.run(10)
    assert bench.heads() == [500]


# ---- repair ----------------------------------------------------------------------------------------------------


def test_only_the_right_repair_in_the_right_place_ends_it(bench: Bench) -> None:
    repair: JsonValue = [{"target": "s.eye", "operation": "replace"}, {"target": "s.belt", "operation": "adjust"}]
    begin(bench, STUCK, repair=repair)
    begin(bench, SLIP, ident="g", repair=[{"target": "s.belt", "operation": "adjust"}])
    engine = bench.line.engine
    assert (engine.repair("s.eye", "adjust"), engine.repair("s.belt", "replace")) == ([], [])
    assert engine.repair("s.belt", "adjust") == ["f", "g"]
    assert (bench.line.faults, bench.field("s.eye")) == ({}, False)


def test_a_finding_is_found_where_the_fault_is_and_nowhere_else(bench: Bench) -> None:
    findings: JsonValue = {"inspect": {"zh": "皮带松弛", "en": "The belt hangs through"}}
    begin(bench, SLIP, target="s.belt", findings=findings)
    engine = bench.line.engine
    assert engine.finding("s.belt", "inspect") == Text("皮带松弛", "The belt hangs through")
    assert (engine.finding("s.eye", "inspect"), engine.finding("s.belt", "measure")) == (None, None)


# ---- parameters ------------------------------------------------------------------------------------------------


def test_a_ramp_moves_its_parameter_every_ten_seconds_and_goes_back_at_its_end(bench: Bench) -> None:
    belt = bench.line.plant.components["s.belt"]
    base = belt.p["traction"]
    begin(bench, {**SLIP, "how": "ramp", "value": -360_000})
    for seconds, value in ((9, 0), (10, -1000), (25, -2000), (100, -10_000)):
        bench.run_to(seconds)
        assert belt.p["traction"] == base + value
    bench.give("end_fault", id="f")
    bench.run(20)
    assert belt.p["traction"] == base


# ---- what somebody else does -----------------------------------------------------------------------------------


def test_an_operator_presses_again_and_again_and_lets_go_at_the_end(bench: Bench) -> None:
    let_go: JsonValue = {"op": "panel", "args": {"station": "s", "element": "start", "pressed": False}}
    begin(bench, {**PRESS, "every_ns": 5 * S, "undo": let_go})
    assert bench.get("s.button_start") is True
    bench.give("panel", station="s", element="start", pressed=False)
    bench.run(4.9)
    assert bench.get("s.button_start") is False
    bench.run(0.2)
    assert bench.get("s.button_start") is True
    bench.give("end_fault", id="f")
    assert bench.get("s.button_start") is False


def test_who_repairs_puts_back_what_a_stranger_did_not_the_stranger(bench: Bench) -> None:
    write: dict[str, JsonValue] = {
        "seam": "input", "op": "write", "args": {"writes": [["s.cmd_hold", True]]}, "peer": "192.168.10.66",
        "wire": "modbus", "undo": {"op": "panel", "args": {"station": "s", "element": "start", "pressed": True}},
    }  # fmt: skip
    begin(bench, write)
    bench.give("end_fault", id="f")
    assert bench.get("s.button_start") is True, "it is put back"
    assert [data["op"] for _, kind, _, data in bench.events if kind == "stranger"] == ["write"], "he wrote once"


def test_a_stranger_is_known_by_his_address_and_by_his_answer(bench: Bench) -> None:
    write: dict[str, JsonValue] = {
        "seam": "input", "op": "write", "args": {"writes": [["s.cmd_unhold", True]]}, "every_ns": 2 * S,
        "peer": "192.168.10.66", "wire": "modbus",
    }  # fmt: skip
    begin(bench, write)
    bench.run(5)
    strangers = [(t, subject, data) for t, kind, subject, data in bench.events if kind == "stranger"]
    assert [t for t, _, _ in strangers] == [0, 2 * S, 4 * S]
    assert strangers[0][1:] == ("modbus", {
        "wire": "modbus", "peer": "192.168.10.66", "op": "write", "args": {"writes": [["s.cmd_unhold", True]]},
        "answer": "state",
    })  # fmt: skip
    assert bench.line.faults["f"]["refused"] == 3


def test_what_others_do_is_no_input_of_the_journal(bench: Bench) -> None:
    begin(bench, {**PRESS, "every_ns": S})
    bench.run(10)
    assert bench.line.inputs == 1


# ---- all ends --------------------------------------------------------------------------------------------------


def test_all_faults_end_at_once_and_a_line_without_faults_has_nothing_to_end(bench: Bench) -> None:
    begin(bench, STUCK)
    begin(bench, SLIP, ident="g")
    bench.give("end_faults")
    assert bench.line.faults == {}
    bench.give("end_faults")
    assert [ident for _, ident, active in said(bench) if not active] == ["f", "g"]


def test_a_line_without_faults_never_wakes_the_engine() -> None:
    bench = Bench(reference())
    bench.run(100)
    assert bench.line.engine.s.due == [-1, -1]


# ---- refusals --------------------------------------------------------------------------------------------------

R = Refusal
NOBODY: JsonValue = {"station": "x", "element": "start", "pressed": True}
NO_DEED: JsonValue = {"op": "melt", "args": {}}


def test_a_fault_that_is_there_cannot_begin_again(bench: Bench) -> None:
    begin(bench, STUCK, fault="eye_stuck", target="s.eye")
    assert refused(bench, STUCK, fault="eye_stuck", target="s.eye") is R.STATE
    assert refused(bench, STUCK, fault="eye_stuck", target="s.eye_2") is None
    assert bench.line.check(Input("fault", {"id": "f", "effects": [SLIP]})) == (R.STATE,)
    bench.give("end_fault", id="f")
    assert bench.line.check(Input("end_fault", {"id": "f"})) == (R.STATE,)
    assert refused(bench, STUCK, fault="eye_stuck", target="s.eye") is None


def test_a_parameter_has_one_value(bench: Bench) -> None:
    replace = {**SLIP, "how": "replace"}
    begin(bench, replace)
    assert refused(bench, replace) is R.STATE
    assert refused(bench, SLIP) is None
    bench.give("end_fault", id="f")
    assert refused(bench, replace, replace) is R.STATE


def test_why_a_fault_cannot_begin_is_said_in_a_word(bench: Bench) -> None:
    replace: dict[str, JsonValue] = {**SLIP, "how": "replace"}
    given: dict[str, JsonValue] = {"fault": "slip", "target": "s.belt", "effects": [replace]}
    assert bench.line.fault_hindrance(given) == ""
    begin(bench, replace, fault="slip", target="s.belt")
    assert bench.line.fault_hindrance(given) == "active"
    assert bench.line.fault_hindrance({**given, "fault": "other"}) == "replaced"


@pytest.mark.parametrize(
    ("effects", "more", "why"),
    [
        ([], {}, R.TYPE),
        ("x", {}, R.TYPE),
        (["x"], {}, R.UNKNOWN),
        ([STUCK] * 201, {}, R.TYPE),
        ([{"seam": "magic"}], {}, R.UNKNOWN),
        ([{"seam": ["signal"]}], {}, R.UNKNOWN),
        ([{**SLIP, "value": 0.5}], {}, R.RANGE),
        ([{**SLIP, "how": "bend"}], {}, R.UNKNOWN),
        ([{**SLIP, "parameter": "length"}], {}, R.READ_ONLY),
        ([{"seam": "link", "wire": "profinet", "how": "down"}], {}, R.UNKNOWN),
        ([{"seam": "link", "how": "down"}], {}, R.UNKNOWN),
        ([{**PRESS, "op": "fault"}], {}, R.UNKNOWN),
        ([{**PRESS, "args": NOBODY}], {}, R.UNKNOWN),
        ([{**PRESS, "args": 5}], {}, R.UNKNOWN),
        ([{**PRESS, "every_ns": 5}], {}, R.RANGE),
        ([{**PRESS, "peer": "192.168.10.66"}], {}, R.TYPE),
        ([{**PRESS, "undo": NO_DEED}], {}, R.UNKNOWN),
        ([STUCK], {"duration": {"kind": "once"}}, R.TYPE),
        ([STUCK], {"duration": {"kind": "for ever"}}, R.UNKNOWN),
        ([STUCK], {"duration": {"kind": "time", "ns": 0}}, R.RANGE),
        ([STUCK], {"duration": {"kind": "random"}}, R.RANGE),
        ([STUCK], {"repair": [{"target": "s.eye", "operation": "pray"}]}, R.UNKNOWN),
        ([STUCK], {"repair": [{"target": "s.nose", "operation": "replace"}]}, R.UNKNOWN),
        ([STUCK], {"repair": 5}, R.TYPE),
        ([STUCK], {"ends_when": "s.nose"}, R.UNKNOWN),
        ([STUCK], {"ends_when": "__import__('os')"}, R.UNKNOWN),
        ([STUCK], {"findings": {"inspect": "worn"}}, R.TYPE),
    ],
)
def test_what_cannot_be_is_refused(bench: Bench, effects: JsonValue, more: dict[str, JsonValue], why: Refusal) -> None:
    assert bench.line.check(Input("fault", {"id": "f", "effects": effects, **more})) == (why,)
