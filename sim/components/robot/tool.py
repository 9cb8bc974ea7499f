"""The tool of a robot: a vacuum cup with a check valve, or fingers; what becomes of the part in it."""

from sim.components.robot.kind import PART_LOST
from sim.components.robot.warm import Warmed
from sim.tag import Value
from sim.travel import Travel


class Handed(Warmed):
    """An arm with a tool that holds a part. What grips and lets go is the program."""

    def see(self, port: str, absent: Value = False) -> Value:
        """To the vacuum, `suck` is what the program says."""
        if port == "suck":
            return bool(self.s.sucking and (self.powered or self.p["keeps_part"]))
        return super().see(port, absent)

    def reaches(self, most: int, at: int) -> int:
        """Without power its check valve keeps what vacuum there is, and the ejector makes no more."""
        return most if self.powered else min(most, at)

    def draws(self) -> int:
        return super().draws() if self.powered else 0

    def _sealed(self) -> bool:
        """Fingers close whether there is a part between them or not."""
        return bool(self.p["tool"]) or super()._sealed()

    def gripped(self) -> None:
        """A cycle of a robot is a program."""

    def let_go(self) -> None:
        lost = self.s.sucking
        super().let_go()
        if lost:
            self.fail(PART_LOST)

    def take(self, serial: int) -> bool:
        """Take the part out of it, or up from the floor."""
        held = self.s.serial
        taken = super().take(serial)
        if taken and held == serial:
            self.fail(PART_LOST)
        return taken

    def lose_vacuum(self) -> None:
        """It is gone for an instant, and what hung on it falls."""
        s = self.s
        s.travel = Travel(self.now, 0, 0, 0)
        self.turn()
