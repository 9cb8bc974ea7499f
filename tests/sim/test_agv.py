"""AGV fleet: travel times, battery, blocks, obstacles, docking, interruptions, checkpoints, parameters in mid-trip."""

import json
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.components.agv.battery import FULL
from sim.components.agv.transport import Stage
from sim.components.agv.vehicle_kind import Phase
from sim.line import Line
from tests.lines.checks import Dice
from tests.sim.agv_track import Yard, vehicle
from tests.sim.builders import S
from tests.sim.parameters import covers

V, A, D = 0.5, 0.5, 0.8  # m/s, m/s²: the defaults
US = 1000  # ns


def trip_s(length: float) -> float:
    """L/v + v/2a + v/2d, or without a stretch at full speed."""
    if length >= V * V / 2 * (1 / A + 1 / D):
        return length / V + V / 2 / A + V / 2 / D
    peak = sqrt(2 * length * A * D / (A + D))
    return peak / A + peak / D


def one(**given: str) -> Yard:
    return Yard([vehicle(1, 21, **given)])


def reach(yard: Yard, phase: Phase, most: float = 120) -> int:
    """When the vehicle comes to a phase, to the nanosecond."""
    agv = yard.agv(1)
    end = yard.line.now_ns + round(most * S)
    while agv.s.phase is not phase:
        due = yard.line.next_due_ns()
        assert due is not None
        assert due < end
        yard.line.advance(due)
    return yard.line.now_ns


@pytest.mark.parametrize(("dock", "length"), [(2, 1.0 + 0.6), (1, 5.0 + 0.6), (4, 1.0 + 1.0 + 0.6)])
def test_a_trip_takes_as_long_as_the_formula_says(dock: int, length: float) -> None:
    yard = one()
    yard.ask(1, dock, 3)
    arrived = reach(yard, Phase.DOCKING)
    assert abs(arrived - round(trip_s(length) * S)) <= US
    assert reach(yard, Phase.LOADING) == arrived + 2 * S
    assert yard.trip(1).s.stage is Stage.LOADING


def test_an_order_from_dock_to_dock() -> None:
    yard = one()
    yard.ask(1, 1, 4)
    yard.until(lambda: yard.agv(1).s.phase is Phase.LOADING)
    assert [yard.line.truth(yard.line.tags.find(f"fleet.n1_{p}").index) for p in ("vehicle", "part", "free")] == [  # type: ignore[union-attr]
        1, False, True,
    ]  # fmt: skip
    yard.hands()
    serial = yard.agv(1).holds()[0]
    yard.until(lambda: yard.agv(1).s.phase is Phase.UNLOADING)
    assert yard.node(4).part() == serial  # type: ignore[attr-defined]
    yard.hands()
    assert yard.trip(1).s.stage is Stage.DONE
    yard.run(5)
    assert yard.agv(1).s.phase is Phase.IDLE
    yard.check()


@pytest.mark.parametrize(("source", "target"), [(1, 1), (1, 11), (99, 2), (31, 2)])
def test_an_order_for_what_is_no_dock_is_refused(source: int, target: int) -> None:
    yard = one()
    yard.ask(1, source, target)
    assert yard.trip(1).s.stage is Stage.REFUSED


