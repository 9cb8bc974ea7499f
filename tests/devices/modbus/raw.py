"""A Modbus client of a few lines, for requests that no proper client sends."""

import asyncio
import struct
from collections.abc import Callable
from types import TracebackType

Answer = tuple[int, int, bytes]  # transaction, unit, PDU


def frame(pdu: bytes, transaction: int = 1, unit: int = 1, protocol: int = 0) -> bytes:
    return struct.pack(">HHHB", transaction, protocol, len(pdu) + 1, unit) + pdu


def read(code: int, address: int, count: int) -> bytes:
    """Also FC5 and FC6, whose last word is the value, and FC22 with one more."""
    return struct.pack(">BHH", code, address, count)


def write_words(address: int, *words: int) -> bytes:
    return struct.pack(f">BHHB{len(words)}H", 16, address, len(words), 2 * len(words), *words)


def write_coils(address: int, *bits: bool) -> bytes:
    value = sum(bit << at for at, bit in enumerate(bits))
    size = (len(bits) + 7) // 8
    return struct.pack(">BHHB", 15, address, len(bits), size) + value.to_bytes(size, "little")


def words(pdu: bytes) -> list[int]:
    """The registers of an answer to FC3, 4 or 23."""
    return list(struct.unpack(f">{pdu[1] // 2}H", pdu[2:]))


def bits(pdu: bytes, count: int) -> list[bool]:
    value = int.from_bytes(pdu[2:], "little")
    return [bool(value >> at & 1) for at in range(count)]


class RawClient:
    """Sends bytes, and reads answers with a deadline."""

    def __init__(self, url: str) -> None:
        self._port = int(url.rpartition(":")[2])

    async def __aenter__(self) -> "RawClient":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        self._writer.close()

    @property
    def name(self) -> str:
        host, port = self._writer.get_extra_info("sockname")
        return f"{host}:{port}"

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def answer(self) -> Answer:
        async with asyncio.timeout(5):
            head = await self._reader.readexactly(7)
            transaction, protocol, length, unit = struct.unpack(">HHHB", head)
            assert protocol == 0
            return transaction, unit, await self._reader.readexactly(length - 1)

    async def ask(self, pdu: bytes, unit: int = 1) -> bytes:
        """The PDU that answers this one."""
        self.send(frame(pdu, 7, unit))
        transaction, answered, answer = await self.answer()
        assert (transaction, answered) == (7, unit)
        return answer

    async def ended(self) -> bool:
        """The server has closed the connection, with nothing more to say."""
        try:
            async with asyncio.timeout(5):
                return await self._reader.read(1) == b""
        except ConnectionError:
            return True


async def until(condition: Callable[[], object]) -> None:
    """Waits for a condition, at most five seconds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)
