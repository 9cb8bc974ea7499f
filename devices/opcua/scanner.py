"""Somebody looks through the whole address space, node by node: an intruder's first step. Knows no socket.

He logs in as nobody and browses, and reads what he finds and what is not there; his session is in the diagnostics and
his requests are in the traffic like anybody's.
"""

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.endpoint import Client, LineView, Link, Role
from devices.opcua.guests import open_for
from devices.opcua.model.node_ids import standard
from devices.opcua.session import Session
from devices.tasks import begin, end

if TYPE_CHECKING:
    from devices.opcua.server import LineServer

PEER = "192.168.10.66:49166"  # an address of the line's network that belongs to nobody
MOST_WAITING = 10_000  # nodes that he remembers
BROWSE, READ = (int(getattr(ObjectIds, f"{name}Request_Encoding_DefaultBinary")) for name in ("Browse", "Read"))


class Scanner:
    """`look` begins and ends it as the link's state says."""

    def __init__(self, server: "LineServer", view: LineView, link: Link) -> None:
        self._server, self._view, self._link = server, view, link
        self._task: asyncio.Task[None] | None = None

    def look(self, _now_s: float = 0.0) -> None:
        if self._link.state.scan_per_s and (self._task is None or self._task.done()):
            self._task = begin(self._scan(), "OPC UA scan")

    async def stop(self) -> None:
        if self._task is not None:
            await end(self._task)

    async def _scan(self) -> None:
        try:
            session = await open_for(self._server, PEER, Role.OBSERVER)
        except ServiceError:
            return  # all are taken; the next look tries again
        try:
            await self._walk(session, session.caller.client)
        finally:
            await session.close_session(True)

    async def _walk(self, session: Session, client: Client) -> None:
        waiting, seen = deque([standard(ObjectIds.RootFolder)]), {standard(ObjectIds.RootFolder)}
        number = 0
        while per_s := self._link.state.scan_per_s:
            await asyncio.sleep(1 / per_s)
            node = waiting.popleft() if waiting else ua.NodeId(ua.Int32(number), ua.Int16(2))
            number += 1
            self._view.note(client, "browse", node.to_string())
            for found in await self._browse(session, node):
                if found not in seen and len(seen) < MOST_WAITING:
                    seen.add(found)
                    waiting.append(found)
            await session.read(ua.ReadParameters(NodesToRead=[ua.ReadValueId(node, AttributeIds.DisplayName)]))
            self._server.diagnostics.served(session, BROWSE, 0)
            self._server.diagnostics.served(session, READ, 0)

    async def _browse(self, session: Session, node: ua.NodeId) -> list[ua.NodeId]:
        wanted = ua.BrowseDescription(NodeId=node, BrowseDirection=ua.BrowseDirection.Forward, ResultMask=ua.UInt32(63))
        (result,) = await session.browse(ua.BrowseParameters(NodesToBrowse=[wanted]))
        return [one.NodeId for one in result.References or ()]
