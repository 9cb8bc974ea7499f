"""Both READMEs work as they are written, and say the same."""

import re

import pytest

from tests.acceptance.conftest import lab, one_lab  # noqa: F401  fixtures
from tests.acceptance.lab import ROOT, Lab
from tests.docs.test_first_plc import BLOCK, Reader
from tests.tools import need

PAGES = ["README.md", "README.zh-CN.md"]


@pytest.mark.parametrize("page", PAGES)
def test_first_clients_read_the_state_of_the_sorting_station(lab: Lab, page: str) -> None:  # noqa: F811
    need("mosquitto_sub", "apt-get install mosquitto-clients")
    reader = Reader(lab)
    for wire, mine in (("opcua", "4840"), ("mqtt", "1883")):
        reader.ports[mine] = str(lab.port(wire))
    text = (ROOT / page).read_text(encoding="utf-8")
    quoted = [(language, code) for language, word, code in BLOCK.findall(text) if not word and language != "text"]
    said = [reader.run(language, code) for language, code in quoted]
    assert len(said) == 3
    assert [bool(re.search(r"[ :]6\b", answer)) for answer in said] == [True] * 3, said


def test_both_languages_have_the_same_sections_and_commands() -> None:
    one, other = ((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    assert [line.count("#") for line in one.splitlines() if line.startswith("#")] == [
        line.count("#") for line in other.splitlines() if line.startswith("#")
    ]
    assert [(language, word) for language, word, _ in BLOCK.findall(one)] == [
        (language, word) for language, word, _ in BLOCK.findall(other)
    ]
