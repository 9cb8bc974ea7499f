"""Compressed air: pressure, compressor, leaks, meter; cylinders whose strokes hang on it; what is stuck or open."""

import json
from itertools import pairwise
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.components.air import ATMOSPHERE, BAR, STEP, AirSupply
from sim.definition import ComponentDefinition
from sim.inputs import Input
from sim.line import Line
from tests.sim.builders import MM, MS, Bench, S, belt, component, definition, station
from tests.sim.invariants import check

AIR = ("run", "compressing", "pressure", "receiver")


def supply(**given_parameters: str) -> ComponentDefinition:
    return component("air", "air_supply", AIR, **given_parameters)


def shop(*components: ComponentDefinition, **air: str) -> Bench:
    """A supply of 6 bar, 10 L, without compressor unless told otherwise, its meter, and these."""
    given_parameters = {"start": "6 bar", "volume": "10 L", "delivery": "0 L/s", "regulator": "16 bar", **air}
    meter = component("meter", "air_meter", of="s.air")
    return Bench(definition(station("s", supply(**given_parameters), meter, *components)))


def door(**given_parameters: str) -> ComponentDefinition:
    options = ("home", "out")
    return component("door", "cylinder", options, supply="s.air", **{"stroke": "100 mm", **given_parameters})


def bar(bench: Bench) -> float:
    air = bench.line.plant.components["s.air"]
    assert isinstance(air, AirSupply)
    return air._exact() / 10**12 / BAR


def rod(bench: Bench, name: str = "s.door") -> float:
    return float(bench.line.plant.components[name].s.travel.at(bench.line.now_ns) / MM)


def fault(bench: Bench, target: str, parameter: str, how: str, value: int) -> None:
    bench.give("fault", id="f", fault="x", seam="parameter", target=target, parameter=parameter, how=how, value=value)


# ---- the supply ----------------------------------------------------------------------------------------------------


def test_a_compressor_fills_the_receiver_by_the_gas_law() -> None:
    """p0 Q / V = 101325 Pa x 1 L/s / 50 L = 0.0202650 bar/s, until it stops at 8 bar."""
    bench = shop(start="6 bar", volume="50 L", delivery="1 L/s", on_below="7 bar", off_above="8 bar")
    bench.run(50)
    assert bar(bench) == pytest.approx(6 + 0.0202650 * 50, abs=1e-6)
    assert bench.get("s.air_compressing") is True
    bench.run(100)
    assert bar(bench) == pytest.approx(8, abs=1e-6)
    ((stopped, off),) = bench.times("s.air_compressing")
    assert off is False
    assert stopped / S == pytest.approx(2 / 0.0202650, abs=1e-6)


@pytest.mark.parametrize("leak", ["0.1 L/s", "0.4 L/s"])
def test_a_leak_empties_it_as_an_exponential_within_a_step(leak: str) -> None:
    """dp/dt = -p0 (leak p / 6 bar) / V."""
    bench = shop(leak=leak, start="8 bar")
    rate = ATMOSPHERE * float(leak.split()[0]) / 10 / 600_000
    events = bench.line.plant.kernel
    for second in range(1, 120):
        bench.run(1)
        assert abs(bar(bench) - 8 * exp(-rate * second)) < 1.5 * STEP / BAR
    assert events.next_due_ns() is None or bar(bench) >= 0


def test_the_pressure_switch_has_its_hysteresis_and_the_compressor_its_band() -> None:
    bench = shop(leak="0.5 L/s", delivery="2 L/s", on_below="5.6 bar", off_above="6.2 bar", switch_at="6 bar",
                 hysteresis="0.3 bar")  # fmt: skip
    bench.run(300)
    changes = bench.times("s.air_ok")
    assert len(changes) > 6
    assert [value for _, value in changes[:4]] == [False, True, False, True]
    for (t, on), (later, _) in pairwise(changes):
        assert later - t > S // 10, f"chatters at {t} ({on})"
    starts = [t for t, on in bench.times("s.air_compressing") if on]
    assert len(starts) == bench.line.plant.components["s.air"].duty.cycles > 3


