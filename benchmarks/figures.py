"""What a benchmark hands back, the machine it ran on, and how both are shown. Measures nothing itself."""

import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `goal` is what the issue asks for, in words; nothing fails when it is missed."""

    name: str
    value: float
    unit: str
    note: str = ""
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured, and how busy that was."""

    cpu: str
    cores: int
    memory_gib: float
    system: str
    python: str
    load_before: float  # other work that ran: load average of the minute before
    taken: str

    @classmethod
    def here(cls) -> "Machine":
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        return cls(
            cpu=_cpu(),
            cores=os.cpu_count() or 1,
            memory_gib=round(memory, 1),
            system=f"{platform.system()} {platform.release()}",
            python=platform.python_version(),
            load_before=round(os.getloadavg()[0], 2),
            taken=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def __str__(self) -> str:
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gib} GiB, {self.system}, Python {self.python}, "
            f"load average before {self.load_before}"
        )


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the sorted values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def spread(values: Sequence[float]) -> str:
    return f"lowest {min(values):.4g}, highest {max(values):.4g} of {len(values)}"


def latencies(name: str, seconds: Sequence[float], note: str = "", goal: str = "") -> list[Figure]:
    """p50 and p99 in milliseconds."""
    n = f"{note}, n={len(seconds)}".lstrip(", ")
    return [
        Figure(f"{name}, p50", percentile(seconds, 0.5) * 1e3, "ms", n, goal),
        Figure(f"{name}, p99", percentile(seconds, 0.99) * 1e3, "ms", n),
    ]


def ratio(name: str, over: Sequence[float], under: Sequence[float], note: str = "", goal: str = "") -> Figure:
    return Figure(name, percentile(over, 0.5) / percentile(under, 0.5), "x", note, goal)


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took: on the wall, and of this process's CPU time."""

    wall_s: float
    cpu_s: float


def timed(work: Callable[[], object]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def show(console: Console, title: str, figures: Sequence[Figure]) -> None:
    table = Table(title=title, title_justify="left", show_edge=False)
    for column, justify in (("figure", "left"), ("value", "right"), ("", "left"), ("goal", "left"), ("how", "left")):
        table.add_column(column, justify="right" if justify == "right" else "left")
    for figure in figures:
        table.add_row(figure.name, f"{figure.value:,.4g}", figure.unit, figure.goal, figure.note)
    console.print(table)
    console.print()


def save(machine: Machine, results: dict[str, Sequence[Figure]]) -> Path:
    """All figures of one run as JSON, and the same as `latest.json`."""
    OUT.mkdir(exist_ok=True)
    whole = {"machine": asdict(machine), "results": {n: [asdict(f) for f in found] for n, found in results.items()}}
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    path = OUT / f"{machine.taken.replace(':', '').partition('+')[0]}.json"
    path.write_text(text, encoding="utf-8")
    (OUT / "latest.json").write_text(text, encoding="utf-8")
    return path
