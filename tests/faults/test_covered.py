"""The catalogue is whole: every number has a file, and every file a test on the wires."""

from importlib import import_module
from pathlib import Path

from scenarios.catalogue import Catalogue
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
