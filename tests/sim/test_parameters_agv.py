"""Parameters of vehicles and of their fleet, changed and restored on the way. See `parameters.py` and `agv_track.py`.

A trip is 0.5 m/s, 0.5 m/s² up and 0.8 m/s² down unless a test says otherwise; instants are right to a microsecond, as
ramps end on whole nanoseconds.
"""

from math import sqrt

import pytest

from sim.components.agv.battery import FULL
from sim.components.agv.vehicle_kind import Phase
from sim.inputs import Input
from tests.sim.agv_track import Yard, vehicle
from tests.sim.builders import MM, S
from tests.sim.parameters import covers
from tests.sim.test_agv import trip_s

MILLION = 10**6
V, A, D = 0.5, 0.5, 0.8  # m/s, m/s²


class Watched(Yard):
    """A yard that keeps what its vehicles' tags `state` said."""

    def __init__(self, *vehicles: object, orders: int = 2) -> None:
        super().__init__(vehicles, orders)  # type: ignore[arg-type]
        self.said: dict[int, list[tuple[int, int]]] = {n: [] for n in self.fleet.vehicles}
        index = {self.line.tags.find(f"fleet.agv_{n}_state").index: n for n in self.said}  # type: ignore[union-attr]
        self.line.listen(
            lambda t, kind, subject, data: self.said[index[subject]].append((t, data))  # type: ignore[arg-type]
            if kind == "tag" and subject in index else None
        )  # fmt: skip

    def to(self, seconds: float) -> None:
        self.line.advance(round(seconds * S))

    def change(self, parameter: str, value: int, target: str = "agv_1") -> None:
        self.fault(id="f", seam="parameter", target=f"fleet.{target}", parameter=parameter, how="replace", value=value)

    def restore(self) -> None:
        self.end_fault("f")

    def meanwhile(self, begin: float, end: float, parameter: str, value: int) -> None:
        """Run to `begin`, change, run to `end`, restore."""
        self.to(begin)
        self.change(parameter, value)
        self.to(end)
        self.restore()

    def when(self, phase: Phase, nth: int = 0, number: int = 1) -> float:
        """When its tag came to say this for the n-th time, in seconds; what it says now must not be older."""
        return [t for t, state in self.said[number] if state == phase][nth] / S


def yard(home: int = 21, **given: str) -> Watched:
    return Watched(vehicle(1, home, **given))


def instant(seconds: float) -> object:
    return pytest.approx(seconds, abs=1e-6)


# ---- driving ---------------------------------------------------------------------------------------------------


@covers("agv", "acceleration")
def test_it_speeds_up_faster_for_a_while() -> None:
    """0.4 s at 0.5 m/s², 0.2 s at 1 m/s², then 0.5 m/s² to full speed."""
    it = yard()
    it.ask(1, 1, 4)
    it.meanwhile(0.4, 0.6, "acceleration", MILLION)
    it.to(20)
    ramps = 0.4 + 0.2 + (V - 0.4) / A
    way = A * 0.4**2 / 2 + (0.2 + 0.4) / 2 * 0.2 + (0.4 + V) / 2 * (V - 0.4) / A
    assert it.when(Phase.DOCKING) == instant(ramps + (5.6 - way - V * V / 2 / D) / V + V / D)


@covers("agv", "deceleration")
def test_it_brakes_softly_and_then_as_ever() -> None:
    """It brakes early, at 0.4 m/s²; at 0.3 m/s its brakes are as ever: it speeds up once more and brakes at 0.8."""
    it = yard()
    it.ask(1, 1, 4)
    braking = V / A + (5.6 - V * V / 2 / A - V * V / 2 / 0.4) / V
    it.meanwhile(8, braking + 0.5, "deceleration", 400_000)
    it.to(20)
    u = V - 0.4 * 0.5
    left = u * u / 2 / 0.4
    peak = sqrt((left + u * u / 2 / A) / (1 / 2 / A + 1 / 2 / D))
    assert it.when(Phase.DOCKING) == instant(braking + 0.5 + (peak - u) / A + peak / D)


@covers("agv", "margin")
def test_it_comes_nearer_to_an_obstacle_and_never_goes_back() -> None:
    """It stands 200 mm before the node at 5 m, 100 mm for a while, and drives the last 0.7 m when that is free."""
    it = yard()
    it.ask(1, 1, 4)
    it.to(2)
    it.node(11).block()
    it.to(30)
    assert it.when(Phase.BLOCKED) == instant(trip_s(4.8))
    it.change("margin", 100 * MM)
    it.to(40)
    assert it.when(Phase.BLOCKED, 1) == instant(30 + trip_s(0.1))
    it.restore()
    it.to(50)
    it.node(11).clear()
    it.to(60)
    assert it.when(Phase.DOCKING) == instant(50 + trip_s(0.7))


@covers("agv", "leave_time")
def test_it_waits_longer_before_it_leaves() -> None:
    """1 s: half of it, then 0.6 s of 3 s, then what is left."""
    it = yard()
    it.ask(1, 2, 1)
    it.to(10)
    it.hands()
    it.meanwhile(10.5, 11.1, "leave_time", 3 * S)
    it.to(20)
    assert it.when(Phase.LEAVING) == 10
    assert it.when(Phase.DRIVING, 1) == instant(11.1 + 1 - 0.5 - 0.6 / 3)


