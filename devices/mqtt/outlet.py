"""One client's socket: what comes goes to its `Connection`, what one turn of the loop says to it is one write.

Knows no packet and no topic. TLS is the transport's business; a WebSocket is a skin that is taken off and put on here.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol

from devices.dice import Dice
from devices.endpoint import Link
from devices.keep_alive import keep_alive
from devices.late_line import LateLine
from devices.mqtt.broker import Broker
from devices.mqtt.connection import Connection
from devices.mqtt.websocket import WebSocket

READ_BYTES = 4096  # from one client in one turn of the loop, at most some 80 commands: others get their turn
LINGER_S = 2.0  # for a client to take what it was sent before the connection is cut


class House(Protocol):
    """Where clients come and go: the server."""

    @property
    def broker(self) -> Broker: ...

    @property
    def link(self) -> Link: ...

    @property
    def dice(self) -> Dice: ...

    def joined(self, outlet: "ClientSocket") -> None: ...

    def parted(self, outlet: "ClientSocket") -> None: ...

    def flush_soon(self, outlet: "ClientSocket") -> None:
        """Call its `flush` at the end of this turn of the loop."""
        ...


class ClientSocket(asyncio.BufferedProtocol):
    """Implements `Outlet`."""

    def __init__(self, house: House, skin: WebSocket | None = None) -> None:
        self._house, self._skin = house, skin
        self._loop = asyncio.get_running_loop()
        self._line: LateLine[Callable[[], None]] = LateLine(house.link, call, dice=house.dice)
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._out: list[bytes] = []
        self._out_bytes = 0  # not yet handed to the transport: of this turn, late, or held back
        self._most_bytes = house.broker.limits.out_bytes
        self.full = False
        self._counters = house.broker.counters
        self._last_words = False  # the broker stops: nothing more is taken, and the client ends the connection
        self._flushing = False
        self._paused = False
        self._ending = False
        self._limit_s = 0.0
        self._heard = 0
        self._heard_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    # --- asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("the broker needs a stream")
        self._transport = transport
        transport.set_write_buffer_limits(high=self._most_bytes)
        keep_alive(transport.get_extra_info("socket"))
        host, port = (transport.get_extra_info("peername") or ("?", 0))[:2]
        self._connection = Connection(self._house.broker, self, f"{host}:{port}")
        self._timer = self._loop.call_later(self._house.broker.limits.connect_s, self._no_connect)
        self._house.joined(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._last_words:
            return
        data = bytes(self._buffer[:nbytes])
        if self._skin is None:
            self._connection.receive(data)
        else:
            self._unwrap(self._skin, data)
        if self._connection.heard != self._heard:
            self._heard, self._heard_at = self._connection.heard, self._loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._line.clear()
        self._connection.lost()
        self._house.parted(self)

    def pause_writing(self) -> None:
        self._paused = self.full = True

    def resume_writing(self) -> None:
        self._paused = False
        self._weigh()
        self.flush(False)
        self._connection.writable()

    # --- for the connection

    def send(self, data: bytes) -> None:
        if self._ending:
            return
        self._out.append(data)
        self._out_bytes += len(data)
        if self._out_bytes > self._most_bytes:
            self.full = True
        if not self._flushing:
            self._flushing = True
            self._house.flush_soon(self)

    def limit_silence(self, seconds: float) -> None:
        self._stop_timer()
        self._limit_s, self._heard_at = seconds, self._loop.time()
        if seconds > 0:
            self._timer = self._loop.call_later(seconds, self._check_silence)

    def end(self) -> None:
        if self._ending or self._transport.is_closing():
            return
        self.flush(False)
        self._ending = True
        self._stop_timer()
        self._line.put(self._close)
        state = self._house.link.state
        late_s = (state.delay_ms + state.jitter_ms) / 1000
        self._timer = self._loop.call_later(LINGER_S + late_s, self._transport.abort)

    def drop(self) -> None:
        self._ending = True
        self._stop_timer()
        self._transport.abort()

    # --- for the server

    def shut(self) -> None:
        """The broker stops. What is under way from the client must not cut off what it is told last."""
        self._last_words = self._skin is None and self._transport.can_write_eof()
        self._connection.shut()

    def flush(self, calm: bool) -> None:
        """Write what was sent in this turn; `calm`: the link is well, so nothing needs to wait."""
        self._flushing = False
        out = self._out
        if not out or self._transport.is_closing():
            return
        if self._paused:
            self._hold()
            return
        block = out[0] if len(out) == 1 else b"".join(out)
        out.clear()
        if calm and self._skin is None and not self.full and self._line.empty:
            # as `_write`, without a further call: this is done once for each message and client
            self._out_bytes = 0
            self._counters.bytes_sent += len(block)
            self._transport.write(block)
        elif calm and self._line.empty:
            self._write(block)
        else:
            self._line.put(partial(self._write, block))

    def mute(self) -> None:
        """The link went silent: what the client sends waits in its socket."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def unmute(self) -> None:
        if not self._transport.is_closing():
            self._heard_at = self._loop.time()
            self._transport.resume_reading()

    # --- inside

    def _unwrap(self, skin: WebSocket, data: bytes) -> None:
        for inside in skin.unwrap(data):
            self._connection.receive(inside)
        if not self._transport.is_closing():
            self._transport.write(skin.pending())
            if skin.over:
                self._transport.close()

    def _hold(self) -> None:
        # messages stop at `full`; only answers can pile up, of a client that asks and does not read
        if self._out_bytes > self._most_bytes:
            self._connection.reject("asks and does not read")

    def _write(self, block: bytes) -> None:
        was_full = self.full
        size = len(block)
        self._out_bytes -= size
        self._counters.bytes_sent += size
        self._transport.write(block if self._skin is None else self._skin.wrap(block))
        if was_full:
            self._weigh()
            if not self.full:
                self._loop.call_soon(self._connection.writable)

    def _weigh(self) -> None:
        self.full = self._paused or self._out_bytes > self._most_bytes

    def _close(self) -> None:
        if self._last_words:
            # a socket that is closed with unread input is reset, and then the client loses what it has not read yet
            self._transport.write_eof()
        elif self._skin is None:
            self._transport.close()
        else:  # its client answers, and then it is over; the timer that runs waits no longer than that
            self._transport.write(self._skin.close())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _no_connect(self) -> None:
        self._timer = None
        if not self._connection.connected:
            self._connection.reject("no CONNECT")

    def _check_silence(self) -> None:
        due = self._heard_at + self._limit_s
        if self._loop.time() >= due:
            self._timer = None
            self._connection.silent()
        else:
            self._timer = self._loop.call_at(due, self._check_silence)


def call(act: Callable[[], None]) -> None:
    """Do what came through the link."""
    act()
