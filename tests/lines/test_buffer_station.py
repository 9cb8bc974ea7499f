"""Buffer station: parts leave in batches of exactly the size that was set, on call or when the buffer is full."""

from itertools import pairwise

import pytest

from tests.lines import checks
from tests.lines.plc_harness import PlcBench, S, Watched

NAME = "buffer-station"
PAUSE_S = 3.0


def batches(bench: Watched) -> list[int]:
    """Sizes of the batches that have left, told apart by pauses; the last one may not be complete yet."""
    times = sorted(bench.gone_at.values())
    sizes = [1]
    for before, now in pairwise(times):
        if now - before > PAUSE_S * S:
            sizes.append(0)
        sizes[-1] += 1
    return sizes


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_a_full_buffer_lets_batches_of_four_go() -> None:
    sizes = batches(checks.runs(NAME, 600))
    assert len(sizes) > 15
    assert set(sizes[:-1]) == {4}


def test_the_size_of_a_batch_can_be_set() -> None:
    bench = Watched(NAME)
    bench.give("write", writes=[["buffer.batch", 6]])
    bench.run(400)
    assert set(batches(bench)[:-1]) == {6}


@pytest.mark.parametrize("plc", [False, True])
def test_a_call_lets_a_batch_go_before_the_buffer_is_full(plc: bool) -> None:
    bench = PlcBench(NAME) if plc else Watched(NAME)
    if isinstance(bench, PlcBench):
        bench.take_control()
    bench.run(25, check_every=1)
    assert not bench.ends
    bench.give("panel", station="buffer", element="demand", pressed=True)
    bench.run(0.5)
    bench.give("panel", station="buffer", element="demand", pressed=False)
    assert bench.get("buffer.demand_lamp")
    bench.run(25, check_every=1)
    assert not bench.get("buffer.demand_lamp")
    assert bench.ends["buffer.exit.out"] == 4


@pytest.mark.long
def test_eight_hours() -> None:
    assert set(batches(checks.eight_hours(NAME))[:-1]) == {4}


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


def test_it_goes_on_after_whatever_happens() -> None:
    assert sum(checks.survives(NAME).ends.values()) > 50


def test_the_reference_program_counts_to_four() -> None:
    sizes = batches(checks.driven(NAME, 400))
    assert len(sizes) > 9
    assert set(sizes[:-1]) == {4}


def test_the_reference_program_takes_over_in_the_middle() -> None:
    assert sum(checks.driven(NAME, 200, builtin_first=48.3).ends.values()) > 15
