"""The exported schema: good files pass it, and it finds what an editor should underline."""

from pathlib import Path

import jsonschema
import pytest

import scenarios
from scenarios.schema import fault_schema, line_schema
from scenarios.yaml_source import parse, read
from tests.scenarios.kinds import KINDS
from tests.scenarios.sample import FILES, GOOD, changed

LINES = sorted((Path(scenarios.__file__).parent / "lines").glob("*.yaml"))
FAULTS = sorted((Path(scenarios.__file__).parent / "faults").rglob("*.yaml"))
SMALL = jsonschema.Draft202012Validator(line_schema(KINDS))


def errors(text: str) -> list[str]:
    return [error.message for error in SMALL.iter_errors(parse(text, Path("x.yaml")).data)]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(line_schema())
    jsonschema.Draft202012Validator.check_schema(line_schema(KINDS))


def test_a_good_file_passes() -> None:
    assert errors(GOOD) == []


@pytest.mark.parametrize("path", LINES, ids=lambda path: path.stem)
def test_every_shipped_line_passes(path: Path) -> None:
    validator = jsonschema.Draft202012Validator(line_schema())
    assert [error.message for error in validator.iter_errors(read(path).data)] == []


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_every_shipped_fault_passes(path: Path) -> None:
    validator = jsonschema.Draft202012Validator(fault_schema())
    data = read(path).data
    assert isinstance(data, dict)
    assert [error.message for error in validator.iter_errors(data)] == []
    assert not validator.is_valid({**data, "effects": [{"signal": "$target", "how": "nothing"}]})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("packml: plc", "packlm: plc", "packlm"),
        ("length: 1200 mm", "lenght: 1200 mm", "lenght"),
        ("kind: bin", "kind: bim", "bim"),
        ("[speed_actual]", "[speed]", "speed"),
        ("length: 60 mm", "length: 60", "60 is not of type"),
    ],
)
def test_a_mistake_is_underlined(old: str, new: str, message: str) -> None:
    assert any(message in said for said in errors(changed(old, new)))


def test_a_bad_file_does_not_pass() -> None:
    assert SMALL.is_valid(parse((FILES / "bad.yaml").read_text("utf-8"), Path("x.yaml")).data) is False
