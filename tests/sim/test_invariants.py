"""The invariants: silent on every good run, loud when a model cheats."""

from collections.abc import Callable

import pytest

from scenarios import line_file
from sim.components.belt import Belt
from sim.components.buffer import Buffer
from sim.components.machine import Machine
from sim.components.train import EXIT
from sim.invariants import Invariants
from sim.line import Line
from sim.packml import State
from tests.sim.builders import REFERENCE, Bench, reference
from tests.sim.flow_lines import S, flow_definition, tandem


def test_the_reference_line_keeps_them() -> None:
    live = Line(reference(), 2)
    invariants = Invariants(live)
    for minute in range(1, 31):
        live.advance(minute * 60 * S)
        assert invariants.look() == []


def test_they_can_be_switched_on_in_mid_run_and_off() -> None:
    live = Line(reference(), 2)
    live.advance(700 * S)
    invariants = Invariants(live)
    live.advance(1400 * S)
    assert invariants.look() == []
    invariants.stop()
    live.advance(1500 * S)
    live.plant.make_part(1, 1)
    assert invariants.violations == []


def lose(line: Line) -> None:
    del line.plant.parts.by_serial[next(iter(line.plant.parts.by_serial))]


def double(line: Line) -> None:
    buffer = line.plant.components["flow.b1"]
    assert isinstance(buffer, Buffer)
    buffer.s.parts.append(buffer.s.parts[0])


def move_a_ghost(line: Line) -> None:
    line.plant.emit("part", 999_999, ["in", "flow.b1", ""])


def born_twice(line: Line) -> None:
    line.plant.emit("new", 3, {"colour": 1})


def older(line: Line) -> None:
    next(iter(line.plant.parts.by_serial.values())).born_ns -= 1


def time_lost(line: Line) -> None:
    machine = line.plant.components["flow.m1"]
    assert isinstance(machine, Machine)
    machine.s.times[0] += 1


def counted_back(line: Line) -> None:
    machine = line.plant.components["flow.m1"]
    assert isinstance(machine, Machine)
    machine.s.finished -= 1


@pytest.mark.parametrize(
    ("cheat", "says"),
    [(lose, "parts on the line are"), (double, "which is elsewhere"), (move_a_ghost, "is not on the line"),
     (born_twice, "is born after"), (older, "parts on the line are"), (time_lost, "times add up to"),
     (counted_back, "finished falls from")],
    ids=lambda given: getattr(given, "__name__", ""),
)  # fmt: skip
def test_a_cheat_is_found(cheat: Callable[[Line], None], says: str) -> None:
    live = Line(flow_definition(tandem(["1 s", "3 s"], [2])), 1)
    invariants = Invariants(live)
    live.advance(20 * S)
    assert invariants.look() == []
    cheat(live)
    assert any(says in found for found in invariants.look())


@pytest.fixture
def full_belt() -> tuple[Invariants, Belt]:
    """A belt of the buffer station on which parts accumulate."""
    live = Line(line_file.load(REFERENCE.parent / "buffer-station.yaml"), 1)
    invariants = Invariants(live)
    belts = [found for found in live.plant.components.values() if isinstance(found, Belt)]
    while not any(len(belt.s.groups) > 1 for belt in belts):
        live.advance(live.now_ns + S)
        assert live.now_ns < 600 * S
    assert invariants.look() == []
    return invariants, next(belt for belt in belts if len(belt.s.groups) > 1)


def test_a_part_that_is_nowhere_is_found(full_belt: tuple[Invariants, Belt]) -> None:
    """It is in the books, but no component holds it."""
    invariants, belt = full_belt
    serial = belt.s.groups[-1].parts.pop()
    assert f"parts [{serial}] are on the line, but nowhere" in invariants.look()[0]


def test_parts_that_overlap_are_found(full_belt: tuple[Invariants, Belt]) -> None:
    invariants, belt = full_belt
    first, second = belt.s.groups[0].parts[-1], belt.s.groups[1].parts[0]
    belt.s.groups[1].x = belt.tail_head(belt.s.groups[0]) - belt.pitch + 1
    belt.s.groups[1].held = EXIT
    assert f"{belt.name}: part {second} overlaps part {first}" in invariants.look()[0]


def test_an_illegal_state_and_a_counter_that_falls_are_found() -> None:
    bench = Bench(reference())
    invariants = Invariants(bench.line)
    bench.run(60)
    plant = bench.line.plant
    plant.emit("state", "infeed", int(State.COMPLETE))
    plant.image.set(plant.units["infeed"].tags["parts_in"], 0)
    assert [found.partition("s: ")[2][:30] for found in invariants.look()[:2]] == [
        "infeed: EXECUTE may not become", "infeed.parts_in falls from 6 t",
    ]  # fmt: skip
