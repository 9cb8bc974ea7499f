"""What a link fault does to a connection's bytes: late, held back. Knows no OPC UA.

TCP loses and doubles nothing, so neither does this link: what is lost below is sent again and comes late, and all that
is behind it waits (RFC 6298: at first after the least retransmission time, then after twice as long).
"""

import asyncio
from collections.abc import Callable
from typing import Any

from devices.dice import Dice
from devices.endpoint import Link
from devices.late_line import LateLine

FULL_BYTES = 256_000  # held back: from here on the connection is not served until some has gone
LOST_BYTES = 8_000_000  # held back: nobody waits that long, the connection is dropped
AGAIN_S = 0.2  # until a lost segment is sent again: what Linux takes as the least
MOST_TIMES = 4  # that the same segment is lost: three seconds in all


class LateTransport:
    """A transport that writes through the bench's link: at once when all is well, else after its delay, in order.

    `pressure(True)` says that more than `FULL_BYTES` wait, `pressure(False)` that they have gone.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        link: Link,
        pressure: Callable[[bool], object] = bool,
        dice: Dice | None = None,
    ) -> None:
        self._transport = transport
        self._pressure = pressure
        self._dice = dice or Dice(link)
        self._line: LateLine[bytes | None] = LateLine(link, self._arrive, self._moved, self._dice)  # None closes
        self._bytes = 0
        self._full = self._closing = False

    @property
    def held_bytes(self) -> int:
        return self._bytes

    def write(self, data: bytes) -> None:
        if self._closing or self._transport.is_closing():
            return
        self._bytes += len(data)
        self._line.put(data, self._again_s())
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
        if self._line.empty:
            self._transport.close()
        else:
            self._line.put(None)

    def forget(self) -> None:
        """The connection is gone: nothing more arrives."""
        self._line.clear()
        self._bytes = 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def _again_s(self) -> float:
        """How much later this comes because it was lost on its way."""
        times = 0
        while times < MOST_TIMES and self._dice.loses():
            times += 1
        return AGAIN_S * ((1 << times) - 1)

    def _arrive(self, data: bytes | None) -> None:
        if data is None:
            self._transport.close()
            return
        self._bytes -= len(data)
        self._transport.write(data)

    def _moved(self) -> None:
        if self._full and self._bytes <= FULL_BYTES // 2:
            self._full = False
            self._pressure(False)
