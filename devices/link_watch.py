"""What a link fault does to connections, on every wire alike: cut, refused, counted, reset. Knows no protocol.

Looks at the link some times a second and tells the endpoint, its `House`, what it has to do.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from devices.dice import Dice
from devices.endpoint import Link
from devices.port import Door, Port
from devices.tasks import begin
from sim.link_faults import WELL, LinkState

LOOK_S = 0.05  # between two looks
DOORS = {(False, False): Door.OPEN, (False, True): Door.DEAF, (True, False): Door.CLOSED, (True, True): Door.CLOSED}


class House(Protocol):
    """An endpoint, as far as its link concerns it."""

    @property
    def ports(self) -> Sequence[Port]: ...

    def cut(self) -> None:
        """End every connection, without a word."""
        ...

    def hush(self, silent: bool) -> None:
        """From now on nothing comes through, or everything again."""
        ...

    def forget(self) -> None:
        """The device booted: it knows nobody, and says everything anew."""
        ...


class LinkWatch:
    """Between `start` and `stop` the endpoint is as its link is."""

    def __init__(self, link: Link, house: House) -> None:
        self._link, self._house = link, house
        self.dice = Dice(link)  # one for all connections: who connects anew for each request is hit as often
        self._timer: asyncio.TimerHandle | None = None
        self._moving: asyncio.Task[None] | None = None
        self._silent = self._restarting = False
        self._reset_ms = 0
        self._reset_at = 0.0
        self.also: list[Callable[[float], object]] = []  # called at each look, with the time of the loop

    @property
    def closed(self) -> bool:
        """Nobody is let in."""
        return self._link.state.down or self._link.state.restarting

    def turns_away(self, connections: int, most: int) -> str | None:
        """Why one more than so many connections cannot be: in a word or two for the log, None where it can."""
        state = self._link.state
        if self.closed:
            return "closed"
        most = min(most, state.most_connections)
        return f"more than {most} connections" if connections + state.dead_connections >= most else None

    @property
    def busy(self) -> bool:
        """True where the one that comes now is turned away by an overloaded server. Ask once for each."""
        return self.dice.turns_away()

    def start(self) -> None:
        """Look at the link, now and from now on."""
        self._look()

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._moving is not None:
            await asyncio.wait([self._moving])  # not cancelled: a door is open or shut
            self._moving = None

    def _look(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)
        state = self._link.state
        if state is WELL:
            self.dice.forget()
        if self.closed:
            self._house.cut()
        if state.restarting is not self._restarting:
            self._restarting = state.restarting
            if not self._restarting:
                self._house.forget()
        silent = state.silent or self.closed
        if silent is not self._silent:
            self._silent = silent
            self._house.hush(silent)
        self._reset(state)
        self._turn(DOORS[self.closed, state.filtered])
        now_s = asyncio.get_running_loop().time()
        for look in self.also:
            look(now_s)

    def _reset(self, state: LinkState) -> None:
        now_s = asyncio.get_running_loop().time()
        if state.reset_ms and self._reset_ms == state.reset_ms and now_s >= self._reset_at:
            self._house.cut()
        elif state.reset_ms == self._reset_ms:
            return
        self._reset_ms = state.reset_ms
        if state.reset_ms:
            self._reset_at = now_s + self.dice.pause_s("reset", state.reset_ms)

    def _turn(self, door: Door) -> None:
        if (self._moving is not None and not self._moving.done()) or all(p.door is door for p in self._house.ports):
            return
        self._moving = begin(self._move(door), "door")

    async def _move(self, door: Door) -> None:
        for port in self._house.ports:
            await port.turn(door)
