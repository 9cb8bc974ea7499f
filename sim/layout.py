"""The static geometry of a line, for drawing: derived from the definition alone, in metres."""

from math import cos, radians, sin
from typing import cast

from sim.component import MM
from sim.components import KINDS
from sim.definition import ComponentDefinition, LineDefinition, PartKind, StationDefinition
from sim.flow import FLOW
from sim.state import JsonValue, dump

M = 1000 * MM
LITRE = 10**6  # uL
MARGIN = 0.35  # m around what stands there
WIDTH = 0.3  # m, drawn width of things without a length
PITCH = 0.6  # m, between flow components that have no place of their own
DRAWN = {"length": M, "count": 1, "flag": 1, "volume": LITRE}  # dimensions that are drawn, and what of them is one


def layout(definition: LineDefinition) -> dict[str, JsonValue]:
    """What a browser needs once: stations as rectangles, components with kind, place and sizes."""
    components = [_component(station.name, c) for station in definition.stations for c in station.components]
    components += _flow(definition.flow)
    stations = [
        _station(station, [c for c in components if c["station"] == station.name]) for station in definition.stations
    ]
    ends = [(cast(float, c["x"]) + WIDTH, cast(float, c["y"]) + WIDTH) for c in components if c["station"] == FLOW]
    ends += [(_sum(s, "x", "w"), _sum(s, "y", "h")) for s in stations]
    right, bottom = max((x for x, _ in ends), default=1.0), max((y for _, y in ends), default=1.0)
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


def _component(station: str, given: ComponentDefinition) -> dict[str, JsonValue]:
    sizes: dict[str, JsonValue] = {}
    for parameter in KINDS[given.kind].parameters:
        unit, name = DRAWN.get(parameter.dimension), parameter.name
        if unit is not None and name in given.lists:
            sizes[name] = [value / unit for value in given.lists[name]]
        elif unit is not None and name in given.parameters:
            sizes[name] = given.parameters[name] if unit == 1 else given.parameters[name] / unit
    return {
        "name": f"{station}.{given.name}",
        "station": station,
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


def _flow(given: list[ComponentDefinition]) -> list[dict[str, JsonValue]]:
    """Flow components: those that the line file does not place stand in columns, each after all that feed it."""
    column = {f"{FLOW}.{c.name}": 0 for c in given}
    for _ in given:  # loops of pallets end, as no column is higher than there are components
        for c in given:
            for target in c.joins.get("to", []):
                column[target] = max(column[target], min(column[f"{FLOW}.{c.name}"] + 1, len(given)))
    used: dict[int, int] = {}
    made = [_component(FLOW, c) for c in given]
    for component in made:
        if not component["x"] and not component["y"]:
            place = column[cast(str, component["name"])]
            row = used[place] = used.get(place, -1) + 1
            component["x"], component["y"] = round(0.4 + place * PITCH, 3), round(0.5 + row * PITCH, 3)
    return made


def _sum(station: dict[str, JsonValue], start: str, size: str) -> float:
    return cast(float, station[start]) + cast(float, station[size])


def _station(station: StationDefinition, parts: list[dict[str, JsonValue]]) -> dict[str, JsonValue]:
    placed = [p for p in parts if p["x"] or p["y"]]
    ends = [_end(p) for p in placed]
    xs = [cast(float, p["x"]) for p in placed] + [x for x, _ in ends]
    ys = [cast(float, p["y"]) for p in placed] + [y for _, y in ends]
    left, top = min(xs, default=0.0) - MARGIN / 4, min(ys, default=0.0) - MARGIN
    return {
        "name": station.name,
        "title": dump(station.title),
        "x": round(left, 3),
        "y": round(top, 3),
        "w": round(max(xs, default=1.0) - left + MARGIN / 4, 3),
        "h": round(max(ys, default=0.0) - top + MARGIN, 3),
        "steps": _steps(station),
    }


def _steps(station: StationDefinition) -> dict[str, JsonValue]:
    """Titles of the built-in program's steps, by chain and step."""
    chains = [*station.program.home, *station.program.run]
    found: dict[str, dict[str, JsonValue]] = {chain.name: {} for chain in chains}
    for chain in chains:
        found[chain.name] |= {step.name: dump(step.title) for step in chain.steps}
    return cast(dict[str, JsonValue], found)


def _end(part: dict[str, JsonValue]) -> tuple[float, float]:
    """Where a component ends, along its heading."""
    heading = radians(cast(float, part["heading"]))
    x, y, reach = cast(float, part["x"]), cast(float, part["y"]), _reach(part)
    return x + reach * cos(heading), y + reach * sin(heading)


def _reach(part: dict[str, JsonValue]) -> float:
    """How far a component extends from its place along its heading, in metres."""
    sizes = cast(dict[str, JsonValue], part["parameters"])
    if part["kind"] in ("belt", "roller_conveyor"):
        return cast(float, sizes["length"])
    return WIDTH if not part["position"] else 0.0
