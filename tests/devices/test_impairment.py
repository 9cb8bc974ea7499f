"""A bad link as a pure function of what goes in and when: in order, complete, late enough, and the same every time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.dice import Dice
from devices.impairment import OVERTAKEN_S, SAME_S, Impairment
from sim.link_faults import CERTAIN_PPM, WELL, LinkState
from tests.devices.fake_line import FakeLink

STATES = st.builds(
    LinkState,
    delay_ms=st.integers(0, 500),
    jitter_ms=st.sampled_from([0, 0, 200]),
    reorder_ppm=st.sampled_from([0, 0, 300_000, CERTAIN_PPM]),
    silent=st.booleans(),
)
GAPS = st.lists(st.floats(0, 0.5), max_size=25)


def run(link: FakeLink, gaps: list[float], states: list[LinkState]) -> list[tuple[float, float, int]]:
    """Of each message when it went in, when it came out, and its number; the link is well again at the end."""
    line: Impairment[tuple[float, int]] = Impairment(link, Dice(link))
    now_s, out = 0.0, list[tuple[float, float, int]]()

    def take_all_until(end_s: float) -> None:
        while (due_s := line.due_s()) is not None and due_s <= end_s:
            there = line.take(max(due_s, 0.0))
            out.extend((went, due_s, number) for went, number in there)
            if not there:
                break

    for number, gap_s in enumerate(gaps):
        take_all_until(now_s + gap_s)
        now_s += gap_s
        link.state = states[number % len(states)]
        line.put(now_s, (now_s, number))
    link.state = WELL
    while len(line):
        due_s = max(line.due_s() or 0.0, now_s)
        out.extend((went, due_s, number) for went, number in line.take(due_s))
    return out


@given(GAPS, st.lists(STATES, min_size=1, max_size=4), st.integers(1, 3))
def test_nothing_is_lost_doubled_or_early_and_every_run_is_the_same(
    gaps: list[float], states: list[LinkState], seed: int
) -> None:
    first = run(FakeLink(seed=seed), gaps, states)
    assert sorted(number for _, _, number in first) == list(range(len(gaps)))
    for went, came, number in first:
        assert came >= went + states[number % len(states)].delay_ms / 1000 - 2 * SAME_S
    assert run(FakeLink(seed=seed), gaps, states) == first


@given(GAPS, st.lists(STATES, min_size=1, max_size=4))
def test_without_reordering_the_order_is_kept(gaps: list[float], states: list[LinkState]) -> None:
    out = run(FakeLink(), gaps, [replace(state, reorder_ppm=0) for state in states])
    assert [number for _, _, number in out] == list(range(len(gaps)))


@given(GAPS)
def test_a_message_is_overtaken_by_one_and_waits_no_longer_than_said(gaps: list[float]) -> None:
    out = run(FakeLink(), gaps, [LinkState(reorder_ppm=CERTAIN_PPM)])
    for place, (went, came, number) in enumerate(out):
        assert abs(place - number) <= 1
        assert came - went <= OVERTAKEN_S + 2 * SAME_S


def test_nothing_comes_through_in_silence_and_all_of_it_afterwards() -> None:
    link = FakeLink()
    line: Impairment[int] = Impairment(link)
    assert line.calm
    link.be(silent=True)
    for number in range(3):
        line.put(float(number), number)
    assert line.take(100.0) == []
    link.be()
    assert line.take(100.0) == [0, 1, 2]


def test_bursts_are_as_long_as_said_and_shares_as_large() -> None:
    link = FakeLink()
    link.be(loss_ppm=100_000)
    dice = Dice(link)
    assert 800 < sum(dice.loses() for _ in range(10_000)) < 1200
    link.be(loss_ppm=20_000, loss_burst=7)
    dice = Dice(link)
    text = "".join("x" if dice.loses() else "." for _ in range(3000)).strip("x")
    assert {len(burst) % 7 for burst in text.split(".") if burst} == {0}


@pytest.mark.parametrize("mean_ms", [100, 60_000])
def test_what_happens_now_and_then_does_so_at_its_mean(mean_ms: int) -> None:
    dice = Dice(FakeLink())
    pauses = [dice.pause_s("reset", mean_ms) for _ in range(2000)]
    assert sum(pauses) / len(pauses) == pytest.approx(mean_ms / 1000, rel=0.08)
