"""Two belts in a row under any treatment: nothing overlaps, nothing is lost, and all leave when all runs again."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.definition import LineDefinition
from tests.sim.builders import MM, MS, Bench, belt, component, definition, station
from tests.sim.invariants import check, heads

Make = Callable[..., Bench]


def two(length_b: str = "1000 mm", speed_b: str = "200 mm/s", *, stops: bool = False) -> LineDefinition:
    """Belts a and b; b is open at its end. With stops: one on each, and an eye."""
    more = [
        component("pin_a", "stopper", belt="s.a", position="600 mm"),
        component("pin_b", "stopper", belt="s.b", position="500 mm"),
        component("eye_a", "photo_eye", belt="s.a", position="990 mm"),
        component("eye_b", "photo_eye", belt="s.b", position="70 mm"),
        component("eye_c", "photo_eye", belt="s.b", position="20 mm"),
    ]
    return definition(station("s", belt("a", to="s.b"), belt("b", length_b, speed_b), *(more if stops else ())))


def carried(bench: Bench) -> tuple[list[int], list[int]]:
    return bench.heads("s.a"), bench.heads("s.b")


def test_a_part_goes_over_and_on(line: Make) -> None:
    bench = line(two())
    bench.lay("s.a")
    bench.write(s__a_run=True, s__b_run=True)
    bench.run(4.8)
    assert carried(bench) == ([1020], [])
    bench.run(0.3)
    assert carried(bench) == ([], [80])
    bench.run(6)
    assert bench.line.plant.parts.ends == {"s.b.out": 1}


def test_the_head_goes_out_over_a_standing_belt_and_the_next_one_waits(line: Make) -> None:
    bench = line(two())
    bench.write(s__a_run=True)
    for _ in range(3):
        bench.lay("s.a")
        bench.run(1)
    bench.run(10)
    assert carried(bench) == ([1000, 935], [60])
    check(bench.line)


def test_a_belt_that_stops_in_mid_handover_goes_on_from_there(line: Make) -> None:
    bench = line(two())
    bench.lay("s.a")
    bench.write(s__a_run=True)
    bench.run(4.85)
    bench.write(s__a_run=False)
    bench.run(10)
    assert carried(bench) == ([1030], [])
    bench.write(s__a_run=True)
    bench.run(10)
    assert carried(bench) == ([], [60])


@pytest.mark.parametrize("speed_b", [50.0, 150.0, 200.0, 400.0])
def test_a_train_goes_over_to_a_slower_or_faster_belt(speed_b: float) -> None:
    bench = Bench(two("3000 mm"))
    bench.write(s__a_run=True, s__b_run=True, s__b_speed=speed_b)
    for _ in range(6):
        bench.lay("s.a")
        bench.run(1)
        check(bench.line)
    for _ in range(300):
        bench.run(0.31)
        check(bench.line)
    assert bench.line.plant.parts.ends == {"s.b.out": 6}


def test_a_full_belt_lets_one_in_when_one_leaves(line: Make) -> None:
    bench = line(two(stops=True))
    bench.write(s__a_run=True, s__b_run=True, s__pin_a_extend=True)
    for _ in range(12):
        bench.lay("s.a")
        bench.run(2)
    assert carried(bench)[1] == [500, 435, 370, 305, 240, 175, 110]
    assert carried(bench)[0][0] == 1000
    bench.write(s__pin_b_extend=True)
    bench.run(0.3)
    bench.write(s__pin_b_extend=False)
    bench.run(5)
    assert carried(bench)[1] == [500, 435, 370, 305, 240, 175, 110]
    assert bench.line.plant.parts.gone == 1
    check(bench.line)


def test_a_part_taken_on_its_way_over_frees_the_entry(line: Make) -> None:
    bench = line(two())
    bench.write(s__a_run=True)
    bench.lay("s.a")
    bench.run(2)
    bench.lay("s.a")
    bench.run(2.85)
    assert bench.heads("s.a")[0] == 1030
    bench.give("remove_part", part=1)
    check(bench.line)
    bench.run(10)
    assert carried(bench) == ([], [60])


def test_an_eye_at_the_very_entry_sees_the_head_that_comes_out_over_it(line: Make) -> None:
    eye = component("eye", "photo_eye", belt="s.b", position="30 mm")
    bench = line(definition(station("s", belt("a", to="s.b"), belt("b"), eye)))
    bench.lay("s.a")
    bench.lay("s.a")
    bench.write(s__a_run=True, s__b_run=True)
    bench.run(10)
    assert bench.times("s.eye") == [(4850 * MS, True), (5150 * MS, False)]
    bench.lay("s.a")
    bench.run(4.9)
    assert bench.get("s.eye") is True
    bench.give("remove_part", part=2)
    assert bench.get("s.eye") is False


OPS = st.one_of(
    st.tuples(st.sampled_from(["run_a", "run_b", "pin_a", "pin_b"]), st.booleans()),
    st.tuples(st.sampled_from(["speed_a", "speed_b"]), st.sampled_from([0.0, 0.1, 33.3, 200.0, 400.0])),
    st.tuples(st.just("wait"), st.integers(1, 4 * 10**9)),
    st.tuples(st.just("next"), st.just(0)),
    st.tuples(st.just("lay"), st.just(0)),
    st.tuples(st.just("take"), st.integers(0, 20)),
    st.tuples(st.sampled_from(["jam_a", "jam_b"]), st.booleans()),
    st.tuples(st.just("restore"), st.just(0)),
)
TAGS = {"run_a": "s.a_run", "run_b": "s.b_run", "pin_a": "s.pin_a_extend", "pin_b": "s.pin_b_extend",
        "speed_a": "s.a_speed", "speed_b": "s.b_speed"}  # fmt: skip


def act(bench: Bench, op: str, value: int) -> None:
    if op in TAGS:
        bench.give("write", writes=[[TAGS[op], value]])
    elif op == "wait":
        bench.line.advance(bench.line.now_ns + value)
    elif op == "next":  # to the instant in which the next thing happens
        bench.line.advance(bench.line.next_due_ns() or bench.line.now_ns)
    elif op == "lay":
        bench.lay("s.a")
    elif op == "take":
        serials = sorted(bench.line.plant.parts.by_serial)
        if serials:
            bench.give("remove_part", part=serials[value % len(serials)])
    elif op == "restore":
        bench.restored()
    elif value != (op in bench.line.faults):
        jam = {"seam": "disturbance", "target": f"s.{op[-1]}", "method": "jam"}
        bench.give("fault", id=op, **jam) if value else bench.give("end_fault", id=op)


def check_eyes(bench: Bench) -> None:
    a, b = heads(bench.belt("s.a")), heads(bench.belt("s.b"))
    over = [(serial, head - 1000 * MM) for serial, head in a]
    for name, at, on in (("a", 990, a), ("b", 70, b + over), ("c", 20, b + over)):
        assert bench.get(f"s.eye_{name}") is any(at <= head / MM < at + 60 for _, head in on), name


@settings(max_examples=150)
@given(st.lists(OPS, max_size=60))
def test_any_treatment_at_any_moment(ops: list[tuple[str, int]]) -> None:
    bench = Bench(two(stops=True))
    bench.write(s__a_run=True, s__b_run=True)
    for op, value in ops:
        act(bench, op, value)
        check(bench.line)
        check_eyes(bench)
    _all_leave(bench)


def _all_leave(bench: Bench) -> None:
    for fault in list(bench.line.faults):
        bench.give("end_fault", id=fault)
    bench.write(s__a_run=True, s__b_run=True, s__pin_a_extend=True, s__pin_b_extend=True)
    bench.write(s__a_speed=200.0, s__b_speed=200.0)
    for _ in range(40):
        bench.run(1)
        check(bench.line)
    assert bench.line.plant.parts.by_serial == {}
    bench.lay("s.a")
    bench.run(12)
    assert bench.line.plant.parts.by_serial == {}


def test_parts_go_round_on_belts_in_a_ring(line: Make) -> None:
    ring = station("s", belt("a", to="s.b"), belt("b", to="s.c"), belt("c", to="s.a"))
    bench = line(definition(ring))
    bench.write(s__a_run=True, s__b_run=True, s__c_run=True)
    laid = 0
    for _ in range(60):
        laid += bool(bench.lay("s.a"))
        bench.run(1)
        check(bench.line)
    assert laid > 10
    before = [bench.heads(f"s.{name}") for name in "abc"]
    bench.run(15)
    assert [bench.heads(f"s.{name}") for name in "abc"] == before


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 2 * 10**9)), max_size=60))
def test_two_belts_and_a_feeder_share_one_entry(moments: list[tuple[bool, int]]) -> None:
    feeder = component("feeder", "feeder", belt="s.c")
    bench = Bench(definition(station("s", belt("a", to="s.c"), belt("b", to="s.c"), belt("c"), feeder)))
    bench.write(s__a_run=True, s__b_run=True, s__c_run=True)
    for extend, span in moments:
        bench.lay("s.a")
        bench.lay("s.b")
        bench.write(s__feeder_extend=extend)
        bench.line.advance(bench.line.now_ns + span)
        check(bench.line)
    bench.write(s__feeder_extend=False)
    bench.run(200)
    assert bench.line.plant.parts.by_serial == {}
