"""Parameters of what works on parts, holds and brings them, changed and restored on the way. See `parameters.py`."""

from dataclasses import replace

import pytest

from sim.definition import ComponentDefinition
from sim.stream import Stream, word
from tests.sim.builders import MM, MS, Bench, S, belt, component, definition, station
from tests.sim.kinematics import about, reached
from tests.sim.parameters import change, covers, restore
from tests.sim.test_parameters_sensing import FLAT, TALL

MILLION = 10**6


def bench_of(*components: ComponentDefinition) -> Bench:
    return Bench(definition(station("s", *components)))


def meanwhile(bench: Bench, begin: float, end: float, parameter: str, value: int, target: str = "s.it") -> None:
    """Run to `begin`, change, run to `end`, restore."""
    bench.run_to(begin)
    ident = change(bench, target, parameter, value)
    bench.run_to(end)
    restore(bench, ident)


# ---- spindle ---------------------------------------------------------------------------------------------------


def milling(**given: str) -> Bench:
    """A part between the jaws of the clamp; every cut takes 4 s."""
    at = {"belt": "s.belt", "position": "400 mm"}
    given = {"cut_least": "4 s", "cut_most": "4 s", "scrap": "0", "spread": "0 mm", "wear": "0 mm"} | given
    bench = bench_of(
        belt(), component("stopper", "stopper", **at), component("clamp", "clamp", **at),
        component("it", "spindle", ("speed",), clamp="s.clamp", **given),
    )  # fmt: skip
    clamp_next(bench)
    return bench


def clamp_next(bench: Bench) -> int:
    """Another part between the jaws; the one before it goes."""
    bench.write(s__clamp_extend=False, s__it_run=False)
    for serial in list(bench.line.plant.parts.by_serial):
        bench.give("remove_part", part=serial)
    bench.write(s__belt_run=True)
    serial = bench.lay()
    bench.run(3)
    bench.write(s__clamp_extend=True)
    bench.run(1)
    return serial


def cut(bench: Bench) -> float:
    """Run the spindle until the part is done; how long that took, in s."""
    start = bench.line.now_ns
    bench.write(s__it_run=True)
    bench.run(30)
    return (next(t for t, done in reversed(bench.times("s.it_done")) if done) - start) / S


@pytest.mark.parametrize(("parameter", "value", "ppm"), [("rate", 250_000, 250_000), ("speed", 12_000_000, 500_000)])
@covers("spindle", "rate", "speed")
def test_a_cut_at_another_feed(parameter: str, value: int, ppm: int) -> None:
    """A nominal speed twice as high makes the set-point of 6000 rpm half of it."""
    bench = milling()
    now = bench.line.now_ns / S
    bench.write(s__it_run=True)
    meanwhile(bench, now + 1, now + 3, parameter, value)
    bench.run(20)
    at = reached(4 * S * MILLION, (now, MILLION), (now + 1, ppm), (now + 3, MILLION))
    assert bench.times("s.it_done")[-1] == (about(at), True)


@pytest.mark.parametrize(("parameter", "value", "limits"), [("cut_least", 1, (1, 6)), ("cut_most", 11, (2, 11))])
@covers("spindle", "cut_least", "cut_most")
def test_how_long_cuts_are_is_drawn_between_their_limits(parameter: str, value: int, limits: tuple[int, int]) -> None:
    """Symmetric triangular: half the sum of two uniform numbers of the way from least to most."""
    bench = milling(cut_least="2 s", cut_most="6 s")
    draws = Stream([bench.line.seed, word("s.it.cut")])
    took = [cut(bench)]
    ident = change(bench, "s.it", parameter, value * S)
    clamp_next(bench)
    took.append(cut(bench))
    restore(bench, ident)
    clamp_next(bench)
    took.append(cut(bench))
    wanted = [low + (draws.uniform() + draws.uniform()) * (high - low) / 2 for low, high in ((2, 6), limits, (2, 6))]
    assert took == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(("end", "took"), [(30, 8), (0.5, 5), (30, 1)])
