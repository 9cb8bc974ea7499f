"""Connections: bytes in and out of one client, and the socket that they come from. Knows nothing of the line.

Replaces asyncua's protocol and socket server, which keep a connection open after garbage, log a traceback for it
and leave tasks behind at stop.
"""

# ruff: noqa: SLF001 - the inside of asyncua: this package alone may, and pin.py guards it

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from typing import Any

from asyncua import ua
from asyncua.common.connection import TransportLimits
from asyncua.common.utils import Buffer, NotEnoughData, ServiceError
from asyncua.server.internal_session import SessionState
from asyncua.server.uaprocessor import UaProcessor
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import header_from_binary, nodeid_from_binary, struct_from_binary, uatcp_to_binary
from asyncua.ua.uaerrors import UaStatusCodeError

from devices.endpoint import Link
from devices.opcua.link import LateTransport
from devices.opcua.pin import check_signatures
from devices.opcua.server import LineServer, peer_name
from devices.opcua.session import Session
from devices.opcua.values import node_id, status_code

_logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 100
MAX_WAITING = 100  # requests of one connection; then it is not read from until some are answered
SESSION_GRACE_S = 30.0  # a connection without a session is closed after this
FAREWELL_S = 5.0  # to read why the connection is closed
MIN_BUFFER = 8192  # of a chunk (Part 6, 7.1.2)
HEADER = struct.Struct("<3scI")
CHUNKS = {b"HEL": b"F", b"OPN": b"F", b"CLO": b"F", b"MSG": b"FCA"}
CREATE_SESSION = node_id(ObjectIds.CreateSessionRequest_Encoding_DefaultBinary)
ACTIVATE_SESSION = node_id(ObjectIds.ActivateSessionRequest_Encoding_DefaultBinary)
MALFORMED = (NotEnoughData, struct.error, UnicodeDecodeError, RecursionError)
Reject = Callable[[str, str], None]  # (peer, why)

check_signatures(
    [
        (UaProcessor.process, "self, header, body"),
        (UaProcessor.process_message, "self, seqhdr, body"),
        (UaProcessor._process_message, "self, typeid, requesthdr, seqhdr, body"),
        (UaProcessor._session_watchdog_loop, "self"),
        (UaProcessor.close, "self"),
    ]
)


class Garbage(Exception):
    """Bytes that are not OPC UA, or that break its rules: the connection is closed."""


class Limits(TransportLimits):
    """What a client may send; asyncua takes any buffer size, down to answers in millions of chunks."""

    def __init__(self) -> None:
        super().__init__(max_recv_buffer=65535, max_send_buffer=65535, max_chunk_count=64, max_message_size=4_000_000)

    def create_acknowledge_and_set_limits(self, msg: ua.Hello) -> ua.Acknowledge:
        if min(msg.ReceiveBufferSize, msg.SendBufferSize) < MIN_BUFFER:
            raise Garbage("buffer smaller than 8192 bytes")
        return super().create_acknowledge_and_set_limits(msg)


class Channel(UaProcessor):
    """The services of one connection. A mistake of the client is answered with its code and one line in the log."""

    def __init__(self, server: LineServer, transport: LateTransport, limits: Limits) -> None:
        super().__init__(server, transport, limits)
        self.peer = peer_name(self.name)

    async def process_message(self, seqhdr: ua.SequenceHeader, body: Buffer) -> bool:
        type_id = nodeid_from_binary(body)
        header = struct_from_binary(ua.RequestHeader, body)
        try:
            return await self._serve(type_id, header, seqhdr, body)
        except (ServiceError, UaStatusCodeError) as error:
            number = error.code
        except MALFORMED as error:
            _logger.info("OPC UA %s: malformed request %s: %r", self.peer, type_id.to_string(), error)
            number = StatusCodes.BadDecodingError
        except Exception as error:
            _logger.warning("OPC UA %s: request %s failed: %r", self.peer, type_id.to_string(), error)
            _logger.debug("of this request", exc_info=True)
            number = StatusCodes.BadInternalError
        fault = ua.ServiceFault()
        fault.ResponseHeader.ServiceResult = status_code(number)
        self.send_response(header.RequestHandle, seqhdr, fault)  # type: ignore[no-untyped-call]
        return True

    async def _serve(self, type_id: ua.NodeId, header: Any, seqhdr: ua.SequenceHeader, body: Buffer) -> bool:
        if self.session is not None and self.session.state == SessionState.Closed:
            self.session = None
        if self.session is not None and type_id == CREATE_SESSION:
            await self._close_session()  # asyncua would forget the earlier one and leave it open
        if self.session is None and type_id.Identifier in NEEDS_SESSION:
            raise ServiceError(StatusCodes.BadSessionIdInvalid)
        before = self.session
        try:
            answered = await self._process_message(type_id, header, seqhdr, body)  # type: ignore[no-untyped-call]
        except ServiceError:
            if type_id == ACTIVATE_SESSION and before is None:
                self.session = None  # a session that it named but was not let into
            raise
        if type_id == ACTIVATE_SESSION and isinstance(self.session, Session):
            self.session.attach(self, self.peer)
        return bool(answered)

    async def _session_watchdog_loop(self) -> None:
        """Not needed: a session ends itself after its time-out, and a connection without a session is closed."""

    def has_session(self) -> bool:
        return self.session is not None and self.session.is_activated()

    async def close(self) -> None:
        """The connection is gone. A session with subscriptions waits for its client until it times out."""
        self._publish_requests.clear()
        if not isinstance(self.session, Session) or not self.session.detach(self):
            return
        if self._should_close_session_on_transport_loss():
            await self._close_session()

    async def _close_session(self) -> None:
        session, self.session = self.session, None
        if isinstance(session, Session):
            await session.close_session(True)
            await session.ended()


