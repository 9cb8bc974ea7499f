"""Rods that carry one part off a belt to a place beside it: what pusher and diverter share.

A part that was met is off the belt and belongs to the carrier, which has reserved its place, until it is laid down.
"""

from sim.components.belt import Belt
from sim.components.bin import Bin
from sim.components.cylinder import Cylinder
from sim.handover import Sink, sink_of
from sim.kernel import Wakeable


class BinEntry:
    """The mouth of a bin as a sink."""

    def __init__(self, target: Bin) -> None:
        self.bin, self.station = target, target.station

    def room(self) -> bool:
        return self.bin.room()

    def reserve(self, serial: int) -> None:
        """A bin has room for what is being pushed."""

    def release(self) -> None:
        """It keeps no place."""

    def put(self, serial: int) -> None:
        self.bin.put(serial)

    def fed_by(self, member: Wakeable, slot: int) -> None:
        self.bin.fed_by(member)


class Carrier(Cylinder):
    """A cylinder with a part of its own: `s.serial`, 0 for none. Subclasses say when they meet it and lay it down."""

    sink: Sink
    belt: Belt  # subclasses find it

    def connect(self) -> None:
        super().connect()
        targets = self.joined("to")
        self.sink = sink_of(targets, self.name) or BinEntry(next(b for b in targets if isinstance(b, Bin)))
        self.sink.fed_by(self, 0)

    def has_room(self) -> bool:
        """Whether there is room for what it would carry."""
        return self.sink.room()

    def carries(self) -> bool:
        """Whether a part lies off the belt."""
        return bool(self.s.serial)

    def meet(self, serial: int) -> None:
        """Take this part off the belt, if there is one."""
        if serial and self.belt.take(serial):
            self.s.serial = serial
            self.sink.reserve(serial)
            self.plant.emit("part", serial, ["in", self.name, "plate"])

    def lay_down(self) -> None:
        """The part is where it was to go."""
        serial, self.s.serial = self.s.serial, 0
        if self.sink.station != self.station:
            self.plant.units[self.station].part_out()
            self.plant.units[self.sink.station].part_in()
        self.sink.put(serial)

    # ---- hands, and the eyes of people ------------------------------------------------------------------------

    def take(self, serial: int) -> bool:
        if serial != self.s.serial or not serial:
            return False
        self.s.serial = 0
        self.sink.release()
        return True

    def holds(self) -> list[int]:
        """The part that it carries."""
        return [self.s.serial] if self.s.serial else []

    def handing(self) -> list[tuple[Sink, int]]:
        """What keeps a place free for the part."""
        return [(self.sink, self.s.serial)] if self.s.serial else []

    def announce(self) -> list[tuple[str, str | int, object]]:
        found = super().announce()
        return [*found, ("part", self.s.serial, ["in", self.name, "plate"])] if self.s.serial else found
