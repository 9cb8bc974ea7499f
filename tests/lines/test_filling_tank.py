"""Filling tank: the level is kept, by the built-in program and by the reference program, and never runs over."""

import pytest

from sim.components.tank import Tank
from sim.packml import State
from tests.lines import checks
from tests.lines.plc_harness import PlcBench, S, Watched
from tests.sim.one_effect import one_effect

NAME = "filling-tank"


def tank(bench: Watched) -> Tank:
    found = bench.line.plant.components["tank.tank"]
    assert isinstance(found, Tank)
    return found


def span(bench: Watched, seconds: float, every: float = 1) -> tuple[float, float]:
    """Lowest and highest level, in mm, by the plant's truth; nothing runs over and nothing is lost meanwhile."""
    levels = []
    for _ in range(round(seconds / every)):
        bench.advance(round(every * S))
        levels.append(tank(bench).level_mm())
    now, s = bench.line.now_ns, tank(bench).s
    assert s.spilled.at(now) == 0
    assert s.volume.at(now) == 333_333_333_333_333 + s.filled.at(now) - s.drained.at(now)
    assert bench.states["tank"] is State.EXECUTE
    return min(levels), max(levels)


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_the_level_stays_near_its_set_point() -> None:
    bench = Watched(NAME)
    bench.run(60)
    low, high = span(bench, 600)
    assert 135 < low < high < 155


@pytest.mark.long
def test_eight_hours() -> None:
    bench = Watched(NAME)
    bench.run(60)
    low, high = span(bench, 8 * checks.HOUR, every=2)
    assert 135 < low < high < 155


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)


def test_a_lower_set_point_is_reached_through_the_discharge() -> None:
    bench = Watched(NAME)
    bench.run(60)
    bench.give("write", writes=[["tank.setpoint", 60]])
    bench.run(120)
    low, high = span(bench, 300)
    assert 45 < low < high < 70


def test_the_emergency_stop_closes_the_valves_and_the_level_comes_back() -> None:
    bench = Watched(NAME)
    bench.run(70)
    bench.give("panel", station="tank", element="estop", pressed=True)
    bench.run(3)
    assert bench.get("tank.fill_closed")
    assert bench.get("tank.discharge_closed")
    before = tank(bench).level_mm()
    bench.run(60)
    assert tank(bench).level_mm() < before - 10  # somebody still draws
    bench.give("panel", station="tank", element="estop", pressed=False)
    for element in ("reset", "reset", "start"):
        bench.give("panel", station="tank", element=element, pressed=True)
        bench.give("panel", station="tank", element=element, pressed=False)
        bench.run(4)
    bench.run(60)
    low, high = span(bench, 120)
    assert 135 < low < high < 155


@pytest.mark.parametrize("builtin_first", [0, 33])
def test_the_reference_program_keeps_the_level_within_five_millimetres(builtin_first: float) -> None:
    bench = PlcBench(NAME)
    Watched.advance(bench, round(builtin_first * S))
    bench.take_control()
    bench.run(60)
    low, high = span(bench, 300)
    assert 145 < low < high < 155
    for setpoint in (220, 150):
        bench.give("write", writes=[["tank.setpoint", setpoint]])
        bench.run(60)
        low, high = span(bench, 60)
        assert setpoint - 5 < low < high < setpoint + 5
    assert bench.denied == []


def test_with_the_transmitter_stuck_the_high_switch_saves_the_floor() -> None:
    bench = PlcBench(NAME)
    bench.take_control()
    bench.run(60)
    fault = {"id": "f", "seam": "signal", "target": "tank.tank_level", "how": "stuck", "value": 100.0}
    bench.give("fault", **one_effect(fault))
    span(bench, 300)
    assert 270 < tank(bench).level_mm() < 290
