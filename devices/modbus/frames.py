"""The byte stream of one connection as Modbus TCP frames. Sans-I/O: bytes in, whole requests out.

pymodbus' framer gets one whole frame at a time: with more it loses what follows (it takes the first byte of the next
frame into an eight-byte one), and with a wrong header it waits for ever.
"""

from typing import NamedTuple

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU

_HEADER = 6  # transaction, protocol, length: what comes before the bytes that `length` counts
_SHORTEST, _LONGEST = 2, 254  # unit and function code; unit and a PDU of 253 bytes

_FRAMER = FramerSocket(DecodePDU(True))


class Garbage(Exception):
    """This is not Modbus TCP; the connection cannot be trusted any more."""


class Frame(NamedTuple):
    transaction: int
    unit: int
    pdu: bytes


class FrameReader:
    """Collects segments; gives one frame after the other."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> Frame | None:
        """The next whole frame, None until more bytes come; raises `Garbage`."""
        size = self._size()
        if size is None or len(self._buffer) < size:
            return None
        _, unit, transaction, pdu = _FRAMER.decode(bytes(self._buffer[:size]))
        del self._buffer[:size]
        return Frame(transaction, unit, pdu)

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


def framed(frame: Frame, answer: ModbusPDU) -> bytes:
    """The answer to this frame, ready to send."""
    answer.transaction_id, answer.dev_id = frame.transaction, frame.unit
    return _FRAMER.buildFrame(answer)
