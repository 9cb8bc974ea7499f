"""A tray: one fixed place where a part lies, before a tool or between two arms."""

from dataclasses import dataclass, field

from sim.component import Change, Component
from sim.components.nests import Onlooker
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Kind, Port, states
from sim.tag import DataType, Direction
from sim.text import Text

EMPTY, LOADED = range(2)


@dataclass(slots=True)
class TrayState:
    """The part on it, 0 for none."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    serial: int = 0


class Tray(Component):
    """Holds one part. Spots on it are where arms and tools meet the part."""

    KIND = Kind(
        "tray",
        Text("工件托位", "Tray"),
        Text("固定放置一个工件的位置", "A fixed place for one part"),
        ports=(Port("part", DataType.BOOL, Direction.INPUT, Text("有工件", "a part is here")),),
        states=states(("empty", "空", "empty"), ("loaded", "有件", "loaded")),
        cycle=Text("放过一个工件", "one part gone again"),
    )
    STATE = TrayState

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.spots: list[Onlooker] = []

    def part_at(self, place: int) -> int:
        """The part here, 0 for none."""
        return int(self.s.serial)

    def free_at(self, place: int) -> bool:
        return not self.s.serial

    def put(self, place: int, serial: int) -> None:
        self.s.serial = serial
        self.plant.emit("part", serial, ["in", self.name, "0"])
        self._look()

    def take(self, serial: int) -> bool:
        """Take the part off. False when it is not here."""
        if not serial or serial != self.s.serial:
            return False
        self.s.serial = 0
        self.cycle()
        self._look()
        return True

    def holds(self) -> list[int]:
        """The part on it."""
        return [self.s.serial] if self.s.serial else []

    def _look(self) -> None:
        self.be(LOADED if self.s.serial else EMPTY)
        self.set("part", bool(self.s.serial))
        for spot in self.spots:
            spot.look()

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("part", serial, ["in", self.name, "0"]) for serial in self.holds()]
