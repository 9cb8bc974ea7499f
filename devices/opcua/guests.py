"""Strangers in the diagnostics: somebody else's writes as requests of a session of his own. Knows no socket."""

import asyncio
import secrets
from typing import TYPE_CHECKING

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_session import SessionState
from asyncua.ua.object_ids import ObjectIds

from devices.endpoint import Client, LineView, Role, Wire
from devices.opcua.session import Session
from devices.opcua.users import Login
from devices.opcua.values import REFUSED
from devices.strangers import Guests, StrangerWrite
from devices.tasks import begin

if TYPE_CHECKING:
    from devices.opcua.server import LineServer

WRITE = int(ObjectIds.WriteRequest_Encoding_DefaultBinary)


async def open_for(server: "LineServer", peer: str, role: Role) -> Session:
    """A session of somebody who is not on any socket of ours. Raises `ServiceError` where all are taken."""
    session = await server.open_session(peer)
    session.user, session.state = Login(role, ""), SessionState.Activated
    session.title, session.description = peer, ua.ApplicationDescription(ApplicationUri="urn:unknown")
    session.client = Client(Wire.OPCUA, f"opcua-{secrets.token_hex(8)}", peer, role)
    return session


class GuestBook:
    """Keeps a session for each stranger, until he has been silent for a minute."""

    def __init__(self, server: "LineServer", view: LineView) -> None:
        self._server, self._view = server, view
        self._guests = Guests()
        self._sessions: dict[str, Session] = {}
        self._waiting: list[StrangerWrite] = []
        self._working: asyncio.Task[None] | None = None
        view.strangers(Wire.OPCUA, self._waiting.append)

    def look(self, _now_s: float) -> None:
        """Called some times a second."""
        gone = self._guests.gone(self._view.clock.monotonic()) if self._sessions else []
        if (self._waiting or gone) and (self._working is None or self._working.done()):
            waiting, self._waiting[:] = list(self._waiting), []
            self._working = begin(self._note(waiting, gone), "OPC UA strangers")

    async def stop(self) -> None:
        if self._working is not None:
            await asyncio.wait([self._working])

    async def _note(self, writes: list[StrangerWrite], gone: list[str]) -> None:
        for peer in gone:
            session = self._sessions.pop(peer, None)
            if session is not None:
                await session.close_session(True)
        for write in writes:
            await self._serve(write)

    async def _serve(self, write: StrangerWrite) -> None:
        self._guests.heard(write.peer, self._view.clock.monotonic())
        session = self._sessions.get(write.peer)
        if session is None or session.state is SessionState.Closed:
            try:
                session = self._sessions[write.peer] = await open_for(self._server, write.peer, Role.TRAINEE)
            except ServiceError:
                return  # all sessions are taken: he is not in the diagnostics
        session.contact = self._view.clock.utc()
        self._server.diagnostics.served(session, WRITE, 0 if write.refusal is None else REFUSED[write.refusal])
