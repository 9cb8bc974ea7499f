"""The generated pages of faults and scenarios are those of the files."""

from typing import get_args

from docs.faults_page import LAYERS, faults_page
from docs.generate import FOLDER
from docs.scenarios_page import scenarios_page
from scenarios.catalogue import Catalogue
from scenarios.faulting.model import FaultFile


def test_the_page_of_faults_is_that_of_the_files() -> None:
    assert (FOLDER / "faults.md").read_text("utf-8") == faults_page(), "run `python -m docs.generate`"


def test_the_page_of_scenarios_is_that_of_the_files() -> None:
    assert (FOLDER / "scenarios.md").read_text("utf-8") == scenarios_page(), "run `python -m docs.generate`"


def test_every_layer_has_its_heading_and_every_fault_its_place() -> None:
    assert list(LAYERS) == list(get_args(FaultFile.model_fields["layer"].annotation))
    page = faults_page()
    for fault in Catalogue().faults().values():
        section = page.partition(f"\n### {fault.name}\n")[2].partition("\n### ")[0]
        for text in (fault.title, fault.remedy, *fault.symptoms.values()):
            assert text.zh in section, fault.name
            assert text.en.replace("|", "\\|") in section, fault.name
