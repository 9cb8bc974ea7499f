"""Register images that link faults put in the place of the right one: moved addresses, and a device without a line."""

from collections.abc import Sequence

from devices.address_map import Table
from devices.modbus.image import Plan, RegisterImage


class ShiftedImage(RegisterImage):
    """Everything stands `by` addresses higher; what falls off the map at either end is no address (02)."""

    def __init__(self, image: RegisterImage, by: int) -> None:
        self._image, self._by = image, by

    def check_words(self, start: int, count: int) -> None:
        self._image.check_words(start - self._by, count)

    def read_bits(self, table: Table, start: int, count: int) -> list[bool]:
        return self._image.read_bits(table, start - self._by, count)

    def read_words(self, table: Table, start: int, count: int) -> list[int]:
        return self._image.read_words(table, start - self._by, count)

    def plan_bits(self, start: int, bits: Sequence[bool]) -> Plan:
        return self._image.plan_bits(start - self._by, bits)

    def plan_words(self, start: int, words: Sequence[int]) -> Plan:
        return self._image.plan_words(start - self._by, words)


class EmptyImage(RegisterImage):
    """Another device with the same addresses, all zero; what is written to it moves nothing."""

    def __init__(self, image: RegisterImage) -> None:
        self._image = image

    def check_words(self, start: int, count: int) -> None:
        self._image.check_words(start, count)

    def read_bits(self, table: Table, start: int, count: int) -> list[bool]:
        return [False] * len(self._image.read_bits(table, start, count))

    def read_words(self, table: Table, start: int, count: int) -> list[int]:
        return [0] * len(self._image.read_words(table, start, count))

    def plan_bits(self, start: int, bits: Sequence[bool]) -> Plan:
        self._image.plan_bits(start, bits)
        return []

    def plan_words(self, start: int, words: Sequence[int]) -> Plan:
        self._image.plan_words(start, words)
        return []
