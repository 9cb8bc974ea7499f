"""What silence means: one late answer, one dead unit of many on a line, or a lost connection. Sans-I/O."""

from collections.abc import Sequence

from devices.drivers.driver import Block


class Silences:
    """Counts requests without an answer, in a row: of the connection, and of each block.

    A block that has long been silent says nothing of the connection (one unit of many on a serial line is off); it is
    asked less and less often. It is known over reconnections.
    """

    def __init__(self, blocks: Sequence[Block], lost_after: int) -> None:
        self._lost_after = lost_after
        # before the first answer every block gets its turn, or a dead unit would keep the living ones from being found
        self._first_round = max(lost_after, len(blocks))
        self._row = 0
        self._of: dict[int, int] = {}

    def opened(self) -> None:
        self._row = 0

    def answered(self, block: Block | None = None) -> None:
        self._row = 0
        if block is not None:
            self._of.pop(id(block), None)

    def silent(self, block: Block, *, up: bool) -> bool:
        """One more; whether the connection counts as lost now."""
        known_dead = self.dead(block)
        self._of[id(block)] = self._of.get(id(block), 0) + 1
        self._row += not (up and known_dead)
        return self._row >= (self._lost_after if up else self._first_round)

    def dead(self, block: Block) -> bool:
        return self._of.get(id(block), 0) >= self._lost_after

    def rest_s(self, block: Block, cycle_s: float, most_s: float) -> float:
        """How much later than its cycle says a block is asked again."""
        beyond = self._of.get(id(block), 0) - self._lost_after
        return 0.0 if beyond < 0 else min(cycle_s * 2 ** min(beyond, 16), most_s)