@covers("spindle", "change_time")
def test_a_change_of_the_tool(end: float, took: int) -> None:
    """5 s; changed to 8 s after 0.4 s for good or for a while; or to what is over already."""
    bench = milling()
    start = bench.line.now_ns
    bench.write(s__it_change_tool=True)
    bench.run(0.4 if took != 1 else 1)
    ident = change(bench, "s.it", "change_time", (took if end == 30 else 8) * S - (MS if took == 1 else 0))
    bench.run(end)
    restore(bench, ident)
    bench.run(10)
    assert bench.times("s.it_tool_changes") == [(start + took * S, 1)]


@covers("spindle", "life")
def test_how_much_of_a_tool_is_used() -> None:
    """4 s of 40 s, of 3 s: worn out; of 40 s again."""
    bench = milling(life="40 s")
    cut(bench)
    seen = [(bench.get("s.it_tool_used"), bench.get("s.it_tool_ok"))]
    ident = change(bench, "s.it", "life", 3 * S)
    seen.append((bench.get("s.it_tool_used"), bench.get("s.it_tool_ok")))
    restore(bench, ident)
    seen.append((bench.get("s.it_tool_used"), bench.get("s.it_tool_ok")))
    assert seen == [(10.0, True), (pytest.approx(133.3, abs=0.05), False), (10.0, True)]


@pytest.mark.parametrize(
    ("parameter", "value", "rises"),
    [
        ("heating", 300, (10 * 0.12, 10 * 0.12 + 10 * 0.3, 10 * 0.12 + 10 * 0.3 + 10 * 0.12)),
        ("hottest", 2, (1.2, 2.0, 3.2)),  # it stops at 2 K for a while
    ],
)
@covers("spindle", "heating", "hottest")
def test_a_spindle_that_runs_warms_up(parameter: str, value: int, rises: tuple[float, ...]) -> None:
    """120 mK/s; the reading is right to 0.1 K, in steps of 0.1 K."""
    bench = milling()
    bench.write(s__it_run=True)
    bench.run(10)
    seen = [bench.get("s.it_temperature")]
    ident = change(bench, "s.it", parameter, value)
    bench.run(10)
    seen.append(bench.get("s.it_temperature"))
    restore(bench, ident)
    bench.run(10)
    seen.append(bench.get("s.it_temperature"))
    assert seen == [pytest.approx(22 + rise, abs=0.16) for rise in rises]


@covers("spindle", "cooling")
def test_a_spindle_that_stands_cools_down() -> None:
    """From 22 + 12 K by 60 mK/s, by 400 mK/s for a while."""
    bench = milling()
    bench.write(s__it_run=True)
    bench.run(100)
    bench.write(s__it_run=False)
    bench.run(10)
    ident = change(bench, "s.it", "cooling", 400)
    bench.run(10)
    restore(bench, ident)
    bench.run(10)
    assert bench.get("s.it_temperature") == pytest.approx(22 + 12 - 0.6 - 4 - 0.6, abs=0.16)


@pytest.mark.parametrize(
    ("parameter", "value", "off_um"),
    [("scrap", MILLION, 4 * 50), ("wear", 400 * 10**9, 400 * 8 / 40)],
)
@covers("spindle", "scrap", "wear")
def test_a_cut_that_goes_wrong(parameter: str, value: int, off_um: float) -> None:
    """A bad cut is off by four tolerances of 50 µm; a tool that has cut 8 s of its 40 s by a fifth of its wear."""
    bench = milling(life="40 s")
    cut(bench)
    sizes = []
    for changed in (True, False):
        ident = change(bench, "s.it", parameter, value) if changed else ""
        serial = clamp_next(bench)
        cut(bench)
        sizes.append(bench.line.plant.part(serial).dimension_um)
        if ident:
            restore(bench, ident)
    nominal = bench.line.definition.part.nominal_um
    assert sizes == [nominal + off_um, nominal]


