"""The reference line: shipped whole, eight hours without a jam, the same after a restore. Its PLC program is driven in
`tests/acceptance/test_sorting_plc.py` over real sockets."""

import pytest

from tests.lines import checks

NAME = "smart-factory"


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_parts_go_where_they_belong() -> None:
    bench = checks.runs(NAME, 600)
    assert sum(bench.ends.values()) > 10


@pytest.mark.long
def test_eight_hours() -> None:
    assert sum(checks.eight_hours(NAME).ends.values()) > 2500


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME)
