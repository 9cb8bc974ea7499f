"""`docs/first-plc.md` works as it is written: every quoted block is run, in its order, against a lab that was started.

Only the ports are replaced by free ones. A block that goes on until Ctrl-C has a word behind its language: `up` is the
lab itself, `plc` the program.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.lab import ROOT, Lab, within
from tests.tools import need

PAGE = ROOT / "docs" / "first-plc.md"
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab for the whole page, from step 1 to step 7, twice as fast."""
    lab = Lab(tmp_path_factory.mktemp("first") / "data", options=("--speed", "2")).start()
    yield lab
    lab.kill()


class Reader:
    """A person at the second terminal."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.ports = {"5020": str(lab.port("modbus")), "8080": str(lab.web), ".venv/bin/": ""}
        # the commands by the search path: the folder of the project may have a space in its name
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = {**os.environ, "PATH": path, "TOKEN": lab.token("trainee")}

    def here(self, text: str) -> str:
        words = "|".join(re.escape(word) for word in self.ports)
        return re.sub(words, lambda found: self.ports[found[0]], text)

    def run(self, language: str, text: str) -> str:
        start = ["bash", "-ec"] if language == "sh" else [sys.executable, "-c"]
        done = subprocess.run(
            [*start, self.here(text)], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            timeout=40, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def begin(self, text: str) -> "subprocess.Popen[str]":
        """A command that goes on; the program's own address is the default, so it is added here."""
        command = [*self.here(text).split(), "127.0.0.1", str(self.lab.port("modbus")), "0.05"]
        return subprocess.Popen(command, cwd=ROOT, text=True, env=self.environment)


def blocks() -> list[tuple[str, str, str]]:
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def test_the_first_block_is_how_the_lab_is_started() -> None:
    assert blocks()[0] == ("sh", "up", "make run\n")
    assert re.search(r"^run: .*\n\t@\$\(BIN\)/linelab up", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_no_block_is_of_a_kind_that_is_not_run() -> None:
    assert {(language, word) for language, word, _ in blocks()} <= {
        ("sh", ""), ("sh", "up"), ("sh", "plc"), ("python", ""),
    }  # fmt: skip


@pytest.mark.timeout(200)
def test_the_page_works_from_top_to_bottom(own: Lab) -> None:
    need("curl", "apt-get install curl")
    reader, plc, said = Reader(own), None, {}
    try:
        for number, (language, word, text) in enumerate(blocks()):
            if word == "plc":
                assert own.values()["sorting.state"] == 11
                plc = reader.begin(text)
                runs(own)
            elif word != "up":
                said[number] = reader.run(language, text)
        check_words(list(said.values()))
        assert own.values()["sorting.ejector_2_colour"] == 3
    finally:
        if plc is not None:
            plc.terminate()
            plc.wait(timeout=10)
    gives_back(own)


def check_words(said: list[str]) -> None:
    printed_map, first_look = said[0], said[1]
    assert "Input 102" in printed_map
    assert "Coil 102" in printed_map
    assert "belt runs: True" in first_look
    assert "PackML state: 6" in first_look
    assert "write refused: 4" in first_look
    assert any("device0.name" in text for text in said)


def runs(lab: Lab) -> None:
    for _ in within(20, "the program has brought the station to Execute and lets a part in"):
        values = lab.values()
        if values["sorting.state"] == 6 and values["sorting.ready_to_receive"]:
            return


def gives_back(lab: Lab) -> None:
    """Step 7, as it is written."""
    lab.key("sorting", "builtin")
    state(lab, 9)
    for element, then in (("reset", 2), ("reset", 4), ("start", 6)):
        lab.ask("POST", "/panel", {"station": "sorting", "element": element, "pressed": True})
        lab.ask("POST", "/panel", {"station": "sorting", "element": element, "pressed": False})
        state(lab, then)


def state(lab: Lab, number: int) -> None:
    for _ in within(5, f"state {number}"):
        if lab.values()["sorting.state"] == number:
            return


def test_every_link_of_the_docs_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(pages) > 10
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
