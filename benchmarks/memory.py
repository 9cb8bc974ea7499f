"""What a bench takes: the processes of a lab with one, three and ten benches, and the line alone."""

import time
import tracemalloc

import psutil

from api.cli.content import load_line
from benchmarks.figures import Figure
from benchmarks.lab import lab
from sim.line import Line

BENCHES = (1, 3, 10)
SETTLE_S, IDLE_S = 2.0, 8.0
MIB = 2**20


def measure() -> list[Figure]:
    hosts: dict[int, float] = {}
    figures: list[Figure] = []
    for benches in BENCHES:
        found, cpu = _lab(benches)
        hosts[benches] = found["controller.host"]
        figures += [Figure(f"{_word(n)}, {benches} benches", size, "MiB RSS") for n, size in sorted(found.items())]
        figures.append(Figure(f"host process, {benches} benches, running by themselves", cpu, "% of a core"))
    first, last = BENCHES[0], BENCHES[-1]
    each = (hosts[last] - hosts[first]) / (last - first)
    figures.insert(0, Figure("each further bench, all wires", each, "MiB RSS", f"slope from {first} to {last} benches"))
    figures.insert(1, Figure("a line alone, after ten minutes", _alone(), "MiB", "Python objects, by tracemalloc"))
    return figures


def _word(module: str) -> str:
    return {"controller.host": "host process", "api.server": "page process"}.get(module, "supervisor process")


def _lab(benches: int) -> tuple[dict[str, float], float]:
    """MiB of each process by its module, and CPU of the host in percent of a core."""
    with lab(benches) as running:
        time.sleep(SETTLE_S)
        root = psutil.Process(running.process.pid)
        processes = {_module(child): child for child in root.children(recursive=True)}
        host = processes["controller.host"]
        before = host.cpu_times()
        time.sleep(IDLE_S)
        after = host.cpu_times()
        used = after.user + after.system - before.user - before.system
        sizes = {module: process.memory_info().rss / MIB for module, process in processes.items()}
        return {**sizes, "": root.memory_info().rss / MIB}, 100 * used / IDLE_S


def _module(process: psutil.Process) -> str:
    command = process.cmdline()
    return command[command.index("-m") + 1] if "-m" in command else " ".join(command)


def _alone() -> float:
    definition = load_line("smart-factory")
    Line(definition, 1)  # what all lines share is there before
    tracemalloc.start()
    line = Line(definition, 1)
    line.advance(600 * 10**9)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / MIB
