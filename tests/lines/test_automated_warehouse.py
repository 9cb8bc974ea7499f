"""Automated warehouse: first in, first out through 54 cells; no cell is taken twice, nothing is lost."""

import pytest

from sim.components.warehouse import Crane, Rack
from tests.lines import checks
from tests.lines.plc_harness import PlcBench, S, Watched

NAME = "automated-warehouse"
OUT = "store.crane.dispatch"


def rack(bench: Watched) -> Rack:
    found = bench.line.plant.components["store.rack"]
    assert isinstance(found, Rack)
    return found


def keep(bench: Watched, count: int) -> None:
    bench.give("write", writes=[["store.keep", count]])


def first_in_first_out(bench: Watched, at_least: int, stored: int) -> None:
    out = [serial for serial, _ in bench.gone[OUT]]
    assert len(out) >= at_least
    assert out == list(range(1, len(out) + 1))
    assert stored - 1 <= len(rack(bench).s.cells) <= stored + 1
    assert set(bench.ends) <= {OUT}


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)
    bench = Watched(NAME)
    assert rack(bench).p["columns"] * rack(bench).p["rows"] == 54


def test_cells_are_filled_in_order_and_the_oldest_leaves_first() -> None:
    bench = Watched(NAME)
    bench.run(330, check_every=5)
    serials = [rack(bench).s.cells[cell].serial for cell in sorted(rack(bench).s.cells)]
    assert serials == list(range(1, len(serials) + 1))
    assert len(serials) >= 12
    keep(bench, 5)
    bench.run(600, check_every=5)
    first_in_first_out(bench, 20, 5)


def test_a_full_rack_makes_the_belt_wait_and_goes_on_when_some_leave() -> None:
    bench = Watched(NAME)
    keep(bench, 53)
    bench.run(3600, check_every=20)
    first_in_first_out(bench, 80, 53)


@pytest.mark.long
def test_eight_hours() -> None:
    bench = Watched(NAME)
    bench.run(1800, check_every=20)
    hourly = []
    for _ in range(8):
        before = bench.ends[OUT]
        bench.run(checks.HOUR, check_every=20)
        hourly.append(bench.ends[OUT] - before)
    assert min(hourly) > 130
    first_in_first_out(bench, 1100, 40)


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    bench, dice = Watched(NAME, seed), checks.Dice(seed)
    keep(bench, 3)
    for _ in range(12):
        bench.run(dice.uniform(3, 60), check_every=1)
        if dice.uniform(0, 1) < 0.6:
            bench.give("panel", station="store", element="estop", pressed=True)
            bench.run(2, check_every=0.5)
            checks.recover(bench)
        else:
            bench.give("remove_part", part=dice.choice(sorted(bench.line.plant.parts.by_serial)))
    before = bench.ends[OUT]
    bench.run(400, check_every=5)
    assert bench.ends[OUT] > before + 10
    assert set(bench.ends) <= {OUT, "hand"}


@pytest.mark.parametrize("builtin_first", [0, 100, 107.5])
def test_the_reference_program_drives_it(builtin_first: float) -> None:
    bench = PlcBench(NAME)
    keep(bench, 4)
    Watched.advance(bench, round(builtin_first * S))
    bench.take_control()
    bench.run(700, check_every=5)
    assert bench.denied == []
    first_in_first_out(bench, 18, 4)


@pytest.mark.parametrize("at", [3.5, 6.0, 9.2, 9.9, 10.5])
def test_a_part_on_the_fork_is_stored_after_an_emergency_stop(at: float) -> None:
    bench = Watched(NAME)
    bench.run(at)
    bench.give("panel", station="store", element="estop", pressed=True)
    bench.run(3)
    checks.recover(bench)
    bench.run(60, check_every=1)
    crane = bench.line.plant.components["store.crane"]
    assert isinstance(crane, Crane)
    assert [stored.serial for stored in rack(bench).s.cells.values()][:2] == [1, 2]
