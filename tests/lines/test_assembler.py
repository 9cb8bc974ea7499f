"""Assembler: every base that leaves carries one lid, whoever is in control and whatever happens."""

import pytest

from tests.lines import checks
from tests.lines.plc_harness import Watched

NAME = "assembler"
OUT = "cell.bases.out"
BASE, LID, PRODUCT = 1, 2, 3


def assembled(bench: Watched, at_least: int) -> None:
    """What left are products alone; as many lids went into them."""
    kinds = [what["kind"] for _, what in bench.gone[OUT]]
    assert kinds == [PRODUCT] * len(kinds)
    assert len(kinds) >= at_least
    assert len(bench.gone["cell.seat"]) - len(kinds) in (0, 1, 2)
    assert all(what["kind"] == LID for _, what in bench.gone["cell.seat"])


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_every_base_gets_its_lid() -> None:
    bench = checks.runs(NAME, 600)
    assembled(bench, 55)
    assert set(bench.ends) == {OUT, "cell.seat"}


@pytest.mark.long
def test_eight_hours() -> None:
    assembled(checks.eight_hours(NAME), 2800)


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    bench = checks.survives(NAME, seed=seed)
    kinds = [what["kind"] for _, what in bench.gone[OUT]]
    assert kinds == [PRODUCT] * len(kinds)


@pytest.mark.parametrize("builtin_first", [0, 21, 47])
def test_the_reference_program_drives_it(builtin_first: float) -> None:
    assembled(checks.driven(NAME, 300, builtin_first), 20)


@pytest.mark.parametrize("at", [7.9, 8.1, 8.5, 8.75, 8.9])
def test_an_emergency_stop_around_the_release_makes_no_second_lid(at: float) -> None:
    bench = Watched(NAME)
    bench.run(at)
    bench.give("panel", station="cell", element="estop", pressed=True)
    bench.run(2)
    bench.give("panel", station="cell", element="estop", pressed=False)
    for element in ("reset", "reset", "start"):
        bench.give("panel", station="cell", element=element, pressed=True)
        bench.give("panel", station="cell", element=element, pressed=False)
        bench.run(3)
    bench.run(120)
    assembled(bench, 9)
