"""Linear axis: move times, ramps from any speed, limits, homing, following error, power."""

from collections.abc import Callable
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components.linear_axis import LinearAxis
from sim.definition import LineDefinition
from tests.sim.builders import MM, Bench, S, component, definition, station

Make = Callable[..., Bench]
ALL = ("velocity", "home", "moving", "homed", "at_low", "at_high", "fault", "position", "lag")


def slide(**given: str) -> LineDefinition:
    return definition(station("s", component("x", "linear_axis", ALL, **{"high": "2000 mm", "max_lag": "1 m"} | given)))


def axis(bench: Bench) -> LinearAxis:
    found = bench.line.plant.components["s.x"]
    assert isinstance(found, LinearAxis)
    return found


def mm(bench: Bench) -> float:
    return axis(bench).at() / MM


def seconds(length: float, v: float, a: float, d: float) -> float:
    """L/v + v/2a + v/2d, or without a stretch of full speed the time of the triangle."""
    if length < v * v / (2 * a) + v * v / (2 * d):
        v = sqrt(2 * length * a * d / (a + d))
    return length / v + v / (2 * a) + v / (2 * d)


def arrival(bench: Bench) -> float:
    return next(t for t, value in reversed(bench.times("s.x_in_position")) if value) / S


@given(st.integers(1, 2000), st.integers(10, 2000), st.integers(100, 20_000), st.integers(100, 20_000))
def test_a_move_takes_the_time_of_its_trapezoid(length: int, v: int, a: int, d: int) -> None:
    bench = Bench(slide(speed=f"{v} mm/s", acceleration=f"{a} mm/s²", deceleration=f"{d} mm/s²"))
    bench.write(s__x_velocity=3000.0, s__x_enable=True, s__x_target=float(length))
    bench.run(length / v + 60)
    assert arrival(bench) == pytest.approx(seconds(length, v, a, d), abs=1e-6)
    assert axis(bench).at() == length * MM


