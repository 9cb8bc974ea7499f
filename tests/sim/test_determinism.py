"""A line is a pure function of definition, seed and inputs: here, in another process, and however it is paced."""

import json
import random  # noqa: TID251 - drawn from a seed, for what a test does to a line
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.line import Line
from tests.sim import golden
from tests.sim.builders import REFERENCE, S, reference
from tests.sim.wild import inputs, replayed

T = 120 * S
PROCESS = """
import json, sys
from tests.sim import golden
from tests.sim.builders import reference
from sim.inputs import Input
from sim.line import Line
from tests.sim.wild import replayed
seed, until, taken = json.load(sys.stdin)
line = replayed(Line(reference(), seed), [(t, Input(op, args)) for t, op, args in taken], until)
print(json.dumps([line.events, line.digest]))
"""


def fresh_process(program: str, given: object) -> object:
    """What a new interpreter, with another hash seed, makes of it."""
    run = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(given), capture_output=True, text=True, check=True,
        cwd=REFERENCE.parents[2], env={"PYTHONHASHSEED": "7", "PYTHONPATH": "."}, timeout=60,
    )  # fmt: skip
    return json.loads(run.stdout)


def test_two_runs_alike() -> None:
    one, two = Line(reference(), 5), Line(reference(), 5)
    taken = inputs(one, 99, T, 40)
    replayed(two, taken, T)
    assert len(taken) > 30
    assert (one.events, one.digest) == (two.events, two.digest)
    assert one.checkpoint() == two.checkpoint()


def test_a_fresh_process_agrees() -> None:
    line = Line(reference(), 5)
    taken = inputs(line, 98, T, 40)
    given_inputs = [(t, i.op, i.args) for t, i in taken]
    assert fresh_process(PROCESS, [5, T, given_inputs]) == [line.events, line.digest]


def test_another_seed_differs() -> None:
    digests = set()
    for seed in range(4):
        line = Line(reference(), seed)
        line.advance(T)
        digests.add(line.digest)
    assert len(digests) == 4


@settings(max_examples=15)
@given(st.integers(0, 2**32))
def test_slices_and_reading_change_nothing(seed: int) -> None:
    whole, sliced, draw = Line(reference(), 3), Line(reference(), 3), random.Random(seed)
    whole.advance(T)
    while sliced.now_ns < T:
        sliced.advance(min(T, sliced.now_ns + draw.choice([1, 10**3, 10**7, 10**9, 10**10])))
        for tag in sliced.tags:
            sliced.read(tag.index)
            sliced.truth(tag.index)
        sliced.report()
        sliced.checkpoint()
        sliced.announce(lambda *_: None)
    assert (whole.events, whole.digest) == (sliced.events, sliced.digest)
    assert whole.checkpoint() == sliced.checkpoint()


def test_stopping_early_again_and_again_changes_nothing() -> None:
    whole, broken = Line(reference(), 3), Line(reference(), 3)
    whole.advance(T)
    turns = 0
    while not broken.advance(T, lambda: False):
        turns += 1
    assert turns > 10
    assert whole.checkpoint() == broken.checkpoint()


def test_a_listener_comes_and_goes_unnoticed() -> None:
    heard, line, quiet = [], Line(reference(), 3), Line(reference(), 3)

    def listener(*event: object) -> None:
        heard.append(event)

    line.listen(listener)
    line.advance(T // 2)
    line.unlisten(listener)
    count = len(heard)
    line.advance(T)
    quiet.advance(T)
    assert line.digest == quiet.digest
    assert 0 < len(heard) == count < line.events


@pytest.mark.parametrize("case", golden.cases(), ids=lambda case: f"seed {case['seed']}")
def test_the_golden_digest(case: dict[str, Any]) -> None:
    """A changed digest is reviewed like code: tests/sim/golden.py says when and how to renew it."""
    assert golden.run(case["seed"], case["until_s"], case["inputs"]) == case["result"]
