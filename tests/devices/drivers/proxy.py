"""A cable between a driver and a device that can be pulled, cut, slowed and made to lie. For every TCP protocol.

A cable keeps what a real one would: bytes that were under way when it was pulled still arrive when it is plugged in
again, unless their sender has given them up by then (its connection was reset).
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST and throws away what was not sent

Twist = Callable[[bytes], bytes]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])


def as_it_is(data: bytes) -> bytes:
    return data


@dataclass
class Cable:
    """`async with Cable(device_port) as cable:` and connect to `cable.port`. All faults act on open connections too."""

    target: int  # port of the device; may change when the device restarts elsewhere
    delay_s: float = 0.0  # each way
    answer: Twist = as_it_is  # what becomes of each piece that the device sends: garbage, a wrong byte order ...
    ask: Twist = as_it_is  # and of what the driver sends; b"" drops it
    port: int = 0
    connects: int = 0  # connections that were accepted
    _pairs: set["_Pair"] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _whole: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        self._whole.set()
        await self.restore()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.refuse()
        for pair in [*self._pairs]:
            await pair.end()

    def pull(self) -> None:
        """Half-open: connections stay, nothing comes through in either direction, nobody is told."""
        self._whole.clear()

    def plug(self) -> None:
        self._whole.set()

    @property
    def whole(self) -> bool:
        return self._whole.is_set()

    def cut(self) -> None:
        """Every connection is reset. New ones are accepted."""
        for pair in [*self._pairs]:
            pair.cut()

    async def refuse(self) -> None:
        """Nobody listens: new connections are refused. Open ones stay."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    async def restore(self) -> None:
        """Listens again, on the same port."""
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        pair = _Pair(self, reader, writer)
        self._pairs.add(pair)
        try:
            await pair.run()
        finally:
            self._pairs.discard(pair)

    async def through(self) -> None:
        """Until the cable is whole."""
        await self._whole.wait()


class _Pair:
    """One connection: the driver's side and the device's side."""

    def __init__(self, cable: Cable, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._cable = cable
        self._near = reader, writer
        self._task = asyncio.current_task()
        self._far: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def run(self) -> None:
        try:
            await self._cable.through()
            self._far = await asyncio.open_connection(HOST, self._cable.target)
            (near_in, near_out), (far_in, far_out) = self._near, self._far
            ways = (
                asyncio.ensure_future(self._carry(near_in, far_out, lambda data: self._cable.ask(data))),
                asyncio.ensure_future(self._carry(far_in, near_out, lambda data: self._cable.answer(data))),
            )
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.cut()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, twist: Twist) -> None:
        """One way. Ends when the sender has, however it did: then the other side is told by a reset."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, data = await waiting.get()
                await asyncio.sleep(due - loop.time())
                if not self._cable.whole:
                    await self._cable.through()
                    await asyncio.sleep(0.01)  # so that a sender's reset is seen before its bytes are carried on
                if reader.exception() is None and (data := twist(data)):
                    writer.write(data)

        delivering = asyncio.ensure_future(deliver())
        try:
            with suppress(OSError):
                while data := await reader.read(65536):
                    waiting.put_nowait((loop.time() + self._cable.delay_s, data))
            if reader.exception() is not None:
                return  # reset: what was under way is given up
            while not waiting.empty() or not self._cable.whole:
                await asyncio.sleep(0.005)
        finally:
            delivering.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await delivering

    def cut(self) -> None:
        for side in (self._near, self._far):
            if side is None:
                continue
            transport = side[1].transport
            sock: socket.socket | None = transport.get_extra_info("socket")
            if sock is not None and sock.fileno() >= 0:
                with suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            transport.abort()

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