@covers("spindle", "spread")
def test_the_spread_of_sizes() -> None:
    """Every part draws the same numbers, whatever the spread."""

    def sizes(spread: int) -> list[int]:
        bench, found = milling(spread="20 µm"), []
        for changed in (False, True, False):
            ident = change(bench, "s.it", "spread", spread * 10**9) if changed else ""
            serial = clamp_next(bench)
            cut(bench)
            found.append(bench.line.plant.part(serial).dimension_um - bench.line.definition.part.nominal_um)
            if ident:
                restore(bench, ident)
        return found

    plain, wide = sizes(20), sizes(200)
    assert (wide[0], wide[2]) == (plain[0], plain[2])
    assert wide[1] == pytest.approx(10 * plain[1], abs=10)
    assert plain[1]


# ---- heads -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["capper", "drill_unit", "press"])
@covers(("capper", "drill_unit", "press"), "time")
def test_work_that_takes_longer_for_a_while(kind: str) -> None:
    """2 s; 0.5 s at full pace, 2 s at a quarter of it, the rest at full pace."""
    bench = bench_of(
        component("table", "index_table", places="2"),
        component("nest", "spot", of="s.table"),
        component("feed", "cylinder"),
        component("it", kind, spot="s.nest", feed="s.feed", time="2 s"),
    )
    bench.line.plant.components["s.table"].put(0, bench.line.plant.make_part(1, 30_000).serial)  # type: ignore[attr-defined]
    bench.write(s__feed_extend=True)
    bench.run_to(2)
    bench.write(s__it_run=True)
    meanwhile(bench, 2.5, 4.5, "time", 8 * S)
    bench.run_to(20)
    assert bench.times("s.it_done") == [(about((4.5 + 2 - 0.5 - 2 / 4) * S), True)]


# ---- grippers and spots ----------------------------------------------------------------------------------------


def grip(kind: str, options: tuple[str, ...] = (), **given: str) -> Bench:
    """Over a part at the stop of a belt."""
    bench = bench_of(
        belt("inlet", length="600 mm"),
        component("pick", "spot", ("part",), of="s.inlet", position="570 mm", stop="true"),
        component("it", kind, options, spots=["s.pick"], **given),
    )
    bench.write(s__inlet_run=True)
    bench.lay("s.inlet")
    bench.run_to(3)
    return bench


@covers("gripper", "stroke_time")
def test_fingers_that_close() -> None:
    """1 s; for 0.4 s as slow as 4 s."""
    bench = grip("gripper", stroke_time="1 s")
    bench.write(s__it_close=True)
    meanwhile(bench, 3.2, 3.6, "stroke_time", 4 * S)
    bench.run_to(9)
    assert bench.times("s.it_closed") == [(about((3.6 + 1 - 0.2 - 0.1) * S), True)]


@covers("gripper", "self_locking")
def test_fingers_without_power() -> None:
    """They stay closed; not self-locking they open, for 0.4 s of their 1 s; then they stay again, half open."""
    bench = grip("gripper", stroke_time="1 s")
    bench.write(s__it_close=True)
    bench.run_to(5)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run_to(6)
    assert (bench.get("s.it_closed"), bench.get("s.it_part")) == (True, True)
    meanwhile(bench, 6.5, 6.9, "self_locking", 0)
    bench.run_to(9)
    assert bench.times("s.it_closed")[-1] == (6.5 * S, False)
    assert bench.get("s.it_opened") is False
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.write(s__it_close=False)
    bench.run_to(12)
    assert bench.times("s.it_opened")[-1] == (about((9 + 0.6) * S), True)


def cup(**given: str) -> Bench:
    """Over a part: the whole vacuum in 1 s, gone in 1 s."""
    given = {"build_up": "1 s", "decay": "1 s", "holds_at": "0.5", "switch_at": "0.8"} | given
    bench = grip("vacuum_cup", ("vacuum",), **given)
    bench.write(s__it_suck=True)
    return bench


def gripped(bench: Bench) -> int:
    return next(t for t, kind, _, data in bench.events if kind == "part" and data == ["in", "s.it", "grip"])


