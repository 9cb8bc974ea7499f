"""Heater: the curve of first order, its crossings, interruptions, and the loop that holds a temperature."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components.heater import Heater
from sim.definition import LineDefinition
from tests.sim.builders import Bench, S, component, definition, station

Make = Callable[..., Bench]
OPTIONS = ("power", "regulate", "setpoint", "power_actual")
AMBIENT, RISE, TAU = 22.0, 180.0, 60.0


def oven(**given: str) -> LineDefinition:
    return definition(station("s", component("oven", "heater", OPTIONS, **given)))


def celsius(bench: Bench) -> float:
    found = bench.line.plant.components["s.oven"]
    assert isinstance(found, Heater)
    return found.at(bench.line.now_ns) / 1e6


@given(st.lists(st.tuples(st.integers(1, 100 * S), st.booleans(), st.integers(0, 100)), min_size=1, max_size=10))
def test_the_curve_is_that_of_first_order(told: list[tuple[int, bool, int]]) -> None:
    bench, expected = Bench(oven()), AMBIENT
    for span, on, power in told:
        bench.write(s__oven_on=on, s__oven_power=float(power))
        bench.line.advance(bench.line.now_ns + span)
        goal = AMBIENT + RISE * power / 100 * on
        expected = goal + (expected - goal) * math.exp(-span / S / TAU)
        assert celsius(bench) == pytest.approx(expected, abs=2e-5)
        assert abs(float(bench.get("s.oven_temperature")) - expected) <= 0.51


def test_a_fine_sensor_says_its_fine_steps(line: Make) -> None:
    """It said tenths of a degree, however fine it was."""
    bench = line(oven(resolution="0.02 °C"))
    bench.write(s__oven_on=True)
    for _ in range(40):
        bench.run(1)
        assert abs(float(bench.get("s.oven_temperature")) - celsius(bench)) <= 0.0201


def test_the_sensor_steps_at_the_computed_times(line: Make) -> None:
    bench = line(oven())
    bench.write(s__oven_on=True)
    bench.run(30)
    for t, value in bench.times("s.oven_temperature"):
        assert isinstance(value, float)
        assert t / S == pytest.approx(-TAU * math.log(1 - (value - AMBIENT) / RISE), abs=1e-6)
    assert len(bench.times("s.oven_temperature")) == int(RISE * (1 - math.exp(-0.5)) / 0.5)


def test_near_its_end_nothing_more_is_due(line: Make) -> None:
    bench = line(oven())
    bench.write(s__oven_on=True)
    bench.run(3600)
    assert bench.get("s.oven_temperature") in (201.5, 202.0)
    assert bench.line.next_due_ns() is None


def test_a_weak_element_and_its_repair(line: Make) -> None:
    bench = line(oven())
    bench.write(s__oven_on=True)
    bench.run(60)
    bench.give("fault", id="f", seam="parameter", target="s.oven", parameter="rise", how="factor", value=500_000)
    first = AMBIENT + RISE * (1 - math.exp(-1))
    bench.run(60)
    second = AMBIENT + 90 + (first - AMBIENT - 90) * math.exp(-1)
    assert celsius(bench) == pytest.approx(second, abs=1e-5)
    bench.give("end_fault", id="f")
    bench.run(60)
    assert celsius(bench) == pytest.approx(AMBIENT + RISE + (second - AMBIENT - RISE) * math.exp(-1), abs=1e-5)


def test_the_loop_holds_its_set_point_and_finds_it_again(line: Make) -> None:
    bench = line(oven())
    bench.write(s__oven_on=True, s__oven_regulate=True, s__oven_setpoint=120.0)
    bench.run(300)
    for _ in range(60):
        bench.run(1)
        assert celsius(bench) == pytest.approx(120, abs=0.5)
    bench.give("fault", id="f", seam="parameter", target="s.oven", parameter="rise", how="factor", value=800_000)
    bench.run(300)
    assert celsius(bench) == pytest.approx(120, abs=0.5)
    assert float(bench.get("s.oven_power_actual")) == pytest.approx(100 * 98 / 144, abs=1)
    bench.write(s__oven_setpoint=60.0)
    bench.run(600)
    assert celsius(bench) == pytest.approx(60, abs=0.5)


def test_the_emergency_stop_takes_the_heat_away_and_a_restore_changes_nothing(line: Make) -> None:
    bench = line(oven())
    bench.write(s__oven_on=True, s__oven_regulate=True, s__oven_setpoint=120.0)
    bench.run(100.5)
    before = celsius(bench)
    bench.restored()
    assert celsius(bench) == before
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(60)
    assert celsius(bench) == pytest.approx(AMBIENT + (before - AMBIENT) * math.exp(-1), abs=1e-4)
