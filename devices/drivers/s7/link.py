"""One connection to a controller. python-snap7 connects, in a thread, and knows the messages; they travel on the loop.

Its own client blocks, and takes a late answer for the end of a connection. Here answers are told apart by their
numbers, so that a late one is dropped. What the library raises becomes `Lost`, `Silent` or `Refused`.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from snap7.client import Client
from snap7.datatypes import S7Area, S7WordLen
from snap7.error import S7Error
from snap7.s7protocol import S7Protocol
from snap7.type import Block

from devices.drivers.cut import cut, drop_unsent
from devices.drivers.reason import Lost, Silent
from devices.drivers.s7.plan import Span
from devices.drivers.s7.wire import Wire

T = TypeVar("T")
PDU = 480  # bytes of an exchange that is asked for; a controller may allow less
_BROKEN = (S7Error, struct.error, ValueError, IndexError, KeyError)  # what the library raises of what it cannot read


class Refused(Exception):
    """The controller answered, and the answer is no."""


class S7Link:
    """Opens, reads, writes and closes; one thing at a time. `answer_s` is the longest wait for an answer."""

    def __init__(self, host: str, port: int, rack: int, slot: int, answer_s: float) -> None:
        self._host, self._port, self._rack, self._slot = host, port, rack, slot
        self._answer_s = answer_s
        self._codec = S7Protocol()
        self._client: Client | None = None  # while it connects
        self._wire: Wire | None = None
        self._polite = False  # nothing is under way
        self.pdu = PDU

    async def open(self) -> None:
        """Raises `Lost`."""
        client = await self.connect()
        connection, self._client = client.connection, None
        sock = connection.socket if connection is not None else None
        if connection is None or sock is None:
            raise Lost("closed by the controller")
        connection.socket, connection.connected = None, False  # it is ours now
        sock.setblocking(False)
        self.pdu = client.pdu_length
        self._codec = S7Protocol()
        _, self._wire = await asyncio.get_running_loop().create_connection(Wire, sock=sock)
        self._polite = True

    async def connect(self) -> Client:
        """The library's client, connected; it blocks. Raises `Lost`."""
        quieten()
        client = self._client = Client()
        await in_thread(lambda: client.connect(self._host, self._rack, self._slot, self._port), self._host)
        return client

    async def close(self) -> None:
        """Cut the connection; what was not sent is dropped. Raises nothing."""
        client, self._client = self._client, None
        wire, self._wire = self._wire, None
        if client is not None:
            _wake(client)
        if wire is not None:
            if self._polite and wire.transport is not None:
                wire.transport.close()
            else:
                cut(wire.transport)
            wire.fail(Lost("closed"))
            await asyncio.sleep(0)  # the transport closes its socket in the next turn

    async def read(self, spans: Sequence[Span]) -> list[bytes]:
        """One request. Raises `Refused` where any span is, `Silent`, `Lost`."""
        if len(spans) == 1:
            span = spans[0]
            ask = self._codec.build_read_request(S7Area(span.memory), span.block, span.byte, S7WordLen.BYTE, span.size)
            answer = await self._ask(ask)
            return [self._meant(lambda: bytes(self._codec.extract_read_data(answer, S7WordLen.BYTE, span.size)))]
        ask = self._codec.build_multi_read_request(
            [(int(span.memory), span.block, span.byte, span.size) for span in spans]
        )
        answer = await self._ask(ask)
        return self._meant(lambda: [bytes(each) for each in self._codec.extract_multi_read_data(answer, len(spans))])

    async def write(self, span: Span, data: bytes) -> None:
        """Bytes in a row. Raises `Refused`, `Silent`, `Lost`."""
        await self._write(span, span.byte, S7WordLen.BYTE, data)

    async def write_bit(self, span: Span, bit: int, value: bool) -> None:
        """One bit, without touching its neighbours. Raises `Refused`, `Silent`, `Lost`."""
        await self._write(span, span.byte * 8 + bit, S7WordLen.BIT, bytes((value,)))

    async def _write(self, span: Span, start: int, length: S7WordLen, data: bytes) -> None:
        ask = self._codec.build_write_request(S7Area(span.memory), span.block, start, length, data)
        answer = await self._ask(ask)
        self._meant(lambda: self._codec.check_write_response(answer))

    async def _ask(self, request: bytes) -> dict[str, Any]:  # the library's own form of an answer
        if self._wire is None:
            raise Lost("not connected")
        self._polite = False
        try:
            async with asyncio.timeout(self._answer_s):
                answer = await self._wire.ask(request)
        except TimeoutError:
            raise Silent("no answer in time") from None
        self._polite = True
        return self._meant(lambda: self._codec.parse_response(answer))

    def _meant(self, work: Callable[[], T]) -> T:
        """What the library makes of an answer."""
        try:
            return work()
        except _BROKEN as error:
            raise _told(error) from error


def _told(error: Exception) -> Refused | Lost:
    """Whether the controller said no, or something that cannot be read."""
    text = str(error)
    if isinstance(error, S7Error) and ("failed: " in text or "protocol error" in text):
        return Refused(text)
    return Lost(f"no sensible answer: {text}")


def _wake(client: Client) -> None:
    """Whatever a thread waits for ends at once."""
    connection = client.connection
    if connection is None or connection.socket is None:
        return
    with suppress(OSError):
        drop_unsent(connection.socket)
        connection.connected = False
        connection.socket.shutdown(socket.SHUT_RD)


async def in_thread(work: Callable[[], T], name: str) -> T:
    """Let the library block in a thread of its own. Raises `Lost`, `Refused`."""
    thread = ThreadPoolExecutor(1, f"s7 {name}")
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, work)
    except OSError as error:
        raise Lost(str(error)) from error
    except _BROKEN as error:
        told = _told(error)
        raise (told if isinstance(told, Refused) else Lost(str(error))) from error
    finally:
        thread.shutdown(wait=False)


class Prober:
    """The questions of a probe, which the library asks by itself, each in a thread."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def blocks(self, most: int) -> list[int]:
        """The numbers of the data blocks. Raises `Refused`, `Lost`."""
        return await in_thread(lambda: self._client.list_blocks_of_type(Block.DB, most), "probe")

    async def block(self, number: int, piece: int) -> bytes:
        """All bytes of a data block. Raises `Refused`, `Lost`."""

        def read() -> bytes:
            size = int(self._client.get_block_info(Block.DB, number).MC7Size)
            pieces = [self._client.db_read(number, at, min(piece, size - at)) for at in range(0, size, piece)]
            return b"".join(pieces)

        return await in_thread(read, "probe")

    async def identity(self) -> str:
        """What the controller says it is; empty where it does not."""
        try:
            info = await in_thread(self._client.get_cpu_info, "probe")
        except Refused:
            return ""
        names = (bytes(info.ModuleTypeName), bytes(info.ModuleName))
        return " ".join(name.rstrip(b"\0 ").decode("latin-1") for name in names).strip()


def quieten() -> None:
    """python-snap7 logs each connection and each loss; `Device` does that once, in a line."""
    logger = logging.getLogger("snap7")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)
