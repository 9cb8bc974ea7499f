"""Indexed line: every part that leaves was drilled and pressed; the table never turns into a tool."""

from collections import Counter
from typing import Any

import pytest

from tests.lines import checks
from tests.lines.plc_harness import PlcBench, S, Watched

NAME = "indexed-line"
OUT = "cell.belt_out.out"


class Work:
    """What was done to each part that left."""

    def __init__(self, bench: Watched) -> None:
        self.done: list[Counter[str]] = []
        bench.line.listen(self._hear)

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: Any) -> None:
        if kind == "part" and data[0] == "gone" and data[1] == OUT:
            self.done.append(Counter(what.removeprefix("cell.") for _, what in data[4]))

    def check(self, at_least: int, exactly_once: bool = True) -> None:
        assert len(self.done) >= at_least
        for work in self.done:
            assert work["drill"] >= 1
            assert work["press"] >= 1
            assert not exactly_once or work["drill"] == work["press"] == 1


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_every_part_is_drilled_and_pressed_once() -> None:
    bench = Watched(NAME)
    work = Work(bench)
    bench.run(600, check_every=3)
    work.check(50)
    assert set(bench.ends) == {OUT}


@pytest.mark.long
def test_eight_hours() -> None:
    assert checks.eight_hours(NAME).ends[OUT] > 2700


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    checks.survives(NAME, seed=seed)


@pytest.mark.parametrize("builtin_first", [0, 46.5])
def test_the_reference_program_drives_it(builtin_first: float) -> None:
    bench = PlcBench(NAME)
    work = Work(bench)
    Watched.advance(bench, round(builtin_first * S))
    bench.take_control()
    bench.run(400, check_every=3)
    assert bench.denied == []
    work.check(30, exactly_once=not builtin_first)


@pytest.mark.parametrize("more", [0.05, 0.6, 1.1])
def test_a_step_that_was_cut_off_is_finished(more: float) -> None:
    bench = Watched(NAME)
    work = Work(bench)
    bench.run(60)
    while bench.get("cell.table_in_position"):
        bench.advance(20_000_000)
    bench.advance(round(more * S))
    bench.give("panel", station="cell", element="estop", pressed=True)
    bench.run(5)
    assert not bench.get("cell.table_in_position")
    bench.give("panel", station="cell", element="estop", pressed=False)
    for element in ("reset", "reset", "start"):
        bench.give("panel", station="cell", element=element, pressed=True)
        bench.give("panel", station="cell", element=element, pressed=False)
        bench.run(4)
    bench.run(200, check_every=3)
    work.check(15)
