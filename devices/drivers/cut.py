"""Ending a TCP connection so that nothing comes after: what the kernel still holds for the device is thrown away.

A plain `close` lets the kernel go on sending. A command from before the cable was pulled would then move something
when it is plugged in again.
"""

import asyncio
import socket
import struct
from contextlib import suppress

_NO_LINGER = struct.pack("ii", 1, 0)  # SO_LINGER, on, zero seconds: reset instead of goodbye


def drop_unsent(sock: socket.socket) -> None:
    """From now on closing this socket drops what was not sent."""
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)


def cut(transport: asyncio.BaseTransport | None) -> None:
    """End a connection of the loop at once; its protocol hears of it in the loop's next turn."""
    if not isinstance(transport, asyncio.Transport):
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        drop_unsent(sock)
    transport.abort()
