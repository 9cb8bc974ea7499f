"""paho-mqtt on the loop of the host: a connected socket, and no thread. Knows no topic and no line."""

import asyncio
import ipaddress
import socket
import ssl

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion


class LoopClient(paho.Client):
    """A paho client on a socket that is connected already: paho itself would block the loop while it connects."""

    def __init__(
        self, client_id: str, connected: socket.socket, protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311
    ) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=protocol,
            clean_session=None if protocol is MQTTProtocolVersion.MQTTv5 else True,
            reconnect_on_failure=False,
        )
        self._connected_socket = connected
        loop = asyncio.get_running_loop()
        self.on_socket_open = lambda _client, _data, sock: loop.add_reader(sock, self._read)
        self.on_socket_close = lambda _client, _data, sock: _ignore(loop.remove_reader(sock))
        self.on_socket_register_write = lambda _client, _data, sock: loop.add_writer(sock, self.loop_write)
        self.on_socket_unregister_write = lambda _client, _data, sock: _ignore(loop.remove_writer(sock))

    @property
    def connected_socket(self) -> socket.socket:
        return self._connected_socket

    def close(self) -> None:
        """Let go of the socket, whatever paho thinks of it."""
        self.on_socket_close = self.on_socket_unregister_write = None
        if self._connected_socket.fileno() >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._connected_socket)
            loop.remove_writer(self._connected_socket)
            self._connected_socket.close()

    def _create_socket(self) -> socket.socket:
        return self._connected_socket

    def _read(self) -> None:
        """One packet; with TLS also what waits decrypted already, of which the loop is not told."""
        sock = self._connected_socket
        self.loop_read()
        while isinstance(sock, ssl.SSLSocket) and sock.fileno() >= 0 and sock.pending():
            self.loop_read()


def _ignore(_: bool) -> None:
    """For callbacks that must return nothing."""


async def dial(host: str, port: int) -> socket.socket:
    """A connected socket, at the first address of the host that answers."""
    failure = OSError(f"{host} has no address")
    for family, address in await _addresses(host, port):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or a small message waits for an acknowledgement
        try:
            await asyncio.get_running_loop().sock_connect(sock, address)
        except OSError as error:
            sock.close()
            failure = error
        except asyncio.CancelledError:
            sock.close()
            raise
        else:
            return sock
    raise failure


async def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        # a name: asyncio asks for it in a worker thread of the loop
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [(family, (str(address[0]), port)) for family, _, _, _, address in found]
    return [(socket.AF_INET if version == 4 else socket.AF_INET6, (host, port))]
