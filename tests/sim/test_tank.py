"""Tanks: mass balance, strokes, marks, overflow and dry outlets, gravity, the meter."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components.tank import FL, ML, Tank
from sim.definition import ComponentDefinition, LineDefinition
from tests.sim.builders import Bench, S, component, definition, station

Make = Callable[..., Bench]


def plumbing(*more: ComponentDefinition, stroke: str = "1 us", **given: str) -> LineDefinition:
    """A tank of 1 L and 200 mm between a valve of 50 mL/s and one of 20 mL/s."""
    tank = component("tank", "tank", ("overflow",), **{"capacity": "1 L", "height": "200 mm"} | given)
    fill = component("fill", "valve", ("position",), to="s.tank", flow="50 mL/s", stroke_time=stroke)
    drain = component("drain", "valve", ("opened", "closed"), source="s.tank", flow="20 mL/s", stroke_time=stroke)
    return definition(station("s", tank, fill, drain, *more))


def tank(bench: Bench, name: str = "s.tank") -> Tank:
    found = bench.line.plant.components[name]
    assert isinstance(found, Tank)
    return found


def volume(bench: Bench, name: str = "s.tank") -> float:
    """In mL."""
    return tank(bench, name).s.volume.at(bench.line.now_ns) / ML


def balanced(bench: Bench, initial: int = 0) -> None:
    """What came in is in the tank, was drained or ran over: to the femtolitre."""
    for name in [n for n, c in bench.line.plant.components.items() if isinstance(c, Tank)]:
        s, now = tank(bench, name).s, bench.line.now_ns
        assert s.volume.at(now) == initial + s.filled.at(now) - s.drained.at(now) - s.spilled.at(now)
        assert 0 <= s.volume.at(now) <= tank(bench, name).full


COMMANDS = st.lists(
    st.tuples(st.integers(1, 40 * S), st.booleans(), st.integers(0, 100), st.booleans()), min_size=1, max_size=12
)


@given(COMMANDS, st.booleans())
def test_mass_is_kept_at_any_time(commands: list[tuple[int, bool, int, bool]], gravity: bool) -> None:
    bench = Bench(plumbing(stroke="1 s", gravity=str(gravity).lower()))
    for span, fill, position, drain in commands:
        bench.write(s__fill_open=fill, s__fill_position=float(position), s__drain_open=drain)
        bench.line.advance(bench.line.now_ns + span)
        balanced(bench)


@given(COMMANDS)
def test_the_level_is_the_sum_of_what_flowed(commands: list[tuple[int, bool, int, bool]]) -> None:
    """Without a stroke every flow is constant from command to command."""
    bench, expected = Bench(plumbing()), Fraction(0)
    for span, fill, position, drain in commands:
        bench.write(s__fill_open=fill, s__fill_position=float(position), s__drain_open=drain)
        bench.line.advance(bench.line.now_ns + span)
        net = 500 * position * fill - 20_000 * drain
        expected = min(max(expected + net * span, Fraction(0)), Fraction(ML * 1000))
        assert abs(volume(bench) - expected / ML) < 1e-3  # a stroke of a microsecond is not nought


def test_the_transmitter_is_never_more_than_a_step_off(line: Make) -> None:
    bench = line(plumbing(resolution="0.5 mm"))
    bench.write(s__fill_open=True, s__fill_position=73.0)
    for _ in range(200):
        bench.run(0.1)
        assert abs(float(bench.get("s.tank_level")) - tank(bench).level_mm()) <= 0.5
    bench.write(s__fill_open=False, s__drain_open=True)
    for _ in range(200):
        bench.run(0.1)
        assert abs(float(bench.get("s.tank_level")) - tank(bench).level_mm()) <= 0.5


def test_switches_close_at_the_computed_nanosecond(line: Make) -> None:
    bench = line(plumbing(low_at="30 mm", high_at="170 mm"))
    bench.write(s__fill_open=True, s__fill_position=100.0)
    bench.run(20)
    low, high = bench.times("s.tank_low")[0][0], bench.times("s.tank_high")[0][0]
    assert 0 <= low - 3 * S <= 1000  # 150 mL at 50 mL/s, and half a stroke of a microsecond
    assert 0 <= high - 17 * S <= 1000
    bench.write(s__fill_open=False, s__drain_open=True)
    bench.run(60)
    assert [value for _, value in bench.times("s.tank_high")] == [True, False]
    assert abs(bench.times("s.tank_high")[1][0] - (20 * S + 7.5 * S)) <= 1000  # 150 mL at 20 mL/s
    assert bench.get("s.tank_level") == 0.0


def test_what_does_not_fit_runs_over(line: Make) -> None:
    bench = line(plumbing(initial="180 mm"))
    bench.write(s__fill_open=True, s__fill_position=100.0)
    bench.run(10)
    assert bench.times("s.tank_overflow")[0][0] == pytest.approx(2 * S, abs=1000)
    assert tank(bench).s.spilled.at(bench.line.now_ns) / ML == pytest.approx(400, abs=0.01)
    bench.write(s__fill_open=False)
    bench.run(1)
    assert bench.get("s.tank_overflow") is False
    assert volume(bench) == 1000
    balanced(bench, 900 * ML)


def test_an_empty_tank_gives_what_comes_in(line: Make) -> None:
    pump = component("pump", "pump", source="s.tank", flow="30 mL/s", ramp="1 us")
    bench = line(plumbing(pump, component("meter", "flow_meter", on="s.pump", noise="0 mL/s")))
    bench.write(s__fill_open=True, s__fill_position=50.0, s__drain_open=True, s__pump_run=True)
    bench.run(10)
    assert volume(bench) == pytest.approx(0, abs=1e-3)
    assert bench.get("s.meter_flow") == 15.0  # 25 mL/s are shared 20 to 30
    balanced(bench)


@pytest.mark.parametrize("stroke", ["200 ms", "4 s"])
def test_through_a_whole_stroke_half_of_it_flows(line: Make, stroke: str) -> None:
    seconds = float(stroke.split()[0]) / (1000 if "ms" in stroke else 1)
    bench = line(plumbing(stroke=stroke))
    bench.write(s__fill_open=True, s__fill_position=100.0)
    bench.run(seconds)
    assert volume(bench) == pytest.approx(50 * seconds / 2, rel=1e-6)
    bench.write(s__fill_open=False)
    bench.run(seconds)
    assert volume(bench) == pytest.approx(50 * seconds, rel=1e-6)


def test_a_stroke_turns_round_where_it_is_and_takes_its_new_time(line: Make) -> None:
    bench = line(plumbing(stroke="1 s", initial="100 mm"))
    bench.write(s__drain_open=True)
    bench.run(0.4)
    bench.give(
        "fault", id="f", seam="parameter", target="s.drain", parameter="stroke_time", how="factor", value=2 * 10**6
    )
    bench.run(0.8)  # 40 % are left at 1.2 s of 2 s to go: two thirds of them
    bench.write(s__drain_open=False)
    bench.run(3)
    assert bench.times("s.drain_opened") == []
    assert bench.times("s.drain_closed") == [(0, False), (round(2.8 * S), True)]
    # open beyond the half from 0.6 s (it was at 0.4 s: 40 %) to 1.8 s
    assert volume(bench) == pytest.approx(500 - 20 * (1.8 - 0.6), abs=1e-3)
    balanced(bench, 500 * ML)


def test_a_stuck_valve_stays_where_it_is_until_it_is_freed(line: Make) -> None:
    bench = line(plumbing(stroke="1 s", initial="100 mm"))
    bench.write(s__drain_open=True)
    bench.run(0.7)
    bench.give("fault", id="f", seam="disturbance", target="s.drain", method="stick", clear="unstick")
    bench.write(s__drain_open=False)
    before = volume(bench)
    bench.run(5)
    assert volume(bench) == pytest.approx(before - 100, abs=0.01)
    bench.give("end_fault", id="f")
    bench.run(2)
    assert bench.get("s.drain_closed") is True


def test_gravity_empties_a_tank_as_torricelli_says(line: Make) -> None:
    """Outflow grows with the root of the level: twice the time that the full flow would need."""
    bench = line(plumbing(gravity="true", initial="200 mm"))
    bench.write(s__drain_open=True)
    bench.run(50)
    assert volume(bench) == pytest.approx(250, rel=0.01)  # (1 - t/2T)^2 of it with T = 50 s
    bench.run(25)
    assert volume(bench) == pytest.approx(62.5, rel=0.03)


def test_gravity_and_an_inflow_find_their_level(line: Make) -> None:
    bench = line(plumbing(gravity="true"))
    bench.write(s__fill_open=True, s__fill_position=20.0, s__drain_open=True)
    events = []
    bench.run(600)
    before = len(bench.events)
    bench.run(600)
    events = bench.events[before:]
    assert tank(bench).level_mm() == pytest.approx(200 * 0.25, abs=2.5)  # half the flow: a quarter of the head
    assert len(events) < 3000  # it does not hunt between two bands


def test_from_tank_to_tank_nothing_is_lost(line: Make) -> None:
    second = component("second", "tank", capacity="1 L", height="200 mm")
    pump = component("pump", "pump", ("speed", "running"), source="s.tank", to="s.second", flow="40 mL/s", ramp="2 s")
    bench = line(plumbing(second, pump))
    bench.write(s__fill_open=True, s__fill_position=100.0, s__pump_run=True, s__pump_speed=60.0)
    for _ in range(40):
        bench.run(0.5)
        balanced(bench)
    s = tank(bench).s
    assert tank(bench, "s.second").s.filled.at(bench.line.now_ns) == s.drained.at(bench.line.now_ns)
    assert volume(bench, "s.second") == pytest.approx(24 * 20 - 24 * 0.6, rel=1e-3)  # half of a ramp of 1.2 s


def test_the_meter_counts_pulses_and_is_set_to_nought(line: Make) -> None:
    meter = component("meter", "flow_meter", on="s.fill", pulse="10 mL", noise="0 mL/s")
    bench = line(plumbing(meter))
    bench.write(s__fill_open=True, s__fill_position=100.0)
    bench.run(1.1)
    assert bench.get("s.meter_volume") == 50.0
    assert bench.get("s.meter_flow") == 50.0
    bench.write(s__meter_reset=True)
    bench.write(s__meter_reset=False)
    bench.run(0.5)
    assert bench.get("s.meter_volume") == 20.0
    assert [t for t, _ in bench.times("s.meter_volume")][:3] == pytest.approx([S / 5, S * 2 / 5, S * 3 / 5], abs=1000)


def test_a_leak_and_its_repair_change_the_level_as_computed(line: Make) -> None:
    bench = line(plumbing(initial="100 mm"))
    bench.run(1)
    bench.give("fault", id="f", seam="parameter", target="s.tank", parameter="leak", how="replace", value=5000)
    bench.run(10)
    bench.give("end_fault", id="f")
    bench.run(10)
    assert tank(bench).s.volume.at(bench.line.now_ns) == 500 * ML - 50_000 * FL
    balanced(bench, 500 * ML)


def test_the_emergency_stop_closes_a_valve(line: Make) -> None:
    bench = line(plumbing(stroke="1 s", initial="100 mm"))
    bench.write(s__drain_open=True)
    bench.run(5)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(2)
    assert bench.get("s.drain_closed") is True
    before = volume(bench)
    bench.restored()
    bench.run(5)
    assert volume(bench) == before
