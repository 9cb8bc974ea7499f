"""Replications: intervals by Student's t, equal runs in any process, common random numbers."""

from math import tan
from pathlib import Path

import pytest

from controller.intervals import Interval, interval, t_quantile
from controller.replications import Plan, differences, estimates, replicate
from scenarios.line_file import parse
from scenarios.settings import changed

LINE = """\
line: two
title: {zh: 线, en: line}
flow:
  source: {kind: source, to: m1}
  m1: {kind: machine, service: {law: exponential, mean: 10 s}, to: b1}
  b1: {kind: buffer, capacity: 2, to: m2}
  m2: {kind: machine, service: {law: exponential, mean: 10 s}, to: sink}
  sink: {kind: sink}
"""
HOUR = 3_600 * 10**9


def plan(setting: str = "m1.rate=1") -> Plan:
    return Plan(changed(parse(LINE, Path("two.yaml")), setting), 3 * HOUR, HOUR // 2, check=True)


def silent(share: float) -> None:
    assert 0 < share <= 1


@pytest.mark.parametrize(
    ("freedom", "confidence", "known"),
    [(1, 0.95, 12.706205), (2, 0.95, 4.302653), (7, 0.95, 2.364624), (9, 0.99, 3.249836), (30, 0.9, 1.697261),
     (99, 0.95, 1.984217), (1000, 0.95, 1.962339)],
)  # fmt: skip
def test_the_quantile_of_t_is_that_of_the_tables(freedom: int, confidence: float, known: float) -> None:
    assert t_quantile(freedom, confidence) == pytest.approx(known, abs=1e-6)


def test_the_quantile_of_one_degree_is_a_tangent() -> None:
    assert t_quantile(1, 0.5) == pytest.approx(tan(3.141592653589793 / 4))


def test_an_interval_needs_two_values() -> None:
    assert interval([3.0]) == Interval(3.0, None, 1)
    two = interval([2.0, 4.0])
    assert (two.mean, two.half) == (3.0, pytest.approx(12.706205, abs=1e-5))


def test_runs_are_the_same_in_any_number_of_processes() -> None:
    plans, seeds = [plan(), plan("b1.capacity=5")], range(1, 5)
    assert replicate(plans, seeds, 2, silent) == replicate(plans, seeds, 1, silent)


def test_the_interval_holds_the_exact_value() -> None:
    [runs] = replicate([plan()], range(1, 21), 1, silent)
    found = estimates(runs, 0.99)
    throughput = found["throughput_per_h"]
    assert abs(throughput.mean - 360 * 4 / 5) < (throughput.half or 0) < 20
    assert found["flow.m1.working"].mean + found["flow.m1.blocked"].mean == pytest.approx(1)
    assert all(run.violations == () for run in runs)


def test_common_random_numbers_narrow_the_difference() -> None:
    one, other = replicate([plan(), plan("m2.service.mean=9500 ms")], range(1, 13), 1, silent)
    together = differences(one, other, 0.95)["throughput_per_h"]
    apart = differences(one, [*other[1:], other[0]], 0.95)["throughput_per_h"]
    assert together.mean == pytest.approx(apart.mean)
    assert (together.half or 0) < (apart.half or 0) / 3
    assert together.excludes_nought()
