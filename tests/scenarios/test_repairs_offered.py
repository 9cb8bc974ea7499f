"""Every fault of the catalogue can be repaired: what its file names is offered by the maintenance of its target."""

import pytest

from scenarios.catalogue import Catalogue
from scenarios.faulting import FaultError, resolve, targets
from sim.arguments import rows, word
from sim.line import Line

CATALOGUE = Catalogue()


@pytest.mark.parametrize("name", ["machining-cell", "filling-tank", "smart-factory", "matrix-production"])
def test_what_repairs_a_fault_is_offered(name: str) -> None:
    line = Line(CATALOGUE.load_line(name), 1)
    offered, wrong, tried = line.maintenance.targets(), list[tuple[str, str, str]](), 0
    for fault in CATALOGUE.faults().values():
        for target in targets(fault, line.definition, line.tags):
            try:
                args = resolve(fault, target, {}, line.definition, line.tags)
            except FaultError:  # a figure without a default
                continue
            for repair in rows(args.get("repair")):
                at, operation = offered.get(word(repair, "target")), word(repair, "operation")
                tried += 1
                if at is None or at.work(operation) is None:
                    wrong.append((fault.name, target, operation))
    assert tried > 50
    assert wrong == []
