"""The broker's ports: plain, TLS and WebSocket on as many sockets as are wanted, and what the link does to them all.

Knows no packet and no topic. The link is looked at some times a second; what it does to messages is told to the broker.
"""

import asyncio
import logging
import ssl
from pathlib import Path

from devices.endpoint import Link
from devices.mqtt.broker import Broker
from devices.mqtt.outlet import LINGER_S, ClientSocket
from devices.mqtt.websocket import WebSocket

_log = logging.getLogger(__name__)
LOOK_S = 0.05  # between two looks at the link
HANDSHAKE_S = 10.0


class MqttServer:
    """`start` binds the first port or raises `OSError`, `listen` further ones; `stop` ends all clients and ports."""

    def __init__(self, broker: Broker, link: Link) -> None:
        self.broker = broker
        self.link = link
        self._servers: list[asyncio.Server] = []
        self._outlets: set[ClientSocket] = set()
        self._to_flush: list[ClientSocket] = []
        self._empty = asyncio.Event()
        self._silent = False
        self._looking: asyncio.TimerHandle | None = None

    @property
    def clients(self) -> int:
        return len(self._outlets)

    async def start(self, host: str, port: int) -> int:
        """Listen, and say on which port."""
        bound = await self.listen(host, port)
        self.broker.timing = asyncio.get_running_loop()
        self.look()
        return bound

    async def listen(self, host: str, port: int, *, websocket: bool = False, tls: ssl.SSLContext | None = None) -> int:
        """Listen on one more port, and say which."""
        most_bytes = self.broker.limits.packet_bytes

        def come() -> ClientSocket:
            return ClientSocket(self, WebSocket(most_bytes) if websocket else None)

        server = await asyncio.get_running_loop().create_server(
            come, host, port, ssl=tls, ssl_handshake_timeout=HANDSHAKE_S if tls is not None else None
        )
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        if not self._servers:
            return
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        for server in self._servers:
            server.close()
        for outlet in tuple(self._outlets):
            outlet.shut()
        try:
            async with asyncio.timeout(LINGER_S / 2):
                await self._gone()
        except TimeoutError:
            for outlet in tuple(self._outlets):
                outlet.drop()
            await self._gone()
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    def joined(self, outlet: ClientSocket) -> None:
        self._outlets.add(outlet)
        if len(self._outlets) > self.broker.limits.connections:
            _log.warning("mqtt: more than %d connections", self.broker.limits.connections)
            outlet.drop()
        elif self.link.down:
            outlet.drop()
        elif self.link.silent:
            asyncio.get_running_loop().call_soon(outlet.mute)  # its transport begins to read in this turn

    def parted(self, outlet: ClientSocket) -> None:
        self._outlets.discard(outlet)
        if not self._outlets:
            self._empty.set()

    def flush_soon(self, outlet: ClientSocket) -> None:
        if not self._to_flush:
            asyncio.get_running_loop().call_soon(self._flush)
        self._to_flush.append(outlet)

    def _flush(self) -> None:
        # one callback and one look at the link for all that were spoken to in this turn
        waiting, self._to_flush = self._to_flush, []
        calm = self.link.delay_s <= 0 and not self.link.silent
        for outlet in waiting:
            outlet.flush(calm)

    def look(self) -> None:
        """Look at the link, now and from now on."""
        self._looking = asyncio.get_running_loop().call_later(LOOK_S, self.look)
        self.broker.trouble.look(self.link)
        if self.link.down:
            for outlet in tuple(self._outlets):
                outlet.drop()
        if self.link.silent is not self._silent:
            self._silent = self.link.silent
            for outlet in tuple(self._outlets):
                if self._silent:
                    outlet.mute()
                else:
                    outlet.unmute()

    async def _gone(self) -> None:
        while self._outlets:
            self._empty.clear()
            await self._empty.wait()


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and newer with this certificate; clients log in with their password, not with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
