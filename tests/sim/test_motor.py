"""Motor with drive: heat and trip times by the formula, phases, latched faults, what it drives, its bearing's lines."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components.bearing import Bearing, spectrum
from sim.components.motor import Motor
from sim.definition import LineDefinition
from tests.sim.builders import MM, Bench, S, belt, component, definition, station
from tests.sim.invariants import check
from tests.sim.parameters import covers

Make = Callable[..., Bench]
LINES = ("bpfo", "bpfi", "bsf", "ftf")
ALL = ("run", "speed", "fault_code", "current", "current_l1", "current_l2", "current_l3", "temperature", "used",
       "speed_actual", "vibration", *LINES, *(f"{line}_hz" for line in LINES))  # fmt: skip
TAU, COOL, TRIP = 600.0, 1200.0, 1.05**2


def alone(**changed: str) -> LineDefinition:
    return definition(station("s", component("m", "motor", ALL, **{"start_time": "0 s", **changed})))


def motor(bench: Bench) -> Motor:
    found = bench.line.plant.components["s.m"]
    assert isinstance(found, Motor)
    return found


def fault(bench: Bench, name: str, value: int, ident: str = "f") -> None:
    for before in list(bench.line.faults):  # one replacement of a parameter at a time
        if before.startswith("f"):
            bench.give("end_fault", id=before)
    bench.give("fault", id=ident, seam="parameter", target="s.m", parameter=name, how="replace", value=value)


def heat(bench: Bench) -> float:
    return float(motor(bench).s.heat.at(bench.line.now_ns) / 1e9)


def tripped(bench: Bench) -> list[float]:
    return [t / S for t, code in bench.times("s.m_fault_code") if code]


# ---- heat and I²t ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", [1.1, 1.5, 2.0, 6.0])
def test_it_trips_at_the_time_of_the_formula(line: Make, load: float) -> None:
    bench = line(alone(load=str(load)))
    bench.write(s__m_run=True)
    expected = TAU * math.log(load**2 / (load**2 - TRIP))
    bench.run(expected + 5)
    assert tripped(bench) == [pytest.approx(expected, abs=1e-4)]
    assert (bench.get("s.m_running"), bench.get("s.m_fault_code")) == (False, 1)
    if load == 2.0:
        assert expected == pytest.approx(193, abs=1)


def test_up_to_the_trip_ratio_it_runs_for_ever(line: Make) -> None:
    bench = line(alone(load="1.05"))
    bench.write(s__m_run=True)
    bench.run(8 * 3600)
    assert (bench.get("s.m_fault"), bench.line.next_due_ns()) == (False, None)
    assert bench.get("s.m_temperature") == pytest.approx(22 + 80 * TRIP, abs=0.1)


@given(st.lists(st.tuples(st.integers(1, 300 * S), st.booleans(), st.integers(0, 1_000_000)), max_size=12))
def test_heating_and_cooling_follow_first_order(told: list[tuple[int, bool, int]]) -> None:
    bench, expected = Bench(alone(idle_current="0")), 0.0
    for number, (span, on, load) in enumerate(told):
        bench.write(s__m_run=on)
        fault(bench, "load", load, f"f{number}")
        bench.line.advance(bench.line.now_ns + span)
        goal, tau = ((load / 1e6) ** 2, TAU) if on else (0.0, COOL)
        expected = goal + (expected - goal) * math.exp(-span / S / tau)
        assert heat(bench) == pytest.approx(expected, abs=1e-5)
        if number % 3 == 0:
            bench.restored()


CHANGES: dict[str, tuple[int, Callable[[float], float]]] = {
    # heat after 100 s at 2 In, then 50 s with the change, then 20 s without
    "load": (1_500_000, lambda h: 2.25 + (h - 2.25) * math.exp(-50 / TAU)),
    "time_constant": (300 * S, lambda h: 4 + (h - 4) * math.exp(-50 / 300)),
    "idle_current": (2_500_000, lambda h: 6.25 + (h - 6.25) * math.exp(-50 / TAU)),
}


@pytest.mark.parametrize("name", CHANGES)
@covers("motor", *CHANGES)
def test_a_parameter_changed_and_restored_in_mid_heating(line: Make, name: str) -> None:
    bench = line(alone(load="2", trip_at="3"))
    bench.write(s__m_run=True)
    bench.run(100)
    value, change = CHANGES[name]
    fault(bench, name, value)
    bench.run(50)
    bench.give("end_fault", id="f")
    bench.run(20)
    expected = change(4 - 4 * math.exp(-100 / TAU))
    assert heat(bench) == pytest.approx(4 + (expected - 4) * math.exp(-20 / TAU), abs=1e-6)


@covers("motor", "trip_at")
def test_the_trip_ratio_changed_and_restored(line: Make) -> None:
    bench = line(alone(load="2"))
    bench.write(s__m_run=True)
    fault(bench, "trip_at", 2_000_000)
    bench.run(150)
    bench.give("end_fault", id="f")
    bench.run(60)
    assert tripped(bench) == [pytest.approx(TAU * math.log(4 / (4 - TRIP)), abs=1e-4)]


@covers("motor", "cooling_constant")
def test_the_cooling_constant_changed_and_restored(line: Make) -> None:
    bench = line(alone(load="1"))
    bench.write(s__m_run=True)
    bench.run(600)
    bench.write(s__m_run=False)
    fault(bench, "cooling_constant", 100 * S)
    bench.run(50)
    bench.give("end_fault", id="f")
    bench.run(120)
    assert heat(bench) == pytest.approx((1 - math.exp(-1)) * math.exp(-0.5) * math.exp(-0.1), abs=1e-6)


def test_the_start_takes_more_current_for_its_time(line: Make) -> None:
    bench = line(alone(start_time="2 s", start_current="6", load="0.5"))
    bench.write(s__m_run=True)
    bench.run(1)
    assert bench.get("s.m_current") == pytest.approx(12, rel=0.02)
    assert bench.get("s.m_speed_actual") == 0.0
    bench.run(2)
    assert bench.get("s.m_current") == pytest.approx(1, rel=0.02)
    expected = 36 * (1 - math.exp(-2 / TAU))
    assert heat(bench) == pytest.approx(0.25 + (expected - 0.25) * math.exp(-1 / TAU), abs=1e-6)


# ---- faults ---------------------------------------------------------------------------------------------------------


def test_a_fault_stays_until_it_is_reset_and_then_waits_for_a_new_start(line: Make) -> None:
    bench = line(alone(load="2"))
    bench.write(s__m_run=True)
    bench.run(250)
    bench.write(s__m_reset=True)
    assert bench.get("s.m_fault_code") == 1  # still too hot
    bench.write(s__m_reset=False)
    bench.run(600)
    bench.write(s__m_reset=True)
    assert (bench.get("s.m_fault_code"), bench.get("s.m_running")) == (0, False)
    bench.write(s__m_run=False)
    bench.write(s__m_run=True)
    assert bench.get("s.m_running") is True


def test_a_lost_phase(line: Make) -> None:
    bench = line(alone(load="0.5", phase_delay="10 s"))
    bench.write(s__m_run=True)
    bench.run(1)
    bench.give("fault", id="f", seam="disturbance", target="s.m", method="lose_phase")
    bench.run(1)
    currents = [bench.get(f"s.m_current_l{k}") for k in (1, 2, 3)]
    assert currents == pytest.approx([0, 1.732, 1.732], rel=0.02)
    bench.run(10)
    assert tripped(bench) == [11.0]
    assert bench.get("s.m_fault_code") == 3
    bench.write(s__m_reset=True)
    assert bench.get("s.m_fault") is True  # its cause is still there
    bench.give("end_fault", id="f")
    bench.write(s__m_reset=False)
    bench.write(s__m_reset=True)
    assert bench.get("s.m_fault") is False


def test_a_fault_of_the_drive_is_latched(line: Make) -> None:
    bench = line(alone())
    bench.write(s__m_run=True)
    bench.give("fault", id="f", seam="disturbance", target="s.m", method="trip_drive")
    bench.write(s__m_run=False)
    bench.write(s__m_run=True)
    assert (bench.get("s.m_fault_code"), bench.get("s.m_running")) == (4, False)


def test_a_welded_contactor_feeds_it_without_its_command_until_power_is_cut(line: Make) -> None:
    bench = line(alone())
    bench.write(s__m_run=True)
    bench.give("fault", id="f", seam="disturbance", target="s.m", method="weld")
    bench.write(s__m_run=False)
    bench.run(1)
    assert bench.get("s.m_current") == pytest.approx(1.2, rel=0.02)
    bench.give("panel", station="s", element="estop", pressed=True)
    assert bench.get("s.m_current") == 0.0
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.give("end_fault", id="f")
    assert bench.get("s.m_running") is False


# ---- what it drives -------------------------------------------------------------------------------------------------


def driving(**changed: str) -> LineDefinition:
    made = component("m", "motor", ("fault_code", "current"), drives="s.belt", **{"start_time": "0 s", **changed})
    return definition(station("s", belt("belt"), made))


def test_a_belt_loads_its_motor_and_stands_when_that_trips(line: Make) -> None:
    bench = line(driving(load="0.5", part_load="1"))
    bench.write(s__belt_run=True)
    assert bench.get("s.m_current") == pytest.approx(1.0, rel=0.02)
    bench.lay()
    bench.run(1)
    assert bench.get("s.m_current") == pytest.approx(2.0, rel=0.02)
    bench.give("fault", id="d", seam="disturbance", target="s.m", method="trip_drive")
    bench.run(0.001)
    before = bench.heads()
    bench.run(3)
    assert bench.heads() == before
    bench.write(s__m_reset=True)
    bench.run(1)
    assert bench.heads() == before  # no start by itself
    bench.write(s__belt_run=False)
    bench.write(s__belt_run=True)
    bench.run(1)
    assert bench.heads() == [before[0] + 200]
    check(bench.line)


def test_parts_that_are_held_load_it_more(line: Make) -> None:
    bench = line(driving(load="0.5", part_load="0", held_load="1"))
    bench.write(s__belt_run=True)
    bench.lay()
    bench.give("fault", id="j", seam="disturbance", target="s.belt", method="jam")
    bench.run(1)
    assert bench.get("s.m_current") == pytest.approx(1.0, rel=0.02)
    bench.run(5)
    assert bench.get("s.m_current") == pytest.approx(2.0, rel=0.02)


def test_a_pump_stands_without_its_motor(line: Make) -> None:
    pump = component("p", "pump", ("opening",))
    bench = line(definition(station("s", pump, component("m", "motor", ("current",), drives="s.p", load="1"))))
    bench.write(s__p_run=True)
    bench.run(5)
    assert bench.get("s.p_opening") == 100.0
    assert bench.get("s.m_current") == pytest.approx(2.0, rel=0.02)
    bench.give("fault", id="d", seam="disturbance", target="s.m", method="trip_drive")
    bench.run(5)
    assert bench.get("s.p_opening") == 0.0


def test_the_frequency_set_point_slows_what_it_drives(line: Make) -> None:
    made = component("m", "motor", ("speed",), drives="s.belt", start_time="0 s")
    pump = component("p", "pump", ("opening",))
    other = component("n", "motor", ("speed",), drives="s.p", start_time="0 s")
    bench = line(definition(station("s", belt("belt", length="2000 mm"), made, pump, other)))
    bench.write(s__belt_run=True, s__p_run=True)
    bench.lay()
    bench.run(1)
    bench.write(s__m_speed=25.0, s__n_speed=40.0)
    bench.run(2)
    bench.write(s__m_speed=100.0)
    bench.run(1)
    assert bench.heads() == [60 + 200 + 2 * 50 + 200]
    assert bench.get("s.p_opening") == 40.0


def test_a_spindle_cuts_as_fast_as_its_motor_turns_and_stands_when_that_trips(line: Make) -> None:
    at = {"belt": "s.belt", "position": "400 mm"}
    parts = (
        belt("belt"), component("stop", "stopper", **at), component("jaws", "clamp", **at),
        component("it", "spindle", clamp="s.jaws", cut_least="4 s", cut_most="4 s"),
        component("m", "motor", ("speed", "current"), drives="s.it", start_time="0 s", load="0.8", idle_current="0.2"),
    )  # fmt: skip
    bench = line(definition(station("s", *parts)))
    bench.write(s__belt_run=True)
    bench.lay()
    bench.run_to(4)
    bench.write(s__jaws_extend=True)
    bench.run_to(5)
    bench.write(s__it_run=True)
    bench.run_to(6)
    assert bench.get("s.m_current") == pytest.approx(1.6, rel=0.02)
    bench.write(s__m_speed=50.0)  # 3 s are left
    bench.run_to(8)
    bench.give("fault", id="d", seam="disturbance", target="s.m", method="trip_drive")  # 2 s are left
    bench.run_to(10)
    assert (bench.get("s.it_load"), bench.get("s.m_running")) == (0.0, False)
    bench.write(s__it_run=False, s__m_speed=100.0)
    bench.write(s__m_reset=True)
    bench.write(s__it_run=True)
    bench.run_to(20)
    assert bench.times("s.it_done") == [(12 * S, True)]
    assert bench.get("s.m_current") == pytest.approx(0.4, rel=0.03)  # it turns free
    check(bench.line)


# ---- bearing --------------------------------------------------------------------------------------------------------


def test_the_lines_of_a_6205() -> None:
    found = Bearing(9, 7.94, 39.04).frequencies(1.0)
    assert found == pytest.approx({"bpfo": 3.5848, "bpfi": 5.4152, "bsf": 2.3567, "ftf": 0.3983}, abs=5e-4)
    tilted = Bearing(9, 7.94, 39.04, angle=15, slip=0.01).frequencies(25.0)
    share = 7.94 / 39.04 * math.cos(math.radians(15))
    assert tilted["bpfi"] == pytest.approx(4.5 * 24.75 * (1 + share))


def test_a_flaw_shows_in_its_line_the_rms_and_the_spectrum(line: Make) -> None:
    bench = line(alone(load="1"))
    bench.write(s__m_run=True)
    bench.run(10)
    sound = bench.get("s.m_vibration")
    turns = 25 * 0.96
    assert bench.get("s.m_bpfo_hz") == pytest.approx(3.5848 * turns, abs=0.02)
    fault(bench, "wear_bpfo", 3000)
    assert bench.get("s.m_bpfo") == pytest.approx(3 * 0.96)
    assert float(bench.get("s.m_vibration")) > 2 * float(sound)
    rate = 2560
    hertz, lines = spectrum(motor(bench).vibration_window(rate, 8192), rate)
    peak = hertz[np.argmax(lines)]
    assert peak == pytest.approx(3.5848 * turns, abs=rate / 8192)
    assert lines.max() == pytest.approx(3 * 0.96, rel=0.2)
    rms = math.sqrt(float(np.mean(motor(bench).vibration_window(rate, 8192) ** 2)))
    assert rms == pytest.approx(float(bench.get("s.m_vibration")), rel=0.1)
    bench.give("end_fault", id="f")
    assert bench.get("s.m_vibration") == pytest.approx(sound, rel=0.05)


@covers(
    "motor", "rated_speed", "balls", "bearing_slip", "ball_diameter", "pitch_diameter", "contact_angle", "rotor_slip"
)
def test_geometry_and_speed_changed_and_restored(line: Make) -> None:
    bench = line(alone(load="0.5"))
    bench.write(s__m_run=True)
    for name, value, factor in (
        ("rated_speed", 3_000_000, 2.0),
        ("balls", 18, 2.0),
        ("bearing_slip", 100_000, 0.9),
        ("ball_diameter", 39_040 * MM // 2000, 0.5 / (1 - 7.94 / 39.04)),
        ("pitch_diameter", 2 * 7_940 * MM // 1000, 0.5 / (1 - 7.94 / 39.04)),
        ("contact_angle", 60_000_000, (1 - 3.97 / 39.04) / (1 - 7.94 / 39.04)),
        ("rotor_slip", 520_000, 0.74 / 0.98),
    ):
        before = float(bench.get("s.m_bpfo_hz"))
        fault(bench, name, value)
        bench.run(1)
        assert bench.get("s.m_bpfo_hz") == pytest.approx(before * factor, abs=0.02)
        bench.give("end_fault", id="f")
        bench.run(1)
        assert bench.get("s.m_bpfo_hz") == before


def test_the_same_window_twice_and_after_a_restore(line: Make) -> None:
    bench = line(alone(wear_bsf="1 mm/s"))
    bench.write(s__m_run=True)
    bench.run(12.345)
    first = motor(bench).vibration_window()
    bench.restored()
    assert (motor(bench).vibration_window() == first).all()


DEEDS = st.sampled_from(["run", "reset", "estop", "restore", "load", "lose_phase", "weld", "trip_drive"])


@given(st.lists(st.tuples(st.integers(0, 200 * S), DEEDS, st.booleans()), max_size=20))
def test_interrupted_at_any_instant_it_heats_only_while_it_runs_and_can_be_had_back(
    deeds: list[tuple[int, str, bool]],
) -> None:
    bench = Bench(alone(load="2"))
    for number, (span, what, on) in enumerate(deeds):
        if what == "restore":
            bench.restored()
        elif what == "estop":
            bench.give("panel", station="s", element="estop", pressed=on)
        elif what == "load":
            fault(bench, "load", 500_000 if on else 3_000_000, f"f{number}")
        elif what in ("run", "reset"):
            bench.write(**{f"s__m_{what}": on})
        else:
            bench.give("fault", id="d", seam="disturbance", target="s.m", method=what)
            bench.give("end_fault", id="d")
        before, ran = heat(bench), bench.get("s.m_running")
        bench.line.advance(bench.line.now_ns + span)
        assert heat(bench) <= TRIP + 1e-6 or motor(bench).s.welded
        assert ran or heat(bench) <= before
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.write(s__m_run=False)
    bench.run(3600)
    bench.write(s__m_reset=False)
    bench.write(s__m_reset=True)
    bench.write(s__m_run=True)
    assert (bench.get("s.m_running"), bench.get("s.m_fault")) == (True, False)
