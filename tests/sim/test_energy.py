"""Energy meter: its integral against sums by hand, exact at any instant and over a restore."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components.energy import EnergyMeter
from sim.definition import LineDefinition
from tests.sim.builders import Bench, S, component, definition, station
from tests.sim.parameters import change, covers, restore

Make = Callable[..., Bench]
CURRENTS = ("current_l1", "current_l2", "current_l3")
WATTS = {"base": 40, "heat": 2000}


def supply() -> LineDefinition:
    return definition(
        station(
            "s",
            component("heat", "heater", ("power",)),
            component("drive", "motor", ("run",), start_time="0 s", load="0.5", power_factor="0.8"),
            component("meter", "energy_meter", (*CURRENTS, "voltage", "watt_hours"), consumers=["s.heat", "s.drive"]),
        )
    )


def meter(bench: Bench) -> EnergyMeter:
    found = bench.line.plant.components["s.meter"]
    assert isinstance(found, EnergyMeter)
    return found


@given(st.lists(st.tuples(st.integers(0, 10**12), st.booleans(), st.integers(0, 100)), max_size=15))
def test_the_integral_is_exact(told: list[tuple[int, bool, int]]) -> None:
    bench, expected = Bench(supply()), 0
    for number, (span, on, percent) in enumerate(told):
        bench.write(s__heat_on=on, s__heat_power=float(percent))
        bench.line.advance(bench.line.now_ns + span)
        expected += span * (40_000 + 20_000 * percent * on)  # mW ns
        if number % 2:
            bench.restored()
        assert meter(bench).millijoules() == expected // 10**9
    assert meter(bench).s.since_ns <= bench.line.now_ns


def test_what_it_shows(line: Make) -> None:
    bench = line(supply())
    assert bench.get("s.meter_power") == 40.0
    bench.write(s__heat_on=True, s__drive_run=True)
    drive = 3**0.5 * 400 * 1.0 * 0.8  # √3 U I cos φ at half of 2 A
    assert bench.get("s.meter_power") == pytest.approx(2040 + drive, abs=0.2)
    assert bench.get("s.meter_current_l1") == pytest.approx((2040 + drive) / 0.9 / (3**0.5 * 400), abs=0.01)
    bench.run(3600)
    assert bench.get("s.meter_energy") == pytest.approx((2040 + drive) / 1000, abs=0.002)
    assert bench.get("s.meter_watt_hours") == int(2040 + drive)


@covers("energy_meter", "base_load")
@covers("heater", "rated_power")
def test_parameters_changed_and_restored(line: Make) -> None:
    bench = line(supply())
    bench.write(s__heat_on=True)
    bench.run(10)
    for target, name, value in (("s.meter", "base_load", 140_000), ("s.heat", "rated_power", 1_000_000)):
        bench.give("fault", id=name, seam="parameter", target=target, parameter=name, how="replace", value=value)
    bench.run(10)
    for name in ("base_load", "rated_power"):
        bench.give("end_fault", id=name)
    bench.run(10)
    assert meter(bench).millijoules() == 20 * 2_040_000 + 10 * 1_140_000
    assert sum(meter(bench).duty.spent(30 * S)) == 30 * S


def currents(bench: Bench) -> list[object]:
    return [bench.get(f"s.meter_{name}") for name in CURRENTS]


@pytest.mark.parametrize(("name", "value", "share"), [("voltage", 200_000_000, 2.0), ("power_factor", 450_000, 2.0)])
@covers("energy_meter", "voltage", "power_factor")
def test_what_the_currents_are_reckoned_with(line: Make, name: str, value: int, share: float) -> None:
    """I = P / (√3 U cos φ): 2040 W at 400 V and 0.9; the energy is that of the power."""
    bench = line(supply())
    bench.write(s__heat_on=True)
    bench.run(1)
    usual = 2040 / (3**0.5 * 400 * 0.9)
    assert currents(bench) == [pytest.approx(usual, abs=0.006)] * 3
    ident = change(bench, "s.meter", name, value)
    bench.run(1)
    assert currents(bench) == [pytest.approx(usual * share, abs=0.006)] * 3
    assert bench.get("s.meter_voltage") == pytest.approx(200 if name == "voltage" else 400, rel=0.003)
    restore(bench, ident)
    bench.run(1)
    assert currents(bench) == [pytest.approx(usual, abs=0.006)] * 3
    assert bench.get("s.meter_voltage") == pytest.approx(400, rel=0.003)
    assert meter(bench).millijoules() == 40_000 + 2_000_000 * 3 + 40_000 * 2


def test_a_lost_phase_shows_in_its_current(line: Make) -> None:
    """The motor's two other phases carry √3 times as much; heater and controls draw evenly."""
    bench = line(supply())
    bench.write(s__drive_run=True, s__heat_on=True)
    even = 2040 / (3**0.5 * 400 * 0.9)
    bench.give("fault", id="f", seam="disturbance", target="s.drive", method="lose_phase")
    more = 3**0.5 * 1.0 * 0.8 / 0.9  # A, at the meter's power factor
    assert currents(bench) == [pytest.approx(x, abs=0.01) for x in (even, even + more, even + more)]
    bench.give("end_fault", id="f")
    assert currents(bench) == [pytest.approx(even + 1.0 * 0.8 / 0.9, abs=0.01)] * 3
