"""The tracks of vehicles: each number once on its track, every dock reached from a home, every home one's own."""

from collections.abc import Mapping, Sequence

from scenarios.yaml_source import Source
from sim.definition import ComponentDefinition, StationDefinition

NODES = ("track_node", "agv_dock", "agv_charger")

Components = Mapping[str, ComponentDefinition]  # by station.component


def check_tracks(source: Source, stations: Sequence[StationDefinition]) -> None:
    """Add an error for each node that no vehicle can tell apart or reach, and each home of two vehicles."""
    components = {f"{s.name}.{c.name}": c for s in stations for c in s.components}
    nodes = {name: c for name, c in components.items() if c.kind in NODES}
    vehicles = {name: c for name, c in components.items() if c.kind == "agv"}
    track = _tracks(nodes)
    numbers: dict[tuple[str, int], str] = {}
    for name, node in nodes.items():
        number = node.parameters["number"]
        first = numbers.setdefault((track[name], number), name)
        if first != name:
            _complain(source, name, "number", f"{number}: {first} has this number already; each node its own")
    homes: dict[str, str] = {}
    for name, vehicle in vehicles.items():
        for home in vehicle.joins.get("home", []):
            first = homes.setdefault(home, name)
            if first != name:
                _complain(source, name, "home", f"{home} is the home of {first}; each vehicle needs its own")
    reached = {track[home] for home in homes if home in track}
    for name, node in nodes.items():
        if vehicles and node.kind == "agv_dock" and track[name] not in reached:
            _complain(source, name, "", "no vehicle comes here: name it in `to` of a node of the track")


def _tracks(nodes: Components) -> dict[str, str]:
    """For each node one that stands for all those joined to it, in either direction."""
    stands: dict[str, str] = {name: name for name in nodes}
    for name, node in nodes.items():
        for other in node.joins.get("to", []):
            if other in stands:
                old, new = stands[other], stands[name]
                stands = {k: new if v == old else v for k, v in stands.items()}
    return stands


def _complain(source: Source, name: str, key: str, message: str) -> None:
    station, _, own = name.partition(".")
    source.add(("stations", station, "components", own, *((key,) if key else ())), message)
