"""The reference page names every key, unit and layer that there is."""

import typing
from pathlib import Path

import pytest

from docs.flow_page import flow_page
from scenarios import line_model
from scenarios.faulting import hows, model
from scenarios.field_types import Strict
from sim.units import DIMENSIONS

PAGE_FOLDER = Path(__file__).parents[2] / "docs" / "reference"
PAGE = (PAGE_FOLDER / "line-files.md").read_text("utf-8")


@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_unit_is_on_the_page(name: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {name} |"))
    assert [unit for unit in DIMENSIONS[name].units if unit.rstrip("2") not in row] == []


@pytest.mark.parametrize(
    "model", [line_model.LineFile, line_model.StationFile, line_model.PartFile, line_model.ComponentFile,
              line_model.ProgramFile, line_model.StepFile, line_model.TransitionFile],
)  # fmt: skip
def test_every_key_is_on_the_page(model: type[Strict]) -> None:
    keys = [info.alias or name for name, info in model.model_fields.items()]
    assert [key for key in keys if f"`{key}`" not in PAGE and f"{key}:" not in PAGE] == []


FAULT_PAGE = (PAGE_FOLDER / "fault-files.md").read_text("utf-8")


@pytest.mark.parametrize("given", [model.FaultFile, model.TargetFile, model.SomeFile, model.EffectFile,
                                   model.ParameterFile, model.RepairFile])  # fmt: skip
def test_every_key_of_a_fault_file_is_on_its_page(given: type[Strict]) -> None:
    assert [key for key in given.model_fields if f"`{key}`" not in FAULT_PAGE and f"{key}:" not in FAULT_PAGE] == []


@pytest.mark.parametrize("words", [model.Layer, model.Occupation, model.Operation, model.Channel])
def test_every_word_of_a_fault_file_is_on_its_page(words: object) -> None:
    assert [word for word in typing.get_args(words) if word not in FAULT_PAGE] == []


@pytest.mark.parametrize("table", [hows.SIGNAL_HOWS, hows.LINK_KEYS, hows.INPUT_OPS], ids=["signal", "link", "input"])
def test_every_way_is_on_the_page(table: dict[str, object]) -> None:
    assert [name for name in (*table, *hows.PARAMETER_HOWS) if f"`{name}`" not in FAULT_PAGE] == []


def test_the_page_on_flow_lines_is_that_of_the_code() -> None:
    page = PAGE_FOLDER / "flow-lines.md"
    assert page.read_text("utf-8") == flow_page() + "\n", "run `python -m docs.generate`"
