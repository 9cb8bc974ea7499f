"""`linelab new` and folders of one's own, as a person at a terminal has them."""

from pathlib import Path

import pytest

from tests.api.test_cli import Linelab, linelab  # noqa: F401  a fixture

SHIPPED = Path(__file__).parents[2] / "scenarios" / "lines"


def test_a_new_line_checks_runs_and_is_not_written_over(linelab: Linelab, tmp_path: Path) -> None:  # noqa: F811
    made = linelab("new", "my-line", "--folder", str(tmp_path / "own lines"))
    path = tmp_path / "own lines" / "my-line.yaml"
    assert made.code == 0
    assert f'linelab check "{path}"' in made.out
    assert linelab("check", str(path)).code == 0
    assert "station_1.exit" in linelab("run", str(path), "--hours", "0.1", "--check-invariants").out
    again = linelab("new", "my-line", "--folder", str(tmp_path / "own lines"))
    assert again.code == 2
    assert "is there already" in again.err


@pytest.mark.parametrize("line", sorted(path.stem for path in SHIPPED.glob("*.yaml")))
def test_every_shipped_line_can_be_begun_from(line: str, tmp_path: Path) -> None:
    from scenarios.line_file import parse
    from scenarios.template import begin

    text = begin("own", SHIPPED / f"{line}.yaml")
    assert parse(text, tmp_path / "own.yaml").name == "own"


def test_mistakes_are_one_line_and_exit_code_2(linelab: Linelab) -> None:  # noqa: F811
    for arguments in (["Bad Name"], ["x", "--from", "smart-factry"], ["x", "--folder", "/proc/no"]):
        told = linelab("new", *arguments)
        assert (told.code, told.out) == (2, "")
        assert "Traceback" not in told.err


def test_lines_of_an_own_folder_are_found_by_name(linelab: Linelab, tmp_path: Path) -> None:  # noqa: F811
    linelab("new", "my-line", "--folder", str(tmp_path / "lines"))
    assert "my-line" in linelab("--content", str(tmp_path), "lines").out
    assert "station_1.belt_run" in linelab("--content", str(tmp_path), "map", "my-line").out
    missing = linelab("--content", str(tmp_path / "none"), "lines")
    assert (missing.code, "there is no such folder" in missing.err) == (2, True)
