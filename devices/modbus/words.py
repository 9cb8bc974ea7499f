"""Values and registers: the 16-bit and the 32-bit view of a number, in both directions. Sans-I/O, knows no line."""

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devices.address_map import Address, WordOrder
from sim.tag import DataType, Value

_SINGLE_MAX = struct.unpack(">f", b"\x7f\x7f\xff\xff")[0]

# How the high and the low word go on the wire; every permutation is its own inverse.
_SWAP = {
    WordOrder.ABCD: (False, False),
    WordOrder.CDAB: (True, False),
    WordOrder.BADC: (False, True),
    WordOrder.DCBA: (True, True),
}


@dataclass(frozen=True, slots=True)
class Codec:
    """Both views of one tag's value."""

    to_word: Callable[[Value], int]
    from_word: Callable[[int], Value]
    to_bits: Callable[[Value], int]  # 32 bits as an unsigned integer, high word first
    from_bits: Callable[[int], Value]


def codec(address: Address) -> Codec:
    """The views of a number as its place in the map says."""
    signed = bool(address.modbus.signed)
    if address.type is DataType.REAL:
        scale = address.modbus.scale or 1
        return Codec(_scaler(scale, signed), _unscaler(scale, signed), _single_bits, _single)
    # a 32-bit integer shows its low word in the 16-bit view, and wraps
    return Codec(
        lambda value: int(value) & 0xFFFF,
        lambda word: _signed(word, 16) if signed else word,
        lambda value: int(value) & 0xFFFFFFFF,
        lambda bits: _signed(bits, 32) if signed else bits,
    )


def split(bits: int, order: WordOrder) -> tuple[int, int]:
    """32 bits as two registers."""
    return arrange(bits >> 16, bits & 0xFFFF, order)


def join(words: Sequence[int], order: WordOrder) -> int:
    """Two registers as 32 bits."""
    high, low = arrange(words[0], words[1], order)
    return high << 16 | low


def arrange(first: int, second: int, order: WordOrder) -> tuple[int, int]:
    swap_words, swap_bytes = _SWAP[order]
    if swap_words:
        first, second = second, first
    return (_swapped(first), _swapped(second)) if swap_bytes else (first, second)


def _swapped(word: int) -> int:
    return (word & 0xFF) << 8 | word >> 8


def _signed(bits: int, width: int) -> int:
    return bits - (1 << width) if bits >> (width - 1) else bits


def _scaler(scale: int, signed: bool) -> Callable[[Value], int]:
    low, high = (-32768, 32767) if signed else (0, 65535)

    def to_word(value: Value) -> int:
        if math.isnan(value):
            return 0
        # clamped before rounding: an infinity cannot be rounded
        return round(min(max(value * scale, low), high)) & 0xFFFF

    return to_word


def _unscaler(scale: int, signed: bool) -> Callable[[int], Value]:
    return lambda word: (_signed(word, 16) if signed else word) / scale


def _single_bits(value: Value) -> int:
    if math.isfinite(value):
        value = min(max(value, -_SINGLE_MAX), _SINGLE_MAX)
    return int.from_bytes(struct.pack(">f", value), "big")


def _single(bits: int) -> float:
    """The number that the client meant: the shortest decimal that is this single, so 0.3 and not 0.30000001192."""
    raw = bits.to_bytes(4, "big")
    exact: float = struct.unpack(">f", raw)[0]
    for digits in range(6, 9):
        shorter = float(f"{exact:.{digits}g}")
        if abs(shorter) <= _SINGLE_MAX and struct.pack(">f", shorter) == raw:
            return shorter
    return exact
