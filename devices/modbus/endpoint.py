"""The Modbus TCP endpoint of one bench: listens, admits, hands sessions out. Translates nothing itself.

Own listener and connections: pymodbus' server drops segments of more than 264 bytes, answers one of several pipelined
requests, listens again by itself and keeps the last server in a class attribute (docs/decisions/modbus-endpoint.md).
"""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from devices.address_map import AddressMap, WordOrder
from devices.endpoint import Client, LineView, Role, Wire
from devices.modbus.access import Access
from devices.modbus.connection import Connection
from devices.modbus.functions import Session
from devices.modbus.identity import Identity
from devices.modbus.image import RegisterImage

log = logging.getLogger(__name__)

MOST_CLIENTS = 64


class ModbusEndpoint:
    """Implements `devices.endpoint.Endpoint`. `allow` adds networks to loopback; port 0 takes a free one."""

    def __init__(
        self,
        view: LineView,
        address_map: AddressMap,
        host: str = "127.0.0.1",
        port: int = 5020,
        *,
        word_order: str | None = None,
        allow: Sequence[str] = (),
        identity: Identity | None = None,
        most_clients: int = MOST_CLIENTS,
    ) -> None:
        self._view = view
        self._image = RegisterImage(view, address_map, WordOrder(word_order or address_map.word_order))
        self._host, self._port = host, port
        self._access = Access(allow)
        self._identity = (identity or _identity(view)).objects()
        self._most_clients = most_clients
        self._server: asyncio.Server | None = None
        self._open = False
        self._connections: set[Connection] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"modbus://{host}:{self._bound_port}"

    @property
    def clients(self) -> int:
        return len(self._connections)

    @property
    def delay_s(self) -> float:
        return self._view.link(Wire.MODBUS).delay_s

    async def start(self) -> None:
        """Listen, or raise `OSError` that names the port."""
        loop = asyncio.get_running_loop()
        self._open = True
        try:
            self._server = await loop.create_server(lambda: Connection(self), self._host, self._port)
        except OSError as error:
            self._open = False
            raise OSError(error.errno, f"Modbus TCP port {self._port} on {self._host}: {error.strerror}") from error
        log.info("listening on %s", self.url)

    async def stop(self) -> None:
        """Free the port and end every client. May be called twice."""
        if self._server is None:
            return
        self._open = False
        self._server.close()
        for connection in tuple(self._connections):
            connection.abort()
        await self._nobody.wait()
        await self._server.wait_closed()
        self._server = None
        log.info("stopped")

    def admit(self, connection: Connection, peer: str) -> Session | None:
        if not self._open:  # accepted while stopping
            return None
        host = peer.rpartition(":")[0].strip("[]")
        if not self._access.admits(host):
            self._turn_away(peer, "address not allowed")
            return None
        if len(self._connections) >= self._most_clients:
            self._turn_away(peer, f"more than {self._most_clients} connections")
            return None
        self._connections.add(connection)
        self._nobody.clear()
        # the key must not return after a restart: a checkpoint may name a client as the owner of a station
        client = Client(Wire.MODBUS, f"modbus-{secrets.token_hex(8)}", peer, Role.TRAINEE)
        log.info("%s connected", peer)
        return Session(self._view, self._image, client, self._identity)

    def garbage(self, connection: Connection, peer: str, why: str) -> None:
        log.info("%s closed: %s", peer, why)
        self._view.reject(Wire.MODBUS, peer, why)

    def left(self, connection: Connection, session: Session) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._nobody.set()
        log.info("%s gone", session.client.name)
        self._view.closed(session.client)

    def _turn_away(self, peer: str, why: str) -> None:
        log.info("%s turned away: %s", peer, why)
        self._view.reject(Wire.MODBUS, peer, why)

    @property
    def _bound_port(self) -> int:
        if self._server and self._server.sockets:
            port: int = self._server.sockets[0].getsockname()[1]
            return port
        return self._port


def _identity(view: LineView) -> Identity:
    try:
        revision = version("linelab")
    except PackageNotFoundError:  # run from a checkout that is not installed
        revision = "0"
    return Identity(product=view.line, revision=revision, model=f"bench {view.bench}")
