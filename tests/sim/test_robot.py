"""Six-axis robot: move times, the handshake, interruptions at any instant, the part in its tool, its motors' heat."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import line_file
from scenarios.file_error import FileErrors
from sim.components.robot import Robot
from sim.components.robot.arm import DEG, Arm
from sim.definition import LineDefinition
from tests.sim.builders import MS, Bench, S, belt, component, definition, station
from tests.sim.invariants import check
from tests.sim.parameters import covers

Make = Callable[..., Bench]
ALL = ("hold", "override", "safe", "ok", "held", "protective_stop", "program_actual", "vacuum", "temperature_arm",
       "temperature_wrist", "j1", "j5", "programs")  # fmt: skip
POINTS = {
    "home": ["0", "0", "0", "0", "90", "0"],
    "left": ["90", "0", "0", "0", "90", "0"],
    "near": ["3", "0", "0", "0", "90", "0"],
    "both": ["60", "-30", "30", "0", "40", "180"],
    "pick": ["300", "200", "160", "0", "pick"],
    "place": ["300", "-200", "160", "0", "place"],
}
PROGRAMS = {
    "1": ["left", "home"],
    "2": ["pick", "grip", "home", "place", "release", "home"],
    "3": ["wait 2 s", "near"],
    "4": ["speed 50 %", "left"],
    "5": ["both", "home"],
}


def cell(**given: str) -> LineDefinition:
    """A robot between the end of one belt and the beginning of another; 90 °/s, 300 ms to full speed."""
    speeds = {f"speed_{k}": "90 °/s" for k in range(1, 7)}
    made = component("arm", "robot", ALL, spots=["s.pick", "s.place"], points=POINTS, programs=PROGRAMS,
                     **{"ramp": "300 ms", **speeds, **given})  # fmt: skip
    spots = (
        component("pick", "spot", ("part",), of="s.inlet", position="570 mm", stop="true"),
        component("place", "spot", of="s.outlet"),
    )
    return definition(station("s", belt("inlet", length="600 mm"), belt("outlet", length="600 mm"), *spots, made))


def arm(bench: Bench) -> Robot:
    found = bench.line.plant.components["s.arm"]
    assert isinstance(found, Robot)
    return found


def started(bench: Bench, program: int) -> Bench:
    bench.write(s__arm_enable=True)
    bench.write(s__arm_program=program)
    bench.write(s__arm_start=True)
    return bench


def changed(bench: Bench, name: str, value: int | None, ident: str = "f") -> None:
    if value is None and arm(bench).s.changes:
        bench.give("end_fault", id=ident)
    elif value is not None:
        bench.give("fault", id=ident, seam="parameter", target="s.arm", parameter=name, how="replace", value=value)


def when(bench: Bench, signal: str, value: object = True) -> list[float]:
    return [t / S for t, said in bench.times(f"s.arm_{signal}") if said == value]


# ---- motion ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [3, 26.9, 27, 27.1, 60, 90, 179])
def test_a_move_takes_its_way_by_its_speed_and_a_ramp(line: Make, way: float) -> None:
    points = {"home": POINTS["home"], "there": [str(way), "0", "0", "0", "90", "0"]}
    made = component("arm", "robot", points=points, programs={"1": ["there"]}, speed_1="90 °/s", ramp="300 ms")
    bench = started(line(definition(station("s", made))), 1)
    bench.run(10)
    full = way / 90
    expected = full + 0.3 if full >= 0.3 else 2 * math.sqrt(full * 0.3)  # L/v + v/2a + v/2d, or no cruise
    assert when(bench, "done") == [pytest.approx(expected, abs=2e-6)]


def test_all_joints_go_in_proportion_and_arrive_together(line: Make) -> None:
    bench = started(line(cell()), 5)
    bench.run(1.15)  # 180 degrees of joint 6 take 2.3 s: half of all ways is done
    assert [angle / DEG for angle in arm(bench).pose()] == pytest.approx([30, -15, 15, 0, 65, 90], abs=1e-4)
    moved = {subject for _, kind, subject, _ in bench.events if kind == "move" and str(subject).startswith("s.arm.")}
    assert moved == {f"s.arm.j{k}" for k in (1, 2, 3, 5, 6)}


def test_override_and_speed_steps_lower_the_speed_not_the_ramp(line: Make) -> None:
    bench = line(cell())
    bench.write(s__arm_override=40.0)
    started(bench, 4).run(20)
    assert when(bench, "done") == [pytest.approx(1 / 0.2 + 0.3 * 0.2, abs=2e-6)]


def test_the_speed_of_a_joint_changed_in_mid_move_and_restored(line: Make) -> None:
    bench = started(line(cell()), 1)
    bench.run(0.5)
    changed(bench, "speed_1", 45 * DEG)
    bench.run(0.2)
    # its ramp lasts 0.3 s to its own full speed: 150 °/s² down to half the speed, too short for it
    at, v = 31.5 + 90 * 0.2 - 150 * 0.02, 90 - 150 * 0.2
    assert arm(bench).pose()[0] / DEG == pytest.approx(at, abs=1e-4)
    changed(bench, "speed_1", None)
    bench.run(10)
    up = (90 - v) / 300
    cruise = (90 - at - (90 * 90 - v * v) / 600 - 13.5) / 90
    arrived = 0.7 + up + cruise + 0.3
    assert when(bench, "done") == [pytest.approx(arrived + 1.3, abs=1e-5)]


@covers("robot", "ramp")
def test_the_ramp_changed_in_mid_move_and_restored(line: Make) -> None:
    bench = started(line(cell()), 1)
    bench.run(0.1)  # 1.5 degrees at 30 °/s
    changed(bench, "ramp", 600 * MS)
    bench.run(0.2)
    assert arm(bench).pose()[0] / DEG == pytest.approx(1.5 + 30 * 0.2 + 150 * 0.02, abs=1e-4)
    changed(bench, "ramp", None)
    bench.run(10)
    cruise = (90 - 10.5 - (90**2 - 60**2) / 600 - 13.5) / 90
    assert when(bench, "done") == [pytest.approx(0.3 + 0.1 + cruise + 0.3 + 1.3, abs=1e-5)]


def test_hold_brakes_on_the_ramp_and_going_on_ends_at_the_same_place(line: Make) -> None:
    bench = started(line(cell()), 1)
    bench.run(0.5)
    bench.write(s__arm_hold=True)
    bench.run(5)
    assert arm(bench).pose()[0] / DEG == pytest.approx(31.5 + 13.5, abs=1e-4)
    assert (bench.get("s.arm_held"), bench.get("s.arm_running")) == (True, True)
    bench.write(s__arm_hold=False)
    bench.run(10)
    first = 5.5 + 0.3 + (45 - 27) / 90 + 0.3
    assert when(bench, "done") == [pytest.approx(first + 1.3, abs=1e-5)]


def test_hold_stops_a_wait_too(line: Make) -> None:
    bench = started(line(cell()), 3)
    bench.run(1.5)
    bench.write(s__arm_hold=True)
    bench.run(5)
    bench.write(s__arm_hold=False)
    bench.run(3)
    assert when(bench, "done") == [pytest.approx(7 + 2 * math.sqrt(3 / 90 * 0.3), abs=1e-5)]


# ---- handshake ------------------------------------------------------------------------------------------------------


def test_the_handshake(line: Make) -> None:
    bench = line(cell())
    assert (bench.get("s.arm_ready"), bench.get("s.arm_at_home")) == (False, True)
    started(bench, 1).run(1)
    said = {n: bench.get(f"s.arm_{n}") for n in ("ready", "running", "done", "at_home", "program_actual")}
    assert said == {"ready": False, "running": True, "done": False, "at_home": False, "program_actual": 1}
    bench.run(10)
    assert [bench.get(f"s.arm_{n}") for n in ("ready", "running", "done", "at_home")] == [True, False, True, True]
    bench.write(s__arm_start=False)
    assert bench.get("s.arm_done") is False
    assert (bench.get("s.arm_programs"), arm(bench).duty.cycles) == (1, 1)


def test_an_unknown_program_is_an_error_until_it_is_acknowledged(line: Make) -> None:
    bench = started(line(cell()), 99)
    assert (bench.get("s.arm_error"), bench.get("s.arm_error_code")) == (True, 1)
    bench.write(s__arm_acknowledge=True)
    assert (bench.get("s.arm_error"), bench.get("s.arm_ready")) == (False, True)


def test_an_emergency_stop_in_mid_move_then_the_same_number_goes_on_and_home_gives_up(line: Make) -> None:
    bench = started(line(cell()), 1)
    bench.run(0.5)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(2)
    assert (bench.get("s.arm_error_code"), arm(bench).pose()[0]) == (5, 45 * DEG)
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.run(1)
    bench.write(s__arm_enable=True, s__arm_safe=True, s__arm_start=False)  # off in the safe state
    bench.write(s__arm_program=1, s__arm_override=100.0)  # nought in the safe state
    bench.write(s__arm_acknowledge=True)
    bench.run(1)
    assert arm(bench).pose()[0] == 45 * DEG  # nothing moves before it is told to
    bench.write(s__arm_start=True)
    bench.run(0.6)
    bench.write(s__arm_hold=True)
    bench.run(1)
    assert arm(bench).pose()[0] > 45 * DEG
    bench.write(s__arm_home=True, s__arm_hold=False)
    bench.run(3)
    assert (bench.get("s.arm_at_home"), bench.get("s.arm_done")) == (True, False)


@pytest.mark.parametrize("how", ["safe", "disturbance"])
def test_a_protective_stop(line: Make, how: str) -> None:
    bench = started(line(cell()), 1)
    bench.run(0.5)
    if how == "safe":
        bench.write(s__arm_safe=False)
        bench.write(s__arm_acknowledge=True)  # refused: its cause is still there
        bench.write(s__arm_acknowledge=False)
    else:
        bench.give("fault", id="f", seam="disturbance", target="s.arm", method="stop_protectively")
    bench.run(1)
    assert (bench.get("s.arm_protective_stop"), bench.get("s.arm_error_code")) == (True, 6)
    bench.write(s__arm_safe=True, s__arm_start=False)
    bench.write(s__arm_acknowledge=True, s__arm_start=True)
    bench.run(10)
    assert bench.get("s.arm_done") is True


# ---- parts ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fetching(line: Make) -> Callable[..., Bench]:
    """A robot that has begun to fetch a part which stands at the pick-up."""

    def make(**given: str) -> Bench:
        bench = line(cell(**given))
        bench.write(s__inlet_run=True)
        bench.lay("s.inlet")
        bench.run_to(4)
        return started(bench, 2)

    return make


def test_it_takes_a_part_from_one_holder_and_puts_it_into_another(fetching: Callable[..., Bench]) -> None:
    bench = fetching()
    bench.run(20)
    assert bench.get("s.arm_done") is True
    assert (bench.heads("s.inlet"), bench.heads("s.outlet")) == ([], [60])
    check(bench.line)


def test_a_lost_vacuum_drops_the_part_and_stops_the_robot(fetching: Callable[..., Bench]) -> None:
    bench = fetching()
    bench.run(2.8)
    assert bench.get("s.arm_part") is True
    assert not arm(bench).s.point  # in mid-air
    bench.give("fault", id="f", seam="disturbance", target="s.arm", method="lose_vacuum")
    assert (bench.get("s.arm_part"), bench.get("s.arm_error_code"), arm(bench).s.floor) == (False, 2, [1])
    bench.run(1)
    assert bench.get("s.arm_protective_stop") is True
    check(bench.line)
    bench.give("remove_part", part=1)
    bench.write(s__arm_acknowledge=True)
    bench.write(s__arm_home=True)
    bench.run(5)
    assert bench.get("s.arm_at_home") is True
    check(bench.line)


@pytest.mark.parametrize(("leak", "code"), [(300_000, 0), (900_000, 2)])
def test_a_leak_lets_go_where_too_little_is_left(fetching: Callable[..., Bench], leak: int, code: int) -> None:
    bench = fetching()
    bench.run(2.8)
    changed(bench, "leak", leak)
    bench.run(1)
    changed(bench, "leak", None)
    bench.run(20)
    assert bench.get("s.arm_error_code") == code
    check(bench.line)


def test_nothing_to_grip_is_an_error_and_the_same_number_tries_again(line: Make) -> None:
    bench = line(cell())
    started(bench, 2).run(10)
    assert bench.get("s.arm_error_code") == 3
    bench.write(s__inlet_run=True, s__arm_start=False)
    bench.lay("s.inlet")
    bench.run(4)
    bench.write(s__arm_acknowledge=True)
    bench.write(s__arm_start=True)
    bench.run(20)
    assert bench.heads("s.outlet") == [60]


def test_fingers_and_check_valves_keep_the_part_without_power(fetching: Callable[..., Bench]) -> None:
    for setting, kept in (({"tool": "fingers"}, True), ({"tool": "vacuum"}, True), ({"keeps_part": "false"}, False)):
        bench = fetching(**setting)
        bench.run(2.8)
        bench.give("panel", station="s", element="estop", pressed=True)
        bench.run(2)
        assert (bench.get("s.arm_part") is True) is kept
        check(bench.line)


COMMANDS = ("hold", "start", "acknowledge", "home", "enable", "safe", "program", "override")
DEEDS = st.sampled_from([*COMMANDS, "estop", "drop", "remove", "lay", "restore", "speed_2", "decay"])


@given(st.lists(st.tuples(st.integers(0, 3 * S), DEEDS, st.integers(0, 5)), max_size=25))
def test_whatever_is_done_when_no_part_is_lost_and_it_comes_back(deeds: list[tuple[int, str, int]]) -> None:
    bench = Bench(cell())
    bench.write(s__inlet_run=True)
    bench.lay("s.inlet")
    started(bench, 2)
    for span, deed, value in deeds:
        bench.line.advance(bench.line.now_ns + span)
        _do(bench, deed, value)
        check(bench.line)
    bench.give("panel", station="s", element="estop", pressed=False)
    changed(bench, "", None)
    bench.write(s__arm_enable=True, s__arm_safe=True, s__arm_hold=False, s__arm_override=100.0)
    bench.run(10)  # what can still run to its end does
    for command in ("acknowledge", "home"):
        bench.write(**{f"s__arm_{command}": False})
        bench.run(0.1)
        bench.write(**{f"s__arm_{command}": True})
    bench.run(20)
    assert (bench.get("s.arm_at_home"), bench.get("s.arm_error")) == (True, False)
    check(bench.line)


def _do(bench: Bench, deed: str, value: int) -> None:
    if deed == "estop":
        bench.give("panel", station="s", element="estop", pressed=bool(value % 2))
    elif deed == "drop":
        bench.give("fault", id="d", seam="disturbance", target="s.arm", method="lose_vacuum")
        bench.give("end_fault", id="d")
    elif deed == "remove":
        for serial in list(bench.line.plant.parts.by_serial)[:1]:
            bench.give("remove_part", part=serial)
    elif deed == "lay":
        bench.lay("s.inlet")
    elif deed == "restore":
        bench.restored()
    elif deed in ("speed_2", "decay"):
        changed(bench, deed, None)
        changed(bench, deed, (30 * DEG if deed == "speed_2" else 10**9) * (1 + value))
    elif deed in ("program", "override"):
        bench.write(**{f"s__arm_{deed}": value if deed == "program" else 20.0 * value})
    else:
        bench.write(**{f"s__arm_{deed}": bool(value % 2)})


def test_a_checkpoint_in_mid_move_comes_out_the_same() -> None:
    def run(restores: bool) -> list[tuple[int, object]]:
        bench = started(Bench(cell()), 5)
        for _ in range(40):
            bench.run(0.11)
            if restores:
                bench.restored()
        return bench.times("s.arm_done") + bench.times("s.arm_in_position")

    assert run(True) == run(False)


# ---- heat, arm, file ------------------------------------------------------------------------------------------------


def test_motors_warm_up_as_busy_as_their_joints_are(line: Make) -> None:
    bench = line(cell(warming="60 s", hold_rise="10 °C", move_rise="40 °C"))
    bench.write(s__arm_enable=True)
    bench.run(60)
    expected = 22 + 10 * (1 - math.exp(-1))
    assert bench.get("s.arm_temperature_arm") == pytest.approx(expected, abs=0.05)
    bench.write(s__arm_program=1)
    bench.write(s__arm_start=True)
    bench.run(1)  # joint 1 alone moves
    hot = 72 + (expected - 72) * math.exp(-1 / 60)
    assert arm(bench).s.arm.at(bench.line.now_ns) / 1e6 == pytest.approx(hot, abs=1e-3)
    wrist = 32 + (expected - 32) * math.exp(-1 / 60)
    assert arm(bench).s.wrist.at(bench.line.now_ns) / 1e6 == pytest.approx(wrist, abs=1e-3)


def test_a_dragging_brake_overheats_it_at_the_computed_time(line: Make) -> None:
    points = {"home": POINTS["home"], "far": ["170", "0", "0", "0", "90", "0"]}
    given = {"speed_1": "1 °/s", "warming": "60 s", "hold_rise": "10 °C", "move_rise": "40 °C", "drag": "1"}
    made = component("arm", "robot", ALL, points=points, programs={"1": ["far"]}, **given)
    bench = started(line(definition(station("s", made))), 1)
    bench.run(160)
    # 22 -> 22 + 10 + 80 °C
    expected = -60 * math.log((112 - 85) / 90)
    assert when(bench, "protective_stop") == [pytest.approx(expected, abs=1e-5)]
    assert bench.get("s.arm_error_code") == 4
    bench.write(s__arm_acknowledge=True)
    assert bench.get("s.arm_error") is True or bench.get("s.arm_temperature_arm") < 85


@given(st.floats(-400, 400), st.floats(-400, 400), st.floats(0, 500), st.floats(-90, 90))
def test_the_arm_reaches_the_place_that_its_angles_are_computed_for(x: float, y: float, z: float, turn: float) -> None:
    arm = Arm(330, 300, 320, 120)
    joints = arm.angles(x, y, z, turn)
    if joints is None:
        assert not 20 < math.hypot(math.hypot(x, y), z + 120 - 330) <= 619.99
        return
    a, b, c, _, e, f = (math.radians(angle / DEG) for angle in joints)
    reach = arm.upper * math.sin(b) + arm.fore * math.cos(b + c) + arm.tool * math.cos(b + c + e)
    up = arm.shoulder + arm.upper * math.cos(b) - arm.fore * math.sin(b + c) - arm.tool * math.sin(b + c + e)
    assert (reach * math.cos(a), reach * math.sin(a), up) == pytest.approx((x, y, z), abs=1e-3)
    assert b + c + e == pytest.approx(math.pi / 2, abs=1e-6)
    assert math.degrees(a + f) == pytest.approx(turn, abs=1e-4)


LINE = """
line: robots
title: {zh: 机器人, en: Robots}
part: {length: 60 mm, gap: 5 mm, nominal: 60 mm, tolerance: 1 mm, colours: [{zh: 绿, en: green}]}
stations:
  s:
    title: {zh: 站, en: Station}
    components:
      table: {kind: index_table}
      nest: {kind: spot, of: table}
      arm:
        kind: robot
        spots: [nest]
        points:
          home: [0, 0, 0, 0, 90, 0]
          pick: [%s]
        programs:
          %s: [pick, %s, home]
