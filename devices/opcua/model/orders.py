"""Job orders of a bench: what was stored, what runs, what came of it (ISA-95 part 4 states). Bytes-free and clock-free.

The line of today makes parts without end: an order counts the line's good parts from its start and ends when there
are as many as it asks for. One order runs at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

MOST = 20  # orders kept, ended ones too


class OrderState(IntEnum):
    """State numbers of OPC 10031-4."""

    NOT_ALLOWED = 1
    ALLOWED = 2
    RUNNING = 3
    INTERRUPTED = 4
    ENDED = 5
    ABORTED = 6


class Status(IntEnum):
    """ReturnStatus of the methods: bits of an UInt64 (OPC 10031-4, B.2)."""

    OK = 1 << 0
    UNKNOWN = 1 << 1
    WRONG_STATE = 1 << 3
    NOT_ACCEPTED = 1 << 4
    INVALID = 1 << 32


NAMES = {
    OrderState.NOT_ALLOWED: "NotAllowedToStart",
    OrderState.ALLOWED: "AllowedToStart",
    OrderState.RUNNING: "Running",
    OrderState.INTERRUPTED: "Interrupted",
    OrderState.ENDED: "Ended",
    OrderState.ABORTED: "Aborted",
}
S = OrderState
# command -> states it is given in -> state that follows
MOVES: dict[str, tuple[tuple[OrderState, ...], OrderState]] = {
    "Start": ((S.NOT_ALLOWED,), S.ALLOWED),
    "RevokeStart": ((S.ALLOWED,), S.NOT_ALLOWED),
    "Pause": ((S.RUNNING,), S.INTERRUPTED),
    "Resume": ((S.INTERRUPTED,), S.RUNNING),
    "Stop": ((S.RUNNING, S.INTERRUPTED), S.ENDED),
    "Abort": ((S.NOT_ALLOWED, S.ALLOWED, S.RUNNING, S.INTERRUPTED), S.ABORTED),
}
LEAVING = {"Cancel": (S.NOT_ALLOWED, S.ALLOWED), "Clear": (S.ENDED, S.ABORTED)}


@dataclass(slots=True)
class Order:
    """One order. `given` is the structure that a client stored, said again as it came."""

    id: str
    given: object
    quantity: int  # good parts; 0: none was asked for, it runs until it is stopped
    state: OrderState = OrderState.NOT_ALLOWED
    counted_from: int = 0
    good: int = 0
    started: datetime | None = None
    ended: datetime | None = None


@dataclass(slots=True)
class Orders:
    """All orders of one bench, by id, in the order in which they came."""

    by_id: dict[str, Order] = field(default_factory=dict)

    def running(self) -> Order | None:
        return next((o for o in self.by_id.values() if o.state in (S.RUNNING, S.INTERRUPTED)), None)

    def store(self, id: str, given: object, quantity: int) -> Status:
        if not id or quantity < 0:
            return Status.INVALID
        if id in self.by_id or len(self.by_id) >= MOST:
            return Status.NOT_ACCEPTED
        self.by_id[id] = Order(id, given, quantity)
        return Status.OK

    def update(self, id: str, given: object, quantity: int) -> Status:
        order = self.by_id.get(id)
        if order is None:
            return Status.UNKNOWN
        if order.state not in (S.NOT_ALLOWED, S.ALLOWED):
            return Status.WRONG_STATE
        order.given, order.quantity = given, quantity
        return Status.OK

    def check(self, command: str, id: str) -> Status:
        """Whether the order takes the command now."""
        order = self.by_id.get(id)
        if order is None:
            return Status.UNKNOWN
        states = LEAVING[command] if command in LEAVING else MOVES[command][0]
        return Status.OK if order.state in states else Status.WRONG_STATE

    def do(self, command: str, id: str, good: int, now: Callable[[], datetime]) -> None:
        """Do a command that was checked."""
        order = self.by_id[id]
        if command in LEAVING:
            del self.by_id[id]
            return
        self.count(good, now)
        order.state = MOVES[command][1]
        if order.state in (S.ENDED, S.ABORTED):
            order.ended = now()
        self.count(good, now)

    def count(self, good: int, now: Callable[[], datetime]) -> None:
        """The line has made so many good parts by now: the running order counts, ends, and the next one begins."""
        order = self.running()
        if order is not None:
            if good < order.counted_from:  # the line was reset: it counts from 0 again
                order.counted_from = good - order.good
            order.good = good - order.counted_from
            if order.quantity and order.good >= order.quantity and order.state is S.RUNNING:
                order.good, order.state, order.ended = order.quantity, S.ENDED, now()
        if self.running() is None:
            self._begin(good, now)

    def _begin(self, good: int, now: Callable[[], datetime]) -> None:
        waiting = next((o for o in self.by_id.values() if o.state is S.ALLOWED), None)
        if waiting is not None:
            waiting.state, waiting.counted_from, waiting.started = S.RUNNING, good, now()
