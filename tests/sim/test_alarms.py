"""Alarms as part of a line: delays, levels, ISA-18.2, what people do to them, and that a checkpoint is the whole."""

import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.alarms.definition import AlarmDefinition
from sim.alarms.state import HIDDEN, Isa, may_become
from sim.definition import LineDefinition, SetPointDefinition
from sim.inputs import Input
from sim.line import Line
from sim.refusal import Refusal
from tests.sim.builders import MS, Bench, S, component, definition, station, text

NAME = "s.jam"
LIMITS = {"lolo": -100.0, "lo": -50.0, "hi": 50.0, "hihi": 100.0}
SEVERITY = {"lolo": 900, "lo": 500, "hi": 500, "hihi": 900}


def alarm(name: str = "jam", **given: object) -> AlarmDefinition:
    """A condition over the set-point `x` unless told otherwise; a delay of nought."""
    base = AlarmDefinition(name, text(name), text(name), "condition", "discrete", when="x > 0", severity={"on": 700})
    return replace(base, **given)  # type: ignore[arg-type]


def limit(**given: object) -> AlarmDefinition:
    return alarm(kind="limit", type="exclusive", tag="s.x", limits=LIMITS, severity=SEVERITY, **given)


def line_of(*alarms: AlarmDefinition) -> LineDefinition:
    x = SetPointDefinition("x", text("x"), 0, -1000, 1000)
    y = SetPointDefinition("y", text("y"), 0, -1000, 1000)
    made = station("s", component("out", "push_button"), parameters=[x, y])
    return definition(replace(made, alarms=list(alarms)))


def bench(*alarms: AlarmDefinition) -> Bench:
    return Bench(line_of(*alarms))


def do(on: Bench, what: str, **args: object) -> None:
    on.give("alarm", alarm=NAME, do=what, who="li", **args)


def refusal(on: Bench, what: str, **args: object) -> Refusal | None:
    return on.line.check(Input("alarm", {"alarm": NAME, "do": what, **args}))[0]  # type: ignore[dict-item]


def told(on: Bench) -> list[tuple[int, str, str]]:
    """Each transition: when, what, and the state after it."""
    return [(t, data[0], data[1]) for t, kind, _, data in on.events if kind == "alarm"]  # type: ignore[index]


def state(on: Bench) -> Isa:
    return on.line.alarm(NAME).isa


# ---- delays ------------------------------------------------------------------------------------------------------


def test_it_comes_and_goes_after_its_delays_to_the_nanosecond() -> None:
    on = bench(alarm(on_delay_ns=2 * S + 1, off_delay_ns=3 * S + 7))
    on.run_to(1)
    on.write(s__x=1)
    on.run_to(5)
    on.write(s__x=0)
    on.run_to(20)
    assert told(on) == [(3 * S + 1, "active", "unacknowledged"), (8 * S + 7, "inactive", "returned")]


def test_what_lasts_no_longer_than_the_delay_is_no_alarm() -> None:
    on = bench(alarm(on_delay_ns=2 * S))
    for _ in range(5):
        on.write(s__x=1)
        on.line.advance(on.line.now_ns + 2 * S - 1)
        on.write(s__x=0)
        on.run(1)
    assert told(on) == []
    on.write(s__x=1)
    on.line.advance(on.line.now_ns + 2 * S)
    assert len(told(on)) == 1


def test_a_chattering_condition_is_one_alarm_with_an_off_delay() -> None:
    plain, held = bench(alarm()), bench(alarm(off_delay_ns=S))
    for on in (plain, held):
        for turn in range(20):
            on.write(s__x=turn % 2)
            on.line.advance(on.line.now_ns + 300 * MS)
    assert sum(what == "active" for _, what, _ in told(plain)) == 10
    assert [what for _, what, _ in told(held)] == ["active"]


def test_restored_in_the_middle_of_a_delay_and_on_the_shelf_it_goes_on() -> None:
    on = bench(alarm(on_delay_ns=4 * S))
    on.write(s__x=1)
    on.run(3)
    on.restored()
    on.run(1)
    assert told(on) == [(4 * S, "active", "unacknowledged")]
    do(on, "shelve", for_ms=2500)
    on.run(1)
    on.restored()
    on.run(3)
    assert told(on)[-1] == (6 * S + 500 * MS, "unshelved", "unacknowledged")


# ---- kinds -------------------------------------------------------------------------------------------------------


