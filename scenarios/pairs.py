"""Parameters that come in pairs, the lower and the upper: the lower one must not be above the upper one."""

from collections.abc import Sequence

from scenarios.yaml_source import Source
from sim.components import KINDS
from sim.definition import ComponentDefinition, StationDefinition
from sim.units import format as written

PAIRS = (
    ("least", "most"),
    ("least", "flow"),  # of a consumer
    ("refill_least", "refill_most"),
    ("empty_after_least", "empty_after_most"),
    ("time_least", "time_most"),
    ("low", "high"),
    ("low", "enough"),  # charge of a vehicle
    ("low_at", "high_at"),
    ("high_at", "height"),
    ("initial", "height"),
    ("on_below", "off_above"),
    ("full_at", "capacity"),
    ("refill_at", "capacity"),
)


def check_pairs(source: Source, stations: Sequence[StationDefinition]) -> None:
    """Add an error for each pair that is the wrong way round."""
    for station in stations:
        for component in station.components:
            for lower, upper in PAIRS:
                _check(source, station.name, component, lower, upper)


def _check(source: Source, station: str, component: ComponentDefinition, lower: str, upper: str) -> None:
    low, high = component.parameters.get(lower), component.parameters.get(upper)
    dimension = _dimension(component.kind, lower)
    if low is None or high is None or dimension != _dimension(component.kind, upper):
        return
    if low > high:
        at = ("stations", station, "components", component.name, lower)
        source.add(at, f"{written(low, dimension)} is above {upper}, which is {written(high, dimension)}")


def _dimension(kind: str, parameter: str) -> str:
    spec = KINDS[kind].parameter(parameter) if kind in KINDS else None
    return spec.dimension if spec else ""
