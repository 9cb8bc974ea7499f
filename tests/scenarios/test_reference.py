"""The reference page names every key, unit and layer that there is."""

import typing
from pathlib import Path

import pytest

from docs.flow_page import flow_page
from scenarios import fault_model, line_model
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
              line_model.ProgramFile, line_model.StepFile, line_model.TransitionFile, fault_model.SignalFaultFile],
)  # fmt: skip
def test_every_key_is_on_the_page(model: type[Strict]) -> None:
    keys = [info.alias or name for name, info in model.model_fields.items()]
    assert [key for key in keys if f"`{key}`" not in PAGE and f"{key}:" not in PAGE] == []


def test_every_layer_is_on_the_page() -> None:
    assert [layer for layer in typing.get_args(fault_model.Layer) if layer not in PAGE] == []


def test_the_page_on_flow_lines_is_that_of_the_code() -> None:
    page = PAGE_FOLDER / "flow-lines.md"
    assert page.read_text("utf-8") == flow_page() + "\n", "run `python -m docs.generate`"
