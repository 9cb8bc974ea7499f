"""The process image as the four Modbus tables: reads without a copy, and plans writes. Knows no socket and no client.

Reading covers whole station blocks, holes read 0; a plan for a write names each tag once, or the write is denied.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from pymodbus.constants import ExcCodes

from devices.address_map import BLOCK, WIDE, Address, AddressMap, Table, WordOrder
from devices.endpoint import LineView
from devices.modbus.refusals import Denied
from devices.modbus.words import Codec, codec, join, split
from sim.tag import Value

Plan = list[tuple[int, Value]]  # tag index, value: what goes into one `LineView.request`


class Cell(NamedTuple):
    """One number at its address."""

    tag: int
    codec: Codec


class RegisterImage:
    """All tables of one line; holds no value, so one image serves every connection."""

    def __init__(self, view: LineView, addresses: AddressMap, order: WordOrder) -> None:
        self._view = view
        self._order = order
        self._bit_spans = addresses.bit_spans
        self._word_spans = addresses.word_spans
        self._bits: dict[Table, dict[int, int]] = {table: {} for table in Table if table.is_bits}
        self._words: dict[Table, dict[int, Cell]] = {table: {} for table in Table if not table.is_bits}
        for address in addresses:
            self._enter(address)

    def _enter(self, address: Address) -> None:
        place = address.modbus
        if place.table.is_bits:
            self._bits[place.table][place.address] = address.index
            return
        cell = Cell(address.index, codec(address))
        self._words[place.table][place.address] = cell
        if place.address_32 is not None:
            self._words[place.table][place.address_32] = cell

    def check_words(self, start: int, count: int) -> None:
        """Denied where these registers are not in the map."""
        _check(self._word_spans, start, count)

    def read_bits(self, table: Table, start: int, count: int) -> list[bool]:
        _check(self._bit_spans, start, count)
        at, read = self._bits[table].get, self._view.read
        return [(index := at(a)) is not None and bool(read(index).value) for a in range(start, start + count)]

    def read_words(self, table: Table, start: int, count: int) -> list[int]:
        _check(self._word_spans, start, count)
        cells = self._words[table]
        if start >= WIDE:
            return self._read_wide(cells, start, count)
        at, read = cells.get, self._view.read
        return [cell.codec.to_word(read(cell.tag).value) if (cell := at(a)) else 0 for a in range(start, start + count)]

    def _read_wide(self, cells: dict[int, Cell], start: int, count: int) -> list[int]:
        """Whole pairs, so that both words are of one reading, then the words that were asked for."""
        first = start & ~1
        words: list[int] = []
        for pair in range(first, start + count, 2):
            cell = cells.get(pair)
            bits = cell.codec.to_bits(self._view.read(cell.tag).value) if cell else 0
            words += split(bits, self._order)
        return words[start - first : start - first + count]

    def plan_bits(self, start: int, bits: Sequence[bool]) -> Plan:
        _check(self._bit_spans, start, len(bits))
        coils = self._bits[Table.COIL]
        plan: Plan = []
        for at, bit in enumerate(bits, start):
            index = coils.get(at)
            if index is not None:
                plan.append((index, bool(bit)))
            else:
                _check_hole(bit)
        return _some(plan, start, len(bits))

    def plan_words(self, start: int, words: Sequence[int]) -> Plan:
        _check(self._word_spans, start, len(words))
        if start >= WIDE:
            return self._plan_wide(start, words)
        cells = self._words[Table.HOLDING_REGISTER]
        plan: Plan = []
        for at, word in enumerate(words, start):
            cell = cells.get(at)
            if cell:
                plan.append((cell.tag, cell.codec.from_word(word)))
            else:
                _check_hole(word)
        return _some(plan, start, len(words))

    def _plan_wide(self, start: int, words: Sequence[int]) -> Plan:
        cells = self._words[Table.HOLDING_REGISTER]
        plan: Plan = []
        for pair in range(start & ~1, start + len(words), 2):
            half = words[max(pair - start, 0) : pair - start + 2]
            cell = cells.get(pair)
            if cell:
                plan.append((cell.tag, self._wide(cell, half)))
            else:
                _check_hole(*half)
        return _some(plan, start, len(words))

    def _wide(self, cell: Cell, words: Sequence[int]) -> Value:
        if len(words) < 2:
            raise Denied(ExcCodes.ILLEGAL_VALUE)  # half a value
        value = cell.codec.from_bits(join(words, self._order))
        if not math.isfinite(value):
            raise Denied(ExcCodes.ILLEGAL_VALUE)
        return value


def _check(spans: Sequence[range], start: int, count: int) -> None:
    if not any(span.start <= start and start + count <= span.stop for span in spans):
        raise Denied(ExcCodes.ILLEGAL_ADDRESS)


def _check_hole(*values: int) -> None:
    # a PLC that writes whole blocks writes 0 where it has no output; anything else is meant for another address
    if any(values):
        raise Denied(ExcCodes.ILLEGAL_ADDRESS)


def _some(plan: Plan, start: int, count: int) -> Plan:
    # OpenPLC writes zeros to the whole block of a station that has no output of that kind, in every cycle
    whole_blocks = start % BLOCK == 0 and count % BLOCK == 0
    if not plan and not whole_blocks:
        raise Denied(ExcCodes.ILLEGAL_ADDRESS)
    return plan
