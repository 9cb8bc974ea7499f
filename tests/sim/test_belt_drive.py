"""The drive of a belt: ramps, both directions, encoders, belts that cannot slip, a contactor that welds."""

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.components.belt import Belt
from sim.glide import Glide
from sim.line import Line
from tests.sim.builders import MM, PART, PITCH, Bench, S, component, definition, station
from tests.sim.invariants import check, heads

OPTIONS = ("reverse", "speed", "pulses", "count", "speed_actual", "current")
LENGTH = 4000 * MM


def drive(
    length: str = "4000 mm",
    stops: tuple[str, ...] = (),
    eyes: tuple[str, ...] = (),
    kind: str = "belt",
    **belt: str,
) -> Bench:
    return Bench(
        definition(
            station(
                "s",
                component("belt", kind, OPTIONS, length=length, **belt),
                *[component(f"stop_{i}", "stopper", belt="s.belt", position=at) for i, at in enumerate(stops)],
                *[component(f"eye_{i}", "photo_eye", belt="s.belt", position=at) for i, at in enumerate(eyes)],
            )
        )
    )


def way_of(speed: Fraction, target: Fraction, up: int, down: int, span: int) -> tuple[Fraction, Fraction]:
    """Textbook: way and speed after `span` seconds/1e9, in mm and mm/s; through a stand if the direction changes."""
    left, way = Fraction(span, S), Fraction(0)
    if speed * target < 0:
        stop = min(left, abs(speed) / down)
        sign = 1 if speed > 0 else -1
        way += speed * stop - sign * down * stop * stop / 2
        speed, left = speed - sign * down * stop, left - stop
    if left:
        by = up if abs(target) > abs(speed) else down
        sign = 1 if target > speed else -1
        ramp = min(left, abs(target - speed) / by)
        way += speed * ramp + sign * by * ramp * ramp / 2
        speed += sign * by * ramp
        way += speed * (left - ramp)
    return way, speed


