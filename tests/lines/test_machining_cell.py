"""Machining cell: every part was cut before it leaves, bad ones end in the scrap bin, the tool is changed in time."""

import pytest

from tests.lines import checks
from tests.lines.plc_harness import PlcBench, S, Watched

NAME = "machining-cell"
GOOD, SCRAP = "outfeed.rollers.out", "outfeed.scrap"


def check_parts(bench: Watched, at_least: int) -> None:
    """Every part that left was cut, and went where the camera said."""
    left = [(where, serial, what) for where, parts in bench.gone.items() for serial, what in parts]
    assert len(left) >= at_least
    assert all(int(bench.get("cell.mill_parts")) >= len(left) for _ in left[:1])
    for where, serial, _ in left:
        assert where in (GOOD, SCRAP)
        assert (bench.verdicts.get(serial) == "rejected") == (where == SCRAP)


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_every_part_is_cut_and_judged() -> None:
    bench = checks.runs(NAME, 600)
    assert len(bench.gone[GOOD]) >= 26
    assert int(bench.get("cell.mill_parts")) >= len(bench.gone[GOOD])


def test_a_worn_tool_is_changed_and_what_it_spoilt_is_thrown_out() -> None:
    """Ten times as hard a material: the tool does not last, parts drift out, the program changes it and goes on."""
    bench = Watched(NAME)
    bench.run(60)
    for parameter, value in (("hardness", 1_600_000), ("wear", 60 * 10**9)):
        bench.give(
            "fault", id=parameter, fault=f"own_{parameter}", target="cell.mill",
            effects=[{"seam": "parameter", "component": "cell.mill", "parameter": parameter, "how": "replace",
                      "value": value}],
        )  # fmt: skip
    bench.run(900, check_every=5)
    assert int(bench.get("cell.mill_tool_changes")) >= 1
    assert bench.gone[SCRAP], "a worn tool cuts out of tolerance before it is changed"
    assert len(bench.gone[GOOD]) > 20


@pytest.mark.long
def test_eight_hours() -> None:
    assert len(checks.eight_hours(NAME).gone[GOOD]) > 1200


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    checks.survives(NAME, seed=seed)


@pytest.mark.parametrize("builtin_first", [0, 46.5])
def test_the_reference_program_drives_it(builtin_first: float) -> None:
    bench = PlcBench(NAME)
    Watched.advance(bench, round(builtin_first * S))
    bench.take_control()
    bench.run(400, check_every=3)
    assert bench.denied == []
    assert len(bench.gone[GOOD]) >= 12