def test_what_the_meter_counts_is_what_the_receiver_has_lost() -> None:
    bench = shop(door(bore="50 mm"), leak="0.02 L/s")
    for _ in range(5):
        bench.write(s__door_extend=True)
        bench.run(1)
        bench.write(s__door_extend=False)
        bench.run(1)
    lost = (6 - bar(bench)) * BAR * 10 / ATMOSPHERE
    total = bench.line.plant.components["s.air"].total_ul() / 10**6  # type: ignore[attr-defined]
    swept = 5 * 3.14159 / 4 * 0.5**2 * 1.0 * (5.5 + 1)  # dm, bar: five strokes at about 5.5 bar
    assert total == pytest.approx(lost, abs=0.001)
    assert total == pytest.approx(swept + 0.02 * 10, rel=0.1)
    assert bench.get("s.meter_total") == int(total)


def test_a_failed_compressor_and_a_vented_line_come_back() -> None:
    bench = shop(delivery="2 L/s", leak="0.5 L/s", on_below="5.9 bar", off_above="6.5 bar")
    bench.give("fault", id="f", fault="x", seam="disturbance", target="s.air", method="fail")
    bench.run(60)
    assert bar(bench) < 5
    bench.give("end_fault", id="f")
    bench.run(60)
    assert bar(bench) > 5.8
    bench.give("fault", id="g", fault="x", seam="disturbance", target="s.air", method="vent")
    assert bar(bench) == 0
    assert bench.get("s.air_ok") is False
    bench.give("end_fault", id="g")
    bench.run(60)
    assert bar(bench) > 5.8
    assert bench.get("s.air_ok") is True


