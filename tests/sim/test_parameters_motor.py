"""Parameters of the motor, changed and restored on the way: first-order heating, I²t, delays, vibration, power.

See `parameters.py`; what `test_motor.py` shows is registered there.
"""

import math

import pytest

from sim.components.bearing import LINES
from sim.components.energy import EnergyMeter
from tests.sim.builders import MS, Bench, S, component, definition, station
from tests.sim.kinematics import about
from tests.sim.parameters import change, covers, restore
from tests.sim.test_motor import COOL, TAU, TRIP, alone, heat, motor, tripped

MILLION = 10**6


def running(**given: str) -> Bench:
    bench = Bench(alone(**given))
    bench.write(s__m_run=True)
    return bench


def meanwhile(bench: Bench, begin: float, end: float, parameter: str, value: int) -> None:
    """Run to `begin`, change, run to `end`, restore."""
    bench.run_to(begin)
    ident = change(bench, "s.m", parameter, value)
    bench.run_to(end)
    restore(bench, ident)


def course(origin: float, *legs: tuple[float, float], tau: float = TAU) -> float:
    """A first-order value after legs of (seconds, where it would end)."""
    for seconds, goal in legs:
        origin = goal + (origin - goal) * math.exp(-seconds / tau)
    return origin


# ---- current and heat ------------------------------------------------------------------------------------------


@covers("motor", "start_current")
def test_what_a_start_takes() -> None:
    bench = running(start_time="100 s", start_current="2", trip_at="9")
    meanwhile(bench, 30, 50, "start_current", 3 * MILLION)
    bench.run_to(90)
    assert heat(bench) == pytest.approx(course(0, (30, 4), (20, 9), (40, 4)), abs=1e-6)


@covers("motor", "start_time")
def test_how_long_a_start_takes() -> None:
    """A quarter of it in 0.5 s, an eighth in the next second, the rest in 0.625 x 2 s."""
    bench = running(start_time="2 s")
    meanwhile(bench, 0.5, 1.5, "start_time", 8 * S)
    bench.run_to(10)
    assert motor(bench).time_in_state()["starting"] == about(2750 * MS)
    meanwhile(bench, 11, 12, "start_time", 30 * S)
    assert bench.get("s.m_speed_actual") == pytest.approx(1500 * (1 - 0.04 * 0.6), abs=0.1)  # it runs already


def on_a_belt(**given: str) -> Bench:
    """Half the rated current without parts; one part lies on the belt, which is slow."""
    made = component("m", "motor", drives="s.belt", start_time="0 s", load="0.5", part_load="0", **given)
    bench = Bench(definition(station("s", component("belt", "belt", length="1000 mm", speed="1 mm/s"), made)))
    bench.write(s__belt_run=True)
    bench.lay()
    return bench


@covers("motor", "part_load")
def test_what_a_part_on_the_belt_adds() -> None:
    bench = on_a_belt()
    meanwhile(bench, 100, 180, "part_load", MILLION)
    bench.run_to(250)
    assert heat(bench) == pytest.approx(course(0, (100, 0.25), (80, 1), (70, 0.25)), abs=1e-6)


@covers("motor", "held_load")
def test_what_a_part_that_is_held_adds() -> None:
    """It arrives at the jam, 440 mm on, after 440 s."""
    bench = on_a_belt(held_load="1")
    bench.give("fault", id="j", seam="disturbance", target="s.belt", method="jam")
    meanwhile(bench, 500, 580, "held_load", 0)
    bench.run_to(650)
    assert heat(bench) == pytest.approx(course(0, (440, 0.25), (60, 1), (80, 0.25), (70, 1)), abs=1e-6)


@pytest.mark.parametrize(
    ("parameter", "value", "goals"),
    [("ambient", 40 * MILLION, (102, 120, 102)), ("rated_rise", 40 * MILLION, (102, 62, 102))],
)
@covers("motor", "ambient", "rated_rise")
def test_the_winding_warms_towards_the_hall_and_its_rise(
    parameter: str, value: int, goals: tuple[float, float, float]
) -> None:
    """At the rated current 80 K over 22 °C; another hall is felt with the winding's own time constant."""
    bench = running(load="1")
    bench.run_to(300)
    ident = change(bench, "s.m", parameter, value)
    bench.run_to(600)
    legs = [(300.0, goals[0]), (300.0, goals[1]), (300.0, goals[2])]
    assert bench.get("s.m_temperature") == pytest.approx(course(22, *legs[:2]), abs=0.051)
    restore(bench, ident)
    bench.run_to(900)
    assert bench.get("s.m_temperature") == pytest.approx(course(22, *legs), abs=0.051)
    assert heat(bench) == pytest.approx(course(0, (900, 1)), abs=1e-6)  # the drive knows of neither


@covers("motor", "reset_below")
def test_how_cool_it_has_to_be_to_be_reset() -> None:
    """Reset each second: for 100 s a higher mark would do, but the heat comes down to it only after these."""
    for end, mark in ((100, 0.81), (400, 1.0)):
        bench = running(load="2")
        hot = TAU * math.log(4 / (4 - TRIP))
        bench.run_to(200)  # tripped since then
        ident = change(bench, "s.m", "reset_below", MILLION)
        free, now = hot + COOL * math.log(TRIP / mark), 200
        while bench.get("s.m_fault"):
            now += 1
            if now == 200 + end:
                restore(bench, ident)
            bench.write(s__m_reset=False)
            bench.run_to(now)
            bench.write(s__m_reset=True)
        assert now == math.ceil(free)


