"""What a link fault does to a broker's messages now. Knows no socket: `server` looks at the link and says so here.

A quality of service is kept also on a bad link: what may be lost is QoS 0, what may come twice is QoS 1.
"""

from devices.dice import Dice
from devices.endpoint import Link


class Trouble:
    """Looked at for every message, so it is a few flags; `look` brings them up to date."""

    __slots__ = ("_dice", "doubling", "lossy", "stale")

    def __init__(self) -> None:
        self._dice: Dice | None = None
        self.lossy = self.doubling = self.stale = False

    def look(self, link: Link) -> None:
        if self._dice is None:
            self._dice = Dice(link)
        self.lossy, self.doubling, self.stale = link.loss > 0, link.duplicate > 0, link.stale

    def loses(self) -> bool:
        """True where this message of QoS 0 gets lost. Ask only while `lossy`."""
        return self._dice is not None and self._dice.loses()

    def doubles(self) -> bool:
        """True where this message of QoS 1 comes twice. Ask only while `doubling`."""
        return self._dice is not None and self._dice.doubles()
