"""What leads where in the stations of a line: a way on for every part, a pipe with an end, one taker at a place.

The open end of a belt is no mistake: there parts leave the line, and the report counts them.
"""

from collections.abc import Iterator, Mapping, Sequence

from scenarios.yaml_source import Source
from sim.definition import ComponentDefinition, StationDefinition
from sim.units import format as written

DECKS = ("transfer", "turntable")  # short driven sections with several ways out
PIPES = ("valve", "pump")
TAKERS_AT = ("collection", "ejector", "pusher", "palletizer", "spot")  # each has one place at a belt
CONVEYORS = ("belt", "roller_conveyor")

Components = Mapping[str, ComponentDefinition]  # by station.component


def check_connections(source: Source, stations: Sequence[StationDefinition]) -> None:
    """Add an error for everything that is connected to nothing, or twice to one place."""
    components = {f"{s.name}.{c.name}": c for s in stations for c in s.components}
    for name, component in components.items():
        station, _, own = name.partition(".")
        for key, message in _complaints(name, component):
            source.add(("stations", station, "components", own, *key), message)
    for name, other in _laid_over(components):
        station, _, own = name.partition(".")
        source.add(
            ("stations", station, "components", own, "at"), f"{other} lies at this place with this heading already"
        )
    for name, other in _twice(components):
        station, _, own = name.partition(".")
        place = written(components[name].parameters["position"], "length")
        source.add(
            ("stations", station, "components", own, "position"),
            f"{place}: {other.partition('.')[2]} takes parts at this place of the belt already; one part, one taker",
        )


def _complaints(name: str, component: ComponentDefinition) -> Iterator[tuple[tuple[str, ...], str]]:
    ways = [key for key, targets in component.joins.items() if key.startswith("to") and targets]
    if component.kind in DECKS and not ways:
        yield (), "its parts go nowhere: name `to`, `to_left`, `to_right` or `to_back`"
    elif component.kind in PIPES and not component.joins.get("source") and not ways:
        yield (), "leads from nowhere to nowhere: name a tank in `source`, in `to`, or in both"
    if name in component.joins.get("to", []):
        yield ("to",), "leads back to itself"


def _laid_over(components: Components) -> Iterator[tuple[str, str]]:
    """Conveyors that begin at one place in one direction; those without a place (`at`) are not drawn there."""
    seen: dict[tuple[float, ...], str] = {}
    for name, component in components.items():
        place = component.place
        if component.kind in CONVEYORS and (place.x_m or place.y_m):
            first = seen.setdefault((place.x_m, place.y_m, place.z_m, place.heading_deg), name)
            if first != name:
                yield name, first


def _twice(components: Components) -> Iterator[tuple[str, str]]:
    """Takers at one place of one belt: each with the one before it."""
    seen: dict[tuple[object, ...], str] = {}
    for name, component in components.items():
        position = component.parameters.get("position")
        if component.kind in TAKERS_AT and position is not None:
            for belt in (*component.joins.get("belt", []), *component.joins.get("of", [])):
                spot = component.kind == "spot"  # a hand beside a machine's place is no rival
                first = seen.setdefault((belt, position, spot, *_reach(component)), name)
                if first != name:
                    yield name, first


def _reach(component: ComponentDefinition) -> tuple[int, ...]:
    """Spots at one place of a belt are told apart by where the gripper is, or by the slot of a stack."""
    return tuple(component.parameters.get(key, 0) for key in ("x", "y", "z", "slot", "place"))
