"""`linelab run` on a flow line: one run, many, two settings side by side."""

import json
from pathlib import Path

import pytest

from tests.api.test_cli import Linelab, linelab
from tests.controller.test_replications import LINE

__all__ = ["linelab"]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.yaml"
    path.write_text(LINE, "utf-8")
    return path


def test_one_run_reports_flow_and_shares_of_time(linelab: Linelab, two: Path) -> None:
    result = linelab("run", two, "--hours", "20", "--warmup", "1 h", "--check-invariants", "--json")
    found = json.loads(result.out)["statistics"]
    assert (result.code, found["from_s"], found["to_s"]) == (0, 3600, 72000)
    assert 250 < found["throughput_per_h"] < 320
    assert found["wip"] == pytest.approx(found["throughput_per_h"] / 3600 * found["flow_s"], rel=0.01)
    for station in found["stations"]:
        shares = [station[mode] for mode in ("working", "blocked", "starved", "down", "stopped")]
        assert sum(shares) == pytest.approx(1, abs=1e-12)
    assert "work in process" in linelab("run", two, "--hours", "1").out


def test_the_warm_up_changes_no_event(linelab: Linelab, two: Path) -> None:
    runs = [json.loads(linelab("run", two, "--hours", "2", "--json", *more).out) for more in ([], ["--warmup", "1 h"])]
    assert runs[0]["digest"] == runs[1]["digest"]


def test_replications_give_intervals(linelab: Linelab, two: Path) -> None:
    result = linelab("run", two, "--hours", "5", "--replications", "6", "--jobs", "2", "--json")
    [found] = json.loads(result.out)["lines"]
    assert [run["seed"] for run in found["runs"]] == [1, 2, 3, 4, 5, 6]
    throughput = found["figures"]["throughput_per_h"]
    assert throughput["n"] == 6
    assert 0 < throughput["half"] < throughput["mean"]
    assert "±" in linelab("run", two, "--hours", "1", "--replications", "3").out


def test_a_comparison_sets_the_other_line(linelab: Linelab, two: Path) -> None:
    args = ("run", two, "--hours", "5", "--replications", "5", "--compare", two, "--set", "b1.capacity=9")
    found = json.loads(linelab(*args, "--json").out)
    more = found["difference"]["throughput_per_h"]
    assert more["mean"] - more["half"] > 0
    assert "difference" in linelab(*args).out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--set", "m1.rate"], "is no setting"),
        (["--set", "m1.rat=2"], "did you mean rate?"),
        (["--warmup", "9 h"], "--warmup 9 h is longer than the run"),
        (["--warmup", "9"], "--warmup: '9' has no unit"),
        (["--replications", "3", "--journal", "x.journal"], "--journal is for one run"),
        (["--compare", "nowhere/none.yaml"], "cannot be read"),
    ],
)
def test_wrong_use_is_2(linelab: Linelab, two: Path, args: list[str], says: str) -> None:
    result = linelab("run", two, "--hours", "1", *args)
    assert (result.code, result.out) == (2, "")
    assert says in result.err
