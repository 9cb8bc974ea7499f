"""Where tags live on a device, as data: points, their conversions and limits, and the groups they are read in.

Knows no protocol: an address is text in the protocol's own notation, which the driver reads.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from devices.address_map import WordOrder
from sim.tag import DataType, Value


class DeviceType(StrEnum):
    """Data types on a device, named as in IEC 61131-3."""

    BOOL = "BOOL"
    SINT = "SINT"  # 8 bit, signed
    USINT = "USINT"
    INT = "INT"  # 16 bit, signed
    UINT = "UINT"
    DINT = "DINT"  # 32 bit, signed
    UDINT = "UDINT"
    LINT = "LINT"  # 64 bit, signed
    ULINT = "ULINT"
    REAL = "REAL"  # IEEE 754, 32 bit
    LREAL = "LREAL"  # IEEE 754, 64 bit

    @property
    def bits(self) -> int:
        return _BITS[self]

    @property
    def is_integer(self) -> bool:
        return self not in (DeviceType.BOOL, DeviceType.REAL, DeviceType.LREAL)

    @property
    def is_signed(self) -> bool:
        return self in (DeviceType.SINT, DeviceType.INT, DeviceType.DINT, DeviceType.LINT)

    @property
    def range(self) -> tuple[int, int] | None:
        """Lowest and highest of an integer type, None of any other."""
        if not self.is_integer:
            return None
        return (-(1 << self.bits - 1), (1 << self.bits - 1) - 1) if self.is_signed else (0, (1 << self.bits) - 1)


_BITS = {
    DeviceType.BOOL: 1,
    DeviceType.SINT: 8, DeviceType.USINT: 8,
    DeviceType.INT: 16, DeviceType.UINT: 16,
    DeviceType.DINT: 32, DeviceType.UDINT: 32, DeviceType.REAL: 32,
    DeviceType.LINT: 64, DeviceType.ULINT: 64, DeviceType.LREAL: 64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """What may be written to a point, in the tag's unit. A refused write is answered with the reason.

    An urgent write (safe state) is held to the range and to nothing else here.
    """

    low: float | None = None
    high: float | None = None
    most_per_s: float | None = None  # writes a second: the next one not before 1 / most_per_s
    slew_per_s: float | None = None  # largest change of the value a second, against the value written last


@dataclass(frozen=True, slots=True)
class Plausibility:
    """What a reading can be. A value outside is delivered with quality `uncertain`; None is not looked at."""

    low: float | None = None  # in the tag's unit
    high: float | None = None
    step_per_s: float | None = None  # largest change a second that the process can make
    frozen_s: float | None = None  # a live signal moves at least once in so many seconds
    quiet_s: float | None = None  # a device that sends by itself does so at least once in so many seconds (`stale`)
    behind_s: float | None = None  # the device's time stamp may be so old (else the quality is `stale`)
    ahead_s: float | None = None  # and so far in the future


ANYTHING = Plausibility()


@dataclass(frozen=True, slots=True)
class Point:
    """One tag's place on a device.

    The tag's value is `scale x device value + offset`; of a BOOL `invert` turns it round. Without `limits` the point is
    read only. `deadband` (the tag's unit) is how far the value must move to be told again.
    """

    tag: str  # `station.signal`
    type: DataType  # the tag's own
    address: str  # in the protocol's notation: `holding 4000`, `ns=2;s=speed`, `DB1.DBX0.0`, `plant/oven#temp.value`
    device_type: DeviceType
    write_address: str = ""  # where writing goes elsewhere than reading
    scale: float = 1.0
    offset: float = 0.0
    invert: bool = False
    word_order: WordOrder = WordOrder.ABCD  # of values of more than 16 bits in registers
    limits: WriteLimits | None = None
    plausible: Plausibility = ANYTHING
    deadband: float = 0.0

    @property
    def writable(self) -> bool:
        return self.limits is not None

    @property
    def place_to_write(self) -> str:
        return self.write_address or self.address


class Write(NamedTuple):
    """A value for a point as the device holds it: conversion and limits are behind it."""

    point: Point
    value: Value


@dataclass(frozen=True, slots=True)
class Group:
    """Points that are read together, every `cycle_s` seconds. For a driver that subscribes: its sampling interval."""

    name: str
    cycle_s: float
    points: tuple[Point, ...] = field(default=())
