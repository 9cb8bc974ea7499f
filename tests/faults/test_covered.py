"""The catalogue is whole: every number has a file, every file a test on the wires, every remedy somebody."""

from importlib import import_module
from pathlib import Path
from typing import cast

import pytest

from scenarios.catalogue import Catalogue
from scenarios.faulting import resolve, targets
from sim.line import Line
from tests.faults.covered import COVERED

ROWS = range(1, 97)
# what nobody can inject: mistakes in a trainee's own program and client, which the line answers as it always does
OWN_MISTAKES = {49, 60}
HERE = Path(__file__).parent


def test_every_row_of_the_catalogue_has_a_file_and_a_test() -> None:
    for path in sorted(HERE.glob("test_*.py")):
        if path.stem != "test_covered":
            import_module(f"tests.faults.{path.stem}")
    numbers = {fault.number for fault in Catalogue().faults().values() if fault.number is not None}
    assert numbers == set(ROWS) - OWN_MISTAKES
    assert numbers - set(COVERED) == set()


@pytest.mark.parametrize("name", ["smart-factory", "machining-cell", "matrix-production", "filling-tank"])
def test_every_remedy_is_offered_where_the_fault_is(name: str) -> None:
    """Else a trainee could find the fault and never end it."""
    catalogue = Catalogue()
    line = Line(catalogue.load_line(name), 1)
    offered = line.maintenance.targets()
    for fault in catalogue.faults().values():
        for target in targets(fault, line.definition, line.tags):
            rows = cast(list[object], resolve(fault, target, {}, line.definition, line.tags).get("repair", []))
            works = [row for row in rows if isinstance(row, dict) and "operation" in row]
            can = [row for row in works if offered[str(row["target"])].work(str(row["operation"])) is not None]
            assert can or not works, f"{fault.name} at {target}: nobody offers {works}"
