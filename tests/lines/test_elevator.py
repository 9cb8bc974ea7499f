"""Elevator: each part leaves on its floor, and the lift is slow where it stops."""

import pytest

from tests.lines import checks
from tests.lines.plc_harness import Watched

NAME = "elevator"
FLOORS = {f"tower.floor_{floor}.out": floor for floor in (1, 2, 3)}


def all_right(bench: Watched, least: int) -> None:
    assert set(bench.ends) == set(FLOORS)
    for where, floor in FLOORS.items():
        assert [part["colour"] for _, part in bench.gone[where]] == [floor] * len(bench.gone[where])
        assert len(bench.gone[where]) >= least


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_every_part_leaves_on_its_floor() -> None:
    all_right(checks.runs(NAME, 600), 8)


def test_an_emergency_stop_leaves_the_lift_where_it_is_and_it_finds_home() -> None:
    bench = Watched(NAME)
    while not 200 < float(bench.get("tower.lift_height")) < 400:
        bench.run(0.1)
    bench.give("panel", station="tower", element="estop", pressed=True)
    height = bench.get("tower.lift_height")
    bench.run(10, check_every=1)
    assert bench.get("tower.lift_height") == height
    checks.recover(bench)
    bench.run(120, check_every=1)
    assert sum(bench.ends.values()) > 4


@pytest.mark.long
def test_eight_hours() -> None:
    all_right(checks.eight_hours(NAME), 400)


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("seed", [1, 2, 8])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    assert sum(checks.survives(NAME, seed=seed).ends.values()) > 30


def test_the_reference_program_brings_each_part_to_its_floor() -> None:
    all_right(checks.driven(NAME, 500), 4)


@pytest.mark.parametrize("builtin_first", [21.0, 33.0, 48.7])
def test_the_reference_program_takes_over_in_the_middle(builtin_first: float) -> None:
    assert sum(checks.driven(NAME, 200, builtin_first).ends.values()) > 9
