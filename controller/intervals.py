"""Confidence intervals by Student's t, from independent runs. Pure arithmetic; knows no line."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, sin, sqrt, tan
from statistics import fmean, stdev


@dataclass(frozen=True, slots=True)
class Interval:
    """The mean of `n` values, plus or minus `half`; None where one value alone says nothing of the spread."""

    mean: float
    half: float | None
    n: int

    def excludes_nought(self) -> bool:
        return self.half is not None and abs(self.mean) > self.half


def interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """The interval that holds the true mean with that confidence, if the values are independent and near normal."""
    n = len(values)
    if n < 2:
        return Interval(values[0], None, n)
    return Interval(fmean(values), t_quantile(n - 1, confidence) * stdev(values) / sqrt(n), n)


def t_quantile(freedom: int, confidence: float) -> float:
    """t with P(|T| <= t) = confidence, by halving; the distribution is a finite sum for whole degrees of freedom."""
    low, high = 0.0, 1.5707963267948966  # of atan(t / sqrt(freedom))
    for _ in range(60):
        middle = (low + high) / 2
        if _within(freedom, middle) < confidence:
            low = middle
        else:
            high = middle
    return tan((low + high) / 2) * sqrt(freedom)


def _within(freedom: int, angle: float) -> float:
    """P(|T| <= t) for t = sqrt(freedom) tan(angle): Abramowitz and Stegun 26.7.3 and 26.7.4."""
    square = cos(angle) ** 2
    if freedom % 2:
        term, total = cos(angle), 0.0
        for k in range(1, (freedom - 1) // 2 + 1):
            total += term
            term *= square * 2 * k / (2 * k + 1)
        return 2 / 3.141592653589793 * (angle + sin(angle) * total)
    term, total = 1.0, 0.0
    for k in range(1, freedom // 2 + 1):
        total += term
        term *= square * (2 * k - 1) / (2 * k)
    return sin(angle) * total