@covers("vacuum_cup", "build_up", "decay")
def test_vacuum_builds_up_and_decays() -> None:
    bench = cup()
    meanwhile(bench, 3.1, 3.5, "build_up", 4 * S)
    bench.run_to(6)
    assert gripped(bench) == about((3.5 + 0.5 - 0.1 - 0.1) * S)
    assert bench.times("s.it_ok") == [(about((3.5 + 0.8 - 0.1 - 0.1) * S), True)]
    bench.write(s__it_suck=False)
    meanwhile(bench, 6.1, 6.3, "decay", 4 * S)
    bench.run_to(9)
    assert bench.times("s.it_ok")[-1] == (about((6.3 + 0.05) * S), False)  # 0.1 and 0.05 are gone by then


@pytest.mark.parametrize(
    ("parameter", "value", "held", "ok"), [("holds_at", 700_000, 0.7, 0.8), ("switch_at", 300_000, 0.5, 0.3)]
)
@covers("vacuum_cup", "holds_at", "switch_at")
def test_the_vacuum_that_holds_and_the_one_that_is_said(parameter: str, value: int, held: float, ok: float) -> None:
    bench = cup()
    meanwhile(bench, 3.1, 8, parameter, value)
    assert gripped(bench) == about((3 + held) * S)
    assert bench.times("s.it_ok") == [(about((3 + ok) * S), True)]
    bench.write(s__it_suck=False)
    bench.run_to(12)
    let_go = next(t for t, kind, _, _ in bench.events if kind == "part" and t > 8 * S)
    assert let_go == about(8.5 * S)
    assert bench.times("s.it_ok")[-1] == (about(8.2 * S), False)


@pytest.mark.parametrize(
    ("parameter", "value", "kpa"), [("open_level", 600_000, (20, 48, 20)), ("leak", 500_000, (20, 10, 20))]
)
@covers("vacuum_cup", "open_level", "leak")
def test_what_a_cup_reaches_in_the_air(parameter: str, value: int, kpa: tuple[float, ...]) -> None:
    """A quarter of 80 kPa; nothing is before it."""
    bench = bench_of(belt(), component("pick", "spot", of="s.belt", position="570 mm"),
                     component("it", "vacuum_cup", ("vacuum",), spots=["s.pick"]))  # fmt: skip
    bench.write(s__it_suck=True)
    bench.run(3)
    seen = [bench.get("s.it_vacuum")]
    ident = change(bench, "s.it", parameter, value)
    bench.run(3)
    seen.append(bench.get("s.it_vacuum"))
    restore(bench, ident)
    bench.run(3)
    assert [*seen, bench.get("s.it_vacuum")] == [pytest.approx(value, abs=0.2) for value in kpa]


@covers("spot", "within", "reach")
def test_what_is_near_enough_to_be_gripped() -> None:
    """The part's centre stands at 600 - 30 mm, the axis 8 mm beside the spot."""
    bench = bench_of(
        belt("inlet", length="600 mm"),
        component("x", "linear_axis"),
        component("it", "spot", of="s.inlet", position="550 mm", stop="false", within="25 mm", reach="5 mm"),
        component("jaws", "gripper", ("open",), x="s.x", spots=["s.it"], stroke_time="100 ms"),
    )
    bench.belt("s.inlet").set_stop(0, True)
    bench.lay("s.inlet")
    bench.write(s__inlet_run=True, s__x_enable=True, s__x_target=8.0)
    bench.run_to(4)

    def grips() -> bool:
        bench.write(s__jaws_open=False, s__jaws_close=True)
        bench.run(0.5)
        held = bool(bench.get("s.jaws_part"))
        if not held:
            bench.write(s__jaws_close=False, s__jaws_open=True)
            bench.run(0.5)
        return held

    assert not grips()  # 8 mm off
    reach, within = change(bench, "s.it", "reach", 9 * MM), change(bench, "s.it", "within", 19 * MM)
    assert not grips()  # the part is 20 mm off
    restore(bench, reach)
    restore(bench, within)
    assert not grips()
    change(bench, "s.it", "reach", 9 * MM)
    assert grips()


# ---- bins, feeders, supplies -----------------------------------------------------------------------------------


def bin_of(**given: str) -> tuple[Bench, "object"]:
    bench = bench_of(component("it", "bin", **given))
    return bench, bench.line.plant.components["s.it"]


