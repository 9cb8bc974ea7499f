"""Parameters of tanks, pipes, meters, fillers and heaters,
changed and restored in mid-operation. See `parameters.py`."""

from math import exp, log, sqrt

import pytest

from sim.components.heater import Heater
from sim.components.tank import ML, Tank
from sim.definition import ComponentDefinition
from sim.stream import Stream, word
from tests.sim.builders import MM, Bench, S, component, definition, station
from tests.sim.kinematics import about
from tests.sim.parameters import change, covers, restore

L = 10**6  # µL
K = 10**6  # µ°C
ML_S = 1000  # µL/s in a mL/s


def bench_of(*components: ComponentDefinition) -> Bench:
    return Bench(definition(station("s", *components)))


def tank(**given: str) -> Bench:
    """1 L and 200 mm, filled at 50 mL/s and drained at 20 mL/s, at once: 10 mm/s up, 4 mm/s down."""
    return bench_of(
        component("it", "tank", ("overflow",), **{"capacity": "1 L", "height": "200 mm", "high_at": "150 mm"} | given),
        component("fill", "valve", to="s.it", flow="50 mL/s", stroke_time="1 us"),
        component("drain", "valve", source="s.it", flow="20 mL/s", stroke_time="1 us"),
    )


def volume(bench: Bench) -> float:
    """In mL."""
    found = bench.line.plant.components["s.it"]
    assert isinstance(found, Tank)
    return float(found.s.volume.at(bench.line.now_ns) / ML)


def meanwhile(bench: Bench, begin: float, end: float, parameter: str, value: int, target: str = "s.it") -> None:
    """Run to `begin`, change, run to `end`, restore."""
    bench.run_to(begin)
    ident = change(bench, target, parameter, value)
    bench.run_to(end)
    restore(bench, ident)


NEAR = pytest.approx  # of the 1 µs that a valve takes


# ---- tanks -----------------------------------------------------------------------------------------------------


@covers("tank", "low_at", "high_at")
def test_switches_at_other_heights() -> None:
    """At 10 mm/s: low at 30 mm, but 50 mm until 4 s; high at 150 mm, but 100 mm until 12 s; the level rules at once."""
    bench = tank()
    bench.write(s__fill_open=True)
    low, high = change(bench, "s.it", "low_at", 50 * MM), change(bench, "s.it", "high_at", 100 * MM)
    bench.run_to(4)
    restore(bench, low)
    bench.run_to(12)
    restore(bench, high)
    bench.run_to(30)
    assert bench.times("s.it_low") == [(4 * S, True)]
    assert bench.times("s.it_high") == [(NEAR(10 * S, abs=2000), True), (12 * S, False), (NEAR(15 * S, abs=2000), True)]


@covers("tank", "resolution")
def test_steps_of_a_transmitter() -> None:
    bench = tank(resolution="1 mm")
    bench.write(s__fill_open=True)
    meanwhile(bench, 3.05, 6.05, "resolution", 7 * MM)
    bench.run_to(7)
    said = [(t / S, level) for t, level in bench.times("s.it_level") if 3.05 * S <= t <= 6.2 * S]
    steps = [(3.05, 28.0), (3.5, 35.0), (4.2, 42.0), (4.9, 49.0), (5.6, 56.0), (6.05, 60.0), (6.1, 61.0), (6.2, 62.0)]
    assert [t for t, _ in said] == NEAR([t for t, _ in steps][: len(said)], abs=1e-5)
    assert [level for _, level in said] == [level for _, level in steps][: len(said)]
    assert len(said) >= len(steps) - 1


@covers("tank", "height")
def test_a_tank_that_is_higher_than_it_was() -> None:
    """The same volume stands lower: 400 mL of 1 L."""
    bench = tank()
    bench.write(s__fill_open=True)
    bench.run_to(8)
    bench.write(s__fill_open=False)
    seen = [bench.get("s.it_level")]
    ident = change(bench, "s.it", "height", 100 * MM)
    seen.append(bench.get("s.it_level"))
    restore(bench, ident)
    assert [*seen, bench.get("s.it_level")] == NEAR([80.0, 40.0, 80.0], abs=1.0)
    assert volume(bench) == NEAR(400, abs=0.001)


