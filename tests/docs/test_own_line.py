"""The guide "describe your own line" works as it is written, in both languages: its file, its commands, its program."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.lab import ROOT, Lab, within

GUIDES = ROOT / "docs" / "guides"
PAGES = ["own-line.md", "own-line.zh-CN.md"]
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str, str]]:
    return BLOCK.findall((GUIDES / page).read_text("utf-8"))


def test_both_languages_have_the_same_blocks_and_sections() -> None:
    one, other = (blocks(page) for page in PAGES)
    assert one == other
    sections = [re.findall(r"^#+ (\d*)", (GUIDES / page).read_text("utf-8"), re.MULTILINE) for page in PAGES]
    assert sections[0] == sections[1]


def follow(folder: Path) -> dict[str, str]:
    """Append each block of YAML to the file, run each command; what each printed."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    said = {}
    line = folder / "height-check.yaml"
    for language, word, text in blocks(PAGES[0]):
        if language == "yaml":
            line.write_text((line.read_text("utf-8") if line.exists() else "") + text, "utf-8")
        elif language == "python":
            (folder / "height_check.py").write_text(text, "utf-8")
        elif not word:
            done = subprocess.run(
                ["bash", "-ec", text], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True,
                timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
            said[text] = done.stdout
    return said


@pytest.mark.timeout(120)
def test_from_an_empty_file_to_a_line_with_a_plc_on_it(tmp_path: Path) -> None:
    said = follow(tmp_path)
    ran = next(text for command, text in said.items() if "linelab run" in command)
    finished, high = (int(re.search(rf"{words} +(\d+)", ran)[1]) for words in ("finished", "left by check.bin"))  # type: ignore[index]
    assert finished > 2500
    assert 0.2 < high / finished < 0.3
    assert re.search(
        r"check\.high .*Input 4 ", next(text for command, text in said.items() if "linelab map" in command)
    )
    drive(tmp_path)


def drive(folder: Path) -> None:
    """Steps 5 and 6, ten times as fast."""
    lab = Lab(folder / "data", options=("--line", str(folder / "height-check.yaml"), "--speed", "5")).start()
    plc = None
    try:
        lab.key("check", "modbus")
        for _ in within(5, "the station is Held"):
            if lab.values()["check.state"] == 11:
                break
        shutil.copy(ROOT / "docs" / "plc" / "scan.py", folder)
        plc = subprocess.Popen([sys.executable, "scan.py", "height_check.py", "127.0.0.1", str(lab.port("modbus"))],
                               cwd=folder)  # fmt: skip
        pushed = lab.values()["check.ejector_extend"]
        for _ in within(40, "the program runs the station and pushes a part"):
            values = lab.values()
            pushed = pushed or values["check.ejector_extend"]
            if values["check.state"] == 6 and pushed:
                return
    finally:
        if plc is not None:
            plc.terminate()
            plc.wait(timeout=10)
        lab.kill()
