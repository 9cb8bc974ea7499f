"""Parameters of the six-axis robot, changed and restored on the way: moves, its tool, heat and power of its motors.

See `parameters.py`; the ramp is registered in `test_robot.py`.
"""

import math

import pytest

from sim.components.air import AirSupply
from sim.components.energy import EnergyMeter
from sim.components.robot import Robot
from sim.components.robot.arm import DEG
from tests.sim.builders import Bench, S, component, definition, station
from tests.sim.kinematics import about
from tests.sim.parameters import change, covers, restore
from tests.sim.test_robot import ALL

MILLION = 10**6
HOME = ["0", "0", "0", "0", "90", "0"]


def meanwhile(bench: Bench, begin: float, end: float, parameter: str, value: int) -> None:
    """Run to `begin`, change, run to `end`, restore."""
    bench.run_to(begin)
    ident = change(bench, "s.it", parameter, value)
    bench.run_to(end)
    restore(bench, ident)


def arm(bench: Bench) -> Robot:
    found = bench.line.plant.components["s.it"]
    assert isinstance(found, Robot)
    return found


def when(bench: Bench, signal: str) -> list[float]:
    return [t / S for t, said in bench.times(f"s.it_{signal}") if said]


def start(bench: Bench, program: int) -> None:
    bench.write(s__it_start=False, s__it_enable=True, s__it_program=program)
    bench.write(s__it_start=True)


# ---- moves -----------------------------------------------------------------------------------------------------


def moving(there: list[str], **given: str) -> Bench:
    """From nought on from home to there; 90 °/s for each joint, 300 ms to full speed."""
    speeds = {f"speed_{k}": "90 °/s" for k in range(1, 7)}
    points = {"home": HOME, "there": there}
    made = component("it", "robot", ALL, points=points, programs={"1": ["there"]},
                     **{"ramp": "300 ms", **speeds, **given})  # fmt: skip
    meter = component("meter", "energy_meter", consumers=["s.it"], base_load="0 W")
    bench = Bench(definition(station("s", made, meter)))
    start(bench, 1)
    return bench


@pytest.mark.parametrize("joint", range(6))
@covers("robot", *(f"speed_{k}" for k in range(1, 7)))
def test_a_joint_that_is_slower_for_a_while(joint: int) -> None:
    """A turn by 90° at 300 °/s², 150 °/s² while its top speed is the half; it does not come down to that in 0.2 s."""
    there = [*HOME]
    there[joint] = "0" if joint == 4 else "90"
    bench = moving(there)
    meanwhile(bench, 0.5, 0.7, f"speed_{joint + 1}", 45 * DEG)
    at, v = 13.5 + 90 * 0.2 + 90 * 0.2 - 150 * 0.02, 90 - 150 * 0.2
    turned = abs(arm(bench).pose()[joint] / DEG - float(HOME[joint]))
    assert turned == pytest.approx(at, abs=1e-4)
    bench.run_to(10)
    up, cruise = (90 - v) / 300, (90 - at - (90 * 90 - v * v) / 600 - 13.5) / 90
    assert when(bench, "done") == [pytest.approx(0.7 + up + cruise + 0.3, abs=1e-5)]


def test_the_slowest_joint_leads_the_others() -> None:
    """60° and 30°: the first leads in 2/3 s of full speed; at a third of its speed the second needs 1 s, and leads.

    So the share of the move, f, has a top speed of 1.5/s and 5/s², then of 1/s and 3.33/s², then again as before.
    """
    bench = moving(["60", "30", "0", "0", "90", "0"])
    meanwhile(bench, 0.4, 0.5, "speed_2", 30 * DEG)
    f, v = 0.225 + 1.5 * 0.1 + 1.5 * 0.1 - 10 / 3 * 0.1**2 / 2, 1.5 - 10 / 3 * 0.1
    assert [angle / DEG for angle in arm(bench).pose()[:2]] == pytest.approx([60 * f, 30 * f], abs=1e-4)
    bench.run_to(10)
    up, cruise = (1.5 - v) / 5, (1 - f - (1.5**2 - v * v) / 10 - 0.225) / 1.5
    assert when(bench, "done") == [pytest.approx(0.5 + up + cruise + 0.3, abs=1e-5)]


# ---- heat and power --------------------------------------------------------------------------------------------

