"""The static geometry of a line, for drawing: derived from the definition alone, in metres."""

from typing import cast

from sim.component import MM
from sim.components import KINDS
from sim.definition import ComponentDefinition, LineDefinition, PartKind, StationDefinition
from sim.state import JsonValue, dump

M = 1000 * MM
MARGIN = 0.35  # m around what stands there
WIDTH = 0.3  # m, drawn width of things without a length


def layout(definition: LineDefinition) -> dict[str, JsonValue]:
    """What a browser needs once: stations as rectangles, components with kind, place and sizes."""
    components = [_component(station, c) for station in definition.stations for c in station.components]
    stations = [
        _station(station, [c for c in components if c["station"] == station.name]) for station in definition.stations
    ]
    right = max((cast(float, s["x"]) + cast(float, s["w"]) for s in stations), default=1.0)
    bottom = max((cast(float, s["y"]) + cast(float, s["h"]) for s in stations), default=1.0)
    return {
        "line": definition.name,
        "title": dump(definition.title),
        "size": [round(right, 3), round(bottom, 3)],
        "part": {
            "length": definition.part.length_fm / M,
            "colours": dump(definition.part.colours),
            "kinds": [_kind(kind) for kind in definition.part.kinds],
        },
        "stations": cast(JsonValue, stations),
        "components": cast(JsonValue, components),
    }


def _kind(given: PartKind) -> dict[str, JsonValue]:
    """A sort of parts as drawn: metres and kilogrammes."""
    return {
        "title": dump(given.title),
        "height": given.height_fm / M,
        "mass": given.mass_mg / 10**6,
        "material": given.material,
    }


def _component(station: StationDefinition, given: ComponentDefinition) -> dict[str, JsonValue]:
    lengths = {p.name for p in KINDS[given.kind].parameters if p.dimension == "length"}
    sizes: dict[str, JsonValue] = {n: v / M for n, v in given.parameters.items() if n in lengths}
    counts = {p.name for p in KINDS[given.kind].parameters if p.dimension == "count"}
    sizes |= {n: v for n, v in given.parameters.items() if n in counts}
    sizes |= {n: [v / M for v in values] for n, values in given.lists.items() if n in lengths}
    return {
        "name": f"{station.name}.{given.name}",
        "station": station.name,
        "kind": given.kind,
        "title": dump(given.title),
        "x": given.place.x_m,
        "y": given.place.y_m,
        "z": given.place.z_m,
        "heading": given.place.heading_deg,
        "position": given.parameters["position"] / M if "position" in given.parameters else None,
        "parameters": sizes,
        "joins": dump(given.joins),
        "signals": dump(given.signals),
    }


def _station(station: StationDefinition, parts: list[dict[str, JsonValue]]) -> dict[str, JsonValue]:
    placed = [p for p in parts if p["x"] or p["y"]]
    ends = [(cast(float, p["x"]) + _reach(p), cast(float, p["y"])) for p in placed]
    xs = [cast(float, p["x"]) for p in placed] + [x for x, _ in ends]
    ys = [cast(float, p["y"]) for p in placed]
    left, top = min(xs, default=0.0) - MARGIN / 4, min(ys, default=0.0) - MARGIN
    return {
        "name": station.name,
        "title": dump(station.title),
        "x": round(left, 3),
        "y": round(top, 3),
        "w": round(max(xs, default=1.0) - left + MARGIN / 4, 3),
        "h": round(max(ys, default=0.0) - top + MARGIN, 3),
    }


def _reach(part: dict[str, JsonValue]) -> float:
    """How far a component extends to the right of its place, in metres."""
    sizes = cast(dict[str, JsonValue], part["parameters"])
    if part["kind"] == "belt":
        return cast(float, sizes["length"])
    return WIDTH if not part["position"] else 0.0
