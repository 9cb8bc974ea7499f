"""Oven: what soaks when, computed against the curve of first order; doors, interruptions, recipes, hands."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components.oven import Oven
from sim.components.spot import Spot
from sim.definition import LineDefinition
from tests.sim.builders import MS, Bench, S, component, definition, station
from tests.sim.invariants import check
from tests.sim.parameters import change, covers, restore

Make = Callable[..., Bench]
AMBIENT, RISE, TAU = 22.0, 180.0, 60.0


def line_with(**changed: str | list[str]) -> LineDefinition:
    """An oven with a feeder and a door: 0.4 s each."""
    recipe: dict[str, str | list[str]] = {"temperature": "150 °C", "tolerance": "10 °C", "soak": "8 s", "draught": "1"}
    recipe |= {"heater": "s.heat", "door": "s.door", "feeder": "s.feeder"}
    return definition(
        station(
            "s",
            component("heat", "heater", ("power",)),
            component("door", "cylinder", ("home", "out"), stroke="100 mm"),
            component("feeder", "cylinder", ("home", "out"), stroke="100 mm"),
            component("oven", "oven", ("ready", "soak", "fired", "misfired"), **(recipe | changed)),
            component("nest", "spot", ("part",), of="s.oven"),
        )
    )


def oven(bench: Bench) -> Oven:
    found = bench.line.plant.components["s.oven"]
    assert isinstance(found, Oven)
    return found


def nest(bench: Bench) -> Spot:
    found = bench.line.plant.components["s.nest"]
    assert isinstance(found, Spot)
    return found


def loaded(bench: Bench, kind: int = 0) -> int:
    """With a part on the feeder outside; the chamber at 100 % power since 0 s."""
    bench.write(s__heat_on=True, s__feeder_extend=True)
    bench.run_to(1)
    part = bench.line.plant.make_part(1, 30_000, kind)
    assert nest(bench).room()
    nest(bench).lay(part.serial)
    bench.line.advance(bench.line.now_ns)
    return part.serial


def close(bench: Bench) -> None:
    bench.write(s__feeder_extend=False)
    bench.run(1)
    bench.write(s__door_extend=True)
    bench.run(1)


def when(celsius: float) -> float:
    """Seconds of full power from cold until so warm."""
    return -TAU * math.log(1 - (celsius - AMBIENT) / RISE)


def unloaded(bench: Bench) -> dict[str, int]:
    """Open, out, and what the part says of its firing."""
    bench.write(s__door_extend=False)
    bench.run(1)
    bench.write(s__feeder_extend=True)
    bench.run(1)
    serial = nest(bench).lift()
    contents = dict(bench.line.plant.part(serial).contents)
    bench.line.plant.remove(serial)
    check(bench.line)
    return contents


def test_a_part_soaks_from_the_crossing_into_the_band_to_the_crossing_out_of_it(line: Make) -> None:
    bench = line(line_with())
    loaded(bench)
    close(bench)
    bench.run_to(when(140) + 5)
    assert oven(bench).soak_ns(0) == pytest.approx(5 * S, abs=1000)
    assert bench.get("s.oven_soak") == 5.0
    bench.run_to(when(160) + 20)
    assert oven(bench).soak_ns(0) == pytest.approx((when(160) - when(140)) * S, abs=3000)
    assert [t / S for t, _ in bench.times("s.oven_ready")] == pytest.approx([when(140), when(160)], abs=3e-6)
    assert unloaded(bench) == {"soak_ms": int((when(160) - when(140)) * 1000), "misfired": 1}  # too hot


def test_fired_right_and_too_short(line: Make) -> None:
    for seconds, right in ((7.5, False), (9.0, True)):
        bench = line(line_with(distortion="200 µm"))
        serial = loaded(bench)
        close(bench)
        bench.run_to(when(140) + seconds)
        size = bench.line.plant.part(serial).dimension_um
        part = bench.line.plant.part(serial)
        contents = unloaded(bench)
        assert contents == {"soak_ms": round(seconds * 1000) + 8, "fired" if right else "misfired": 1}
        assert part.dimension_um - size == (0 if right else 200)
        assert bench.get("s.oven_fired" if right else "s.oven_misfired") == 1


def test_an_open_door_stops_the_soak_and_closing_it_goes_on(line: Make) -> None:
    bench = line(line_with())
    loaded(bench)
    close(bench)
    bench.run_to(when(140) + 3)
    bench.write(s__door_extend=False)
    before = oven(bench).soak_ns(0)
    bench.run(2)
    assert oven(bench).soak_ns(0) - before == 8 * MS  # until the end switch has opened
    bench.write(s__door_extend=True)
    bench.run(1)
    assert oven(bench).soak_ns(0) - before == 8 * MS + S - 392 * MS


def test_an_open_door_cools_the_chamber_as_much_faster_as_it_says(line: Make) -> None:
    bench = line(line_with(draught="4"))
    bench.write(s__heat_on=True, s__door_extend=True)
    bench.run(60.392)
    warm = AMBIENT + RISE / 4 * (1 - math.exp(-0.392 * 4 / TAU))  # until it is shut
    warm = AMBIENT + RISE + (warm - AMBIENT - RISE) * math.exp(-1)
    assert oven(bench).heater.at(bench.line.now_ns) / 1e6 == pytest.approx(warm, abs=1e-4)
    bench.write(s__door_extend=False)
    bench.run(10.008)
    cold = AMBIENT + RISE / 4 + (warm - AMBIENT - RISE / 4) * math.exp(-4 * 10 / TAU)
    expected = AMBIENT + RISE + (warm - AMBIENT - RISE) * math.exp(-0.008 / TAU)
    cold = AMBIENT + RISE / 4 + (expected - AMBIENT - RISE / 4) * math.exp(-4 * 10 / TAU)
    assert oven(bench).heater.at(bench.line.now_ns) / 1e6 == pytest.approx(cold, abs=1e-4)


CHANGES = {
    "temperature": (156_000_000, 146, 166),
    "tolerance": (4_000_000, 146, 154),
}


@pytest.mark.parametrize("name", CHANGES)
@covers("oven", *CHANGES)
def test_a_recipe_changed_in_mid_soak_and_restored(line: Make, name: str) -> None:
    value, low, high = CHANGES[name]
    bench = line(line_with())
    loaded(bench)
    close(bench)
    start, end = when(140) + 1, when(140) + 10
    bench.run_to(start)
    bench.give("fault", id="f", seam="parameter", target="s.oven", parameter=name, how="replace", value=value)
    bench.run_to(end)
    bench.give("end_fault", id="f")
    bench.run_to(when(160) + 5)
    inside = max(0.0, min(end, when(high)) - max(start, when(low)))
    expected = 1 + inside + max(0.0, when(160) - end)
    assert oven(bench).soak_ns(0) == pytest.approx(expected * S, abs=2000)


@covers("oven", "soak", "longest")
def test_soak_and_longest_count_when_the_part_leaves(line: Make) -> None:
    for name, value, right in (("soak", 30 * S, False), ("longest", 1_100_000, False), ("soak", 5 * S, True)):
        for restored in (False, True):
            bench = line(line_with())
            loaded(bench)
            close(bench)
            bench.run_to(when(140) + 10)
            bench.give("fault", id="f", seam="parameter", target="s.oven", parameter=name, how="replace", value=value)
            bench.run(0.3)
            if restored:
                bench.give("end_fault", id="f")
            bench.run(0.3)
            assert ("fired" in unloaded(bench)) is (right or restored)


@covers("oven", "distortion")
def test_how_much_a_part_that_is_fired_wrongly_loses_its_size(line: Make) -> None:
    bench = line(line_with(distortion="200 µm"))
    bench.write(s__feeder_extend=True)
    bench.run(1)
    serials = []
    for step in range(3):
        serials.append(bench.line.plant.make_part(1, 30_000).serial)
        nest(bench).lay(serials[-1])
        bench.run(1)
        if step == 1:
            ident = change(bench, "s.oven", "distortion", 500 * 10**9)
        elif step == 2:
            restore(bench, ident)
        bench.run(1)
        assert nest(bench).lift() == serials[-1]
    assert [bench.line.plant.part(serial).dimension_um - 30_000 for serial in serials] == [200, 500, 200]


@covers("oven", "draught")
def test_how_much_faster_heat_is_lost_through_the_open_door(line: Make) -> None:
    """Time constant and rise are less by as much: 10 s, 10 s, 10 s at full power."""
    bench = line(line_with(draught="4"))
    bench.write(s__heat_on=True)
    bench.run(10)
    ident = change(bench, "s.oven", "draught", 2_000_000)
    bench.run(10)
    restore(bench, ident)
    bench.run(10)
    celsius = AMBIENT
    for times in (4, 2, 4):
        end = AMBIENT + RISE / times
        celsius = end + (celsius - end) * math.exp(-10 * times / TAU)
    assert oven(bench).heater.at(bench.line.now_ns) / 1e6 == pytest.approx(celsius, abs=1e-5)


def test_kinds_have_recipes_of_their_own() -> None:
    found = oven(Bench(line_with(soaks=["5 s", "20 s"])))
    assert [found._recipe(kind) for kind in (0, 1, 2, 3)] == [8 * S, 5 * S, 20 * S, 8 * S]


def test_what_lies_inside_can_be_reached_by_nobody_but_a_hand(line: Make) -> None:
    bench = line(line_with())
    serial = loaded(bench)
    assert bench.get("s.nest_part") is True
    close(bench)
    assert bench.get("s.nest_part") is False
    assert nest(bench).lift() == 0
    assert not nest(bench).room()
    bench.give("remove_part", part=serial)
    assert bench.get("s.oven_part") is False
    check(bench.line)


DEEDS = st.sampled_from(["heat_on", "door_extend", "feeder_extend", "estop", "restore"])


@given(st.lists(st.tuples(st.integers(1, 40 * S), DEEDS, st.booleans()), max_size=12))
def test_interrupted_at_any_instant_it_soaks_exactly_while_closed_and_within_the_band(
    deeds: list[tuple[int, str, bool]],
) -> None:
    bench = Bench(line_with())
    loaded(bench)
    close(bench)
    soaked = 0
    for span, what, on in deeds:
        if what == "restore":
            bench.restored()
        elif what == "estop":
            bench.give("panel", station="s", element="estop", pressed=on)
        else:
            bench.write(**{f"s__{what}": on})
        until = bench.line.now_ns + span
        while bench.line.now_ns < until:  # from event to event: in between nothing changes its course
            due = bench.line.next_due_ns()
            step = until if due is None else min(due, until)
            low = abs(oven(bench).heater.at(step - 1) - 150_000_000) <= 10_000_000
            closed = oven(bench).closed
            soaked += (step - bench.line.now_ns) * (closed and low)
            bench.line.advance(step)
        assert abs(oven(bench).soak_ns(0) - soaked) <= 10
    check(bench.line)
