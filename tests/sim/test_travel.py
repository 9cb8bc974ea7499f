"""Travel: exact at every nanosecond, saturating at its goal, reversible anywhere."""

from hypothesis import given
from hypothesis import strategies as st

from sim.travel import FAR, NEVER, Travel

RATES = st.integers(1, 10**7)
SPANS = st.integers(0, 10**13)


@given(RATES, SPANS, SPANS)
def test_position_is_rate_times_time_until_the_goal(rate: int, span: int, goal: int) -> None:
    assert Travel(0, 0, rate, goal).at(span) == min(rate * span, goal)
    assert Travel(0, 0, -rate, -goal).at(span) == max(-rate * span, -goal)


@given(RATES, st.integers(-(10**15), 10**15), st.integers(1, 10**15), st.booleans())
def test_due_is_the_first_nanosecond_at_the_goal(rate: int, origin: int, way: int, back: bool) -> None:
    rate, goal = (-rate, origin - way) if back else (rate, origin + way)
    travel = Travel(100, origin, rate, goal)
    due = travel.due_ns()
    assert travel.at(due) == goal
    assert travel.at(due - 1) != goal


@given(st.lists(st.tuples(st.integers(1, 10**10), st.integers(-(10**6), 10**6)), min_size=1, max_size=20))
def test_reversed_anywhere_it_is_where_the_sum_of_its_moves_says(moves: list[tuple[int, int]]) -> None:
    travel, now, position = Travel(), 0, 0
    for span, rate in moves:
        travel.go(now, rate, FAR if rate >= 0 else -FAR)
        now += span
        position += span * rate
        assert travel.at(now) == position


@given(RATES, st.integers(1, 10**12), st.lists(st.integers(1, 10**9), max_size=10))
def test_planned_anew_on_the_way_it_is_due_at_the_same_time(rate: int, goal: int, stops: list[int]) -> None:
    travel = Travel(0, 0, rate, goal)
    due, now = travel.due_ns(), 0
    for span in stops:
        now = min(now + span, due)
        travel.go(now, rate, goal)
    assert travel.due_ns() == due


def test_standing_or_without_a_goal_it_is_never_due() -> None:
    assert Travel(0, 5, 0, 10).due_ns() == NEVER
    assert Travel(0, 5, 1000, FAR).due_ns() == NEVER


def test_at_its_goal_it_is_due_at_once() -> None:
    assert Travel(70, 10, 1000, 10).due_ns() == 70
