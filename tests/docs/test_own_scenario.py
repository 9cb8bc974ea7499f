"""The guide to own faults and scenarios works as it is written, in both languages: good files, commands that run."""

import re
import shlex
from pathlib import Path

import pytest

from tests.acceptance.lab import ROOT
from tests.api.test_cli import Linelab, linelab

__all__ = ["linelab"]  # the fixture

GUIDES = ROOT / "docs" / "guides"
BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str, str]]:
    return BLOCK.findall((GUIDES / page).read_text("utf-8"))


def test_both_languages_have_the_same_blocks() -> None:
    english = blocks("own-faults-and-scenarios.md")
    assert english == blocks("own-faults-and-scenarios.zh-CN.md")
    assert {language for language, _, _ in english} == {"yaml", "sh"}


def test_the_guide_from_top_to_bottom(linelab: Linelab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = []
    for language, word, text in blocks("own-faults-and-scenarios.md"):
        if language == "yaml":
            path = tmp_path / "my-content" / word.removeprefix("file ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        elif word != "norun":
            result = linelab(*shlex.split(text)[1:])
            assert result.code == 0, result.err
            told.append(result.out)
    assert told[:2] == ["1 file is good\n", "1 file is good\n"]
    assert "loose_plug" in told[2]
    assert "belt_slip" in told[2]
    assert linelab("--content", "my-content", "check", "my-content/conditions/high_by_plc.yaml").code == 0
