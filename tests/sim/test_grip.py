"""Grippers and vacuum cups: what they hold, when, and where it goes."""

from collections.abc import Callable

import pytest

from sim.components.grip import Grip
from sim.definition import LineDefinition
from tests.sim.builders import MS, Bench, S, belt, component, definition, station
from tests.sim.invariants import check

Make = Callable[..., Bench]


def cell(kind: str, options: tuple[str, ...] = (), **given: str) -> LineDefinition:
    """A grip on a cylinder over the end of one belt and, 300 mm beside, the beginning of another."""
    return definition(
        station(
            "s",
            belt("inlet", length="600 mm"),
            belt("outlet", length="600 mm"),
            component("x", "linear_axis", high="1 m", speed="1 m/s", acceleration="10 m/s²", deceleration="10 m/s²"),
            component("z", "cylinder", stroke="100 mm", extend_speed="0.5 m/s", retract_speed="0.5 m/s"),
            component("pick", "spot", ("part",), of="s.inlet", position="570 mm", stop="true", z="100 mm"),
            component("place", "spot", of="s.outlet", x="300 mm", z="100 mm"),
            component("grip", kind, options, x="s.x", z="s.z", spots=["s.pick", "s.place"], **given),
        )
    )  # fmt: skip


def grip(bench: Bench) -> Grip:
    found = bench.line.plant.components["s.grip"]
    assert isinstance(found, Grip)
    return found


@pytest.fixture
def over(line: Make) -> Callable[..., Bench]:
    """A bench with a part at the stop and the cylinder down on it."""

    def make(kind: str, options: tuple[str, ...] = (), **given: str) -> Bench:
        bench = line(cell(kind, options, **given))
        bench.write(s__inlet_run=True, s__x_enable=True)
        bench.lay("s.inlet")
        bench.run(3)
        assert bench.get("s.pick_part") is True
        bench.write(s__z_extend=True)
        bench.run_to(5)
        return bench

    return make


def test_vacuum_builds_up_holds_and_says_so_at_the_computed_times(over: Callable[..., Bench]) -> None:
    bench = over("vacuum_cup", ("vacuum",), build_up="400 ms", holds_at="0.5", switch_at="0.6")
    bench.write(s__grip_suck=True)
    bench.run(1)
    assert bench.times("s.grip_ok") == [(5 * S + 240 * MS, True)]
    held = [t for t, kind, _, data in bench.events if kind == "part" and data == ["in", "s.grip", "grip"]]
    assert held == [5 * S + 200 * MS]
    assert float(bench.get("s.grip_vacuum")) == pytest.approx(80, abs=0.2)
    assert bench.heads("s.inlet") == []


def test_over_nothing_the_vacuum_is_never_reached(line: Make) -> None:
    bench = line(cell("vacuum_cup", ("vacuum",)))
    bench.write(s__grip_suck=True)
    bench.run(5)
    assert bench.times("s.grip_ok") == []
    assert float(bench.get("s.grip_vacuum")) == pytest.approx(20, abs=0.2)


def test_a_part_is_carried_over_and_laid_down(over: Callable[..., Bench]) -> None:
    bench = over("vacuum_cup")
    bench.write(s__grip_suck=True)
    bench.run(1)
    bench.write(s__z_extend=False, s__x_target=300.0)
    bench.run(1)
    bench.write(s__z_extend=True)
    bench.run(1)
    bench.write(s__grip_suck=False)
    bench.run(1)
    assert bench.heads("s.outlet") == [60]
    assert grip(bench).holds() == []
    check(bench.line)


@pytest.mark.parametrize("leak", [0, 300_000, 600_000])
def test_a_leak_changes_what_is_reached_and_is_repaired(over: Callable[..., Bench], leak: int) -> None:
    bench = over("vacuum_cup")
    bench.write(s__grip_suck=True)
    bench.run(1)
    bench.write(s__z_extend=False)
    bench.run(1)
    bench.give("fault", id="f", seam="parameter", target="s.grip", parameter="leak", how="replace", value=leak)
    bench.run(1)
    check(bench.line)
    assert bench.get("s.grip_ok") is (leak < 400_000)
    assert grip(bench).s.floor == ([1] if leak > 500_000 else [])
    bench.give("end_fault", id="f")
    bench.run(1)
    assert bench.get("s.grip_ok") is (leak < 500_000)  # what has fallen stays on the floor
    if leak > 500_000:
        bench.give("remove_part", part=1)
        check(bench.line)


def test_without_power_a_cup_drops_its_part_and_fingers_keep_it(over: Callable[..., Bench]) -> None:
    for kind, coil, kept in (("vacuum_cup", "s__grip_suck", False), ("gripper", "s__grip_close", True)):
        bench = over(kind)
        bench.write(**{coil: True})
        bench.run(1)
        bench.write(s__z_extend=False)
        bench.run(1)
        bench.give("panel", station="s", element="estop", pressed=True)
        bench.run(1)
        assert (grip(bench).s.serial == 1) is kept
        assert (grip(bench).s.floor == [1]) is not kept
        check(bench.line)


