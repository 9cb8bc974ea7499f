"""The controlling client falls silent: what the outputs do by each policy, and what is said of it."""

import pytest

from sim.inputs import Input
from sim.packml import State
from sim.refusal import Refusal
from sim.state import JsonValue
from tests.sim.builders import Bench
from tests.sim.test_unit import Make, key, machine


@pytest.fixture
def remote(line: Make) -> Bench:
    """In modbus control, with two outputs on."""
    bench = line(machine())
    bench.run(1)
    key(bench, "modbus")
    bench.give("write", writes=[["s.belt_run", True], ["s.door_extend", True]])
    return bench


def lose(bench: Bench, policy: int) -> None:
    bench.give("write", writes=[["s.comm_policy", policy]])
    bench.give("comm", station="s", lost=True)


def outputs(bench: Bench) -> tuple[object, object]:
    return bench.get("s.belt_run"), bench.get("s.door_extend")


def test_hold_says_it_and_changes_nothing_else(remote: Bench) -> None:
    before = outputs(remote), remote.get("s.state")
    lose(remote, 0)
    assert (outputs(remote), remote.get("s.state")) == before
    assert remote.get("s.comm_lost") is True


def test_safe_state_takes_the_coils_off_and_aborts(remote: Bench) -> None:
    lose(remote, 1)
    assert outputs(remote) == (False, False)
    assert (remote.get("s.state"), remote.get("s.stop_reason")) == (State.ABORTED, 264)


def test_zero_takes_the_outputs_off_and_leaves_the_state(remote: Bench) -> None:
    before = remote.get("s.state")
    lose(remote, 2)
    assert outputs(remote) == (False, False)
    assert remote.get("s.belt_run") is False  # a bit stays a bit on every wire
    assert remote.get("s.state") == before


def test_it_is_over_when_the_client_is_heard_or_the_key_is_turned(remote: Bench) -> None:
    lose(remote, 2)
    remote.give("comm", station="s", lost=False)
    assert remote.get("s.comm_lost") is False
    assert outputs(remote) == (False, False)  # nothing comes back by itself
    remote.give("comm", station="s", lost=True)
    key(remote, "builtin")
    assert remote.get("s.comm_lost") is False


def test_what_is_not_so_is_refused(remote: Bench) -> None:
    cases: list[tuple[str, JsonValue, Refusal]] = [
        ("s", False, Refusal.STATE), ("x", True, Refusal.UNKNOWN), ("s", 1, Refusal.TYPE),
    ]  # fmt: skip
    for station, lost, refusal in cases:
        assert remote.line.check(Input("comm", {"station": station, "lost": lost})) == (refusal,)
    key(remote, "builtin")
    assert remote.line.check(Input("comm", {"station": "s", "lost": True})) == (Refusal.STATE,)
