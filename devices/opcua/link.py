"""What a link fault does to a connection: late, silent, cut. Knows no OPC UA.

TCP loses and doubles nothing, so neither does this link: what is lost below comes late.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from devices.endpoint import Link

LOOK_S = 0.05  # how often a silent link is asked whether it speaks again
FULL_BYTES = 256_000  # held back: from here on the connection is not served until some has gone
LOST_BYTES = 8_000_000  # held back: nobody waits that long, the connection is dropped


class LateTransport:
    """A transport that writes through the bench's link: at once when all is well, else after its delay, in order.

    `pressure(True)` says that more than `FULL_BYTES` wait, `pressure(False)` that they have gone.
    """

    def __init__(self, transport: asyncio.Transport, link: Link, pressure: Callable[[bool], object] = bool) -> None:
        self._transport = transport
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._pressure = pressure
        self._held: deque[tuple[float, bytes | None]] = deque()  # None closes the connection
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._last_due = 0.0
        self._full = self._closing = False

    @property
    def held_bytes(self) -> int:
        return self._bytes

    def write(self, data: bytes) -> None:
        if self._closing or self._transport.is_closing():
            return
        if not self._held and not self._slow():
            self._transport.write(data)
            return
        self._hold(data)
        if self._bytes > LOST_BYTES:
            self._transport.abort()
        elif self._bytes > FULL_BYTES and not self._full:
            self._full = True
            self._pressure(True)

    def close(self) -> None:
        """Close after what is still on its way."""
        if self._closing:
            return
        self._closing = True
        if self._held:
            self._hold(None)
        else:
            self._transport.close()

    def forget(self) -> None:
        """The connection is gone: nothing more arrives."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._held.clear()
        self._bytes = 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def _slow(self) -> bool:
        return self._link.delay_s > 0 or self._link.silent or self._link.down

    def _hold(self, data: bytes | None) -> None:
        # never before an earlier one, also when the delay has become shorter since
        self._last_due = max(self._loop.time() + self._link.delay_s, self._last_due)
        self._held.append((self._last_due, data))
        self._bytes += len(data or b"")
        if self._timer is None:
            self._timer = self._loop.call_at(self._last_due, self._arrive)

    def _arrive(self) -> None:
        """Let through what is due, unless nothing comes through at all."""
        self._timer = None
        quiet = self._link.silent or self._link.down
        while self._held and not quiet and self._held[0][0] <= self._loop.time():
            _, data = self._held.popleft()
            self._bytes -= len(data or b"")
            if data is None:
                self._transport.close()
            else:
                self._transport.write(data)
        if self._full and self._bytes <= FULL_BYTES // 2:
            self._full = False
            self._pressure(False)
        if self._held:
            due = self._loop.time() + LOOK_S if quiet else self._held[0][0]
            self._timer = self._loop.call_at(due, self._arrive)