NEEDS_SESSION = {
    number
    for name, number in vars(ObjectIds).items()
    if name.endswith("Request_Encoding_DefaultBinary")
    and not name.startswith(
        ("CreateSession", "ActivateSession", "FindServers", "GetEndpoints", "RegisterServer", "CloseS")
    )
}


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
        self._late = LateTransport(self._transport, self._listener.link)
        self._channel = Channel(self._listener.server, self._late, Limits())
        self._channel.set_policies(self._listener.policies)  # type: ignore[no-untyped-call]
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
        except Garbage as why:
            self._refuse(StatusCodes.BadTcpMessageTypeInvalid, str(why))
        if self._messages.qsize() >= MAX_WAITING and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def _cut(self) -> bytes | None:
        """The next whole message, None until there is one."""
        if self._buffer[:3] and not any(kind.startswith(self._buffer[:3]) for kind in CHUNKS):
            raise Garbage(f"not OPC UA: {bytes(self._buffer[:16])!r}")
        if len(self._buffer) < HEADER.size:
            return None
        kind, chunk, size = HEADER.unpack_from(self._buffer)
        if chunk not in CHUNKS[kind]:
            raise Garbage(f"no such chunk: {kind + chunk!r}")
        if self._greeted == (kind == b"HEL"):
            raise Garbage("hello twice" if self._greeted else "no hello")
        if not (16 <= size <= (65535 if self._greeted else MIN_BUFFER)):
            raise Garbage(f"message of {size} bytes")
        if len(self._buffer) < size:
            return None
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
            go_on = await self._channel.process(header_from_binary(body), body)  # type: ignore[no-untyped-call]
            if not go_on:
                self._late.close()
        except Garbage as why:
            self._refuse(StatusCodes.BadConnectionRejected, str(why))
        except Exception as error:  # noqa: BLE001 the client loop's border
            self._refuse(StatusCodes.BadTcpInternalError, f"bad message: {error!r}"[:200])
        if self._paused and self._messages.empty():
            self._paused = False
            self._transport.resume_reading()

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
    """The bound port of a bench and the connections that came through it."""

    def __init__(self, server: LineServer, policies: list[Any], link: Link, reject: Reject) -> None:
        self.server = server
        self.policies = policies
        self.link = link
        self.reject = reject
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._socket: asyncio.Server | None = None

    def __len__(self) -> int:
        return len(self._connections)

    def opened(self, connection: Connection, run: Any) -> None:
        task = asyncio.create_task(run)
        self._connections[task] = connection
        task.add_done_callback(self._connections.pop)
        if len(self._connections) > MAX_CONNECTIONS:
            _logger.warning("OPC UA: more than %d connections, one was refused", MAX_CONNECTIONS)
            connection.abort()

    async def start(self, bound: socket.socket) -> None:
        self._socket = await asyncio.get_running_loop().create_server(lambda: Connection(self), sock=bound)

    async def stop(self) -> None:
        if self._socket is not None:
            self._socket.close()
        tasks = list(self._connections)
        for connection in list(self._connections.values()):
            connection.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.wait_closed()
