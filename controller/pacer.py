"""The pace of one line: simulated time follows the wall clock, in short slices, and never catches up in a burst.

Knows no wire and no record. The arithmetic is in `turn`, which reads the clock it was handed; `pace` alone sleeps.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from controller.line import PacedLine
from devices.endpoint import Clock

NS = 1_000_000_000
SLICE_S = 0.002  # longest stretch of work before others get their turn
BEHIND_S = 0.25  # further behind than this is not made up for
SLOWEST, FASTEST = 0.1, 20.0


@dataclass(frozen=True, slots=True)
class Lag:
    """How late the loop came to its turns, in seconds."""

    p50_s: float
    p99_s: float
    worst_s: float


class Pacer:
    """Advances a line to the simulated time that the wall clock maps to; frozen it moves by single steps only."""

    def __init__(
        self,
        line: PacedLine,
        clock: Clock,
        speed: float = 1.0,
        frozen: bool = False,
        on_slip: Callable[[float], None] = lambda lost_s: None,
    ) -> None:
        self._line, self._clock, self._on_slip = line, clock, on_slip
        self.speed = speed
        self.frozen = frozen
        self.slips = 0
        self._goal_ns: int | None = None  # of a step while frozen
        self._steps: list[asyncio.Future[None]] = []
        self._planned_s: float | None = None  # when the next turn is due
        self._sleep: asyncio.Future[None] | None = None
        self._late: deque[float] = deque(maxlen=1000)
        self._anchor(line.now_ns)

    def begin(self) -> None:
        """Time runs from now on."""
        self._anchor(self._line.now_ns)

    def _anchor(self, sim_ns: int) -> None:
        self._wall_s, self._sim_ns = self._clock.monotonic(), sim_ns

    def target_ns(self) -> int:
        """The simulated time that it should be now; frozen, the one that it is."""
        if self.frozen:
            return self._line.now_ns
        return self._sim_ns + int((self._clock.monotonic() - self._wall_s) * NS * self.speed)

    def catch_up(self) -> bool:
        """Advance by at most one slice; True when the line has arrived where the wall clock is."""
        if self.frozen:
            return True
        self._give_up_lost_time()
        return self._slice(self.target_ns())

    def _give_up_lost_time(self) -> None:
        due = self._line.next_due_ns()
        if due is None:
            return
        at = max(due, self._line.now_ns)
        lost_s = (self.target_ns() - at) / NS / self.speed
        if lost_s > BEHIND_S:
            self._anchor(at)
            self.slips += 1
            self._on_slip(lost_s)

    def _slice(self, until_ns: int) -> bool:
        end = self._clock.monotonic() + SLICE_S
        return self._line.advance(max(until_ns, self._line.now_ns), lambda: self._clock.monotonic() < end)

    def turn(self) -> float | None:
        """One slice; then the seconds until the next turn is due, or None where only a wake-up can bring one."""
        self._measure()
        if self.frozen:
            return self._step()
        if not self.catch_up():
            return 0.0
        return self._until_due()

    def _until_due(self) -> float | None:
        due = self._line.next_due_ns()
        return None if due is None else max(0.0, (due - self.target_ns()) / NS / self.speed)

    def _measure(self) -> None:
        if self._planned_s is not None:
            self._late.append(max(0.0, self._clock.monotonic() - self._planned_s))
            self._planned_s = None

    @property
    def lag(self) -> Lag:
        late = sorted(self._late) or [0.0]
        return Lag(late[len(late) // 2], late[len(late) * 99 // 100], late[-1])

    # ---- what an instructor does to time ----------------------------------------------------------------------

    def freeze(self) -> None:
        """Stand still at the instant that the line has reached."""
        self.frozen = True
        self.rouse()

    def run(self) -> None:
        """Go on from the present instant."""
        self._finish_steps()
        self.frozen = False
        self._anchor(self._line.now_ns)
        self.rouse()

    def set_speed(self, speed: float) -> None:
        """Simulated seconds per second, from now on."""
        self._anchor(self.target_ns())
        self.speed = speed
        self.rouse()

    async def step_event(self) -> None:
        """Frozen: on to the next instant at which something happens. Returns when it has happened."""
        due = self._line.next_due_ns()
        if due is not None:
            await self._step_to(due)

    async def step_time(self, seconds: float) -> None:
        """Frozen: on by some simulated seconds, as fast as it goes. Returns when they are over."""
        await self._step_to(self._line.now_ns + round(seconds * NS))

    async def _step_to(self, goal_ns: int) -> None:
        done = asyncio.get_running_loop().create_future()
        self._steps.append(done)
        self._goal_ns = max(goal_ns, self._goal_ns or 0)
        self.rouse()
        await done

    def _step(self) -> float | None:
        if self._goal_ns is None:
            return None
        if not self._slice(self._goal_ns):
            return 0.0
        self._finish_steps()
        return None

    def _finish_steps(self) -> None:
        self._goal_ns = None
        for step in self._steps:
            if not step.done():
                step.set_result(None)
        self._steps.clear()

    # ---- the task ---------------------------------------------------------------------------------------------

    async def pace(self) -> None:
        """Take turns until cancelled. Precise: one timer per sleep, ended early by `rouse`."""
        try:
            while True:
                delay = self.turn()
                if delay == 0.0:
                    await asyncio.sleep(0)
                else:
                    await self._rest(delay)
        finally:
            self._finish_steps()

    async def _rest(self, delay: float | None) -> None:
        loop = asyncio.get_running_loop()
        self._sleep = sleep = loop.create_future()
        timer = None
        if delay is not None:
            self._planned_s = self._clock.monotonic() + delay
            timer = loop.call_later(delay, _end, sleep)
        try:
            await sleep
        finally:
            self._sleep = None
            if timer is not None:
                timer.cancel()

    def rouse(self) -> None:
        """The plan may have changed: take the next turn now."""
        if self._sleep is not None:
            self._planned_s = None
            _end(self._sleep)

    def replan(self) -> None:
        """After an input: take the next turn now if something is due before the planned end of the sleep."""
        if self._sleep is None or self.frozen:
            return
        delay = self._until_due()
        if delay is None:
            return
        if self._planned_s is None or self._clock.monotonic() + delay < self._planned_s:
            self.rouse()


def _end(sleep: "asyncio.Future[None]") -> None:
    if not sleep.done():
        sleep.set_result(None)
