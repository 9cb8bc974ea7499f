"""One Modbus TCP connection: takes segments, answers requests in order, throttles whoever asks too much."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, cast

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from devices.keep_alive import keep_alive
from devices.modbus.frames import Frame, FrameReader, Garbage, framed
from devices.modbus.functions import Session, answer
from devices.modbus.outbox import Outbox

log = logging.getLogger(__name__)

_REQUESTS_A_TURN = 64  # then others in this loop get their turn


class Desk(Protocol):
    """Where a connection reports: the endpoint."""

    def admit(self, connection: "Connection", peer: str) -> Session | None:
        """The session of a new connection, None where this peer may not connect."""
        ...

    def garbage(self, connection: "Connection", peer: str, why: str) -> None: ...

    def left(self, connection: "Connection", session: Session) -> None: ...

    @property
    def delay_s(self) -> float:
        """By how much an answer to a request that comes now is late."""
        ...


class Connection(asyncio.Protocol):
    """Lives from accept to close. Requests are answered where they arrive: no task, no queue of requests."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._reader = FrameReader()
        self._session: Session | None = None
        self._choked = False  # the client does not read its answers
        self._more: asyncio.Handle | None = None  # the next turn for requests that are waiting in the reader

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._outbox = Outbox(self._transport.write, self._serve)
        self.peer = peer_name(transport.get_extra_info("peername"))
        self._session = self._desk.admit(self, self.peer)
        if self._session is None:
            self._transport.abort()
            return
        keep_alive(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        self._serve()

    def pause_writing(self) -> None:
        self._choked = True
        self._flow()

    def resume_writing(self) -> None:
        self._choked = False
        self._serve()

    def connection_lost(self, exc: Exception | None) -> None:
        self._outbox.close()
        if self._more:
            self._more.cancel()
        if self._session:
            self._desk.left(self, self._session)
            self._session = None

    def abort(self) -> None:
        self._transport.abort()

    @property
    def _blocked(self) -> bool:
        return self._choked or self._outbox.full

    def _serve(self) -> None:
        """Answer what is there, but not too much in one turn."""
        if self._more:
            self._more.cancel()
            self._more = None
        if self._session is None or self._transport.is_closing() or self._blocked:
            return
        answers: list[bytes] = []
        try:
            all_read = self._take(self._session, answers.append)
        except Garbage as garbage:
            self._send(answers)
            self._desk.garbage(self, self.peer, str(garbage))
            self._transport.close()
            return
        self._send(answers)
        if not all_read:
            self._more = asyncio.get_running_loop().call_soon(self._serve)
        self._flow()

    def _take(self, session: Session, put: Callable[[bytes], None]) -> bool:
        for _ in range(_REQUESTS_A_TURN):
            frame = self._reader.next()
            if frame is None:
                return True
            put(framed(frame, _answer(session, frame)))
        return False

    def _send(self, answers: list[bytes]) -> None:
        if answers:
            self._outbox.send(b"".join(answers), self._desk.delay_s)

    def _flow(self) -> None:
        """Read from the socket only as fast as answers leave."""
        if self._transport.is_closing():
            return
        if self._blocked or self._more:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


def _answer(session: Session, frame: Frame) -> ModbusPDU:
    try:
        return answer(session, frame.pdu)
    except Exception:  # the client-loop border: one bad request must not end the others
        log.exception("request %s of %s", frame.pdu.hex(), session.client.name)
        return ExceptionResponse(frame.pdu[0], ExcCodes.DEVICE_FAILURE)


def peer_name(peer: tuple[str, int] | None) -> str:
    """`ip:port`; a client that is gone before it was accepted has no address any more."""
    if not peer:
        return "?"
    return f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