def test_the_battery_gives_by_time_and_by_distance_and_takes_by_time() -> None:
    yard = one(endurance="1000 s", per_metre="1 %", charge_time="100 s", charge="0.9")
    yard.ask(1, 2, 1)
    arrived = reach(yard, Phase.DOCKING) / S
    expected = 0.9 - arrived / 1000 - 0.01 * 1.6
    assert abs(yard.agv(1).charge() / FULL - expected) < 1e-12
    yard.until(lambda: yard.agv(1).s.phase is Phase.LOADING)
    yard.write(trip_1_cancel=True)
    yard.agv(1).s.battery.level = FULL // 4  # low is next
    yard.run(1)
    yard.until(lambda: yard.agv(1).s.phase is Phase.CHARGING)
    level = yard.agv(1).charge()
    yard.run(10)
    assert yard.agv(1).node.number == 31
    assert abs(yard.agv(1).charge() - level - FULL // 10) <= 1
    assert yard.agv(1).s.phase is Phase.CHARGING
    yard.ask(2, 1, 2)
    assert yard.trip(2).s.stage is Stage.QUEUED  # not charged enough yet
    yard.until(lambda: yard.trip(2).s.stage is Stage.FETCHING)
    assert yard.agv(1).charge() >= FULL // 2 - FULL // 100


def test_flat_it_stands_until_somebody_swaps_the_battery() -> None:
    yard = one(endurance="100 s", per_metre="5 %", charge="0.1", low="0", enough="0", rescue="60 s")
    yard.ask(1, 1, 4)
    yard.until(lambda: yard.agv(1).shown() is Phase.FLAT)
    flat_at, x = yard.line.now_ns, yard.agv(1).s.drive.x(yard.line.now_ns)
    yard.run(50)
    assert yard.agv(1).s.flat
    yard.until(lambda: not yard.agv(1).s.flat, most=15)
    assert abs(yard.line.now_ns - flat_at - 60 * S) < S
    assert yard.agv(1).s.drive.x(yard.line.now_ns) - x < 10**15
    yard.until(lambda: yard.agv(1).s.phase is Phase.LOADING)


def test_who_stands_in_the_way_with_nothing_to_do_goes_home() -> None:
    yard = Yard([vehicle(1, 21), vehicle(2, 22)])
    yard.ask(1, 2, 4)
    while not yard.over():
        yard.run(0.5)
        yard.hands()
    yard.run(3)
    assert yard.agv(1).node.number == 4
    yard.agv(1).s.jobs = []
    yard.ask(2, 3, 4)  # the nearest is agv 1 or 2; whoever is at 4 and is not needed makes way
    for _ in range(400):
        yard.run(0.25)
        yard.hands()
        yard.check()
    assert yard.trip(2).s.stage is Stage.DONE


def test_two_that_want_each_others_place_get_there() -> None:
    yard = Yard([vehicle(1, 21), vehicle(2, 22)], orders=2)
    yard.ask(1, 1, 4)
    yard.ask(2, 4, 1)
    yard.until(lambda: all(yard.agv(k).s.phase is Phase.LOADING for k in (1, 2)))
    yard.hands()
    for _ in range(600):
        yard.run(0.2)
        yard.hands()
        yard.check()
        if yard.over():
            break
    assert [o.s.stage for o in yard.fleet.orders] == [Stage.DONE, Stage.DONE]


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_blocks_are_exclusive_whatever_is_asked_and_whatever_happens(seed: int) -> None:
    """Three vehicles, random orders, pauses, e-stops, obstacles, cancellations: nobody is ever stuck for good."""
    dice = Dice(seed)
    yard = Yard([vehicle(k, home, charge="0.4") for k, home in ((1, 21), (2, 22), (3, 15))], orders=3)
    for _ in range(12):
        for k in (1, 2, 3):
            if yard.trip(k).s.stage in (Stage.NONE, Stage.DONE, Stage.FAILED):
                a = dice.choice([1, 2, 3, 4])
                yard.ask(k, a, dice.choice([n for n in (1, 2, 3, 4) if n != a]))
        _something(yard, dice)
        for _ in range(4):
            yard.run(dice.uniform(0.1, 5))
            yard.check()
            yard.hands()
    yard.estop(False)
    yard.write(control_run=True)
    for _ in range(400):
        if yard.over():
            break
        yard.run(1)
        yard.hands()
        yard.check()
    assert yard.over(), [(v.number, v.shown().name, v.node.number, v.s.target) for v in yard.fleet.vehicles.values()]


def _something(yard: Yard, dice: Dice) -> None:
    what = dice.choice(("nothing", "pause", "estop", "obstacle", "cancel"))
    if what == "pause":
        yard.write(control_run=False)
        yard.run(dice.uniform(0, 3))
        yard.write(control_run=True)
    elif what == "estop":
        yard.estop(True)
        yard.run(dice.uniform(0, 3))
        yard.estop(False)
        yard.write(control_run=False)
        yard.write(control_run=True)
    elif what == "obstacle":
        node = yard.node(dice.choice([11, 12, 13, 14, 16]))
        node.block()
        yard.run(dice.uniform(0, 5))
        node.clear()
    elif what == "cancel":
        trip = dice.choice([1, 2, 3])
        yard.write(**{f"trip_{trip}_cancel": True})
        yard.write(**{f"trip_{trip}_cancel": False})


def test_it_stops_before_an_obstacle_and_goes_on_when_that_is_gone() -> None:
    yard = one(margin="300 mm")
    yard.ask(1, 1, 4)
    yard.run(2)
    yard.fault(id="box", fault="box", seam="disturbance", target="fleet.n11", method="block", args={})
    yard.run(30)
    assert yard.agv(1).shown() is Phase.BLOCKED
    drive = yard.agv(1).s.drive
    assert drive.marks[drive.route.index(11)] - drive.x(yard.line.now_ns) == 300 * 10**12
    yard.end_fault("box")
    yard.until(lambda: yard.agv(1).s.phase is Phase.LOADING)


def test_another_way_is_taken_round_an_obstacle() -> None:
    yard = one()
    yard.node(12).block()
    yard.ask(1, 1, 4)
    yard.until(lambda: yard.agv(1).s.phase is Phase.LOADING)


def test_a_docking_error_stands_until_reset_or_cleared() -> None:
    yard = one()
    yard.fault(id="d", fault="d", seam="disturbance", target="fleet.agv_1", method="misdock", args={})
    yard.ask(1, 2, 1)
    yard.until(lambda: yard.agv(1).shown() is Phase.ERROR)
    yard.write(control_reset=True)
    assert yard.agv(1).shown() is Phase.DOCKING
    yard.write(control_reset=False)
    yard.until(lambda: yard.agv(1).shown() is Phase.ERROR)
    yard.end_fault("d")
    yard.until(lambda: yard.agv(1).s.phase is Phase.LOADING)


def test_a_part_taken_by_hand_fails_its_order_and_no_other() -> None:
    yard = one(at_once="2")
    yard.write(control_run=False)
    yard.ask(1, 1, 4)
    yard.ask(2, 1, 3)
    yard.write(control_run=True)
    yard.until(lambda: yard.agv(1).s.phase is Phase.LOADING)
    yard.hands()
    yard.hands()
    first = yard.trip(1).s.serial
    assert len(yard.agv(1).holds()) == 2
    yard.run(3)
    yard.fault(id="x", fault="x", seam="disturbance", target="fleet.agv_1", method="misdock", args={})
    yard.end_fault("x")
    assert yard.agv(1).take(first)
    yard.line.plant.remove(first)
    assert yard.trip(1).s.stage is Stage.FAILED
    yard.until(lambda: yard.agv(1).s.phase is Phase.UNLOADING)
    yard.hands()
    assert yard.trip(2).s.stage is Stage.DONE


@pytest.mark.parametrize("how", ["pause", "estop"])
@given(at=st.integers(0, 14 * S), lasts=st.integers(0, 5 * S))
def test_interrupted_at_any_instant_it_goes_on_with_the_rest(how: str, at: int, lasts: int) -> None:
    """It brakes, stands, and starts again: what it lost is the stop and the ramps, and it ends at the same place."""
    yard = one()
    yard.ask(1, 1, 4)
    yard.line.advance(yard.line.now_ns + at)
    stop = (lambda on: yard.write(control_run=not on)) if how == "pause" else yard.estop
    stop(True)
    yard.line.advance(yard.line.now_ns + lasts)
    stop(False)
    if how == "estop":  # the station is aborted; its coil is written again
        yard.write(control_run=False)
        yard.write(control_run=True)
    arrived = reach(yard, Phase.LOADING)
    plain = round((trip_s(5.6) + 2) * S)
    assert plain + min(lasts, 1) - 1 <= arrived + US
    assert arrived <= plain + lasts + round((V / A + V / D) * S) + US
    assert yard.agv(1).node.number == 1
    yard.check()


@pytest.mark.parametrize("at", [0.4, 3.3, 11.0, 14.2, 15.5, 20.0, 33.3])
def test_a_checkpoint_in_mid_trip_goes_on_the_same(at: float) -> None:
    yard = Yard([vehicle(1, 21), vehicle(2, 22)])
    yard.ask(1, 1, 4)
    yard.ask(2, 4, 1)
    for _ in range(int(at)):
        yard.run(1)
        yard.hands()
    yard.run(at % 1)
    kept = json.loads(json.dumps(yard.line.checkpoint()))
    restored = Line.restore(yard.definition, kept, Dice(2).shuffle)
    for line in (yard.line, restored):
        line.advance(yard.line.now_ns + 40 * S if line is restored else yard.line.now_ns)
    yard.run(40)
    assert restored.now_ns == yard.line.now_ns
    assert restored.digest == yard.line.digest


@covers("agv", "speed")
@pytest.mark.parametrize(
    ("parameter", "factor"),
    [("speed", 500_000), ("acceleration", 500_000), ("deceleration", 2_000_000), ("endurance", 500_000),
     ("per_metre", 3_000_000), ("charge_time", 500_000), ("margin", 500_000), ("dock_time", 2_000_000),
     ("leave_time", 2_000_000), ("low", 500_000), ("enough", 500_000), ("rescue", 500_000), ("at_once", 2_000_000),
     ("dock_failure", 0)],
)  # fmt: skip
def test_a_parameter_changed_and_restored_in_mid_trip(parameter: str, factor: int) -> None:
    yard = one()
    yard.ask(1, 1, 4)
    yard.run(4)
    fault = {"fault": "f", "seam": "parameter", "target": "fleet.agv_1", "parameter": parameter}
    yard.fault(id="f", how="factor", value=factor, **fault)
    yard.run(2)
    yard.end_fault("f")
    arrived = reach(yard, Phase.DOCKING)
    plain = trip_s(5.6) * S
    extra = 0.0
    if parameter == "speed":  # 2 s: brakes to half the speed, goes on, and speeds up again
        low = V / 2
        braking = (V - low) / D
        lost = (V - low) * (2 - braking) + (V - low) ** 2 / 2 / D + (V - low) ** 2 / 2 / A
        extra = lost / V
    assert abs(arrived - plain - extra * S) <= 2 * US
    assert reach(yard, Phase.LOADING) == arrived + 2 * S


@covers("agv", "dock_time")
def test_half_the_docking_time_is_left_of_half_the_work() -> None:
    yard = one()
    yard.ask(1, 2, 1)
    arrived = reach(yard, Phase.DOCKING)
    yard.line.advance(arrived + S)
    fault = {"fault": "f", "seam": "parameter", "target": "fleet.agv_1", "parameter": "dock_time"}
    yard.fault(id="f", how="factor", value=3_000_000, **fault)
    assert reach(yard, Phase.LOADING) == arrived + S + 3 * S
