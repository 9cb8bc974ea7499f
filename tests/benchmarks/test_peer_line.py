"""The peer of the benchmark is a peer only while it gives the same results. No timing is asserted anywhere."""

import pytest

from api.cli.content import load_line
from benchmarks.headless import Unequal, check_equal, no_digest
from benchmarks.line_notes import LineNotes, finished
from benchmarks.peer_line import PeerLine
from sim.definition import LineDefinition
from sim.line import Line

HOUR_NS = 3_600_000_000_000


@pytest.fixture(scope="module")
def definition() -> LineDefinition:
    return load_line("smart-factory")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_peers_have_the_same_parts_times_and_signals(definition: LineDefinition, seed: int) -> None:
    equal = check_equal(definition, seed, 1.0)
    assert equal.parts > 300
    assert equal.times > 8 * equal.parts  # laid, cut, machined, judged, three belts, and where it went
    assert equal.changes > 90 * equal.parts


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_over_a_shift_with_bins_barred_and_tools_changed(definition: LineDefinition, seed: int) -> None:
    assert check_equal(definition, seed, 8.0).parts > 2800


def test_the_comparison_notices_a_difference(definition: LineDefinition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.peer_line.EXPOSURE", 250_000_001)
    with pytest.raises(Unequal, match="first difference"):
        check_equal(definition, 1, 0.1)


def test_the_comparison_notices_a_signal(definition: LineDefinition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.peer_io.CLAMP", 152_000_001)
    with pytest.raises(Unequal, match="clamp_"):
        check_equal(definition, 1, 0.1)


def test_only_parts_that_left_are_compared() -> None:
    notes = [(3, 1, "gone bin ok 1"), (1, 1, "new 1"), (2, 2, "new 2")]
    assert finished(notes) == [(1, 1, "new 1"), (3, 1, "gone bin ok 1")]


def test_without_digest_the_line_does_the_same(definition: LineDefinition) -> None:
    peer = PeerLine(5)
    peer.run(HOUR_NS // 4)
    with no_digest():
        line = Line(definition, 5)
        heard = LineNotes(line)
        line.advance(HOUR_NS // 4)
    assert line.events == 0
    assert finished(heard.notes) == finished(peer.notes)
