"""The reference line without wires: how much faster than real time, and against the same line by hand in SimPy."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from api.cli.content import load_line
from benchmarks.figures import Figure, Took, percentile, ratio, spread, timed
from benchmarks.line_notes import LineIo, LineNotes, finished
from benchmarks.peer_io import PeerLineIo
from benchmarks.peer_line import PeerLine
from sim.definition import LineDefinition
from sim.line import Line
from sim.plant import Plant

HOUR_NS = 3_600_000_000_000
ROUNDS = 7
EQUAL_HOURS = 8


def measure() -> list[Figure]:
    definition = load_line("smart-factory")
    equal = check_equal(definition, 1, EQUAL_HOURS)
    ours: list[Took] = []
    quiet: list[Took] = []
    parts: list[Took] = []
    signals: list[Took] = []
    for seed in range(1, ROUNDS + 1):  # interleaved: a busy machine is busy for all
        ours.append(_run(definition, seed))
        with no_digest():
            quiet.append(_run(definition, seed))
        parts.append(_run_peer(PeerLine(seed)))
        signals.append(_run_peer(PeerLineIo(seed)))
    return [
        *_against_time(ours, quiet),
        *_against_peer("parts only", ours, quiet, parts, f"{equal.parts} parts, {equal.times} times equal"),
        *_against_peer("parts and I/O", ours, quiet, signals, f"and {equal.changes} changes of I/O equal"),
    ]


@dataclass(frozen=True, slots=True)
class Equal:
    """How much was compared and found equal, to the nanosecond."""

    parts: int
    times: int
    changes: int


class Unequal(Exception):
    """The peer and the line disagree: then their speeds compare nothing."""


def check_equal(definition: LineDefinition, seed: int, hours: float) -> Equal:
    """Run the line and both peers and compare every part, every time and every change of the I/O."""
    until = round(hours * HOUR_NS)
    line, lean, full = Line(definition, seed), PeerLine(seed), PeerLineIo(seed)
    heard, changes = LineNotes(line), LineIo(line)
    for run in (line.advance, lean.run, full.run):
        run(until)
    notes = finished(heard.notes)
    _same(seed, notes, finished(lean.notes))
    _same(seed, notes, finished(full.notes))
    born = [change for change in full.changes if change[0]]  # a line is at work when it is born
    _same(seed, sorted(changes.changes, key=str), sorted(born, key=str))
    return Equal(len({serial for _, serial, _ in notes}), len(notes), len(born))


def _same(seed: int, ours: Sequence[tuple[object, ...]], theirs: Sequence[tuple[object, ...]]) -> None:
    if ours != theirs:
        mine, other = set(ours) - set(theirs), set(theirs) - set(ours)
        first = min(mine | other, key=lambda found: (int(str(found[0])), str(found)), default=None)
        raise Unequal(f"seed {seed}: first difference at {first}, {'LineLab' if first in mine else 'peer'} only")


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


def _run_peer(line: PeerLine) -> Took:
    """Eight hours, so that it takes long enough to measure; the answer is for one."""
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
    what: str, ours: Sequence[Took], quiet: Sequence[Took], peer: Sequence[Took], equal: str
) -> list[Figure]:
    us, them = [1 / t.cpu_s for t in ours], [1 / t.cpu_s for t in peer]
    how = f"{equal} to the nanosecond over {EQUAL_HOURS} h"
    return [
        Figure(
            f"SimPy by hand, {what}, real time, p50 by CPU time", percentile([3600 * x for x in them], 0.5), "x", how
        ),
        ratio(f"speed, LineLab / SimPy by hand, {what}", us, them, "by CPU time", "0.4"),
        ratio(f"speed, LineLab without digest / SimPy by hand, {what}", [1 / t.cpu_s for t in quiet], them),
    ]
