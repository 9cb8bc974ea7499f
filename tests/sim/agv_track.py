"""A small track with docks, homes and a shared charger, for tests of the AGV fleet; and hands at the docks."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sim.components.agv.fleet import Fleet
from sim.components.agv.track import Dock, Node
from sim.components.agv.transport import Stage, TransportOrder
from sim.components.agv.vehicle import Vehicle
from sim.definition import ComponentDefinition, LineDefinition, Placement
from sim.inputs import Input
from sim.line import Line
from tests.sim.builders import S, component, definition, station
from tests.sim.one_effect import one_effect

# a ladder: docks 1 to 4 outside, pass nodes 11 to 16, homes 21 and 22, charger 31; metres
PLACES = {
    11: (0.0, 1.0), 12: (2.0, 1.0), 13: (4.0, 1.0), 14: (0.0, 2.0), 15: (2.0, 2.0), 16: (4.0, 2.0),
    1: (0.0, 0.4), 2: (4.0, 0.4), 3: (0.0, 2.6), 4: (4.0, 2.6), 21: (5.0, 1.0), 22: (5.0, 2.0), 31: (2.0, 2.6),
}  # fmt: skip
EDGES = {
    11: [12, 14, 1], 12: [13, 15], 13: [16, 2, 21], 14: [15, 3], 15: [16, 31], 16: [4, 22],
}  # fmt: skip
KINDS = {**dict.fromkeys((1, 2, 3, 4), "agv_dock"), 31: "agv_charger"}


def node(number: int) -> ComponentDefinition:
    given = component(
        f"n{number}", KINDS.get(number, "track_node"), number=str(number),
        to=[f"fleet.n{n}" for n in EDGES.get(number, [])],
    )  # fmt: skip
    x, y = PLACES[number]
    return replace(given, place=Placement(x, y))


def vehicle(number: int, home: int, **given: str) -> ComponentDefinition:
    return component(
        f"agv_{number}", "agv", ("error", "speed_actual"), number=str(number), fleet="fleet.control",
        home=f"fleet.n{home}", **given,
    )  # fmt: skip


def track(vehicles: Iterable[ComponentDefinition], orders: int = 2) -> LineDefinition:
    return definition(
        station(
            "fleet",
            component("control", "agv_fleet"),
            *(node(n) for n in PLACES),
            *vehicles,
            *(component(f"trip_{k}", "transport_order", fleet="fleet.control") for k in range(1, orders + 1)),
            control="modbus",
        )
    )


class Yard:
    """A line of the small track. Hands lay a part on a vehicle that waits for one, and take what it brings."""

    def __init__(self, vehicles: Iterable[ComponentDefinition], orders: int = 2, seed: int = 1) -> None:
        self.definition = track(vehicles, orders)
        self.line = Line(self.definition, seed)
        self.moves: list[tuple[int, str, Any]] = []
        self.line.listen(
            lambda t, kind, subject, data: self.moves.append((t, str(subject), data)) if kind == "move" else None
        )
        self.write(control_run=True)

    def write(self, **values: object) -> None:
        self.line.apply(Input("write", {"writes": [[f"fleet.{k}", v] for k, v in values.items()]}))  # type: ignore[list-item]
        self.line.advance(self.line.now_ns)

    def fault(self, **args: Any) -> None:
        self.line.apply(Input("fault", one_effect(args)))
        self.line.advance(self.line.now_ns)

    def end_fault(self, ident: str) -> None:
        self.line.apply(Input("end_fault", {"id": ident}))
        self.line.advance(self.line.now_ns)

    def estop(self, pressed: bool) -> None:
        self.line.apply(Input("panel", {"station": "fleet", "element": "estop", "pressed": pressed}))
        self.line.advance(self.line.now_ns)

    def ask(self, trip: int, source: int, target: int) -> None:
        name = f"trip_{trip}"
        self.write(**{f"{name}_request": False})
        self.write(**{f"{name}_from": source, f"{name}_to": target, f"{name}_request": True})

    def run(self, seconds: float) -> None:
        self.line.advance(self.line.now_ns + round(seconds * S))

    def until(self, reached: Any, most: float = 600, step_ns: int = 50_000_000) -> None:
        """Run until something holds."""
        end = self.line.now_ns + round(most * S)
        while not reached():
            assert self.line.now_ns < end, "it never came to that"
            self.line.advance(self.line.now_ns + step_ns)

    @property
    def fleet(self) -> Fleet:
        return self.find("control")  # type: ignore[no-any-return]

    def agv(self, number: int) -> Vehicle:
        return self.fleet.vehicles[number]

    def trip(self, number: int) -> TransportOrder:
        return self.find(f"trip_{number}")  # type: ignore[no-any-return]

    def node(self, number: int) -> Node:
        return self.fleet.track.nodes[number]

    def find(self, name: str) -> Any:
        return self.line.plant.components[f"fleet.{name}"]

    def hands(self) -> None:
        """Whoever waits for a part gets a new one, whoever brings one is rid of it."""
        for found in self.fleet.track.nodes.values():
            if isinstance(found, Dock):
                if found.room():
                    part = self.line.plant.make_part(1, 0)
                    found.lay(part.serial)
                elif found.part():
                    self.line.plant.retire(found.lift(), found.name)
                self.line.advance(self.line.now_ns)

    def over(self) -> bool:
        return all(o.s.stage in (Stage.NONE, Stage.DONE, Stage.FAILED, Stage.REFUSED) for o in self.fleet.orders)

    def check(self) -> None:
        """One vehicle at most on a node; a driver holds its whole route, a standing vehicle its node alone."""
        held = {n.number: n.holder for n in self.fleet.track.nodes.values() if n.holder}
        routes = {n: v.number for v in self.fleet.vehicles.values() for n in v.s.drive.route}
        assert held == routes
        parts = [serial for v in self.fleet.vehicles.values() for serial in v.holds()]
        assert sorted(parts) == sorted(self.line.plant.parts.by_serial)
