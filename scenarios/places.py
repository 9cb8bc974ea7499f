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
    turned = {
        f"{station.name}.{component.name}": component.parameters["places"]
        for station in stations
        for component in station.components
        if "places" in component.parameters
    }
    for station in stations:
        for component in station.components:
            _check(source, station.name, component, lengths, part)
            _check_number(source, station.name, component, turned)


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


def _check_number(source: Source, station: str, component: ComponentDefinition, places: dict[str, int]) -> None:
    """Add an error for a spot at a place that its table lacks, and for what pushes parts back onto its own belt."""
    at = ("stations", station, "components", component.name)
    for table in component.joins.get("of", []):
        number = component.parameters.get("place", 0)
        if number >= places.get(table, number + 1):
            source.add((*at, "place"), f"{number}: {table} has places 0 to {places[table] - 1}")
    if component.kind in HOLDERS and set(component.joins.get("to", [])) & set(component.joins.get("belt", [])):
        source.add((*at, "to"), "leads back to the belt that it stands on")
