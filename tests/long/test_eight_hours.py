"""The reference line for a shift of eight hours, looked at closely: no jam, no part lost, pulses that a PLC sees."""

from collections import Counter
from typing import Any

import pytest

from sim.line import Line
from sim.packml import State
from sim.tag import DataType, Direction
from sim.tags import LINE
from tests.sim.builders import MS, S, reference
from tests.sim.invariants import check

SHIFT = 8 * 3600 * S
PULSE = 250 * MS
pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


class Ears:
    """Hears a whole shift: states entered, edges of each input bit."""

    def __init__(self, line: Line) -> None:
        self.line, self.states = line, Counter[tuple[str, str]]()
        self.since: dict[int, int] = {}
        self.shortest: dict[str, int] = {}
        self.bits = {t.index: t.name for t in line.tags if t.direction is Direction.INPUT and t.type is DataType.BOOL}
        line.listen(self)

    def __call__(self, t_ns: int, kind: str, subject: Any, data: Any) -> None:
        if kind == "state":
            self.states[subject, State(data).name] += 1
        elif kind == "tag" and subject in self.bits:
            name = self.bits[subject]
            if subject in self.since:
                self.shortest[name] = min(self.shortest.get(name, SHIFT), t_ns - self.since[subject])
            self.since[subject] = t_ns


@pytest.fixture(scope="module", params=[1, 2, 3])
def shift(request: pytest.FixtureRequest) -> Ears:
    """A whole shift, checked every ten seconds."""
    ears = Ears(Line(reference(), request.param))
    for until in range(10 * S, SHIFT + 1, 10 * S):
        ears.line.advance(until)
        check(ears.line)
    return ears


def test_about_one_part_every_ten_seconds(shift: Ears) -> None:
    report = shift.line.report()
    assert 2800 <= report.parts_started <= 2960
    assert report.parts_started - report.parts_finished < 20 + 7  # what is on its way and in the rack


def test_no_station_is_ever_stopped_or_aborted(shift: Ears) -> None:
    entered = {state for _, state in shift.states}
    assert entered <= {"STARTING", "IDLE", "EXECUTE", "SUSPENDING", "SUSPENDED", "UNSUSPENDING", "RESETTING"}


def test_every_station_executes_most_of_the_time(shift: Ears) -> None:
    units = shift.line.plant.units
    assert {name: unit.time_in(State.EXECUTE) > 0.9 * SHIFT for name, unit in units.items()} == dict.fromkeys(
        units, True
    )


def test_every_pulse_and_every_gap_of_a_sensor_is_seen_by_a_slow_plc(shift: Ears) -> None:
    assert {name: ns / MS for name, ns in shift.shortest.items() if ns < PULSE} == {}


def test_every_colour_and_verdict_came(shift: Ears) -> None:
    ends = shift.line.plant.parts.ends
    assert set(ends) == {"sorting.bin_1", "sorting.bin_2", "sorting.bin_3", "storage.crane.dispatch"}
    assert min(ends.values()) > 60
    assert 0.01 < ends["sorting.bin_1"] / sum(ends.values()) < 0.08


def test_the_line_holds_no_more_than_at_the_beginning(shift: Ears) -> None:
    assert len(shift.line.plant.parts.by_serial) < 60
    assert len(shift.line.plant.kernel._queue) < 200


def test_the_number_of_its_signals() -> None:
    tags = [t for t in Line(reference(), 1).tags if t.station != LINE]
    io = [t for t in tags if t.direction in (Direction.INPUT, Direction.OUTPUT)]
    assert 80 <= len(io) <= 120
    for station in {t.station for t in io}:
        bits = sum(t.type is DataType.BOOL for t in io if t.station == station)
        numbers = sum(t.type is not DataType.BOOL for t in io if t.station == station)
        assert (bits >= 12, numbers >= 2) == (True, True), (station, bits, numbers)
