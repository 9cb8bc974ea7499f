"""Cylinders that hold parts at a place of their belt: stopper and clamp."""

from sim.component import MM
from sim.components.air import SUPPLY
from sim.components.cylinder import (
    AIR,
    BELT,
    CYCLE,
    EXTEND,
    FAULTS,
    PORTS,
    POSITION,
    RETRACT,
    STATES,
    SWITCH,
    Cylinder,
    belt_of,
)
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Kind, Parameter
from sim.text import Text


class Holder(Cylinder):
    """A cylinder that can hold parts at a place of its belt."""

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.stop = 0

    def connect(self) -> None:
        super().connect()
        self.belt = belt_of(self)
        self.stop = self.belt.attach_stop(self.p["position"])


def holder_kind(name: str, title: Text, purpose: Text, stroke: str) -> Kind:
    """What a line file says of a holder: all alike but for the words and the length of the stroke."""
    return Kind(
        name,
        title,
        purpose,
        parameters=(
            POSITION,
            Parameter("stroke", "length", Text("行程", "Stroke"), stroke, low=10 * MM, fixed=True),
            EXTEND,
            RETRACT,
            *AIR,
        ),
        ports=PORTS,
        joins=(BELT, SUPPLY),
        disturbances=FAULTS,
        states=STATES,
        cycle=CYCLE,
    )


class Stopper(Holder):
    """A pin that holds parts; extending takes it out of their way."""

    KIND = holder_kind(
        "stopper",
        Text("挡停器", "Stopper"),
        Text("得电时放行工件", "Holds parts; lets them pass while its coil has power"),
        "20 mm",
    )

    def born(self) -> None:
        self.belt.set_stop(self.stop, True)

    def marks(self) -> list[int]:
        return [*super().marks(), self.p["stroke"] // 2]

    def arrived(self, at: int) -> None:
        """Half-way out of the parts' way it lets them pass."""
        self.belt.set_stop(self.stop, not self.beyond(at, self.p["stroke"] // 2))


class Clamp(Holder):
    """Jaws at a place of a belt: closed, they hold the part that stands there."""

    KIND = holder_kind(
        "clamp",
        Text("夹具", "Clamp"),
        Text("夹紧停在该位置的工件", "Holds the part that stands at its place"),
        "40 mm",
    )

    def connect(self) -> None:
        super().connect()
        self.belt.clamped_by(self, 0)

    def arrived(self, at: int) -> None:
        """Jaws that close hold a part where it is just then; a later one stands before them."""
        serial, head = self._between()
        self.belt.set_stop(self.stop, self.beyond(at, self.p["stroke"] - SWITCH), head if serial else None)

    def _between(self) -> tuple[int, int]:
        """The part between the jaws, closed or not, and its head."""
        head = self.p["position"]
        return self.belt.found_between(head - self.belt.size, head)

    @property
    def part(self) -> int:
        """The part between the closed jaws, 0 for none."""
        return self._between()[0] if self.is_out else 0
