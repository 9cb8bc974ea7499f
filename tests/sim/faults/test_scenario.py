"""The scenario machine: every start, repetition, hands, ends; from birth and in mid-run."""

from dataclasses import replace
from typing import cast

import pytest

from sim.inputs import Input
from sim.line import Line
from sim.refusal import Refusal
from sim.state import JsonValue, Plain
from tests.sim.builders import Bench, reference
from tests.sim.faults.conftest import small

S = 10**9
TITLE: JsonValue = {"zh": "坏班", "en": "A bad shift"}
Args = dict[str, JsonValue]


def stuck(tag: str = "s.eye", seconds: float = 0, value: bool = True) -> Args:
    duration: JsonValue = {"kind": "time", "ns": round(seconds * S)} if seconds else {"kind": "until_repaired"}
    effect: JsonValue = {"seam": "signal", "tag": tag, "how": "stuck", "value": value}
    return {"fault": "stuck", "target": tag, "effects": [effect], "duration": duration}


def entry(name: str, start: Args, fault: Args | None = None, repeat: bool = False) -> Args:
    return {"entry": name, "start": start, "repeat": repeat, "fault": fault or stuck()}


def scenario(*entries: Args) -> Args:
    return {"name": "shift", "title": TITLE, "entries": [*entries]}


def begin(bench: Bench, *entries: Args) -> None:
    bench.give("scenario", **scenario(*entries))


def at(seconds: float) -> Args:
    return {"kind": "time", "at_ns": round(seconds * S)}


def told(bench: Bench, name: str = "eye") -> list[tuple[float, object]]:
    return [(t / S, data) for t, kind, subject, data in bench.events if kind == "entry" and subject == name]


def state(bench: Bench, name: str = "eye") -> object:
    assert bench.line.scenario is not None
    rows = cast(list[Args], bench.line.scenario["entries"])
    return next(row["state"] for row in rows if row["entry"] == name)


# ---- starts ----------------------------------------------------------------------------------------------------


def test_by_time(bench: Bench) -> None:
    bench.run(2)
    begin(bench, entry("eye", at(5), stuck(seconds=3)))
    bench.run(20)
    assert told(bench) == [(2, "waiting"), (7, "active"), (10, "ended")]
    assert [(t / S, data) for t, kind, _, data in bench.events if kind == "fault"] == [(7, True), (10, False)]


def test_by_a_condition_that_holds_for_a_while(bench: Bench) -> None:
    when: Args = {"kind": "condition", "when": "s.belt_run and not s.eye", "for_ns": 2 * S}
    begin(bench, entry("eye", when, stuck("s.eye_2")))
    for seconds, value in ((0, True), (1.5, False), (1, True)):
        bench.run(seconds)
        bench.write(s__belt_run=value)
    bench.run(10)
    assert told(bench)[-1] == (4.5, "active")


def test_by_the_count_of_parts() -> None:
    bench = Bench(reference())
    bench.run(30)
    before = bench.line.plant.parts.made
    begin(bench, entry("eye", {"kind": "parts", "count": 3}, stuck("sorting.eye_1")))
    while state(bench) == "waiting":
        bench.run(1)
    made = [t for t, kind, _, _ in bench.events if kind == "new"][before + 2]
    assert 0 <= told(bench)[-1][0] - made / S <= 1


def test_by_chance_again_and_again(bench: Bench) -> None:
    begin(bench, entry("eye", {"kind": "chance", "mean_ns": 20 * S}, stuck(seconds=1), repeat=True))
    bench.run(3000)
    begun = [t for t, what in told(bench) if what == "active"]
    assert 100 < len(begun) < 200
    assert [ident for _, kind, ident, active in bench.events if kind == "fault" and active][:2] == ["eye", "eye#2"]


def test_after_another_one(bench: Bench) -> None:
    after: Args = {"kind": "after", "entry": "eye", "delay_ns": 4 * S}
    begin(bench, entry("next", after, stuck("s.eye_2")), entry("eye", at(1), stuck(seconds=2)))
    bench.run(20)
    assert told(bench, "next") == [(0, "waiting"), (7, "active")]


def test_by_hand_and_earlier_than_its_time(bench: Bench) -> None:
    begin(bench, entry("eye", {"kind": "hand"}), entry("later", at(100), stuck("s.eye_2", 1)))
    assert (state(bench), state(bench, "later")) == ("armed", "waiting")
    bench.run(5)
    for name in ("eye", "later"):
        bench.give("fire", entry=name)
    assert list(bench.line.faults) == ["eye", "later"]
    assert bench.line.check(Input("fire", {"entry": "eye"})) == (Refusal.STATE,)
    bench.run(200)
    assert told(bench, "later") == [(0, "waiting"), (5, "active"), (6, "ended")]
    assert bench.line.check(Input("fire", {"entry": "later"})) == (Refusal.STATE,)
    assert bench.line.check(Input("fire", {"entry": "nothing"})) == (Refusal.UNKNOWN,)


# ---- repetition ------------------------------------------------------------------------------------------------


def test_a_time_counts_again_from_the_end(bench: Bench) -> None:
    begin(bench, entry("eye", at(5), stuck(seconds=2), repeat=True))
    bench.run(20)
    assert [t for t, what in told(bench) if what == "active"] == [5, 12, 19]


