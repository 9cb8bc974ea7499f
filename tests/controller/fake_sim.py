"""A clock moved by hand, and a line that is nothing but a plan of instants: what a pacer needs, and no physics."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

S = 1_000_000_000
MS = 1_000_000


class HandClock:
    """Implements `devices.endpoint.Clock`; stands still until a test moves it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.now_s)


class PlannedLine:
    """Implements `controller.line.PacedLine`. Each event costs `cost_s` of the clock; `happened` has their times."""

    def __init__(self, clock: HandClock, *plan_ns: int, cost_s: float = 0.0) -> None:
        self.now_ns = 0
        self.happened: list[int] = []
        self._plan = list(plan_ns)
        self._clock, self._cost_s = clock, cost_s
        heapq.heapify(self._plan)

    def plan(self, at_ns: int) -> None:
        heapq.heappush(self._plan, at_ns)

    def next_due_ns(self) -> int | None:
        return self._plan[0] if self._plan else None

    def advance(self, until_ns: int, more: Callable[[], bool] | None = None) -> bool:
        while self._plan and self._plan[0] <= until_ns:
            self.now_ns = heapq.heappop(self._plan)
            self.happened.append(self.now_ns)
            self._clock.now_s += self._cost_s
            if more is not None and not more():
                return False
        self.now_ns = max(self.now_ns, until_ns)
        return True
