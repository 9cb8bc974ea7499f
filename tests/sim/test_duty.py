"""Time in state and cycles of every component: declared by every kind, exact at any instant, after a restore too."""

import json
import random  # noqa: TID251 - drawn from a seed, for what a test does to a line
from pathlib import Path

import pytest

from scenarios import line_file
from sim.components import KINDS
from sim.inputs import Input
from sim.invariants import Invariants
from sim.line import Line
from sim.report import component_report
from tests.sim.builders import MM, REFERENCE, Bench, S, belt, component, definition, station

LINES = sorted(REFERENCE.parent.glob("*.yaml"))


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_declares_its_states_and_what_a_cycle_is(name: str) -> None:
    kind = KINDS[name]
    names = [state.name for state in kind.states]
    assert names, f"{name} declares no states: see sim/duty.py"
    assert len(set(names)) == len(names)
    assert all(state.title.zh and state.title.en for state in kind.states)
    assert kind.cycle is not None, f"{name} does not say what a cycle is"
    assert all((kind.cycle.zh, kind.cycle.en))


def duties(line: Line) -> dict[str, list[int]]:
    return {name: [*c.duty.spent(line.now_ns), c.duty.cycles] for name, c in line.plant.components.items()}


@pytest.mark.parametrize("path", LINES, ids=lambda path: path.stem)
def test_times_add_up_to_the_age_and_a_restored_line_goes_on_counting(path: Path) -> None:
    """At odd instants, and from a checkpoint's text."""
    live = Line(line_file.load(path), 1)
    invariants = Invariants(live)
    for at in sorted(random.Random(5).randrange(300 * S) for _ in range(12)):
        live.advance(at)
        assert invariants.look() == []
    again = Line.restore(live.definition, json.loads(json.dumps(live.checkpoint())))
    assert duties(again) == duties(live)
    for line in (again, live):
        line.advance(live.now_ns + 60 * S)
    assert duties(again) == duties(live)
    reports = live.report().components
    assert len(reports) == len(live.plant.components)
    assert all(sum(r.time_in_state_s.values()) == pytest.approx(live.now_ns / 1e9, abs=0.01) for r in reports)


def test_a_checkpoint_of_another_set_of_states_is_refused() -> None:
    bench = Bench(definition(station("s", belt())))
    written = bench.line.checkpoint()
    written["duties"]["s.belt"]["times"] = [0]  # type: ignore[index,call-overload]
    with pytest.raises(ValueError, match=r"does not fit s\.belt"):
        Line.restore(bench.line.definition, written)


def test_a_belt_a_stopper_and_an_eye_to_the_nanosecond() -> None:
    """A part laid at 1 s rides at 200 mm/s to the stopper at 500 mm and is held: head from 60 mm, so 2.2 s later."""
    bench = Bench(definition(station(
        "s", belt(), component("stop", "stopper", belt="s.belt", position="500 mm"),
        component("eye", "photo_eye", belt="s.belt", position="300 mm"),
    )))  # fmt: skip
    bench.write(s__belt_run=True)
    bench.run_to(1)
    bench.lay()
    bench.run_to(10)
    components = bench.line.plant.components
    held = S + (500 - 60) * S // 200
    assert components["s.belt"].time_in_state() == {"stopped": 0, "running": held, "accumulating": 10 * S - held}
    assert components["s.belt"].duty.cycles == 1
    covered = 60 * S // 200  # the part is 60 mm long
    assert components["s.eye"].time_in_state() == {"clear": 10 * S - covered, "covered": covered}
    assert components["s.eye"].duty.cycles == 1
    bench.write(s__stop_extend=True)
    out = -(-20 * MM // 250_000)  # a stroke of 20 mm at 250 mm/s
    bench.run_to(12)
    bench.write(s__stop_extend=False)
    bench.run_to(15)
    stop = components["s.stop"]
    assert stop.time_in_state() == {"home": 10 * S + 3 * S - out, "moving": 2 * out, "out": 2 * S - out, "between": 0}
    assert component_report(stop).cycles == stop.duty.cycles == 1


def test_counting_is_no_event() -> None:
    """The digest is the same whether or not anybody looks."""
    looked, left = (Line(line_file.load(REFERENCE), 1) for _ in range(2))
    for second in range(1, 61):
        looked.advance(second * S)
        duties(looked)
    left.advance(60 * S)
    assert looked.digest == left.digest


def test_cycles_of_what_works_on_the_reference_line() -> None:
    """What is counted elsewhere too: parts laid by the feeder, pictures with a verdict, cuts, bins emptied."""
    bench = Bench(line_file.load(REFERENCE))
    bench.run(900)
    components, made = bench.line.plant.components, bench.line.plant.parts.made
    assert abs(components["infeed.feeder"].duty.cycles - made) <= 1
    verdicts = sum(kind == "verdict" for _, kind, _, _ in bench.events)
    assert 0 <= next(c for n, c in components.items() if c.KIND.name == "camera").duty.cycles - verdicts <= 1


def test_a_removed_part_frees_what_was_occupied() -> None:
    bench = Bench(definition(station("s", belt(), component("eye", "photo_eye", belt="s.belt", position="300 mm"))))
    bench.write(s__belt_run=True)
    serial = bench.lay()
    bench.run(1.3)
    bench.line.apply(Input("remove_part", {"part": serial}))
    bench.line.advance(bench.line.now_ns)
    eye = bench.line.plant.components["s.eye"]
    assert eye.duty.state == 0
    assert eye.time_in_state()["covered"] == 1_300_000_000 - (300 - 60) * S // 200
