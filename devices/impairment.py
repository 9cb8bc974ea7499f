"""What a bad link does to one direction of one connection: late, held back, out of turn. Sans-I/O.

Time is handed in, in seconds of any clock that never steps. Knows no protocol and no socket; `late_line` gives it a
loop. What is lost or doubled is decided where a protocol's messages are made, by `dice`.
"""

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from devices.dice import Dice
from devices.endpoint import Link
from sim.link_faults import WELL

T = TypeVar("T")

OVERTAKEN_S = 0.2  # a message that waits to be overtaken waits no longer than this
SAME_S = 1e-4  # a timer may come so much early


@dataclass(slots=True)
class Late(Generic[T]):
    """A message on its way, and when it is there."""

    due_s: float
    item: T


class Impairment(Generic[T]):
    """Messages go in with `put` and come out with `take`: in order, but for those that a fault has overtaken."""

    def __init__(self, link: Link, dice: Dice | None = None) -> None:
        self._link = link
        self._dice = dice or Dice(link)
        self._late: deque[Late[T]] = deque()
        self._aside: Late[T] | None = None  # the message behind it goes first

    def __len__(self) -> int:
        return len(self._late) + (self._aside is not None)

    @property
    def calm(self) -> bool:
        """Nothing is on its way and the link is well: a message need not be put here at all."""
        return not self._late and self._aside is None and not self.slow

    @property
    def slow(self) -> bool:
        """A message does not go through at once."""
        state = self._link.state
        if state is WELL:
            return False
        return bool(state.delay_ms or state.jitter_ms or state.reorder_ppm or self.silent)

    @property
    def silent(self) -> bool:
        """Nothing comes through now."""
        state = self._link.state
        return state.silent or state.down or state.restarting

    def put(self, now_s: float, item: T, extra_s: float = 0.0) -> None:
        """A message goes onto the link; `extra_s` is how much later it is by something that is no fault."""
        late = Late(now_s + self._dice.delay_s() + extra_s, item)
        aside, self._aside = self._aside, None
        if aside is None and self._dice.swaps():
            late.due_s += OVERTAKEN_S
            self._aside = late
            return
        self._queue(late)
        if aside is not None:
            aside.due_s = max(aside.due_s - OVERTAKEN_S, late.due_s)
            self._queue(aside)

    def due_s(self) -> float | None:
        """When to `take` next; None where nothing is on its way."""
        if self._late:
            return self._late[0].due_s
        return self._aside.due_s if self._aside is not None else None

    def take(self, now_s: float) -> list[T]:
        """What is there by now; nothing while the link is silent."""
        if self.silent:
            return []
        if not self._late and self._aside is not None and self._aside.due_s <= now_s + SAME_S:
            aside, self._aside = self._aside, None
            return [aside.item]
        there: list[T] = []
        while self._late and self._late[0].due_s <= now_s + SAME_S:
            there.append(self._late.popleft().item)
        return there

    def clear(self) -> None:
        """Forget what is on its way."""
        self._late.clear()
        self._aside = None

    def _queue(self, late: Late[T]) -> None:
        # a delay that becomes shorter lets nothing overtake
        late.due_s = max(late.due_s, self._late[-1].due_s if self._late else late.due_s)
        self._late.append(late)