def fill(bench: Bench, count: int) -> None:
    found = bench.line.plant.components["s.it"]
    for _ in range(count):
        found.put(bench.line.plant.make_part(1, 30_000).serial)  # type: ignore[attr-defined]


@covers("bin", "capacity", "full_at")
def test_when_a_bin_is_full() -> None:
    bench, it = bin_of(capacity="5", full_at="4")
    bench.give("operator", on=False)
    fill(bench, 3)
    rooms, said = [it.room()], [bench.get("s.it_full")]  # type: ignore[attr-defined]
    idents = change(bench, "s.it", "capacity", 3), change(bench, "s.it", "full_at", 2)
    rooms.append(it.room())  # type: ignore[attr-defined]
    said.append(bench.get("s.it_full"))
    for ident in idents:
        restore(bench, ident)
    rooms.append(it.room())  # type: ignore[attr-defined]
    said.append(bench.get("s.it_full"))
    assert (rooms, said) == ([True, False, True], [False, True, False])


@pytest.mark.parametrize(
    ("parameter", "value", "end", "limits"),
    [
        ("empty_after_least", 10, 100, (10, 60)), ("empty_after_most", 200, 400, (30, 200)),
        ("empty_after_most", 200, 5, (30, 60)),
    ],
)  # fmt: skip
@covers("bin", "empty_after_least", "empty_after_most")
def test_when_the_operator_empties_a_bin(parameter: str, value: int, end: float, limits: tuple[int, int]) -> None:
    """Drawn once, as a share of the way from the shortest to the longest time."""
    bench, _ = bin_of(full_at="1")
    bench.run_to(1)
    fill(bench, 1)
    share = Stream([bench.line.seed, word("s.it.operator")]).uniform()
    meanwhile(bench, 3, 3 + end, parameter, value * S)
    bench.run(500)
    came = limits[0] + share * (limits[1] - limits[0])
    assert bench.times("s.it_full")[-1] == (about((1 + came) * S), False)


def feeder(**given: str) -> Bench:
    """Cycles by itself: out for 1 s, home for 2 s, a part each."""
    bench = bench_of(belt(length="3000 mm"), component("it", "feeder", belt="s.belt", **given))
    bench.write(s__belt_run=True)
    return bench


def strokes(bench: Bench, count: int) -> None:
    for _ in range(count):
        bench.write(s__it_extend=True)
        bench.run(1)
        bench.write(s__it_extend=False)
        bench.run(2)


@covers("feeder", "capacity", "refill_at")
def test_how_much_a_magazine_holds_and_when_it_is_refilled() -> None:
    """The operator comes 2 s after the stock has sunk to `refill_at` and fills up to the capacity."""
    bench = feeder(capacity="6", refill_at="0", refill_least="2 s", refill_most="2 s")
    it = bench.line.plant.components["s.it"]
    strokes(bench, 2)
    assert it.s.stock == 4
    idents = change(bench, "s.it", "capacity", 9), change(bench, "s.it", "refill_at", 4)
    bench.run(2)
    assert it.s.stock == 9
    for ident in idents:
        restore(bench, ident)
    strokes(bench, 8)
    assert it.s.stock == 1  # nobody came at 4
    strokes(bench, 1)
    assert it.s.stock == 6 - (it.s.stock != 6)


@pytest.mark.parametrize(
    ("parameter", "value", "limits"), [("refill_least", 10, (10, 60)), ("refill_most", 200, (30, 200))]
)
@covers("feeder", "refill_least", "refill_most")
def test_when_a_magazine_is_refilled(parameter: str, value: int, limits: tuple[int, int]) -> None:
    """It is empty, and the operator sets off, as the end switch closes: 98 mm at 250 mm/s."""
    bench = feeder(capacity="1")
    share = Stream([bench.line.seed, word("s.it.operator")]).uniform()
    strokes(bench, 1)
    meanwhile(bench, 5, 500, parameter, value * S)
    came = 0.392 + limits[0] + share * (limits[1] - limits[0])
    assert bench.times("s.it_empty")[-1] == (about(came * S), False)


