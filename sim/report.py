"""What a run has brought: parts, time in state, OEE after ISO 22400-2."""

from dataclasses import dataclass

from sim.component import Component
from sim.packml import State
from sim.plant import Plant


@dataclass(frozen=True, slots=True)
class StationReport:
    """One station: counts, and seconds in each PackML state that it was in."""

    name: str
    parts_in: int
    parts_out: int
    parts_rejected: int
    time_in_state_s: dict[str, float]


@dataclass(frozen=True, slots=True)
class ComponentReport:
    """One component: seconds in each state of its kind, which add up to the simulated time, and its cycles."""

    name: str
    kind: str
    cycles: int
    time_in_state_s: dict[str, float]


@dataclass(frozen=True, slots=True)
class Oee:
    """Overall equipment effectiveness (ISO 22400-2): availability x effectiveness x quality ratio, each 0 to 1.

    Availability = actual production time / planned busy time, effectiveness = ideal cycle x parts / actual production
    time, quality = good parts / parts. A term without its figure in the definition is None, and so is their product.
    """

    availability: float | None
    effectiveness: float | None
    quality: float | None
    oee: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """One run up to now."""

    line: str
    seed: int
    simulated_s: float
    parts_started: int
    parts_finished: int
    parts_good: int
    parts_rejected: int
    parts_removed: int
    parts_on_line: int
    ends: dict[str, int]
    mean_flow_s: float | None
    stations: list[StationReport]
    components: list[ComponentReport]
    oee: Oee


def report(plant: Plant) -> Report:
    """The report of a line as it is now."""
    parts = plant.parts
    finished = parts.good + parts.rejected
    return Report(
        line=plant.definition.name,
        seed=plant.seed,
        simulated_s=plant.now_ns / 1e9,
        parts_started=parts.made,
        parts_finished=finished,
        parts_good=parts.good,
        parts_rejected=parts.rejected,
        parts_removed=parts.removed,
        parts_on_line=parts.made - finished - parts.removed - parts.merged,
        ends=dict(sorted(parts.ends.items())),
        mean_flow_s=round(parts.flow_ns / 1e9 / finished, 3) if finished else None,
        stations=[_station(plant, name) for name in plant.units],
        components=[component_report(component) for component in plant.components.values()],
        oee=_oee(plant, finished),
    )


def _station(plant: Plant, name: str) -> StationReport:
    unit = plant.units[name]
    counts = {c: int(plant.image.see(unit.tags[c])) for c in ("parts_in", "parts_out", "parts_rejected")}
    times = {s.name.lower(): round(unit.time_in(s) / 1e9, 3) for s in State if unit.time_in(s)}
    return StationReport(name, **counts, time_in_state_s=times)


def component_report(component: Component) -> ComponentReport:
    """Time in state and cycles of one component, until now."""
    times = {name: round(ns / 1e9, 3) for name, ns in component.time_in_state().items()}
    return ComponentReport(component.name, component.definition.kind, component.duty.cycles, times)


def _oee(plant: Plant, finished: int) -> Oee:
    """The line's actual production time is its busiest station's: others wait for parts without being at fault."""
    definition = plant.definition
    planned = min(definition.planned_time_ns, plant.now_ns)
    producing = max((unit.time_in(State.EXECUTE) for unit in plant.units.values()), default=0)
    availability = producing / planned if planned else None
    effective = definition.ideal_cycle_ns * finished / producing if definition.ideal_cycle_ns and producing else None
    quality = plant.parts.good / finished if finished else None
    terms = [t for t in (availability, effective, quality) if t is not None]
    product = terms[0] * terms[1] * terms[2] if len(terms) == 3 else None
    return Oee(*(None if t is None else round(t, 4) for t in (availability, effective, quality, product)))
