"""Which messages a link fault hits: the same ones in every run with the same seed. Knows no protocol."""

from devices.endpoint import Link
from sim.stream import noise, word

_LOST, _TWICE = word("link.loss"), word("link.duplicate")


class Dice:
    """Asked once for each message that may be lost or doubled. What it says of the n-th message since the fault began
    is a function of the seed, the kind of fault and n alone, so that a run can be repeated."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._lost = self._twice = 0

    def loses(self) -> bool:
        """True where this message gets lost."""
        share = self._link.loss
        self._lost = self._lost + 1 if share > 0 else 0
        return share > 0 and _hit(self._link.seed, _LOST, self._lost, share)

    def doubles(self) -> bool:
        """True where this message comes twice."""
        share = self._link.duplicate
        self._twice = self._twice + 1 if share > 0 else 0
        return share > 0 and _hit(self._link.seed, _TWICE, self._twice, share)


def _hit(seed: int, kind: int, number: int, share: float) -> bool:
    return (noise(seed, kind, number) + 1.0) / 2.0 < share
