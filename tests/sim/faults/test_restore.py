"""A line with faults and scenarios is still a pure function: restored anywhere and replayed it goes on the same."""

import json
import random  # noqa: TID251 - drawn from a seed, for what a test does to a line
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import journal
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.line import Line
from sim.state import JsonValue, Plain, dump, load
from tests.sim.builders import reference
from tests.sim.faults.plans import Draw, S, fault, scenario
from tests.sim.test_any_line import loaded

LINES = Path(__file__).parents[3] / "scenarios/lines"


def other() -> LineDefinition:
    return loaded(LINES / "filling-tank.yaml")


def through_text(line: Line, seed: int) -> Line:
    text = json.dumps(line.checkpoint())
    return Line.restore(line.definition, json.loads(text), random.Random(seed).shuffle)


def into_the_instant(line: Line, steps: int) -> None:
    for _ in range(steps):
        if line.next_due_ns() is not None:
            line.plant.kernel.step()
            line.plant.kernel.now_ns = int(line.plant.kernel._now)


def deed(line: Line, draw: Draw, number: int) -> Input:
    """What an instructor does next."""
    what = draw(st.sampled_from(["fault", "fault", "fault", "end", "scenario", "end_scenario", "fire", "all"]))
    if what == "scenario":
        return Input("scenario", scenario(line, draw))
    if what == "fault":
        return Input("fault", {"id": f"f{number}", **fault(line, draw, f"h{number}")})
    if what == "end":
        return Input("end_fault", {"id": draw(st.sampled_from([*line.faults, "none"]))})
    if what == "fire":
        return Input("fire", {"entry": f"e{draw(st.integers(0, 4))}"})
    return Input("end_scenario" if what == "end_scenario" else "end_faults", {})


def drawn(line: Line, draw: Draw, most: int, first: int = 0) -> list[tuple[int, Input]]:
    """Do up to so many deeds at random instants; what was taken, and when."""
    taken = []
    for number in range(first, first + draw(st.integers(1, most))):
        given = deed(line, draw, number)
        if line.check(given) == (None,):
            taken.append((line.now_ns, given))
            line.apply(given)
            line.advance(line.now_ns)
        line.advance(line.now_ns + draw(st.sampled_from([0, 10**8, S, 4 * S])))
    return taken


def same(one: Line, two: Line) -> None:
    assert (one.events, one.digest) == (two.events, two.digest)
    assert json.dumps(one.checkpoint()) == json.dumps(two.checkpoint())


def restored(data: st.DataObject, deeds: int) -> None:
    definition = reference() if data.draw(st.booleans()) else other()
    seed = data.draw(st.integers(0, 3))
    if data.draw(st.booleans()):
        plan = scenario(Line(definition, seed), data.draw)
        if Line(definition, seed).check(Input("scenario", plan)) == (None,):
            definition = replace(definition, scenario=Plain(plan))
    line = Line(definition, seed)
    assert load(LineDefinition, json.loads(json.dumps(dump(definition)))) == definition
    line.advance(data.draw(st.sampled_from([0, 5 * S, 25 * S])))
    drawn(line, data.draw, deeds)
    into_the_instant(line, data.draw(st.integers(0, 30)))
    again = through_text(line, data.draw(st.integers(0, 99)))
    assert again.checkpoint() == line.checkpoint()
    for each in (line, again):
        each.advance(each.now_ns)
    for at, deed_ in drawn(line, data.draw, deeds, 100):
        again.advance(at)
        again.apply(deed_)
        again.advance(at)
    line.advance(line.now_ns + 15 * S)
    again.advance(line.now_ns)
    same(line, again)


@settings(max_examples=20)
@given(st.data())
def test_restored_anywhere_among_faults_it_goes_on_the_same(data: st.DataObject) -> None:
    restored(data, 5)


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=30)
@given(st.data())
def test_restored_anywhere_among_many_faults_it_goes_on_the_same(data: st.DataObject) -> None:
    restored(data, 12)


@settings(max_examples=15)
@given(st.data())
def test_a_journal_with_a_scenario_and_faults_by_hand_replays_the_same(data: st.DataObject) -> None:
    definition = reference() if data.draw(st.booleans()) else other()
    line = Line(definition, 2)
    text = [journal.header(definition, 2, "2026-11-22T00:00:00Z")]
    line.advance(10 * S)
    for at, deed_ in drawn(line, data.draw, 8):
        text.append(journal.input_record(at, deed_, "instructor"))
    line.advance(line.now_ns + 20 * S)
    text.append(journal.digest_record(line.now_ns, line.events, line.digest))
    found = journal.replay(journal.read(f"{row}\n" for row in text))
    assert (found.agrees, found.events, found.digest) == (True, line.events, line.digest)


def test_watching_changes_no_event() -> None:
    """A condition over tags of all sorts that never comes true leaves the digest as it would have been."""
    plain, watched = Line(reference(), 1), Line(reference(), 1)
    when = "line.sim_time < 0 and sorting.eye_1 and infeed.belt_run and line.parts_made > 9"
    frozen: JsonValue = {"effects": [{"seam": "signal", "tag": "sorting.eye_1", "how": "freeze"}]}
    entry: JsonValue = {"entry": "e", "start": {"kind": "condition", "when": when}, "fault": frozen}
    heard: list[list[tuple[int, str, str | int, object]]] = [[], []]
    for line, events in zip((plain, watched), heard, strict=True):
        line.advance(S)
        line.listen(lambda *event, events=events: events.append(event))
    watched.apply(Input("scenario", {"name": "x", "title": {"zh": "x", "en": "x"}, "entries": [entry]}))
    for line in (plain, watched):
        line.advance(300 * S)
    assert [event for event in heard[1] if event[1] not in ("input", "scenario", "entry")] == heard[0]
