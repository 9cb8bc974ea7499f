"""One belt: positions, eyes, stops, accumulation, taking parts away."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components.belt import Belt
from sim.definition import LineDefinition
from tests.sim.builders import MM, PART, PITCH, Bench, S, belt, component, definition, station
from tests.sim.invariants import check, heads

Make = Callable[..., Bench]


def eye_belt(length: str = "1000 mm", stops: tuple[str, ...] = (), eyes: tuple[str, ...] = ()) -> LineDefinition:
    """A belt with stoppers and photo-eyes at these places, open at its end."""
    return definition(
        station(
            "s",
            belt(length=length),
            *[component(f"stopper_{i}", "stopper", belt="s.belt", position=at) for i, at in enumerate(stops)],
            *[component(f"eye_{i}", "photo_eye", belt="s.belt", position=at) for i, at in enumerate(eyes)],
        )
    )


@pytest.fixture
def filled(line: Make) -> Bench:
    """Four parts stand before a stopper at 500 mm, the belt runs."""
    bench = line(eye_belt(stops=("500 mm",), eyes=("450 mm",)))
    bench.write(s__belt_run=True)
    for _ in range(4):
        assert bench.lay()
        bench.run(1)
    bench.run(5)
    return bench


RUNS = st.lists(
    st.tuples(st.integers(1, 3 * S), st.booleans(), st.integers(0, 4000).map(lambda v: v / 10)), min_size=1, max_size=12
)


@given(RUNS)
def test_a_part_is_where_its_runs_add_up_to(runs: list[tuple[int, bool, float]]) -> None:
    bench = Bench(eye_belt("9000 mm", eyes=("300 mm", "700 mm")))
    bench.lay()
    expected = PART
    for span, on, speed in runs:
        bench.write(s__belt_run=on, s__belt_speed=speed)
        bench.line.advance(bench.line.now_ns + span)
        expected += round(speed * 1000) * span * on
        if expected > 9000 * MM:
            break
        ((_, head),) = heads(bench.belt("s.belt"))
        assert 0 <= expected - head <= 8 * 400_000  # each of its marks rounds up to the nanosecond


@given(RUNS)
def test_an_eye_is_true_exactly_while_a_part_covers_it(runs: list[tuple[int, bool, float]]) -> None:
    bench = Bench(eye_belt("9000 mm", eyes=("500 mm",)))
    bench.lay()
    places, head, now = [(0, PART, 0)], PART, 0  # since when it is where, and how fast
    for span, on, speed in runs:
        bench.write(s__belt_run=on, s__belt_speed=speed)
        rate = round(speed * 1000) * on
        places.append((now, head, rate))
        now, head = now + span, head + rate * span
        bench.line.advance(now)
    changes = bench.times("s.eye_0")
    for mark, (t, _) in zip([500 * MM, 500 * MM + PART], changes, strict=False):
        since, start, rate = next(place for place in reversed(places) if place[0] < t)
        assert 0 <= start + rate * (t - since) - mark <= 6 * 400_000  # fm: marks round up to the nanosecond
    assert [value for _, value in changes] == [True, False][: len(changes)]
    passed = [sum(head - lag > mark for mark in (500 * MM, 500 * MM + PART)) for lag in (6 * 400_000, -1)]
    assert passed[0] <= len(changes) <= passed[1]


def test_the_belt_goes_on_from_where_the_part_is(line: Make) -> None:
    bench = line(eye_belt())
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(1)
    bench.write(s__belt_run=False)
    bench.run(60)
    assert bench.heads() == [260]
    bench.write(s__belt_run=True)
    bench.run(1)
    assert bench.heads() == [460]


def test_parts_accumulate_before_a_stopper_at_exact_pitch(filled: Bench) -> None:
    assert [head for _, head in heads(filled.belt("s.belt"))] == [500 * MM - k * PITCH for k in range(4)]
    assert filled.get("s.eye_0") is True


def test_an_opened_stopper_lets_them_go_and_they_leave_in_order(filled: Bench) -> None:
    filled.write(s__stopper_0_extend=True)
    filled.run(6)
    gone = [part for _, kind, part, data in filled.events if kind == "part" and data[0] == "gone"]  # type: ignore[index]
    assert gone == [1, 2, 3, 4]
    assert filled.get("s.parts_out") == 4


def test_a_stopper_that_closes_in_a_train_splits_it(filled: Bench) -> None:
    filled.write(s__stopper_0_extend=True)
    filled.run(0.5)
    filled.write(s__stopper_0_extend=False)
    filled.run(10)
    assert filled.line.plant.parts.ends == {"s.belt.out": 2}
    assert filled.heads() == [500, 435]


def test_two_stoppers_that_close_under_one_train_both_hold(line: Make) -> None:
    """The train is held by a third one while the two close under it."""
    bench = line(eye_belt(stops=("300 mm", "600 mm", "900 mm")))
    bench.write(s__belt_run=True, s__stopper_0_extend=True, s__stopper_1_extend=True)
    while bench.lay():
        bench.run(1)
    bench.run(20)
    count = len(bench.heads())
    assert bench.heads() == [900 - 65 * k for k in range(count)]
    bench.write(s__stopper_0_extend=False, s__stopper_1_extend=False)
    bench.run(1)
    bench.write(s__stopper_2_extend=True)
    bench.run(30)
    assert bench.line.plant.parts.ends == {"s.belt.out": 5}  # 900, 835 .. 640 had passed the second
    assert bench.heads()[0] == 600


def test_start_and_stop_cost_the_same_for_any_number_of_parts(line: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[int] = []
    monkeypatch.setattr(Belt, "reach", _counting(Belt.reach, reached))
    costs = []
    for parts in (1, 12):
        bench = line(eye_belt(stops=("900 mm",)))
        bench.write(s__belt_run=True)
        for _ in range(parts):
            bench.lay()
            bench.run(1)
        bench.run(10)
        before, wakes = len(reached), bench.line.events
        for on in (False, True) * 10:
            bench.write(s__belt_run=on)
            bench.run(0.01)
        costs.append((len(reached) - before, bench.line.events - wakes))
    assert costs[0] == costs[1]
    assert costs[0][0] <= 20


def _counting(method: Callable[[Belt], None], reached: list[int]) -> Callable[[Belt], None]:
    def counted(self: Belt) -> None:
        reached.append(1)
        method(self)

    return counted


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_part_taken_from_a_queue_lets_those_behind_move_up(filled: Bench, place: int) -> None:
    filled.give("remove_part", part=place + 1)
    check(filled.line)
    filled.run(5)
    assert filled.heads() == [500, 435, 370]
    assert filled.get("s.eye_0") is True


def test_the_last_part_taken_leaves_the_eye_free(filled: Bench) -> None:
    for serial in (4, 2, 1, 3):
        filled.give("remove_part", part=serial)
        check(filled.line)
    assert filled.get("s.eye_0") is False
    assert filled.lay() == 5


def test_a_jam_holds_the_next_part_until_a_hand_takes_it(line: Make) -> None:
    bench = line(eye_belt())
    bench.give("fault", id="f", seam="disturbance", target="s.belt", method="jam")
    bench.write(s__belt_run=True)
    for _ in range(3):
        bench.lay()
        bench.run(1)
    bench.run(10)
    assert bench.heads() == [500, 435, 370]
    bench.give("remove_part", part=1)
    bench.run(10)
    assert bench.line.plant.parts.ends == {"s.belt.out": 2}
    assert bench.line.plant.parts.removed == 1
    bench.give("end_fault", id="f")
    check(bench.line)


def test_a_jam_ends_with_its_fault(line: Make) -> None:
    bench = line(eye_belt())
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(1)
    bench.give("fault", id="f", seam="disturbance", target="s.belt", method="jam")
    bench.run(9)
    assert bench.heads() == [500]
    bench.give("end_fault", id="f")
    bench.run(9)
    assert bench.line.plant.parts.ends == {"s.belt.out": 1}


def test_a_jam_lasts_as_long_as_any_fault_that_makes_it(line: Make) -> None:
    bench = line(eye_belt())
    bench.lay()
    bench.write(s__belt_run=True)
    for ident in ("f", "g"):
        bench.give("fault", id=ident, seam="disturbance", target="s.belt", method="jam")
    bench.run(9)
    bench.give("end_fault", id="f")
    bench.run(9)
    assert bench.heads() == [500]
    bench.give("end_fault", id="g")
    bench.run(9)
    assert bench.heads() == []


def test_slip_slows_the_part_and_ends(line: Make) -> None:
    bench = line(eye_belt())
    bench.lay()
    bench.write(s__belt_run=True)
    slip = {"seam": "parameter", "target": "s.belt", "parameter": "traction", "how": "factor", "value": 500_000}
    bench.give("fault", id="f", **slip)
    bench.run(1)
    assert bench.heads() == [160]
    bench.give("end_fault", id="f")
    bench.run(1)
    assert bench.heads() == [360]


def test_without_power_the_belt_stands(line: Make) -> None:
    bench = line(eye_belt())
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(1)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(10)
    assert bench.heads() == [260]
    assert bench.get("s.belt_speed_actual") == 0.0


@given(st.integers(1, 40 * 3600), st.integers(1, 400))
def test_rebasing_is_invisible(seconds: int, speed: int) -> None:
    """However long it ran empty, a part rides as on a belt that has just started."""
    bench = Bench(eye_belt(eyes=("500 mm",)))
    bench.write(s__belt_run=True, s__belt_speed=float(speed))
    bench.run(seconds)
    bench.lay()
    bench.run(0.5)
    ((_, head),) = heads(bench.belt("s.belt"))
    assert 0 <= PART + speed * 1000 * S // 2 - head <= 4 * speed * 1000  # each mark rounds up to the nanosecond
    kind, name, offset = cast(list[Any], bench.where(1))
    move = next(data for _, kind, _, data in reversed(bench.events) if kind == "move")
    assert (kind, name) == ("ride", "s.belt")
    assert abs(offset + move[0] + speed * (bench.line.now_ns / S) - head / MM) < 0.01  # type: ignore[index]


def test_numbers_in_a_checkpoint_stay_small(line: Make) -> None:
    bench = line(eye_belt())
    bench.write(s__belt_run=True, s__belt_speed=400.0)
    bench.run(20 * 3600)
    bench.lay()
    bench.run(1)
    bench.write(s__belt_run=False)
    assert bench.heads() == [460]
    assert max(numbers(bench.line.checkpoint())) < 2**53


def numbers(data: object) -> list[int]:
    """Sizes of all whole numbers in a JSON value."""
    if isinstance(data, dict):
        return [n for item in data.values() for n in numbers(item)]
    if isinstance(data, list):
        return [n for item in data for n in numbers(item)]
    return [abs(data)] if isinstance(data, int) else []
