"""Pick and place: every part is carried over, none falls unless somebody cuts the power or the vacuum fails."""

import pytest

from sim.components.grip import Grip
from tests.lines import checks
from tests.lines.plc_harness import PlcBench, Watched
from tests.sim.one_effect import one_effect

NAME = "pick-and-place"
OUT = "cell.belt_out.out"


def fallen(bench: Watched) -> list[int]:
    found = bench.line.plant.components["cell.cup"]
    assert isinstance(found, Grip)
    return found.s.floor


def carried_over(bench: Watched, at_least: int) -> None:
    """All parts come out in the order in which they came, but for the few that are on their way."""
    out = [serial for serial, _ in bench.gone[OUT]]
    assert len(out) >= at_least
    assert out == list(range(1, len(out) + 1))
    assert len(bench.made) - len(out) < 12
    assert set(bench.ends) == {OUT}
    assert not fallen(bench)


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_every_part_is_carried_over() -> None:
    carried_over(checks.runs(NAME, 600), 60)


@pytest.mark.long
def test_eight_hours() -> None:
    carried_over(checks.eight_hours(NAME), 3300)


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("seed", [1, 2])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    checks.survives(NAME, seed=seed)


@pytest.mark.parametrize("builtin_first", [0, 47])
def test_the_reference_program_drives_it(builtin_first: float) -> None:
    bench = checks.driven(NAME, 300, builtin_first)
    if not builtin_first:
        carried_over(bench, 25)
    assert bench.ends[OUT] > 25


def test_a_leak_lets_the_part_fall_and_the_cell_goes_on() -> None:
    bench = PlcBench(NAME)
    bench.take_control()
    bench.run(20)
    while not bench.get("cell.x_moving") or not bench.get("cell.cup_ok"):
        bench.advance(50_000_000)
    leak = {
        "id": "f",
        "seam": "parameter",
        "target": "cell.cup",
        "parameter": "leak",
        "how": "replace",
        "value": 700_000,
    }
    bench.give("fault", **one_effect(leak))
    bench.run(3)
    assert len(fallen(bench)) == 1
    bench.give("end_fault", id="f")
    before = bench.ends[OUT]
    bench.give("remove_part", part=fallen(bench)[0])
    bench.run(120)
    assert bench.ends[OUT] > before + 8
    assert not fallen(bench)
