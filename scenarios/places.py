"""Places on belts: what stands beside a belt must stand beside it, and what holds a part must be able to."""

from collections.abc import Sequence

from scenarios.yaml_source import Source
from sim.definition import ComponentDefinition, PartDefinition, StationDefinition
from sim.units import format as written

# they hold a part by its head or push it aside, so its tail must be on the belt too
HOLDERS = ("stopper", "clamp", "ejector", "pusher", "diverter")


def check_places(source: Source, stations: Sequence[StationDefinition], part: PartDefinition) -> None:
    """Add an error for each component whose `position` is off its belt or too near to the belt's beginning."""
    lengths = {
        f"{station.name}.{component.name}": component.parameters["length"]
        for station in stations
        for component in station.components
        if "length" in component.parameters
    }
    for station in stations:
        for component in station.components:
            _check(source, station.name, component, lengths, part)


def _check(
    source: Source, station: str, component: ComponentDefinition, lengths: dict[str, int], part: PartDefinition
) -> None:
    position = component.parameters.get("position")
    at = ("stations", station, "components", component.name, "position")
    for belt in (*component.joins.get("belt", []), *component.joins.get("of", [])):
        if position is None or belt not in lengths:
            continue
        if not 0 <= position <= lengths[belt]:
            length = written(lengths[belt], "length")
            source.add(at, f"{written(position, 'length')} is off the belt {belt}, which is {length} long")
        elif position + component.parameters.get("plate", 0) > lengths[belt]:
            end = written(position + component.parameters["plate"], "length")
            length = written(lengths[belt], "length")
            source.add(at, f"its plate ends at {end}, off the belt {belt}, which is {length} long")
        elif component.kind in HOLDERS and position < part.length_fm:
            least = written(part.length_fm, "length")
            source.add(at, f"{written(position, 'length')} is too near to the belt's beginning to hold a part: {least}")
