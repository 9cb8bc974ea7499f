"""Which numbers of the catalogue a test injects and sees on the wires. `test_covered.py` asks that none is left out."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

COVERED: dict[int, list[str]] = defaultdict(list)


def covers(*numbers: int) -> Callable[[Any], Any]:
    """Mark a test as the proof of these rows of the catalogue."""

    def mark(test: Any) -> Any:
        for number in numbers:
            COVERED[number].append(f"{test.__module__}.{test.__name__}")
        return test

    return mark
