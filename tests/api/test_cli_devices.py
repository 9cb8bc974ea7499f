"""`linelab devices` against python-snap7's server in another process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.cli.say import Mistake
from tests.devices.drivers.proxy import free_port

RUNNER = CliRunner()
BINDING = """
binding: cell
line: sorting-by-height
devices:
  plc:
    url: "s7://127.0.0.1:{port}"
    timing: {{answer: 500 ms, open: 1 s}}
stations:
  sorter:
    device: plc
    tags:
      low: DB1.DBX8.0
      count_low: {{address: {address}, device_type: INT}}
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    found = free_port()
    command = [sys.executable, "-m", "tests.devices.drivers.s7_device", str(found)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "READY\n"
        yield found
        process.kill()


def binding(folder: Path, port: int, address: str = "DB1.DBW0") -> str:
    path = folder / "cell.yaml"
    path.write_text(BINDING.format(port=port, address=address))
    return str(path)


def test_check_of_what_is_there(port: int, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["devices", "check", binding(tmp_path, port), "--json"])
    assert result.exit_code == 0, result.output
    rows = {row["tag"]: row for row in json.loads(result.stdout)}
    assert rows["sorter.count_low"]["value"] == 1
    assert rows["sorter.low"]["ok"] is True
    assert rows["sorter.low"]["age_s"] < 5


def test_check_says_which_tag_is_wrong_and_why(port: int, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["devices", "check", binding(tmp_path, port, "DB77.DBW0"), "--wait", "1"])
    assert result.exit_code == 1
    assert "does not exist" in result.stdout
    assert "1 of 2 tags are not good" in result.stderr


def test_check_of_a_device_that_is_off(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["devices", "check", binding(tmp_path, free_port()), "--wait", "0.5", "--json"])
    assert result.exit_code == 1
    assert {row["reachable"] for row in json.loads(result.stdout)} == {False}


def test_an_address_without_meaning_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["devices", "check", binding(tmp_path, 1, "holding 4")])
    assert isinstance(result.exception, Mistake)
    assert "sorter.count_low" in str(result.exception)
    assert "holding 4" in str(result.exception)


def test_probe_lists_within_limits(port: int) -> None:
    url = f"s7://127.0.0.1:{port}"
    result = RUNNER.invoke(app, ["devices", "probe", url, "--first", "2", "--last", "2", "--json"])
    assert result.exit_code == 0
    assert [row["address"] for row in json.loads(result.stdout)["found"]] == [f"DB2.DBW{at}" for at in range(0, 20, 2)]
    few = RUNNER.invoke(app, ["devices", "probe", url, "--most", "3"])
    assert "3 found; the search was cut short" in few.stderr


def test_probe_drafts_and_writes_over_nothing(port: int, tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    command = ["devices", "probe", f"s7://127.0.0.1:{port}", "--line", "sorting-by-height", "--output", str(path)]
    assert RUNNER.invoke(app, command).exit_code == 0
    assert "stations: {}" in path.read_text()
    assert isinstance(RUNNER.invoke(app, command).exception, Mistake)


@pytest.mark.parametrize(("url", "words"), [("foo://x", "no driver"), ("s7://x?rak=1", "no option 'rak'")])
def test_probe_of_nonsense(url: str, words: str) -> None:
    result = RUNNER.invoke(app, ["devices", "probe", url])
    assert isinstance(result.exception, Mistake)
    assert words in str(result.exception)


def test_probe_of_nobody() -> None:
    result = RUNNER.invoke(app, ["devices", "probe", f"s7://127.0.0.1:{free_port()}"])
    assert result.exit_code == 1
    assert "refused" in result.stderr