@covers("tank", "capacity")
def test_a_tank_that_holds_less() -> None:
    """It fills at 50 mL/s, holds 300 mL from 8 s to 10 s, runs over then, and goes on filling."""
    bench = tank()
    bench.write(s__fill_open=True)
    bench.run_to(8)
    ident = change(bench, "s.it", "capacity", 3 * L // 10)
    bench.run_to(10)
    assert (volume(bench), bench.get("s.it_overflow")) == (300, True)
    restore(bench, ident)
    bench.run_to(12)
    assert volume(bench) == NEAR(400, abs=0.001)
    assert bench.get("s.it_overflow") is False


@covers("tank", "leak")
def test_a_tank_that_leaks() -> None:
    bench = tank()
    bench.write(s__fill_open=True)
    meanwhile(bench, 4, 7, "leak", 30 * ML_S)
    bench.run_to(9)
    assert volume(bench) == NEAR(50 * 9 - 30 * 3, abs=0.001)


@covers("tank", "gravity")
def test_an_outlet_that_the_head_drives() -> None:
    """Q = q sqrt(h/H): the root of the level falls evenly; Torricelli, in 256 bands of the height."""
    bench = tank(initial="160 mm")
    bench.write(s__drain_open=True)
    meanwhile(bench, 5, 15, "gravity", 1)
    bench.run_to(20)
    share = (800 - 20 * 5) / 1000
    share = (sqrt(share) - 20 / 1000 * 10 / 2) ** 2
    assert volume(bench) == NEAR(1000 * share - 20 * 5, rel=0.003)


# ---- valves, pumps, consumers, meters --------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "coil"), [("valve", "open"), ("pump", "run"), ("filler", "open")])
@covers(("valve", "pump", "filler"), "flow")
def test_another_flow_for_a_while(kind: str, coil: str) -> None:
    """What came through: 60 mL/s, 15 mL/s for 3 s."""
    stroke = {"pump": "ramp"}.get(kind, "stroke_time")
    joins = {"spot": "s.spot"} if kind == "filler" else {"to": "s.tank"}
    bench = bench_of(
        component("tank", "tank", capacity="100 L"),
        component("table", "index_table"),
        component("spot", "spot", of="s.table"),
        component("it", kind, flow="60 mL/s", **{stroke: "1 us"}, **joins),
    )
    bench.run_to(1)
    bench.write(**{f"s__it_{coil}": True})
    meanwhile(bench, 3, 6, "flow", 15 * ML_S)
    bench.run_to(8)
    total = bench.line.plant.components["s.it"].s.total.at(bench.line.now_ns) / ML
    assert total == NEAR(60 * 4 + 15 * 3, abs=0.001)


@pytest.mark.parametrize(
    ("kind", "parameter", "coil", "end"),
    [
        ("valve", "stroke_time", "open", "opened"),
        ("pump", "ramp", "run", None),
        ("filler", "stroke_time", "open", None),
    ],
)
@covers(("valve", "filler"), "stroke_time")
@covers("pump", "ramp")
def test_a_stroke_that_takes_longer_for_a_while(kind: str, parameter: str, coil: str, end: str | None) -> None:
    """1 s; from 0.2 s on as slow as 4 s, for 1.2 s: half is done. Fully open flows what is stated."""
    options = ("opened",) if kind == "valve" else ("speed",) if kind == "pump" else ()
    joins = {"spot": "s.spot"} if kind == "filler" else {}
    bench = bench_of(
        component("table", "index_table"),
        component("spot", "spot", of="s.table"),
        component("it", kind, options, flow="60 mL/s", **{parameter: "1 s"}, **joins),
    )
    bench.run_to(1)
    bench.write(**{f"s__it_{coil}": True})
    meanwhile(bench, 1.2, 2.4, parameter, 4 * S)
    bench.run_to(2.89)
    it = bench.line.plant.components["s.it"]
    open_share = it.s.travel.at(bench.line.now_ns) / it.s.stroke_ns
    assert open_share == NEAR(0.2 + 0.3 + 0.49, abs=1e-6)
    bench.run_to(5)
    assert it.actual == 60 * ML_S  # type: ignore[attr-defined]
    if end is not None:
        assert bench.times(f"s.it_{end}") == [(about(2.9 * S), True)]


def drawing() -> Bench:
    return bench_of(
        component("tank", "tank", capacity="100 L", initial="200 mm"),
        component(
            "it", "consumer", source="s.tank", flow="40 mL/s", least="5 mL/s", time_least="20 s", time_most="60 s"
        ),
    )


@pytest.mark.parametrize(("parameter", "value", "low", "high"), [("flow", 90, 5, 90), ("least", 30, 30, 40)])
@covers("consumer", "flow", "least")
def test_how_much_a_consumer_draws(parameter: str, value: int, low: int, high: int) -> None:
    """A share of the way from least to most, in hundredths, drawn at its birth."""
    bench = drawing()
    it = bench.line.plant.components["s.it"]
    share = int(Stream([bench.line.seed, word("s.it.draw")]).uniform() * 101) / 100
    bench.run_to(1)
    seen = [it.actual]  # type: ignore[attr-defined]
    ident = change(bench, "s.it", parameter, value * ML_S)
    seen.append(it.actual)  # type: ignore[attr-defined]
    restore(bench, ident)
    seen.append(it.actual)  # type: ignore[attr-defined]
    wanted = [a + (b - a) * share for a, b in ((5, 40), (low, high), (5, 40))]
    assert seen == NEAR([1000 * flow for flow in wanted], abs=1)


@pytest.mark.parametrize(
    ("parameter", "value", "end", "low", "high"),
    [("time_least", 10, 300, 10, 60), ("time_most", 200, 300, 20, 200), ("time_most", 200, 5, 20, 60)],
)
@covers("consumer", "time_least", "time_most")
def test_how_long_a_consumer_draws_the_same(parameter: str, value: int, end: float, low: int, high: int) -> None:
    bench = drawing()
    draws = Stream([bench.line.seed, word("s.it.draw")])
    draws.uniform()
    lasts = low + draws.uniform() * (high - low)
    bench.run_to(1)
    change_at = [bench.line.plant.components["s.it"].s.due[1]]
    ident = change(bench, "s.it", parameter, value * S)
    if end < 100:
        bench.run_to(end)
        restore(bench, ident)
    change_at.append(bench.line.plant.components["s.it"].s.due[1])
    assert change_at[-1] == NEAR(lasts * S, abs=10)


@covers("flow_meter", "pulse", "noise")
def test_a_meter_counts_and_measures() -> None:
    """60 mL/s; pulses of 10 mL,
    of 45 mL for a while: the volume in whole pulses. The noise is within what is stated."""
    bench = bench_of(
        component("pipe", "valve", flow="60 mL/s", stroke_time="1 us"),
        component("it", "flow_meter", on="s.pipe", noise="0 mL/s"),
    )
    bench.write(s__pipe_open=True)
    bench.run_to(5.05)
    seen = [bench.get("s.it_volume"), bench.get("s.it_flow")]
    pulse, noise = change(bench, "s.it", "pulse", 45_000), change(bench, "s.it", "noise", 20 * ML_S)
    bench.run_to(7)
    seen += [bench.get("s.it_volume")]
    readings = set()
    for _ in range(20):
        bench.run(0.1)
        readings.add(float(bench.get("s.it_flow")))
    restore(bench, pulse)
    restore(bench, noise)
    bench.run_to(9.05)
    assert [*seen, bench.get("s.it_volume"), bench.get("s.it_flow")] == [300.0, 60.0, 405.0, 540.0, 60.0]
    assert all(40 <= reading <= 80 for reading in readings)
    assert max(readings) - min(readings) > 5


# ---- fillers ---------------------------------------------------------------------------------------------------


def filling() -> Bench:
    """A bottle under the nozzle, 50 mL/s: full at 200 mL, over at 250 mL."""
    bench = bench_of(
        component("table", "index_table"),
        component("spot", "spot", of="s.table"),
        component("it", "filler", spot="s.spot", flow="50 mL/s", stroke_time="1 us"),
    )
    bench.line.plant.components["s.table"].put(0, bench.line.plant.make_part(1, 30_000).serial)  # type: ignore[attr-defined]
    bench.write(s__it_open=True)
    return bench


@covers("filler", "full_at")
def test_a_probe_that_sits_higher() -> None:
    """It says full at 100 mL until 3 s, then at 200 mL."""
    bench = filling()
    meanwhile(bench, 1, 3, "full_at", 100_000)
    bench.run_to(6)
    assert bench.times("s.it_full") == [
        (NEAR(2 * S, abs=2000), True), (3 * S, False), (NEAR(4 * S, abs=2000), True)
    ]  # fmt: skip


@covers("filler", "bottle")
def test_a_bottle_that_holds_less() -> None:
    """Over its brim it is spilled: at 100 mL from 2.5 s to 4 s, then it is filled on."""
    bench = filling()
    it = bench.line.plant.components["s.it"]
    bench.run_to(1)
    ident = change(bench, "s.it", "bottle", 100_000)
    bench.run_to(4)
    bench.write(s__it_open=False)
    assert (it.s.spilled + 0) / ML == NEAR(100, abs=0.001)
    restore(bench, ident)
    bench.write(s__it_open=True)
    bench.run_to(6)
    bench.write(s__it_open=False)
    part = next(iter(bench.line.plant.parts.by_serial.values()))
    assert [part.contents["fill"] / ML, it.s.spilled / ML] == NEAR([200, 100], abs=0.001)


# ---- heaters ---------------------------------------------------------------------------------------------------


def heater(options: tuple[str, ...] = (), **given: str) -> tuple[Bench, Heater]:
    """From 22 °C by 180 K with 60 s."""
    bench = bench_of(component("it", "heater", options, **given))
    found = bench.line.plant.components["s.it"]
    assert isinstance(found, Heater)
    return bench, found


@pytest.mark.parametrize(
    ("parameter", "value", "goal", "tau"),
    [("rise", 60 * K, 82, 60), ("time_constant", 200 * S, 202, 200), ("ambient", -10 * K, 170, 60)],
)
@covers("heater", "rise", "time_constant", "ambient")
def test_a_body_of_first_order(parameter: str, value: int, goal: float, tau: float) -> None:
    """Heated for 40 s, 50 s with another parameter, 30 s as before: three exponentials."""
    bench, it = heater()
    bench.write(s__it_on=True)
    meanwhile(bench, 40, 90, parameter, value)
    bench.run_to(120)
    at = 202 + (22 - 202) * exp(-40 / 60)
    at = goal + (at - goal) * exp(-50 / tau)
    at = 202 + (at - 202) * exp(-30 / 60)
    assert it.at(bench.line.now_ns) / 10**6 == NEAR(at, abs=1e-4)


@covers("heater", "resolution")
def test_steps_of_a_thermometer() -> None:
    """Steps of 0.5 K, of 8 K for a while: each as it is crossed."""
    bench, _ = heater()
    bench.write(s__it_on=True)
    meanwhile(bench, 10, 30, "resolution", 8 * 10**6)
    bench.run_to(40)
    said = [(t / S, level) for t, level in bench.times("s.it_temperature") if 10.5 < t / S < 30]
    wanted = [(-60 * log(1 - (level - 22) / 180), level) for level in (56, 64, 72, 80, 88)]
    assert [level for _, level in said] == [level for t, level in wanted if 10.5 < t < 30]
    assert [t for t, _ in said] == NEAR([t for t, _ in wanted if 10.5 < t < 30], abs=1e-3)
    after = [(t / S, level) for t, level in bench.times("s.it_temperature") if t / S > 30.01]
    assert all(t == NEAR(-60 * log(1 - (float(str(level)) - 22) / 180), abs=1e-3) for t, level in after)
    assert len(after) > 10


def powers(bench: Bench, it: Heater, until: float) -> list[tuple[float, float, float]]:
    """Instant, temperature and power of every cycle."""
    found, was = [], it.s.cycled_ns
    while bench.line.now_ns < until * S:
        bench.line.advance(min(bench.line.next_due_ns() or 10**18, round(until * S)))
        if it.s.cycled_ns != was:
            was = it.s.cycled_ns
            found.append((was / S, it.at(was) / 10**6, it.s.power / 10**4))
    return found


REGULATED = ("regulate", "setpoint", "power_actual")


@covers("heater", "gain", "reset_time", "rate_time")
def test_a_controller_with_other_settings_for_a_while() -> None:
    """P, I and D by hand, cycle by cycle of 1 s; at the limits nothing is added to the integral."""
    bench, it = heater(REGULATED, gain="2", reset_time="30 s", rate_time="0 s")
    bench.write(s__it_setpoint=60.0, s__it_regulate=True, s__it_on=True)
    seen = powers(bench, it, 20.5)
    idents = [change(bench, "s.it", name, value) for name, value in
              (("gain", 4 * 10**6), ("reset_time", 10 * S), ("rate_time", 2 * S))]  # fmt: skip
    seen += powers(bench, it, 30.5)
    for ident in idents:
        restore(bench, ident)
    seen += powers(bench, it, 45.5)
    integral, last = 2 * (60 - 22) / 30, 22.0  # of the first cycle, at the switching on
    for second, at, power in seen:
        gain, reset, rate = (4, 10, 2) if 20.5 < second < 30.5 else (2, 30, 0)
        wanted = gain * (60 - at - rate * (at - last)) + integral
        assert power == NEAR(min(100, max(0, wanted)), abs=0.01), second
        if 0 < wanted < 100 or (wanted <= 0) is (at < 60):
            integral += gain * (60 - at) / reset
        last = at
    assert len(seen) >= 45


@covers("heater", "cycle")
def test_a_controller_with_another_cycle_for_a_while() -> None:
    """Cycles of 1 s; the one that runs becomes one of 4 s, and that which runs at the restore is over at once."""
    bench, it = heater(REGULATED)
    bench.write(s__it_setpoint=60.0, s__it_regulate=True, s__it_on=True)
    seen = powers(bench, it, 3.5)
    ident = change(bench, "s.it", "cycle", 4 * S)
    seen += powers(bench, it, 13)
    restore(bench, ident)
    assert it.s.cycled_ns == 13 * S
    seen += powers(bench, it, 15.5)
    assert [second for second, _, _ in seen] == NEAR([1, 2, 3, 7, 11, 14, 15], abs=1e-9)