def test_fingers_need_their_time_and_let_go_at_once(over: Callable[..., Bench]) -> None:
    bench = over("gripper", stroke_time="250 ms")
    bench.write(s__grip_close=True)
    bench.run(1)
    assert bench.times("s.grip_closed") == [(5 * S + 250 * MS, True)]
    assert bench.times("s.grip_part") == [(5 * S + 250 * MS, True)]
    assert bench.times("s.grip_opened") == [(5 * S, False)]
    bench.restored()
    bench.write(s__grip_close=False)
    assert bench.get("s.grip_part") is False  # back on the belt's end? its beginning is elsewhere
    bench.run(1)
    check(bench.line)


def test_fingers_that_turn_round_half_way_hold_nothing(over: Callable[..., Bench]) -> None:
    bench = over("gripper", stroke_time="250 ms")
    bench.write(s__grip_close=True)
    bench.run(0.2)
    bench.write(s__grip_close=False)
    bench.run(1)
    assert bench.times("s.grip_closed") == []
    assert bench.times("s.grip_opened") == [(5 * S, False), (5 * S + 400 * MS, True)]
    assert len(bench.heads("s.inlet")) == 1


def test_a_hand_takes_the_part_out_of_the_grip(over: Callable[..., Bench]) -> None:
    bench = over("vacuum_cup")
    bench.write(s__grip_suck=True)
    bench.run(1)
    bench.write(s__z_extend=False)
    bench.run(1)
    bench.give("remove_part", part=1)
    bench.run(1)
    assert bench.get("s.grip_ok") is False
    check(bench.line)


def test_without_room_below_the_part_falls_to_the_floor(over: Callable[..., Bench]) -> None:
    bench = over("vacuum_cup")
    bench.lay("s.outlet")
    bench.write(s__grip_suck=True)
    bench.run(1)
    bench.write(s__z_extend=False, s__x_target=300.0)
    bench.run(1)
    bench.write(s__z_extend=True)
    bench.run(1)
    bench.write(s__grip_suck=False)
    bench.run(1)
    assert grip(bench).s.floor == [1]
    check(bench.line)


# ---- compressed air ------------------------------------------------------------------------------------------------


def on_air(kind: str, pressure: str, options: tuple[str, ...] = (), **given: str) -> Bench:
    """The cell with a grip on a supply of this pressure, so large that it stays; down on a part at 5 s."""
    made = cell(kind, options, supply="s.air", **given)
    air = component("air", "air_supply", start=pressure, volume="10000 L", delivery="0 L/s", regulator="16 bar")
    made.stations[0].components.append(air)
    bench = Bench(made)
    bench.write(s__inlet_run=True, s__x_enable=True)
    bench.lay("s.inlet")
    bench.run(3)
    bench.write(s__z_extend=True)
    bench.run_to(5)
    return bench


@pytest.mark.parametrize(
    ("pressure", "clogged", "ok_ms"), [("6 bar", "0", 240), ("4 bar", "0", 240), ("6 bar", "0.25", 320)]
)
def test_a_vacuum_is_reached_in_time_with_air_enough_and_an_ejector_that_is_clear(
    pressure: str, clogged: str, ok_ms: int
) -> None:
    bench = on_air("vacuum_cup", pressure, build_up="400 ms", switch_at="0.6", clogged=clogged)
    bench.write(s__grip_suck=True)
    bench.run(2)
    assert bench.times("s.grip_ok") == [(pytest.approx(5 * S + ok_ms * MS, abs=2000), True)]


@pytest.mark.parametrize(("pressure", "clogged"), [("2.5 bar", "0"), ("1.9 bar", "0"), ("6 bar", "0.5")])
def test_with_too_little_air_or_a_clogged_ejector_the_vacuum_stays_too_low(pressure: str, clogged: str) -> None:
    bench = on_air("vacuum_cup", pressure, ("vacuum",), build_up="400 ms", switch_at="0.6", clogged=clogged)
    bench.write(s__grip_suck=True)
    bench.run(2)
    assert bench.times("s.grip_ok") == []
    reached = {"2.5 bar": 40, "1.9 bar": 0}.get(pressure, 40)
    assert bench.get("s.grip_vacuum") == pytest.approx(reached, abs=0.2)


def test_a_clogged_ejector_is_cleaned_and_goes_on_to_the_full_vacuum() -> None:
    bench = on_air("vacuum_cup", "6 bar", build_up="400 ms", switch_at="0.6")
    fault = {"id": "f", "fault": "x", "seam": "parameter", "target": "s.grip"}
    bench.give("fault", **fault, parameter="clogged", how="replace", value=500_000)
    bench.write(s__grip_suck=True)
    bench.run(0.2)  # a quarter of the vacuum
    bench.give("end_fault", id="f")
    bench.run(1)
    assert bench.times("s.grip_ok") == [(pytest.approx(5.2 * S + 140 * MS, abs=2000), True)]


@pytest.mark.parametrize(("locks", "kept"), [("true", True), ("false", False)])
def test_fingers_are_slower_with_less_air_and_without_it_hold_or_let_go(locks: str, kept: bool) -> None:
    bench = on_air("gripper", "2.5 bar", stroke_time="250 ms", self_locking=locks, nominal="5 bar")
    bench.write(s__grip_close=True)
    bench.run(2)
    assert bench.times("s.grip_closed") == [(pytest.approx(5.5 * S, abs=5), True)]
    bench.give("fault", id="g", fault="x", seam="disturbance", target="s.air", method="vent")
    bench.run(1)
    assert bench.get("s.grip_part") is kept
    check(bench.line)
