"""The binding file of the guide to real devices is good as it stands, and the same in both languages."""

import re
from pathlib import Path

from scenarios import binding
from scenarios.yaml_source import parse
from tests.acceptance.lab import ROOT
from tests.sim.builders import reference


def example(page: str) -> str:
    (block,) = re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "docs" / "guides" / page).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return str(block)


def test_the_binding_file_of_the_guide_is_good() -> None:
    text = example("real-devices.md")
    assert text == example("real-devices.zh-CN.md")
    found = binding.build(parse(text, Path("machining.yaml")), reference())
    assert found.stations["machining"].arming is not None
    assert "storage.button_start" in found.tags
