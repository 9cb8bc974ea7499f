"""A camera's confusion matrix: verdicts against the truth, by margin, and by errors on purpose."""

import pytest

from sim.component import MILLION
from sim.components.judgement import MATRIX
from tests.sim.builders import MM, Bench
from tests.sim.parameters import change, covers, restore
from tests.sim.test_stations import in_view, looking

PORTS = tuple(name for name, _ in MATRIX)
UM = MM // 1000


def judge(bench: Bench, dimension_um: int) -> bool:
    """Another part of this size in view; the verdict."""
    bench.write(s__camera_trigger=False)
    part = next(iter(bench.line.plant.parts.by_serial.values()))
    part.dimension_um = dimension_um
    bench.write(s__camera_trigger=True)
    bench.run(0.25)
    return bool(bench.get("s.camera_ok"))


def matrix(bench: Bench) -> list[object]:
    return [bench.get(f"s.camera_{name}") for name in PORTS]


@pytest.fixture
def camera() -> Bench:
    """Tolerance ±50 µm about 30 mm, no noise."""
    return in_view(looking(PORTS, noise="0 µm"))


def test_right_verdicts_are_counted_as_right(camera: Bench) -> None:
    verdicts = [judge(camera, 30_000 + off) for off in (0, 50, 51, -51, -50)]
    assert verdicts == [True, True, False, False, True]
    assert matrix(camera) == [3, 0, 0, 2]


@covers("camera", "margin")
def test_a_threshold_set_badly_shifts_verdicts_while_products_stay_the_same(camera: Bench) -> None:
    sizes = [30_000 + off for off in (0, 30, 60, 90)]  # two good, two bad
    assert [judge(camera, size) for size in sizes] == [True, True, False, False]
    ident = change(camera, "s.camera", "margin", 20 * UM)
    assert [judge(camera, size) for size in sizes] == [True, True, True, False]
    restore(camera, ident)
    ident = change(camera, "s.camera", "margin", -30 * UM)
    assert [judge(camera, size) for size in sizes] == [True, False, False, False]
    restore(camera, ident)
    assert [judge(camera, size) for size in sizes] == [True, True, False, False]
    assert matrix(camera) == [7, 1, 1, 7]


@covers("camera", "false_reject", "false_accept")
def test_errors_come_as_often_as_stated_and_end(camera: Bench) -> None:
    ident = change(camera, "s.camera", "false_reject", MILLION)
    assert [judge(camera, size) for size in (30_000, 30_060)] == [False, False]
    restore(camera, ident)
    ident = change(camera, "s.camera", "false_accept", MILLION)
    assert [judge(camera, size) for size in (30_000, 30_060)] == [True, True]
    restore(camera, ident)
    assert [judge(camera, size) for size in (30_000, 30_060)] == [True, False]
    assert matrix(camera) == [2, 1, 1, 2]
    change(camera, "s.camera", "false_reject", MILLION // 5)
    wrong = sum(not judge(camera, 30_000) for _ in range(500))
    assert 70 < wrong < 130  # 100 within 3.4 standard deviations
