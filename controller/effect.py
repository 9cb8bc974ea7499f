"""What a scenario does to a line: the same run twice, healthy and with it, with equal random numbers. Headless.

Both runs have the line, the seed and the initial condition of the scenario; the figures are those of the time since the
scenario began. Nobody repairs anything, unless the faults end by themselves. Knows no file and no wire.
"""

from collections.abc import Callable
from dataclasses import dataclass

from scenarios.timeline import Scenario
from sim.alarms.state import SHOWN_ACTIVE
from sim.inputs import Input
from sim.line import Line
from sim.packml import State
from sim.report import Oee
from sim.statistics import StationShare, Statistics

STEPS = 100  # of the progress that is told

Tell = Callable[[float], None]  # told the share that is done


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs, since the scenario began."""

    finished: int
    good: int
    oee: Oee
    alarms: tuple[str, ...]  # raised since then, each once
    stations: tuple[StationShare, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Seconds that a station worked less than in the healthy run, and what it did more in them."""

    station: str
    lost_s: float
    blocked_s: float
    starved_s: float
    down_s: float
    stopped_s: float
    parts: int  # fewer


@dataclass(frozen=True, slots=True)
class FaultSeen:
    """One fault of the scenario in the run: its entry, and from when to when; None: it was still there."""

    id: str
    fault: str
    target: str
    from_s: float
    to_s: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """The difference that a scenario makes."""

    scenario: str
    line: str
    seed: int
    time_s: float
    healthy: Side
    hit: Side
    lost: tuple[Lost, ...]
    faults: tuple[FaultSeen, ...]

    @property
    def alarms(self) -> tuple[str, ...]:
        """Those that only the scenario brought."""
        return tuple(name for name in self.hit.alarms if name not in self.healthy.alarms)


class _Run:
    """One of the two runs."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.line = Line(scenario.definition, seed)
        scenario.initial.bring(self.line)
        self.begun_ns = self.line.now_ns
        self._first = self._look()
        self._statistics = Statistics(self.line)
        self._seen: dict[str, FaultSeen] = {}
        self._alarms: list[str] = []
        self.line.listen(self._hear)

    def begin(self, given: Input) -> None:
        """Raises ValueError where the line refuses it."""
        self.line.apply(given)
        self.line.advance(self.line.now_ns)

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "alarm" and subject not in self._alarms and self.line.alarm(str(subject)).isa in SHOWN_ACTIVE:
            self._alarms.append(str(subject))
        if kind != "fault":
            return
        ident, now_s = str(subject), (t_ns - self.begun_ns) / 1e9
        if data:
            args = self.line.faults.get(ident, {})
            self._seen[ident] = FaultSeen(ident, str(args.get("fault", "")), str(args.get("target", "")), now_s, None)
        elif ident in self._seen:
            was = self._seen[ident]
            self._seen[ident] = FaultSeen(was.id, was.fault, was.target, was.from_s, now_s)

    def _look(self) -> tuple[int, int, dict[str, int]]:
        plant = self.line.plant
        producing = {name: unit.time_in(State.EXECUTE) for name, unit in plant.units.items()}
        return plant.parts.good + plant.parts.rejected, plant.parts.good, producing

    def side(self) -> Side:
        (finished, good, producing), (before, good_before, then) = self._look(), self._first
        finished, good = finished - before, good - good_before
        span = self.line.now_ns - self.begun_ns
        busiest = max((ns - then[name] for name, ns in producing.items()), default=0)
        oee = oee_of(self.line.definition.ideal_cycle_ns, span, busiest, finished, good)
        return Side(
            finished, good, oee, tuple(self._alarms), tuple(self._statistics.result().stations), self.line.digest
        )

    def faults(self) -> tuple[FaultSeen, ...]:
        return tuple(self._seen.values())


def oee_of(ideal_ns: int, span_ns: int, producing_ns: int, finished: int, good: int) -> Oee:
    """Of a stretch, as `sim.report` has it of a whole run."""
    availability = producing_ns / span_ns if span_ns else None
    effectiveness = ideal_ns * finished / producing_ns if ideal_ns and producing_ns else None
    quality = good / finished if finished else None
    terms = [term for term in (availability, effectiveness, quality) if term is not None]
    product = terms[0] * terms[1] * terms[2] if len(terms) == 3 else None
    return Oee(*(None if term is None else round(term, 4) for term in (availability, effectiveness, quality, product)))


def effect(scenario: Scenario, time_ns: int, seed: int | None = None, tell: Tell = lambda share: None) -> Effect:
    """Run both. Raises LineError where the line cannot go on, ValueError where it refuses the scenario."""
    used = scenario.seed if seed is None else seed
    healthy, hit = _Run(scenario, used), _Run(scenario, used)
    hit.begin(scenario.begin())
    for number, run in enumerate((healthy, hit)):
        for step in range(1, STEPS + 1):
            run.line.advance(run.begun_ns + time_ns * step // STEPS)
            tell((number + step / STEPS) / 2)
    one, other = healthy.side(), hit.side()
    lost = tuple(_lost(a, b, time_ns / 1e9) for a, b in zip(one.stations, other.stations, strict=True))
    return Effect(scenario.name, scenario.line, used, time_ns / 1e9, one, other, lost, hit.faults())


def _lost(healthy: StationShare, hit: StationShare, time_s: float) -> Lost:
    def more(mode: str) -> float:
        one, other = float(getattr(healthy, mode)), float(getattr(hit, mode))
        return round((other - one) * time_s, 1)

    return Lost(
        station=healthy.name,
        lost_s=0.0 - more("working"),
        blocked_s=more("blocked"),
        starved_s=more("starved"),
        down_s=more("down"),
        stopped_s=more("stopped"),
        parts=healthy.parts - hit.parts,
    )
