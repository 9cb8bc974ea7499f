"""What new parts and the reset button of a device do to healthy components: by their public methods alone."""

import pytest

from scenarios.catalogue import Catalogue
from sim.components.motor import Motor
from sim.components.robot.robot import Robot
from sim.line import Line
from sim.maintenance.findings import Findings
from sim.maintenance.operation import Operation
from sim.maintenance.workshop import Workshop
from sim.state import dump, load
from tests.sim.builders import Bench, component, definition, reference, station

S = 10**9


def test_a_new_motor_is_cold_and_an_overload_is_reset_only_when_it_has_cooled() -> None:
    bench = Bench(definition(station("s", component("m", "motor", ("run",), load="2"))))
    motor = bench.line.plant.components["s.m"]
    assert isinstance(motor, Motor)
    bench.write(s__m_run=True)
    bench.run(200)  # it trips after 193 s
    assert motor.s.fault
    bench.write(s__m_run=False)
    bench.give("maintain", target="s.m", operation="reset")
    bench.run(20)
    assert motor.s.fault  # too hot
    bench.give("lock", station="s", on=True)
    bench.give("maintain", target="s.m", operation="replace")
    bench.run(360)
    assert not motor.s.fault
    assert motor.s.heat.at(bench.line.now_ns) == 0


def test_the_button_at_the_robot_acknowledges_its_error() -> None:
    line = Line(Catalogue().load_line("machining-cell"), 1)
    [(name, robot)] = [(n, c) for n, c in line.plant.components.items() if isinstance(c, Robot)]
    line.advance(30 * S)
    robot.stop_protectively()
    line.advance(31 * S)
    assert robot.s.error
    robot.clear_trip()
    line.advance(32 * S)
    assert not robot.s.error, name


@pytest.mark.parametrize("name", sorted(Catalogue().lines()))
def test_everything_of_every_line_is_inspected_and_measured(name: str) -> None:
    line = Line(Catalogue().load_line(name), 1)
    line.advance(5 * S)
    before = line.digest
    workshop: Workshop = line.maintenance
    for target in workshop.targets().values():
        for operation in (Operation.INSPECT, Operation.MEASURE):
            found = workshop.find(target, operation)
            assert load(Findings, dump(found)) == found
            assert found.notes
    assert line.digest == before  # looking changes nothing


def test_the_reference_line_is_offered_whole() -> None:
    line = Line(reference(), 1)
    components = set(line.plant.components)
    assert components <= set(line.maintenance.targets())
