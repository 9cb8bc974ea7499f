"""Tokens: made once, kept to their owner, good for what they say."""

import json
import math
import os
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.tokens import FILE, LETTERS, BenchCredentials, Grant, keep
from devices.endpoint import Role


def test_tokens_are_made_once_and_more_benches_get_their_own(tmp_path: Path) -> None:
    first, made = keep(tmp_path, [1, 2])
    assert made == (1, 2)
    again, made = keep(tmp_path, [1, 2, 3])
    assert made == (3,)
    assert again.of(2, Role.ENGINEER) == first.of(2, Role.ENGINEER)
    assert len({token for roles in again.dump().values() for token in roles.values()}) == 9
    for roles in again.dump().values():
        for token in roles.values():
            assert set(token) <= set(LETTERS), "typed by hand, and no option of a command line"
            assert len(token) * math.log2(len(LETTERS)) > 99, "bits"


@pytest.mark.skipif(os.name == "nt", reason="POSIX file modes")
def test_nobody_else_reads_the_file(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        keep(tmp_path, [1])
    finally:
        os.umask(old)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "[]", "null", '{"1": "x"}', '{"1": {"king": "x"}}'])
def test_a_damaged_file_is_told_and_not_overwritten(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ValueError, match="not a file of tokens"):
        keep(tmp_path, [1])
    assert (tmp_path / FILE).read_text() == text


def test_a_token_opens_its_bench_in_its_role_and_nothing_else(tmp_path: Path) -> None:
    tokens, _ = keep(tmp_path, [1, 2])
    assert tokens.find(tokens.of(2, Role.INSTRUCTOR)) == Grant(2, Role.INSTRUCTOR)
    for wrong in ("", "x", tokens.of(1, Role.TRAINEE)[:-1], "词", "\udc80"):
        assert tokens.find(wrong) is None
    credentials = BenchCredentials(tokens, 1)
    assert credentials.role("trainee", tokens.of(1, Role.TRAINEE)) is Role.TRAINEE
    for user, password in (
        ("instructor", tokens.of(1, Role.TRAINEE)),
        ("trainee", tokens.of(2, Role.TRAINEE)),
        ("admin", tokens.of(1, Role.ENGINEER)),
        ("admin", ""),
        ("observer", ""),
        ("trainee", ""),
        ("", "x" * 43),
    ):
        assert credentials.role(user, password) is None, user


def test_the_file_is_json_by_bench_and_role(tmp_path: Path) -> None:
    tokens, _ = keep(tmp_path, [1])
    assert json.loads((tmp_path / FILE).read_text()) == tokens.dump()


def test_the_time_of_day_never_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    first = clock.utc()
    clock._latest = first.replace(year=first.year + 1)  # as after a step back of the system's clock by a year
    assert clock.utc() == first.replace(year=first.year + 1)
    assert clock.monotonic() <= clock.monotonic()
