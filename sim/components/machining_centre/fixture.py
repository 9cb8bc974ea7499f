"""What holds the part of a machining centre: a fixture of its own, or the clamp of a belt."""

from sim.component import Component
from sim.components.holders import Clamp
from sim.components.machining_centre.state import MachiningState
from sim.components.nests import Onlooker
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.travel import Travel


class Fixture(Component):
    """Opens and closes; a part can be laid in and lifted out while it is open and nothing cuts."""

    STATE = MachiningState
    SLOTS = ("command", "command")  # by a signal or the clamp; when something is due
    PROCEED = 1

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.spots: list[Onlooker] = []
        self.clamp: Clamp | None = None
        self.s.grip_ns = self.p["clamp_time"]

    def connect(self) -> None:
        for found in self.joined("clamp"):
            if isinstance(found, Clamp):
                self.clamp = found
                found.followers.append((self, 0))

    def command(self) -> None:
        """Something has changed or is due."""
        raise NotImplementedError

    @property
    def _able(self) -> bool:
        return bool(self.see("enable")) and not self.s.error

    @property
    def _cuts(self) -> bool:
        """The spindle turns, the feed moves."""
        s = self.s
        return bool(s.running and not s.paused and self._able and not self.see("hold"))

    def part(self) -> int:
        """The part that is held fast, 0 for none."""
        if self.clamp is not None:
            return int(self.clamp.part)
        return int(self.s.nest) if self._closed else 0

    @property
    def _closed(self) -> bool:
        grip = self.s.grip
        return bool(grip.at(self.now) >= self.s.grip_ns and grip.rate >= 0)

    def part_at(self, place: int) -> int:
        """The part that can be lifted out now, 0 for none."""
        return int(self.s.nest) if place == 0 and self._open else 0

    def free_at(self, place: int) -> bool:
        return place == 0 and self._open and not self.s.nest and self.clamp is None

    @property
    def _open(self) -> bool:
        return self.s.grip.at(self.now) <= 0 and self.s.grip.rate <= 0 and not self._cuts

    def put(self, place: int, serial: int) -> None:
        """Lay a part into the open fixture."""
        self.s.nest = serial
        self.plant.emit("part", serial, ["in", self.name, str(place)])
        self.command()

    def take(self, serial: int) -> bool:
        """Take the part out. False when it is not here."""
        if not serial or serial != self.s.nest:
            return False
        self.s.nest = 0
        self.command()
        return True

    def holds(self) -> list[int]:
        return [self.s.nest] if self.s.nest else []

    def _grip(self) -> None:
        s, now, time = self.s, self.now, self.p["clamp_time"]
        at = s.grip.at(now) * time // s.grip_ns
        s.grip_ns, wanted = time, bool(self.see("clamp"))
        rate = int(at < time) if wanted else -int(at > 0)
        s.grip = Travel(now, at, rate, (time if wanted else 0) if rate else at)