USUAL = {"ambient": 22.0, "hold_rise": 10.0, "move_rise": 40.0, "drag": 0.5, "warming": 60.0}
FAR = ["170", "0", "0", "0", "90", "0"]  # joint 1 turns for 170 s, the wrist's do not


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [("ambient", 35, MILLION), ("hold_rise", 25, MILLION), ("move_rise", 90, MILLION), ("drag", 2, MILLION),
     ("warming", 20, S)],
)  # fmt: skip
@covers("robot", *USUAL)
def test_how_warm_its_motors_get(name: str, value: int, unit: int) -> None:
    """30 s, 30 s changed, 30 s as before, of first order; the wrist is warmed by its holding alone."""
    bench = moving(FAR, speed_1="1 °/s", hold_rise="10 °C", move_rise="40 °C", drag="0.5", warming="60 s",
                   hottest="500 °C")  # fmt: skip
    meanwhile(bench, 30, 60, name, value * unit)
    bench.run_to(90)
    upper = wrist = 22.0
    for p in (USUAL, USUAL | {name: value}, USUAL):
        stands, decay = p["ambient"] + p["hold_rise"], math.exp(-30 / p["warming"])
        moves = stands + p["move_rise"] * (1 + p["drag"])
        upper, wrist = moves + (upper - moves) * decay, stands + (wrist - stands) * decay
    warm = [warmth.at(bench.line.now_ns) / MILLION for warmth in (arm(bench).s.arm, arm(bench).s.wrist)]
    assert warm == pytest.approx([upper, wrist], abs=1e-5)
    assert bench.get("s.it_temperature_arm") == pytest.approx(upper, abs=0.051)


HOT = -60 * math.log((112 - 85) / 90)  # from 22 °C towards 112 °C to 85 °C


@pytest.mark.parametrize(
    ("celsius", "begin", "end", "stops"),
    [(100, 50, 60, HOT), (100, 50, 90, 90), (60, 20, 40, -60 * math.log((112 - 60) / 90)), (60, 40, 50, 40)],
)
@covers("robot", "hottest")
def test_when_it_is_too_hot(celsius: int, begin: float, end: float, stops: float) -> None:
    """At the instant of the crossing, or at once where it is hotter already than it may be now."""
    bench = moving(FAR, speed_1="1 °/s", hold_rise="10 °C", move_rise="80 °C", warming="60 s")
    meanwhile(bench, begin, end, "hottest", celsius * MILLION)
    bench.run_to(120)
    assert bench.get("s.it_error_code") == 4
    assert when(bench, "error") == [pytest.approx(stops, abs=5e-6)]


@pytest.mark.parametrize(("name", "watts"), [("idle_power", 700 + 900), ("move_power", 300 + 2000)])
@covers("robot", "idle_power", "move_power")
def test_what_it_draws_as_energy(name: str, watts: int) -> None:
    """It moves for 90 ° at 1 °/s and 1 s of ramp, then stands."""
    bench = moving(["90", "0", "0", "0", "90", "0"], speed_1="1 °/s", ramp="1 s", hottest="500 °C")
    meanwhile(bench, 20, 50, name, 700_000 if name == "idle_power" else 2_000_000)
    bench.run_to(121)
    found = bench.line.plant.components["s.meter"]
    assert isinstance(found, EnergyMeter)
    assert found.millijoules() / 1000 == pytest.approx(61 * 1200 + 30 * watts + 30 * 300, rel=1e-6)


# ---- tool ------------------------------------------------------------------------------------------------------


def gripping(part: bool = True, **given: str) -> Bench:
    """At home over a nest; from 1 s on it grips: the whole vacuum in 1 s, gone in 1 s."""
    usual = {"build_up": "1 s", "decay": "1 s", "holds_at": "0.5", "switch_at": "0.8"}
    made = component("it", "robot", ALL, spots=["s.nest"], supply="s.air", points={"home": [*HOME, "nest"]},
                     programs={"1": ["grip"], "2": ["release"]}, **(usual | given))  # fmt: skip
    air = component("air", "air_supply", start="7 bar", regulator="5 bar", volume="1000000 L", delivery="0 L/s")
    table, nest = component("table", "index_table", places="2"), component("nest", "spot", of="s.table")
    bench = Bench(definition(station("s", air, table, nest, made)))
    if part:
        bench.line.plant.components["s.table"].put(0, bench.line.plant.make_part(1, 30_000).serial)  # type: ignore[attr-defined]
    bench.run_to(1)
    start(bench, 1)
    return bench


