"""The process image as the four Modbus tables: reads without a copy, and plans writes. Knows no socket and no client.

Reading covers whole station blocks, holes read 0; a plan for a write names each tag once, or the write is denied.
"""

import math
from collections.abc import Mapping, Sequence
from copy import copy
from typing import NamedTuple

from pymodbus.constants import ExcCodes

from devices.address_map import Address, AddressMap, Table, WordOrder
from devices.endpoint import LineView
from devices.modbus.refusals import Denied
from devices.modbus.texts import Texts
from devices.modbus.words import View as Codeview
from devices.modbus.words import codec, join, split
from sim.tag import Value

Plan = list[tuple[int, Value]]  # tag index, value: what goes into one `LineView.request`


class Cell(NamedTuple):
    """One view of a number at its address."""

    tag: int
    view: Codeview


class RegisterImage:
    """All tables of one line; holds no value, so one image serves every connection."""

    def __init__(self, view: LineView, addresses: AddressMap, order: WordOrder) -> None:
        self._view = view
        self._order = order
        self._spans = addresses.spans
        self._scheme = addresses.scheme
        self._texts = Texts(view)
        self._bits: dict[Table, dict[int, int]] = {table: {} for table in Table if table.is_bits}
        self._words: dict[Table, dict[int, Cell]] = {table: {} for table in Table if not table.is_bits}
        for address in addresses:
            self._enter(address)

    def in_order(self, order: WordOrder) -> "RegisterImage":
        """The same tables with words and bytes in another order."""
        other = copy(self)
        other._order = order  # noqa: SLF001 - of its own kind
        return other

    def _enter(self, address: Address) -> None:
        place = address.modbus
        if place.table.is_bits:
            self._bits[place.table][place.address] = address.index
            return
        cells, views = self._words[place.table], codec(address)
        for at, view in (
            (place.address, views.narrow),
            (place.address_32, views.wide),
            (place.address_64, views.wider),
        ):
            if at is not None:
                cells[at] = Cell(address.index, view)

    def check_words(self, start: int, count: int) -> None:
        """Denied where these registers are not in the map."""
        self._check(Table.HOLDING_REGISTER, start, count)

    # ---- reading ----------------------------------------------------------------------------------------------

    def read_bits(self, table: Table, start: int, count: int) -> list[bool]:
        self._check(table, start, count)
        at, read = self._bits[table].get, self._view.read
        return [(index := at(a)) is not None and bool(read(index).value) for a in range(start, start + count)]

    def read_words(self, table: Table, start: int, count: int) -> list[int]:
        if table is Table.INPUT_REGISTER and start in self._texts.span and start + count <= self._texts.span.stop:
            return self._texts.words(start, count)
        self._check(table, start, count)
        base, size = self._region(start)
        cells = self._words[table]
        if size == 1:
            at, read = cells.get, self._view.read
            return [
                cell.view.to_bits(read(cell.tag).value) if (cell := at(a)) else 0 for a in range(start, start + count)
            ]
        return self._read_wide(cells, start, count, base, size)

    def _read_wide(self, cells: Mapping[int, Cell], start: int, count: int, base: int, size: int) -> list[int]:
        """Whole values, so that all their words are of one reading, then the words that were asked for."""
        first = start - (start - base) % size
        words: list[int] = []
        for at in range(first, start + count, size):
            cell = cells.get(at)
            bits = cell.view.to_bits(self._view.read(cell.tag).value) if cell else 0
            words += split(bits, self._order, size)
        return words[start - first : start - first + count]

    def _region(self, start: int) -> tuple[int, int]:
        """Where the views of this width begin, and how many registers each takes."""
        scheme = self._scheme
        if start >= scheme.wider:
            return scheme.wider, 4
        return (scheme.wide, 2) if start >= scheme.wide else (0, 1)

    # ---- writing ----------------------------------------------------------------------------------------------

    def plan_bits(self, start: int, bits: Sequence[bool]) -> Plan:
        self._check(Table.COIL, start, len(bits))
        coils = self._bits[Table.COIL]
        plan: Plan = []
        for at, bit in enumerate(bits, start):
            index = coils.get(at)
            if index is not None:
                plan.append((index, bool(bit)))
            else:
                _check_hole(bit)
        return self._some(plan, start, len(bits))

    def plan_words(self, start: int, words: Sequence[int]) -> Plan:
        self._check(Table.HOLDING_REGISTER, start, len(words))
        base, size = self._region(start)
        cells = self._words[Table.HOLDING_REGISTER]
        plan: Plan = []
        for at in range(start - (start - base) % size, start + len(words), size):
            given = words[max(at - start, 0) : at - start + size]
            cell = cells.get(at)
            if cell:
                plan.append((cell.tag, self._value(cell, given)))
            else:
                _check_hole(*given)
        return self._some(plan, start, len(words))

    def _value(self, cell: Cell, words: Sequence[int]) -> Value:
        if len(words) < cell.view.words:
            raise Denied(ExcCodes.ILLEGAL_VALUE)  # a part of a value
        value = cell.view.from_bits(join(words, self._order) if len(words) > 1 else words[0])
        if not math.isfinite(value):
            raise Denied(ExcCodes.ILLEGAL_VALUE)
        return value

    # ---- limits -----------------------------------------------------------------------------------------------

    def _check(self, table: Table, start: int, count: int) -> None:
        if not any(span.start <= start and start + count <= span.stop for span in self._spans[table]):
            raise Denied(ExcCodes.ILLEGAL_ADDRESS)

    def _some(self, plan: Plan, start: int, count: int) -> Plan:
        # OpenPLC writes zeros to the whole block of a station that has no output of that kind, in every cycle
        block = self._scheme.block
        if not plan and (start % block or count % block):
            raise Denied(ExcCodes.ILLEGAL_ADDRESS)
        return plan


def _check_hole(*values: int) -> None:
    # a PLC that writes whole blocks writes 0 where it has no output; anything else is meant for another address
    if any(values):
        raise Denied(ExcCodes.ILLEGAL_ADDRESS)
