"""The unit of a station: built-in and remote control, key switch, panel, emergency stop, time-outs, counts."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.definition import LineDefinition, ProgramDefinition
from sim.inputs import Input
from sim.packml import COMMANDS, State
from sim.refusal import Refusal
from tests.sim.builders import Bench, belt, chain, component, definition, station
from tests.sim.test_packml import STEPS

Make = Callable[..., Bench]
S = State
REMOTE = ("modbus", "opcua", "mqtt")
PROGRAM = ProgramDefinition(
    always={"belt_run": "not eye"},
    hold={"belt_run": 0},
    starved="button_start and not eye",
    home=[chain("home", ("back", {"door_extend": "False"}, [("door_home", "done", 0)]), ("done", {}, []))],
    run=[chain("main", ("out", {"door_extend": "True"}, []))],
    suspend_after_ns=2 * 10**9,
)


def machine(autostart: bool = True, packml: str = "supervisor") -> LineDefinition:
    eye = component("eye", "photo_eye", belt="s.belt", position="500 mm")
    door = component("door", "cylinder", ("home", "out"))
    return definition(station("s", belt(), eye, door, program=PROGRAM, packml=packml), autostart=autostart)


@pytest.fixture
def running(line: Make) -> Bench:
    """The built-in program has been in Execute for a second."""
    bench = line(machine())
    bench.run(1)
    return bench


def press(bench: Bench, element: str) -> None:
    bench.give("panel", station="s", element=element, pressed=True)
    bench.give("panel", station="s", element=element, pressed=False)


def key(bench: Bench, control: str) -> None:
    bench.give("key", station="s", control=control)


def passed(bench: Bench) -> list[str]:
    """States that were entered."""
    return [State(data).name for _, kind, _, data in bench.events if kind == "state"]  # type: ignore[arg-type]


def legal(bench: Bench) -> bool:
    path = [State(bench.first["s"]).name, *passed(bench)]
    return all(step in STEPS for step in pairwise(path))


# ---- built in --------------------------------------------------------------------------------------------------


def test_starts_by_itself_at_birth(running: Bench) -> None:
    assert running.state == {"s": S.EXECUTE}
    assert running.get("s.lamp_run") is running.get("s.stack_green") is running.get("s.belt_run") is True


def test_does_not_start_by_itself_where_the_definition_says_so(line: Make) -> None:
    bench = line(machine(autostart=False))
    bench.run(10)
    assert bench.state == {"s": S.STOPPED}
    press(bench, "reset")
    assert bench.state == {"s": S.IDLE}
    press(bench, "start")
    assert bench.state == {"s": S.EXECUTE}
    assert passed(bench) == ["RESETTING", "IDLE", "STARTING", "EXECUTE"]


def test_stop_takes_safe_values_and_says_why(running: Bench) -> None:
    press(running, "stop")
    assert running.state == {"s": S.STOPPED}
    assert running.get("s.belt_run") is running.get("s.door_extend") is running.get("s.lamp_run") is False
    assert running.get("s.stop_reason") == 33


def test_homing_waits_for_the_plant(running: Bench) -> None:
    running.run(1)
    press(running, "stop")
    press(running, "reset")
    assert running.state == {"s": S.RESETTING}
    running.run(1)
    assert running.state == {"s": S.IDLE}


def test_hold_and_unhold_bring_the_outputs_back(running: Bench) -> None:
    running.write(s__cmd_hold=True)
    assert running.state == {"s": S.HELD}
    assert running.get("s.belt_run") is False
    running.write(s__cmd_unhold=True)
    assert running.state == {"s": S.EXECUTE}
    assert running.get("s.belt_run") is True
    assert running.get("s.stack_yellow") is False


def test_suspends_when_starved_for_long_and_goes_on_by_itself(running: Bench) -> None:
    running.give("panel", station="s", element="start", pressed=True)
    running.run(1.9)
    assert running.state == {"s": S.EXECUTE}
    assert running.get("s.equipment_starved") is True
    running.run(0.2)
    assert running.state == {"s": S.SUSPENDED}
    running.give("panel", station="s", element="start", pressed=False)
    assert running.state == {"s": S.EXECUTE}
    assert running.get("s.equipment_starved") is False


def test_complete_and_reset(running: Bench) -> None:
    running.write(s__cmd_complete=True)
    assert running.state == {"s": S.COMPLETE}
    running.write(s__cmd_reset=True)
    running.run(1)
    assert running.state == {"s": S.IDLE}


def test_a_command_reads_false_again(running: Bench) -> None:
    running.write(s__cmd_hold=True)
    assert running.field("s.cmd_hold") is False


def test_refuses_what_the_state_forbids(running: Bench) -> None:
    for command, refusal in [("reset", Refusal.STATE), ("unhold", Refusal.STATE), ("stop", None)]:
        assert running.line.check(Input("write", {"writes": [[f"s.cmd_{command}", True]]})) == (refusal,)


def test_times_in_state_add_up_to_the_run(running: Bench) -> None:
    running.write(s__cmd_hold=True)
    running.run(3)
    unit = running.line.plant.units["s"]
    assert sum(unit.time_in(state) for state in State) == running.line.now_ns
    assert running.get("s.time_in_state") == 3
    assert running.get("s.time_executing") == 1


# ---- emergency stop --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", ["builtin", *REMOTE])
def test_an_emergency_stop_cuts_the_power_whoever_is_in_control(running: Bench, control: str) -> None:
    key(running, control)
    running.write(s__belt_run=True)
    running.give("panel", station="s", element="estop", pressed=True)
    assert running.get("s.belt_run") is False
    assert running.state == {"s": S.ABORTED if control == "builtin" else S.ABORTING}
    assert running.get("s.stop_reason") == 1
    for command in ("reset", "start", "clear"):
        running.line.advance(running.line.now_ns + 40 * 10**9)
        assert running.line.check(Input("write", {"writes": [[f"s.cmd_{command}", True]]})) == (Refusal.STATE,)
    running.give("panel", station="s", element="estop", pressed=False)
    press(running, "reset")
    assert running.state == {"s": S.STOPPED if control == "builtin" else S.ABORTED}
    assert running.get("s.stop_reason") == 1


@pytest.mark.parametrize("stuck", [True, False])
def test_a_stuck_contact_does_not_stop_the_emergency_stop_from_working(running: Bench, stuck: bool) -> None:
    running.give("fault", id="f", seam="signal", target="s.estop_ok", how="stuck", value=stuck)
    running.give("panel", station="s", element="estop", pressed=True)
    assert running.get("s.belt_run") is False
    running.give("panel", station="s", element="estop", pressed=False)
    running.give("end_fault", id="f")
    assert running.line.plant.image.state.unpowered == []


# ---- key switch ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", REMOTE)
def test_to_remote_the_outputs_hold_and_the_station_is_held(running: Bench, control: str) -> None:
    outputs = [tag for tag in running.line.tags.of("s") if tag.direction == "output"]
    before = {tag.name: running.field(tag.name) for tag in outputs}
    key(running, control)
    assert {tag.name: running.field(tag.name) for tag in outputs} == before
    assert running.state == {"s": S.HELD}
    assert running.line.control("s") == control
    assert running.get("s.control") == 1 + REMOTE.index(control)
    running.run(100)
    assert running.state == {"s": S.HELD}


def test_back_it_takes_safe_values_is_aborted_and_homes(running: Bench) -> None:
    key(running, "modbus")
    running.write(s__belt_run=True, s__door_extend=True)
    running.run(1)
    key(running, "builtin")
    assert running.state == {"s": S.ABORTED}
    assert running.get("s.belt_run") is running.get("s.door_extend") is False
    assert running.get("s.stack_red") is True
    press(running, "reset")
    assert running.state == {"s": S.STOPPED}
    press(running, "reset")
    running.run(2)
    assert running.state == {"s": S.IDLE}
    press(running, "start")
    assert running.state == {"s": S.EXECUTE}
    assert legal(running)


def test_the_program_is_silent_in_remote_control(running: Bench) -> None:
    key(running, "mqtt")
    running.write(s__belt_run=False)
    running.lay()
    running.run(10)
    assert running.get("s.belt_run") is False


def test_buttons_are_signals_alone_in_remote_control(running: Bench) -> None:
    key(running, "mqtt")
    running.give("panel", station="s", element="stop", pressed=True)
    assert running.state == {"s": S.HELD}
    assert running.field("s.button_stop") is True


def test_an_acting_state_waits_for_the_plc(running: Bench) -> None:
    key(running, "modbus")
    running.write(s__cmd_unhold=True)
    running.run(29)
    assert running.state == {"s": S.UNHOLDING}
    running.write(s__sc_done=True)
    assert running.state == {"s": S.EXECUTE}
    running.run(100)
    assert running.state == {"s": S.EXECUTE}


def test_a_plc_that_does_not_answer_is_aborted(running: Bench) -> None:
    key(running, "modbus")
    running.write(s__cmd_unhold=True)
    running.run(30.1)
    assert running.state == {"s": S.ABORTED}
    assert running.get("s.stop_reason") == 264
    assert legal(running)


def test_from_one_wire_to_another_no_old_time_out_strikes(running: Bench) -> None:
    key(running, "modbus")
    running.write(s__cmd_unhold=True)
    running.run(10)
    key(running, "opcua")
    assert running.state == {"s": S.HELD}
    running.run(60)
    assert running.state == {"s": S.HELD}


def test_back_from_an_acting_state_no_old_time_out_strikes(running: Bench) -> None:
    key(running, "modbus")
    running.write(s__cmd_unhold=True)
    running.run(10)
    key(running, "builtin")
    running.run(60)
    assert running.state == {"s": S.ABORTED}
    assert running.get("s.stop_reason") != 264


def test_done_means_nothing_where_nothing_is_being_done(running: Bench) -> None:
    running.write(s__sc_done=True)
    assert running.state == {"s": S.EXECUTE}
    key(running, "modbus")
    running.write(s__sc_done=True)
    assert running.state == {"s": S.HELD}


def test_a_plc_may_keep_the_state_machine_itself(line: Make) -> None:
    bench = line(machine(packml="plc"))
    bench.run(1)
    key(bench, "modbus")
    for wanted in (S.UNHOLDING, S.EXECUTE, S.COMPLETING, S.COMPLETE, S.RESETTING, S.IDLE):
        bench.write(s__state_request=int(wanted))
        assert bench.state == {"s": wanted}
    for wanted in (S.EXECUTE, S.HELD, S.IDLE, S.CLEARING):
        request = Input("write", {"writes": [["s.state_request", int(wanted)]]})
        assert bench.line.check(request) == (Refusal.STATE,)


@pytest.mark.parametrize(("packml", "control"), [("plc", "builtin"), ("supervisor", "modbus")])
def test_nobody_else_writes_the_state(line: Make, packml: str, control: str) -> None:
    bench = line(machine(packml=packml))
    bench.run(1)
    key(bench, control)
    for wanted in State:
        request = Input("write", {"writes": [["s.state_request", int(wanted)]]})
        assert bench.line.check(request) == (Refusal.STATE,)


DEEDS = st.one_of(
    st.tuples(st.just("key"), st.sampled_from(["builtin", *REMOTE])),
    st.tuples(st.just("cmd"), st.sampled_from([*COMMANDS])),
    st.tuples(st.just("button"), st.sampled_from(["start", "stop", "reset"])),
    st.tuples(st.just("estop"), st.booleans()),
    st.tuples(st.just("write"), st.sampled_from(["s__sc_done", "s__belt_run", "s__door_extend"])),
    st.tuples(st.just("request"), st.integers(0, 17)),
    st.tuples(st.just("wait"), st.sampled_from([0.01, 0.5, 3.0, 31.0])),
)


@given(st.lists(DEEDS, max_size=30), st.sampled_from(["supervisor", "plc"]))
def test_whatever_people_do_only_legal_steps_happen_and_it_comes_back(
    deeds: list[tuple[str, object]], packml: str
) -> None:
    bench = Bench(machine(packml=packml))
    for deed, what in deeds:
        _do(bench, deed, what)
    key(bench, "builtin")
    for element in ("estop", "stop"):
        bench.give("panel", station="s", element=element, pressed=False)
    bench.run(1)
    for element in ("stop", "reset", "reset", "start"):
        press(bench, element)
        bench.run(1)
    assert bench.state == {"s": S.EXECUTE}
    assert legal(bench)


def _do(bench: Bench, deed: str, what: object) -> None:
    if deed == "wait":
        bench.run(what)  # type: ignore[arg-type]
    elif deed == "key":
        bench.give("key", station="s", control=what)
    elif deed in ("button", "estop"):
        element, pressed = ("estop", what) if deed == "estop" else (what, True)
        bench.give("panel", station="s", element=element, pressed=pressed)
        if deed == "button":
            bench.give("panel", station="s", element=element, pressed=False)
    else:
        name = {"cmd": f"s.cmd_{what}", "request": "s.state_request", "write": str(what).replace("__", ".")}[deed]
        given_input = Input("write", {"writes": [[name, what if deed == "request" else True]]})  # type: ignore[list-item]
        if not any(bench.line.check(given_input)):
            bench.give("write", **given_input.args)
