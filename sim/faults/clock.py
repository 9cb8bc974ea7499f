"""What wakes the image for faults that are functions of time: one member of the kernel for all of them."""

from dataclasses import dataclass

from sim.kernel import Wakeable
from sim.plant import Plant
from sim.travel import NEVER


@dataclass(slots=True)
class ClockState:
    """What it has still to do."""

    due: list[int]


class SignalClock(Wakeable):
    """In the plant's phase, behind all components: programs see what the card says at the same instant."""

    SLOTS = ("turn",)
    TURN = 0
    s: ClockState

    def __init__(self, plant: Plant) -> None:
        super().__init__(plant.kernel, "(signals)")
        self.image, self.s = plant.image, ClockState([NEVER])
        self.image.ring = self.ring

    def ring(self, at_ns: int) -> None:
        """No later than this."""
        due = self.s.due[self.TURN]
        if due == NEVER or at_ns < due:
            self.wake(self.TURN, at_ns)

    def turn(self) -> None:
        self.image.turn()
