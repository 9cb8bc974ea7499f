"""The runner of one connection: cycles, time-outs, reconnecting, writes. Knows no protocol and no line.

Everything happens in one asyncio loop. The wire is one lock: a read, a write or nothing is under way. Writes are done
in the caller's task and wait for at most the request that is under way: they go before the next block of a cycle.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

from devices.drivers.board import Board, Listener
from devices.drivers.convert import examine_groups
from devices.drivers.counters import Counters
from devices.drivers.driver import Block, Driver, Examining, Heard, Polled, Pushed
from devices.drivers.ear import Ear
from devices.drivers.point import Group, Point
from devices.drivers.reason import Lost, PointError, Reason, Silent, Why
from devices.drivers.sample import Sample
from devices.drivers.schedule import BackOff, Schedule
from devices.drivers.silences import Silences
from devices.drivers.state import State, Transition
from devices.drivers.target import Timing
from devices.drivers.watch_dog import WatchDog
from devices.drivers.writing import Ticket, Writing
from devices.endpoint import Clock
from sim.tag import Value

logger = logging.getLogger(__name__)

T = TypeVar("T")

STUCK = 20  # times `answer_s`: a driver that has not come back by then never will


class Device:
    """`start` it, listen, read `latest`, `write`; `stop` it. It looks after its connection by itself.

    Raises `PointError` at once where a point has no meaning. Names of tags and groups are unique within a device.
    """

    def __init__(
        self, name: str, driver: Driver, groups: Sequence[Group], clock: Clock, timing: Timing | None = None
    ) -> None:
        self.name = name
        self.groups = tuple(groups)
        self.counters = Counters()
        self.state = State.CLOSED
        self.why = ""  # of the latest change of state
        self._driver, self._clock, self._timing = driver, clock, timing or Timing()
        examine_groups(self.groups)
        if isinstance(driver, Examining):
            driver.examine([point for group in self.groups for point in group.points])
        self._polled = driver if isinstance(driver, Polled) else None  # the question costs as much as a request
        self._blocks = {
            group.name: tuple(self._polled.plan(group.points)) if self._polled else () for group in self.groups
        }
        self._board = Board(groups, self._timing.stale_s)
        self._writing = Writing(groups, self._board, self._clock, self.counters, self._timing)
        self._wire = asyncio.Lock()
        self._connection = 0  # counts connections: what belongs to an earlier one is dropped
        every = [block for blocks in self._blocks.values() for block in blocks]
        self._silences = Silences(every, self._timing.lost_after)
        self._sign_s = 0.0  # the latest sign of life
        self._backoff = BackOff(self._timing.retry_s, self._timing.retry_most_s)
        self._watch = WatchDog()
        self._gone: asyncio.Future[None] | None = None  # done when the connection of now is lost
        self._failure = ""  # of the driver, the latest that was logged
        self._task: asyncio.Task[None] | None = None
        self._watchers: list[Callable[[Transition], None]] = []

    # ---- for everybody ----------------------------------------------------------------------------------------

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"device {self.name}")

    async def stop(self) -> None:
        """Ends the connection; writes that wait are answered with a reason. Every point is `bad` afterwards."""
        task, self._task = self._task, None
        if task is None:
            return
        self._break("stopped", State.CLOSED)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        self._watch.stop()
        async with self._wire:
            await self._driver.close()

    def latest(self, tag: str) -> Sample | None:
        """What is known of a tag now, None where the device has no such point."""
        return self._board.latest(tag)

    def samples(self) -> list[Sample]:
        return self._board.samples()

    def point(self, tag: str) -> Point | None:
        return self._board.point(tag)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell me every change (beyond the deadband, or of quality), beginning with all as they are; ends by the call
        that this returns. Listeners are quick and do not raise: they run in the loop of the device."""
        return self._board.listen(listener)

    def watch(self, watcher: Callable[[Transition], None]) -> Callable[[], None]:
        """Tell me every change of state."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    async def write(self, tag: str, value: Value, *, urgent: bool = False) -> Reason | None:
        """None: the device has confirmed it. Else why not, `OUTCOME_UNKNOWN` where it may have been done."""
        return (await self.write_many([(tag, value)], urgent=urgent))[0]

    async def write_many(
        self, writes: Sequence[tuple[str, Value]], *, urgent: bool = False
    ) -> tuple[Reason | None, ...]:
        """Several, in this order, with the fewest requests; one answer each, and one refused does not stop the others.

        Nothing is ever kept for a later connection. `urgent` is for safe states: it drops all that still wait, and is
        held to write ranges but not to rates. A caller that is cancelled while it waits has written nothing; one that
        is cancelled while the device answers ends the connection, because nobody could tell the outcome.
        """
        ticket = self._writing.ticket(len(writes), self._connection, urgent=urgent)
        refused = self._writing.enter(ticket, up=self.state is State.UP)
        if refused is not None:
            return (refused,) * ticket.size
        try:
            async with self._wire:
                return await self._write(writes, ticket)
        finally:
            self._writing.leave()

    async def refresh(self, group: str) -> list[Sample]:
        """Read a group now, out of turn, and say how its points stand; of a driver that subscribes, just that."""
        for block in self._blocks[group]:
            connection = self._connection
            async with self._wire:
                if self.state is State.UP and connection == self._connection:
                    with suppress(Lost):
                        await self._read(block)
        found = (self._board.latest(point.tag) for one in self.groups if one.name == group for point in one.points)
        return [sample for sample in found if sample is not None]

    # ---- the connection ---------------------------------------------------------------------------------------

    async def _run(self) -> None:
        self._turn(State.OPENING)
        while True:
            try:
                await self._open()
                await self._serve()
            except Lost as lost:
                self._break(str(lost) or "connection lost")
            except Exception as error:  # the reconnect loop of a driver: one of the three borders
                why = f"{type(error).__name__}: {error}"
                if why != self._failure:  # a driver that fails again and again says so once
                    logger.exception("device %s: its driver failed", self.name)
                self._failure = why
                self._break(why)
            async with self._wire:
                await self._driver.close()
            await asyncio.sleep(self._backoff.next_s())

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(self._timing.open_s):
                await self._driver.open()
        except (TimeoutError, Silent):
            raise Lost(f"could not connect within {self._timing.open_s:g} s") from None
        self._gone = asyncio.get_running_loop().create_future()
        self._silences.opened()
        self._sign_s = self._clock.monotonic()
        self.counters.connects += 1

    async def _serve(self) -> None:
        driver = self._driver
        if isinstance(driver, Pushed):
            connection = self._connection
            sink = Ear(lambda: connection == self._connection, self._hear, self._alive, self._break)
            try:
                await self._exchange(driver.subscribe(self.groups, sink), self._timing.open_s)
            except (Silent, PointError) as error:
                raise Lost(str(error)) from None
            self._turn(State.UP)
            await self._hearken()
        else:
            if not any(self._blocks.values()):
                self._turn(State.UP)  # nothing to read that could show it
            await self._poll()

    async def _poll(self) -> None:
        plan = [(group.cycle_s, block) for group in self.groups for block in self._blocks[group.name]]
        schedule = Schedule(plan, self._clock.monotonic())
        while True:
            turn = schedule.next
            await self._wait(self._timing.answer_s if turn is None else turn.due_s - self._clock.monotonic())
            if turn is not None and turn.due_s <= self._clock.monotonic():
                async with self._wire:
                    self._still_there()
                    await self._read(turn.block)
                rest_s = self._silences.rest_s(turn.block, turn.cycle_s, self._timing.retry_most_s)
                self.counters.missed += schedule.done(turn, self._clock.monotonic(), rest_s)
            self._board.sweep(self._clock.monotonic())

    async def _hearken(self) -> None:
        """Until the connection goes, or gives no sign of life."""
        limit_s = self._timing.answer_s * self._timing.lost_after
        while True:
            await self._wait(self._timing.answer_s / 2)
            now_s = self._clock.monotonic()
            self._board.sweep(now_s)
            if now_s - self._sign_s > limit_s:
                raise Lost(f"no sign of life for {limit_s:g} s")

    async def _wait(self, seconds: float) -> None:
        """Raises `Lost` as soon as the connection is lost, whoever found out."""
        self._still_there()
        if seconds <= 0:
            await asyncio.sleep(0)
        elif self._gone is not None:
            await asyncio.wait((self._gone,), timeout=seconds)
        self._still_there()

    def _still_there(self) -> None:
        if self._gone is None or self._gone.done():
            raise Lost(self.why)

    def _break(self, why: str, state: State = State.LOST) -> None:
        """At once: no write of this connection goes out any more, and every point is bad."""
        if state is State.LOST and self._task is None:
            return  # being stopped
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
            self._connection += 1
            self.counters.losses += state is State.LOST and self.state is State.UP
        self._board.lost(why)
        self._turn(state, why)

    def _turn(self, state: State, why: str = "") -> None:
        if state is self.state:
            return
        change = Transition(self.name, self.state, state, why, self._clock.monotonic())
        self.state, self.why = state, why
        level = logging.WARNING if state is State.LOST else logging.INFO
        logger.log(level, "device %s: %s%s", self.name, state, f", {why}" if why else "")
        for watcher in self._watchers[:]:
            watcher(change)

    # ---- exchanges: the wire is held --------------------------------------------------------------------------

    async def _read(self, block: Block) -> None:
        if self._polled is None:
            return
        try:
            answers = await self._exchange(self._polled.read(block))
        except Silent:
            lost = self._silences.silent(block, up=self.state is State.UP)
            self._board.silent(block.points, dead=self._silences.dead(block))
            if lost:
                self._break("no answers")
                raise Lost(self.why) from None
            return
        self._silences.answered(block)
        self._turn(State.UP)  # not before: a gateway accepts connections for a device that is off
        self._hear(zip(block.points, answers, strict=True))

    def _hear(self, readings: Iterable[tuple[Point, Heard]]) -> None:
        self._sign_s, utc = self._clock.monotonic(), self._clock.utc()
        self._backoff.succeeded()
        for point, heard in readings:
            self.counters.values += 1
            self.counters.refused += isinstance(heard, Reason) and heard.why is Why.REFUSED
            self._board.heard(point, heard, self._sign_s, utc)

    def _alive(self) -> None:
        self._sign_s = self._clock.monotonic()
        self._backoff.succeeded()
        self._board.alive(self._sign_s)

    async def _write(self, writes: Sequence[tuple[str, Value]], ticket: Ticket) -> tuple[Reason | None, ...]:
        refused = self._writing.still_good(ticket, self._connection)
        if refused is not None:
            return (refused,) * len(writes)
        batch = self._writing.batch(writes, urgent=ticket.urgent)
        if batch.going:
            try:
                batch.answered(await self._exchange(self._driver.write(batch.going)))
            except (Silent, Lost) as error:
                batch.unknown(str(error))
                # what is still on its way must not arrive later: the connection ends, before anybody goes on
                self._break("a write got no answer")
                await self._driver.close()
        return self._writing.counted(batch)

    async def _exchange(self, doing: Awaitable[T], limit_s: float = 0.0) -> T:
        """One call of the driver, counted. It keeps `answer_s` for each request by itself; this is for one stuck."""
        begin_s = self._clock.monotonic()
        self.counters.requests += 1
        self._watch.begin(limit_s or STUCK * self._timing.answer_s)
        try:
            answer = await doing
        except Lost as lost:
            self._break(str(lost))
            raise
        except asyncio.CancelledError:
            if self._watch.bit():
                self._break("the driver did not come back")
                raise Lost(self.why) from None
            self._break("a request was given up")
            raise
        except Silent:
            self.counters.silent += 1
            raise
        finally:
            self._watch.end()
        self._silences.answered()
        self._sign_s = self._clock.monotonic()
        self.counters.latencies.append(self._sign_s - begin_s)
        return answer