"""


def test_points_and_programs_are_read_from_a_line_file() -> None:
    made = line_file.parse(LINE % ("300, 100, 150, 0, nest", "7", "wait 200 ms"), Path("x")).stations[0].components[2]
    assert made.tables["programs"] == {"7": ["pick", "wait 200 ms", "home"]}
    assert made.tables["points"]["pick"] == ["300", "100", "150", "0", "nest"]


@pytest.mark.parametrize(
    ("point", "number", "step", "words"),
    [
        ("900, 0, 0, 0", "1", "grip", "out of the arm's reach"),
        ("0, 0, 0", "1", "grip", "six joint angles"),
        ("200, 0, 0, 0, 0, 0", "1", "grip", "joint 1"),
        ("300, 0, 0, 0, table", "1", "grip", "none of this robot's"),
        ("300, 0, 0, 0, nest", "0", "grip", "from 1 to"),
        ("300, 0, 0, 0, nest", "1", "grasp", "is no step"),
        ("300, 0, 0, 0, nest", "1", "wait 2 mm", "mm"),
    ],
)
def test_what_is_wrong_with_them_is_said_with_its_place(point: str, number: str, step: str, words: str) -> None:
    with pytest.raises(FileErrors) as caught:
        line_file.parse(LINE % (point, number, step), Path("robots.yaml"))
    assert words in str(caught.value)
    assert "arm" in str(caught.value)
