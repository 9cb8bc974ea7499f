"""Values and registers: the 16-, 32- and 64-bit view of a number, in both directions. Sans-I/O, knows no line."""

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
class View:
    """One way to see a value: its bits as an unsigned integer, and back."""

    words: int
    to_bits: Callable[[Value], int]
    from_bits: Callable[[int], Value]


@dataclass(frozen=True, slots=True)
class Codec:
    """All views of one tag's value, by how many registers they take: 1, 2 and 4."""

    narrow: View
    wide: View
    wider: View


def codec(address: Address) -> Codec:
    """The views of a number as its place in the map says."""
    signed = bool(address.modbus.signed)
    if address.type is DataType.REAL:
        scale = address.modbus.scale or 1
        narrow = View(1, _scaler(scale, signed), _unscaler(scale, signed))
        return Codec(narrow, View(2, single_bits, single), View(4, double_bits, double))
    # a 32-bit integer shows its low word in the 16-bit view, and wraps
    return Codec(_integer(1, signed), _integer(2, signed), _integer(4, signed))


def _integer(words: int, signed: bool) -> View:
    width = 16 * words
    mask = (1 << width) - 1
    return View(
        words, lambda value: int(value) & mask, lambda bits: in_twos_complement(bits, width) if signed else bits
    )


def split(bits: int, order: WordOrder, words: int = 2) -> list[int]:
    """So many times 16 bits as registers."""
    return arrange([bits >> shift & 0xFFFF for shift in range(16 * (words - 1), -1, -16)], order)


def join(words: Sequence[int], order: WordOrder) -> int:
    """Registers as one unsigned number."""
    bits = 0
    for word in arrange(words, order):
        bits = bits << 16 | word
    return bits


def arrange(words: Sequence[int], order: WordOrder) -> list[int]:
    """The registers of one value in another order, from it or into it. Of four, CDAB and DCBA turn all round."""
    reverse, swap_bytes = _SWAP[order]
    turned = list(reversed(words)) if reverse else list(words)
    return [_swapped(word) for word in turned] if swap_bytes else turned


def _swapped(word: int) -> int:
    return (word & 0xFF) << 8 | word >> 8


def in_twos_complement(bits: int, width: int) -> int:
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
    return lambda word: (in_twos_complement(word, 16) if signed else word) / scale


def single_bits(value: Value) -> int:
    if math.isfinite(value):
        value = min(max(value, -_SINGLE_MAX), _SINGLE_MAX)
    return int.from_bytes(struct.pack(">f", value), "big")


def double_bits(value: Value) -> int:
    return int.from_bytes(struct.pack(">d", value), "big")


def double(bits: int) -> float:
    exact: float = struct.unpack(">d", bits.to_bytes(8, "big"))[0]
    return exact


def single(bits: int) -> float:
    """The number that the client meant: the shortest decimal that is this single, so 0.3 and not 0.30000001192."""
    raw = bits.to_bytes(4, "big")
    exact: float = struct.unpack(">f", raw)[0]
    for digits in range(6, 9):
        shorter = float(f"{exact:.{digits}g}")
        if abs(shorter) <= _SINGLE_MAX and struct.pack(">f", shorter) == raw:
            return shorter
    return exact