RUNS = st.lists(
    st.tuples(st.integers(1, 2 * S), st.sampled_from([-1, 0, 1]), st.sampled_from([50, 120, 200, 400])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40)
@given(RUNS, st.integers(50, 3000), st.integers(50, 3000))
def test_started_stopped_and_reversed_at_any_instants_it_is_where_the_textbook_says(
    runs: list[tuple[int, int, int]], up: int, down: int
) -> None:
    bench = drive("9000 mm", eyes=("4000 mm",), acceleration=f"{up} mm/s²", deceleration=f"{down} mm/s²")
    belt = bench.belt("s.belt")
    bench.write(s__belt_run=True, s__belt_speed=400.0)
    bench.lay()
    place, speed = Fraction(PART, MM), Fraction(0)
    for span, way, mm_s in [(12 * S, 1, 400), *runs]:
        bench.write(s__belt_run=way > 0, s__belt_reverse=way < 0, s__belt_speed=float(mm_s))
        more, speed = way_of(speed, Fraction(way * mm_s), up, down, span)
        place += more
        bench.line.advance(bench.line.now_ns + span)
        if not 100 < place < 8900:
            break
        ((_, head),) = heads(belt)
        assert abs(head - place * MM) < 30 * 400_000  # fm: each mark and each ramp rounds up to the nanosecond
        assert bench.get("s.eye_0") is (4000 <= head / MM < 4060)
        assert bench.get("s.belt_count") == belt.displacement() // MM
        assert abs(belt.displacement() - (place * MM - PART)) < 30 * 400_000


@given(st.integers(0, 400_000), st.integers(-3000, 3000).filter(bool), st.integers(1, 3 * 10**12))
def test_a_goal_within_a_ramp_is_reached_at_the_first_nanosecond_that_covers_it(v: int, a: int, goal: int) -> None:
    """v in µm/s, a in mm/s²; goals of at most 3 mm."""
    glide = Glide(0, 0, v * 10**9, 0, -1, v * 10**9, 2**62)
    glide.go(0, 400_000 if a > 0 else 0, abs(a) * 1000, abs(a) * 1000)
    glide.goal = goal
    due = glide.due_ns()
    if due == -1:
        glide.goal = 2**62
        assert glide.at(10 * S) < goal
        return
    assert glide.at(due) == goal
    assert due == 0 or glide.at(due - 1) < goal


@pytest.mark.parametrize("wave", [1, 2])
def test_the_time_of_a_move_is_that_of_the_formula(wave: int) -> None:
    """t = L/v + v/2a for a part that an eye sees from a stand: 440 mm at 200 mm/s, 400 mm/s²."""
    bench = drive(eyes=("500 mm",), acceleration="400 mm/s²", deceleration="400 mm/s²")
    bench.lay()
    bench.write(s__belt_run=True, s__belt_speed=200.0)
    bench.run(5)
    (seen, _), (gone, _) = bench.times("s.eye_0")
    assert abs(seen - (2.2 + 0.25) * S) <= 2
    assert abs(gone - (2.5 + 0.25) * S) <= 3


@pytest.mark.parametrize(("parts", "ramp"), [(1, "0 mm/s²"), (1, "500 mm/s²")])
def test_starts_and_stops_cost_the_same_with_twelve_parts_on_it(
    parts: int, ramp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[int] = []
    reach = Belt.reach
    monkeypatch.setattr(Belt, "reach", lambda self: (reached.append(1), reach(self))[1])
    costs = []
    for count in (parts, 12):
        bench = drive(stops=("1000 mm",), acceleration=ramp, deceleration=ramp)
        bench.write(s__belt_run=True)
        for _ in range(count):
            bench.lay()
            bench.run(1)
        bench.run(15)
        before, events = len(reached), bench.line.events
        for on in (False, True) * 10:
            bench.write(s__belt_run=on)
            bench.run(0.01)
        costs.append((len(reached) - before, bench.line.events - events))
    assert costs[0] == costs[1]


def test_parts_ride_back_and_stand_before_the_plate_at_the_beginning() -> None:
    bench = drive(stops=("1000 mm",))
    bench.write(s__belt_run=True)
    for _ in range(3):
        bench.lay()
        bench.run(1)
    bench.run(10)
    assert bench.heads() == [1000, 935, 870]
    bench.write(s__belt_run=False, s__belt_reverse=True)
    bench.run(1)
    assert bench.heads() == [800, 735, 670]
    check(bench.line)
    bench.run(20)
    assert [head - PART for _, head in heads(bench.belt("s.belt"))] == [2 * PITCH, PITCH, 0]
    assert bench.lay() == 0
    bench.write(s__belt_run=True, s__belt_reverse=False)
    bench.run(1)
    check(bench.line)
    assert bench.heads() == [390, 325, 260]
    assert bench.lay() == 4


def test_a_stopper_holds_parts_that_ride_back_by_their_tails() -> None:
    bench = drive(stops=("1000 mm",))
    bench.write(s__belt_run=True, s__stop_0_extend=True)
    bench.lay()
    bench.run(6)
    bench.write(s__stop_0_extend=False, s__belt_run=False, s__belt_reverse=True)
    bench.run(10)
    assert bench.heads() == [1060]
    bench.write(s__stop_0_extend=True)
    bench.run(1)
    assert bench.heads()[0] < 900


def test_an_open_beginning_lets_parts_off_and_to_back_hands_them_on() -> None:
    bench = drive(beginning="open")
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(2)
    bench.write(s__belt_run=False, s__belt_reverse=True)
    bench.run(5)
    assert bench.line.plant.parts.ends == {"s.belt.back_out": 1}
    side = component("side", "belt", length="500 mm")
    main = component("belt", "belt", OPTIONS, length="1000 mm", to_back="s.side")
    bench = Bench(definition(station("s", main, side)))
    bench.lay()
    bench.write(s__belt_reverse=True, s__side_run=True)
    for _ in range(30):
        bench.run(0.05)
        check(bench.line)
    assert bench.where(1)[:2] == ["ride", "s.side"]  # type: ignore[index]


def test_a_part_that_lies_over_the_end_comes_back_and_gives_the_place_free() -> None:
    after = component("after", "belt", length="500 mm")
    main = component("belt", "belt", OPTIONS, length="1000 mm", to="s.after")
    bench = Bench(definition(station("s", main, after)))
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(4.9)
    assert bench.belt("s.after").s.incoming == 1
    check(bench.line)
    bench.write(s__belt_run=False, s__belt_reverse=True)
    bench.run(0.1)
    check(bench.line)
    assert bench.belt("s.after").s.incoming == 1
    bench.run(1)
    assert bench.belt("s.after").s.incoming == 0
    check(bench.line)


def test_a_single_track_counts_on_and_two_tracks_count_back() -> None:
    bench = drive(pulse="0.5 mm")
    bench.write(s__belt_run=True, s__belt_speed=100.0)
    bench.run(3)
    bench.write(s__belt_run=False, s__belt_reverse=True)
    bench.run(5)
    assert bench.get("s.belt_pulses") == 1600
    assert bench.get("s.belt_count") == -400
    bench.write(s__belt_run=True)  # both coils: neither
    bench.run(5)
    assert bench.get("s.belt_count") == -400


def test_a_belt_that_cannot_slip_stands_while_a_part_is_held() -> None:
    bench = drive(stops=("500 mm",), accumulating="false")
    bench.write(s__belt_run=True)
    bench.lay()
    bench.run(1)
    bench.lay()
    bench.run(10)
    assert bench.heads() == [500, 300]
    assert bench.get("s.belt_current") > 0.7  # type: ignore[operator]
    bench.write(s__stop_0_extend=True)
    bench.run(1.04)
    assert bench.heads() == [700, 500]
    check(bench.line)


def test_a_welded_contactor_runs_on_until_the_power_is_cut() -> None:
    bench = drive()
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(1)
    bench.give("fault", id="w", fault="x", seam="disturbance", target="s.belt", method="weld")
    bench.write(s__belt_run=False)
    bench.run(1)
    assert bench.heads() == [460]
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(1)
    assert bench.heads() == [460]
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.give("end_fault", id="w")
    bench.run(1)
    assert bench.heads() == [460]


@pytest.mark.parametrize("parameter", ["acceleration", "deceleration", "speed", "traction"])
def test_a_parameter_changed_in_mid_ramp_and_restored_gives_the_textbook_place(parameter: str) -> None:
    """Halved for half a second in the ramp that it rules; 400 mm/s² both ways, 200 mm/s."""
    bench = Bench(
        definition(
            station(
                "s",
                component("belt", "belt", ("reverse",), length="4000 mm", acceleration="400 mm/s²",
                          deceleration="400 mm/s²"),
            )
        )
    )  # fmt: skip
    bench.lay()
    bench.write(s__belt_run=True)
    if parameter == "deceleration":
        bench.run(2)
        bench.write(s__belt_run=False)
    bench.run(0.25)
    given_fault = {"id": "f", "fault": "x", "seam": "parameter", "target": "s.belt"}
    bench.give("fault", **given_fault, parameter=parameter, how="factor", value=500_000)
    bench.run(0.2)
    bench.give("end_fault", id="f")
    bench.run(3)
    # way of the ramp in mm, from its beginning: 0.25 s with 400, then 0.2 s with what the fault left
    ways = {
        "acceleration": 12.5 + (100 * 0.2 + 4) + (140 * 0.15 + 4.5) + 200 * 2.85,
        "speed": 12.5 + 100 * 0.2 + (100 * 0.25 + 12.5) + 200 * 2.75,
        "traction": 12.5 + 100 * 0.2 + (100 * 0.25 + 12.5) + 200 * 2.75,
        "deceleration": 350 + (50 - 12.5) + (100 * 0.2 - 4) + 60 * 0.15 / 2,
    }
    ((_, head),) = heads(bench.belt("s.belt"))
    assert head / MM == pytest.approx(60 + ways[parameter], abs=1e-3)


DEEDS = st.lists(
    st.tuples(st.sampled_from(["run", "reverse", "stop_0_extend", "lay", "take", "jam", "estop", "after"]),
              st.booleans(), st.integers(1, 3 * S)),
    min_size=5, max_size=40,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(DEEDS, st.sampled_from(["belt", "roller_conveyor"]), st.sampled_from(["0 mm/s²", "300 mm/s²"]), st.booleans())
def test_nothing_is_lost_whatever_is_done_to_a_reversible_belt(
    deeds: list[tuple[str, bool, int]], kind: str, ramp: str, slips: bool
) -> None:
    main = component("belt", kind, OPTIONS, length="1000 mm", to="s.after", to_back="s.back", acceleration=ramp,
                     deceleration=ramp, accumulating="true" if slips else "false")  # fmt: skip
    pin = component("stop_0", "stopper", belt="s.belt", position="500 mm")
    eye = component("eye_0", "photo_eye", belt="s.belt", position="30 mm")
    before = component("before", "belt", length="300 mm", to="s.belt")
    ends = [component(name, "belt", length="300 mm") for name in ("after", "back")]
    bench = Bench(definition(station("s", before, main, pin, eye, *ends)))
    bench.write(s__before_run=True, s__back_run=True, s__after_run=True)
    for what, on, span in deeds:
        _do(bench, what, on)
        for _ in range(3):
            bench.line.advance(bench.line.now_ns + span // 3)
            check(bench.line)
    again = Line.restore(bench.line.definition, json.loads(json.dumps(bench.line.checkpoint())))
    for line in (again, bench.line):
        line.advance(bench.line.now_ns + 5 * S if line is again else again.now_ns)
    assert again.digest == bench.line.digest


def _do(bench: Bench, what: str, on: bool) -> None:
    belt = bench.belt("s.belt")
    if what == "lay":
        bench.lay("s.before")
    elif what == "take" and belt.heads():
        bench.give("remove_part", part=belt.heads()[0][0])
    elif what == "jam":
        (belt.jam if on else belt.clear_jam)()
    elif what == "estop":
        bench.give("panel", station="s", element="estop", pressed=on)
    elif what in ("run", "reverse", "stop_0_extend"):
        name = f"s__{what}" if what.startswith("stop") else f"s__belt_{what}"
        bench.write(**{name: on})
    elif what == "after":
        bench.write(s__after_run=on)
