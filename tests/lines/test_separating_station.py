"""Separating station: every metal part is pushed off its lane, no plastic one is, and none lies half-way for ever."""

import pytest

from tests.lines import checks
from tests.lines.plc_harness import Watched

NAME = "separating-station"
PLASTIC, METAL = 1, 2
WAYS = {f"separator.{belt}_{lane}.out": kind for lane in (1, 2) for belt, kind in (("lane", PLASTIC), ("side", METAL))}


def all_right(bench: Watched, least: int) -> None:
    assert set(bench.ends) == set(WAYS)
    for where, kind in WAYS.items():
        assert [part["kind"] for _, part in bench.gone[where]] == [kind] * len(bench.gone[where])
        assert len(bench.gone[where]) >= least


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_metal_goes_aside_and_plastic_on() -> None:
    all_right(checks.runs(NAME, 600), 25)


@pytest.mark.parametrize("at_ms", range(12_000, 12_900, 130))
def test_an_emergency_stop_in_mid_stroke_loses_no_part(at_ms: int) -> None:
    """The valve keeps its place: the stroke is finished, with or without power."""
    bench = Watched(NAME)
    bench.run(at_ms / 1000, check_every=1)
    bench.give("panel", station="separator", element="estop", pressed=True)
    bench.run(5, check_every=0.05)
    assert not bench.get("separator.lane_1_run")
    assert not bench.get("separator.pusher_1_extend")
    checks.recover(bench)
    before = bench.ends["separator.side_1.out"] + bench.ends["separator.side_2.out"]
    bench.run(60, check_every=0.5)
    assert bench.ends["separator.side_1.out"] + bench.ends["separator.side_2.out"] > before
    assert {part["kind"] for _, part in bench.gone["separator.side_1.out"]} <= {METAL}


@pytest.mark.long
def test_eight_hours() -> None:
    all_right(checks.eight_hours(NAME), 1000)


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


def test_it_goes_on_after_whatever_happens() -> None:
    assert sum(checks.survives(NAME).ends.values()) > 50


@pytest.mark.parametrize("builtin_first", [0, 33.3])
def test_the_reference_program_separates(builtin_first: float) -> None:
    all_right(checks.driven(NAME, 240, builtin_first), 8)
