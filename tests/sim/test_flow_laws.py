"""Laws of times: mean and spread, the same words for the same part, what a change on the way does."""

import math
from statistics import fmean, stdev

import pytest

from sim.laws import Times
from sim.line import Line
from tests.sim.flow_lines import S, flow_definition, tandem

COUNT = 20_000
LAWS = [
    ("10 s", 10.0, 0.0),
    ({"law": "uniform", "low": "8 s", "high": "14 s"}, 11.0, 6 / math.sqrt(12)),
    ({"law": "triangular", "low": "2 s", "mode": "3 s", "high": "10 s"}, 5.0,
     math.sqrt((4 + 9 + 100 - 6 - 20 - 30) / 18)),
    ({"law": "normal", "mean": "10 s", "sd": "2 s"}, 10.0, 2.0),
    ({"law": "exponential", "mean": "10 s"}, 10.0, 10.0),
    ({"law": "erlang", "mean": "10 s", "phases": 4}, 10.0, 5.0),
    ({"law": "erlang", "mean": "10 s", "phases": 40}, 10.0, 10 / math.sqrt(40)),
    ({"law": "lognormal", "mean": "10 s", "sd": "5 s"}, 10.0, 5.0),
    ({"law": "geometric", "slot": "2 s", "chance": 0.25}, 8.0, 2 * math.sqrt(0.75) / 0.25),
    ({"law": "empirical", "values": ["1 s", "2 s", "4 s"], "weights": [1, 2, 1]}, 2.25, math.sqrt(6.25 - 2.25**2)),
    ({"law": "listed", "values": ["1 s", "2 s", "6 s"]}, 3.0, math.sqrt(14 / 3)),
]  # fmt: skip


def times(law: object, seed: int = 1) -> Times:
    machine = Line(flow_definition(tandem([law], [])), seed).plant.components["flow.m1"]
    return Times(machine, "service")


@pytest.mark.parametrize(("law", "mean", "sd"), LAWS, ids=lambda given: str(given)[:30])
def test_mean_and_deviation(law: object, mean: float, sd: float) -> None:
    found = times(law)
    drawn = [found.draw() / S for _ in range(COUNT)]
    assert fmean(drawn) == pytest.approx(mean, abs=5 * sd / math.sqrt(COUNT) + 0.001)
    assert stdev(drawn) == pytest.approx(sd, rel=0.05, abs=1e-9)
    assert min(drawn) >= 0


def test_the_normal_law_has_tails() -> None:
    found = times({"law": "normal", "mean": "100 s", "sd": "1 s"})
    far = sum(abs(found.draw() - 100 * S) > 3 * S for _ in range(COUNT))
    assert 30 <= far <= 80  # 0.27 %


@pytest.mark.parametrize("law", [law for law, _, sd in LAWS if sd], ids=str)
def test_another_number_draws_the_same_words(law: dict[str, object]) -> None:
    one, other = times(law), times(law)
    for _ in range(50):
        one.draw()
        other.draw()
    assert one.stream.drawn == other.stream.drawn
    assert one.stream.drawn == 51 * int(str(law.get("phases", 1)))  # the machine itself drew the first


def test_times_grow_with_the_mean_part_by_part() -> None:
    slow, fast = (times({"law": "exponential", "mean": mean}) for mean in ("12 s", "10 s"))
    assert all(10 * slow.draw() == pytest.approx(12 * fast.draw(), abs=20) for _ in range(100))
