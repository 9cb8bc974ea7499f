"""Each way in which a signal can be wrong: on a tag that announces its changes, and on one that is computed."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.faults.signal import WAYS
from sim.faults.signal_check import NEEDS
from sim.inputs import Input
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tag import Quality, Reading
from tests.sim.builders import Bench, reference
from tests.sim.faults.conftest import small
from tests.sim.faults.plans import signal_effect

EYE, SPEED, RUN, SET = "s.eye", "s.belt_speed_actual", "s.belt_run", "s.belt_speed"


def begin(bench: Bench, tag: str, how: str, ident: str = "f", /, **figures: JsonValue) -> None:
    bench.give("fault", id=ident, seam="signal", target=tag, how=how, **figures)


def reading(bench: Bench, tag: str) -> Reading:
    found = bench.line.tags.find(tag)
    assert found is not None
    return bench.line.read(found.index)


def refusal(bench: Bench, **effect: JsonValue) -> Refusal | None:
    return bench.line.check(Input("fault", {"id": "f", "effects": [{"seam": "signal", **effect}]}))[0]


def test_every_way_says_what_it_needs() -> None:
    assert WAYS.keys() == NEEDS.keys()


# ---- functions of the value ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "figures", "shown"),
    [
        ("stuck", {"value": 7}, 7.0),
        ("bias", {"by": -12.5}, 187.5),
        ("gain", {"ppm": 500_000}, 100.0),
        ("gain", {"ppm": 2_000_000, "about": 150}, 250.0),
        ("clip", {"low": 0, "high": 120}, 120.0),
        ("modulo", {"value": 64}, 8.0),
        ("quality", {"quality": "bad"}, 200.0),
    ],
)
def test_what_an_actuator_does_with_its_set_point(
    bench: Bench, how: str, figures: dict[str, JsonValue], shown: float
) -> None:
    bench.write(s__belt_speed=200.0)
    begin(bench, SET, how, **figures)
    assert (bench.get(SET), bench.field(SET)) == (shown, 200.0)
    bench.give("end_fault", id="f")
    assert bench.get(SET) == 200.0


def test_a_meter_says_what_its_faults_make_of_the_truth_at_every_reading(bench: Bench) -> None:
    bench.write(s__belt_run=True)
    begin(bench, SPEED, "gain", ppm=500_000)
    begin(bench, SPEED, "bias", "g", by=10)
    for _ in range(3):
        bench.run(0.37)
        assert bench.field(SPEED) == pytest.approx(float(bench.get(SPEED)) / 2 + 10)
    bench.give("end_fault", id="f")
    assert bench.field(SPEED) == float(bench.get(SPEED)) + 10
    bench.give("end_fault", id="g")
    assert bench.field(SPEED) == bench.get(SPEED)


def test_an_inverted_sensor_is_dark_where_the_part_is(bench: Bench) -> None:
    begin(bench, EYE, "invert")
    assert bench.field(EYE) is True
    bench.lay()
    assert (bench.get(EYE), bench.field(EYE)) == (True, False)


def test_two_swapped_channels_say_what_the_other_one_sees(bench: Bench) -> None:
    one, two = ({"seam": "signal", "how": "swap", "tag": a, "with": b} for a, b in ((EYE, "s.eye_2"), ("s.eye_2", EYE)))
    bench.give("fault", id="f", effects=[one, two])
    bench.lay()
    assert [bench.field(tag) for tag in (EYE, "s.eye_2")] == [False, True]
    bench.give("end_fault", id="f")
    assert [bench.field(tag) for tag in (EYE, "s.eye_2")] == [True, False]


def test_a_frozen_sensor_keeps_its_last_word_and_a_blocked_actuator_rests(bench: Bench) -> None:
    bench.write(s__belt_run=True)
    begin(bench, EYE, "freeze")
    bench.lay()
    assert (bench.get(EYE), bench.field(EYE)) == (True, False)
    begin(bench, RUN, "blocked", "g")
    assert (bench.get(RUN), bench.field(RUN)) == (False, True)
    bench.give("end_fault", id="g")
    assert bench.get(RUN) is True


def test_a_blocked_command_is_accepted_and_nothing_comes_of_it(bench: Bench) -> None:
    begin(bench, "s.cmd_reset", "blocked")
    before = bench.state
    bench.write(s__cmd_reset=True)
    assert bench.state == before
    bench.give("end_fault", id="f")
    bench.write(s__cmd_reset=True)
    assert bench.state != before


# ---- functions of time -----------------------------------------------------------------------------------------


def test_a_drift_grows_with_time_and_stops_at_its_most(bench: Bench) -> None:
    begin(bench, SET, "drift", per_hour=3600, most=20)
    begin(bench, SPEED, "drift", "g", per_hour=3600)
    bench.write(s__belt_speed=100.0)
    for seconds in (5, 10):
        bench.run_to(seconds)
        assert bench.get(SET) == 100.0 + seconds
        assert bench.field(SPEED) == float(bench.get(SPEED)) + seconds
    bench.run_to(30)
    assert bench.get(SET) == 120.0


def test_noise_has_the_width_that_it_is_said_to_have(bench: Bench) -> None:
    bench.write(s__belt_speed=100.0)
    begin(bench, SET, "noise", amplitude=8)
    bench.run(20)
    values = [data for _, kind, _, data in bench.events if kind == "plant" and isinstance(data, float)]
    assert len(values) > 150
    assert 92 <= min(values) < 94 < 106 < max(values) <= 108


def test_a_loose_contact_comes_and_goes_and_its_quality_with_it(bench: Bench) -> None:
    begin(bench, EYE, "intermittent", value=True, on_ns=200_000_000, off_ns=800_000_000, quality="bad")
    bench.run(200)
    edges = bench.times(EYE)
    on = sum(b - a for (a, said), (b, _) in pairwise(edges) if said)
    assert 250 < len(edges) < 600
    assert 0.12 < on / 200e9 < 0.3
    assert len([1 for _, kind, _, _ in bench.events if kind == "quality"]) == len(edges)


def test_a_late_sensor_says_everything_later(bench: Bench) -> None:
    bench.write(s__belt_run=True)
    begin(bench, EYE, "delay", ns=700_000_000)
    bench.lay()
    bench.run(3)
    begun, gone = (t for t, _ in bench.times(EYE))
    assert begun == 700_000_000
    assert gone - begun == pytest.approx(300_000_000, abs=2_000_000)  # 60 mm at 200 mm/s


def test_a_late_meter_follows_the_truth_of_a_while_ago(bench: Bench) -> None:
    begin(bench, SPEED, "delay", ns=2_000_000_000)
    bench.write(s__belt_run=True)
    bench.run(1.9)
    assert abs(float(bench.field(SPEED))) < 2
    bench.run(0.4)
    assert abs(float(bench.field(SPEED)) - 200) < 2


def test_changes_get_lost(bench: Bench) -> None:
    begin(bench, RUN, "drop", share_ppm=500_000)
    for turn in range(200):
        bench.write(s__belt_run=turn % 2 == 0)
    arrived = len([1 for _, kind, _, data in bench.events if kind == "plant"])
    assert 60 < arrived < 140


# ---- quality ---------------------------------------------------------------------------------------------------


def test_the_worst_of_several_qualities_is_said(bench: Bench) -> None:
    begin(bench, SPEED, "quality", "a", quality="uncertain", reason="sensor_not_accurate")
    begin(bench, SPEED, "quality", "b", quality="bad", reason="sensor_failure")
    begin(bench, SPEED, "bias", "c", by=1)
    assert (reading(bench, SPEED).quality, reading(bench, SPEED).reason) == (Quality.BAD, "sensor_failure")
    bench.give("end_fault", id="b")
    assert reading(bench, SPEED).reason == "sensor_not_accurate"
    bench.give("end_fault", id="a")
    assert reading(bench, SPEED).quality is Quality.GOOD
    said = [data for _, kind, _, data in bench.events if kind == "quality"]
    assert said == [
        ["uncertain", "sensor_not_accurate"], ["bad", "sensor_failure"], ["uncertain", "sensor_not_accurate"],
        ["good", ""],
    ]  # fmt: skip


def test_a_forced_point_is_good_and_says_that_it_is_forced(bench: Bench) -> None:
    begin(bench, EYE, "stuck", value=True, quality="good", reason="local_override")
    assert reading(bench, EYE) == Reading(True, Quality.GOOD, "local_override")
    assert reading(bench, "s.eye_2") == Reading(False)


# ---- refusals --------------------------------------------------------------------------------------------------

R = Refusal


@pytest.mark.parametrize(
    ("effect", "refused"),
    [
        ({"tag": EYE, "how": "bias", "by": 1}, R.TYPE),
        ({"tag": SPEED, "how": "invert"}, R.TYPE),
        ({"tag": SPEED, "how": "blocked"}, R.TYPE),
        ({"tag": SPEED, "how": "swap", "with": EYE}, R.TYPE),
        ({"tag": EYE, "how": "swap", "with": EYE}, R.TYPE),
        ({"tag": EYE, "how": "swap", "with": RUN}, R.TYPE),
        ({"tag": EYE, "how": "swap", "with": "s.nothing"}, R.UNKNOWN),
        ({"tag": "s.nothing", "how": "freeze"}, R.UNKNOWN),
        ({"tag": EYE, "how": "melt"}, R.UNKNOWN),
        ({"tag": EYE, "how": ["stuck"]}, R.UNKNOWN),
        ({"tag": EYE, "how": "stuck", "value": 1}, R.TYPE),
        ({"tag": EYE, "how": "stuck"}, R.TYPE),
        ({"tag": SPEED, "how": "gain"}, R.RANGE),
        ({"tag": SPEED, "how": "gain", "ppm": 0.5}, R.RANGE),
        ({"tag": SPEED, "how": "gain", "ppm": 1, "about": "x"}, R.RANGE),
        ({"tag": SPEED, "how": "noise", "amplitude": 0}, R.RANGE),
        ({"tag": SPEED, "how": "noise", "amplitude": float("nan")}, R.RANGE),
        ({"tag": SPEED, "how": "clip", "low": 2, "high": 1}, R.RANGE),
        ({"tag": SPEED, "how": "modulo", "value": 0}, R.RANGE),
        ({"tag": EYE, "how": "delay", "ns": 0}, R.RANGE),
        ({"tag": EYE, "how": "drop", "share_ppm": 1_000_001}, R.RANGE),
        ({"tag": EYE, "how": "intermittent", "value": True, "on_ns": 1, "off_ns": 10**9}, R.RANGE),
        ({"tag": EYE, "how": "quality"}, R.RANGE),
        ({"tag": EYE, "how": "freeze", "quality": "awful"}, R.RANGE),
        ({"tag": EYE, "how": "freeze", "reason": "moonlight"}, R.RANGE),
        ({"tag": EYE, "how": "freeze", "reason": {}}, R.RANGE),
    ],
)
def test_what_cannot_be_is_refused(bench: Bench, effect: dict[str, JsonValue], refused: Refusal) -> None:
    assert refusal(bench, **effect) is refused


# ---- nothing is left behind ------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.data())
def test_after_the_end_the_field_says_what_the_plant_is(data: st.DataObject) -> None:
    """Whatever faults come and go in whatever order, whatever the line does meanwhile."""
    bench = Bench(small() if data.draw(st.booleans()) else reference())
    bench.run(data.draw(st.integers(0, 40)))
    line, faults = bench.line, {}
    for number in range(data.draw(st.integers(1, 6))):
        effect = signal_effect(line, data.draw)
        given = Input("fault", {"id": f"f{number}", "effects": [effect]})
        if line.check(given) == (None,):
            line.apply(given)
            faults[f"f{number}"] = effect
        line.advance(line.now_ns + data.draw(st.integers(0, 3_000_000_000)))
    for ident in data.draw(st.permutations(list(faults))):
        bench.give("end_fault", id=ident)
    state = line.plant.image.state
    powerless = [tag.index for tag in line.tags if tag.powered and tag.station in state.unpowered]
    differ = [t.name for t in line.tags if not t.computed and state.plant[t.index] != state.field[t.index]]
    assert [name for name in differ if line.tags.find(name).index not in powerless] == []  # type: ignore[union-attr]
    assert (state.faults, line.faults) == ({}, {})
    assert all(line.read(tag.index).value == line.truth(tag.index) for tag in line.tags if tag.computed)
    assert not [name for name in line.plant.streams if name.startswith("fault ")]
