"""The pace of a line by a clock that the test moves; only the last tests wait for real."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.clock import SystemClock
from controller.pacer import BEHIND_S, SLICE_S, Pacer
from tests.controller.fake_sim import MS, HandClock, PlannedLine, S


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_simulated_time_follows_the_wall_clock_at_its_speed(clock: HandClock) -> None:
    line = PlannedLine(clock, 1 * S, 3 * S)
    pacer = Pacer(line, clock, speed=2.0)
    clock.now_s += 0.6
    assert pacer.turn() == pytest.approx(0.9)  # until 3 s, at twice the pace
    assert line.happened == [1 * S]
    assert line.now_ns == pytest.approx(1.2 * S)


def test_a_turn_ends_after_one_slice(clock: HandClock) -> None:
    line = PlannedLine(clock, *range(100), cost_s=0.0005)
    pacer = Pacer(line, clock)
    clock.now_s += 0.001
    before = clock.now_s
    assert pacer.turn() == 0.0
    assert 0 < len(line.happened) < 100
    assert clock.now_s - before <= SLICE_S + 0.0005
    while pacer.turn() == 0.0:
        pass
    assert len(line.happened) == 100


def test_far_behind_is_a_slip_and_never_a_burst(clock: HandClock) -> None:
    lost: list[float] = []
    line = PlannedLine(clock, 1 * S, 2 * S, 3 * S)
    pacer = Pacer(line, clock, on_slip=lost.append)
    clock.now_s += 100.0  # a laptop lid was closed
    pacer.turn()
    assert line.happened == [1 * S]
    assert pacer.slips == 1
    assert lost == [pytest.approx(99.0)]
    assert pacer.turn() == pytest.approx(1.0)  # the next event comes a second later, as it should


def test_an_overloaded_line_loses_time_but_stays_in_step_with_the_clock(clock: HandClock) -> None:
    line = PlannedLine(clock, *(n * MS for n in range(5000)), cost_s=0.002)  # twice what is possible
    pacer = Pacer(line, clock)
    began = clock.now_s
    while clock.now_s - began < 5.0:
        pacer.turn()
    assert pacer.slips >= 5
    assert pacer.target_ns() / S - line.now_ns / S <= BEHIND_S + 0.01


def test_waiting_long_for_the_next_event_is_no_slip(clock: HandClock) -> None:
    line = PlannedLine(clock, 60 * S)
    pacer = Pacer(line, clock)
    clock.now_s += 60.1
    pacer.turn()
    assert (pacer.slips, line.happened) == (0, [60 * S])


def test_frozen_time_stands_still_and_goes_on_where_it_stood(clock: HandClock) -> None:
    line = PlannedLine(clock, 2 * S)
    pacer = Pacer(line, clock)
    clock.now_s += 1.5
    pacer.turn()
    pacer.freeze()
    clock.now_s += 3600.0
    assert pacer.turn() is None
    assert pacer.catch_up()
    assert line.now_ns == pytest.approx(1.5 * S)
    pacer.run()
    assert pacer.turn() == pytest.approx(0.5)
    assert pacer.slips == 0


def test_a_change_of_speed_neither_loses_nor_repeats_time(clock: HandClock) -> None:
    line = PlannedLine(clock, 100 * S)
    pacer = Pacer(line, clock)
    clock.now_s += 10.0
    pacer.set_speed(20.0)
    clock.now_s += 1.0
    pacer.set_speed(0.1)
    clock.now_s += 10.0
    pacer.turn()
    assert line.now_ns == pytest.approx(31 * S)


async def test_single_steps_by_event_and_by_time(clock: HandClock) -> None:
    line = PlannedLine(clock, 1 * S, 2 * S, 3 * S)
    pacer = Pacer(line, clock, frozen=True)
    pacing = asyncio.create_task(pacer.pace())
    await pacer.step_event()
    assert (line.happened, line.now_ns) == ([1 * S], 1 * S)
    await pacer.step_time(1.5)
    assert (line.happened, line.now_ns) == ([1 * S, 2 * S], 2.5 * S)
    assert pacer.frozen
    pacing.cancel()
    await asyncio.gather(pacing, return_exceptions=True)


async def test_a_step_that_is_cut_short_by_the_end_does_not_hang(clock: HandClock) -> None:
    pacer = Pacer(PlannedLine(clock), clock, frozen=True)
    pacing = asyncio.create_task(pacer.pace())
    await asyncio.sleep(0)
    step = asyncio.create_task(pacer.step_time(1.0))
    pacing.cancel()
    await asyncio.wait_for(step, 1.0)


@given(
    st.lists(st.tuples(st.sampled_from(["wait", "turn", "freeze", "run", "speed"]), st.floats(0.0, 2.0)), max_size=40)
)
def test_time_never_runs_backwards_nor_ahead_of_the_clock(doings: list[tuple[str, float]]) -> None:
    clock = HandClock()
    line = PlannedLine(clock, *(n * 100 * MS for n in range(100)))
    pacer = Pacer(line, clock)
    bound, seen, last_s = 0.0, 0, clock.now_s
    for what, number in doings:
        if what == "wait":
            clock.now_s += number
        elif what == "speed":
            pacer.set_speed(0.1 + number)
        else:
            {"turn": pacer.turn, "freeze": pacer.freeze, "run": pacer.run}[what]()
        bound += (clock.now_s - last_s) * 2.1
        last_s = clock.now_s
        assert seen <= line.now_ns <= bound * S + 1000
        seen = line.now_ns
    assert line.happened == sorted(line.happened)


async def test_an_input_that_brings_something_forward_ends_the_sleep() -> None:
    clock = SystemClock()
    line = PlannedLine(HandClock(), 3600 * S)
    pacer = Pacer(line, clock)
    pacing = asyncio.create_task(pacer.pace())
    await asyncio.sleep(0)
    pacer.catch_up()
    line.plan(line.now_ns + 20 * MS)
    pacer.replan()
    began = clock.monotonic()
    async with asyncio.timeout(30):  # and not after an hour
        while not line.happened:
            await asyncio.sleep(0.001)
    assert clock.monotonic() - began > 0.015
    pacing.cancel()
    await asyncio.gather(pacing, return_exceptions=True)