def test_levels_follow_the_value_and_a_worse_one_is_told_again() -> None:
    on = bench(limit(deadband=10.0))
    seen = []
    for value in (51, 101, 95, 89, 41, 40, 39, -51, -101, 0):
        on.write(s__x=value)
        on.run(1)
        now = on.line.alarm(NAME)
        seen.append((now.level, now.severity, now.acked))
        if not now.acked:
            do(on, "ack")
    assert [level for level, _, _ in seen] == ["hi", "hihi", "hihi", "hi", "hi", "", "", "lo", "lolo", ""]
    assert [acked for _, _, acked in seen[:4]] == [False, False, True, True]
    assert seen[1][1] == 900
    assert seen[3][1] == 500


def test_exactly_at_the_limit_is_not_beyond_it() -> None:
    on = bench(limit())
    on.write(s__x=50)
    assert state(on) is Isa.NORMAL
    on.write(s__x=51)
    on.write(s__x=50)
    assert state(on) is Isa.RETURNED


def test_off_normal_sees_the_field_and_not_the_plant() -> None:
    on = bench(alarm(kind="off_normal", type="off_normal", tag="s.estop_ok", normal=True))
    on.give("fault", id="f1", seam="signal", target="s.estop_ok", how="stuck", value=False)
    assert state(on) is Isa.UNACKNOWLEDGED
    assert on.get("s.estop_ok") is True


def test_the_field_of_an_output_wakes_it_though_the_plant_does_not_move() -> None:
    on = bench(alarm(when="stack_red"))
    on.give("key", station="s", control="modbus")
    on.give("fault", id="f1", seam="signal", target="s.stack_red", how="stuck", value=False)
    on.write(s__stack_red=True)
    assert on.get("s.stack_red") is False
    assert state(on) is Isa.UNACKNOWLEDGED


