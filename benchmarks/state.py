"""State as data: size of a checkpoint, time to write and to restore it, speed of a replay."""

import gzip
import json
from functools import partial

from api.cli.content import load_line
from benchmarks.figures import Figure, latencies, percentile, spread, timed
from sim import journal
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.line import Line

SECOND_NS = 1_000_000_000
ROUNDS = 60


def measure() -> list[Figure]:
    definition = load_line("smart-factory")
    return [*_checkpoints(definition), *_replays(definition)]


def _checkpoints(definition: LineDefinition) -> list[Figure]:
    """Spread over an hour in which the rack and the bins fill, every round at another instant."""
    line = Line(definition, 1)
    sizes: list[float] = []
    packed: list[float] = []
    writing: list[float] = []
    restoring: list[float] = []
    for n in range(1, ROUNDS + 1):
        line.advance(n * 3600 * SECOND_NS // ROUNDS)
        text = _write(line)
        writing.append(timed(partial(_write, line)).wall_s)
        restoring.append(timed(partial(_restore, definition, text)).wall_s)
        sizes.append(len(text.encode()) / 1024)
        packed.append(len(gzip.compress(text.encode())) / 1024)
    return [
        Figure("checkpoint, size, p50", percentile(sizes, 0.5), "KiB", spread(sizes)),
        Figure("checkpoint, size with gzip, p50", percentile(packed, 0.5), "KiB", spread(packed)),
        *latencies("checkpoint, written as JSON", writing),
        *latencies("checkpoint, restored to a running line", restoring, "JSON read, line built, work armed"),
    ]


def _write(line: Line) -> str:
    return json.dumps(line.checkpoint(), separators=(",", ":"))


def _restore(definition: LineDefinition, text: str) -> Line:
    return Line.restore(definition, json.loads(text))


def _record(definition: LineDefinition, seed: int) -> list[str]:
    """An hour with an input every 10 s and a digest every 10 s."""
    line = Line(definition, seed)
    lines = [journal.header(definition, seed, "")]
    for n in range(1, 361):
        line.advance(n * 10 * SECOND_NS)
        given = Input("write", {"writes": [["sorting.ejector_3_colour", 2 if n % 2 else 3]]})
        lines.append(journal.input_record(line.now_ns, given, "benchmark"))
        line.apply(given)
        line.advance(line.now_ns)
        lines.append(journal.digest_record(line.now_ns, line.events, line.digest))
    return [text + "\n" for text in lines]


def _replay(lines: list[str]) -> None:
    if not journal.replay(journal.read(lines)).agrees:
        raise RuntimeError("the replay disagrees with its record")


def _replays(definition: LineDefinition) -> list[Figure]:
    speeds: list[float] = []
    by_cpu: list[float] = []
    for seed in (1, 2, 3):
        lines = _record(definition, seed)
        took = timed(partial(_replay, lines))
        speeds.append(3600 / took.wall_s)
        by_cpu.append(3600 / took.cpu_s)
    how = "360 inputs and 360 digests in one hour, all agree"
    return [
        Figure("replay against real time, p50", percentile(speeds, 0.5), "x", f"{how}; {spread(speeds)}"),
        Figure("replay against real time, p50 by CPU time", percentile(by_cpu, 0.5), "x", spread(by_cpu)),
    ]
