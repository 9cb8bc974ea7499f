"""Parameters of compressed air and of what it drives: throttles, pressures, leaks; the supply itself.

See `parameters.py`. The receiver is so large that its pressure stands, where a test does not say otherwise: 3.75 bar,
at which a cylinder of 250 mm/s at 6 bar that does nothing below 1.5 bar makes 125 mm/s.
"""

from math import exp

import pytest

from sim.definition import ComponentDefinition
from tests.sim.builders import MM, Bench, S, belt, component, definition, station
from tests.sim.kinematics import about, reached
from tests.sim.parameters import change, covers, restore
from tests.sim.test_parameters_motion import UM, command, meanwhile

MILLION = 10**6
BAR = 10**5
P0 = 101_325  # Pa, free air
SPRUNG = ("cylinder", "stopper", "clamp", "ejector", "feeder", "diverter")
BISTABLE = ("double_cylinder", "pusher")
CYLINDERS = (*SPRUNG, *BISTABLE)


def shop(*components: ComponentDefinition, **air: str) -> Bench:
    """A supply of 3.75 bar without compressor unless told otherwise, its meter, and these."""
    given = {"start": "3.75 bar", "volume": "100000 L", "delivery": "0 L/s", "regulator": "16 bar", **air}
    supply = component("air", "air_supply", ("run", "compressing", "pressure", "receiver"), **given)
    return Bench(definition(station("s", supply, component("meter", "air_meter", of="s.air"), *components)))


def rod(kind: str, **given: str) -> Bench:
    """A stroke of 100 mm, from 1 s on; end switches 2 mm from the ends."""
    joins = {} if kind in ("cylinder", "double_cylinder") else {"belt": "s.belt"}
    if kind not in ("cylinder", "double_cylinder", "feeder"):
        joins["position"] = "500 mm"
    if kind in ("ejector", "pusher", "diverter"):
        joins["to"] = "s.bin"
    given = {"stroke": "100 mm", "extend_speed": "250 mm/s", "retract_speed": "250 mm/s", **joins, **given}
    options = () if kind in BISTABLE else ("home", "out")
    bench = shop(belt(), component("bin", "bin"), component("it", kind, options, supply="s.air", **given))
    bench.run_to(1)
    return bench


def free_air(bench: Bench) -> float:
    """Litres of free air that have gone out."""
    return bench.line.plant.components["s.air"].total_ul() / MILLION  # type: ignore[attr-defined, no-any-return]


# ---- rods ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CYLINDERS)
@pytest.mark.parametrize(
    ("parameter", "value", "rate"),
    [
        ("throttle_out", 400_000, 50 * UM),  # 125 x 0.4
        ("minimum", 3 * BAR, 62_500),  # 250 x (3.75 - 3) / (6 - 3)
        ("nominal", 1_050_000, 62_500),  # 250 x (3.75 - 1.5) / (10.5 - 1.5)
        ("extend_speed", 100 * UM, 50 * UM),
    ],
)
@covers(CYLINDERS, "throttle_out", "minimum", "nominal", "extend_speed")
def test_a_rod_driven_out_by_air(kind: str, parameter: str, value: int, rate: int) -> None:
    bench = rod(kind)
    command(bench, kind, out=True)
    meanwhile(bench, 1.1, 1.4, parameter, value)
    bench.run_to(5)
    at = reached(98 * MM, (1, 125 * UM), (1.1, rate), (1.4, 125 * UM))
    assert bench.times("s.it_out") == [(about(at), True)]