def test_a_rate_is_the_change_per_second_between_two_looks() -> None:
    rate = replace(limit(), kind="rate", type="rate", limits={"hi": 20.0}, severity={"hi": 300}, every_ns=S // 2)
    on = bench(rate)
    on.write(s__x=500)
    on.run(0.4)
    assert told(on) == []
    on.run(0.1)
    assert told(on)[0][:2] == (S // 2, "active")
    on.run(1)
    assert state(on) is Isa.RETURNED


def test_a_tag_that_is_a_function_of_time_is_looked_at_every_so_often() -> None:
    late = replace(limit(), tag="line.sim_time", limits={"hi": 9.0}, severity={"hi": 300}, every_ns=4 * S)
    on = bench(late)
    on.run(30)
    assert told(on) == [(12 * S, "active", "unacknowledged")]


# ---- the state machine -------------------------------------------------------------------------------------------


def test_acknowledge_and_confirm() -> None:
    on = bench(alarm(confirm=True))
    assert refusal(on, "ack") is Refusal.STATE
    on.write(s__x=1)
    assert refusal(on, "confirm") is Refusal.STATE
    do(on, "ack", comment="seen")
    on.write(s__x=0)
    assert on.line.alarm(NAME).retain
    assert state(on) is Isa.NORMAL
    do(on, "confirm")
    now = on.line.alarm(NAME)
    assert not now.retain
    assert (now.comment, now.comment_by) == ("seen", "li")
    assert refusal(on, "ack") is Refusal.STATE


def test_a_latched_alarm_stays_until_it_is_acknowledged_and_reset() -> None:
    on = bench(alarm(latch=True))
    on.write(s__x=1)
    on.write(s__x=0)
    assert state(on) is Isa.LATCHED_UNACKNOWLEDGED
    assert refusal(on, "reset") is Refusal.STATE
    do(on, "ack")
    assert state(on) is Isa.LATCHED_ACKNOWLEDGED
    do(on, "reset")
    assert state(on) is Isa.NORMAL


def test_nobody_need_acknowledge_what_says_so() -> None:
    on = bench(alarm(acknowledge=False))
    on.write(s__x=1)
    assert state(on) is Isa.ACKNOWLEDGED
    on.write(s__x=0)
    assert state(on) is Isa.NORMAL


def test_a_shelf_ends_by_time_or_by_the_next_return() -> None:
    on = bench(alarm())
    do(on, "shelve", for_ms=1000)
    assert refusal(on, "shelve", for_ms=1000) is Refusal.STATE
    on.write(s__x=1)
    assert state(on) is Isa.SHELVED
    on.run(1)
    assert told(on)[-1] == (S, "unshelved", "unacknowledged")
    do(on, "shelve", once=True)
    on.write(s__x=0)
    assert [what for _, what, _ in told(on)[-2:]] == ["inactive", "unshelved"]
    assert state(on) is Isa.NORMAL


@pytest.mark.parametrize("args", [{"for_ms": 0}, {"for_ms": -1}, {"for_ms": 10**15}, {}])
def test_a_time_on_the_shelf_has_limits(args: dict[str, object]) -> None:
    assert refusal(bench(alarm()), "shelve", **args) is Refusal.RANGE


def test_suppressed_by_design_it_says_nothing_and_comes_back_new() -> None:
    on = bench(alarm(suppress="y == 1"))
    on.write(s__x=1)
    do(on, "ack")
    on.write(s__y=1)
    assert state(on) is Isa.SUPPRESSED
    on.write(s__y=0)
    assert state(on) is Isa.UNACKNOWLEDGED
    on.write(s__y=1)
    on.write(s__x=0)
    on.write(s__y=0)
    assert state(on) is Isa.NORMAL


def test_disabled_it_forgets_and_enabled_it_looks_again() -> None:
    on = bench(alarm())
    on.write(s__x=1)
    do(on, "disable")
    assert not on.line.alarm(NAME).retain
    assert refusal(on, "ack") is Refusal.STATE
    do(on, "enable")
    assert state(on) is Isa.UNACKNOWLEDGED


def test_what_is_not_there_or_no_word_is_refused() -> None:
    on = bench(alarm())
    assert on.line.check(Input("alarm", {"alarm": "s.none", "do": "ack"})) == (Refusal.UNKNOWN,)
    assert refusal(on, "explode") is Refusal.UNKNOWN
    assert refusal(on, "comment", who=3) is Refusal.TYPE
    assert refusal(on, "comment", comment="x" * 501) is Refusal.RANGE


# ---- anything in any order ---------------------------------------------------------------------------------------

DOINGS = ["ack", "confirm", "comment", "shelve", "unshelve", "suppress", "unsuppress", "remove", "place", "enable",
          "disable", "reset"]  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("x"), st.sampled_from([-150, -60, 0, 45, 60, 150])),
        st.tuples(st.just("y"), st.sampled_from([0, 1])),
        st.tuples(st.just("run"), st.integers(1, 3 * S)),
        st.tuples(st.sampled_from(DOINGS), st.integers(0, 3000)),
    ),
    max_size=40,
)
ANY = st.builds(
    limit,
    deadband=st.sampled_from([0.0, 10.0]),
    on_delay_ns=st.sampled_from([0, 1, S]),
    off_delay_ns=st.sampled_from([0, S]),
    latch=st.booleans(),
    acknowledge=st.booleans(),
    confirm=st.booleans(),
    suppress=st.sampled_from(["False", "y == 1"]),
)


def one(line: Line, what: str, number: int) -> None:
    if what == "run":
        line.advance(line.now_ns + number)
        return
    args = {"alarm": NAME, "do": what, "for_ms": number, "once": number % 3 == 0, "who": "li"}
    given = Input("write", {"writes": [[f"s.{what}", number]]}) if what in "xy" else Input("alarm", args)  # type: ignore[dict-item]
    if not any(line.check(given)):
        line.apply(given)
        line.advance(line.now_ns)


@settings(max_examples=60)
@given(ANY, STEPS, st.integers(0, 40))
def test_every_transition_is_legal_and_a_checkpoint_anywhere_changes_nothing(
    made: AlarmDefinition, steps: list[tuple[str, int]], cut: int
) -> None:
    line = Line(line_of(made), 1)
    states = [line.alarm(NAME).isa]
    line.listen(lambda t, kind, subject, data: states.append(Isa(data[1])) if kind == "alarm" else None)  # type: ignore[index]
    for what, number in steps[:cut]:
        one(line, what, number)
    again = Line.restore(line.definition, json.loads(json.dumps(line.checkpoint())))
    for what, number in steps[cut:]:
        one(line, what, number)
        one(again, what, number)
    assert (again.digest, again.checkpoint()) == (line.digest, line.checkpoint())
    assert [pair for pair in itertools.pairwise(states) if not may_become(*pair)] == []
    now = line.alarm(NAME)
    assert now.isa in HIDDEN or now.isa is not Isa.NORMAL or (not now.active and now.acked)
