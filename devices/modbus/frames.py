"""The byte stream of one Modbus TCP connection as frames. Sans-I/O: bytes in, whole requests out.

pymodbus' framer gets one whole frame at a time: with more it loses what follows (it takes the first byte of the next
frame into an eight-byte one), and with a wrong header it waits for ever.
"""

from typing import NamedTuple, Protocol

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU

_HEADER = 6  # transaction, protocol, length: what comes before the bytes that `length` counts
_SHORTEST, _LONGEST = 2, 254  # unit and function code; unit and a PDU of 253 bytes

_FRAMER = FramerSocket(DecodePDU(True))


class Garbage(Exception):
    """This is not Modbus. Over TCP the connection cannot be trusted any more; on a serial line it is noise."""


class Frame(NamedTuple):
    """One request: where it belongs, and what it asks."""

    transaction: int
    unit: int
    pdu: bytes


class Framing(Protocol):
    """How requests are cut out of a byte stream, and answers put into one."""

    gap_s: float
    """A silence of so many seconds ends a frame; 0 where frames say how long they are."""

    def feed(self, data: bytes) -> None:
        """More bytes came."""
        ...

    def next(self) -> Frame | None:
        """The next whole frame that is for us, None until more bytes come; raises `Garbage`."""
        ...

    def silence(self) -> Frame | None:
        """Nothing came for `gap_s`: a frame that ends with it, None if none does; raises `Garbage` for what is left."""
        ...

    def build(self, frame: Frame, answer: ModbusPDU) -> bytes:
        """The answer to this frame, ready to send; empty where none is due."""
        ...


class TcpFraming:
    """Modbus TCP: a header with transaction, length and unit. Every unit is us."""

    gap_s = 0.0

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> Frame | None:
        size = self._size()
        if size is None or len(self._buffer) < size:
            return None
        _, unit, transaction, pdu = _FRAMER.decode(bytes(self._buffer[:size]))
        del self._buffer[:size]
        return Frame(transaction, unit, pdu)

    def silence(self) -> Frame | None:
        return None  # a frame may come in pieces, however late

    def build(self, frame: Frame, answer: ModbusPDU) -> bytes:
        answer.transaction_id, answer.dev_id = frame.transaction, frame.unit
        return _FRAMER.buildFrame(answer)

    def _size(self) -> int | None:
        """Bytes of the frame at the front, None while its header is not there."""
        buffer = self._buffer
        if buffer[2:4].strip(b"\0"):
            raise Garbage("protocol id is not 0")
        if len(buffer) < _HEADER:
            return None
        length = buffer[4] << 8 | buffer[5]
        if not _SHORTEST <= length <= _LONGEST:
            raise Garbage(f"length {length}")
        return _HEADER + length