@covers("feeder", "oversize")
def test_how_much_there_is_to_cut_off() -> None:
    bench = feeder(oversize="300 µm")
    strokes(bench, 1)
    ident = change(bench, "s.it", "oversize", 700 * 10**9)
    strokes(bench, 1)
    restore(bench, ident)
    strokes(bench, 1)
    sizes = [part.dimension_um for part in bench.line.plant.parts.by_serial.values()]
    assert sizes == [bench.line.definition.part.nominal_um + more for more in (300, 700, 300)]


@pytest.mark.parametrize(
    ("parameter", "value", "end", "limits"),
    [("least", 2, 50, (2, 9)), ("most", 20, 50, (4, 20)), ("most", 20, 2.5, (4, 9))],
)
@covers("supply", "least", "most")
def test_when_the_next_part_comes(parameter: str, value: int, end: float, limits: tuple[int, int]) -> None:
    """The first after 1 s; the time to the second is drawn then."""
    bench = bench_of(belt(length="9000 mm"), component("it", "supply", belt="s.belt", least="4 s", most="9 s"))
    bench.write(s__belt_run=True)
    share = int(Stream([bench.line.seed, word("s.it.interval")]).uniform() * MILLION) / MILLION
    meanwhile(bench, 2, end, parameter, value * S)
    bench.run(50)
    born = [t for t, kind, _, _ in bench.events if kind == "new"]
    assert born[:2] == [S, pytest.approx((1 + limits[0] + share * (limits[1] - limits[0])) * S, abs=2)]


@covers("collection", "reach", "time")
def test_what_is_taken_away_and_when() -> None:
    """A part's centre stands 60 mm before the place, out of reach by 20 mm; then 2 s, or 5 s for a while."""
    bench = bench_of(belt(), component("it", "collection", ("count",), belt="s.belt", position="560 mm"))
    bench.write(s__belt_run=True)
    bench.lay()
    bench.run(2.35)  # its head at 530 mm
    bench.write(s__belt_run=False)
    bench.run_to(10)
    assert bench.get("s.it_count") == 0
    reach = change(bench, "s.it", "reach", 61 * MM)
    bench.run_to(11)
    long = change(bench, "s.it", "time", 5 * S)
    bench.run_to(14.5)
    assert bench.get("s.it_count") == 0
    bench.run_to(16)
    assert bench.times("s.it_count") == [(15 * S, 1)]
    restore(bench, long)
    restore(bench, reach)
    bench.write(s__belt_run=True)
    bench.lay()
    bench.run_to(18.35)
    bench.write(s__belt_run=False)
    bench.run_to(25)
    assert bench.get("s.it_count") == 1
    change(bench, "s.it", "reach", 61 * MM)
    bench.run_to(30)
    assert bench.times("s.it_count")[-1] == (27 * S, 2)


@covers("supply", "makes")
def test_which_parts_come() -> None:
    made = definition(station(
        "s", belt(length="9000 mm"), component("it", "supply", belt="s.belt", least="2 s", most="2 s", makes="1"),
    ))  # fmt: skip
    bench = Bench(replace(made, part=replace(made.part, kinds=[FLAT, TALL])))
    bench.write(s__belt_run=True)
    meanwhile(bench, 2, 4, "makes", 2)  # at 1, 3, 5 s
    bench.run_to(6)
    assert [part.kind for part in bench.line.plant.parts.by_serial.values()] == [1, 2, 1]


@covers("supply", "oversize")
def test_how_much_its_parts_have_to_be_cut() -> None:
    made = definition(station(
        "s", belt(length="9000 mm"),
        component("it", "supply", belt="s.belt", least="2 s", most="2 s", oversize="300 µm"),
    ))  # fmt: skip
    bench = Bench(made)
    bench.write(s__belt_run=True)
    meanwhile(bench, 2, 4, "oversize", 700 * 10**9)  # at 1, 3, 5 s
    bench.run_to(6)
    sizes = [part.dimension_um for part in bench.line.plant.parts.by_serial.values()]
    assert sizes == [made.part.nominal_um + more for more in (300, 700, 300)]
