"""Machining centre: cutting times, Taylor's tool life, load, heat, coolant, fixture; interruptions at any instant."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components.machining_centre import MachiningCentre
from sim.components.spot import Spot
from sim.definition import LineDefinition
from tests.sim.builders import Bench, S, belt, component, definition, station
from tests.sim.invariants import check
from tests.sim.parameters import covers

Make = Callable[..., Bench]
LIFE = 60 * (5 / 2.5) ** 4  # s: T = (C/v)^(1/n) minutes with C 5 m/s, v 2.5 m/s, n 0.25


def machine_with(**changed: str | list[str]) -> LineDefinition:
    given: dict[str, str | list[str]] = {"spread": "0 µm", "times": ["12 s", "100 s"], "speeds": ["2.5 m/s", "4 m/s"]}
    made = component("m", "machining_centre", ("hold", "refill", "coolant_is_low"), **(given | changed))
    return definition(station("s", made, component("nest", "spot", ("part",), of="s.m")))


def machine(bench: Bench) -> MachiningCentre:
    found = bench.line.plant.components["s.m"]
    assert isinstance(found, MachiningCentre)
    return found


def nest(bench: Bench) -> Spot:
    found = bench.line.plant.components["s.nest"]
    assert isinstance(found, Spot)
    return found


def clamped(bench: Bench) -> Bench:
    """With coolant and a part held fast, at 1 s."""
    nest(bench).lay(bench.line.plant.make_part(1, 33_000).serial)
    bench.write(s__m_enable=True, s__m_coolant=True, s__m_clamp=True)
    bench.run_to(1)
    return bench


def started(bench: Bench, program: int = 1) -> Bench:
    bench.write(s__m_program=program)
    bench.write(s__m_start=True)
    return bench


def fault(bench: Bench, name: str, value: int) -> None:
    bench.give("fault", id="f", seam="parameter", target="s.m", parameter=name, how="replace", value=value)


def done(bench: Bench) -> list[float]:
    return [t / S for t, said in bench.times("s.m_done") if said]


def test_a_program_cuts_the_part_to_size(line: Make) -> None:
    bench = started(clamped(line(machine_with())))
    assert [bench.get(f"s.m_{n}") for n in ("ready", "running", "clamped", "part")] == [False, True, True, True]
    bench.run(20)
    assert done(bench) == [13.0]
    part = bench.line.plant.part(1)
    assert (part.dimension_um, part.machined, bench.get("s.m_parts")) == (30_000, True, 1)
    bench.write(s__m_clamp=False)
    bench.run(1)
    assert nest(bench).lift() == 1


def test_what_is_held_or_cut_cannot_be_lifted_out(line: Make) -> None:
    bench = started(clamped(line(machine_with())))
    assert nest(bench).lift() == 0
    bench.write(s__m_clamp=False)
    assert (nest(bench).lift(), bench.get("s.m_error_code")) == (0, 2)


@given(st.floats(0.5, 4.9), st.floats(0.1, 0.6), st.floats(0.7, 1.4))
def test_tool_life_by_taylors_equation(speed: float, exponent: float, hardness: float) -> None:
    numbers = {"taylor_exponent": f"{exponent:.6f}", "hardness": f"{hardness:.6f}"}
    bench = clamped(Bench(machine_with(speeds=[f"{speed:.6f} m/s"], **numbers)))
    found = machine(bench)
    c, v, n = 5 / round(hardness, 6), round(speed, 6), round(exponent, 6)
    expected = min(2**52, (c / v) ** (1 / n) * 60e9)
    assert found.life() == pytest.approx(expected, rel=1e-9)
    assert v * (found.life() / 60e9) ** n == pytest.approx(c, rel=1e-6) or expected == 2**52


def test_cutting_uses_up_the_life_that_each_program_has(line: Make) -> None:
    bench = started(clamped(line(machine_with())))
    bench.run(20)
    assert machine(bench).used() == pytest.approx(12 / LIFE, rel=1e-9)
    bench.write(s__m_start=False)
    started(bench, 2).run(30)
    faster = 60 * (5 / 4) ** 4
    assert machine(bench).used() == pytest.approx(12 / LIFE + 30 / faster, rel=1e-6)
    bench.write(s__m_coolant=False)
    bench.run(10)
    assert machine(bench).used() == pytest.approx(12 / LIFE + 60 / faster, rel=1e-6)  # dry: three times as fast


def test_worn_then_broken_at_the_computed_times_and_another_tool(line: Make) -> None:
    bench = started(clamped(line(machine_with(times=["2000 s"]))))
    bench.run(LIFE * 1.3 - 1)
    assert [t / S for t, _ in bench.times("s.m_tool_ok")] == [pytest.approx(1 + LIFE, abs=1e-5)]
    assert float(bench.get("s.m_load")) == pytest.approx(58 + 25 * 1.3, abs=1.5)
    bench.run(2)
    assert float(bench.get("s.m_load")) == pytest.approx(8, abs=1.1)  # it turns free
    bench.run(1000)
    assert (done(bench), bench.line.plant.part(1).dimension_um) == ([2001.0], 33_000)
    bench.write(s__m_start=False, s__m_change_tool=True)
    bench.run(10)
    assert (bench.get("s.m_tool_changes"), bench.get("s.m_tool_ok"), machine(bench).used()) == (1, True, 0.0)
    assert bench.times("s.m_tool_ok")[-1][0] - bench.line.now_ns == -4 * S


def test_size_drifts_with_the_wear_and_the_heat(line: Make) -> None:
    bench = started(clamped(line(machine_with(times=["900 s"], growth="1 µm", warming="1 s"))))
    bench.run(1000)
    rise = 60 * (0.08 + 0.5 + 0.25 * 900 / LIFE)  # its load grows with the wear
    assert bench.line.plant.part(1).dimension_um == pytest.approx(30_000 + 20 * 900 / LIFE + rise, abs=2)


CHANGES: dict[str, tuple[int, float]] = {  # changed at 4 s of 12, for 2 s: when it is done, after the start
    "rate": (500_000, 13.0), "pace": (2_000_000, 12.0), "hardness": (1_200_000, 12.0), "clamp_time": (2 * S, 12.0),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
@covers("machining_centre", "rate", "pace", "hardness")
def test_a_parameter_changed_and_restored_in_mid_cut(line: Make, name: str) -> None:
    bench = started(clamped(line(machine_with())))
    bench.run(4)
    value, expected = CHANGES[name]
    fault(bench, name, value)
    bench.run(2)
    bench.give("end_fault", id="f")
    bench.run(20)
    assert done(bench) == [1 + expected]
    share = {"pace": 2.0**4, "hardness": 1.2**4}.get(name, 1.0)
    assert machine(bench).used() == pytest.approx((expected - 2 + 2 * share) / LIFE, rel=1e-6)


@pytest.mark.parametrize("name", ["taylor_speed", "taylor_exponent", "dry_wear"])
@covers("machining_centre", "taylor_speed", "taylor_exponent", "dry_wear")
def test_taylors_numbers_changed_and_restored(line: Make, name: str) -> None:
    bench = started(clamped(line(machine_with(times=["100 s"]))))
    bench.write(s__m_coolant=False)
    bench.run(10)
    value = {"taylor_speed": 4_000_000, "taylor_exponent": 500_000, "dry_wear": 6_000_000}[name]
    fault(bench, name, value)
    bench.run(10)
    bench.give("end_fault", id="f")
    bench.run(10)
    life = {"taylor_speed": 60 * 1.6**4 / 3, "taylor_exponent": 60 * 2**2 / 3, "dry_wear": LIFE / 6}[name]
    assert machine(bench).used() == pytest.approx(20 / (LIFE / 3) + 10 / life, rel=1e-6)


def test_the_spindle_warms_up_by_its_load_and_more_without_coolant(line: Make) -> None:
    bench = started(clamped(line(machine_with(times=["1000 s"], warming="100 s", worn_load="0"))))
    bench.run(50)
    goal = 60 * 0.58
    first = goal * (1 - math.exp(-0.5))
    assert bench.get("s.m_temperature") == pytest.approx(22 + first, abs=0.06)
    bench.write(s__m_coolant=False)
    bench.run(50)
    assert bench.get("s.m_temperature") == pytest.approx(22 + 2 * goal + (first - 2 * goal) * math.exp(-0.5), abs=0.06)


def test_hard_material_raises_the_load(line: Make) -> None:
    bench = started(clamped(line(machine_with())))
    fault(bench, "hardness", 1_200_000)
    assert float(bench.get("s.m_load")) == pytest.approx(8 + 60, abs=1.2)


def test_coolant_falls_to_its_mark_and_is_refilled_to_the_brim(line: Make) -> None:
    bench = clamped(line(machine_with(coolant_capacity="1 L", coolant_use="10 mL/s", coolant_refill="110 mL/s")))
    bench.run_to(95)
    assert [t / S for t, low in bench.times("s.m_coolant_is_low") if low] == [90.0]
    bench.run_to(100)
    assert bench.get("s.m_coolant_level") == 0.0
    bench.write(s__m_refill=True)
    bench.run(5)
    assert bench.get("s.m_coolant_level") == pytest.approx(50, abs=6)
    bench.run(20)
    assert bench.get("s.m_coolant_level") == pytest.approx(100, abs=0.1)
    bench.give("fault", id="f", seam="disturbance", target="s.m", method="spill_coolant")
    assert bench.get("s.m_coolant_is_low") is True


def test_errors_are_said_and_acknowledged(line: Make) -> None:
    bench = line(machine_with())
    bench.write(s__m_enable=True)
    started(bench, 1)
    assert bench.get("s.m_error_code") == 2
    bench.write(s__m_acknowledge=True, s__m_start=False)
    started(bench, 9)
    assert bench.get("s.m_error_code") == 1


def test_power_lost_in_mid_cut_then_it_goes_on(line: Make) -> None:
    bench = started(clamped(line(machine_with())))
    bench.run(5)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(3)
    assert bench.get("s.m_error_code") == 3
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.write(s__m_enable=True, s__m_start=False, s__m_clamp=True)
    bench.run(2)
    bench.write(s__m_acknowledge=True)
    before = bench.line.now_ns / S
    bench.write(s__m_program=1)
    bench.write(s__m_start=True)
    bench.run(20)
    assert done(bench) == [before + 7]


def test_a_part_in_the_clamp_of_a_belt_is_cut_too(line: Make) -> None:
    clamp = component("jaws", "clamp", belt="s.belt", position="500 mm")
    made = component("m", "machining_centre", clamp="s.jaws", times=["3 s"], spread="0 µm")
    stop = component("stop", "stopper", belt="s.belt", position="500 mm")
    bench = line(definition(station("s", belt("belt"), stop, clamp, made)))
    bench.write(s__belt_run=True, s__m_enable=True)
    bench.lay()
    bench.run(5)
    bench.write(s__jaws_extend=True)
    bench.run(1)
    started(bench).run(5)
    assert done(bench) == [9.0]
    assert bench.line.plant.part(1).dimension_um == 30_000


DEEDS = st.sampled_from(["start", "hold", "acknowledge", "enable", "clamp", "change_tool", "coolant", "refill", "estop",
                         "restore", "remove", "break_tool", "rate", "program"])  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 8 * S), DEEDS, st.booleans()), max_size=25))
def test_whatever_is_done_when_it_comes_back_and_cuts(deeds: list[tuple[int, str, bool]]) -> None:
    bench = started(clamped(Bench(machine_with())))
    for number, (span, what, on) in enumerate(deeds):
        bench.line.advance(bench.line.now_ns + span)
        _do(bench, what, on, number)
        check(bench.line)
        assert 0 <= machine(bench).used() < 10
    for number in (k for k, (_, what, _) in enumerate(deeds) if what == "rate"):
        bench.give("end_fault", id=f"r{number}")
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.write(**{f"s__m_{name}": False for name in ("start", "hold", "acknowledge", "change_tool")})
    bench.write(s__m_enable=True, s__m_clamp=False)
    bench.run(2)
    bench.write(s__m_acknowledge=True)
    bench.write(s__m_acknowledge=False)
    for serial in list(bench.line.plant.parts.by_serial):
        bench.give("remove_part", part=serial)
    bench.write(s__m_acknowledge=True)
    serial = bench.line.plant.make_part(1, 33_000).serial
    assert nest(bench).room()
    nest(bench).lay(serial)
    bench.write(s__m_clamp=True)
    bench.run(5)
    started(bench).run(40)
    assert bench.get("s.m_done") is True
    check(bench.line)


def _do(bench: Bench, what: str, on: bool, number: int) -> None:
    if what == "restore":
        bench.restored()
    elif what == "estop":
        bench.give("panel", station="s", element="estop", pressed=on)
    elif what == "remove":
        for serial in list(bench.line.plant.parts.by_serial):
            bench.give("remove_part", part=serial)
    elif what == "break_tool":
        bench.give("fault", id=f"b{number}", seam="disturbance", target="s.m", method="break_tool")
    elif what == "rate":
        bench.give("fault", id=f"r{number}", seam="parameter", target="s.m", parameter="rate", how="factor",
                   value=1_500_000 if on else 700_000)  # fmt: skip
    elif what == "program":
        bench.write(s__m_program=2 if on else 1)
    else:
        bench.write(**{f"s__m_{what}": on})
