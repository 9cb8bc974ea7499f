"""Parameters of the machining centre, changed and restored on the way: wear, heat, power, coolant, fixture, sizes.

See `parameters.py`; Taylor's numbers and the feed are registered in `test_machining_centre.py`.
"""

import math

import pytest

from sim.components.energy import EnergyMeter
from tests.sim.builders import Bench, S, component, definition, station
from tests.sim.kinematics import about
from tests.sim.parameters import change, covers, restore
from tests.sim.test_machining_centre import LIFE, clamped, machine, machine_with, started

MILLION = 10**6


def cutting(**given: str | list[str]) -> Bench:
    """It cuts from 1 s on, with coolant, for as long as a test may take."""
    return started(clamped(Bench(machine_with(**({"times": ["5000 s"]} | given)))))


def meanwhile(bench: Bench, begin: float, end: float, parameter: str, value: int) -> None:
    """Run to `begin`, change, run to `end`, restore."""
    bench.run_to(begin)
    ident = change(bench, "s.m", parameter, value)
    bench.run_to(end)
    restore(bench, ident)


# ---- heat and power of the spindle -----------------------------------------------------------------------------

USUAL = {"ambient": 22.0, "rise": 60.0, "warming": 100.0, "idle_load": 0.08, "cut_load": 0.5, "worn_load": 0.25,
         "dry_heat": 2.0}  # fmt: skip


def warmed(celsius: float, since: float, seconds: float, p: dict[str, float]) -> float:
    """Its load grows evenly as the tool wears: τ h' = g + s t - h, so h = g + s (t - τ) + (h0 - g + s τ) e^(-t/τ)."""
    rise, tau = p["rise"] * p["dry_heat"], p["warming"]
    slope = rise * p["worn_load"] / LIFE
    goal = p["ambient"] + rise * (p["idle_load"] + p["cut_load"]) + slope * since
    return goal + slope * (seconds - tau) + (celsius - goal + slope * tau) * math.exp(-seconds / tau)


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [("ambient", 40, MILLION), ("rise", 90, MILLION), ("warming", 250, S), ("idle_load", 0.2, MILLION),
     ("cut_load", 0.9, MILLION), ("worn_load", 2, MILLION), ("dry_heat", 3, MILLION)],
)  # fmt: skip
@covers("machining_centre", *USUAL)
def test_how_warm_the_spindle_gets(name: str, value: float, unit: int) -> None:
    """Without coolant, which here wears the tool no more than with it: 100 s, 100 s changed, 100 s as before."""
    bench = clamped(Bench(machine_with(times=["5000 s"], warming="100 s", dry_wear="1")))
    bench.write(s__m_coolant=False)
    started(bench)
    meanwhile(bench, 101, 201, name, round(value * unit))
    bench.run_to(301)
    celsius = warmed(22, 0, 100, USUAL)
    celsius = warmed(celsius, 100, 100, USUAL | {name: value})
    celsius = warmed(celsius, 200, 100, USUAL)
    assert machine(bench).s.heat.at(bench.line.now_ns) / MILLION == pytest.approx(celsius, abs=1e-5)
    assert bench.get("s.m_temperature") == pytest.approx(celsius, abs=0.051)


@pytest.mark.parametrize(("name", "watts"), [("idle_power", (200, 5000)), ("cut_power", (800, 9000))])
@covers("machining_centre", "idle_power", "cut_power")
def test_what_it_draws_as_energy(name: str, watts: tuple[int, int]) -> None:
    """Enabled from nought on, at 58 % load from 1 s on."""
    made = machine_with(times=["5000 s"], worn_load="0")
    meter = component("meter", "energy_meter", consumers=["s.m"], base_load="0 W")
    bench = started(clamped(Bench(definition(station("s", *made.stations[0].components, meter)))))
    meanwhile(bench, 21, 51, name, watts[name == "cut_power"] * 1000)
    bench.run_to(101)
    found = bench.line.plant.components["s.meter"]
    assert isinstance(found, EnergyMeter)
    expected = 800 + 70 * (800 + 0.58 * 5000) + 30 * (watts[0] + 0.58 * watts[1])
    assert found.millijoules() == pytest.approx(expected * 1000, abs=1)


# ---- tool ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "begin", "end", "breaks"),
    [(2.0, 1000, 1200, 1 + 1.3 * LIFE), (2.0, 1000, 1400, 1400), (1.1, 1000, 1200, 1 + 1.1 * LIFE),
     (1.1, 1100, 1200, 1100)],
)  # fmt: skip
@covers("machining_centre", "breaks_at")
def test_when_a_tool_breaks(share: float, begin: float, end: float, breaks: float) -> None:
    """At 1.3 times its life of 960 s; at once where the mark has come below what it has cut."""
    bench = cutting()
    steps = sorted([(begin, "change"), (end, "restore"), (breaks - 1e-4, "whole"), (breaks + 1e-4, "broken")])
    seen = {}
    for at, what in steps:
        bench.run_to(at)
        if what == "change":
            ident = change(bench, "s.m", "breaks_at", round(share * MILLION))
        elif what == "restore":
            restore(bench, ident)
        else:
            seen[what] = machine(bench).s.broken
    assert seen == {"whole": False, "broken": True}