def test_the_wakes_are_bounded_by_the_swing_of_the_pressure(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    update = AirSupply.update
    monkeypatch.setattr(AirSupply, "update", lambda self: (woken.append(1), update(self))[1])
    monkeypatch.setattr(AirSupply, "SLOTS", ("update", "command"))
    bench = shop(leak="0.5 L/s", start="8 bar", switch_at="0 bar", hysteresis="0 bar", on_below="0 bar")
    bench.run(3600)
    assert bar(bench) < 0.1
    assert len(woken) <= 8 * BAR // STEP + 8


# ---- cylinders -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pressure", [3.0, 4.5, 6.0, 7.5])
def test_the_stroke_time_hangs_on_the_pressure(pressure: float) -> None:
    """250 mm/s at 6 bar, nothing at 1.5 bar, in proportion between; so large a receiver that it stays."""
    bench = shop(door(bore="10 mm"), start=f"{pressure} bar", volume="100000 L")
    bench.write(s__door_extend=True)
    bench.run(5)
    ((left, _),) = bench.times("s.door_home")
    ((arrived, _),) = bench.times("s.door_out")
    speed = 250 * (pressure - 1.5) / 4.5
    assert (arrived - left) / S == pytest.approx(96 / speed, rel=1e-4)


@pytest.mark.parametrize("parameter", ["throttle_out", "extend_speed"])
def test_a_throttle_turned_in_mid_stroke_and_back(parameter: str) -> None:
    bench = shop(door(bore="10 mm"), volume="100000 L")
    bench.write(s__door_extend=True)
    bench.run(0.1)
    fault(bench, "s.door", parameter, "factor", 400_000)
    bench.run(0.2)
    assert rod(bench) == pytest.approx(25 + 20, abs=0.01)
    bench.give("end_fault", id="f")
    bench.run(0.1)
    assert rod(bench) == pytest.approx(70, abs=0.01)


@pytest.mark.parametrize(("parameter", "value", "speed"), [("minimum", 375_000, 0.5556), ("nominal", 1_050_000, 0.5)])
def test_other_parameters_of_pressure_change_and_come_back(parameter: str, value: int, speed: float) -> None:
    bench = shop(door(bore="10 mm"), volume="100000 L", start="6 bar")
    bench.write(s__door_extend=True)
    bench.run(0.1)
    if parameter == "minimum":
        speed = (6 - 3.75) / (6 - 3.75)
    fault(bench, "s.door", parameter, "replace", value)
    bench.run(0.1)
    assert rod(bench) == pytest.approx(25 + 25 * speed, abs=0.01)
    bench.give("end_fault", id="f")
    bench.run(0.1)
    assert rod(bench) == pytest.approx(50 + 25 * speed, abs=0.01)


def test_throttles_hold_without_a_supply_too_and_for_the_spring() -> None:
    alone = component("door", "cylinder", ("home", "out"), throttle_back="0.5")
    bench = Bench(definition(station("s", alone)))
    bench.write(s__door_extend=True)
    bench.run(1)
    bench.write(s__door_extend=False)
    bench.run(0.4)
    assert rod(bench) == pytest.approx(50)


@pytest.mark.parametrize(("kind", "double", "after"), [("cylinder", "false", 0), ("cylinder", "true", 50)])
def test_loss_of_air_in_mid_stroke(kind: str, double: str, after: float) -> None:
    """A single-acting rod comes back by its spring, a double-acting one stays; both go on when there is air again."""
    bench = shop(door(double_acting=double), delivery="5 L/s", on_below="5 bar", off_above="6 bar")
    bench.write(s__door_extend=True)
    bench.run(0.2)
    bench.give("fault", id="g", fault="x", seam="disturbance", target="s.air", method="vent")
    bench.run(2)
    assert rod(bench) == pytest.approx(after, abs=0.5)
    bench.write(s__door_extend=False)
    bench.run(1)
    assert rod(bench) == pytest.approx(after, abs=0.5)
    bench.write(s__door_extend=True)
    bench.give("end_fault", id="g")
    bench.run(60)
    assert rod(bench) == 100


def test_a_bistable_valve_keeps_its_position_without_air_and_finishes_the_stroke_with_it() -> None:
    double = component("door", "double_cylinder", supply="s.air")
    bench = shop(double, delivery="5 L/s", on_below="5 bar", off_above="6 bar")
    bench.write(s__door_extend=True)
    bench.run(0.2)
    bench.write(s__door_extend=False)
    bench.give("fault", id="g", fault="x", seam="disturbance", target="s.air", method="vent")
    bench.run(10)
    assert 49 < rod(bench) < 51
    bench.give("end_fault", id="g")
    bench.run(60)
    assert rod(bench) == 100


def test_worn_seals_draw_air_while_under_pressure() -> None:
    bench = shop(door(bore="10 mm"))
    fault(bench, "s.door", "seal_leak", "replace", 100_000)
    bench.run(10)
    assert bar(bench) == 6
    bench.write(s__door_extend=True)
    bench.run(10)
    with_leak = bar(bench)
    bench.give("end_fault", id="f")
    bench.run(10)
    assert bar(bench) == with_leak < 5.95


@pytest.mark.parametrize("kind", ["cylinder", "double_cylinder", "stopper", "clamp", "ejector", "pusher", "feeder"])
def test_a_stuck_rod_stays_and_an_open_coil_does_nothing(kind: str) -> None:
    joins = {"belt": "s.belt", "position": "500 mm", "to": "s.bin"}
    under = component("it", kind, ("home", "out") if "double" not in kind and kind != "pusher" else (), **joins)
    bench = Bench(definition(station("s", belt(), component("bin", "bin"), under)))
    full = bench.line.plant.components["s.it"].p["stroke"] / MM
    bench.write(s__belt_run=True)
    bench.give("fault", id="a", fault="x", seam="disturbance", target="s.it", method="stick")
    bench.write(s__it_extend=True)
    bench.run(1)
    assert rod(bench, "s.it") == 0
    bench.give("end_fault", id="a")
    bench.run(1)
    assert rod(bench, "s.it") == full
    if kind in ("double_cylinder", "pusher"):
        bench.write(s__it_extend=False, s__it_retract=True)
        bench.run(1)
        bench.write(s__it_retract=False)
    bench.give("fault", id="b", fault="x", seam="disturbance", target="s.it", method="open_coil")
    bench.write(s__it_extend=True)
    bench.run(1)
    assert rod(bench, "s.it") == 0
    bench.give("end_fault", id="b")
    bench.run(1)
    assert rod(bench, "s.it") == full


# ---- strikers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ejector", "pusher"])
def test_a_plate_that_finds_no_room_presses_its_part_on_a_running_belt(kind: str) -> None:
    """The part stands, the belt slips under it, those behind queue up; when there is room it goes, and so do they."""
    it = component("it", kind, belt="s.belt", position="500 mm", to="s.bin")
    bench = Bench(definition(station("s", belt(), component("bin", "bin", capacity="1", full_at="1"), it)))
    bench.give("operator", on=False)
    part = bench.line.plant.make_part(1, 30_000)
    bench.line.plant.components["s.bin"].put(part.serial)  # type: ignore[attr-defined]
    bench.write(s__belt_run=True)
    bench.lay()
    bench.run(0.6)
    bench.lay()
    bench.run(1.65)
    head = bench.heads()[0]
    bench.write(s__it_extend=True)
    bench.run(5)
    assert bench.heads() == [head + 10, head + 10 - 65]  # it rode on for the 50 ms of the clearance
    check(bench.line)
    bench.give("remove_part", part=part.serial)
    bench.run(3)
    assert bench.where(2) == ["in", "s.bin", "bin"]
    assert bench.heads() == [465]  # the next one stands before the rod
    bench.write(s__it_extend=False, **({"s__it_retract": True} if kind == "pusher" else {}))
    bench.run(5)
    assert bench.heads() == []
    check(bench.line)


def test_a_part_that_the_plate_presses_is_free_when_the_rod_goes_back_or_a_hand_takes_it() -> None:
    it = component("it", "ejector", belt="s.belt", position="500 mm", to="s.bin")
    for way in ("back", "hand"):
        bench = Bench(definition(station("s", belt(), component("bin", "bin", capacity="1", full_at="1"), it)))
        bench.give("operator", on=False)
        bench.line.plant.components["s.bin"].put(bench.line.plant.make_part(1, 30_000).serial)  # type: ignore[attr-defined]
        bench.write(s__belt_run=True)
        bench.lay()
        bench.run(2.3)
        bench.write(s__it_extend=True)
        bench.run(1)
        assert rod(bench, "s.it") == 20
        if way == "back":
            bench.write(s__it_extend=False)
            bench.run(5)
            assert bench.heads() == []
        else:
            bench.give("remove_part", part=2)
            bench.run(1)
            assert rod(bench, "s.it") == 100
        check(bench.line)


# ---- together ------------------------------------------------------------------------------------------------------

DEEDS = st.lists(
    st.tuples(st.sampled_from(["door", "pin", "fail", "vent", "estop", "lay", "leak"]), st.booleans(),
              st.integers(1, 5 * S)),
    min_size=3, max_size=25,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(DEEDS)
def test_air_is_never_below_nought_nor_lost_whatever_is_done(deeds: list[tuple[str, bool, int]]) -> None:
    pin = component("pin", "stopper", belt="s.belt", position="300 mm", supply="s.air", bore="32 mm")
    bench = shop(belt(), door(bore="63 mm"), pin, volume="3 L", delivery="1 L/s", on_below="5 bar", off_above="6 bar")
    bench.write(s__belt_run=True)
    for what, on, span in deeds:
        if what in ("door", "pin"):
            bench.write(**{f"s__{what}_extend": on})
        elif what == "estop":
            bench.give("panel", station="s", element="estop", pressed=on)
        elif what == "lay":
            bench.lay()
        else:
            _disturb(bench, what, on)
        bench.line.advance(bench.line.now_ns + span)
        check(bench.line)
        assert 0 <= bar(bench) <= 6.1
        assert 0 <= rod(bench) <= 100
        assert bench.get("s.door_out") is (rod(bench) > 98) or rod(bench) == 98
    again = Line.restore(bench.line.definition, json.loads(json.dumps(bench.line.checkpoint())))
    until = bench.line.now_ns + 20 * S
    again.advance(until)
    bench.line.advance(until)
    assert again.digest == bench.line.digest
    assert again.checkpoint() == bench.line.checkpoint()


def _disturb(bench: Bench, what: str, on: bool) -> None:
    if not on:
        if not any(bench.line.check(Input("end_fault", {"id": what}))):
            bench.give("end_fault", id=what)
    elif any(bench.line.check(Input("end_fault", {"id": what}))):
        seam = {"seam": "parameter", "parameter": "leak", "how": "replace", "value": 2_000_000}
        other = {"seam": "disturbance", "method": what}
        bench.give("fault", id=what, fault=what, target="s.air", **(seam if what == "leak" else other))


def test_a_stroke_without_a_supply_is_as_ever() -> None:
    bench = Bench(definition(station("s", component("door", "cylinder", ("home", "out")))))
    bench.write(s__door_extend=True)
    bench.run(1)
    assert bench.times("s.door_out") == [(392 * MS, True)]
