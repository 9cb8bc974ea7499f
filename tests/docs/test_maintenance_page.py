"""The reference page of maintenance is that of the table."""

from docs.generate import FOLDER
from docs.maintenance_page import maintenance_page


def test_the_page_is_that_of_the_table() -> None:
    assert (FOLDER / "maintenance.md").read_text("utf-8") == maintenance_page(), "run `python -m docs.generate`"