@given(
    st.lists(
        st.tuples(st.integers(1, 3 * S), st.integers(0, 2000), st.integers(0, 1500), st.booleans()),
        min_size=1,
        max_size=10,
    )
)
def test_whatever_it_is_told_it_never_jumps_nor_passes_its_limits(told: list[tuple[int, int, int, bool]]) -> None:
    bench = Bench(slide(speed="1500 mm/s", acceleration="3 m/s²", deceleration="4 m/s²"))
    for span, target, velocity, enable in told:
        before, was = mm(bench), axis(bench)._now_segment().v_at(bench.line.now_ns)
        bench.write(s__x_target=float(target), s__x_velocity=float(velocity), s__x_enable=enable)
        assert mm(bench) == pytest.approx(before, abs=1e-6)  # another command moves nothing by itself
        assert abs(axis(bench)._now_segment().v_at(bench.line.now_ns) - was) <= 10**9
        for _ in range(4):
            start = mm(bench)
            bench.line.advance(bench.line.now_ns + span // 4)
            assert abs(mm(bench) - start) <= 1500 * (span // 4) / S + 1e-6
            assert -1e-6 <= mm(bench) <= 2000 + 1e-6
    bench.write(s__x_target=700.0, s__x_velocity=1500.0, s__x_enable=True)
    bench.run(5)
    assert axis(bench).at() == 700 * MM
    assert bench.get("s.x_in_position") is True


def test_another_speed_in_mid_move_takes_the_computed_rest(line: Make) -> None:
    bench = line(slide(speed="400 mm/s", acceleration="1 m/s²", deceleration="1 m/s²"))
    bench.write(s__x_enable=True, s__x_target=1000.0)
    bench.run(1)  # ramp of 0.4 s and 80 mm, then 240 mm
    assert mm(bench) == pytest.approx(320, abs=1e-6)
    bench.give("fault", id="f", seam="parameter", target="s.x", parameter="speed", how="factor", value=500_000)
    bench.run(10)
    braking = (400 - 200) / 1000, (400**2 - 200**2) / 2000
    rest = 1000 - 320 - braking[1] - 200**2 / 2000
    assert arrival(bench) == pytest.approx(1 + braking[0] + rest / 200 + 0.2, abs=1e-6)


def test_turned_round_at_full_speed_it_brakes_first(line: Make) -> None:
    bench = line(slide(speed="500 mm/s", acceleration="1 m/s²", deceleration="2 m/s²"))
    bench.write(s__x_enable=True, s__x_target=2000.0)
    bench.run(1)  # 125 mm on the ramp and 250 mm
    bench.write(s__x_target=0.0)
    bench.run(10)
    overshoot = 500**2 / 4000
    assert arrival(bench) == pytest.approx(1 + 0.25 + seconds(375 + overshoot, 500, 1000, 2000), abs=1e-6)


def test_without_power_it_brakes_and_goes_on_later(line: Make) -> None:
    bench = line(slide(speed="500 mm/s", acceleration="1 m/s²", deceleration="2 m/s²"))
    bench.write(s__x_enable=True, s__x_target=1000.0)
    bench.run(1)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(5)
    assert mm(bench) == pytest.approx(375 + 62.5, abs=1e-6)
    assert bench.get("s.x_moving") is False
    bench.restored()
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.write(s__x_enable=True, s__x_target=1000.0)  # both are nought in the safe state
    bench.run(5)
    assert axis(bench).at() == 1000 * MM


def test_beyond_its_travel_it_stands_at_the_limit_switch(line: Make) -> None:
    bench = line(slide(high="800 mm"))
    bench.write(s__x_enable=True, s__x_target=900.0)
    bench.run(5)
    assert (mm(bench), bench.get("s.x_at_high"), bench.get("s.x_in_position")) == (800, True, False)
    bench.write(s__x_target=100.0)
    bench.run(5)
    assert (mm(bench), bench.get("s.x_at_high"), bench.get("s.x_in_position")) == (100, False, True)


def test_homing_comes_before_the_first_target(line: Make) -> None:
    bench = line(slide(start="300 mm", needs_homing="true", homing_speed="100 mm/s", acceleration="1 m/s²",
                       deceleration="1 m/s²"))  # fmt: skip
    bench.write(s__x_enable=True, s__x_target=500.0)
    bench.run(3)
    assert (mm(bench), bench.get("s.x_homed"), bench.get("s.x_in_position")) == (300, False, False)
    bench.write(s__x_home=True)
    bench.run(1)
    bench.write(s__x_home=False)  # broken off
    bench.run(3)
    assert 0 < mm(bench) < 300
    assert bench.get("s.x_homed") is False
    bench.write(s__x_home=True)
    bench.run(5)
    assert (mm(bench), bench.get("s.x_homed"), bench.get("s.x_at_low")) == (0, True, True)
    bench.write(s__x_home=False)
    bench.run(5)
    assert (mm(bench), bench.get("s.x_in_position")) == (500, True)
    bench.give("fault", id="f", seam="disturbance", target="s.x", method="lose_reference", clear="")
    bench.write(s__x_target=100.0)
    bench.run(5)
    assert (mm(bench), bench.get("s.x_homed")) == (500, False)


def test_the_position_runs_behind_by_speed_over_gain(line: Make) -> None:
    bench = line(slide(speed="500 mm/s", gain="20"))
    bench.write(s__x_enable=True, s__x_target=1000.0)
    bench.run(1)
    assert bench.get("s.x_lag") == 25.0
    assert float(bench.get("s.x_position")) == pytest.approx(mm(bench) - 25, abs=0.06)
    bench.run(5)
    assert bench.get("s.x_lag") == 0.0


def test_too_far_behind_the_drive_trips_at_the_computed_speed(line: Make) -> None:
    bench = line(slide(speed="500 mm/s", acceleration="2 m/s²", deceleration="2 m/s²", gain="20", max_lag="30 mm"))
    bench.write(s__x_enable=True, s__x_target=1000.0)
    bench.run(1)
    assert bench.get("s.x_fault") is False
    bench.give("fault", id="f", seam="parameter", target="s.x", parameter="gain", how="replace", value=10)
    bench.run(1)
    assert bench.get("s.x_fault") is True  # 50 mm: at once
    bench.write(s__x_enable=False)
    bench.write(s__x_enable=True)
    bench.run(1)
    # 300 mm/s are 30 mm behind: after 0.15 s of the ramp
    assert bench.times("s.x_fault")[-1] == (pytest.approx(2.15 * S, abs=1e4), True)
    bench.give("end_fault", id="f")
    bench.write(s__x_enable=False)
    bench.write(s__x_enable=True)
    bench.run(5)
    assert bench.get("s.x_fault") is False
    assert mm(bench) == 1000
