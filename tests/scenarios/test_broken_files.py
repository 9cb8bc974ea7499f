"""Whatever is in a file: a definition or FileErrors, never anything else."""

import json
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.catalogue import check_file
from scenarios.faulting import build as build_fault
from scenarios.file_error import FileError, FileErrors
from scenarios.line_file import build, parse
from scenarios.yaml_source import Plain, Source
from scenarios.yaml_source import parse as parse_yaml
from tests.scenarios.kinds import KINDS
from tests.scenarios.sample import FILES, GOOD

PATH = Path("x.yaml")
DATA = parse_yaml(GOOD, PATH).data
FAULT = parse_yaml((FILES / "slip.yaml").read_text("utf-8"), PATH).data

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["belt", "second.belt", "eye_1 and (", "1e999", "9" * 400 + " * 1.0", "- " * 240 + "1", "5 mm", ""]
    ),
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def outcome(read: Callable[[], object]) -> tuple[FileError, ...]:
    """The mistakes that were found, none for a good file. Any other exception fails the test."""
    try:
        read()
    except FileErrors as errors:
        return errors.errors or (FileError(PATH, -1, "", "nothing said"),)
    return ()


def read(text: str) -> None:
    lines = len(text.splitlines()) + 1
    for error in outcome(lambda: parse(text, PATH, KINDS)):
        assert 1 <= error.line <= lines
        assert error.message


@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.text(max_size=10))
def test_a_good_file_with_a_hole_or_a_patch(start: int, length: int, patch: str) -> None:
    read(GOOD[:start] + patch + GOOD[start + length :])


@given(st.text())
def test_any_text(text: str) -> None:
    read(text)


@settings(max_examples=300)
@given(st.data(), anything)
def test_a_good_file_with_one_field_replaced(data: st.DataObject, value: Plain) -> None:
    broken = json.loads(json.dumps(DATA))
    put(data, broken, value)
    read(json.dumps(broken, ensure_ascii=False, indent=1))


@settings(max_examples=200)
@given(st.data(), anything)
def test_a_fault_file_with_one_field_replaced(data: st.DataObject, value: Plain) -> None:
    broken = json.loads(json.dumps(FAULT))
    put(data, broken, value)
    assert all(error.line >= 0 for error in outcome(lambda: build_fault(Source(PATH, broken), KINDS)))


@given(anything)
def test_any_data(value: Plain) -> None:
    assert all(error.line > 0 for error in outcome(lambda: build(Source(PATH, value), KINDS)))
    assert outcome(lambda: build(Source(PATH, value), KINDS))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert len(check_file(tmp_path)) == 1


def put(data: st.DataObject, where: Plain, value: Plain) -> None:
    """Replace, remove or add one field somewhere in a tree."""
    while True:
        keys = list(where) if isinstance(where, dict) else list(range(len(where))) if isinstance(where, list) else []
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = where[key]  # type: ignore[index, call-overload]
        if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 9)):
            where = inner
            continue
        if isinstance(where, dict) and data.draw(st.booleans()):
            where[data.draw(st.text(max_size=5))] = value
        else:
            where[key] = value  # type: ignore[index, call-overload]
        return
