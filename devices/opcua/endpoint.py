"""The OPC UA wire of one bench: binds the port, starts and stops what the other modules of this package are."""

import asyncio
import logging
import os
import socket

from devices.endpoint import Credentials, LineView, Wire
from devices.opcua.connection import Listener
from devices.opcua.history.event_store import EventStore
from devices.opcua.nodes import ModelSettings
from devices.opcua.security import PLAIN, Security
from devices.opcua.server import PLAIN_MODEL, LineServer, make_server, quieten
from devices.tasks import begin, end

_logger = logging.getLogger(__name__)

STOCK = "LINELAB_OPCUA_STOCK"


class OpcUaEndpoint:
    """Serves a line over OPC UA (`devices.endpoint.Endpoint`). Starts once, stops once.

    `interval_s` is how often subscribers hear of changes; a read always gets the value of now. `stock` leaves
    asyncua's own address space and publishing in place, for comparison and as a way out; the gate is the same.
    """

    def __init__(
        self,
        view: LineView,
        host: str,
        port: int,
        credentials: Credentials,
        *,
        interval_s: float = 0.05,
        stock: bool | None = None,
        security: Security = PLAIN,
        model: ModelSettings = PLAIN_MODEL,
        event_store: EventStore | None = None,
    ) -> None:
        self._view = view
        self._host = host
        self._port = port
        self._credentials = credentials
        self._interval_s = interval_s
        self._stock = os.environ.get(STOCK) == "1" if stock is None else stock
        self._security = security
        self._model = model
        self.event_store = event_store or EventStore()  # hand it to the next endpoint: history goes on
        self._server: LineServer | None = None
        self._listener: Listener | None = None
        self._publishing: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"opc.tcp://{host}:{self._port}/"

    @property
    def clients(self) -> int:
        return len(self._listener) if self._listener is not None else 0

    async def start(self) -> None:
        """Bind the port, then build: a port in use is told before any work is done."""
        quieten()
        bound = self._bind()
        try:
            await self._serve(bound)
        except BaseException:
            bound.close()
            await self.stop()
            raise
        _logger.info("OPC UA of %s on %s", self._view.line, self.url)

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        bound = socket.create_server((self._host, self._port), family=family)
        # asyncio sets it for sockets that it makes itself; without it notifications wait for a delayed acknowledgement
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._port = bound.getsockname()[1]
        return bound

    async def _serve(self, bound: socket.socket) -> None:
        inner = await make_server(
            self._view,
            self._credentials,
            self.url,
            self._interval_s,
            stock=self._stock,
            security=self._security,
            model=self._model,
            event_store=self.event_store,
        )
        if inner.publisher is None:
            raise TypeError("a server without a line")
        self._server = inner
        await inner.start()
        await inner.publisher.publish()
        self._publishing = begin(inner.publisher.run(), f"OPC UA publishing {self.url}")
        link = self._view.link(Wire.OPCUA)
        self._listener = Listener(inner, link, self._reject)
        await self._listener.start(bound)

    def _reject(self, peer: str, why: str) -> None:
        _logger.info("OPC UA: connection of %s closed: %s", peer, why)
        self._view.reject(Wire.OPCUA, peer, why)

    async def stop(self) -> None:
        if self._listener is not None:
            await self._listener.stop()
        if self._publishing is not None:
            await end(self._publishing)
        if self._server is not None:
            await self._server.close_sessions()
            await self._server.stop()
        self._listener = self._publishing = self._server = None