@pytest.mark.parametrize(
    ("time", "begin", "end", "after"), [(20, 3, 5, 6), (20, 3, 12, 11), (2, 2, 5, 2), (2, 4, 5, 3)]
)
@covers("machining_centre", "change_time")
def test_how_long_a_change_of_the_tool_takes(time: int, begin: float, end: float, after: float) -> None:
    """6 s since 1 s; a time that has passed already is over at once."""
    bench = clamped(Bench(machine_with()))
    bench.write(s__m_change_tool=True)
    meanwhile(bench, begin, end, "change_time", time * S)
    bench.run_to(30)
    assert bench.times("s.m_tool_changes") == [((1 + after) * S, 1)]


def sizes(name: str, value: int, **given: str) -> list[int]:
    """Of one part cut three times for 96 s, a tenth of the tool's life; changed in mid-cut, restored in the next."""
    bench, found = clamped(Bench(machine_with(times=["96 s"], **given))), []
    for number in range(3):
        bench.write(s__m_start=False)
        started(bench)
        bench.run(50)
        if number == 1:
            ident = change(bench, "s.m", name, value)
        elif number == 2:
            restore(bench, ident)
        bench.run(50)
        found.append(bench.line.plant.part(1).dimension_um - 30_000)
    return found


@covers("machining_centre", "wear")
def test_how_a_worn_tool_cuts() -> None:
    assert sizes("wear", 200 * 10**9, wear="20 µm") == [2, 40, 6]


@covers("machining_centre", "growth")
def test_how_a_warm_spindle_cuts() -> None:
    """With a time constant of 1 s it is as warm as its load makes it: 60 K times 58 % and a quarter of the wear."""
    rise = 60 * (0.58 + 0.25 * 0.2)
    found = sizes("growth", 10 * 10**9, wear="0 µm", warming="1 s")
    assert found == [0, pytest.approx(10 * rise, abs=2), 0]


@covers("machining_centre", "spread")
def test_the_spread_of_sizes() -> None:
    """Every part draws the same numbers, whatever the spread."""
    plain = sizes("spread", 20 * 10**9, wear="0 µm", spread="20 µm")
    wide = sizes("spread", 200 * 10**9, wear="0 µm", spread="20 µm")
    assert (wide[0], wide[2]) == (plain[0], plain[2])
    assert wide[1] == pytest.approx(10 * plain[1], abs=10)
    assert plain[1]


# ---- fixture and coolant ---------------------------------------------------------------------------------------


@covers("machining_centre", "clamp_time")
def test_a_fixture_that_closes_more_slowly_for_a_while() -> None:
    """800 ms: a quarter of it, then a tenth in 400 ms of the 4 s, the rest as before."""
    bench = Bench(machine_with())
    bench.write(s__m_enable=True, s__m_clamp=True)
    meanwhile(bench, 0.2, 0.6, "clamp_time", 4 * S)
    bench.run_to(9)
    assert bench.times("s.m_clamped") == [(about((0.6 + 0.65 * 0.8) * S), True)]


def pumping(**given: str) -> Bench:
    """1 L that falls by 10 mL/s from nought on: low after 90 s."""
    return clamped(Bench(machine_with(coolant_capacity="1 L", coolant_use="10 mL/s", coolant_low="0.1", **given)))


@pytest.mark.parametrize(
    ("name", "value", "begin", "end", "said"),
    [
        ("coolant_use", 30_000, 20, 30, [(70, True)]),  # 200 and 300 mL are gone, 400 are left to the mark
        ("coolant_low", 500_000, 20, 60, [(50, True), (60, False), (90, True)]),
        ("coolant_capacity", 500_000, 20, 40, [(60, True)]),  # what 500 mL cannot hold runs over; 10 mL/s from there
    ],
)
@covers("machining_centre", "coolant_use", "coolant_low", "coolant_capacity")
def test_when_coolant_is_low(name: str, value: int, begin: float, end: float, said: list[tuple[int, bool]]) -> None:
    bench = pumping()
    meanwhile(bench, begin, end, name, value)
    bench.run_to(95)
    assert bench.times("s.m_coolant_is_low") == [(about(at * S), low) for at, low in said]


@covers("machining_centre", "coolant_refill")
def test_how_fast_it_is_refilled() -> None:
    """From nothing at 2 s by 10 mL/s, for 4 s by 2 mL/s: 92 mL are left of 100."""
    bench = pumping(coolant_refill="10 mL/s")
    bench.write(s__m_coolant=False)
    bench.run_to(2)
    bench.give("fault", id="f", seam="disturbance", target="s.m", method="spill_coolant")
    bench.write(s__m_refill=True)
    meanwhile(bench, 4, 8, "coolant_refill", 2_000)
    bench.run_to(40)
    assert bench.times("s.m_coolant_is_low") == [(2 * S, True), (about((8 + 7.2) * S), False)]
