"""Spindle, sensors, warehouse: what one station's machines do, without a program."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.definition import LineDefinition
from sim.part import Verdict
from sim.plant import MOST_LOG
from tests.sim.builders import MM, MS, Bench, S, belt, component, definition, station
from tests.sim.invariants import check

Make = Callable[..., Bench]
CUT = 4 * S


def milling(**given: str) -> LineDefinition:
    """Every cut takes 4 s at feed rate 1."""
    at = {"belt": "s.belt", "position": "400 mm"}
    given = {"cut_least": "4 s", "cut_most": "4 s", "scrap": "0"} | given
    return definition(
        station(
            "s",
            belt(),
            component("stopper", "stopper", **at),
            component("clamp", "clamp", ("out",), **at),
            component("spindle", "spindle", ("speed",), clamp="s.clamp", **given),
        )
    )


def clamped(definition: LineDefinition) -> Bench:
    """A part between closed jaws, the spindle stands."""
    bench = Bench(definition)
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(5)
    bench.write(s__clamp_extend=True)
    bench.run(1)
    assert bench.get("s.clamp_out") is True
    return bench


# ---- spindle ---------------------------------------------------------------------------------------------------


def test_a_cut_takes_its_time_and_gives_the_part_its_size() -> None:
    bench = clamped(milling())
    bench.write(s__spindle_run=True)
    bench.run(3.999)
    assert bench.get("s.spindle_done") is False
    bench.run(0.001)
    assert bench.get("s.spindle_done") is True
    part = bench.line.plant.part(1)
    assert part.machined is True
    assert abs(part.dimension_um - 30_000) <= 6 * 12
    bench.write(s__spindle_run=False)
    assert bench.get("s.spindle_done") is False


def test_an_interrupted_cut_goes_on_with_what_is_left() -> None:
    bench = clamped(milling())
    for _ in range(4):
        bench.write(s__spindle_run=True)
        bench.run(0.9)
        bench.write(s__spindle_run=False)
        bench.run(7)
    bench.write(s__spindle_run=True)
    began = bench.line.now_ns
    bench.run(1)
    assert bench.times("s.spindle_done") == [(began + 400 * MS, True)]


RATES = st.lists(st.tuples(st.integers(1, 2 * S), st.integers(1000, 4_000_000)), min_size=1, max_size=8)


@given(RATES)
def test_a_rate_changed_in_mid_cut_is_worked_off_exactly(rates: list[tuple[int, int]]) -> None:
    bench = clamped(milling())
    bench.write(s__spindle_run=True)
    began, left = bench.line.now_ns, CUT * 1_000_000
    for number, (span, rate) in enumerate([*rates, (40 * 10**13, 1_000_000)]):
        change = {"target": "s.spindle", "parameter": "rate", "how": "replace", "value": rate}
        if number:
            bench.give("end_fault", id=f"f{number - 1}")
        bench.give("fault", id=f"f{number}", seam="parameter", **change)
        if left <= rate * span:
            break
        left -= rate * span
        began += span
        bench.line.advance(began)
    bench.line.advance(began + -(-left // rate))
    assert bench.times("s.spindle_done") == [(began + -(-left // rate), True)]


def test_half_the_speed_takes_twice_the_time() -> None:
    bench = clamped(milling())
    bench.write(s__spindle_speed=3000.0, s__spindle_run=True)
    began = bench.line.now_ns
    bench.run(9)
    assert bench.times("s.spindle_done") == [(began + 2 * CUT, True)]


def test_opened_jaws_end_the_cut() -> None:
    bench = clamped(milling())
    bench.write(s__spindle_run=True)
    bench.run(1)
    bench.write(s__clamp_extend=False)
    bench.run(10)
    assert bench.get("s.spindle_done") is False
    assert bench.line.plant.part(1).machined is False


def test_a_part_taken_out_of_the_jaws_ends_the_cut() -> None:
    bench = clamped(milling())
    bench.write(s__spindle_run=True)
    bench.run(1)
    bench.give("remove_part", part=1)
    assert bench.get("s.spindle_load") < 15  # idle
    bench.run(10)
    assert bench.get("s.spindle_done") is False
    check(bench.line)


def test_without_power_the_cut_stands_and_goes_on() -> None:
    bench = clamped(milling())
    bench.write(s__spindle_run=True)
    bench.run(1)
    assert bench.get("s.spindle_load") > 40
    bench.give("panel", station="s", element="estop", pressed=True)
    assert bench.get("s.spindle_load") == 0
    bench.run(1)
    assert bench.get("s.spindle_done") is False


def test_a_tool_wears_out_and_is_changed() -> None:
    bench = clamped(milling(life="2 s", change_time="5 s"))
    bench.write(s__spindle_run=True)
    bench.run(1)
    assert bench.get("s.spindle_tool_used") == 50.0
    assert bench.get("s.spindle_tool_ok") is True
    bench.run(3)
    assert bench.get("s.spindle_tool_used") == 200.0
    assert bench.get("s.spindle_tool_ok") is False
    bench.write(s__spindle_run=False)
    bench.write(s__spindle_change_tool=True)
    bench.run(4.9)
    assert bench.get("s.spindle_tool_ok") is False
    bench.run(0.2)
    assert (bench.get("s.spindle_tool_ok"), bench.get("s.spindle_tool_changes")) == (True, 1)
    assert bench.get("s.spindle_tool_used") == 0.0


@pytest.mark.parametrize("how", ["command", "run"])
def test_a_tool_change_that_is_broken_off_changes_nothing(how: str) -> None:
    bench = clamped(milling(life="2 s"))
    bench.write(s__spindle_run=True)
    bench.run(4)
    bench.write(s__spindle_run=False)
    bench.write(s__spindle_change_tool=True)
    bench.run(1)
    bench.give("write", writes=[["s.spindle_change_tool", False] if how == "command" else ["s.spindle_run", True]])
    bench.run(10)
    assert bench.get("s.spindle_tool_changes") == 0
    assert bench.get("s.spindle_tool_ok") is False


def test_it_warms_up_to_its_limit_and_cools_down() -> None:
    bench = clamped(milling())
    bench.write(s__spindle_run=True)
    bench.run(100)
    assert abs(bench.get("s.spindle_temperature") - 34.0) < 0.2
    bench.run(1000)
    assert abs(bench.get("s.spindle_temperature") - 67.0) < 0.2
    bench.write(s__spindle_run=False)
    bench.run(100)
    assert abs(bench.get("s.spindle_temperature") - 61.0) < 0.2
    bench.run(10_000)
    assert abs(bench.get("s.spindle_temperature") - 22.0) < 0.2


# ---- reader and camera -----------------------------------------------------------------------------------------


def looking(options: tuple[str, ...] = (), **given: str) -> LineDefinition:
    at = {"belt": "s.belt", "position": "400 mm"}
    camera = component("camera", "camera", options, **at, **given)
    return definition(
        station("s", belt(), component("stopper", "stopper", **at), camera, component("reader", "reader", **at))
    )


def in_view(definition: LineDefinition, dimension_um: int = 30_000) -> Bench:
    bench = Bench(definition)
    part = bench.line.plant.make_part(3, dimension_um)
    bench.belt("s.belt").put(part.serial)
    bench.write(s__belt_run=True)
    bench.run(5)
    return bench


@pytest.mark.parametrize(("dimension", "ok"), [(30_000, True), (30_049, True), (30_051, False), (29_949, False)])
def test_a_camera_judges_by_the_tolerance(dimension: int, ok: bool) -> None:
    bench = in_view(looking(noise="0 µm"), dimension)
    bench.write(s__camera_trigger=True)
    bench.run(0.249)
    assert bench.get("s.camera_valid") is False
    bench.run(0.001)
    shown = [bench.get(f"s.camera_{port}") for port in ("valid", "ok", "colour", "dimension")]
    assert shown == [True, ok, 3, dimension / 1000]
    assert bench.line.plant.part(1).verdict is (Verdict.OK if ok else Verdict.REJECT)
    assert bench.get("s.parts_rejected") == (not ok)
    bench.write(s__camera_trigger=False)
    assert bench.get("s.camera_valid") is False


def test_an_offset_of_the_camera_spoils_good_parts_and_ends() -> None:
    bench = in_view(looking(noise="0 µm"))
    wrong = {"target": "s.camera", "parameter": "offset", "how": "offset", "value": 60 * 10**9}
    bench.give("fault", id="f", seam="parameter", **wrong)
    bench.write(s__camera_trigger=True)
    bench.run(1)
    assert (bench.get("s.camera_ok"), bench.get("s.camera_dimension")) == (False, 30.06)
    bench.give("end_fault", id="f")
    bench.write(s__camera_trigger=False)
    bench.write(s__camera_trigger=True)
    bench.run(1)
    assert bench.get("s.camera_ok") is True


def test_a_picture_of_nothing_is_valid_and_no_good_part() -> None:
    bench = Bench(looking())
    bench.write(s__camera_trigger=True)
    bench.run(1)
    assert (bench.get("s.camera_valid"), bench.get("s.camera_ok")) == (True, False)


def test_a_trigger_taken_back_early_makes_no_picture() -> None:
    bench = in_view(looking())
    bench.write(s__camera_trigger=True)
    bench.run(0.2)
    bench.write(s__camera_trigger=False)
    bench.run(1)
    assert bench.times("s.camera_valid") == []


def test_a_reader_says_colour_and_reject_while_the_part_is_there() -> None:
    bench = in_view(looking(), 29_000)
    assert [bench.get(f"s.reader_{port}") for port in ("part", "colour", "reject")] == [True, 3, False]
    bench.write(s__camera_trigger=True)
    bench.run(1)
    bench.write(s__stopper_extend=True)
    bench.run(5)
    assert [bench.get(f"s.reader_{port}") for port in ("part", "colour", "reject")] == [False, 0, False]


# ---- warehouse -------------------------------------------------------------------------------------------------


def storage() -> LineDefinition:
    """Rack 2 x 2; x places 0 to 3 (3 = dispatch), z places 0 to 2."""
    x = component("x", "axis", positions=["0 mm", "300 mm", "600 mm", "900 mm"], speed="300 mm/s", barred_by="s.fork")
    z = component("z", "axis", positions=["0 mm", "200 mm", "400 mm"], speed="200 mm/s", barred_by="s.fork")
    joins = {"x": "s.x", "z": "s.z", "fork": "s.fork", "rack": "s.rack", "belt": "s.belt"}
    return definition(
        station(
            "s",
            belt(),
            component("fork", "cylinder", ("home", "out"), stroke="200 mm", extend_speed="200 mm/s"),
            x,
            z,
            component("rack", "rack", columns="2", rows="2"),
            component("crane", "crane", ("cell_occupied",), **joins),
        )
    )


def go(bench: Bench, x: int, z: int) -> None:
    bench.write(s__x_target=x, s__z_target=z)
    bench.run(5)
    assert bench.get("s.x_in_position") is bench.get("s.z_in_position") is True


def reach(bench: Bench, lift: bool) -> None:
    """Fork out, lift or lower, fork in."""
    bench.write(s__fork_extend=True)
    bench.run(2)
    bench.write(s__crane_lift=lift)
    bench.run(0.1)
    bench.write(s__fork_extend=False)
    bench.run(2)
    check(bench.line)


@pytest.fixture
def loaded(line: Make) -> Bench:
    """A part from the end of the belt lies on the fork, which is home."""
    bench = line(storage())
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(6)
    assert bench.heads() == [1000]
    reach(bench, lift=True)
    assert bench.get("s.crane_loaded") is True
    assert bench.heads() == []
    return bench


def test_an_axis_goes_at_its_speed_and_says_when_it_is_there(line: Make) -> None:
    bench = line(storage())
    bench.write(s__x_target=3)
    assert bench.get("s.x_in_position") is False
    bench.run(1)
    assert bench.get("s.x_position") == 300.0
    bench.run(10)
    assert bench.times("s.x_in_position") == [(0, False), (3 * S, True)]


def test_an_axis_turns_round_on_the_way(line: Make) -> None:
    bench = line(storage())
    bench.write(s__x_target=3)
    bench.run(1.5)
    bench.write(s__x_target=1)
    bench.run(0.5)
    assert (bench.get("s.x_position"), bench.get("s.x_in_position")) == (300.0, True)


def test_an_axis_without_such_a_place_stands(line: Make) -> None:
    bench = line(storage())
    bench.write(s__x_target=3)
    bench.run(1)
    bench.write(s__x_target=9)
    bench.run(10)
    assert (bench.get("s.x_position"), bench.get("s.x_in_position")) == (300.0, False)


def test_axes_stand_while_the_fork_is_out(line: Make) -> None:
    bench = line(storage())
    bench.write(s__x_target=3)
    bench.run(1)
    bench.write(s__fork_extend=True)
    bench.run(10)
    assert 300.0 <= bench.get("s.x_position") <= 304.0  # it is home for its first two millimetres
    bench.write(s__fork_extend=False)
    bench.run(10)
    assert bench.get("s.x_position") == 900.0


def test_an_emergency_stop_in_mid_move_and_on(line: Make) -> None:
    bench = line(storage())
    bench.write(s__x_target=3)
    bench.run(1)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(10)
    assert (bench.get("s.x_position"), bench.get("s.x_in_position")) == (300.0, False)
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.run(2)
    assert (bench.get("s.x_position"), bench.get("s.x_in_position")) == (900.0, True)


def test_a_part_is_stored_and_retrieved(loaded: Bench) -> None:
    assert loaded.get("s.rack_free_cell") == 1
    go(loaded, 2, 2)
    reach(loaded, lift=False)
    counts = [loaded.get(f"s.rack_{port}") for port in ("occupied", "free_cell", "oldest_cell")]
    assert (counts, loaded.where(1)) == ([1, 1, 4], ["in", "s.rack", "4"])
    assert loaded.get("s.crane_cell_occupied") is True
    reach(loaded, lift=True)
    assert loaded.get("s.rack_occupied") == 0
    go(loaded, 3, 0)
    reach(loaded, lift=False)
    assert loaded.line.plant.parts.ends == {"s.crane.dispatch": 1}


def test_an_occupied_cell_takes_no_second_part(loaded: Bench) -> None:
    go(loaded, 1, 1)
    reach(loaded, lift=False)
    go(loaded, 0, 0)
    loaded.lay()
    loaded.run(6)
    reach(loaded, lift=True)
    go(loaded, 1, 1)
    reach(loaded, lift=False)
    assert loaded.get("s.crane_loaded") is True
    go(loaded, 2, 1)
    reach(loaded, lift=True)  # nothing happens: it carries a part already
    reach(loaded, lift=False)
    assert (loaded.get("s.crane_loaded"), loaded.get("s.rack_occupied")) == (False, 2)
    assert loaded.get("s.rack_oldest_cell") == 1


def test_the_belt_keeps_its_part_until_the_crane_takes_it(line: Make) -> None:
    bench = line(storage())
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(60)
    assert bench.heads() == [1000]


def test_without_power_the_crane_neither_takes_nor_lays_down(loaded: Bench) -> None:
    go(loaded, 1, 1)
    loaded.write(s__fork_extend=True)
    loaded.run(2)
    loaded.give("panel", station="s", element="estop", pressed=True)
    loaded.write(s__crane_lift=False)
    assert loaded.get("s.crane_loaded") is True
    loaded.run(5)
    loaded.give("panel", station="s", element="estop", pressed=False)
    loaded.run(5)
    check(loaded.line)


@pytest.mark.parametrize("where", ["fork", "cell"])
def test_a_part_taken_by_hand_is_gone_from_there(loaded: Bench, where: str) -> None:
    if where == "cell":
        go(loaded, 1, 1)
        reach(loaded, lift=False)
    loaded.give("remove_part", part=1)
    check(loaded.line)
    assert (loaded.get("s.crane_loaded"), loaded.get("s.rack_occupied")) == (False, 0)


def test_positions_are_whole_millimetres_of_the_file() -> None:
    assert storage().stations[0].components[2].lists["positions"] == [0, 300 * MM, 600 * MM, 900 * MM]


def test_the_genealogy_of_a_part_is_bounded_and_keeps_its_beginning(line: Make) -> None:
    plant = line().line.plant
    part = plant.make_part(1, 0)
    for n in range(3 * MOST_LOG):
        plant.log(part.serial, str(n))
    assert len(part.log) == MOST_LOG
    assert (part.log[0][1], part.log[-1][1]) == ("0", str(3 * MOST_LOG - 1))
