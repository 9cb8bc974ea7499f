"""A track that vehicles cannot use is refused at load, with file and line."""

from pathlib import Path

import pytest

from scenarios.file_error import FileErrors
from scenarios.line_file import parse

FILE = Path(__file__).parents[2] / "scenarios" / "lines" / "matrix-production.yaml"
GOOD = FILE.read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ("number: 22, to: [n23", "number: 21, to: [n23", "number", "21: fleet.n21 has this number already"),
        ("to: [n34, quality.dock]", "to: [n34]", "quality.components.dock", "no vehicle comes here: name it in `to`"),
        ("home: n42", "home: n41", "home", "fleet.n41 is the home of fleet.agv_1; each vehicle needs its own"),
    ],
)
def test_a_track_that_cannot_be_used(old: str, new: str, where: str, message: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(FileErrors) as caught:
        parse(GOOD.replace(old, new), FILE)
    (said,) = [one for one in str(caught.value).splitlines() if message in one]
    assert where in said
    assert "matrix-production.yaml:" in said


def test_the_shipped_track_is_good() -> None:
    parse(GOOD, FILE)
