"""A serial cable: a pair of pseudo-terminals, joined by this process, which can pull it, slow it and add noise."""

import asyncio
import os
import tty
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.devices.drivers.proxy import Twist, as_it_is


@dataclass
class SerialCable:
    """`async with SerialCable() as cable:`; the driver opens `cable.near`, the device `cable.far`."""

    answer: Twist = as_it_is
    ask: Twist = as_it_is
    delay_s: float = 0.0  # of what the device says
    near: str = ""
    far: str = ""
    pulled: bool = False
    _held: list[int] = field(default_factory=list)
    _ours: tuple[int, int] = (-1, -1)
    _late: deque[asyncio.TimerHandle] = field(default_factory=deque)

    async def __aenter__(self) -> Self:
        pairs = [os.openpty() for _ in range(2)]
        for _, theirs in pairs:
            tty.setraw(theirs)  # kept open, or our end hangs up when the other side closes
        (near, near_end), (far, far_end) = pairs
        self._ours, self._held = (near, far), [near_end, far_end]
        self.near, self.far = os.ttyname(near_end), os.ttyname(far_end)
        loop = asyncio.get_running_loop()
        loop.add_reader(near, lambda: self._carry(near, far, self.ask(os.read(near, 4096)), 0.0))
        loop.add_reader(far, lambda: self._carry(far, near, self.answer(os.read(far, 4096)), self.delay_s))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._late:
            handle.cancel()
        for end in self._ours:
            asyncio.get_running_loop().remove_reader(end)
        for end in (*self._ours, *self._held):
            os.close(end)

    def _carry(self, source: int, to: int, data: bytes, delay_s: float) -> None:
        if self.pulled or not data:
            return
        if delay_s:
            self._late.append(asyncio.get_running_loop().call_later(delay_s, os.write, to, data))
        else:
            os.write(to, data)
