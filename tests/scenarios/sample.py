"""The sample files of these tests, and one small change to the good one."""

from pathlib import Path

from scenarios.file_error import FileErrors
from scenarios.line_file import parse
from sim.definition import LineDefinition
from tests.scenarios.kinds import KINDS

FILES = Path(__file__).parent / "files"
GOOD = (FILES / "good.yaml").read_text("utf-8")


def good() -> LineDefinition:
    return parse(GOOD, Path("good.yaml"), KINDS)


def changed(old: str, new: str) -> str:
    """The good file with one text replaced."""
    if GOOD.count(old) != 1:
        raise ValueError(f"{old!r} is there {GOOD.count(old)} times")
    return GOOD.replace(old, new)


def line_of(text: str) -> int:
    """The line of the good file in which a text begins."""
    return GOOD.count("\n", 0, GOOD.index(text)) + 1


def complaints(text: str) -> list[str]:
    """What is said of a file, one text for each mistake."""
    try:
        parse(text, Path("x.yaml"), KINDS)
    except FileErrors as errors:
        return str(errors).splitlines()
    return []
