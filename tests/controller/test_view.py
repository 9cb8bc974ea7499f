"""The gate that all writes of all wires pass: who is admitted, in which order, and what it leaves behind."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.recorder import JOURNAL
from controller.run import Run
from controller.view import View
from devices.endpoint import Client, Role, Wire
from devices.strangers import StrangerWrite
from sim.inputs import Input
from sim.link_faults import WELL
from sim.refusal import Refusal
from sim.state import JsonValue
from tests.controller.fake_sim import HandClock

Make = Callable[..., Client]
EJECT, EYE, COLOUR, START = "sorting.ejector_2_extend", "sorting.eye_1", "sorting.ejector_2_colour", "sorting.cmd_reset"


def ask(view: View, client: Client, *writes: tuple[str, object]) -> tuple[Refusal | None, ...]:
    found = [(tag.index if (tag := view.tags.find(name)) else 9999, value) for name, value in writes]
    return view.request(client, found)


def say(view: View, name: str) -> object:
    tag = view.tags.find(name)
    assert tag is not None
    return view.read(tag.index).value


def turn_key(run: Run, control: str) -> None:
    assert not any(run.give(Input("key", {"station": "sorting", "control": control}), "test"))


def inputs(tmp_path: Path) -> list[dict[str, JsonValue]]:
    journal = next(tmp_path.glob(f"bench-1/*/{JOURNAL}"))
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    return [record for record in records if record["k"] == "in"]


async def test_an_accepted_write_is_journaled_applied_and_seen(
    view: View, run: Run, client: Make, tmp_path: Path
) -> None:
    turn_key(run, "modbus")
    assert ask(view, client(), (EJECT, True)) == (None,)
    assert say(view, EJECT) is True
    last = inputs(tmp_path)[-1]
    assert (last["op"], last["a"], last["by"]) == ("write", {"writes": [[EJECT, True]]}, "modbus client a")


ORDER: list[tuple[str, str, object, Role, bool, Refusal]] = [
    ("unknown", "sorting.nothing", True, Role.OBSERVER, True, Refusal.UNKNOWN),
    ("role", EYE, 3, Role.OBSERVER, True, Refusal.FORBIDDEN),
    ("read only", EYE, 3, Role.TRAINEE, True, Refusal.READ_ONLY),
    ("type", EJECT, 3, Role.TRAINEE, True, Refusal.TYPE),
    ("range", COLOUR, 4, Role.TRAINEE, True, Refusal.RANGE),
    ("paused", EJECT, True, Role.TRAINEE, True, Refusal.PAUSED),
    ("owner", EJECT, True, Role.TRAINEE, False, Refusal.NOT_OWNER),
    ("state", "sorting.cmd_unhold", True, Role.INSTRUCTOR, False, Refusal.STATE),
]


@pytest.mark.parametrize(("name", "tag", "value", "role", "frozen", "refusal"), ORDER, ids=[row[0] for row in ORDER])
async def test_the_first_reason_in_order_is_the_answer(
    name: str, tag: str, value: object, role: Role, frozen: bool, refusal: Refusal,
    view: View, run: Run, client: Make, tmp_path: Path,
) -> None:  # fmt: skip
    if frozen:
        run.freeze("test")
    assert ask(view, client(role=role), (tag, value)) == (refusal,)
    assert inputs(tmp_path) == []


async def test_one_refused_write_keeps_the_whole_request_out(
    view: View, run: Run, client: Make, tmp_path: Path
) -> None:
    turn_key(run, "modbus")
    answers = ask(view, client(), (EJECT, True), (EYE, True), ("sorting.ejector_1_extend", 7))
    assert answers == (None, Refusal.READ_ONLY, Refusal.TYPE)
    assert say(view, EJECT) is False
    assert len(inputs(tmp_path)) == 1  # the key alone
    assert ask(view, client(key="b"), (EJECT, True)) == (None,)  # and it gave nobody control


async def test_several_writes_are_one_input(view: View, run: Run, client: Make, tmp_path: Path) -> None:
    turn_key(run, "modbus")
    assert ask(view, client(), (EJECT, True), (COLOUR, 3)) == (None, None)
    assert inputs(tmp_path)[-1]["a"] == {"writes": [[EJECT, True], [COLOUR, 3]]}


async def test_what_changes_nothing_is_no_input(view: View, run: Run, client: Make, tmp_path: Path) -> None:
    turn_key(run, "modbus")
    for _ in range(3):
        assert ask(view, client(), (EJECT, True), (START, False), ("sorting.state_request", 0)) == (None, None, None)
    assert [record["op"] for record in inputs(tmp_path)] == ["key", "write"]


async def test_a_set_point_is_written_though_a_faulty_reading_of_it_says_so_already(
    view: View, run: Run, client: Make
) -> None:
    tag = next(tag.index for tag in view.tags if tag.name == COLOUR)
    effects: list[JsonValue] = [{"seam": "signal", "tag": COLOUR, "how": "stuck", "value": 3}]
    assert run.line.truth(tag) != 3
    assert not any(run.give(Input("fault", {"id": "f1", "effects": effects}), "test"))
    assert say(view, COLOUR) == 3
    assert ask(view, client(), (COLOUR, 3)) == (None,)
    assert run.line.truth(tag) == 3


async def test_a_command_is_an_input_every_time(view: View, run: Run, client: Make, tmp_path: Path) -> None:
    for _ in range(2):
        assert ask(view, client(), ("sorting.cmd_abort", True)) == (None,)
        assert say(view, "sorting.cmd_abort") is False
        assert ask(view, client(), ("sorting.cmd_clear", True)) in ((None,), (Refusal.STATE,))
    commands = [record for record in inputs(tmp_path) if "cmd_abort" in str(record["a"])]
    assert len(commands) >= 1


async def test_the_first_writer_of_the_right_wire_owns_the_station(
    view: View, run: Run, clock: HandClock, client: Make
) -> None:
    first, second, other = client(key="1"), client(key="2"), client(Wire.OPCUA, "3")
    turn_key(run, "modbus")
    assert ask(view, other, (EJECT, True)) == (Refusal.NOT_OWNER,)
    assert ask(view, first, (EJECT, True)) == (None,)
    assert ask(view, second, (EJECT, False)) == (Refusal.NOT_OWNER,)
    view.closed(first)
    assert say(view, EJECT) is True  # outputs hold
    assert ask(view, second, (EJECT, False)) == (None,)
    clock.now_s += 10.0
    assert ask(view, client(key="4"), (EJECT, True)) == (None,)
    turn_key(run, "opcua")
    assert ask(view, other, (EJECT, False)) == (None,)


async def test_the_last_write_of_a_wire_is_remembered_with_its_refusal(view: View, run: Run, client: Make) -> None:
    ask(view, client(), (COLOUR, 3))
    ask(view, client(), (EJECT, True), (COLOUR, 2))
    state = view.wires[Wire.MODBUS]
    assert state.last is not None
    assert (state.last.tag, state.last.value, state.last.refusal) == (EJECT, True, Refusal.NOT_OWNER)
    assert (state.requests, state.refused) == (2, 1)


async def test_listeners_hear_what_changed_once_and_are_bounded(view: View, run: Run, client: Make) -> None:
    changes, late = view.changes(), view.changes()
    assert list(changes.take()) == list(range(len(view.tags)))
    assert list(changes.take()) == []
    ask(view, client(), (COLOUR, 3))
    ask(view, client(), (COLOUR, 2))
    tag = view.tags.find(COLOUR)
    assert tag is not None
    assert list(changes.take()) == [tag.index]
    assert len(late.take()) == len(view.tags)


async def test_a_slow_link_is_seen_by_its_endpoint_alone(view: View, run: Run) -> None:
    late = {"seam": "link", "wire": "modbus", "how": "delay", "delay_ms": 300}
    assert not any(run.give(Input("fault", {"id": "f1", "fault": "x", "target": "modbus", "effects": [late]}), "test"))
    assert (view.link(Wire.MODBUS).state.delay_ms, view.link(Wire.MQTT).state) == (300, WELL)


async def test_a_strangers_write_is_traffic_the_wires_last_write_and_told_to_its_endpoint(view: View, run: Run) -> None:
    heard: list[StrangerWrite] = []
    view.strangers(Wire.MODBUS, heard.append)
    deed: dict[str, JsonValue] = {
        "seam": "input", "op": "write", "args": {"writes": [[COLOUR, 3]]}, "peer": "192.168.10.66", "wire": "modbus"
    }  # fmt: skip
    run.give(Input("fault", {"id": "f1", "fault": "x", "target": COLOUR, "effects": [deed]}), "test")
    run.settle()
    (write,) = heard
    assert (write.peer, write.tag.name, write.value, write.refusal) == ("192.168.10.66", COLOUR, 3, None)
    state = view.wires[Wire.MODBUS]
    assert state.last is not None
    assert (state.last.client, state.last.tag, state.last.value, state.requests) == ("192.168.10.66", COLOUR, 3, 1)
    assert view.wires[Wire.OPCUA].requests == 0


async def test_a_computed_value_is_of_now_although_nothing_happened(view: View, run: Run, clock: HandClock) -> None:
    before = say(view, "line.sim_time")
    clock.now_s += 0.2  # no slip
    for _ in range(20):
        clock.now_s += 0.2
        run.settle()
    clock.now_s += 0.2
    assert isinstance(before, int)
    after = say(view, "line.sim_time")
    assert isinstance(after, int)
    assert after - before >= 4


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writes=st.lists(
        st.tuples(
            st.sampled_from([EJECT, EYE, COLOUR, START, "sorting.sc_done", "x.y"]),
            st.one_of(st.booleans(), st.integers(-3, 9), st.floats(), st.text(max_size=3), st.none()),
        ),
        max_size=5,
    ),
    role=st.sampled_from(list(Role)),
    frozen=st.booleans(),
)
async def test_any_refusal_means_nothing_happened(
    writes: list[tuple[str, object]], role: Role, frozen: bool, view: View, run: Run, client: Make
) -> None:
    (run.freeze if frozen else run.go_on)("test")
    before, events = run.line.inputs, run.line.events  # type: ignore[attr-defined]
    answers = ask(view, client(role=role), *writes)
    assert len(answers) == len(writes)
    if any(answers):
        assert (run.line.inputs, run.line.events) == (before, events)  # type: ignore[attr-defined]
    else:
        assert run.line.inputs - before in (0, 1)  # type: ignore[attr-defined]
    assert not (frozen and writes and not any(answers))
