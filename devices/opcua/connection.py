"""Connections: bytes in and out of one client, and the socket that they come from. Knows nothing of the line.

Replaces asyncua's protocol and socket server, which keep a connection open after garbage, log a traceback for it
and leave tasks behind at stop.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import header_from_binary, uatcp_to_binary

from devices.endpoint import Link
from devices.link_watch import LinkWatch
from devices.opcua.channel import Channel
from devices.opcua.channel_limits import MAX_BUFFER, MIN_BUFFER, Limits
from devices.opcua.link import LateTransport
from devices.opcua.security import Refused
from devices.opcua.server import LineServer
from devices.opcua.values import status_code
from devices.port import Port
from devices.tasks import begin

_logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 100
MAX_WAITING = 100  # requests of one connection; then it is not read from until some are answered
SESSION_GRACE_S = 30.0  # a connection without a session is closed after this
FAREWELL_S = 5.0  # to read why the connection is closed
HEADER = struct.Struct("<3scI")
CHUNKS = {b"HEL": b"F", b"OPN": b"F", b"CLO": b"F", b"MSG": b"FCA"}
Reject = Callable[[str, str], None]  # (peer, why)


def garbage(why: str) -> Refused:
    """Bytes that are not OPC UA, or that break its rules."""
    return Refused(StatusCodes.BadTcpMessageTypeInvalid, why)


class Connection(asyncio.Protocol):
    """One client's bytes: cut into messages, answered in order by one task, closed at the first garbage."""

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._buffer = bytearray()
        self._messages: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._writable = asyncio.Event()
        self._writable.set()
        self._greeted = False
        self._refused = False
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        listener = self._listener
        self._late = LateTransport(self._transport, listener.link, self._held_back, listener.watch.dice)
        self._channel = Channel(self._listener.server, self._late, Limits())
        self._peer = self._channel.peer
        self._grace = asyncio.get_running_loop().call_later(SESSION_GRACE_S, self._check_session)
        self._listener.opened(self, self._run())

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._buffer += data
        try:
            while (message := self._cut()) is not None:
                self._messages.put_nowait(message)
        except Refused as error:
            self._refuse(error.code, error.why)
        if self._messages.qsize() >= MAX_WAITING and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def _cut(self) -> bytes | None:
        """The next whole message, None until there is one."""
        if self._buffer[:3] and not any(kind.startswith(self._buffer[:3]) for kind in CHUNKS):
            raise garbage(f"not OPC UA: {bytes(self._buffer[:16])!r}")
        if len(self._buffer) < HEADER.size:
            return None
        kind, chunk, size = HEADER.unpack_from(self._buffer)
        if chunk not in CHUNKS[kind]:
            raise garbage(f"no such chunk: {kind + chunk!r}")
        if self._greeted == (kind == b"HEL"):
            raise garbage("hello twice" if self._greeted else "no hello")
        if size > (MAX_BUFFER if self._greeted else MIN_BUFFER):
            raise Refused(StatusCodes.BadTcpMessageTooLarge, f"message of {size} bytes")
        if size < 16:
            raise garbage(f"message of {size} bytes")
        if len(self._buffer) < size:
            return None
        if not self._greeted and self._listener.watch.busy:
            raise Refused(StatusCodes.BadTcpServerTooBusy, "too busy")
        message = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._greeted = True
        return message

    def _refuse(self, code: int, why: str) -> None:
        if self._refused or self._transport.is_closing():
            return
        self._refused = True
        self._grace.cancel()
        # who does not read what he is told does not keep the connection by that
        self._grace = asyncio.get_running_loop().call_later(FAREWELL_S, self._transport.abort)
        self._listener.reject(self._peer, why)
        error = ua.ErrorMessage(status_code(code), ua.String(why))
        # MessageType is a class of byte strings that its functions are not annotated for
        self._late.write(uatcp_to_binary(ua.MessageType.Error, error))  # type: ignore[arg-type]
        self._late.close()

    def _check_session(self) -> None:
        loop = asyncio.get_running_loop()
        if self._channel.has_session():
            self._grace = loop.call_later(SESSION_GRACE_S, self._check_session)
        else:
            self._refuse(StatusCodes.BadTimeout, f"no session within {SESSION_GRACE_S:.0f} s")

    async def _run(self) -> None:
        try:
            while (message := await self._messages.get()) is not None and not self._refused:
                await self._answer(message)
        finally:
            self._late.close()
            await self._channel.close()

    async def _answer(self, message: bytes) -> None:
        await self._writable.wait()
        body = Buffer(message)
        try:
            go_on = await self._channel.process(header_from_binary(body), body)
            if not go_on:
                self._late.close()
        except Refused as error:
            self._refuse(error.code, error.why)
        except Exception as error:  # noqa: BLE001 the client loop's border
            self._refuse(StatusCodes.BadTcpInternalError, f"bad message: {error!r}"[:200])
        if self._paused and self._messages.empty():
            self._paused = False
            self._transport.resume_reading()

    def _held_back(self, full: bool) -> None:
        """Too much waits for a slow link: no further request is answered before some has gone."""
        if full:
            self._writable.clear()
        else:
            self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._grace.cancel()
        self._late.forget()
        self._writable.set()
        self._messages.put_nowait(None)

    def abort(self) -> None:
        self._transport.abort()


class Listener:
    """The port of a bench and the connections that came through it. The `House` of its link."""

    def __init__(self, server: LineServer, link: Link, reject: Reject) -> None:
        self.server = server
        self.link = link
        self.reject = reject
        self.watch = LinkWatch(link, self)
        self.watch.also += (server.presented.look, server.scanner.look, server.guests.look, self._move)
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._forgetting: asyncio.Task[None] | None = None
        self._port = Port(lambda: Connection(self))

    def __len__(self) -> int:
        return len(self._connections)

    def opened(self, connection: Connection, run: Any) -> None:
        task = asyncio.create_task(run)
        self._connections[task] = connection
        task.add_done_callback(self._connections.pop)
        why = self.watch.turns_away(len(self._connections) - 1, MAX_CONNECTIONS)
        if why is not None:
            _logger.warning("OPC UA: a connection was refused: %s", why)
            connection.abort()

    async def start(self, bound: socket.socket) -> None:
        await self._port.adopt(bound)
        self.watch.start()

    async def stop(self) -> None:
        await self.watch.stop()
        await self.server.presented.stop()
        await self.server.scanner.stop()
        await self.server.guests.stop()
        if self._forgetting is not None:
            await asyncio.wait([self._forgetting])
        tasks = list(self._connections)
        self.cut()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._port.close()

    # ---- what the link does

    @property
    def ports(self) -> Sequence[Port]:
        return (self._port,)

    def cut(self) -> None:
        for connection in list(self._connections.values()):
            connection.abort()

    def hush(self, silent: bool) -> None:
        """What waits is held back by each connection's own line."""

    def forget(self) -> None:
        """The device booted: no session, no subscription, no counter from before."""
        self._forgetting = begin(self.server.restart(), "OPC UA restart")

    def _move(self, _now_s: float) -> None:
        """The line's namespace got another index: that takes a restart."""
        if self.link.state.namespace != self.server.moved_by:
            self.server.moved_by = self.link.state.namespace
            self.cut()
            self.forget()