# ---- delays ----------------------------------------------------------------------------------------------------

DELAYS = [(20, 5, 10), (20, 15, 15), (4, 6, 4)]  # changed at 2 s from 10 s to so many, until then: it trips after


@pytest.mark.parametrize(("delay", "end", "after"), DELAYS)
@covers("motor", "phase_delay")
def test_how_long_a_lost_phase_is_borne(delay: int, end: float, after: float) -> None:
    bench = running(load="0.5", phase_delay="10 s")
    bench.run_to(1)
    bench.give("fault", id="f", seam="disturbance", target="s.m", method="lose_phase")
    meanwhile(bench, 3, 1 + end, "phase_delay", delay * S)
    bench.run_to(30)
    assert tripped(bench) == [1 + after]


@pytest.mark.parametrize(("delay", "end", "after"), DELAYS)
@covers("motor", "stall_delay")
def test_how_long_a_stall_is_borne(delay: int, end: float, after: float) -> None:
    """A belt that cannot slip stalls when its part arrives at the jam: 440 mm at 200 mm/s."""
    made = component("m", "motor", ("fault_code",), drives="s.belt", start_time="0 s", stall_delay="10 s")
    stiff = component("belt", "belt", length="1000 mm", speed="200 mm/s", accumulating="false")
    bench = Bench(definition(station("s", stiff, made)))
    bench.give("fault", id="j", seam="disturbance", target="s.belt", method="jam")
    bench.write(s__belt_run=True)
    bench.lay()
    meanwhile(bench, 4.2, 2.2 + end, "stall_delay", delay * S)
    bench.run_to(40)
    assert tripped(bench) == [pytest.approx(2.2 + after, abs=1e-8)]


# ---- power -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "value", "watts"),
    [
        ("rated_current", 3 * MILLION, 3**0.5 * 400 * 1.5 * 0.8),
        ("voltage", 230_500_000, 3**0.5 * 230.5 * 1.0 * 0.8),
        ("power_factor", 600_000, 3**0.5 * 400 * 1.0 * 0.6),
    ],
)
@covers("motor", "rated_current", "voltage", "power_factor")
def test_what_it_draws_as_energy(parameter: str, value: int, watts: float) -> None:
    """√3 U I cos φ at half of its 2 A, for 20 s as changed, for 40 s as usual."""
    made = component("m", "motor", ("run", "current"), start_time="0 s", load="0.5")
    meter = component("meter", "energy_meter", consumers=["s.m"], base_load="0 W")
    bench = Bench(definition(station("s", made, meter)))
    bench.write(s__m_run=True)
    bench.run_to(10)
    ident = change(bench, "s.m", parameter, value)
    bench.run_to(30)
    assert bench.get("s.m_current") == pytest.approx(1.5 if parameter == "rated_current" else 1.0, rel=0.015)
    restore(bench, ident)
    bench.run_to(60)
    found = bench.line.plant.components["s.meter"]
    assert isinstance(found, EnergyMeter)
    expected = 20 * watts + 40 * 3**0.5 * 400 * 1.0 * 0.8
    assert found.millijoules() / 1000 == pytest.approx(expected, rel=1e-5)


# ---- vibration -------------------------------------------------------------------------------------------------

PACE = 1 - 0.04  # of the shaft at the rated current


@pytest.mark.parametrize("line", LINES)
@covers("motor", *(f"wear_{line}" for line in LINES))
def test_a_flaw_of_the_bearing_that_comes_and_goes(line: str) -> None:
    """As high as stated at the rated speed; its harmonics are a half and a quarter as high."""
    bench = running(load="1")
    seen = []
    for flaw in (0.0, 3.0, 0.0):
        ident = change(bench, "s.m", f"wear_{line}", 3000) if flaw else ""
        bench.run(5)
        seen.append(bench.get(f"s.m_{line}"))
        power = (flaw * PACE) ** 2 * (1 + 0.25 + 0.0625) + (0.5 * PACE**2) ** 2
        rms = math.sqrt(0.6**2 * PACE + power / 2)
        assert bench.get("s.m_vibration") == pytest.approx(rms, rel=0.03, abs=0.006)
        if ident:
            restore(bench, ident)
    assert seen == [0.0, pytest.approx(3 * PACE), 0.0]


@pytest.mark.parametrize("parameter", ["unbalance", "vibration_floor"])
@covers("motor", "unbalance", "vibration_floor")
def test_vibration_of_unbalance_and_of_a_sound_machine(parameter: str) -> None:
    """Unbalance grows with the square of the speed, the floor's power with the speed."""
    bench = running(load="1")
    for changed in (False, True, False):
        ident = change(bench, "s.m", parameter, 6000) if changed else ""
        bench.run(5)
        level = {"unbalance": 0.5, "vibration_floor": 0.6} | ({parameter: 6.0} if changed else {})
        rms = math.sqrt(level["vibration_floor"] ** 2 * PACE + (level["unbalance"] * PACE**2) ** 2 / 2)
        assert bench.get("s.m_vibration") == pytest.approx(rms, rel=0.03, abs=0.006)
        if ident:
            restore(bench, ident)
