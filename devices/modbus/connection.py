"""One Modbus connection: takes bytes, answers requests in order, throttles whoever asks too much. Knows no table."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, cast

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from devices.dice import Dice
from devices.endpoint import Link
from devices.keep_alive import keep_alive
from devices.late_line import LateLine
from devices.modbus.frames import Frame, Framing, Garbage
from devices.modbus.functions import Session, answer
from devices.modbus.misbehaviour import misbehave
from sim.link_faults import WELL

log = logging.getLogger(__name__)

_REQUESTS_A_TURN = 64  # then others in this loop get their turn
_MOST_BYTES = 65536  # answers that wait; above this no more requests are taken


class Desk(Protocol):
    """Where a connection reports: the endpoint."""

    def admit(self, connection: "Connection", peer: str) -> Session | None:
        """The session of a new connection, None where this peer may not connect."""
        ...

    def garbage(self, connection: "Connection", peer: str, why: str) -> None: ...

    def left(self, connection: "Connection", session: Session) -> None: ...

    @property
    def link(self) -> Link:
        """What lies between the endpoint and its clients."""
        ...

    @property
    def dice(self) -> Dice:
        """Which messages a link fault hits, over all connections."""
        ...


class Connection(asyncio.Protocol):
    """Lives from accept to close. Requests are answered where they arrive: no task, no queue of requests."""

    def __init__(self, desk: Desk, framing: Framing, byte_s: float = 0.0) -> None:
        self._desk = desk
        self._framing = framing
        self._byte_s = byte_s  # how long a byte takes on a serial line; 0 on a network
        self._session: Session | None = None
        self._choked = False  # the client does not read its answers
        self._more: asyncio.Handle | None = None  # the next turn for requests that are waiting in the framing
        self._gap: asyncio.TimerHandle | None = None  # the end of a silence
        self._link = desk.link
        self._dice = desk.dice
        self._waiting = 0  # bytes of answers that are under way

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._late: LateLine[bytes] = LateLine(self._link, self._write, self._serve, self._dice)
        self.peer = peer_name(transport.get_extra_info("peername"))
        self._session = self._desk.admit(self, self.peer)
        if self._session is None:
            self._transport.abort()
            return
        socket = transport.get_extra_info("socket")
        if socket is not None:
            keep_alive(socket)

    def data_received(self, data: bytes) -> None:
        if self._byte_s and self._cut_off:
            return  # a serial line keeps nothing
        self._framing.feed(data)
        self._wait_for_silence()
        self._serve()

    def pause_writing(self) -> None:
        self._choked = True
        self._flow()

    def resume_writing(self) -> None:
        self._choked = False
        self._serve()

    def connection_lost(self, exc: Exception | None) -> None:
        self._late.clear()
        self._waiting = 0
        for pending in (self._more, self._gap):
            if pending:
                pending.cancel()
        if self._session:
            self._desk.left(self, self._session)
            self._session = None

    def abort(self) -> None:
        self._transport.abort()

    def look(self) -> None:
        """The link came back: what waited is answered."""
        if self._session is not None:
            self._serve()

    @property
    def _blocked(self) -> bool:
        return self._choked or self._waiting > _MOST_BYTES or self._cut_off

    @property
    def _cut_off(self) -> bool:
        state = self._link.state
        return state is not WELL and (state.silent or state.down or state.restarting)

    def _wait_for_silence(self) -> None:
        if not self._framing.gap_s:
            return
        if self._gap:
            self._gap.cancel()
        self._gap = asyncio.get_running_loop().call_later(self._framing.gap_s, self._silence)

    def _silence(self) -> None:
        self._gap = None
        if self._session is None or self._transport.is_closing():
            return
        try:
            frame = self._framing.silence()
        except Garbage as garbage:
            self._desk.garbage(self, self.peer, str(garbage))
            return
        if frame is not None:
            self._send([self._reply(self._session, frame)])

    def _serve(self) -> None:
        """Answer what is there, but not too much in one turn."""
        if self._more:
            self._more.cancel()
            self._more = None
        if self._session is None or self._transport.is_closing():
            return
        if self._blocked:
            self._flow()
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
            frame = self._framing.next()
            if frame is None:
                return True
            put(self._reply(session, frame))
        return False

    def _reply(self, session: Session, frame: Frame) -> bytes:
        """What goes back: nothing where the link loses it, twice where it doubles it."""
        if self._link.state is WELL:
            return self._framing.build(frame, _answer(session, frame))
        if self._dice.loses():  # the request or its answer: for a client it is the same
            return b""
        said = misbehave(session, self._link.state, self._dice, frame.unit, frame.pdu)
        if said is None:
            return b""
        reply = self._framing.build(frame, said if isinstance(said, ModbusPDU) else _answer(said, frame))
        return reply * 2 if self._dice.doubles() else reply

    def _send(self, answers: list[bytes]) -> None:
        if not self._byte_s and self._late.calm:
            whole = b"".join(answers)
            if whole:
                self._transport.write(whole)
            return
        size = 0
        for one in filter(None, answers):
            size += len(one)
            self._waiting += len(one)
            self._late.put(one, size * self._byte_s)

    def _write(self, one: bytes) -> None:
        self._waiting -= len(one)
        self._transport.write(one)

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
        return answer(session, frame.unit, frame.pdu)
    except Exception:  # the client-loop border: one bad request must not end the others
        log.exception("request %s of %s", frame.pdu.hex(), session.client.name)
        return ExceptionResponse(frame.pdu[0], ExcCodes.DEVICE_FAILURE)


def peer_name(peer: tuple[str, int] | str | None) -> str:
    """`ip:port`; the path of a serial line. A client that is gone before it was accepted has no address any more."""
    if not peer:
        return "?"
    if isinstance(peer, str):
        return peer
    return f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
