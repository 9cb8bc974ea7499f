"""Every kind of component has a look of its own on the page; one that has none gets a neutral box, and fails here."""

import re
from pathlib import Path

from sim.components import KINDS

TABLE = Path(__file__).parents[2] / "api" / "web" / "src" / "core" / "view25" / "kinds.ts"
PLAIN: dict[str, str] = {}  # kinds that need no look of their own, and why


def looks() -> set[str]:
    """The keys of the table of looks."""
    table = TABLE.read_text("utf-8").partition("export const LOOKS")[2].partition("\n};")[0]
    return set(re.findall(r"^  (\w+)[:,]", table, re.MULTILINE))


def test_every_kind_has_a_look_or_a_reason() -> None:
    missing = set(KINDS) - looks() - set(PLAIN)
    assert not missing, f"no look in {TABLE.name} and no reason here: {sorted(missing)}"


def test_no_look_is_for_a_kind_that_does_not_exist() -> None:
    assert looks() <= set(KINDS), looks() - set(KINDS)
    assert set(PLAIN) <= set(KINDS) - looks()
