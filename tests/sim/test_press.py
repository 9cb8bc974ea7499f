"""Press: force and stroke as functions of time, parts pressed too weakly, a change in mid-stroke."""

from collections.abc import Callable

import pytest

from sim.components.index_table import IndexTable
from tests.sim.builders import Bench, component, definition, station
from tests.sim.parameters import change, covers, restore

Make = Callable[..., Bench]


@pytest.fixture
def pressing(line: Make) -> Callable[[], Bench]:
    """A part at the spot, the ram out at 1 s, and the press running from then."""

    def make() -> Bench:
        bench = line(definition(station(
            "s",
            component("table", "index_table", places="4"),
            component("ram", "cylinder", stroke="100 mm", extend_speed="0.25 m/s"),
            component("nest", "spot", of="s.table"),
            component("press", "press", ("force", "stroke", "force_ok"), spot="s.nest", feed="s.ram", time="2 s"),
        )))  # fmt: skip
        table = bench.line.plant.components["s.table"]
        assert isinstance(table, IndexTable)
        table.put(0, bench.line.plant.make_part(1, 30_000).serial)
        bench.write(s__ram_extend=True)
        bench.run_to(1)
        bench.write(s__press_run=True)
        return bench

    return make


def test_force_and_stroke(pressing: Callable[[], Bench]) -> None:
    bench = pressing()
    bench.run(0.5)
    assert (bench.get("s.press_force"), bench.get("s.press_stroke")) == (1.25, 100.0)
    bench.run(2)
    assert (bench.get("s.press_force"), bench.get("s.press_done"), bench.get("s.press_force_ok")) == (5.0, True, True)
    assert bench.line.plant.part(1).contents == {"pressed": 1}
    bench.write(s__ram_extend=False)
    bench.run(0.2)
    assert (bench.get("s.press_force"), bench.get("s.press_stroke")) == (0.0, 50.0)


@pytest.mark.parametrize(("restored", "enough"), [(False, False), (True, True)])
def test_too_little_force_and_its_repair_in_mid_stroke(
    pressing: Callable[[], Bench], restored: bool, enough: bool
) -> None:
    bench = pressing()
    bench.run(0.5)
    bench.give("fault", id="f", seam="parameter", target="s.press", parameter="force", how="factor", value=600_000)
    bench.run(0.5)
    assert bench.get("s.press_force") == 1.5
    if restored:
        bench.give("end_fault", id="f")
        assert bench.get("s.press_force") == 2.5
    bench.restored()
    bench.run(2)
    assert bench.get("s.press_force_ok") is enough
    assert bench.line.plant.part(1).contents == ({"pressed": 1} if enough else {"pressed_weakly": 1})


@pytest.mark.parametrize("parameter", ["force", "least_force"])
@pytest.mark.parametrize(("begin", "end", "enough"), [(0.5, 1.5, True), (0.5, 2.5, False), (2.5, 3.5, True)])
@covers("press", "force", "least_force")
def test_what_counts_is_the_force_at_the_end(
    pressing: Callable[[], Bench], parameter: str, begin: float, end: float, enough: bool
) -> None:
    """5 kN, 4.5 kN are needed, and 2 s after the ram is out it is done. For a while 3 kN, or 6 kN needed."""
    bench = pressing()
    force = 3 if parameter == "force" else 5
    bench.run_to(1 + begin)
    ident = change(bench, "s.press", parameter, 3 * 10**6 if parameter == "force" else 6 * 10**6)
    assert bench.get("s.press_force") == force * min(begin / 2, 1)
    bench.run_to(1 + end)
    assert bench.get("s.press_force") == force * min(end / 2, 1)
    restore(bench, ident)
    assert bench.get("s.press_force") == 5 * min(end / 2, 1)
    bench.run_to(6)
    assert bench.get("s.press_force_ok") is enough
    assert bench.line.plant.part(1).contents == ({"pressed": 1} if enough else {"pressed_weakly": 1})
