"""One connection to a controller: python-snap7, which blocks, in one thread of its own, and how it is cut.

What the library raises becomes `Lost` or `Refused`; nothing of it is seen outside this package.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from snap7.client import Client
from snap7.error import S7ConnectionError, S7Error, S7TimeoutError
from snap7.type import Area, Block, WordLen

from devices.drivers.cut import drop_unsent
from devices.drivers.reason import Lost
from devices.drivers.s7.plan import Span

T = TypeVar("T")
PDU = 480  # bytes of an exchange that is asked for; a controller may allow less


class Refused(Exception):
    """The controller answered, and the answer is no."""


class S7Link:
    """Opens, reads, writes and closes; one thing at a time. `answer_s` is the longest wait for an answer.

    After an answer that did not come in time the library knows no longer which answer belongs to what: the connection
    is `Lost`, and only a new one mends it.
    """

    def __init__(self, host: str, port: int, rack: int, slot: int, answer_s: float) -> None:
        self._host, self._port, self._rack, self._slot = host, port, rack, slot
        self._answer_s = answer_s
        self._client: Client | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._sound = False

    @property
    def pdu(self) -> int:
        """Bytes of an exchange as agreed with the controller."""
        return PDU if self._client is None or not self._sound else self._client.pdu_length

    async def open(self) -> None:
        """Connect. Raises `Lost`."""
        quieten()
        self._thread = ThreadPoolExecutor(1, f"s7 {self._host}")
        self._client = Client()
        client = self._client
        await self._do(lambda: client.connect(self._host, self._rack, self._slot, self._port))
        connection = client.connection
        if connection is None or connection.socket is None:
            raise Lost("closed by the controller")
        connection.timeout = self._answer_s
        connection.socket.settimeout(self._answer_s)
        client.max_parallel = 1  # controllers have few places for requests that wait
        self._sound = True

    async def close(self) -> None:
        """Cut the connection; what was not sent is dropped, the thread ends. Raises nothing."""
        client, self._client = self._client, None
        thread, self._thread = self._thread, None
        if client is not None:
            self._cut(client)
        if thread is not None:
            await asyncio.shield(asyncio.to_thread(thread.shutdown))
        if client is not None:
            client.disconnect()
        self._sound = False

    def _cut(self, client: Client) -> None:
        """Whatever the thread waits for ends at once."""
        connection = client.connection
        if connection is None or connection.socket is None:
            return
        with suppress(OSError):
            if not self._sound:
                drop_unsent(connection.socket)
            connection.connected = False
            connection.socket.shutdown(socket.SHUT_RD)  # wakes the thread, and sends nothing behind what is unsent

    async def read(self, spans: Sequence[Span]) -> list[bytes]:
        """One request. Raises `Refused` where any span is, `Lost`."""
        client = self._there()
        if len(spans) == 1:
            span = spans[0]
            return [
                bytes(await self._do(lambda: client.read_area(Area(span.memory), span.block, span.byte, span.size)))
            ]
        items = [
            {"area": Area(span.memory), "db_number": span.block, "start": span.byte, "size": span.size}
            for span in spans
        ]
        _, data = await self._do(lambda: client.read_multi_vars(items))
        return [bytes(each) for each in data]

    async def write(self, span: Span, data: bytes) -> None:
        """Bytes in a row. Raises `Refused`, `Lost`."""
        client = self._there()
        await self._do(lambda: client.write_area(Area(span.memory), span.block, span.byte, bytearray(data)))

    async def write_bit(self, span: Span, bit: int, value: bool) -> None:
        """One bit, without touching its neighbours. Raises `Refused`, `Lost`."""
        client = self._there()
        start, data = span.byte * 8 + bit, bytearray((value,))
        await self._do(lambda: client.write_area(Area(span.memory), span.block, start, data, WordLen.Bit))

    async def blocks(self, most: int) -> list[int]:
        """The numbers of the data blocks. Raises `Refused`, `Lost`."""
        client = self._there()
        return await self._do(lambda: client.list_blocks_of_type(Block.DB, most))

    async def block_size(self, number: int) -> int:
        """Bytes of a data block. Raises `Refused`, `Lost`."""
        client = self._there()
        return int((await self._do(lambda: client.get_block_info(Block.DB, number))).MC7Size)

    async def identity(self) -> str:
        """What the controller says it is; empty where it does not."""
        client = self._there()
        try:
            info = await self._do(client.get_cpu_info)
        except Refused:
            return ""
        names = (bytes(info.ModuleTypeName), bytes(info.ModuleName))
        return " ".join(name.rstrip(b"\0 ").decode("latin-1") for name in names).strip()

    def _there(self) -> Client:
        if self._client is None or not self._sound:
            raise Lost("not connected")
        return self._client

    async def _do(self, work: Callable[[], T]) -> T:
        """Run in the thread."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except S7TimeoutError as error:
            self._sound = False
            raise Lost("no answer in time") from error
        except (S7ConnectionError, OSError) as error:
            self._sound = False
            raise Lost(str(error)) from error
        except (S7Error, struct.error, ValueError, IndexError, KeyError) as error:
            if _is_answer(error):
                raise Refused(str(error)) from error
            self._sound = False  # not what an S7 controller says: nobody knows where the next answer begins
            raise Lost(f"no sensible answer: {error}") from error
        except asyncio.CancelledError:
            self._sound = False  # an answer is still under way
            raise


def _is_answer(error: Exception) -> bool:
    """Whether the controller said no, rather than something that cannot be read."""
    text = str(error)
    return isinstance(error, S7Error) and ("failed: " in text or "protocol error" in text)


def quieten() -> None:
    """python-snap7 logs each connection and each loss; `Device` does that once, in a line."""
    logger = logging.getLogger("snap7")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)
