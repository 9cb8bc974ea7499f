"""Registers and device values: by data type and word order. Sans-I/O, total: every register has a value."""

from collections.abc import Sequence

from devices.address_map import WordOrder
from devices.drivers.modbus.place import words_of
from devices.drivers.point import DeviceType
from devices.modbus.words import double, double_bits, in_twos_complement, join, single, single_bits, split
from sim.tag import Value


def decode(kind: DeviceType, registers: Sequence[int], order: WordOrder, bit: int | None = None) -> Value:
    """The value in these registers. A REAL may be NaN or infinite: that is judged elsewhere."""
    if kind is DeviceType.BOOL:
        return bool(registers[0] if bit is None else registers[0] >> bit & 1)
    bits = join(registers, order) if len(registers) > 1 else registers[0]
    if kind is DeviceType.REAL:
        return single(bits)
    if kind is DeviceType.LREAL:
        return double(bits)
    bits &= (1 << kind.bits) - 1  # of 8 bits the low byte counts
    return in_twos_complement(bits, kind.bits) if kind.is_signed else bits


def encode(kind: DeviceType, value: Value, order: WordOrder) -> list[int]:
    """The registers that hold a value which fits its type."""
    if kind is DeviceType.REAL:
        bits = single_bits(value)
    elif kind is DeviceType.LREAL:
        bits = double_bits(value)
    else:
        bits = int(value) & (1 << 16 * words_of(kind)) - 1
    return split(bits, order, words_of(kind)) if words_of(kind) > 1 else [bits]
