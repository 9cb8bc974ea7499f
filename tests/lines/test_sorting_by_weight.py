"""Sorting by weight: one box on the plate at a time, and each leaves by the way that its true weight asks for."""

import pytest

from tests.lines import checks
from tests.lines.plc_harness import Watched

NAME = "sorting-by-weight"
WAYS = {"weigher.left.out": 1, "weigher.ahead.out": 2, "weigher.right.out": 3}


def all_right(bench: Watched, least: int) -> None:
    assert set(bench.ends) == set(WAYS)
    for where, kind in WAYS.items():
        assert [part["kind"] for _, part in bench.gone[where]] == [kind] * len(bench.gone[where])
        assert len(bench.gone[where]) >= least


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_every_box_leaves_its_way() -> None:
    all_right(checks.runs(NAME, 600), 12)


def test_boxes_in_a_queue_are_weighed_one_by_one() -> None:
    """A pause fills the entry belt with boxes that touch."""
    bench = checks.runs(NAME, 30)
    bench.give("write", writes=[["weigher.cmd_hold", True]])
    bench.run(60)
    bench.give("write", writes=[["weigher.cmd_unhold", True]])
    bench.run(120, check_every=0.5)
    all_right(bench, 4)


def test_other_limits_sort_otherwise() -> None:
    bench = Watched(NAME)
    bench.give("write", writes=[["weigher.light_below", 500], ["weigher.heavy_from", 2000]])
    bench.run(300)
    assert {part["kind"] for _, part in bench.gone["weigher.left.out"]} == {1, 2}
    assert {part["kind"] for _, part in bench.gone["weigher.ahead.out"]} == {3}


@pytest.mark.long
def test_eight_hours() -> None:
    all_right(checks.eight_hours(NAME), 800)


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


def test_it_goes_on_after_whatever_happens() -> None:
    assert sum(checks.survives(NAME).ends.values()) > 50


def test_the_reference_program_sorts() -> None:
    bench = checks.driven(NAME, 300)
    all_right(bench, 5)
    assert bench.get("weigher.shown") > 0


def test_the_reference_program_takes_over_in_the_middle() -> None:
    assert sum(checks.driven(NAME, 200, builtin_first=33.3).ends.values()) > 15
