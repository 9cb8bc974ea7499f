"""Cylinders: stroke time, reversal, end switches, power; ejector, feeder and clamp on top."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components.cylinder import Cylinder
from sim.definition import LineDefinition
from tests.sim.builders import MM, MS, Bench, S, belt, component, definition, station
from tests.sim.invariants import check

Make = Callable[..., Bench]


def door() -> LineDefinition:
    """A cylinder of 100 mm at 250 mm/s out and 500 mm/s back."""
    given = component(
        "door", "cylinder", ("home", "out"), stroke="100 mm", extend_speed="250 mm/s", retract_speed="500 mm/s"
    )
    return definition(station("s", given))


def ejecting(capacity: str = "12") -> LineDefinition:
    return definition(
        station(
            "s",
            belt(),
            component("bin", "bin", capacity=capacity, full_at=capacity),
            component("ejector", "ejector", ("home", "out"), belt="s.belt", position="500 mm", to="s.bin"),
        )
    )


def feeding(**given: str) -> LineDefinition:
    return definition(
        station("s", belt(length="2000 mm"), component("feeder", "feeder", ("home", "out"), belt="s.belt", **given))
    )


def rod(bench: Bench, name: str) -> float:
    """Where the rod is, in mm."""
    found = bench.line.plant.components[name]
    assert isinstance(found, Cylinder)
    return float(found.s.travel.at(bench.line.now_ns) / MM)


def test_end_switches_close_two_millimetres_before_the_ends(line: Make) -> None:
    bench = line(door())
    bench.write(s__door_extend=True)
    bench.run(1)
    assert bench.times("s.door_home") == [(8 * MS, False)]
    assert bench.times("s.door_out") == [(392 * MS, True)]
    bench.write(s__door_extend=False)
    bench.run(1)
    assert bench.times("s.door_out")[1:] == [(1004 * MS, False)]
    assert bench.times("s.door_home")[1:] == [(1196 * MS, True)]


@given(st.lists(st.integers(1, 300 * MS), min_size=1, max_size=12))
def test_turned_round_anywhere_the_rod_is_where_its_moves_add_up_to(spans: list[int]) -> None:
    bench, expected, extend = Bench(door()), 0, False
    for span in spans:
        extend = not extend
        bench.write(s__door_extend=extend)
        bench.line.advance(bench.line.now_ns + span)
        expected = min(100 * MM, expected + 250_000 * span) if extend else max(0, expected - 500_000 * span)
        at = bench.line.plant.components["s.door"].s.travel.at(bench.line.now_ns)
        assert abs(at - expected) <= 500_000 * 4 * len(spans)
        assert bench.get("s.door_home") is (at < 2 * MM or (at == 2 * MM and not extend))
        assert bench.get("s.door_out") is (at > 98 * MM or (at == 98 * MM and extend))


def test_without_power_the_spring_brings_it_back(line: Make) -> None:
    bench = line(door())
    bench.write(s__door_extend=True)
    bench.run(1)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(1)
    assert bench.get("s.door_home") is True


def test_a_slower_cylinder_keeps_its_place(line: Make) -> None:
    bench = line(door())
    bench.write(s__door_extend=True)
    bench.run(0.2)
    slow = {"target": "s.door", "parameter": "extend_speed", "how": "factor", "value": 100_000}
    bench.give("fault", id="f", seam="parameter", **slow)
    bench.run(1)
    assert rod(bench, "s.door") == 75
    bench.give("end_fault", id="f")
    bench.run(0.1)
    assert rod(bench, "s.door") == 100


def test_what_is_said_of_a_movement_is_what_happens(line: Make) -> None:
    bench = line(door())
    bench.write(s__door_extend=True)
    bench.run(0.2)
    bench.write(s__door_extend=False)
    bench.run(1)
    moves = [(t, data) for t, kind, _, data in bench.events if kind == "move"]
    assert moves == [(0, [0.0, 2.5, 1.0]), (200 * MS, [0.5, -5.0, 0.0]), (300 * MS, [0.0, 0.0, 0.0])]


# ---- stopper ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("disturbed", [False, True])
def test_a_stopper_lets_parts_pass_from_half_its_stroke(line: Make, disturbed: bool) -> None:
    stopper = component("stopper", "stopper", belt="s.belt", position="300 mm")
    bench = line(definition(station("s", belt(), stopper)))
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(5)
    bench.write(s__stopper_extend=True)
    if disturbed:  # looking at it on the way changes nothing
        bench.run(0.03)
        bench.line.plant.components["s.stopper"].replan()
    bench.run_to(6)
    assert bench.heads() == [300 + (1000 - 40) * 0.2]


# ---- ejector ---------------------------------------------------------------------------------------------------


def at_ejector(bench: Bench) -> None:
    """A part stands before the ejector."""
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(2.35)  # its middle is at 500 mm
    bench.write(s__belt_run=False)


def test_an_ejector_pushes_the_part_in_its_window(line: Make) -> None:
    bench = line(ejecting())
    at_ejector(bench)
    bench.write(s__ejector_extend=True)
    bench.run(0.049)
    assert bench.heads() == [530]
    bench.run(0.002)
    assert bench.heads() == []
    assert bench.where(1) == ["in", "s.bin", "bin"]
    check(bench.line)


@pytest.mark.parametrize(("seconds", "hit"), [(2.1, False), (2.2, True), (2.5, True), (2.6, False)])
def test_a_part_outside_the_window_stays(line: Make, seconds: float, hit: bool) -> None:
    bench = line(ejecting())
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(seconds)
    bench.write(s__belt_run=False, s__ejector_extend=True)
    bench.run(1)
    assert bench.line.plant.components["s.bin"].s.parts == ([1] if hit else [])


def test_an_extended_rod_bars_the_belt_until_it_is_back(line: Make) -> None:
    bench = line(ejecting())
    bench.write(s__ejector_extend=True)
    bench.run(0.1)  # the rod is 40 mm out, beyond the clearance
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(10)
    assert bench.heads() == [465]
    bench.write(s__ejector_extend=False)
    bench.run(10)
    assert bench.line.plant.parts.ends == {"s.belt.out": 1}


def test_the_belt_is_barred_as_soon_as_the_rod_has_crossed_the_clearance(line: Make) -> None:
    bench = line(ejecting())
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(1.9)  # head at 440 mm
    bench.write(s__ejector_extend=True)
    bench.run(1)
    assert bench.heads() == [465]


def test_with_its_bin_full_the_rod_stands_and_goes_on_when_it_is_emptied(line: Make) -> None:
    bench = line(ejecting(capacity="1"))
    bench.give("operator", on=False)
    for _ in range(2):
        at_ejector(bench)
        bench.write(s__ejector_extend=True)
        bench.run(1)
        rods = rod(bench, "s.ejector")
        bench.write(s__ejector_extend=rods < 100)
        bench.run(1)
    assert rods == 20
    assert bench.heads() == [530]
    bench.give("remove_part", part=1)
    bench.run(1)
    assert bench.where(2) == ["in", "s.bin", "bin"]
    assert rod(bench, "s.ejector") == 100


def test_a_bin_is_emptied_by_the_operator_in_time(line: Make) -> None:
    bench = line(ejecting(capacity="1"))
    at_ejector(bench)
    bench.write(s__ejector_extend=True)
    bench.run(0.05)
    full = bench.line.now_ns
    bench.run(70)
    (said, _), (emptied, _) = bench.times("s.bin_full")
    assert full - 10 <= said <= full
    assert 30 * S <= emptied - said <= 60 * S
    assert bench.line.plant.parts.gone == 1


def test_calling_the_operator_again_does_not_put_him_off(line: Make) -> None:
    bench = line(ejecting(capacity="1"))
    at_ejector(bench)
    bench.write(s__ejector_extend=True)
    for _ in range(7):
        bench.run(10)
        bench.give("operator", on=True)
    assert bench.line.plant.parts.gone == 1


def test_nobody_empties_a_bin_while_the_operator_is_away(line: Make) -> None:
    bench = line(ejecting(capacity="1"))
    at_ejector(bench)
    bench.write(s__ejector_extend=True)
    bench.run(5)
    bench.give("operator", on=False)
    bench.run(500)
    assert bench.get("s.bin_full") is True
    bench.give("operator", on=True)
    bench.run(61)
    assert bench.get("s.bin_full") is False


# ---- feeder ----------------------------------------------------------------------------------------------------


def test_every_full_stroke_lays_one_part(line: Make) -> None:
    bench = line(feeding())
    bench.write(s__belt_run=True)
    for extend in (True, False) * 3:
        bench.write(s__feeder_extend=extend)
        bench.run(1)
    check(bench.line)
    assert bench.heads() == [1181, 781, 381]  # each from the moment in which its rod was out
    assert bench.get("s.parts_in") == 3


def test_a_stroke_that_turns_round_early_lays_nothing(line: Make) -> None:
    bench = line(feeding())
    bench.write(s__feeder_extend=True)
    bench.run(0.39)
    bench.write(s__feeder_extend=False)
    bench.run(1)
    assert bench.line.plant.parts.made == 0


def test_a_feeder_waits_for_room(line: Make) -> None:
    bench = line(feeding())
    for extend in (True, False, True):
        bench.write(s__feeder_extend=extend)
        bench.run(1)
    assert bench.line.plant.parts.made == 1
    assert rod(bench, "s.feeder") == 95
    bench.write(s__belt_run=True)
    bench.run(1)
    assert bench.line.plant.parts.made == 2
    check(bench.line)


def test_an_empty_magazine_is_refilled_by_the_operator(line: Make) -> None:
    bench = line(feeding(capacity="2", refill_at="0"))
    bench.write(s__belt_run=True)
    for extend in (True, False) * 3:
        bench.write(s__feeder_extend=extend)
        bench.run(1)
    assert bench.get("s.feeder_empty") is True
    assert bench.line.plant.parts.made == 2
    bench.run(60)
    assert bench.get("s.feeder_empty") is False


def test_a_rod_that_is_out_when_the_magazine_is_refilled_lays_nothing(line: Make) -> None:
    bench = line(feeding(capacity="1", refill_at="0"))
    for extend in (True, False, True):
        bench.write(s__feeder_extend=extend)
        bench.run(1)
    bench.run(61)
    assert bench.get("s.feeder_empty") is False
    assert bench.line.plant.parts.made == 1
    check(bench.line)


# ---- clamp -----------------------------------------------------------------------------------------------------


def test_closed_jaws_hold_the_part_that_stands_there(line: Make) -> None:
    parts = [component(kind, kind, ("home", "out"), belt="s.belt", position="400 mm") for kind in ("stopper", "clamp")]
    bench = line(definition(station("s", belt(), *parts)))
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(5)
    bench.write(s__clamp_extend=True)
    bench.run(1)
    bench.write(s__stopper_extend=True)
    bench.run(5)
    assert bench.heads() == [400]
    bench.write(s__clamp_extend=False)
    bench.run(5)
    assert bench.heads() == []


def test_jaws_that_close_on_a_passing_part_hold_it_where_it_is(line: Make) -> None:
    bench = line(definition(station("s", belt(), component("clamp", "clamp", belt="s.belt", position="400 mm"))))
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(1.648)
    bench.write(s__clamp_extend=True)  # closed 152 ms later
    bench.run(2)
    assert bench.heads() == [420]
    bench.write(s__clamp_extend=False)
    bench.run(1)
    bench.lay()
    bench.write(s__clamp_extend=True)
    bench.run(5)
    assert bench.heads() == [400]
    check(bench.line)
