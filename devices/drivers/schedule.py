"""When which block is due, and how long to wait before trying again. Sans-I/O."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.drivers.driver import Block


@dataclass(order=True, slots=True)
class Turn:
    due_s: float
    number: int  # at one instant in the order of the plan
    cycle_s: float = field(compare=False)
    block: Block = field(compare=False)


class Schedule:
    """Each block in its own cycle. What could not be kept is left out, never caught up in a burst."""

    def __init__(self, blocks: Sequence[tuple[float, Block]], now_s: float) -> None:
        self._turns = [Turn(now_s, number, cycle_s, block) for number, (cycle_s, block) in enumerate(blocks)]
        heapq.heapify(self._turns)

    @property
    def next(self) -> Turn | None:
        return self._turns[0] if self._turns else None

    def done(self, turn: Turn, now_s: float, rest_s: float = 0.0) -> int:
        """This turn was taken; the next is a cycle later, counted from when it was due. How many were left out.

        `rest_s`: and so much later than that, for a block that is best left alone for a while.
        """
        due_s, missed = turn.due_s + turn.cycle_s, 0
        if due_s <= now_s:
            missed = int((now_s - due_s) / turn.cycle_s)
            due_s += missed * turn.cycle_s
        heapq.heapreplace(self._turns, Turn(due_s + rest_s, turn.number, turn.cycle_s, turn.block))
        return missed


class BackOff:
    """Seconds to wait before the next attempt: doubles up to a limit, and begins anew after a success."""

    def __init__(self, first_s: float, most_s: float) -> None:
        self._first_s, self._most_s = first_s, most_s
        self._next_s = first_s

    def next_s(self) -> float:
        waiting, self._next_s = self._next_s, min(self._next_s * 2, self._most_s)
        return waiting

    def succeeded(self) -> None:
        self._next_s = self._first_s
