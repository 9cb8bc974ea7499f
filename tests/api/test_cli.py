"""The command line as a person uses it: texts, exit codes, and no traceback for a person's mistake."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api import cli

SMALL = """\
line: small
title: {zh: 小线, en: Small line}
part: {length: 60 mm, gap: 5 mm, nominal: 30 mm, tolerance: 50 µm, colours: [{zh: 白, en: white}]}
stations:
  first:
    title: {zh: 一站, en: First}
    components:
      belt: {kind: belt, title: {zh: 皮带, en: Belt}, length: 1200 mm, at: [0, 0]}
"""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Linelab = Callable[..., Result]


@pytest.fixture
def linelab(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Linelab:
    """Runs the command as its entry point does, in this process."""

    def run(*args: str | Path) -> Result:
        monkeypatch.setattr(sys, "argv", ["linelab", *map(str, args)])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0
        texts = capsys.readouterr()
        assert "Traceback" not in texts.err
        return Result(code, texts.out, texts.err)

    return run


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, "utf-8")
    return path


def test_version_is_one_line(linelab: Linelab) -> None:
    assert linelab("--version") == Result(0, "linelab 0.1.0\n", "")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["fly"], "No such command 'fly'"),
        (["lines", "--fast"], "No such option: --fast"),
        (["map"], "Missing argument 'LINE'"),
        (["map", "smart-factory", "--format", "xml"], "Invalid value for '--format'"),
        (["map", "smart-factory", "--bench", "0"], "Invalid value for '--bench'"),
        (["map", "nowhere/none.yaml"], "cannot be read"),
        (["check", "none.yaml"], "none.yaml: there is no such file"),
        (["check", "."], "is not a file"),
        (["run", "none.yaml"], "none.yaml: cannot be read"),
        (["run", "smart-factory", "--hours", "many"], "Invalid value for '--hours'"),
        (["replay", "none.journal"], "none.journal: there is no such file"),
    ],
)
def test_wrong_use_is_2_and_says_what(linelab: Linelab, args: list[str], says: str) -> None:
    result = linelab(*args)
    assert (result.code, result.out) == (2, "")
    assert says in " ".join(result.err.replace("│", " ").split())


def test_a_line_that_is_not_there_names_the_close_ones(linelab: Linelab) -> None:
    result = linelab("map", "smart-factry")
    assert result.code == 2
    assert "did you mean smart-factory?" in result.err


def test_lines_lists_the_reference_line(linelab: Linelab) -> None:
    result = linelab("lines")
    assert result.code == 0
    assert "smart-factory" in result.out
    assert "sorting" in result.out


def test_check_says_all_mistakes_with_file_line_and_field(linelab: Linelab, small: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(SMALL.replace("1200 mm", "1200 s").replace("title: {zh: 一站", "titel: {zh: 一站"), "utf-8")
    result = linelab("check", small, bad)
    assert result.code == 2
    lines = result.err.splitlines()
    assert any(line.startswith(f"{bad}:8: stations.first.components.belt.length: ") for line in lines)
    assert any(line.startswith(f"{bad}:6: stations.first.titel: ") for line in lines)
    assert lines[-1] == "1 of 2 files has mistakes"
    assert not any(str(small) in line for line in lines)


def test_check_of_a_good_file(linelab: Linelab, small: Path) -> None:
    assert linelab("check", small) == Result(0, "1 file is good\n", "")


@pytest.mark.parametrize("text", ["", "[", "line: \udcff", "a: &x [*x]", "\0"])
def test_check_of_garbage(linelab: Linelab, tmp_path: Path, text: str) -> None:
    path = tmp_path / "garbage.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    result = linelab("check", path)
    assert result.code == 2
    assert result.err.startswith(str(path))


def test_the_schema_is_json_schema(linelab: Linelab) -> None:
    schema = json.loads(linelab("check", "--schema", "line").out)
    assert schema["$schema"].startswith("https://json-schema.org/")


def test_map_in_every_format(linelab: Linelab, small: Path) -> None:
    whole = json.loads(linelab("map", small, "--format", "json", "--word-order", "CDAB").out)
    names = [tag["name"] for tag in whole["tags"]]
    assert whole["word_order"] == "CDAB"
    assert "first.belt_run" in names
    rows = list(csv.DictReader(linelab("map", small, "-f", "csv").out.splitlines()))
    assert [row["name"] for row in rows] == names
    assert "first.belt_run" in linelab("map", small, "-f", "factoryio").out
    table = linelab("map", small).out
    assert all(name in table for name in names)
    assert "皮带" in linelab("map", small, "--lang", "zh").out


def test_map_for_openplc_names_host_port_and_station(linelab: Linelab, small: Path) -> None:
    text = linelab("map", small, "-f", "openplc", "--bench", "3", "--host", "192.0.2.7", "--station", "first").out
    assert 'device0.IP_Port = "5022"' in text
    assert 'device0.address = "192.0.2.7"' in text
    result = linelab("map", small, "-f", "openplc", "--station", "second")
    assert (result.code, result.err) == (2, "no such station: second\n")


def test_the_command_is_installed_and_survives_a_closed_pipe(small: Path) -> None:
    command = f'"{sys.executable}" -c "from api.cli import main; main()" map "{small}" -f json | head -1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30)
    assert done.stdout == "{\n"
    assert done.stderr == ""


@pytest.mark.parametrize("command", [["--version"], ["lines"]])
def test_simple_commands_import_no_server(command: list[str]) -> None:
    code = (
        "import sys; from api.cli import main\n"
        f"sys.argv = ['linelab', *{command!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'asyncio', 'fastapi', 'uvicorn', 'asyncua', 'pymodbus', 'paho'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


def test_run_reports_parts_states_and_oee(linelab: Linelab, small: Path) -> None:
    whole = json.loads(linelab("run", small, "--hours", "0.1", "--seed", "7", "--json").out)
    assert (whole["line"], whole["seed"], whole["simulated_s"]) == ("small", 7, 360.0)
    assert whole["oee"]["oee"] is None  # the definition states no planned time
    [station] = whole["stations"]
    assert sum(station["time_in_state_s"].values()) == pytest.approx(360.0)
    again = json.loads(linelab("run", small, "--hours", "0.1", "--seed", "7", "--json").out)
    assert again["digest"] == whole["digest"]
    for_people = linelab("run", small, "--hours", "0.1", "--seed", "7")
    assert whole["digest"] in for_people.out
    assert for_people.err == ""


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--listen", "nowhere"], "--listen: 'nowhere' does not appear to be an IPv4 or IPv6 address"),
        (["--listen", "0.0.0.0"], "off loopback say who may connect with --modbus-allow CIDR"),
        (["--modbus-allow", "10.0.0.1/8"], "--modbus-allow: 10.0.0.1/8 has host bits set"),
        (["--benches", "10", "--opcua-port", "65530"], "--opcua-port: too high for that many benches"),
        (["--speed", "0"], "Invalid value for '--speed'"),
        (["--word-order", "ABBA"], "Invalid value for '--word-order'"),
    ],
)
def test_up_with_settings_that_cannot_be(linelab: Linelab, args: list[str], says: str) -> None:
    result = linelab("up", *args)
    assert (result.code, result.out) == (2, "")
    assert says in " ".join(result.err.replace("│", " ").split())


@pytest.fixture
def journal(linelab: Linelab, small: Path, tmp_path: Path) -> Path:
    path = tmp_path / "run.journal"
    assert linelab("run", small, "--hours", "0.1", "--journal", path, "--json").code == 0
    return path


def test_a_journal_replays_to_the_same_digest(linelab: Linelab, journal: Path) -> None:
    result = linelab("replay", journal)
    assert result.code == 0
    assert result.out.startswith("The digest agrees")
    assert result.err == ""
    answer = json.loads(linelab("replay", journal, "--json").out)
    assert (answer["agrees"], answer["ended"], answer["truncated"]) == (True, True, False)


def test_a_journal_that_does_not_agree_is_1(linelab: Linelab, journal: Path) -> None:
    records = journal.read_text("utf-8").splitlines(keepends=True)
    changed = json.loads(records[0])
    changed["definition"]["stations"][0]["name"] = "other"
    records[0] = json.dumps(changed) + "\n"
    journal.write_text("".join(records), "utf-8")
    result = linelab("replay", journal)
    assert result.code == 1
    assert "does NOT agree, first at 0.900 s" in result.out
    assert json.loads(linelab("replay", journal, "--json").out)["agrees"] is False


def test_a_truncated_journal_is_read_up_to_the_last_whole_record(linelab: Linelab, journal: Path) -> None:
    whole = journal.read_bytes()
    for cut in (1, 30, 60):
        journal.write_bytes(whole[:-cut])
        result = linelab("replay", journal)
        assert result.code == 0
        assert "cut off" in result.err
        assert "agrees" in result.out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: the journal is empty"),
        ("hello\n", "line 1: not the header"),
        ("hello\nhello\n", "line 1: not a record"),
        ('{"k":"header","format":99}\n', "line 1: journal format 99"),
        ("[" * 100_000 + "\n", "line 1: not the header"),
    ],
)
def test_what_is_no_journal_is_2(linelab: Linelab, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "x.journal"
    path.write_text(text, "utf-8")
    result = linelab("replay", path)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"{path}: {says}")


def test_a_journal_of_another_model_is_2_and_names_the_version(linelab: Linelab, journal: Path) -> None:
    journal.write_text(journal.read_text("utf-8").replace('"model":"', '"model":"0.', 1), "utf-8")
    result = linelab("replay", journal)
    assert result.code == 2
    assert "replay it with that version of LineLab" in result.err


def test_a_journal_that_cannot_be_written_is_2(linelab: Linelab, small: Path, tmp_path: Path) -> None:
    result = linelab("run", small, "--hours", "0", "--journal", tmp_path / "none" / "run.journal")
    assert (result.code, result.out) == (2, "")
    assert "cannot be written: No such file or directory" in result.err
