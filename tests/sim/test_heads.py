"""Indexing table and heads: steps, interruptions, what is done to a part, liquid that goes into it."""

from collections.abc import Callable

import pytest

from sim.components.heads import Filler, Head
from sim.components.index_table import IndexTable
from sim.definition import LineDefinition
from tests.sim.builders import MS, Bench, S, belt, component, definition, station
from tests.sim.invariants import check

Make = Callable[..., Bench]


def rotary() -> LineDefinition:
    return definition(
        station(
            "s",
            component("table", "index_table", places="4", step_time="1 s", barred_by=["s.feed"]),
            component("feed", "cylinder", ("home", "out"), stroke="100 mm", extend_speed="0.5 m/s"),
            component("nest", "spot", ("part",), of="s.table", place="1"),
            component("drill", "drill_unit", spot="s.nest", feed="s.feed", time="2 s"),
        )
    )


def table(bench: Bench) -> IndexTable:
    found = bench.line.plant.components["s.table"]
    assert isinstance(found, IndexTable)
    return found


@pytest.fixture
def loaded(line: Make) -> Bench:
    """A part lies at place 0."""
    bench = line(rotary())
    table(bench).put(0, bench.line.plant.make_part(1, 30_000).serial)
    bench.line.advance(0)
    return bench


def test_a_command_is_one_step_until_it_was_off(loaded: Bench) -> None:
    loaded.write(s__table_index=True)
    loaded.run(5)
    assert loaded.times("s.table_in_position") == [(0, False), (S, True)]
    assert loaded.times("s.nest_part") == [(S, True)]
    loaded.write(s__table_index=False)
    loaded.write(s__table_index=True)
    loaded.run(5)
    assert table(loaded).part_at(2) == 1
    check(loaded.line)


def test_stopped_half_way_it_goes_on_from_there(loaded: Bench) -> None:
    loaded.write(s__table_index=True)
    loaded.run(0.4)
    loaded.write(s__table_index=False)
    loaded.run(3)
    loaded.restored()
    loaded.give(
        "fault", id="f", seam="parameter", target="s.table", parameter="step_time", how="factor", value=2 * 10**6
    )
    loaded.write(s__table_index=True)
    loaded.run(3)
    assert loaded.times("s.table_in_position")[-1] == (3400 * MS + 1200 * MS, True)  # 60 % of two seconds


def test_it_does_not_turn_into_a_tool(loaded: Bench) -> None:
    loaded.write(s__feed_extend=True)
    loaded.run(1)
    loaded.write(s__table_index=True)
    loaded.run(3)
    assert loaded.get("s.table_in_position") is True
    loaded.write(s__feed_extend=False)
    loaded.run(3)
    assert table(loaded).part_at(1) == 1


def test_work_needs_the_feed_and_goes_on_where_it_was_cut_off(loaded: Bench) -> None:
    loaded.write(s__table_index=True)
    loaded.run(1)
    loaded.write(s__drill_run=True)
    loaded.run(5)
    assert loaded.get("s.drill_done") is False
    loaded.write(s__feed_extend=True)  # out after 196 ms
    loaded.run(1.196)
    loaded.write(s__drill_run=False)
    loaded.run(2)
    loaded.write(s__drill_run=True)
    loaded.run(3)
    assert loaded.times("s.drill_done") == [(10_196 * MS - 1000 * MS + 1000 * MS, True)]
    assert loaded.line.plant.part(1).contents == {"drilled": 1}
    loaded.write(s__drill_run=False)
    assert loaded.get("s.drill_done") is False


def filling() -> LineDefinition:
    return definition(
        station(
            "s",
            belt(length="600 mm"),
            component("nozzle", "spot", of="s.belt", position="570 mm", stop="true"),
            component("filler", "filler", spot="s.nozzle", flow="50 mL/s", stroke_time="100 ms", full_at="200 mL",
                      bottle="250 mL"),
        )
    )  # fmt: skip


def filler(bench: Bench) -> Filler:
    found = bench.line.plant.components["s.filler"]
    assert isinstance(found, Filler)
    return found


@pytest.fixture
def bottle(line: Make) -> Bench:
    """A bottle stands under the nozzle."""
    bench = line(filling())
    bench.write(s__belt_run=True)
    bench.lay()
    bench.run_to(5)
    return bench


def test_the_probe_says_full_at_the_computed_time(bottle: Bench) -> None:
    bottle.write(s__filler_open=True)
    bottle.run(4.5)
    assert bottle.times("s.filler_full") == [(5 * S + 50 * MS + 4 * S, True)]
    bottle.write(s__filler_open=False)
    bottle.run(1)
    assert bottle.line.plant.part(1).contents["fill"] == 225 * 10**12  # 4.5 s, half a stroke each way
    assert filler(bottle).s.spilled == 0


def test_over_the_brim_and_without_a_bottle_it_is_spilled(bottle: Bench) -> None:
    bottle.write(s__filler_open=True)
    bottle.run(6.05)
    bottle.give("remove_part", part=1)
    bottle.run(2)
    bottle.write(s__filler_open=False)
    bottle.run(1)
    now = bottle.line.now_ns
    assert filler(bottle).s.total.at(now) == 10**12 * 50 * 805 // 100
    assert filler(bottle).s.spilled == filler(bottle).s.total.at(now) - 250 * 10**12
    check(bottle.line)


def test_heads_say_what_they_are() -> None:
    assert {head.MARK for head in Head.__subclasses__()} == {"cap", "drilled", "milled", "pressed"}
