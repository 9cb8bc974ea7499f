"""Bottle filling and packing: four bottles in each crate, each full and capped; nothing is spilled."""

from collections import defaultdict
from typing import Any

import pytest

from sim.components.heads import Filler
from sim.components.tank import FL, Tank
from tests.lines import checks
from tests.lines.plc_harness import PlcBench, S, Watched, definition

NAME = "bottle-filling-and-packing"
OUT, PACKED = "filling.crates.out", "filling.crate"
CRATE, FULL = 2, 3


class Histories:
    """What was done to each part, as its last event tells."""

    def __init__(self, bench: Watched) -> None:
        self.of: dict[str, list[list[str]]] = defaultdict(list)
        bench.line.listen(self._hear)

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: Any) -> None:
        if kind == "part" and data[0] == "gone" and data[1] != "hand":
            self.of[data[1]].append([what for _, what in data[4]])


def is_good(bench: Watched, histories: Histories, crates: int, most_ml: int = 215) -> None:
    assert [what["kind"] for _, what in bench.gone[OUT]] == [FULL] * len(bench.gone[OUT])
    assert len(bench.gone[OUT]) >= crates
    for history in histories.of[OUT]:
        assert sum(what.startswith("filling.crate + ") for what in history) == 4
    for history in histories.of[PACKED]:
        (fill,) = [what for what in history if "mL" in what]
        assert 200 <= int(fill.split()[1]) <= most_ml
        assert history.count("filling.capper") == 1
    filler, tank = (bench.line.plant.components[f"filling.{name}"] for name in ("filler", "tank"))
    assert isinstance(filler, Filler)
    assert isinstance(tank, Tank)
    now = bench.line.now_ns
    assert filler.s.spilled == 0
    assert tank.s.spilled.at(now) == 0
    assert tank.s.volume.at(now) == 4_000_000 * FL + tank.s.filled.at(now) - tank.s.drained.at(now)


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_four_full_and_capped_bottles_leave_in_each_crate() -> None:
    bench = Watched(NAME)
    histories = Histories(bench)
    bench.run(600, check_every=5)
    is_good(bench, histories, 14, most_ml=203)


@pytest.mark.long
def test_eight_hours() -> None:
    assert checks.eight_hours(NAME).ends[OUT] > 700


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    bench = checks.survives(NAME, seed=seed)
    assert [what["kind"] for _, what in bench.gone[OUT]] == [FULL] * bench.ends[OUT]


@pytest.mark.parametrize("builtin_first", [0, 37.7])
def test_the_reference_program_drives_it(builtin_first: float) -> None:
    bench = PlcBench(NAME)
    histories = Histories(bench)
    Watched.advance(bench, round(builtin_first * S))
    bench.take_control()
    bench.run(400, check_every=5)
    assert bench.denied == []
    if not builtin_first:
        is_good(bench, histories, 8)
    assert bench.ends[OUT] >= 8


def test_over_the_nozzle_without_a_bottle_it_is_spilled() -> None:
    bench = Watched(NAME, made_by=definition(NAME))
    bench.give("key", station="filling", control="modbus")
    bench.give("write", writes=[["filling.cmd_unhold", True], ["filling.filler_open", True]])
    bench.run(4)
    filler = bench.line.plant.components["filling.filler"]
    assert isinstance(filler, Filler)
    assert filler.s.spilled > 150_000 * FL
