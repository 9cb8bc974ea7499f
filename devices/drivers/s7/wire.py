"""Frames of S7 on the loop: TPKT (RFC 1006) and COTP data, requests and answers paired by their numbers.

Knows no message: what is inside is python-snap7's.
"""

import asyncio

from devices.drivers.reason import Lost

HEAD = 4  # bytes of TPKT: version, reserved, length of all
COTP_DATA, LAST = 0xF0, 0x80
LONGEST = 8192 + 32  # no exchange is longer
NUMBER = slice(4, 6)  # where a message has its number


class Wire(asyncio.Protocol):
    """One connection. A request's answer is the one with its number; others are late and dropped."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._data = bytearray()
        self._message = bytearray()  # of a message that comes in several frames
        self._waiting: asyncio.Future[bytes] | None = None
        self._number = b""
        self._gone: Lost | None = None

    async def ask(self, request: bytes) -> bytes:
        """Send a message and wait for its answer. Raises `Lost`."""
        if self._gone is not None or self.transport is None:
            raise self._gone or Lost("not connected")
        self._waiting = asyncio.get_running_loop().create_future()
        self._number = bytes(request[NUMBER])
        length = HEAD + 3 + len(request)
        self.transport.write(bytes((3, 0, length >> 8, length & 255, 2, COTP_DATA, LAST)) + request)
        return await self._waiting

    def fail(self, why: Lost) -> None:
        """Nobody will answer any more."""
        self._gone = self._gone or why
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(why)

    # ---- what the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(Lost(f"the controller closed the connection{f': {exc}' if exc else ''}"))

    def data_received(self, data: bytes) -> None:
        self._data += data
        while len(self._data) >= HEAD:
            length = int.from_bytes(self._data[2:4], "big")
            if self._data[0] != 3 or not HEAD + 3 <= length <= LONGEST:
                self.fail(Lost("no S7 frame came"))
                return
            if len(self._data) < length:
                return
            frame = bytes(self._data[HEAD:length])
            del self._data[:length]
            self._frame(frame)

    def _frame(self, frame: bytes) -> None:
        if frame[1] != COTP_DATA:
            self.fail(Lost("the controller ended the connection"))
            return
        self._message += frame[1 + frame[0] :]
        if not frame[2] & LAST:
            if len(self._message) > LONGEST:
                self.fail(Lost("a message without end came"))
            return
        message, self._message = bytes(self._message), bytearray()
        if self._waiting is not None and not self._waiting.done() and message[NUMBER] == self._number:
            self._waiting.set_result(message)
