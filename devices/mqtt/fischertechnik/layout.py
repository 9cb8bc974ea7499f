"""The track as the contract's layout: modules, crossings, roads with lengths in mm; from the definition of a line.

Without a definition (tags alone) modules are listed and no roads. Sans-I/O.
"""

from dataclasses import dataclass
from math import hypot

from devices.mqtt.fischertechnik.factory import Factory
from devices.mqtt.fischertechnik.messages import Document
from sim.definition import ComponentDefinition, LineDefinition
from sim.state import JsonValue

NODES = ("track_node", "agv_dock", "agv_charger")
PPM_OF_PERCENT = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What of a line its tags do not tell."""

    layout: Document
    charge_below_pct: int | None = None


def empty_plan(factory: Factory) -> Plan:
    return Plan({"modules": _modules(factory), "intersections": [], "roads": []})


def plan(factory: Factory, definition: LineDefinition) -> Plan:
    """Roads are told once each, though vehicles use them both ways."""
    nodes = {f"{s.name}.{c.name}": c for s in definition.stations for c in s.components if c.kind in NODES}
    names = {name: _name(factory, node) for name, node in nodes.items()}
    roads: list[JsonValue] = [
        _road(names[a], names[b], node, nodes[b])
        for a, node in nodes.items()
        for b in node.joins.get("to", [])
        if b in nodes
    ]
    serials = {module.serial for module in factory.modules}
    crossings: list[JsonValue] = [{"id": name} for name in names.values() if name not in serials]
    layout: Document = {"modules": _modules(factory), "intersections": crossings, "roads": roads}
    lows = [c.parameters["low"] for s in definition.stations for c in s.components if c.kind == "agv"]
    return Plan(layout, min(lows) // PPM_OF_PERCENT if lows else None)


def _modules(factory: Factory) -> list[JsonValue]:
    return [{"serialNumber": module.serial, "type": module.type} for module in factory.modules]


def _name(factory: Factory, node: ComponentDefinition) -> str:
    number = node.parameters["number"]
    return factory.serial_at(number) or str(number)


def _road(start: str, end: str, a: ComponentDefinition, b: ComponentDefinition) -> JsonValue:
    east, south = b.place.x_m - a.place.x_m, b.place.y_m - a.place.y_m
    across, along = "EAST" if east >= 0 else "WEST", "SOUTH" if south >= 0 else "NORTH"
    direction = across if abs(east) >= abs(south) else along
    return {"from": start, "to": end, "length": round(1000 * hypot(east, south)), "direction": direction}
