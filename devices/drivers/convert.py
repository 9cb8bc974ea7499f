"""Between a device's value and a tag's: scale, offset, invert, rounding, ranges. Sans-I/O; every fault is a reason."""

import math
from collections.abc import Sequence

from devices.drivers.point import DeviceType, Group, Point
from devices.drivers.reason import PointError, Reason, Why
from sim.tag import INTEGER_RANGE, LARGEST_REAL, DataType, Value

NO_NUMBER = Reason(Why.TYPE, "not a number")


def examine(point: Point) -> None:
    """Refuses a point whose conversion has no meaning."""
    for wrong, what in (
        (not math.isfinite(point.scale) or point.scale == 0, f"scale is {point.scale}; give a number other than 0"),
        (not math.isfinite(point.offset), f"offset is {point.offset}; give a number"),
        (not point.deadband >= 0, f"deadband is {point.deadband}; give 0 or more"),
        (point.invert and point.type is not DataType.BOOL, "invert is for BOOL tags; give a negative scale"),
        (point.type is DataType.BOOL and _real(point.device_type), f"a BOOL tag cannot be a {point.device_type}"),
        (point.type is DataType.BOOL and (point.scale, point.offset) != (1, 0), "a BOOL tag has no scale or offset"),
    ):
        if wrong:
            raise PointError(f"{point.tag} at {point.address}: {what}")


def examine_groups(groups: Sequence[Group]) -> None:
    """Refuses what is there twice, cycles of no time, and points without meaning."""
    tags = [point.tag for group in groups for point in group.points]
    for names, what in ((tags, "point"), ([group.name for group in groups], "group")):
        for name in {name for name in names if names.count(name) > 1}:
            raise PointError(f"{what} {name} is there twice; a device has each once")
    for group in groups:
        if not group.cycle_s > 0:
            raise PointError(f"group {group.name}: its cycle is {group.cycle_s} s; give more than 0")
        for point in group.points:
            examine(point)


def _real(kind: DeviceType) -> bool:
    return kind in (DeviceType.REAL, DeviceType.LREAL)


def to_tag(point: Point, raw: Value) -> Value | Reason:
    """The tag's value for what the device holds."""
    if point.type is DataType.BOOL:
        return bool(raw) is not point.invert
    if not math.isfinite(raw):
        return NO_NUMBER
    value = _scaled(point, raw)
    if point.type is DataType.REAL:
        return float(value) if abs(value) <= LARGEST_REAL else Reason(Why.RANGE, f"{value:g} is no REAL")
    low, high = INTEGER_RANGE[point.type]
    # an infinity cannot be rounded, so the range comes first
    if not low - 0.5 <= value <= high + 0.5 or not low <= (whole := round(value)) <= high:
        return Reason(Why.RANGE, f"{value:g} is no {point.type}")
    return whole


def _scaled(point: Point, raw: Value) -> int | float:
    if point.scale == 1 and point.offset == 0:
        return raw  # exact, where a float would not be
    return raw * point.scale + point.offset


def to_device(point: Point, value: Value) -> Value | Reason:
    """What the device has to hold for a value of the tag. Whole numbers are rounded to the nearest."""
    if point.type is DataType.BOOL:
        if not isinstance(value, bool):
            return Reason(Why.TYPE, f"{value!r} for a BOOL")
        on = value is not point.invert
        return on if point.device_type is DeviceType.BOOL else int(on)
    if isinstance(value, bool) or not math.isfinite(value):
        return Reason(Why.TYPE, f"{value!r} for a {point.type}")
    return _fitted(point, value if point.scale == 1 and point.offset == 0 else (value - point.offset) / point.scale)


def _fitted(point: Point, raw: int | float) -> Value | Reason:
    kind = point.device_type
    if kind is DeviceType.BOOL:
        return raw >= 0.5
    span = kind.range
    if span is None:
        fits = math.isfinite(raw) and (kind is DeviceType.LREAL or abs(raw) <= LARGEST_REAL)
        return float(raw) if fits else Reason(Why.RANGE, f"{raw:g} is no {kind}")
    low, high = span
    if not low - 0.5 <= raw <= high + 0.5 or not low <= (whole := round(raw)) <= high:
        return Reason(Why.RANGE, f"{raw:g} on the device is no {kind}")
    return whole
