"""What settles an instant on a flow line: who may take a part now, and whose times are to be reckoned anew.

A flow component never calls its neighbour to move a part: it names who may take one, and after each wake all that can
move moves, one after the other and not one inside the other, so that a line of any length needs no stack. Between wakes
both queues are empty; they are no state.
"""

from collections import deque
from typing import Protocol

FLOW = "flow"  # the place of a station in the names of flow components: `flow.m1`


class Taker(Protocol):
    """A flow component, as far as settling needs it."""

    touched: bool

    def pull(self) -> None:
        """Take what the givers have ready, as far as there is room."""

    def reckon(self) -> None:
        """The instant is settled: count the time since the last change, say what the state is now."""


class Keeper(Protocol):
    """Somebody who lends something to parts and wants it back: pallets."""

    def left(self, serial: int) -> None:
        """A part has left the line, wherever."""


class Flow:
    """One for each line."""

    __slots__ = ("_takers", "_touched", "keepers", "may_take")

    def __init__(self) -> None:
        self._takers: deque[Taker] = deque()
        self._touched: list[Taker] = []
        self.keepers: list[Keeper] = []
        self.may_take = self._takers.append  # (taker): it has room now, or a giver has a part for it

    def touch(self, member: Taker) -> None:
        """Its parts or its mode have changed: reckon it when the instant is settled. Once will do: see `touched`."""
        member.touched = True
        self._touched.append(member)

    def settle(self) -> None:
        """Move all that can move now. Called at the end of whatever a wake or an input did."""
        takers, touched = self._takers, self._touched
        while takers:
            takers.popleft().pull()
        for member in touched:
            member.touched = False
            member.reckon()
        touched.clear()
