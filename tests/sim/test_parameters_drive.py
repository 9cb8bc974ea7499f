"""Parameters of belt drives, proximity sensors, a mill, a heater, printer and customer. See `parameters.py`."""

from fractions import Fraction

import pytest

from sim.stream import Stream, word
from tests.sim.builders import MM, MS, Bench, S, belt, component, definition, station
from tests.sim.invariants import heads
from tests.sim.kinematics import about
from tests.sim.parameters import change, covers, restore
from tests.sim.test_parameters_motion import bench_of, meanwhile
from tests.sim.test_parameters_sensing import before_it, come, sensor

MILLION = 10**6
BELTS = ("belt", "roller_conveyor")
NEAR = 10 * 200_000  # fm: some marks, each rounded up to the nanosecond, at 200 mm/s


def ridden(speed: float, target: float, steps: list[tuple[float, float]]) -> tuple[float, float]:
    """Way in mm and speed in mm/s after steps of (seconds, acceleration of the ramp): the textbook's two formulas."""
    way = Fraction(0)
    v, goal = Fraction(str(speed)), Fraction(str(target))
    for seconds, ramp in steps:
        left, a = Fraction(str(seconds)), Fraction(str(ramp))
        up = 1 if goal > v else -1
        on_ramp = min(left, abs(goal - v) / a)
        way += v * on_ramp + up * a * on_ramp**2 / 2
        v += up * a * on_ramp
        way += v * (left - on_ramp)
    return float(way), float(v)


@pytest.mark.parametrize("kind", BELTS)
@covers(BELTS, "acceleration")
def test_a_ramp_that_becomes_steeper_for_a_while(kind: str) -> None:
    """100 mm/s² up to 200 mm/s, 400 mm/s² for a quarter of a second: 125 mm in 1.25 s, then steady to the eye."""
    bench = bench_of(
        component("it", kind, length="2000 mm", acceleration="100 mm/s²"),
        component("eye", "photo_eye", belt="s.it", position="600 mm"),
    )
    bench.run_to(1)
    bench.lay("s.it")
    bench.write(s__it_run=True)
    meanwhile(bench, 1.5, 1.75, "acceleration", 400_000)
    bench.run_to(10)
    way, speed = ridden(0, 200, [(0.5, 100), (0.25, 400), (0.5, 100)])
    assert (way, speed) == (125, 200)
    assert bench.times("s.eye")[0] == (about((2.25 + (540 - way) / 200) * S), True)


@pytest.mark.parametrize("kind", BELTS)
@covers(BELTS, "deceleration")
def test_a_belt_that_runs_out_further_for_a_while(kind: str) -> None:
    """From 200 mm/s: 0.2 s at 400 mm/s², 1 s at 50 mm/s², the rest at 400 mm/s²."""
    bench = bench_of(component("it", kind, ("speed_actual",), length="2000 mm", deceleration="400 mm/s²"))
    bench.write(s__it_run=True)
    bench.lay("s.it")
    bench.run_to(1)
    bench.write(s__it_run=False)
    meanwhile(bench, 1.2, 2.2, "deceleration", 50_000)
    assert bench.get("s.it_speed_actual") == pytest.approx(200 - 80 - 50, abs=0.5)
    bench.run_to(5)
    way, speed = ridden(200, 0, [(0.2, 400), (1, 50), (1, 400)])
    assert speed == 0
    ((_, head),) = heads(bench.belt("s.it"))
    assert head == pytest.approx((60 + 200 + way) * MM, abs=NEAR)


@pytest.mark.parametrize("kind", BELTS)
@covers(BELTS, "accumulating")
def test_a_belt_that_cannot_slip_for_a_while(kind: str) -> None:
    """A part stands before the pin; a second one rides on below it. It stands as long as the belt does."""
    bench = bench_of(
        component("it", kind, ("pulses",), length="2000 mm"),
        component("pin", "stopper", belt="s.it", position="1500 mm"),
        component("eye", "photo_eye", belt="s.it", position="1000 mm"),
    )
    bench.write(s__it_run=True)
    bench.lay("s.it")
    bench.run_to(6)
    bench.lay("s.it")  # the first came to the pin at (1500 - 60) / 200 = 7.2 s
    meanwhile(bench, 8, 9.5, "accumulating", 0)
    assert bench.get("s.it_pulses") == pytest.approx(1600, abs=1)  # within the last pulse
    bench.run_to(20)
    seen = [t for t, on in bench.times("s.eye") if on]
    assert seen == [about((940 / 200) * S), about((6 + 940 / 200 + 1.5) * S)]


# ---- proximity sensors -----------------------------------------------------------------------------------------

PROXIMITY = {"inductive": 10.0, "capacitive": 10 * (100 - 1) / (100 + 2)}  # mm to metal


