"""What a link fault does to a broker's messages now. Knows no socket: `server` looks at the link and says so here.

A quality of service is kept also on a bad link: what may be lost is QoS 0, what may come twice is QoS 1.
"""

from devices.dice import Dice
from devices.endpoint import Link
from sim.link_faults import WELL, LinkState


class Trouble:
    """Looked at for every message, so it is a few flags; `look` brings them up to date."""

    __slots__ = ("_dice", "doubling", "lossy", "mixing", "stale", "state")

    def __init__(self) -> None:
        self._dice: Dice | None = None
        self.state: LinkState = WELL
        self.lossy = self.doubling = self.stale = self.mixing = False

    def look(self, link: Link) -> None:
        if self._dice is None:
            self._dice = Dice(link)
        state = self.state = link.state
        if state is WELL:
            self._dice.forget()
        self.lossy, self.doubling = state.loss_ppm > 0, state.duplicate_ppm > 0
        self.stale, self.mixing = state.stale, state.reorder_ppm > 0

    def loses(self) -> bool:
        """True where this message of QoS 0 gets lost. Ask only while `lossy`."""
        return self._dice is not None and self._dice.loses()

    def doubles(self) -> bool:
        """True where this message of QoS 1 comes twice. Ask only while `doubling`."""
        return self._dice is not None and self._dice.doubles()

    def swaps(self) -> bool:
        """True where this message comes after the one behind it. Ask only while `mixing`."""
        return self._dice is not None and self._dice.swaps()

    def busy(self) -> bool:
        """True where this log-in is turned away by an overloaded broker."""
        return self.state is not WELL and self._dice is not None and self._dice.turns_away()
