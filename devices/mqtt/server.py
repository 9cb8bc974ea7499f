"""TCP for the broker: the listening socket, one `TcpOutlet` per client, its timers. Knows no packet and no topic.

TLS is an `ssl` argument away; a WebSocket gets an outlet of its own that unwraps its frames and feeds a `Connection`.
"""

import asyncio
import logging
from functools import partial

from devices.endpoint import Link
from devices.keep_alive import keep_alive
from devices.mqtt.broker import Broker
from devices.mqtt.connection import Connection
from devices.mqtt.delay import DelayLine

_log = logging.getLogger(__name__)
READ_BYTES = 4096  # from one client in one turn of the loop, at most some 80 commands: others get their turn
LINGER_S = 2.0  # for a client to take what it was sent before the connection is cut


class TcpOutlet(asyncio.BufferedProtocol):
    """One client's socket. What one turn of the loop says to it is one write."""

    def __init__(self, server: "MqttServer") -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._line = DelayLine(server.link)
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._out: list[bytes] = []
        self._out_bytes = 0  # not yet handed to the transport: of this turn, late, or held back
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
        transport.set_write_buffer_limits(high=self._server.broker.limits.out_bytes)
        keep_alive(transport.get_extra_info("socket"))
        host, port = (transport.get_extra_info("peername") or ("?", 0))[:2]
        self._connection = Connection(self._server.broker, self, f"{host}:{port}")
        self._server.joined(self)
        self._timer = self._loop.call_later(self._server.broker.limits.connect_s, self._no_connect)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._connection.receive(bytes(self._buffer[:nbytes]))
        if self._connection.heard != self._heard:
            self._heard, self._heard_at = self._connection.heard, self._loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._line.clear()
        self._connection.lost()
        self._server.parted(self)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._flush()
        self._connection.writable()

    # --- for the connection

    @property
    def full(self) -> bool:
        return self._paused or self._out_bytes > self._server.broker.limits.out_bytes

    def send(self, data: bytes) -> None:
        if self._transport.is_closing() or self._ending:
            return
        self._out.append(data)
        self._out_bytes += len(data)
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def limit_silence(self, seconds: float) -> None:
        self._stop_timer()
        self._limit_s, self._heard_at = seconds, self._loop.time()
        if seconds > 0:
            self._timer = self._loop.call_later(seconds, self._check_silence)

    def end(self) -> None:
        if self._ending or self._transport.is_closing():
            return
        self._flush()
        self._ending = True
        self._stop_timer()
        self._line.put(self._transport.close)
        self._timer = self._loop.call_later(LINGER_S + self._server.link.delay_s, self._transport.abort)

    def drop(self) -> None:
        self._ending = True
        self._transport.abort()

    # --- inside

    def _flush(self) -> None:
        self._flushing = False
        if not self._out or self._transport.is_closing():
            return
        if self._paused:
            self._hold()
            return
        block = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        self._line.put(partial(self._write, block))

    def _hold(self) -> None:
        # messages stop at `full`; only answers can pile up, of a client that asks and does not read
        if self._out_bytes > self._server.broker.limits.out_bytes:
            self._connection.reject("asks and does not read")

    def _write(self, block: bytes) -> None:
        was_full = self.full
        self._out_bytes -= len(block)
        self._transport.write(block)
        if was_full and not self.full:
            self._loop.call_soon(self._connection.writable)

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


class MqttServer:
    """The broker's port. `start` binds it or raises `OSError`; `stop` ends every client and frees it."""

    def __init__(self, broker: Broker, link: Link) -> None:
        self.broker = broker
        self.link = link
        self._server: asyncio.Server | None = None
        self._outlets: set[TcpOutlet] = set()
        self._empty = asyncio.Event()

    @property
    def clients(self) -> int:
        return len(self._outlets)

    async def start(self, host: str, port: int) -> int:
        """Listen, and say on which port."""
        self._server = await asyncio.get_running_loop().create_server(lambda: TcpOutlet(self), host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for outlet in tuple(self._outlets):
            outlet.end()
        try:
            async with asyncio.timeout(LINGER_S / 2):
                await self._gone()
        except TimeoutError:
            for outlet in tuple(self._outlets):
                outlet.drop()
            await self._gone()
        await self._server.wait_closed()
        self._server = None

    def joined(self, outlet: TcpOutlet) -> None:
        self._outlets.add(outlet)
        if len(self._outlets) > self.broker.limits.connections:
            _log.warning("mqtt: more than %d connections", self.broker.limits.connections)
            outlet.drop()

    def parted(self, outlet: TcpOutlet) -> None:
        self._outlets.discard(outlet)
        if not self._outlets:
            self._empty.set()

    async def _gone(self) -> None:
        while self._outlets:
            self._empty.clear()
            await self._empty.wait()
