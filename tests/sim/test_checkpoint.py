"""A checkpoint at any instant, through JSON text, is the line: same future, same final checkpoint."""

import json
import random  # noqa: TID251 - drawn from a seed, for what a test does to a line

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.definition import LineDefinition, ProgramDefinition
from sim.inputs import Input
from sim.line import Line
from tests.sim.builders import S, belt, chain, component, definition, reference, station
from tests.sim.one_effect import one_effect
from tests.sim.test_belt import numbers
from tests.sim.test_determinism import fresh_process
from tests.sim.wild import inputs, replayed

T = 100 * S
PROCESS = """
import json, sys
from tests.sim.builders import reference
from sim.inputs import Input
from sim.line import Line
from tests.sim.wild import replayed
checkpoint, until, taken = json.load(sys.stdin)
line = replayed(Line.restore(reference(), checkpoint), [(t, Input(op, args)) for t, op, args in taken], until)
print(json.dumps([line.events, line.digest]))
"""


def through_text(line: Line, seed: int = 0) -> Line:
    """The line of the checkpoint's text, its pending work shuffled."""
    text = json.dumps(line.checkpoint())
    return Line.restore(line.definition, json.loads(text), random.Random(seed).shuffle)


def into_the_instant(line: Line, steps: int) -> None:
    """Let so many wakes happen, wherever in an instant that is."""
    for _ in range(steps):
        line.plant.kernel.step()
        line.plant.kernel.now_ns = int(line.plant.kernel._now)


def same(one: Line, two: Line) -> None:
    assert (one.events, one.digest) == (two.events, two.digest)
    assert json.dumps(one.checkpoint()) == json.dumps(two.checkpoint())


@settings(max_examples=40)
@given(st.integers(0, T), st.integers(0, 30), st.integers(0, 2**32), st.integers(0, 30))
def test_restored_anywhere_it_goes_on_the_same(at: int, steps: int, seed: int, count: int) -> None:
    line = Line(reference(), 4)
    inputs(line, seed, at + 1, count)
    into_the_instant(line, steps)
    again = through_text(line, seed)
    assert again.checkpoint() == line.checkpoint()
    until = line.now_ns + 60 * S
    again.advance(line.now_ns)  # inputs come when the instant is settled
    line.advance(line.now_ns)
    replayed(again, inputs(line, seed + 1, until, count), until)
    same(line, again)


@pytest.mark.parametrize("seed", range(3))
def test_a_new_process_goes_on_the_same(seed: int) -> None:
    line = Line(reference(), seed)
    inputs(line, seed, T, 20)
    checkpoint = line.checkpoint()
    taken = [(t, i.op, i.args) for t, i in inputs(line, seed + 1, 2 * T, 20)]
    assert fresh_process(PROCESS, [checkpoint, 2 * T, taken]) == [line.events, line.digest]


def lockstep() -> LineDefinition:
    """Three stations that do the same at the same instants, so that many wakes fall together."""

    def one(name: str) -> object:
        run = chain("main", ("push", {"feeder_extend": "True", "belt_run": "not eye"}, [("feeder_out", "back", 0)]),
                    ("back", {"feeder_extend": "False", "belt_run": "True"}, [("feeder_home", "push", 0)]))  # fmt: skip
        on = {"belt": f"{name}.belt"}
        return station(
            name,
            belt(),
            component("feeder", "feeder", ("home", "out"), **on),
            component("eye", "photo_eye", **on, position="500 mm"),
            component("stopper", "stopper", **on, position="800 mm"),
            program=ProgramDefinition(run=[run]),
        )

    return definition(*[one(name) for name in ("a", "b", "c")], autostart=True)  # type: ignore[arg-type]


