"""Who has fallen silent: by second and by client, and through the gate of a bench."""

import asyncio
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from controller.comm_watch import CommWatch
from controller.run import Run
from controller.view import View
from devices.endpoint import Client, Role, Wire
from sim.inputs import Input
from tests.controller.fake_sim import HandClock
from tests.controller.test_view import EJECT, ask, say, turn_key

A, B = (Client(Wire.MODBUS, key, key, Role.TRAINEE) for key in "ab")


def test_silence_is_said_once_and_ended_by_any_request_of_the_same_client() -> None:
    watch = CommWatch()
    watch.controls("s", A, 0.0)
    assert watch.overdue(2.0, lambda _: 2.0) == []
    assert watch.overdue(2.1, lambda _: 2.0) == ["s"]
    assert watch.overdue(9.0, lambda _: 2.0) == []
    assert watch.heard(B, 9.0) == []
    assert watch.heard(A, 9.0) == ["s"]
    assert watch.overdue(11.0, lambda _: 2.0) == []


def test_a_new_client_in_control_ends_it_and_nobody_is_watched_without_a_time_out_or_a_key() -> None:
    watch = CommWatch()
    watch.controls("s", A, 0.0)
    assert watch.overdue(1e6, lambda _: 0.0) == []
    assert watch.overdue(1e6, lambda _: 1.0) == ["s"]
    assert watch.controls("s", B, 1e6)
    watch.forget("s")
    assert watch.overdue(2e6, lambda _: 1.0) == []


@given(st.lists(st.tuples(st.floats(0.01, 3.0), st.booleans()), max_size=40))
def test_it_is_lost_exactly_when_nothing_came_for_longer_than_the_time_out(steps: list[tuple[float, bool]]) -> None:
    watch, now, last, lost = CommWatch(), 0.0, 0.0, False
    watch.controls("s", A, 0.0)
    for step, asks in steps:
        now += step
        if watch.overdue(now, lambda _: 2.0):
            assert not lost
            lost = True
        assert lost is (now - last > 2.0)
        if asks:
            assert (watch.heard(A, now) == ["s"]) is lost
            last, lost = now, False


async def test_a_silent_plc_brings_its_station_to_the_safe_state(
    view: View, run: Run, client: Callable[..., Client], clock: HandClock
) -> None:
    plc = client()
    turn_key(run, "modbus")
    run.give(Input("write", {"writes": [["sorting.comm_timeout", 500], ["sorting.comm_policy", 1]]}), "test")
    assert ask(view, plc, (EJECT, True)) == (None,)
    await looked(view)
    assert say(view, "sorting.comm_lost") is False
    clock.now_s += 0.6
    await looked(view)
    assert (say(view, "sorting.comm_lost"), say(view, EJECT), say(view, "sorting.state")) == (True, False, 9)
    view.note(plc, "read", "fc3")  # it is heard again
    assert say(view, "sorting.comm_lost") is False
    view.stop()


async def looked(view: View) -> None:
    """The watch has looked at least once more."""
    view._watch()
    await asyncio.sleep(0)
