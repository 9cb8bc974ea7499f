"""What a link fault does to a connection: every answer late by the same time, in order. Knows no OPC UA."""

import asyncio
from typing import Any

from devices.endpoint import Link


class LateTransport:
    """A transport that writes through the bench's link: at once when all is well, else after its delay."""

    def __init__(self, transport: asyncio.Transport, link: Link) -> None:
        self._transport = transport
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[asyncio.TimerHandle, None] = {}
        self._last_due = 0.0
        self._closing = False

    def write(self, data: bytes) -> None:
        if self._closing or self._transport.is_closing():
            return
        if self._link.delay_s <= 0 and not self._waiting:
            self._transport.write(data)
            return
        self._later(self._transport.write, data)

    def close(self) -> None:
        """Close after what is still on its way."""
        if self._closing:
            return
        self._closing = True
        if self._waiting:
            self._later(self._transport.close)
        else:
            self._transport.close()

    def forget(self) -> None:
        """The connection is gone: nothing more arrives."""
        for handle in self._waiting:
            handle.cancel()
        self._waiting.clear()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def _later(self, do: Any, *args: bytes) -> None:
        # never before an earlier one, also when the delay has become shorter since
        self._last_due = max(self._loop.time() + self._link.delay_s, self._last_due)

        def arrive() -> None:
            self._waiting.pop(handle)
            do(*args)

        handle = self._loop.call_at(self._last_due, arrive)
        self._waiting[handle] = None
