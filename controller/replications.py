"""Many runs of a line with different seeds, in worker processes; their figures with intervals. Knows no file, no page.

Run n has the seed `first + n`, whatever the line: two settings run with the same seeds see the same random numbers, as
every use of chance has a stream of its own. So their difference, run by run, shows what the setting does.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from controller.intervals import Interval, interval
from sim.definition import LineDefinition
from sim.invariants import Invariants
from sim.line import Line
from sim.statistics import RunStatistics, Statistics

LOOKS = 50  # at the invariants, in a run

Tell = Callable[[float], None]  # told the share that is done


@dataclass(frozen=True, slots=True)
class Plan:
    """What each run does."""

    definition: LineDefinition
    until_ns: int
    warmup_ns: int = 0
    check: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run."""

    statistics: RunStatistics
    violations: tuple[str, ...] = ()


def run_once(plan: Plan, seed: int) -> Outcome:
    """One run to its end. Raises LineError where the line cannot go on."""
    line = Line(plan.definition, seed)
    watch = Watch(line, plan.warmup_ns, plan.check)
    for stop in watch.stops(plan.until_ns, LOOKS if plan.check else 1):
        line.advance(stop)
        watch.at_stop()
    return watch.outcome()


class Watch:
    """Statistics from the end of the warm-up on and, where wanted, the invariants, of one line."""

    def __init__(self, line: Line, warmup_ns: int = 0, check: bool = False) -> None:
        self._line, self._warmup_ns = line, warmup_ns
        self._statistics = Statistics(line)
        self._invariants = Invariants(line) if check else None

    def stops(self, until_ns: int, steps: int) -> list[int]:
        """Where to stop and tell: at equal steps, and when the warm-up is over."""
        equal = {until_ns * step // steps for step in range(1, steps + 1)}
        return sorted(equal | ({self._warmup_ns} if 0 < self._warmup_ns < until_ns else set()))

    def at_stop(self) -> None:
        if self._line.now_ns == self._warmup_ns:
            self._statistics.begin()
        if self._invariants is not None:
            self._invariants.look()

    def outcome(self) -> Outcome:
        found = () if self._invariants is None else tuple(self._invariants.look())
        return Outcome(self._statistics.result(), found)


def replicate(plans: Sequence[Plan], seeds: Sequence[int], jobs: int, tell: Tell) -> list[list[Outcome]]:
    """All runs of all plans, one list for each plan in the order of the seeds."""
    tasks = [(p, s) for s in range(len(seeds)) for p in range(len(plans))]
    found: dict[tuple[int, int], Outcome] = {}
    for task, outcome in _outcomes(plans, seeds, tasks, jobs):
        found[task] = outcome
        tell(len(found) / len(tasks))
    return [[found[p, s] for s in range(len(seeds))] for p in range(len(plans))]


def _outcomes(
    plans: Sequence[Plan], seeds: Sequence[int], tasks: Sequence[tuple[int, int]], jobs: int
) -> Iterator[tuple[tuple[int, int], Outcome]]:
    if jobs == 1:
        for task in tasks:
            yield task, run_once(plans[task[0]], seeds[task[1]])
        return
    with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(run_once, plans[p], seeds[s]): (p, s) for p, s in tasks}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


# ---- figures ---------------------------------------------------------------------------------------------------------


def figures(run: RunStatistics) -> dict[str, float]:
    """Every figure of a run by its name; without the mean time of parts where none was finished."""
    flow = {} if run.flow_s is None else {"flow_s": run.flow_s}
    shares = {
        f"{station.name}.{mode}": getattr(station, mode)
        for station in run.stations
        for mode in ("working", "blocked", "starved", "down", "stopped")
    }
    contents = {f"{name}.content": value for name, value in run.contents.items()}
    busy = {f"{name}.busy": value for name, value in run.busy.items()}
    return {"throughput_per_h": run.throughput_per_h, "wip": run.wip, **flow, **shares, **contents, **busy}


def estimates(runs: Sequence[Outcome], confidence: float) -> dict[str, Interval]:
    """An interval for every figure that all runs have."""
    each = [figures(run.statistics) for run in runs]
    names = [name for name in each[0] if all(name in found for found in each)]
    return {name: interval([found[name] for found in each], confidence) for name in names}


def differences(one: Sequence[Outcome], other: Sequence[Outcome], confidence: float) -> dict[str, Interval]:
    """How much more the other one has, run by run: the same seeds, so chance is mostly taken out."""
    pairs = [(figures(a.statistics), figures(b.statistics)) for a, b in zip(one, other, strict=True)]
    names = [name for name in pairs[0][0] if all(name in a and name in b for a, b in pairs)]
    return {name: interval([b[name] - a[name] for a, b in pairs], confidence) for name in names}
