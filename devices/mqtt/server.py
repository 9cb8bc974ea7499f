"""The broker's ports: plain, TLS and WebSocket on as many sockets as are wanted, and what the link does to them all.

Knows no packet and no topic. The link is looked at some times a second; what it does to messages is told to the broker.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from pathlib import Path

from devices.endpoint import Link
from devices.link_watch import LinkWatch
from devices.mqtt.broker import Broker
from devices.mqtt.outlet import LINGER_S, ClientSocket
from devices.mqtt.websocket import WebSocket
from devices.port import Port
from sim.link_faults import WELL

_log = logging.getLogger(__name__)
HANDSHAKE_S = 10.0


class MqttServer:
    """`start` binds the first port or raises `OSError`, `listen` further ones; `stop` ends all clients and ports."""

    def __init__(self, broker: Broker, link: Link) -> None:
        self.broker = broker
        self.link = link
        self.ports: list[Port] = []
        self.forgotten: Callable[[], None] = broker.forget  # the device booted: what its owner does then
        self._outlets: set[ClientSocket] = set()
        self._to_flush: list[ClientSocket] = []
        self._empty = asyncio.Event()
        self._silent = False
        self.watch = LinkWatch(link, self)
        self.dice = self.watch.dice
        self.watch.also.append(lambda _: self.broker.trouble.look(self.link))

    @property
    def clients(self) -> int:
        return len(self._outlets)

    async def start(self, host: str, port: int) -> int:
        """Listen, and say on which port."""
        bound = await self.listen(host, port)
        self.broker.timing = asyncio.get_running_loop()
        self.watch.start()
        return bound

    async def listen(self, host: str, port: int, *, websocket: bool = False, tls: ssl.SSLContext | None = None) -> int:
        """Listen on one more port, and say which."""
        most_bytes = self.broker.limits.packet_bytes

        def come() -> ClientSocket:
            return ClientSocket(self, WebSocket(most_bytes) if websocket else None)

        entrance = Port(come, tls, HANDSHAKE_S if tls is not None else None)
        bound = await entrance.listen(host, port)
        self.ports.append(entrance)
        return bound

    async def stop(self) -> None:
        if not self.ports:
            return
        await self.watch.stop()
        ports, self.ports = self.ports, []
        for port in ports:
            await port.close()
        for outlet in tuple(self._outlets):
            outlet.shut()
        try:
            async with asyncio.timeout(LINGER_S / 2):
                await self._gone()
        except TimeoutError:
            for outlet in tuple(self._outlets):
                outlet.drop()
            await self._gone()

    def joined(self, outlet: ClientSocket) -> None:
        self._outlets.add(outlet)
        why = self.watch.turns_away(len(self._outlets) - 1, self.broker.limits.connections)
        if why is not None:
            _log.warning("mqtt: %s", why)
            outlet.drop()
        elif self.link.state.silent:
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
        state = self.link.state
        calm = state is WELL or not (state.delay_ms or state.jitter_ms or state.silent)
        for outlet in waiting:
            outlet.flush(calm)

    # ---- what the link does

    def cut(self) -> None:
        for outlet in tuple(self._outlets):
            outlet.drop()

    def hush(self, silent: bool) -> None:
        self._silent = silent
        for outlet in tuple(self._outlets):
            if silent:
                outlet.mute()
            else:
                outlet.unmute()

    def forget(self) -> None:
        self.forgotten()

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
