"""A listening port whose door can be shut in two ways, as networks do: refused, or not answered at all.

A closed port answers an attempt to connect with a reset; a packet filter answers nothing, and the client waits until
it gives up. Knows no protocol.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from enum import Enum

BACKLOG = 100


class Door(Enum):
    """What somebody who wants to connect meets."""

    OPEN = "open"
    CLOSED = "closed"  # refused at once
    DEAF = "deaf"  # no answer


class Port:
    """One port of a wire; `handler` makes the protocol of each connection. The number stays taken, however the door."""

    def __init__(
        self,
        handler: Callable[[], asyncio.BaseProtocol],
        tls: ssl.SSLContext | None = None,
        handshake_s: float | None = None,
    ) -> None:
        self._handler, self._tls, self._handshake_s = handler, tls, handshake_s
        self._servers: list[asyncio.Server] = []
        self._held: list[socket.socket] = []  # of a door that is not open
        self._filling: list[socket.socket] = []
        self.door = Door.OPEN
        self.number = 0

    async def listen(self, host: str, port: int) -> int:
        """Listen, and say on which port; raises `OSError`."""
        server = await asyncio.get_running_loop().create_server(
            self._handler, host, port, ssl=self._tls, ssl_handshake_timeout=self._handshake_s
        )
        self._servers.append(server)
        self.number = server.sockets[0].getsockname()[1]
        return self.number

    async def adopt(self, bound: socket.socket) -> None:
        """Listen on a socket that was bound before."""
        self.number = bound.getsockname()[1]
        await self._serve(bound)

    async def turn(self, door: Door) -> None:
        """Open or shut the door. Those who are in stay in."""
        if door is self.door:
            return
        if self.door is not Door.OPEN:
            await self._open()
        if door is not Door.OPEN:
            listening = self._unserve()
            self._held = [_rebound(one) for one in listening] if door is Door.CLOSED else listening
            if door is Door.DEAF:
                self._filling = [full for one in self._held for full in _fill(one)]
        self.door = door

    async def close(self) -> None:
        """Free the port."""
        for one in (*self._held, *self._filling):
            one.close()
        self._held, self._filling = [], []
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()
        for server in servers:
            await server.wait_closed()

    async def _open(self) -> None:
        held, self._held = self._held, []
        for one in self._filling:
            one.close()
        self._filling = []
        for one in held:
            one.setblocking(False)
            if self.door is Door.DEAF:
                _empty(one)
            await self._serve(one)
        self.door = Door.OPEN

    async def _serve(self, bound: socket.socket) -> None:
        self._servers.append(
            await asyncio.get_running_loop().create_server(
                self._handler,
                sock=bound,
                backlog=BACKLOG,
                ssl=self._tls,
                ssl_handshake_timeout=self._handshake_s,
            )
        )

    def _unserve(self) -> list[socket.socket]:
        """Accept no more; the sockets, still listening."""
        listening = [one.dup() for server in self._servers for one in server.sockets]
        for server in self._servers:
            server.close()
        self._servers = []
        return listening


def _rebound(listening: socket.socket) -> socket.socket:
    """The same address, bound and not listening: whoever comes is refused, and nobody else gets the port."""
    name = listening.getsockname()
    held = socket.socket(listening.family, listening.type)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if listening.family == socket.AF_INET6:
        held.setsockopt(
            socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, listening.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
        )
    listening.close()
    held.bind(name)
    return held


def _fill(listening: socket.socket) -> list[socket.socket]:
    """Take every place in the queue of those that wait to be accepted: the system drops whoever comes then."""
    listening.listen(0)
    host, port = listening.getsockname()[:2]
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here, connected to
    filling = []
    for _ in range(2):
        one = socket.socket(listening.family, socket.SOCK_STREAM)
        one.setblocking(False)
        one.connect_ex((near, port))
        filling.append(one)
    return filling


def _empty(listening: socket.socket) -> None:
    """Nobody in the queue: those who waited there were our own, and clients that gave up."""
    while True:
        try:
            waiting, _ = listening.accept()
        except BlockingIOError:
            return
        waiting.close()
