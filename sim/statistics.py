"""What a stretch of a run was like: throughput, work in process, flow time, shares of time. Reads, changes nothing.

Everything that is counted only grows, so a stretch is the difference of two looks: a warm-up is left out by looking
when it is over. Of flow components the shares are exact; those of PackML stations are kept by a listener.
"""

from dataclasses import dataclass, field

from sim.components.flow_base import FlowComponent
from sim.components.machine import MODES
from sim.components.sink import Sink
from sim.line import Line
from sim.packml import State
from sim.plant import Plant

HOUR_NS = 3_600_000_000_000
STOPPED = "stopped"
_DOWN = (State.ABORTING, State.ABORTED, State.CLEARING)
_UP = (State.EXECUTE, State.SUSPENDING, State.SUSPENDED, State.UNSUSPENDING)


@dataclass(frozen=True, slots=True)
class StationShare:
    """One station or machine: shares of the time, which add up to 1; parts it has done, scrap, failures."""

    name: str
    working: float
    blocked: float
    starved: float
    down: float
    stopped: float
    parts: int
    scrapped: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class RunStatistics:
    """One stretch of one run. What nothing was counted for is None."""

    seed: int
    from_s: float
    to_s: float
    parts: int  # finished in it
    throughput_per_h: float
    wip: float  # mean number of parts on the line
    flow_s: float | None  # mean time on the line of those finished
    stations: list[StationShare]
    contents: dict[str, float] = field(default_factory=dict)  # mean content of buffers, waiting parts of sources
    busy: dict[str, float] = field(default_factory=dict)  # mean number of repairers at work, of pallets in use


@dataclass(frozen=True, slots=True)
class _Look:
    """Everything that is counted, at one instant."""

    t_ns: int
    finished: int
    flow_ns: int
    wip_ns: int
    figures: dict[str, dict[str, int]]


class Statistics:
    """Attach it to a line, `begin` where the stretch begins (at once if never called), ask for the `result`."""

    def __init__(self, line: Line) -> None:
        self._line, self._plant = line, line.plant
        self._units = UnitShares(line) if line.plant.units else None
        self.begin()

    def begin(self) -> None:
        """The stretch begins now."""
        self._first = self._look()

    def _look(self) -> _Look:
        plant, parts = self._plant, self._plant.parts
        figures = {n: dict(c.figures()) for n, c in plant.components.items() if isinstance(c, FlowComponent)}
        if self._units is not None:
            figures |= self._units.figures()
        return _Look(plant.now_ns, parts.good + parts.rejected, parts.flow_ns, wip_ns(plant), figures)

    def result(self) -> RunStatistics:
        """The stretch up to now."""
        first, last = self._first, self._look()
        span = last.t_ns - first.t_ns
        grown = {n: {k: v - first.figures[n][k] for k, v in f.items()} for n, f in last.figures.items()}
        finished, flow_ns = _finished(self._plant, first, last, grown)
        return RunStatistics(
            seed=self._plant.seed,
            from_s=first.t_ns / 1e9,
            to_s=last.t_ns / 1e9,
            parts=finished,
            throughput_per_h=finished * HOUR_NS / span if span else 0.0,
            wip=(last.wip_ns - first.wip_ns) / span if span else 0.0,
            flow_s=flow_ns / finished / 1e9 if finished else None,
            stations=[_share(n, f) for n, f in grown.items() if "working" in f],
            contents=_means(grown, ("content_ns", "waiting_ns"), span),
            busy=_means(grown, ("busy_ns", "lent_ns"), span),
        )


def wip_ns(plant: Plant) -> int:
    """Parts on the line x ns since its birth: every part counts from its birth until it is finished or gone."""
    parts, now = plant.parts, plant.now_ns
    here = sum(now - part.born_ns for part in parts.by_serial.values() if not part.finished)
    return parts.flow_ns + parts.unfinished_ns + here


def _finished(plant: Plant, first: _Look, last: _Look, grown: dict[str, dict[str, int]]) -> tuple[int, int]:
    """Parts finished and the sum of their times; on a flow line at its sinks, scrap apart."""
    sinks = [grown[n] for n, c in plant.components.items() if isinstance(c, Sink)]
    if sinks:
        return sum(f["finished"] for f in sinks), sum(f["flow_ns"] for f in sinks)
    return last.finished - first.finished, last.flow_ns - first.flow_ns


def _means(grown: dict[str, dict[str, int]], keys: tuple[str, ...], span: int) -> dict[str, float]:
    return {name: found[key] / (span or 1) for name, found in grown.items() for key in keys if key in found}


def _share(name: str, grown: dict[str, int]) -> StationShare:
    total = sum(grown[mode] for mode in MODES) + grown.get(STOPPED, 0) or 1
    working, blocked, starved, down, stopped = (grown.get(mode, 0) / total for mode in (*MODES, STOPPED))
    counts = (grown["finished"], grown["scrapped"], grown.get("failures", 0))
    return StationShare(name, working, blocked, starved, down, stopped, *counts)


class UnitShares:
    """Time of PackML stations by what it was good for: a listener, as a unit keeps only time in state."""

    def __init__(self, line: Line) -> None:
        self._plant = plant = line.plant
        self._times = {name: dict.fromkeys((*MODES, STOPPED), 0) for name in plant.units}
        self._waits: dict[str | int, str] = {
            unit.tags[signal]: name
            for name, unit in plant.units.items()
            for signal in ("equipment_blocked", "equipment_starved")
        }
        self._mode = {name: self._mode_of(name) for name in plant.units}
        self._since = dict.fromkeys(plant.units, plant.now_ns)
        line.listen(self._hear)

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        name = subject if kind == "state" else self._waits.get(subject) if kind == "tag" else None
        if isinstance(name, str):
            self._times[name][self._mode[name]] += t_ns - self._since[name]
            self._since[name], self._mode[name] = t_ns, self._mode_of(name)

    def _mode_of(self, name: str) -> str:
        unit, see = self._plant.units[name], self._plant.image.see
        if unit.s.state in _UP:
            if see(unit.tags["equipment_blocked"]):
                return "blocked"
            return "starved" if see(unit.tags["equipment_starved"]) else "working"
        return "down" if unit.s.state in _DOWN else STOPPED

    def figures(self) -> dict[str, dict[str, int]]:
        now, found = self._plant.now_ns, {}
        for name, unit in self._plant.units.items():
            times = dict(self._times[name])
            times[self._mode[name]] += now - self._since[name]
            counts = {key: int(self._plant.image.see(unit.tags[tag])) for key, tag in _COUNTS.items()}
            found[name] = {**times, **counts}
        return found


_COUNTS = {"finished": "parts_out", "scrapped": "parts_rejected"}
