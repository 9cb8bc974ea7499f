"""Palletizer: eight boxes on every pallet that leaves, in their slots; none on the floor."""

import pytest

from sim.components.grip import Grip
from tests.lines import checks
from tests.lines.plc_harness import Watched

NAME = "palletizer"
OUT = "cell.pallets.out"
SLOTS = [f"cell.slot_{n}" for n in range(1, 9)]
FULL = 3


def stacked(bench: Watched, pallets: int) -> None:
    """Full pallets alone left; each slot was used as often, and the present pallet holds the rest."""
    assert [what["kind"] for _, what in bench.gone[OUT]] == [FULL] * len(bench.gone[OUT])
    assert len(bench.gone[OUT]) >= pallets
    used = [len(bench.gone[slot]) for slot in SLOTS]
    assert used == sorted(used, reverse=True)
    assert used[0] - used[-1] <= 1
    assert used[-1] - len(bench.gone[OUT]) in (0, 1)


def fallen(bench: Watched) -> list[int]:
    found = bench.line.plant.components["cell.gripper"]
    assert isinstance(found, Grip)
    return found.s.floor


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_eight_boxes_go_on_each_pallet() -> None:
    bench = checks.runs(NAME, 900)
    stacked(bench, 10)
    assert not fallen(bench)


@pytest.mark.long
def test_eight_hours() -> None:
    stacked(checks.eight_hours(NAME), 350)


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("builtin_first", [0, 55])
def test_the_reference_program_drives_it(builtin_first: float) -> None:
    bench = checks.driven(NAME, 500, builtin_first)
    stacked(bench, 4)
    assert not fallen(bench)


def emergency(bench: Watched) -> None:
    bench.give("panel", station="cell", element="estop", pressed=True)
    bench.run(4, check_every=1)
    bench.give("panel", station="cell", element="estop", pressed=False)
    for element in ("reset", "reset", "start"):
        bench.give("panel", station="cell", element=element, pressed=True)
        bench.give("panel", station="cell", element=element, pressed=False)
        bench.run(15, check_every=1)


@pytest.mark.parametrize("at", [7.5, 8.3, 9.5, 10.3, 10.6, 60.2, 80.5])
def test_after_an_emergency_stop_a_box_in_the_gripper_finds_its_slot(at: float) -> None:
    bench = Watched(NAME)
    bench.run(at)
    emergency(bench)
    bench.run(200, check_every=5)
    stacked(bench, 2)
    assert not fallen(bench)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    bench, dice = Watched(NAME, seed), checks.Dice(seed)
    for _ in range(12):
        bench.run(dice.uniform(3, 60), check_every=1)
        if dice.uniform(0, 1) < 0.5:
            emergency(bench)
        else:
            bench.give("remove_part", part=dice.choice(sorted(bench.line.plant.parts.by_serial)))
    before = bench.ends[OUT]
    bench.run(400, check_every=5)
    assert bench.ends[OUT] >= before + 3
    assert [what["kind"] for _, what in bench.gone[OUT]] == [FULL] * bench.ends[OUT]
