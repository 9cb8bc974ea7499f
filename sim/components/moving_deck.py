"""Decks that move themselves between two ends: what turntable and elevator share.

The deck's own movement is one travel between places that it is sensed at. It does not move while a part lies over an
edge; parts come and go only while it stands.
"""

from typing import ClassVar

from sim.components.deck import Deck
from sim.travel import Travel


class MovingDeck(Deck):
    """A deck with a travel of its own. Subclasses say which one, how fast and where to."""

    SLOTS: ClassVar[tuple[str, ...]] = ("command", "update", "update")
    MOTION = 2
    MOTION_NAME: ClassVar[str]  # its movement is told as `<component>.<name>`

    def motion(self) -> Travel:
        """The deck's own travel."""
        raise NotImplementedError

    def motion_said(self) -> list[float]:
        """Place, speed and goal, as they are drawn."""
        raise NotImplementedError

    def go_on(self, rate: int, goal: int) -> None:
        """Move the deck at this rate to the next place where something happens."""
        travel = self.motion()
        changed = rate != travel.rate
        travel.go(self.now, rate, goal)
        if changed:
            self.plant.emit("move", f"{self.name}.{self.MOTION_NAME}", self.motion_said())
        self.wake(self.MOTION, travel.due_ns())

    @property
    def turning(self) -> bool:
        return bool(self.motion().rate)

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [*super().announce(), ("move", f"{self.name}.{self.MOTION_NAME}", self.motion_said())]
