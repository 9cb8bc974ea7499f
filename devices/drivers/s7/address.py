"""Places in the memory of an S7 controller in Siemens notation, and values as the bytes there. Sans-I/O.

`DB1.DBX0.3`, `DB1.DBB2`, `DB1.DBW4`, `DB1.DBD8`, `M0.1`, `MW10`, `I0.0` (`E0.0`), `QW2` (`AW2`), with or without `%`.
A type of 64 bits has no letter of its own: `DB1.DBX16.0` says where it begins. S7 is big-endian throughout.
"""

import re
import struct
from enum import IntEnum
from typing import NamedTuple

from devices.address_map import WordOrder
from devices.drivers.point import DeviceType, Point
from devices.drivers.reason import PointError
from sim.tag import Value

_FORMAT = {
    DeviceType.SINT: ">b", DeviceType.USINT: ">B",
    DeviceType.INT: ">h", DeviceType.UINT: ">H",
    DeviceType.DINT: ">i", DeviceType.UDINT: ">I",
    DeviceType.LINT: ">q", DeviceType.ULINT: ">Q",
    DeviceType.REAL: ">f", DeviceType.LREAL: ">d",
}  # fmt: skip
_LETTER_BITS = {"B": 8, "W": 16, "D": 32}
_NOTATION = re.compile(
    r"%?(?:DB(?P<db>\d{1,5})\.DB|(?P<area>[MIEQA]))(?P<letter>[XBWD]?)(?P<byte>\d{1,5})(?:\.(?P<bit>[0-7]))?"
)
_LAST_BYTE = 65_535  # the largest offset that any controller has
HELP = "DB1.DBX0.3, DB1.DBW2, DB1.DBD4, M0.1, MW10, I0.0 or QW2 is"


class Memory(IntEnum):
    """The areas, by their numbers in the protocol."""

    INPUTS = 0x81
    OUTPUTS = 0x82
    MERKERS = 0x83
    BLOCK = 0x84


_AREAS = {"I": Memory.INPUTS, "E": Memory.INPUTS, "Q": Memory.OUTPUTS, "A": Memory.OUTPUTS, "M": Memory.MERKERS}


class Place(NamedTuple):
    """Where a value is; ordered as in memory. `bit` counts only for a BOOL."""

    memory: Memory
    block: int  # number of the data block, 0 elsewhere
    byte: int
    bit: int
    size: int  # bytes

    @property
    def end(self) -> int:
        return self.byte + self.size


def place(point: Point, address: str) -> Place:
    """The place that an address of a point means. Raises `PointError`."""
    found = _NOTATION.fullmatch(address.strip().upper())
    if found is None:
        raise PointError(f"{point.tag}: {address!r} is no address of an S7 controller; {HELP}")
    byte, bit = int(found["byte"]), found["bit"]
    letter = found["letter"] or ("X" if bit is not None else "")
    _fits(point, address, letter, bit)
    type_ = point.device_type
    size = 1 if type_ is DeviceType.BOOL else type_.bits // 8
    if byte + size - 1 > _LAST_BYTE:
        raise PointError(f"{point.tag}: {address!r} is behind the last byte, {_LAST_BYTE}")
    memory = Memory.BLOCK if found["db"] else _AREAS[found["area"]]
    return Place(memory, int(found["db"] or 0), byte, int(bit or 0), size)


def _fits(point: Point, address: str, letter: str, bit: str | None) -> None:
    """Letter, bit and type must say the same."""
    type_ = point.device_type
    if point.word_order is not WordOrder.ABCD:
        raise PointError(f"{point.tag}: S7 has one word order; leave {point.word_order} out")
    if letter == "X":
        if bit is None:
            raise PointError(f"{point.tag}: {address!r} needs its bit, as in DBX0.3")
        if type_ is not DeviceType.BOOL and bit != "0":
            raise PointError(f"{point.tag}: a {type_} begins at bit 0, {address!r} does not")
        return
    if bit is not None or letter not in _LETTER_BITS:
        raise PointError(f"{point.tag}: {address!r} is no address of an S7 controller; {HELP}")
    if _LETTER_BITS[letter] != type_.bits:
        raise PointError(f"{point.tag}: {address!r} has {_LETTER_BITS[letter]} bits, a {type_} has {type_.bits}")


def value_of(point: Point, where: Place, data: bytes) -> Value:
    """The value in the bytes of its place."""
    if point.device_type is DeviceType.BOOL:
        return bool(data[0] >> where.bit & 1)
    value: Value = struct.unpack(_FORMAT[point.device_type], data)[0]
    return value


def bytes_of(point: Point, value: Value) -> bytes | None:
    """The bytes of a value, None where the type does not hold it."""
    if point.device_type is DeviceType.BOOL:
        return bytes((bool(value),))
    try:
        return struct.pack(_FORMAT[point.device_type], value)
    except (struct.error, OverflowError):
        return None
