"""YAML as data with lines: what is read, and what is refused."""

from pathlib import Path

import pytest

from scenarios.file_error import FileErrors
from scenarios.yaml_source import parse


def said(text: str) -> list[str]:
    try:
        source = parse(text, Path("f.yaml"))
    except FileErrors as errors:
        return str(errors).splitlines()
    return [str(error) for error in source.errors]


def test_every_field_knows_its_line() -> None:
    source = parse("a: 1\nb:\n  - x\n  - {c: 2,\n     d: [5,\n  6]}\n", Path("f.yaml"))
    assert source.data == {"a": 1, "b": ["x", {"c": 2, "d": [5, 6]}]}
    assert source.line(("b",)) == 2
    assert source.line(("b", 1, "d")) == 5
    assert source.line(("b", 1, "d", 1)) == 6


def test_a_field_that_is_not_there_is_where_it_should_be() -> None:
    source = parse("a:\n  b: 1\n", Path("f.yaml"))
    assert source.line(("a", "c", "d")) == 1


def test_only_true_and_false_are_flags_and_dates_are_texts() -> None:
    source = parse("[true, False, yes, on, 1:30, 2024-01-01, ~, 0x1F, 1_000, 1.5e3, '5']", Path("f.yaml"))
    assert source.data == [True, False, "yes", "on", "1:30", "2024-01-01", None, 31, 1000, 1500.0, "5"]


def test_an_alias_is_a_copy() -> None:
    assert parse("a: &t {zh: x}\nb: *t\n", Path("f.yaml")).data == {"a": {"zh": "x"}, "b": {"zh": "x"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: a: is there twice, first in line 1"),
        ("a: {b: 1, b: 2}\n", "f.yaml:1: a.b: is there twice, first in line 1"),
        ("a: 1\n3.5: 2\n", "f.yaml:2: a key must be a text or a whole number"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "f.yaml:3: c: merge keys (<<) are not part of this format"),
        ("a: !bomb 1\n", "f.yaml:1: a: '1' is neither a text nor a number"),
        ("a: .nan\n", "f.yaml:1: a: '.nan' is neither a text nor a number"),
        ("a: [1,\nb: 2\n", "f.yaml:3: is not YAML: expected ',' or ']', but got '<stream end>' (while parsing a flow"),
        ("a:\n\t- 1\n", "f.yaml:2: is not YAML: found character '\\t' that cannot start any token"),
        ("a: 1\nb: \x01\n", "f.yaml:2: is not YAML: special characters are not allowed"),
        ("a: *nope\n", "f.yaml:1: is not YAML: found undefined alias 'nope'"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: is not YAML: but found another document"),
        ("", "f.yaml:1: is empty"),
        ("# nothing\n", "f.yaml:1: is empty"),
        ("[" * 5000, "f.yaml:1: is nested too deeply"),
        ("a: &a [*a]\n", "f.yaml:1: "),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, message: str) -> None:
    assert [line[: len(message)] for line in said(text)] == [message]


def test_aliases_cannot_blow_a_small_file_up() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "is too large" in said("\n".join(rows))[0]


def test_a_huge_file_is_not_parsed() -> None:
    assert said("a" * 300_001) == ["f.yaml: is longer than 300000 characters"]
