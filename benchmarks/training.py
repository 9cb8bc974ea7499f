"""The instructor's hand: time to an initial condition, and to look back into a run of an hour."""

import asyncio
import json
import socket
import struct
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from api.cli.content import load_line
from benchmarks.figures import Figure, percentile, spread, timed
from benchmarks.lab import HOST, Lab, lab
from controller.recorder import Recorder
from controller.training.past import look_at
from sim import journal
from sim.inputs import Input
from sim.line import Line

NS = 1_000_000_000
HOUR_S, MINUTE_S, INPUT_S = 3600, 60, 2
ROUNDS = 5
MOMENTS_S = (1, 59.5, 1234.5, 3119.9, 3600)
CONDITION = "smart_factory_warm"
GOAL_CONDITION, GOAL_PAST = "under 2 s", "at most 5 s"


def measure() -> list[Figure]:
    return [*_conditions(), *_past()]


def _conditions() -> Iterator[Figure]:
    """From the request of the page until Modbus answers from the new run."""
    with lab() as running:
        first = timed(partial(_load, running)).wall_s
        again = [timed(partial(_load, running)).wall_s for _ in range(ROUNDS)]
    note = "request of the page until a wire answers; the state is kept"
    yield Figure("initial condition, p50", percentile(again, 0.5), "s", f"{note}; {spread(again)}", GOAL_CONDITION)
    yield Figure("initial condition, the very first time", first, "s", "file read, ten minutes of the line computed")


def _load(running: Lab) -> None:
    request = urllib.request.Request(
        f"http://{HOST}:{running.ports.web}/api/benches/1/conditions/{CONDITION}",
        data=json.dumps({"frozen": False}).encode(),
        headers={"Authorization": f"Bearer {running.token(role='instructor')}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        answer.read()
    with socket.create_connection((HOST, running.ports.modbus), timeout=5) as wire:
        wire.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 1, 4, 0, 1))
        if not wire.recv(64):
            raise RuntimeError("Modbus does not answer")


def _past() -> Iterator[Figure]:
    """Moments all over an hour with an input every two seconds and a checkpoint every minute, as a bench keeps them."""
    with tempfile.TemporaryDirectory(prefix="linelab-bench-") as folder:
        _record(Path(folder))
        took = [timed(partial(_look, Path(folder), moment)).wall_s for moment in MOMENTS_S]
        for kept in (Path(folder) / "checkpoints").iterdir():
            kept.unlink()
        whole = timed(partial(_look, Path(folder), HOUR_S)).wall_s
    yield Figure("look back into an hour, worst", max(took), "s", f"at {MOMENTS_S} s; {spread(took)}", GOAL_PAST)
    yield Figure("look back an hour without any checkpoint", whole, "s", "the whole journal computed again")


def _record(folder: Path) -> None:
    definition = load_line("smart-factory")
    line, recorder = Line(definition, 1), Recorder(folder)
    recorder.journal(journal.header(definition, 1, ""))
    for second in range(INPUT_S, HOUR_S + 1, INPUT_S):
        line.advance(second * NS)
        given = Input("write", {"writes": [["sorting.ejector_3_colour", 2 if second // INPUT_S % 2 else 3]]})
        recorder.journal(journal.input_record(line.now_ns, given, "benchmark"))
        line.apply(given)
        line.advance(line.now_ns)
        if second % MINUTE_S == 0:
            recorder.journal(journal.digest_record(line.now_ns, line.events, line.digest))
            recorder.keep(recorder.offset, line.checkpoint())
    recorder.close()


def _look(folder: Path, moment_s: float) -> None:
    begun = time.perf_counter()
    seen = asyncio.run(look_at(folder, round(moment_s * NS)))
    if not isinstance(seen, dict) or seen["t_s"] != moment_s:
        raise RuntimeError(f"after {time.perf_counter() - begun:.1f} s another moment came back")