@pytest.mark.parametrize("kind", CYLINDERS)
@pytest.mark.parametrize(("parameter", "factor"), [("throttle_back", 400_000), ("retract_speed", 100 * UM)])
@covers(CYLINDERS, "throttle_back", "retract_speed")
def test_a_rod_that_comes_back_through_a_throttle(kind: str, parameter: str, factor: int) -> None:
    """A spring knows no pressure: 250 mm/s, by air 125 mm/s."""
    bench = rod(kind)
    command(bench, kind, out=True)
    bench.run_to(4)
    command(bench, kind, out=False)
    meanwhile(bench, 4.1, 4.3, parameter, factor)
    bench.run_to(9)
    speed = (125 if kind in BISTABLE else 250) * UM
    at = reached(98 * MM, (4, speed), (4.1, speed * 2 // 5), (4.3, speed))
    assert bench.times("s.it_home")[-1] == (about(at), True)


@pytest.mark.parametrize("kind", SPRUNG)
@covers(SPRUNG, "double_acting")
def test_a_rod_that_comes_back_by_air_for_a_while(kind: str) -> None:
    bench = rod(kind)
    command(bench, kind, out=True)
    bench.run_to(4)
    command(bench, kind, out=False)
    meanwhile(bench, 4.1, 4.3, "double_acting", 1)
    bench.run_to(9)
    at = reached(98 * MM, (4, 250 * UM), (4.1, 125 * UM), (4.3, 250 * UM))
    assert bench.times("s.it_home")[-1] == (about(at), True)


@pytest.mark.parametrize("kind", CYLINDERS)
@covers(CYLINDERS, "seal_leak")
def test_seals_that_leak_for_a_while(kind: str) -> None:
    """2 L/s at 6 bar, in proportion to the pressure, beside the stroke: 100 mm of a bore of 20 mm, compressed."""
    bench = rod(kind)
    command(bench, kind, out=True)
    bench.run_to(3)
    ident = change(bench, "s.it", "seal_leak", 2 * MILLION)
    bench.run_to(5)
    assert bench.get("s.meter_flow") == pytest.approx(2 * 3.75 / 6 * 60)
    restore(bench, ident)
    bench.run_to(6)
    stroke = 3.14159265 / 4 * 0.2**2 * 1.0 * (3.75 * BAR + P0) / P0  # dm
    assert free_air(bench) == pytest.approx(stroke + 2 * (2 * 3.75 / 6), rel=1e-5)
    assert bench.get("s.meter_flow") == 0


@covers("diverter", "side_speed")
def test_a_part_on_its_way_across_a_diverter() -> None:
    """It meets the part, whose centre comes into the zone at 450 mm, 420 mm after the part was laid at 200 mm/s."""
    lane = component("lane", "belt", length="1000 mm")
    given = {"position": "500 mm", "width": "200 mm", "side_speed": "400 mm/s"}
    it = component("it", "diverter", belt="s.belt", to="s.lane", **given)
    bench = Bench(definition(station("s", belt(), lane, it)))
    bench.write(s__belt_run=True, s__it_extend=True)
    bench.run_to(1)
    serial = bench.lay()
    met = 1 + 420 / 200
    meanwhile(bench, met + 0.1, met + 0.3, "side_speed", 100 * UM)
    bench.run_to(9)
    laid = next(t for t, kind, subject, data in bench.events
                if kind == "part" and subject == serial and data[1] == "s.lane")  # type: ignore[index]  # fmt: skip
    assert laid == about(reached(200 * MM, (met, 400 * UM), (met + 0.1, 100 * UM), (met + 0.3, 400 * UM)))


# ---- grippers and cups -----------------------------------------------------------------------------------------


def grip(kind: str, options: tuple[str, ...] = (), **given: str) -> Bench:
    """At 4 bar, of 5 bar nominal; there is nothing before it."""
    return shop(belt(), component("pick", "spot", of="s.belt", position="570 mm"),
                component("it", kind, options, spots=["s.pick"], supply="s.air", **given), start="4 bar")  # fmt: skip


@pytest.mark.parametrize(("parameter", "value", "rate"), [("nominal", 8 * BAR, 0.5), ("minimum", 450_000, 0.0)])
@covers("gripper", "minimum", "nominal")
def test_fingers_close_as_fast_as_the_pressure_says(parameter: str, value: int, rate: float) -> None:
    """1 s at 5 bar, 1.25 s at 4 bar; below its least pressure they stand."""
    bench = grip("gripper", stroke_time="1 s")
    bench.run_to(1)
    bench.write(s__it_close=True)
    meanwhile(bench, 1.2, 1.6, parameter, value)
    bench.run_to(5)
    assert bench.times("s.it_closed") == [(about((1.6 + (1 - 0.8 * 0.2 - rate * 0.4) / 0.8) * S), True)]


@covers("gripper", "air_per_stroke")
def test_the_air_of_a_stroke() -> None:
    """20 mL; 100 mL for the 0.4 s in which it makes 0.32 of its stroke."""
    bench = grip("gripper", stroke_time="1 s")
    bench.run_to(1)
    bench.write(s__it_close=True)
    meanwhile(bench, 1.2, 1.6, "air_per_stroke", 100_000)
    bench.run_to(5)
    assert free_air(bench) == pytest.approx(0.020 * 0.68 + 0.100 * 0.32, abs=1e-6)


@pytest.mark.parametrize(
    ("parameter", "value", "kpa"), [("nominal", 8 * BAR, (16, 10, 16)), ("minimum", 450_000, (16, 0, 16))]
)
@covers("vacuum_cup", "minimum", "nominal")
def test_a_vacuum_is_as_deep_as_the_pressure_says(parameter: str, value: int, kpa: tuple[float, ...]) -> None:
    """In the air a quarter of 80 kPa at 5 bar."""
    bench = grip("vacuum_cup", ("vacuum",))
    bench.write(s__it_suck=True)
    bench.run(3)
    seen = [bench.get("s.it_vacuum")]
    ident = change(bench, "s.it", parameter, value)
    bench.run(3)
    seen.append(bench.get("s.it_vacuum"))
    restore(bench, ident)
    bench.run(3)
    assert [*seen, bench.get("s.it_vacuum")] == [pytest.approx(value, abs=0.2) for value in kpa]


@covers("vacuum_cup", "clogged")
def test_a_clogged_ejector_is_slower() -> None:
    """In the air to a whole vacuum in 1 s; half clogged at half the pace. The switch closes at 0.8 of it."""
    bench = grip("vacuum_cup", build_up="1 s", open_level="1", switch_at="0.8", nominal="4 bar")
    bench.run_to(1)
    bench.write(s__it_suck=True)
    meanwhile(bench, 1.2, 1.6, "clogged", 500_000)
    bench.run_to(5)
    assert bench.times("s.it_ok") == [(about((1.6 + 0.8 - 0.2 - 0.4 / 2) * S), True)]


@covers("vacuum_cup", "air")
def test_the_air_of_an_ejector() -> None:
    """0.5 L/s at 5 bar, 0.4 L/s at 4 bar; 2 L/s for a second."""
    bench = grip("vacuum_cup")
    bench.run_to(1)
    bench.write(s__it_suck=True)
    meanwhile(bench, 2, 3, "air", 2 * MILLION)
    bench.run_to(5)
    bench.write(s__it_suck=False)
    bench.run_to(6)
    assert free_air(bench) == pytest.approx(0.8 * (0.5 * 3 + 2 * 1), rel=1e-4)


# ---- the supply ------------------------------------------------------------------------------------------------


def stepped(at_s: float) -> object:
    """This instant in ns; a due time rounds up at each step of 5 kPa."""
    return pytest.approx(at_s * S, abs=1000)


def bar(bench: Bench) -> float:
    return bench.line.plant.components["s.air"]._exact() / 10**12 / BAR  # type: ignore[attr-defined, no-any-return]


def filling(**given: str) -> Bench:
    """From 6 bar, 50 L, 1 L/s: 101325 Pa x 1 / 50 a second, until 8 bar."""
    return shop(**{"start": "6 bar", "volume": "50 L", "delivery": "1 L/s", "on_below": "7 bar", **given})


def seconds(bars: float, delivery: float = 1.0, volume: float = 50.0) -> float:
    """How long so much takes: dp/dt = p0 Q / V."""
    return bars * BAR * volume / delivery / P0


@pytest.mark.parametrize(
    ("parameter", "value", "pace"), [("delivery", 3 * MILLION, 3.0), ("volume", 200 * MILLION, 0.25)]
)
@covers("air_supply", "delivery", "volume")
def test_filling_a_receiver(parameter: str, value: int, pace: float) -> None:
    bench = filling()
    meanwhile(bench, 20, 30, parameter, value, "s.air")
    bench.run_to(300)
    off = seconds(2) - 10 * pace + 10
    assert bench.times("s.air_compressing")[-1] == (stepped(off), False)


@covers("air_supply", "on_below")
def test_a_compressor_that_starts_early() -> None:
    """At 7 bar it starts as the lower limit is put to 7.2 bar, and goes on to the upper one."""
    bench = filling(start="7 bar", on_below="6.5 bar")
    meanwhile(bench, 10, 12, "on_below", 720_000, "s.air")
    bench.run_to(300)
    assert bench.times("s.air_compressing") == [
        (10 * S, True), (stepped(10 + seconds(1)), False),
    ]  # fmt: skip


@pytest.mark.parametrize(("begin", "off"), [(20, None), (60, 60.0)])
@covers("air_supply", "off_above")
def test_a_compressor_that_stops_early(begin: float, off: float | None) -> None:
    """The upper limit is 7 bar for 5 s: at 20 s it is not there yet, at 60 s it is beyond that."""
    bench = filling(on_below="6.5 bar")
    meanwhile(bench, begin, begin + 5, "off_above", 7 * BAR, "s.air")
    bench.run_to(300)
    expected = seconds(2) if off is None else off
    assert bench.times("s.air_compressing")[-1] == (stepped(expected), False)
    assert bar(bench) == pytest.approx(6 + expected * P0 / 50 / BAR, abs=1e-6)


@covers("air_supply", "regulator")
def test_a_regulator_turned_down() -> None:
    """At 6 bar 250 mm/s, at 3.75 bar half of it; the gauge behind it says so."""
    bench = shop(component("it", "cylinder", ("out",), supply="s.air"), start="7 bar", regulator="6 bar")
    bench.run_to(1)
    bench.write(s__it_extend=True)
    bench.run_to(1.1)
    ident = change(bench, "s.air", "regulator", 375_000)
    assert bench.get("s.air_pressure") == pytest.approx(3.75, abs=0.011)
    bench.run_to(1.4)
    restore(bench, ident)
    assert bench.get("s.air_pressure") == pytest.approx(6, abs=0.011)
    bench.run_to(4)
    at = reached(98 * MM, (1, 250 * UM), (1.1, 125 * UM), (1.4, 250 * UM))
    assert bench.times("s.it_out") == [(about(at), True)]


@covers("air_supply", "switch_at")
def test_a_pressure_switch_set_higher() -> None:
    """At 6.2 bar it opens, set to 6.6 bar less 0.3 bar, and closes as it is set back to 5 bar. Then to 7.5 bar."""
    bench = filling(start="6 bar")
    meanwhile(bench, 10, 11, "switch_at", 660_000, "s.air")
    ident = change(bench, "s.air", "switch_at", 750_000)
    bench.run_to(300)
    restore(bench, ident)
    assert bench.times("s.air_ok") == [
        (10 * S, False), (11 * S, True), (11 * S, False), (stepped(seconds(1.5)), True),
    ]  # fmt: skip


@covers("air_supply", "hysteresis")
def test_a_pressure_switch_with_less_hysteresis() -> None:
    """At 6 bar it stays closed down to 5.3 bar; with 0.1 bar it opens below 6.2 bar, and closes at 6.3 bar only."""
    bench = filling(switch_at="6.3 bar", hysteresis="1 bar", on_below="0 bar")
    meanwhile(bench, 2, 3, "hysteresis", BAR // 10, "s.air")
    bench.run_to(5)
    change(bench, "s.air", "on_below", 650_000)
    bench.run_to(300)
    assert bench.times("s.air_ok") == [
        (2 * S, False), (stepped(5 + seconds(0.3)), True),
    ]  # fmt: skip


@covers("air_supply", "leak")
def test_a_leak_that_grows_for_a_while() -> None:
    """dp/dt = -p0 (leak p / 6 bar) / V: an exponential, within a step and a half of 0.05 bar."""
    bench = shop(start="8 bar", volume="10 L", leak="0.1 L/s")
    pace = P0 / 10 / 600_000  # of 1 L/s
    meanwhile(bench, 20, 40, "leak", 400_000, "s.air")
    assert bar(bench) == pytest.approx(8 * exp(-pace * (0.1 * 20 + 0.4 * 20)), abs=0.075)
    bench.run_to(80)
    assert bar(bench) == pytest.approx(8 * exp(-pace * (0.1 * 60 + 0.4 * 20)), abs=0.075)
    lost = (8 - bar(bench)) * BAR * 10 / P0
    assert free_air(bench) == pytest.approx(lost, abs=0.001)
