"""Own logarithm, exponential and normal quantile against libm's and Python's."""

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.elementary import arctan2, exp, log, normal_quantile, sine

PLACES = 4  # units in the last place
POSITIVE = st.floats(1e-300, 1e300) | st.floats(0.5, 2.0) | st.floats(2.0**-53, 1.0)


@given(POSITIVE)
def test_log(x: float) -> None:
    assert abs(log(x) - math.log(x)) <= PLACES * math.ulp(math.log(x))


@given(st.floats(-700, 700))
def test_exp(x: float) -> None:
    assert abs(exp(x) - math.exp(x)) <= PLACES * math.ulp(math.exp(x))


def test_exp_of_what_is_too_large_or_too_small_stays_a_number() -> None:
    assert exp(-1e6) == 0.0
    assert exp(1e6) == exp(700.0) < math.inf


@given(st.floats(2.0**-53, 1 - 2.0**-53))
def test_normal_quantile(p: float) -> None:
    known = NormalDist().inv_cdf(p)
    assert abs(normal_quantile(p) - known) <= 1e-14 * max(1.0, abs(known))


def test_these_bits_and_no_others() -> None:
    """The same on every machine: a digest of a whole run rests on each of them."""
    assert [log(0.1).hex(), exp(-1.5).hex(), normal_quantile(0.01).hex()] == [
        "-0x1.26bb1bbb55515p+1", "0x1.c8f87724b5c1dp-3", "-0x1.29c5c4630ff0ep+1",
    ]  # fmt: skip


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_arctangent_in_all_quarters(y: float, x: float) -> None:
    expected = math.atan2(y, x) if x or y else 0.0  # signed zeros are no angles here
    assert arctan2(y, x) == pytest.approx(expected, abs=1e-15)


@given(st.floats(-100, 100))
def test_sine(x: float) -> None:
    assert sine(x) == pytest.approx(math.sin(x), abs=2e-14)