def test_a_condition_has_to_become_false_before_it_begins_again(bench: Bench) -> None:
    begin(bench, entry("eye", {"kind": "condition", "when": "s.belt_run"}, stuck(seconds=2), repeat=True))
    bench.write(s__belt_run=True)
    bench.run(10)
    assert len([1 for _, what in told(bench) if what == "active"]) == 1
    bench.write(s__belt_run=False)
    bench.write(s__belt_run=True)
    assert [t for t, what in told(bench) if what == "active"] == [0, 10]


def test_what_goes_round_without_end_goes_round_once_a_second(bench: Bench) -> None:
    once: Args = {"effects": [{"seam": "input", "op": "operator", "args": {"on": True}}], "duration": {"kind": "once"}}
    one = entry("eye", {"kind": "after", "entry": "two"}, once, repeat=True)
    begin(bench, one, entry("two", {"kind": "after", "entry": "eye"}, once, repeat=True), entry("z", at(0), once))
    begin_again = entry("eye", at(0), once, repeat=True)
    bench.give("end_scenario")
    begin(bench, begin_again)
    bench.run(10)
    assert [t for t, what in told(bench) if what == "active"] == list(range(11))


# ---- ends and clashes ------------------------------------------------------------------------------------------


def test_its_end_ends_what_it_began_and_nothing_else(bench: Bench) -> None:
    bench.give("fault", id="f1", **stuck("s.eye_2"))
    begin(bench, entry("eye", at(0)), entry("later", at(50)))
    bench.run(1)
    assert list(bench.line.faults) == ["f1", "eye"]
    bench.give("end_scenario")
    bench.run(100)
    assert (list(bench.line.faults), bench.line.scenario) == (["f1"], None)
    assert [data for _, kind, _, data in bench.events if kind == "scenario"] == [True, False]
    assert bench.line.check(Input("end_scenario", {})) == (Refusal.STATE,)


def test_an_entry_whose_place_is_taken_does_not_begin(bench: Bench) -> None:
    bench.give("fault", id="f1", **stuck())
    begin(bench, entry("eye", at(1)), entry("again", at(1), repeat=True))
    bench.run(2.5)
    assert told(bench) == [(0, "waiting"), (1, "ended")]
    bench.give("end_faults")
    bench.run(1)
    assert list(bench.line.faults) == ["again"]


def test_a_repair_ends_an_entry(bench: Bench) -> None:
    begin(bench, entry("eye", at(0), {**stuck(), "repair": [{"target": "s.eye", "operation": "replace"}]}))
    assert bench.line.engine.repair("s.eye", "replace") == ["eye"]
    assert state(bench) == "ended"


def test_one_scenario_at_a_time(bench: Bench) -> None:
    begin(bench, entry("eye", at(5)))
    given = scenario(entry("eye", at(5)))
    assert bench.line.check(Input("scenario", given)) == (Refusal.STATE,)


# ---- from birth ------------------------------------------------------------------------------------------------


def test_a_definition_carries_its_scenario_from_birth() -> None:
    given = scenario(entry("eye", at(0)), entry("later", at(3), stuck("s.eye_2")))
    line = Line(replace(small(), scenario=Plain(given)), 1)
    assert list(line.faults) == ["eye"]
    line.advance(3 * S)
    assert list(line.faults) == ["eye", "later"]
    assert line.scenario is not None
    assert (line.scenario["name"], line.scenario["title"], line.scenario["since_ns"]) == ("shift", TITLE, 0)


def test_a_scenario_that_does_not_fit_makes_no_line() -> None:
    with pytest.raises(ValueError, match="refused: unknown"):
        Line(replace(small(), scenario=Plain(scenario(entry("eye", at(0), stuck("s.nose"))))), 1)


# ---- refusals --------------------------------------------------------------------------------------------------

R = Refusal
EYE = entry("eye", at(1))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, R.TYPE),
        ({"name": "x", "title": "x", "entries": [EYE]}, R.TYPE),
        ({**scenario(EYE), "entries": []}, R.RANGE),
        (scenario(EYE, EYE), R.RANGE),
        (scenario(entry("f3", at(1))), R.TYPE),
        (scenario(entry("a#2", at(1))), R.TYPE),
        (scenario({**EYE, "repeat": 1}), R.TYPE),
        (scenario({**EYE, "fault": "x"}), R.TYPE),
        (scenario({**EYE, "start": 5}), R.UNKNOWN),
        (scenario(entry("eye", {"kind": "moon"})), R.UNKNOWN),
        (scenario(entry("eye", {"kind": ["time"]})), R.UNKNOWN),
        (scenario(entry("eye", {"kind": "time"})), R.RANGE),
        (scenario(entry("eye", {"kind": "time", "at_ns": -1})), R.RANGE),
        (scenario(entry("eye", {"kind": "chance", "mean_ns": 0})), R.RANGE),
        (scenario(entry("eye", {"kind": "parts", "count": 0})), R.RANGE),
        (scenario(entry("eye", {"kind": "condition", "when": "s.nose"})), R.UNKNOWN),
        (scenario(entry("eye", {"kind": "condition", "when": "s.eye", "for_ns": -1})), R.RANGE),
        (scenario(entry("eye", {"kind": "after", "entry": "nobody"})), R.UNKNOWN),
    ],
)
def test_what_cannot_be_is_refused(bench: Bench, given: Args, why: Refusal) -> None:
    assert bench.line.check(Input("scenario", given)) == (why,)
