"""Converging station: what two belts bring leaves by one, in turns while both wait, one part at a time between them."""

from itertools import pairwise

import pytest

from tests.lines import checks
from tests.lines.plc_harness import PlcBench, Watched

NAME = "converging-station"
BETWEEN = ("transfer_1", "transfer_2", "link_1", "link_2", "merge")


class Converging(PlcBench):
    """Remembers which entry belt each part was laid on, and how many were between entries and exit at most."""

    def __init__(self, plc: bool) -> None:
        self.came: dict[int, int] = {}
        self.place: dict[int, str] = {}
        self.most = 0
        super().__init__(NAME)
        if not plc:
            self.advance = lambda by_ns: Watched.advance(self, by_ns)  # type: ignore[method-assign]

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        super()._hear(t_ns, kind, subject, data)
        if kind == "part" and isinstance(data, list):
            name = str(data[1]).removeprefix("merger.")
            self.place[int(subject)] = name
            if name in ("entry_1", "entry_2"):
                self.came.setdefault(int(subject), int(name[-1]))
            self.most = max(self.most, sum(place in BETWEEN for place in self.place.values()))


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


@pytest.mark.parametrize("plc", [False, True])
def test_both_sides_take_turns_and_never_meet(plc: bool) -> None:
    bench = Converging(plc)
    if plc:
        bench.take_control()
    bench.run(300, check_every=2)
    order = [bench.came[serial] for serial, _ in bench.gone["merger.exit.out"]]
    assert len(order) > 50
    assert bench.most == 1
    # supplies of one mean rate: one side gets two turns in a row only when the other has nothing to bring
    assert sum(before != now for before, now in pairwise(order)) > 0.7 * len(order)
    assert bench.denied == []


@pytest.mark.long
def test_eight_hours() -> None:
    assert checks.eight_hours(NAME).ends["merger.exit.out"] > 5000


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


@pytest.mark.parametrize("seed", [1, 22, 23])
def test_it_goes_on_after_whatever_happens(seed: int) -> None:
    assert checks.survives(NAME, seed=seed).ends["merger.exit.out"] > 40


@pytest.mark.parametrize("builtin_first", [33.0, 48.7])
def test_the_reference_program_takes_over_in_the_middle(builtin_first: float) -> None:
    assert checks.driven(NAME, 200, builtin_first).ends["merger.exit.out"] > 35
