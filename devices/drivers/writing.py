"""Which writes may go, and what became of them: tickets of those that wait, batches of those that are sent.

Sans-I/O. The rule: a command goes out on the connection that it was given to, soon, or never.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from devices.drivers.board import Board
from devices.drivers.convert import to_device
from devices.drivers.counters import Counters
from devices.drivers.point import Group, Write
from devices.drivers.reason import Reason, Why
from devices.drivers.target import Timing
from devices.drivers.write_gate import WriteGate
from devices.endpoint import Clock
from sim.tag import Value

NO_CONNECTION = Reason(Why.LOST)
LOST_MEANWHILE = Reason(Why.LOST, "the connection was lost while the write waited; it was dropped")
BUSY = Reason(Why.BUSY)
SUPERSEDED = Reason(Why.SUPERSEDED)
UNKNOWN_POINT = Reason(Why.UNKNOWN_POINT)


class Ticket(NamedTuple):
    """A call of `write_many` that waits for the wire."""

    size: int
    connection: int
    round: int
    asked_s: float
    urgent: bool


@dataclass(slots=True)
class Batch:
    """The writes of one call: those that go, and an answer for each."""

    answers: list[Reason | None]
    going: list[Write] = field(default_factory=list)
    spots: list[int] = field(default_factory=list)  # where the answer of each that goes belongs

    def answered(self, answers: Sequence[Reason | None]) -> None:
        for spot, answer in zip(self.spots, answers, strict=True):
            self.answers[spot] = answer

    def unknown(self, detail: str) -> None:
        for spot in self.spots:
            self.answers[spot] = Reason(Why.OUTCOME_UNKNOWN, detail)


class Writing:
    """All writes of one device."""

    def __init__(self, groups: Sequence[Group], board: Board, clock: Clock, counters: Counters, timing: Timing) -> None:
        self._gates = {point.tag: WriteGate(point) for group in groups for point in group.points}
        self._board, self._clock, self._counters, self._timing = board, clock, counters, timing
        self._waiting = 0  # calls
        self._round = 0  # an urgent write begins a new one

    def ticket(self, size: int, connection: int, *, urgent: bool) -> Ticket:
        return Ticket(size, connection, self._round + urgent, self._clock.monotonic(), urgent)

    def enter(self, ticket: Ticket, *, up: bool) -> Reason | None:
        """None: it may wait, and must `leave`."""
        if not up:
            return self._dropped(NO_CONNECTION, ticket)
        if not ticket.urgent and self._waiting >= self._timing.most_waiting:
            return self._dropped(BUSY, ticket)
        self._round = ticket.round
        self._waiting += 1
        return None

    def leave(self) -> None:
        self._waiting -= 1

    def still_good(self, ticket: Ticket, connection: int) -> Reason | None:
        """Asked when its turn has come."""
        if ticket.connection != connection:
            return self._dropped(LOST_MEANWHILE, ticket)
        if ticket.round != self._round:
            return self._dropped(SUPERSEDED, ticket)
        waited_s = self._clock.monotonic() - ticket.asked_s
        if waited_s > self._timing.command_s and not ticket.urgent:
            return self._dropped(Reason(Why.TOO_LATE, f"{waited_s:.3f} s"), ticket)
        return None

    def batch(self, writes: Sequence[tuple[str, Value]], *, urgent: bool) -> Batch:
        """Each converted and held to its limits."""
        batch = Batch([None] * len(writes))
        for spot, (tag, value) in enumerate(writes):
            write = self._checked(tag, value, urgent=urgent)
            if isinstance(write, Reason):
                batch.answers[spot] = write
            else:
                batch.going.append(write)
                batch.spots.append(spot)
        return batch

    def counted(self, batch: Batch) -> tuple[Reason | None, ...]:
        for answer in batch.answers:
            if answer is None:
                self._counters.writes += 1
                continue
            self._counters.dropped[answer.why] += 1
            self._counters.refused += answer.why is Why.REFUSED
        return tuple(batch.answers)

    def _checked(self, tag: str, value: Value, *, urgent: bool) -> Write | Reason:
        point = self._board.point(tag)
        if point is None:
            return UNKNOWN_POINT
        now_s, gate = self._clock.monotonic(), self._gates[tag]
        raw = to_device(point, value)
        if isinstance(raw, Reason):
            return raw
        refused = gate.ask(value, now_s, read=self._board.value(tag), urgent=urgent)
        if refused is not None:
            return refused
        gate.passed(value, now_s)
        return Write(point, raw)

    def _dropped(self, reason: Reason, ticket: Ticket) -> Reason:
        self._counters.dropped[reason.why] += ticket.size
        return reason
