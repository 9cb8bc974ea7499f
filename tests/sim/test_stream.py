"""Random numbers: the same on every machine and after every restart, none shifts another."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.state import dump, load
from sim.stream import Stream, noise, word

KEY = [1, word("infeed.feeder.colour")]


def test_names_are_small_numbers_that_do_not_change() -> None:
    assert word("infeed.feeder.colour") == 132737865827564
    assert word("a") < 2**48


GOLDEN = [
    (
        "uniform",
        (),
        [0.7702742923998932, 0.8533499880429877, 0.5718807909665385, 0.49149084343492955, 0.07395414670536826],
    ),
    ("between", (30, 60), [53, 56, 47, 45, 32]),
    ("triangular", (3_000_000_000, 4_500_000_000), [4217718210, 3797528725, 3500281645, 3563741612, 3579440617]),
    ("normal", (1000,), [218, 462, -699, 586, 425]),
    ("pick", ([1, 2, 3],), [2, 2, 2, 1, 0]),
]


@pytest.mark.parametrize(("transform", "arguments", "golden"), GOLDEN)
def test_the_first_numbers_are_these(transform: str, arguments: tuple[object, ...], golden: list[float]) -> None:
    stream = Stream(list(KEY))
    assert [getattr(stream, transform)(*arguments) for _ in range(5)] == golden


@given(st.integers(0, 60), st.integers(0, 2**48))
def test_goes_on_after_a_restart_from_its_count(drawn: int, key: int) -> None:
    whole = Stream([1, key])
    for _ in range(drawn):
        whole.uniform()
    again = load(Stream, json.loads(json.dumps(dump(whole))))
    assert [again.uniform() for _ in range(3)] == [whole.uniform() for _ in range(3)]


def test_another_seed_or_name_gives_other_numbers() -> None:
    firsts = {Stream([seed, word(name)]).uniform() for seed in (1, 2) for name in ("a", "b")}
    assert len(firsts) == 4


@given(st.integers(-100, 100), st.integers(0, 100), st.integers(0, 2**32))
def test_transforms_keep_to_their_range(low: int, width: int, key: int) -> None:
    stream = Stream([key])
    assert low <= stream.between(low, low + width) <= low + width
    assert low <= stream.triangular(low, low + width) <= low + width
    assert abs(stream.normal(1000)) <= 6000


def test_weights_of_nought_are_never_picked() -> None:
    stream = Stream([7])
    assert {stream.pick([0, 1, 0, 2, 0]) for _ in range(200)} == {1, 3}


def test_the_mean_and_spread_of_the_normal_numbers_are_right() -> None:
    stream = Stream([3])
    drawn = [stream.normal(1000) for _ in range(4000)]
    assert abs(sum(drawn) / 4000) < 60
    assert 950 < (sum(x * x for x in drawn) / 4000) ** 0.5 < 1050


@given(st.integers(0, 2**64), st.integers(0, 500), st.integers(0, 2**40))
def test_noise_is_a_function_of_seed_tag_and_slot_alone(seed: int, tag: int, slot: int) -> None:
    first = noise(seed, tag, slot)
    assert first == noise(seed, tag, slot)
    assert -1.0 <= first < 1.0
    assert first != noise(seed, tag, slot + 1)


def test_noise_is_these_numbers_and_balanced() -> None:
    assert [noise(1, 2, slot) for slot in range(3)] == [-0.5284606780412664, -0.8507239423571373, 0.028947888350933093]
    assert abs(sum(noise(5, 6, slot) for slot in range(4000))) < 120