@settings(max_examples=40)
@given(
    st.integers(0, 400), st.integers(0, 2**32), st.lists(st.tuples(st.integers(1, 3 * S), st.booleans()), max_size=8)
)
def test_a_line_in_lockstep_restored_in_mid_instant(steps: int, seed: int, opened: list[tuple[int, bool]]) -> None:
    line = Line(lockstep(), 1)
    into_the_instant(line, steps)
    again = through_text(line, seed)
    for span, value in opened:
        for each in (line, again):
            each.advance(each.now_ns + span)
            each.apply(Input("write", {"writes": [[f"{name}.stopper_extend", value] for name in "abc"]}))
            each.advance(each.now_ns)
    for each in (line, again):
        each.advance(30 * S)
    same(line, again)
    made = {line.plant.image.see(line.plant.units[name].tags["parts_in"]) for name in "abc"}
    assert len(made) == 1


def test_faults_last_across_a_checkpoint_and_end_after_it() -> None:
    line = Line(reference(), 1)
    line.advance(20 * S)
    for ident, fault in {
        "eye": {"seam": "signal", "target": "sorting.eye_1", "how": "stuck", "value": True},
        "slip": {
            "seam": "parameter",
            "target": "infeed.belt",
            "parameter": "traction",
            "how": "factor",
            "value": 800_000,
        },
        "jam": {"seam": "disturbance", "target": "machining.belt", "method": "jam"},
        "late": {"seam": "link", "target": "modbus", "delay_ms": 300},
    }.items():
        line.apply(Input("fault", one_effect({"id": ident, **fault})))
    line.advance(40 * S)
    again = through_text(line)
    assert set(again.faults) == {"eye", "slip", "jam", "late"}
    assert again.link("modbus").delay_ms == 300
    for each in (line, again):
        for ident in ("eye", "slip", "jam", "late"):
            each.apply(Input("end_fault", {"id": ident}))
            each.advance(each.now_ns)
        each.advance(200 * S)
    same(line, again)


def test_a_restored_program_looks_at_what_its_own_steps_read() -> None:
    line = Line(reference(), 1)
    line.advance(30 * S)
    again = through_text(line)
    for unit in line.plant.units.values():
        assert again.plant.units[unit.station.name].program.relevant == unit.program.relevant


def test_a_checkpoint_is_a_copy() -> None:
    line = Line(reference(), 1)
    line.advance(30 * S)
    line.apply(Input("fault", one_effect({"id": "f", "seam": "link", "target": "mqtt", "delay_ms": 5})))
    checkpoint = line.checkpoint()
    text = json.dumps(checkpoint)
    again = Line.restore(reference(), checkpoint)
    for each in (line, again):
        each.apply(Input("end_fault", {"id": "f"}))
        each.advance(90 * S)
    assert json.dumps(checkpoint) == text


@pytest.mark.parametrize("seed", range(3))
def test_its_numbers_are_small_enough_for_any_reader_of_json(seed: int) -> None:
    line = Line(reference(), seed)
    inputs(line, seed, 300 * S, 60)
    assert max(numbers(line.checkpoint())) < 2**53


@pytest.mark.parametrize("key", sorted(Line(reference(), 1).checkpoint()))
def test_a_checkpoint_that_lacks_something_is_refused(key: str) -> None:
    checkpoint = Line(reference(), 1).checkpoint()
    del checkpoint[key]
    with pytest.raises(ValueError, match=r".+"):
        Line.restore(reference(), checkpoint)


@pytest.mark.parametrize(
    "spoil",
    [
        {"model": "0"}, {"now_ns": "5"}, {"members": {}}, {"digest": {}},
        {"image": {"plant": [], "field": [], "faults": [], "unpowered": []}},
        {"parts": None}, {"streams": []}, {"operator_on": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_checkpoint_that_does_not_fit_is_refused(spoil: dict[str, object]) -> None:
    checkpoint = Line(reference(), 1).checkpoint() | spoil
    with pytest.raises(ValueError, match=r".+"):
        Line.restore(reference(), checkpoint)  # type: ignore[arg-type]


def test_a_checkpoint_of_another_line_is_refused() -> None:
    with pytest.raises(ValueError, match=r".+"):
        Line.restore(lockstep(), Line(reference(), 1).checkpoint())
    with pytest.raises(ValueError, match=r".+"):
        Line.restore(reference(), Line(lockstep(), 1).checkpoint())
