"""Time: SimPy's event heap under order keys, and the base of everything that it wakes.

Pending work is a field of a component's state, not an entry of a queue: `due[slot]` says when a slot wakes next, and
the heap is made anew from these fields when a checkpoint is read. SimPy's priority is the order key (phase, rank,
slot), so no two wakes tie and SimPy's event ids never decide.
"""

from collections.abc import Callable
from heapq import heapify, heappop
from typing import Any, ClassVar, Protocol

import simpy

from sim.travel import NEVER

MOST_WAKES = 20_000  # in one instant; a healthy line stays below a few hundred
STALE = 1000  # entries of the heap beyond one per slot; then those whose time was planned anew are thrown out


class LineError(Exception):
    """The line cannot go on: a component wakes itself without end. Says which and when."""


class HasDue(Protocol):
    """What every state has: one due time per slot, in nanoseconds, NEVER where the slot sleeps."""

    due: list[int]


class Wake:
    """What SimPy needs of an event and no more. Holds nothing: made anew from the due fields after a restore."""

    __slots__ = ("callbacks",)
    _ok = True  # SimPy asks for it after the callbacks

    def __init__(self, callbacks: tuple[Callable[["Wake"], None], ...]) -> None:
        self.callbacks = callbacks


class Wakeable:
    """Something with slots that wake it. All that changes is in `self.s`; nobody else keeps a reference into it."""

    SLOTS: ClassVar[tuple[str, ...]] = ()  # the method of that name runs when the slot is due
    PHASE: ClassVar[int] = 1  # 1 plant, 2 programs: a program sees a settled plant
    s: Any

    def __init__(self, kernel: "Kernel", name: str) -> None:
        self.name = name
        self.kernel = kernel
        self.order = kernel.enter(self)

    def wake(self, slot: int, at_ns: int) -> None:
        """Wake `slot` at this time instead of whenever it was to wake."""
        due: list[int] = self.s.due
        if due[slot] != at_ns:
            due[slot] = at_ns
            if at_ns != NEVER:
                self.kernel.arm(self, slot, at_ns)

    def born(self) -> None:
        """Once, when the line is born; never after a restore."""

    def restored(self) -> None:
        """After a restore: make anew what is derived from the state."""


class Kernel(simpy.Environment):
    """SimPy's environment, advanced to exact times, in integer nanoseconds."""

    def __init__(self, now_ns: int = 0) -> None:
        super().__init__(initial_time=now_ns)
        self.now_ns = now_ns  # as seen by whatever is woken; SimPy's own `now` is a property over this
        self.members: list[Wakeable] = []
        self._fires: list[list[tuple[Callable[[Wake], None], ...]]] = []
        self._most = STALE  # entries of the heap
        self._wakes = 0  # in this instant

    def enter(self, member: Wakeable) -> int:
        """Register a member; the answer is its order key. Members enter in the order of the definition."""
        self.members.append(member)
        return (member.PHASE << 24) + ((len(self.members) - 1) << 4)

    def build(self) -> None:
        """After the last member: what SimPy calls for each slot."""
        self._fires = [[(self._bind(m, slot),) for slot in range(len(m.SLOTS))] for m in self.members]
        self._most = STALE + sum(len(m.SLOTS) for m in self.members)

    def _bind(self, member: Wakeable, slot: int) -> Callable[[Wake], None]:
        method: Callable[[], None] = getattr(member, member.SLOTS[slot])

        def fire(_: Wake) -> None:
            due, now = member.s.due, self._now
            if due[slot] == now:  # else planned anew since: a stale entry that nobody can see
                due[slot] = NEVER
                if now != self.now_ns:
                    self.now_ns, self._wakes = int(now), 0
                self._wakes += 1
                if self._wakes > MOST_WAKES:
                    raise LineError(f"{member.name}.{member.SLOTS[slot]} wakes without end at {now} ns")
                method()

        return fire

    def arm(self, member: Wakeable, slot: int, at_ns: int) -> None:
        """Put a wake on the heap. The due field decides; this entry only brings the time about."""
        rank = (member.order >> 4) & 0xFFFFF
        self.schedule(Wake(self._fires[rank][slot]), member.order + slot, at_ns - self._now)  # type: ignore[arg-type]
        if len(self._queue) > self._most:
            self._forget_stale()

    def _lives(self, entry: tuple[Any, int, int, Any]) -> bool:
        """Whether an entry of the heap still brings about what its slot waits for."""
        at, key = entry[0], entry[1]
        return bool(self.members[(key >> 4) & 0xFFFFF].s.due[key & 15] == at)

    def _forget_stale(self) -> None:
        """One entry per slot: without this a command planned anew all day would fill the heap with far times."""
        live = {entry[1]: entry for entry in self._queue if self._lives(entry)}
        self._queue[:] = live.values()
        heapify(self._queue)

    def arm_all(self, shuffled: Callable[[list[tuple[int, int]]], None] | None = None) -> None:
        """After a restore: arm every due slot. Any order will do, as no two wakes tie; tests shuffle it."""
        pending = [(i, k) for i, m in enumerate(self.members) for k, t in enumerate(m.s.due) if t != NEVER]
        if shuffled is not None:
            shuffled(pending)
        for index, slot in pending:
            self.arm(self.members[index], slot, self.members[index].s.due[slot])

    def next_due_ns(self) -> int | None:
        """When a slot wakes next, None when nothing is pending."""
        while self._queue and not self._lives(self._queue[0]):
            heappop(self._queue)
        return int(self._queue[0][0]) if self._queue else None

    def advance(self, until_ns: int, more: Callable[[], bool] | None = None) -> bool:
        """Run all that is due up to and including `until_ns`; then it is `until_ns`.

        `more` is asked every 64 wakes; on False it stops early, answers False, and it is the time of the last wake.
        """
        queue, step, count = self._queue, self.step, 0
        while queue and queue[0][0] <= until_ns:
            step()
            count += 1
            if more is not None and not count & 63 and not more():
                return False
        if until_ns > self._now:
            self._now = until_ns
        self.now_ns = int(self._now)
        return True
