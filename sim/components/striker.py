"""Rods with a plate that strike parts off a belt: what ejector and pusher share.

The plate crosses the clearance, then meets the part in front of it. Where there is no room for the part, the plate
stands against it and presses it against what is behind: that part stands, the belt slips under it, and those behind it
queue up. Beyond the clearance the rod bars the belt.
"""

from sim.component import MM
from sim.components.air import SUPPLY
from sim.components.bin import Bin
from sim.components.cylinder import (
    AIR,
    BELT,
    CYCLE,
    FAULTS,
    PORTS,
    POSITION,
    STATES,
    STROKE,
    Cylinder,
    belt_of,
)
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter
from sim.text import Text

PLATE = (
    POSITION,
    STROKE,
    Parameter("extend_speed", "speed", Text("伸出速度", "Extending speed"), "400 mm/s", low=1000),
    Parameter("retract_speed", "speed", Text("缩回速度", "Retracting speed"), "400 mm/s", low=1000),
    Parameter("clearance", "length", Text("到工件的间隙", "Clearance to the part"), "20 mm", low=5 * MM, fixed=True),
    Parameter("reach", "length", Text("推板半宽", "Half the width of its plate"), "35 mm", low=5 * MM, fixed=True),
)


class Striker(Cylinder):
    """A cylinder with a plate beside a belt. Subclasses say whether there is room, and what they do to a part."""

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.stop = 0

    def connect(self) -> None:
        super().connect()
        self.belt = belt_of(self)
        place, reach = self.p["position"], self.p["reach"]
        self.stop = self.belt.attach_stop(place - reach, place + reach)
        self.belt.clamped_by(self, 0)

    def marks(self) -> list[int]:
        return [*super().marks(), self.p["clearance"]]

    def has_room(self) -> bool:
        """Whether there is room for what it would push."""
        raise NotImplementedError

    def carries(self) -> bool:
        """Whether a part lies off the belt before the plate."""
        return False

    def in_front(self) -> tuple[int, int]:
        """The part before the plate and its head, (0, 0) for none."""
        place, reach = self.p["position"], self.p["reach"]
        return self.belt.found_between(place - reach, place + reach)

    def barrier(self, at: int) -> int | None:
        clearance = self.p["clearance"]
        if not self.carries() and at <= clearance and self.in_front()[0] and not self.has_room():
            return clearance
        return None

    def bar(self, at: int) -> None:
        """Hold parts back while the rod is in their way, or the one that it presses on where it is."""
        clearance = self.p["clearance"]
        serial, head = self.in_front()
        presses = at == clearance and self.goes_out() and bool(serial) and self.barrier(at) is not None
        in_the_way = self.carries() or (self.beyond(at, clearance) and self.barrier(at) is None)
        if presses and not self.belt.s.closed[self.stop]:
            self.belt.hold_at(self.stop, head)
        elif in_the_way:
            self.belt.hold_at(self.stop, None)
        elif not presses:
            self.belt.set_stop(self.stop, False)


class Ejector(Striker):
    """Pushes the part in front of it off the belt into a bin; while it is out it bars the belt."""

    KIND = Kind(
        "ejector",
        Text("推料缸", "Ejector"),
        Text("把面前的工件推入料仓", "Pushes the part in front of it into a bin"),
        parameters=(*PLATE, *AIR),
        ports=PORTS,
        joins=(BELT, Join("to", ("bin",), Text("料仓", "Bin")), SUPPLY),
        disturbances=FAULTS,
        states=STATES,
        cycle=CYCLE,
    )

    def connect(self) -> None:
        super().connect()
        self.bin = next(b for b in self.joined("to") if isinstance(b, Bin))
        self.bin.fed_by(self)

    def has_room(self) -> bool:
        return self.bin.room()

    def arrived(self, at: int) -> None:
        if at == self.p["clearance"] and self.goes_out():
            while self.bin.room() and (serial := self.in_front()[0]) and self.belt.take(serial):
                self.bin.put(serial)
        self.bar(at)