@pytest.mark.parametrize("kind", PROXIMITY)
@pytest.mark.parametrize(("parameter", "value"), [("distance", 12 * MM), ("range", 15 * MM // 10)])
@covers(tuple(PROXIMITY), "distance", "range")
def test_a_part_that_is_too_far_for_a_while(kind: str, parameter: str, value: int) -> None:
    """2 mm off, within the reach; at 12 mm, or with a nominal distance of 1.5 mm, it is not."""
    bench = before_it(sensor(kind))
    came = next(t for t, on in bench.times("s.it") if on)
    meanwhile(bench, 3, 4, parameter, value)
    assert bench.times("s.it") == [(came, True), (3 * S, False), (4 * S, True)]


@pytest.mark.parametrize("kind", PROXIMITY)
@covers(tuple(PROXIMITY), "hysteresis")
def test_a_part_at_the_limit_with_less_hysteresis(kind: str) -> None:
    """At 10.5 mm it is seen once it was nearer: up to 1.1 times the reach, then up to 1.01 times of it."""
    bench = before_it(sensor(kind, distance="10.5 mm"))
    assert PROXIMITY[kind] * 1.01 < 10.5 < PROXIMITY[kind] * 1.1
    meanwhile(bench, 3, 4, "distance", 9 * MM)
    assert bench.get("s.it") is True
    meanwhile(bench, 5, 6, "hysteresis", 10_000)
    assert bench.times("s.it") == [(3 * S, True), (5 * S, False)]  # and has to come nearer again
    meanwhile(bench, 7, 8, "distance", 9 * MM)
    assert bench.times("s.it")[2:] == [(7 * S, True)]
    come(bench)
    assert bench.get("s.it") is False


# ---- mill, heater ----------------------------------------------------------------------------------------------


def mill() -> Bench:
    return bench_of(
        component("table", "index_table", places="2"),
        component("nest", "spot", of="s.table"),
        component("it", "mill_unit", spot="s.nest", time="2 s"),
    )


def next_part(bench: Bench) -> int:
    table = bench.line.plant.components["s.table"]
    for serial in list(bench.line.plant.parts.by_serial):
        bench.give("remove_part", part=serial)
    serial = bench.line.plant.make_part(1, 30_000).serial
    table.put(0, serial)  # type: ignore[attr-defined]
    return serial


@covers("mill_unit", "time")
def test_milling_that_takes_longer_for_a_while() -> None:
    """2 s; 0.5 s at full pace, 2 s at a quarter of it, the rest at full pace."""
    bench = mill()
    next_part(bench)
    bench.run_to(2)
    bench.write(s__it_run=True)
    meanwhile(bench, 2.5, 4.5, "time", 8 * S)
    bench.run_to(20)
    assert bench.times("s.it_done") == [(about((4.5 + 2 - 0.5 - 2 / 4) * S), True)]


@pytest.mark.parametrize("share", [0.0, 1.0, 0.5])
@covers("mill_unit", "scrap")
def test_flaws_come_while_the_chance_is_there(share: float) -> None:
    """Changed in the middle of the second piece, restored in that of the fifth: the second to fourth may have flaws."""
    bench, ident, flaws = mill(), "", []
    for k in range(5):
        serial = next_part(bench)
        bench.write(s__it_run=True)
        bench.run(1)
        if k == 1:
            ident = change(bench, "s.it", "scrap", int(share * MILLION))
        if k == 4:
            restore(bench, ident)
        bench.run(2)
        bench.write(s__it_run=False)
        flaws.append(bool(bench.line.plant.part(serial).contents.get("flaw")))
    stream = Stream([bench.line.seed, word("s.it.scrap")])
    assert flaws == [False, *(stream.uniform() < share for _ in range(3)), False]


@covers("heater", "rated_power")
def test_the_energy_of_a_heater() -> None:
    """2 kW at half power, for 10 s as a heater of 5 kW."""
    bench = Bench(definition(station(
        "s", belt(), component("it", "heater", ("power",)),
        component("meter", "energy_meter", consumers=["s.it"], base_load="0 W"),
    )))  # fmt: skip
    bench.write(s__it_on=True, s__it_power=50.0)
    bench.run_to(20)
    ident = change(bench, "s.it", "rated_power", 5 * MILLION)
    assert bench.get("s.meter_power") == 2500
    bench.run_to(30)
    restore(bench, ident)
    bench.run_to(60)
    meter = bench.line.plant.components["s.meter"]
    assert meter.millijoules() == (1000 * 50 + 2500 * 10) * 1000  # type: ignore[attr-defined]


# ---- labels ----------------------------------------------------------------------------------------------------

LABEL = 1200 * MS


def printer(**given: str) -> Bench:
    """Labels of 1.2 s; nothing is before it, and nobody comes unless told otherwise."""
    bench = bench_of(belt(), component("spot", "spot", of="s.belt", position="500 mm"),
                     component("it", "label_printer", spot="s.spot", **given))  # fmt: skip
    bench.run_to(1)
    return bench


def labels(bench: Bench, count: int) -> None:
    """One every two seconds."""
    for _ in range(count):
        bench.write(s__it_print=True)
        bench.run(1.5)
        bench.write(s__it_print=False)
        bench.run(0.5)


@covers("label_printer", "low_at")
def test_when_a_printer_says_that_few_are_left() -> None:
    bench = printer(roll="10", low_at="2")
    bench.give("operator", on=False)
    labels(bench, 4)  # six are left at 9 s
    meanwhile(bench, 10, 11, "low_at", 6)
    labels(bench, 4)
    assert bench.times("s.it_low") == [(10 * S, True), (11 * S, False), (17 * S + LABEL, True)]


@covers("label_printer", "ribbon")
def test_a_short_ribbon() -> None:
    """A ribbon for four labels is used up with the fourth; the fifth is printed once it lasts for ten again."""
    bench = printer(roll="10", ribbon="10", low_at="0")
    bench.give("operator", on=False)
    labels(bench, 2)
    ident = change(bench, "s.it", "ribbon", 4)
    labels(bench, 2)
    assert (bench.get("s.it_ready"), bench.get("s.it_labels_left")) == (False, 0)
    bench.write(s__it_print=True)
    bench.run_to(20)
    restore(bench, ident)
    bench.run_to(30)
    assert bench.times("s.it_serial") == [(at, k) for k, at in enumerate(
        [S + LABEL, 3 * S + LABEL, 5 * S + LABEL, 7 * S + LABEL, 20 * S + LABEL], 1)]  # fmt: skip
    assert bench.get("s.it_labels_left") == 5


@pytest.mark.parametrize(
    ("parameter", "value", "end", "limits"),
    [
        ("refill_least", 10, 100, (10, 60)), ("refill_most", 200, 400, (30, 200)), ("refill_most", 200, 5, (30, 60)),
    ],
)  # fmt: skip
@covers("label_printer", "refill_least", "refill_most")
def test_when_a_printer_is_refilled(parameter: str, value: int, end: float, limits: tuple[int, int]) -> None:
    """Somebody sets off as the first of two labels is out; drawn once, as a share of the way between the limits."""
    bench = printer(roll="2", low_at="1")
    share = Stream([bench.line.seed, word("s.it.refill")]).uniform()
    labels(bench, 1)
    meanwhile(bench, 5, 5 + end, parameter, value * S)
    bench.run(500)
    came = limits[0] + share * (limits[1] - limits[0])
    at, left = bench.times("s.it_labels_left")[-1]
    assert (at, left) == (about(S + LABEL + came * S), 2)


@covers("label_printer", "low_at")
def test_somebody_sets_off_when_few_labels_count_as_more() -> None:
    bench = printer(roll="5", low_at="0", refill_least="4 s", refill_most="4 s")
    labels(bench, 1)
    meanwhile(bench, 5, 6, "low_at", 4)
    bench.run_to(20)
    assert bench.times("s.it_labels_left")[-1] == (9 * S, 5)


# ---- customers -------------------------------------------------------------------------------------------------


def shop(**given: str) -> Bench:
    """The first order is placed at 1 s; four lines are free."""
    return bench_of(component("desk", "order_desk"), component("it", "customer", ("placed",), desk="s.desk", **given))


@pytest.mark.parametrize(
    ("parameter", "value", "end", "limits"),
    [("least", 2, 50, (2, 9)), ("most", 20, 50, (4, 20)), ("most", 20, 2.5, (4, 9))],
)
@covers("customer", "least", "most")
def test_when_the_next_order_comes(parameter: str, value: int, end: float, limits: tuple[int, int]) -> None:
    """The time to the second is drawn with the first: a type, then its share of the way between the limits."""
    bench = shop(least="4 s", most="9 s")
    stream = Stream([bench.line.seed, word("s.it.order")])
    stream.uniform()
    share = int(stream.uniform() * MILLION) / MILLION
    meanwhile(bench, 2, end, parameter, value * S)
    bench.run(50)
    second = 1 + limits[0] + share * (limits[1] - limits[0])
    assert bench.times("s.it_placed")[:2] == [(S, 1), (pytest.approx(second * S, abs=5), 2)]


@covers("customer", "quantity")
def test_how_many_are_ordered() -> None:
    """An order every 10 s; the second, the third draw up to 20 pieces, the others one."""
    bench = shop(least="10 s", most="10 s", quantity="1")
    meanwhile(bench, 5, 25, "quantity", 20)
    bench.run_to(40)
    stream = Stream([bench.line.seed, word("s.it.order")])
    expected = []
    for most in (1, 20, 20, 1):
        stream.uniform()
        stream.uniform()
        expected.append(stream.between(1, most))
    assert [bench.get(f"s.desk_line_{k}_quantity") for k in (1, 2, 3, 4)] == expected
    assert max(expected) > 1
