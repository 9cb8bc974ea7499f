"""The reference line without wires: how much faster than real time, and against the same line by hand in SimPy."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from api.cli.content import load_line
from benchmarks.figures import Figure, Took, percentile, ratio, spread, timed
from benchmarks.line_notes import LineNotes, finished
from benchmarks.peer_line import PeerLine
from sim.definition import LineDefinition
from sim.line import Line
from sim.plant import Plant

HOUR_NS = 3_600_000_000_000
ROUNDS = 7
EQUAL_HOURS = 8


def measure() -> list[Figure]:
    definition = load_line("smart-factory")
    parts, notes = check_equal(definition, 1, EQUAL_HOURS)
    ours: list[Took] = []
    quiet: list[Took] = []
    peer: list[Took] = []
    for seed in range(1, ROUNDS + 1):  # interleaved: a busy machine is busy for all three
        ours.append(_run(definition, seed))
        with no_digest():
            quiet.append(_run(definition, seed))
        peer.append(_run_peer(seed))
    return [*_against_time(ours, quiet), *_against_peer(ours, quiet, peer, parts, notes)]


class Unequal(Exception):
    """The peer and the line disagree: then their speeds compare nothing."""


def check_equal(definition: LineDefinition, seed: int, hours: float) -> tuple[int, int]:
    """Run both and compare every part and every time; the answer is how many parts and times were equal."""
    until = round(hours * HOUR_NS)
    line, peer = Line(definition, seed), PeerLine(seed)
    heard = LineNotes(line)
    line.advance(until)
    peer.run(until + 1)
    ours, theirs = finished(heard.notes), finished(peer.notes)
    if ours != theirs:
        first = min(set(ours) ^ set(theirs))
        raise Unequal(f"seed {seed}: first difference at {first}, {'LineLab' if first in set(ours) else 'peer'} only")
    return len({serial for _, serial, _ in ours}), len(ours)


@contextmanager
def no_digest() -> Iterator[None]:
    """Events reach their listeners and are not digested: what the digest costs."""

    def emit(plant: Plant, kind: str, subject: str | int, data: object) -> None:
        now = plant.kernel.now_ns
        for listener in plant.listeners:
            listener(now, kind, subject, data)

    with patch.object(Plant, "emit", emit):
        yield


def _run(definition: LineDefinition, seed: int) -> Took:
    line = Line(definition, seed)
    return timed(lambda: line.advance(HOUR_NS))


def _run_peer(seed: int) -> Took:
    """Eight hours, so that it takes long enough to measure; the answer is for one."""
    line = PeerLine(seed)
    took = timed(lambda: line.run(8 * HOUR_NS))
    return Took(took.wall_s / 8, took.cpu_s / 8)


def _against_time(ours: Sequence[Took], quiet: Sequence[Took]) -> list[Figure]:
    wall, cpu = [3600 / t.wall_s for t in ours], [3600 / t.cpu_s for t in ours]
    return [
        Figure("real time, digest on, p50", percentile(wall, 0.5), "x", spread(wall), ">= 2,000"),
        Figure("real time, digest on, p50 by CPU time", percentile(cpu, 0.5), "x", spread(cpu)),
        Figure("real time, digest off, p50 by CPU time", percentile([3600 / t.cpu_s for t in quiet], 0.5), "x"),
    ]


def _against_peer(
    ours: Sequence[Took], quiet: Sequence[Took], peer: Sequence[Took], parts: int, notes: int
) -> list[Figure]:
    us, them = [1 / t.cpu_s for t in ours], [1 / t.cpu_s for t in peer]
    equal = f"{parts} parts, {notes} times equal to the nanosecond over {EQUAL_HOURS} h"
    return [
        Figure("SimPy by hand, real time, p50 by CPU time", percentile([3600 * x for x in them], 0.5), "x", equal),
        ratio("speed, LineLab / SimPy by hand", us, them, "LineLab also keeps I/O, PackML, digest, state", "0.4"),
        ratio("speed, LineLab without digest / SimPy by hand", [1 / t.cpu_s for t in quiet], them),
    ]
