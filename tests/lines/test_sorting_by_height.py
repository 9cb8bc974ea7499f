"""Sorting by height: high boxes leave on the left, low ones on the right, whoever is in control."""

import pytest

from tests.lines import checks
from tests.lines.plc_harness import Watched

NAME = "sorting-by-height"
LOW, HIGH = 1, 2


def all_right(bench: Watched, least: int) -> None:
    for where, kind in (("sorter.right.out", LOW), ("sorter.left.out", HIGH)):
        assert [part["kind"] for _, part in bench.gone[where]] == [kind] * len(bench.gone[where])
        assert len(bench.gone[where]) >= least
    assert set(bench.ends) == {"sorter.right.out", "sorter.left.out"}


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_every_box_leaves_on_its_side_and_is_counted() -> None:
    bench = checks.runs(NAME, 600)
    all_right(bench, 20)
    counted = int(bench.get("sorter.count_low")), int(bench.get("sorter.count_high"))
    assert sum(bench.ends.values()) <= sum(counted) <= sum(bench.ends.values()) + 3


@pytest.mark.long
def test_eight_hours() -> None:
    all_right(checks.eight_hours(NAME), 1000)


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


def test_it_goes_on_after_whatever_happens() -> None:
    assert sum(checks.survives(NAME).ends.values()) > 50


def test_the_reference_program_sorts() -> None:
    bench = checks.driven(NAME, 300)
    all_right(bench, 10)
    assert bench.get("sorter.count_low") + bench.get("sorter.count_high") >= 30


def test_the_reference_program_takes_over_in_the_middle() -> None:
    bench = checks.driven(NAME, 200, builtin_first=33.3)
    assert sum(bench.ends.values()) > 20
