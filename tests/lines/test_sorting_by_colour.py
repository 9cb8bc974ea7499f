"""Sorting by colour: what one sensor has read is remembered up to the right pusher, with several parts on their way."""

import pytest

from tests.lines import checks
from tests.lines.plc_harness import Watched

NAME = "sorting-by-colour"
WAYS = {"sorter.side_1.out": 1, "sorter.side_2.out": 2, "sorter.side_3.out": 3, "sorter.main.out": 4}


def all_right(bench: Watched, least: int) -> None:
    assert set(bench.ends) == set(WAYS)
    for where, colour in WAYS.items():
        assert [part["colour"] for _, part in bench.gone[where]] == [colour] * len(bench.gone[where])
        assert len(bench.gone[where]) >= least


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_every_colour_leaves_its_way_and_is_counted() -> None:
    bench = checks.runs(NAME, 600)
    all_right(bench, 25)
    for k in (1, 2, 3):
        pushed = int(bench.get(f"sorter.count_{k}"))
        assert bench.ends[f"sorter.side_{k}.out"] <= pushed <= bench.ends[f"sorter.side_{k}.out"] + 2


def test_after_an_emergency_stop_all_parts_read_from_then_on_are_right() -> None:
    bench = checks.runs(NAME, 60.4)
    bench.give("panel", station="sorter", element="estop", pressed=True)
    bench.run(5, check_every=1)
    checks.recover(bench)
    known = max(bench.made) + 1
    bench.run(200, check_every=1)
    for where, colour in WAYS.items():
        later = [part["colour"] for serial, part in bench.gone[where] if serial >= known]
        assert later == [colour] * len(later) != []


@pytest.mark.long
def test_eight_hours() -> None:
    all_right(checks.eight_hours(NAME), 1000)


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("seed", [1, 2])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    assert sum(checks.survives(NAME, seed=seed).ends.values()) > 50


def test_the_reference_program_sorts() -> None:
    all_right(checks.driven(NAME, 300), 8)


def test_the_reference_program_takes_over_in_the_middle() -> None:
    assert sum(checks.driven(NAME, 200, builtin_first=33.3).ends.values()) > 30
