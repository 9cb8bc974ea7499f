"""The reference of link faults names every way, its figures and words, and no other."""

import re
from pathlib import Path

from sim.link_faults import LINK_HOWS

PAGE = Path(__file__).parents[2] / "docs/reference/link-faults.md"


def test_every_way_has_a_row_with_its_figures() -> None:
    rows = [row.split("|")[1:3] for row in PAGE.read_text(encoding="utf-8").splitlines() if row.startswith("| `")]
    said = {how: figures for names, figures in rows for how in re.findall(r"`(\w+)`", names)}
    assert set(said) == set(LINK_HOWS)
    for how, row in LINK_HOWS.items():
        for figure in row.figures:
            assert f"`{figure.name}`" in said[how], how
            assert all(word in said[how] for word in figure.words), how
