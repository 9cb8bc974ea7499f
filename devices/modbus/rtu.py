"""Modbus RTU frames: unit, PDU, CRC. Sans-I/O; on a serial line and, as gateways do it, over TCP.

How long a request is follows from its function code; one that we do not know ends with the silence behind it. The
norm (Modbus over serial line 2.5.1) tells frames apart by 3.5 characters of silence alone, but a user process on a
busy machine cannot measure a millisecond: the length is what counts, and silence clears what is left.
"""

from collections.abc import Callable, Mapping

from pymodbus.framer import FramerRTU
from pymodbus.pdu import ModbusPDU

from devices.modbus.frames import Frame, Garbage

BROADCAST = 0
_CRC = 2
_LONGEST = 256  # unit, PDU of 253 bytes, CRC
_SHORTEST = 4  # unit, function code, CRC
GAP_S = 0.05  # a silence that even a busy machine has not made itself

Length = Callable[[bytearray], int | None]  # of a whole request, None while the byte that says it is not there


def _fixed(body: int) -> Length:
    """Unit, function code, so many bytes, CRC."""
    return lambda buffer: 2 + body + _CRC


def _counted(at: int) -> Length:
    """The byte at this place says how many follow it."""
    return lambda buffer: at + 1 + buffer[at] + _CRC if len(buffer) > at else None


_LENGTHS: Mapping[int, Length] = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6), _fixed(4)),
    **dict.fromkeys((7, 11, 12, 17), _fixed(0)),  # diagnostics of serial lines: answered, as illegal functions
    8: _fixed(4),
    15: _counted(6),
    16: _counted(6),
    22: _fixed(6),
    23: _counted(10),
    43: _fixed(3),
}


class RtuFraming:
    """Requests to one unit; those to others on the same line are counted and passed over.

    `unit` None answers every unit, as an endpoint of its own address does. A broadcast is done and not answered.
    Bytes that are no frame (noise, the answers of other units) are passed over one by one until a frame fits.
    """

    gap_s = GAP_S

    def __init__(self, unit: int | None = None) -> None:
        self._unit = unit
        self._buffer = bytearray()
        self._passed = 0  # bytes that were no frame, since the last silence
        self.others = 0  # frames for other units

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> Frame | None:
        while (size := self._size()) is not None and len(self._buffer) >= size:
            whole = bytes(self._buffer[:size])
            if not _sound(whole):
                self._passed += 1
                del self._buffer[0]
                continue
            del self._buffer[:size]
            frame = Frame(0, whole[0], whole[1:-_CRC])
            if self._is_ours(frame):
                return frame
            self.others += 1
        if len(self._buffer) > _LONGEST:  # a function without a length, and no silence behind it
            self._passed += len(self._buffer)
            self._buffer.clear()
        return None

    def silence(self) -> Frame | None:
        left, passed = bytes(self._buffer), self._passed
        self._buffer.clear()
        self._passed = 0
        if len(left) >= _SHORTEST and _sound(left):  # a function that we do not know: whole by itself
            frame = Frame(0, left[0], left[1:-_CRC])
            return frame if self._is_ours(frame) else None
        if left or passed:
            raise Garbage(f"{passed + len(left)} bytes that are no frame: noise, wrong speed or parity")
        return None

    def build(self, frame: Frame, answer: ModbusPDU) -> bytes:
        if frame.unit == BROADCAST:
            return b""
        body = bytes([frame.unit, answer.function_code]) + answer.encode()
        return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")

    def _size(self) -> int | None:
        """Bytes of the frame at the front; None while that is not known."""
        if len(self._buffer) < 2:
            return None
        length = _LENGTHS.get(self._buffer[1])
        return length(self._buffer) if length is not None else None

    def _is_ours(self, frame: Frame) -> bool:
        return self._unit is None or frame.unit in (self._unit, BROADCAST)


def _sound(frame: bytes) -> bool:
    crc: int = FramerRTU.compute_CRC(frame[:-_CRC])
    return crc == int.from_bytes(frame[-_CRC:], "big")