@pytest.mark.parametrize(
    ("parameter", "value", "begin", "end", "part", "done"),
    [
        ("build_up", 4 * S, 1.1, 1.5, 1.8, 2.1),  # 10 %, then as much in 0.4 s of 4
        ("clogged", 500_000, 1.1, 1.5, 1.7, 2.0),  # half as fast
        ("leak", 600_000, 1.1, 2.0, 2.1, 2.4),  # stays at 40 %
        ("nominal", 1_250_000, 1.1, 2.0, 2.1, 2.4),  # 5 bar of 12.5: the same
        ("minimum", 600_000, 1.1, 1.5, 2.0, 2.3),  # 5 bar are too little: back to nothing
        ("holds_at", 700_000, 1.1, 3.0, 1.7, 1.8),
        ("holds_at", 700_000, 1.1, 1.6, 1.6, 1.8),
        ("switch_at", 900_000, 1.1, 3.0, 1.5, 1.9),
        ("switch_at", 900_000, 1.1, 1.85, 1.5, 1.85),
    ],
)
@covers("robot", "build_up", "clogged", "leak", "nominal", "minimum", "holds_at", "switch_at")
def test_when_it_has_gripped(parameter: str, value: int, begin: float, end: float, part: float, done: float) -> None:
    """It holds its part at 50 % of the vacuum and goes on at 80 %."""
    bench = gripping()
    meanwhile(bench, begin, end, parameter, value)
    bench.run_to(4)
    assert when(bench, "part") == [pytest.approx(part)]
    assert when(bench, "done") == [pytest.approx(done)]


@covers("robot", "decay")
def test_when_it_has_let_go() -> None:
    """10 % are gone, then 5 % in 0.2 s; the part at half of it, the step at its end."""
    bench = gripping()
    bench.run_to(5)
    start(bench, 2)
    meanwhile(bench, 5.1, 5.3, "decay", 4 * S)
    bench.run_to(9)
    assert bench.times("s.it_part")[-1] == (about(5.65 * S), False)
    assert when(bench, "done")[-1] == pytest.approx(6.15)


@covers("robot", "open_level")
def test_what_it_reaches_in_the_air() -> None:
    """A quarter of 80 kPa, 60 % of it for a while."""
    bench, seen = gripping(part=False, grip_timeout="60 s"), []
    bench.run_to(4)
    for changed in (False, True, False):
        ident = change(bench, "s.it", "open_level", 450_000) if changed else ""
        bench.run(3)
        seen.append(bench.get("s.it_vacuum"))
        if ident:
            restore(bench, ident)
    assert seen == [pytest.approx(kpa, abs=0.2) for kpa in (20, 36, 20)]


@pytest.mark.parametrize(("timeout", "end", "after"), [(20, 5, 10), (20, 15, 15), (4, 6, 4), (2, 6, 3)])
@covers("robot", "grip_timeout")
def test_when_it_gives_up_to_grip(timeout: int, end: float, after: float) -> None:
    """After 10 s; changed 3 s after it began. A time that has passed already is over at once."""
    bench = gripping(part=False, grip_timeout="10 s")
    meanwhile(bench, 4, 1 + end, "grip_timeout", timeout * S)
    bench.run_to(40)
    assert bench.get("s.it_error_code") == 3
    assert when(bench, "error") == [1 + after]


@pytest.mark.parametrize(("seconds", "kept"), [(0.4, True), (0.6, False)])
@covers("robot", "keeps_part")
def test_a_part_without_power(seconds: float, kept: bool) -> None:
    """Not kept, the vacuum is gone in 1 s, and holds the part to the half of it; kept, it stays as it is."""
    bench = gripping()
    bench.run_to(5)
    bench.give("panel", station="s", element="estop", pressed=True)
    meanwhile(bench, 6, 6 + seconds, "keeps_part", 0)
    bench.run_to(10)
    lost = [t for t, said in bench.times("s.it_part") if not said]
    assert lost == ([] if kept else [about(6.5 * S)])
    assert bench.get("s.it_vacuum") == pytest.approx(80 * (1 - seconds), abs=0.2)


@pytest.mark.parametrize(("parameter", "value", "flow"), [("air", 2 * MILLION, 2.0), ("nominal", 250_000, 1.0)])
@covers("robot", "air")
def test_the_air_that_it_takes(parameter: str, value: int, flow: float) -> None:
    """0.5 L/s at 5 bar, from 1 s to 20 s, other than from 6 s to 10 s."""
    bench = gripping()
    meanwhile(bench, 6, 10, parameter, value)
    bench.run_to(20)
    air = bench.line.plant.components["s.air"]
    assert isinstance(air, AirSupply)
    assert air.total_ul() / MILLION == pytest.approx(15 * 0.5 + 4 * flow, rel=1e-6)