@covers("agv", "dock_failure")
def test_docking_that_fails_for_a_while() -> None:
    """It fails at the end of its 2 s; told to try again it docks."""
    it = yard()
    it.ask(1, 2, 1)
    came = trip_s(1.6)
    it.meanwhile(came + 1, came + 3, "dock_failure", MILLION)
    assert it.when(Phase.ERROR) == instant(came + 2)
    it.to(15)
    it.write(control_reset=True)
    it.to(20)
    assert it.when(Phase.LOADING) == instant(15 + 2)


# ---- battery ---------------------------------------------------------------------------------------------------


@covers("agv", "endurance")
def test_a_battery_that_ages_for_a_while() -> None:
    """From a half to a quarter in 25 s; for 5 s it gives twice as much. Then it goes to charge."""
    it = yard(charge="0.5", endurance="100 s", low="0.25")
    it.meanwhile(5, 10, "endurance", 50 * S)
    it.to(30)
    assert it.when(Phase.DRIVING) == instant(10 + (0.5 - 0.05 - 0.1 - 0.25) * 100)


@covers("agv", "per_metre")
def test_a_way_that_costs_more_for_a_while() -> None:
    """1 % a metre, 5 % of the metre between 3 s and 5 s."""
    it = yard(per_metre="1 %", endurance="1000 s")
    it.ask(1, 1, 4)
    it.meanwhile(3, 5, "per_metre", 50_000)
    it.to(15)
    assert it.agv(1).charge() / FULL == pytest.approx(1 - 15 / 1000 - 0.01 * 4.6 - 0.05 * 1.0, abs=1e-9)


@covers("agv", "charge_time")
def test_a_charger_that_charges_faster_for_a_while() -> None:
    """A half takes 50 s; for 10 s twice as fast."""
    it = yard(31, charge="0.5", charge_time="100 s")
    assert it.agv(1).shown() is Phase.CHARGING
    it.meanwhile(10, 20, "charge_time", 50 * S)
    it.to(60)
    assert it.when(Phase.IDLE) == instant(40)


@pytest.mark.parametrize(("value", "end", "goes"), [(400_000, 8, 25), (400_000, 30, 10), (600_000, 30, 5)])
@covers("agv", "low")
def test_when_it_goes_to_charge(value: int, end: float, goes: float) -> None:
    """From a half it loses a hundredth in a second, and is told at 5 s to go at another level than a quarter."""
    it = yard(charge="0.5", endurance="100 s", low="0.25")
    it.meanwhile(5, end, "low", value)
    it.to(35)
    assert it.when(Phase.DRIVING) == instant(goes)


@pytest.mark.parametrize(("value", "end", "goes"), [(700_000, 15, 20), (700_000, 60, 40), (350_000, 60, 10)])
@covers("agv", "enough")
def test_when_it_has_charged_enough_for_an_order(value: int, end: float, goes: float) -> None:
    """From 0.3 it gains a hundredth in a second; an order waits since 1 s, and 0.5 is enough."""
    it = yard(31, charge="0.3", charge_time="100 s", enough="0.5")
    it.to(1)
    it.ask(1, 1, 4)
    it.meanwhile(10, end, "enough", value)
    it.to(61)
    assert it.when(Phase.DRIVING) == instant(goes)


@pytest.mark.parametrize(("value", "end", "back"), [(100, 30, 70), (100, 200, 110), (5, 30, 20)])
@covers("agv", "rescue")
def test_when_a_flat_battery_is_swapped(value: int, end: float, back: float) -> None:
    """It is flat at 10 s; somebody comes a minute later, or as long as it takes from 20 s on."""
    it = yard(charge="0.1", endurance="100 s", low="0", rescue="60 s")
    it.meanwhile(20, end, "rescue", value * S)
    it.to(200)
    assert (it.when(Phase.FLAT), it.when(Phase.IDLE)) == (instant(10), instant(back))


# ---- orders and ways -------------------------------------------------------------------------------------------


@covers("agv", "at_once")
def test_how_many_orders_it_takes_along() -> None:
    it = yard()

    def taken() -> int:
        it.write(control_run=False)
        it.ask(1, 1, 4)
        it.ask(2, 1, 3)
        it.write(control_run=True)
        it.run(1)
        jobs = len(it.agv(1).s.jobs)
        it.write(trip_1_cancel=True, trip_2_cancel=True)
        it.write(trip_1_cancel=False, trip_2_cancel=False)
        it.run(20)
        return jobs

    counts = [taken()]
    it.change("at_once", 2)
    counts.append(taken())
    it.restore()
    assert [*counts, taken()] == [1, 2, 1]


@covers("agv_fleet", "detour")
def test_how_long_a_way_round_may_be() -> None:
    """Vehicle 2 is flat between node 15 and its charger. From dock 3 to dock 4 it is 5.2 m past it, 7.2 m round."""
    it = Watched(vehicle(1, 21), vehicle(2, 22, charge="0.2"))
    it.line.apply(Input("operator", {"on": False}))
    it.to(6.9)  # vehicle 2 has come 1 m, 2 m and 0.2 m
    it.fault(id="flat", seam="disturbance", target="fleet.agv_2", method="drain", args={})
    it.to(20)
    assert it.agv(2).s.drive.route == [15, 31]
    it.ask(1, 3, 4)
    it.until(lambda: it.agv(1).s.phase is Phase.LOADING)
    it.change("detour", 1_300_000, "control")  # 6.76 m
    it.hands()
    it.to(60)
    assert it.agv(1).shown() is Phase.WAITING
    it.restore()  # 10.4 m
    it.to(90)
    assert it.when(Phase.DRIVING, 1) == 60
    assert it.when(Phase.DOCKING, 1) == instant(60 + trip_s(7.2))
