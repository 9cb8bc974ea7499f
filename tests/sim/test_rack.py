"""A rack whose book is wrong: a part is gone and nobody told the book, until somebody counts."""

from sim.components.warehouse import Rack
from sim.line import Line
from tests.lines.plc_harness import Watched

NAME = "automated-warehouse"


def rack_of(line: Line) -> Rack:
    return next(found for found in line.plant.components.values() if isinstance(found, Rack))


def test_a_stolen_part_stays_in_the_book_until_it_is_counted() -> None:
    bench = Watched(NAME)
    rack = rack_of(bench.line)
    while len(rack.s.cells) < 3:
        bench.run(10)
    tag = f"{rack.station}.{rack.definition.name}_occupied"
    before, parts = bench.get(tag), len(bench.line.plant.parts.by_serial)
    oldest = bench.get(f"{rack.station}.{rack.definition.name}_oldest_cell")
    rack.steal()
    assert len(bench.line.plant.parts.by_serial) == parts - 1
    assert oldest not in rack.s.cells
    assert bench.get(tag) == before
    assert bench.get(f"{rack.station}.{rack.definition.name}_oldest_cell") == oldest, "the book sends the crane there"
    assert rack.pick(int(oldest)) == 0
    rack.count()
    assert bench.get(tag) == before - 1 == len(rack.s.cells)


def test_an_empty_rack_has_nothing_to_steal() -> None:
    rack = rack_of(Watched(NAME).line)
    rack.steal()
    assert not rack.s.ghosts


def test_a_part_stored_in_a_ghost_bin_makes_it_a_bin_again() -> None:
    bench = Watched(NAME)
    rack = rack_of(bench.line)
    while len(rack.s.cells) < 2:
        bench.run(10)
    rack.steal()
    (ghost,) = rack.s.ghosts
    (cell, stored), *_ = rack.s.cells.items()
    rack.pick(cell)
    rack.put(ghost, stored.serial)
    assert not rack.s.ghosts
    assert rack.s.cells[ghost].serial == stored.serial
