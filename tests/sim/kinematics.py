"""Analytic instants for tests, in exact fractions, without a line of the code under test."""

from fractions import Fraction
from math import ceil

import pytest

MARKS_NS = 5  # a due time rounds up: one nanosecond at each mark on the way


def reached(way: int, *rates: tuple[float, int]) -> int:
    """When a way is covered, in ns rounded up: rates as (from so many s, units/ns), the last one lasts.

    For lengths in fm the rates are µm/s, for work in ppm x ns they are ppm.
    """
    left = Fraction(way)
    steps = [(Fraction(str(at)) * 10**9, rate) for at, rate in rates]
    for (begin, rate), (end, _) in zip(steps, [*steps[1:], (None, 0)], strict=True):
        if rate and (end is None or left <= rate * (end - begin)):
            return ceil(begin + left / rate)
        if end is not None:
            left -= rate * (end - begin)
    raise ValueError("it never gets there")


def about(at_ns: float) -> object:
    """This instant, but for the rounding at marks on the way."""
    return pytest.approx(at_ns, abs=MARKS_NS)
