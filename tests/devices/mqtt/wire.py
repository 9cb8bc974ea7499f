"""A client that says exactly what a test wants, bit by bit: the project's codec on a plain socket."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from devices.mqtt.codec import Decoder
from devices.mqtt.frames import frame
from devices.mqtt.packets import (
    NONE,
    Ack,
    ConnAck,
    Connect,
    Disconnect,
    Kind,
    Packet,
    Properties,
    Publish,
    Signal,
    SubAck,
    Subscribe,
    UnsubAck,
    Unsubscribe,
)

P = TypeVar("P")
PATIENCE_S = 5.0


class Wire:
    """One connection. `expect` takes the next packet, whatever it is; `closed` waits for the other side to hang up."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.level = 4
        self._decoder = Decoder(1 << 24)
        self._packets: deque[Packet] = deque()

    @classmethod
    async def open(cls, port: int) -> "Wire":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    @classmethod
    async def connect(cls, port: int, client_id: str = "", **options: object) -> "Wire":
        """Connect and expect to be let in."""
        wire = await cls.open(port)
        assert (await wire.greet(Connect(client_id, **options))).code == 0  # type: ignore[arg-type]
        return wire

    async def greet(self, connect: Connect) -> ConnAck:
        self.level = self._decoder.level = connect.level
        self.send(connect)
        return await self.expect(ConnAck)

    def send(self, *packets: Packet) -> None:
        self._writer.write(b"".join(frame(packet, self.level) for packet in packets))

    def raw(self, data: bytes) -> None:
        self._writer.write(data)

    async def take(self) -> Packet | None:
        """The next packet, None when the other side hung up."""
        async with asyncio.timeout(PATIENCE_S):
            while not self._packets:
                try:
                    data = await self._reader.read(65536)
                except ConnectionError:
                    return None
                if not data:
                    return None
                self._packets.extend(self._decoder.feed(data))
        return self._packets.popleft()

    async def expect(self, kind: type[P]) -> P:
        packet = await self.take()
        assert isinstance(packet, kind), packet
        return packet

    async def closed(self) -> bool:
        """True when the other side hangs up, whatever it says before."""
        while await self.take() is not None:
            pass
        return True

    async def quiet(self) -> list[Packet]:
        """What came before the answer to a ping: proof that nothing else is under way."""
        self.send(Signal(Kind.PINGREQ))
        came: list[Packet] = []
        while (packet := await self.take()) != Signal(Kind.PINGRESP):
            assert packet is not None, "closed"
            came.append(packet)
        return came

    async def subscribe(self, pattern: str, qos: int = 0, packet_id: int = 1, properties: Properties = NONE) -> int:
        self.send(Subscribe(packet_id, ((pattern, qos),), properties))
        return (await self.expect(SubAck)).granted[0]

    async def unsubscribe(self, pattern: str) -> None:
        self.send(Unsubscribe(9, (pattern,)))
        assert (await self.expect(UnsubAck)).packet_id == 9

    async def publish(
        self, topic: str, payload: bytes, qos: int = 0, retain: bool = False, packet_id: int = 77
    ) -> None:
        """Publish and see the whole handshake through; only for a client that gets nothing else meanwhile."""
        self.send(Publish(topic, payload, qos, retain, False, packet_id if qos else 0))
        if qos == 1:
            assert await self.expect(Ack) == Ack(Kind.PUBACK, packet_id)
        elif qos == 2:
            assert await self.expect(Ack) == Ack(Kind.PUBREC, packet_id)
            self.send(Ack(Kind.PUBREL, packet_id))
            assert await self.expect(Ack) == Ack(Kind.PUBCOMP, packet_id)

    async def leave(self) -> None:
        """Disconnect as one should."""
        self.send(Disconnect())
        assert await self.closed()
        self.cut()

    def hang_up(self) -> None:
        """Say that nothing more comes."""
        self._writer.write_eof()

    async def drained(self) -> None:
        """Read to the end of what the other side says, whatever it is."""
        async with asyncio.timeout(PATIENCE_S):
            with suppress(ConnectionError):
                while await self._reader.read(65536):
                    pass

    def cut(self) -> None:
        """The cable is pulled."""
        self._writer.transport.abort()


async def until(fact: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(PATIENCE_S):
        while not fact():
            await asyncio.sleep(0.005)


Connecting = Callable[..., Awaitable[Wire]]
