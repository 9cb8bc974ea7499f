"""What outputs do when the key is turned, in every state: they hold, or take safe values, numbers too."""

import pytest

from sim.definition import LineDefinition, ProgramDefinition
from sim.packml import State
from tests.sim.builders import Bench, belt, component, definition, station


def line(**safe: float) -> LineDefinition:
    """A belt with a speed set-point that is 200 mm/s at first, and an axis that goes where its target says."""
    axis = component("axis", "axis", positions=["0 mm", "500 mm"])
    display = component("panel", "display")
    return definition(station("s", belt(), axis, display, program=ProgramDefinition(safe=safe, hold={"panel": 7})))


def driven(made: LineDefinition) -> Bench:
    """A PLC has the belt run at 333 mm/s and the axis stand at place 1."""
    bench = Bench(made)
    bench.give("key", station="s", control="modbus")
    bench.write(s__belt_run=True, s__belt_speed=333.0, s__axis_target=1, s__panel=42)
    bench.run(5)
    return bench


def outputs(bench: Bench) -> list[object]:
    return [bench.field(f"s.{name}") for name in ("belt_run", "belt_speed", "axis_target", "panel")]


def test_back_to_builtin_numbers_are_safe_too_but_nothing_is_sent_on_a_way() -> None:
    bench = driven(line())
    bench.give("key", station="s", control="builtin")
    assert outputs(bench) == [False, 200.0, 1, 0]
    bench.run(5)
    assert bench.get("s.axis_position") == 500.0
    assert bench.state == {"s": State.ABORTED}


def test_a_program_states_what_is_safe() -> None:
    bench = driven(line(belt_speed=50, axis_target=0, panel=9))
    bench.give("key", station="s", control="builtin")
    assert outputs(bench) == [False, 50.0, 0, 9]
    assert type(bench.field("s.belt_speed")) is float


@pytest.mark.parametrize(
    ("commands", "before", "after"),
    [
        ([], State.STOPPED, State.STOPPED),
        (["reset"], State.IDLE, State.IDLE),
        (["reset", "start"], State.EXECUTE, State.HELD),
        (["reset", "start", "hold"], State.HELD, State.HELD),
        (["abort"], State.ABORTED, State.ABORTED),
    ],
)
def test_to_a_plc_outputs_hold_in_any_state(commands: list[str], before: State, after: State) -> None:
    bench = Bench(line())
    for command in commands:
        bench.write(**{f"s__cmd_{command}": True})
        bench.run(1)
    assert bench.state == {"s": before}
    was = outputs(bench)
    bench.give("key", station="s", control="opcua")
    bench.run(1)
    assert (bench.state, outputs(bench)) == ({"s": after}, was)


def test_a_number_is_held_as_a_number() -> None:
    bench = Bench(line())
    for command in ("reset", "start", "hold"):
        bench.write(**{f"s__cmd_{command}": True})
        bench.run(1)
    assert bench.field("s.panel") == 7
    assert type(bench.field("s.panel")) is int


def test_what_control_remembers_outlasts_the_safe_values() -> None:
    """How far a job is, and the words of a call: without them control could not go on where it was."""
    bench = Bench(
        definition(
            station("s", component("desk", "order_desk"), component("job", "job", desk="s.desk"),
                    component("store", "module_call", ("data",), port="m.port"), belt()),
            station("m", component("port", "module_port", ("answer",))),
        )
    )  # fmt: skip
    for name in "sm":
        bench.give("key", station=name, control="modbus")
    bench.write(s__job_stage=3, s__job_at=2, s__store_command=12, s__store_data=1, m__port_answer=5, s__belt_speed=99.0)
    for name in "sm":
        bench.give("key", station=name, control="builtin")
    kept = ("s.job_stage", "s.job_at", "s.store_command", "s.store_data", "m.port_answer")
    assert [bench.field(name) for name in kept] == [3, 2, 12, 1, 5]
    assert bench.field("s.belt_speed") == 200.0
