"""Parts of values: `2`, `0:3`, `1:2,0:1` (OPC 10000-4, 7.27). Bytes in, values out; knows no node."""

from collections.abc import Sequence
from typing import Any

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.values import status_code

MAX_DIMENSIONS = 5
SLICED = (str, bytes)


class BadRange(Exception):
    """Why a part cannot be given: a status code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def parse(text: str) -> list[tuple[int, int]]:
    """First and last index of each dimension."""
    parts = text.split(",")
    if len(parts) > MAX_DIMENSIONS:
        raise BadRange(StatusCodes.BadIndexRangeInvalid)
    return [_bounds(part) for part in parts]


def _bounds(part: str) -> tuple[int, int]:
    first, colon, last = part.partition(":")
    digits = [first, last] if colon else [first]
    if not all(one.isascii() and one.isdigit() and len(one) <= 9 for one in digits):
        raise BadRange(StatusCodes.BadIndexRangeInvalid)
    low, high = int(first), int(last) if colon else int(first)
    if colon and low >= high:  # the norm wants it so
        raise BadRange(StatusCodes.BadIndexRangeInvalid)
    return low, high


def part(value: Any, bounds: Sequence[tuple[int, int]]) -> Any:
    """The part of an array, string or byte string; what lies beyond its end is left out."""
    if not isinstance(value, list | str | bytes):
        raise BadRange(StatusCodes.BadIndexRangeNoData)
    (low, high), rest = bounds[0], bounds[1:]
    if low >= len(value):
        raise BadRange(StatusCodes.BadIndexRangeNoData)
    taken = value[low : high + 1]
    if not rest:
        return taken
    if isinstance(value, SLICED):
        raise BadRange(StatusCodes.BadIndexRangeNoData)
    return [part(one, rest) for one in taken]


def ranged(value: ua.DataValue, text: str | None) -> ua.DataValue:
    """The value with that part alone, or with the status that says why there is none."""
    if not text:
        return value
    try:
        bounds = parse(text)
        content = value.Value.Value if value.Value is not None else None
        taken = part(content, bounds)
    except BadRange as wrong:
        return ua.DataValue(StatusCode=status_code(wrong.code))
    kind = value.Value.VariantType if value.Value is not None else ua.VariantType.Null
    return ua.DataValue(
        Value=ua.Variant(taken, kind, is_array=isinstance(taken, list)),
        StatusCode=value.StatusCode,
        SourceTimestamp=value.SourceTimestamp,
        ServerTimestamp=value.ServerTimestamp,
    )


def problem(text: str | None) -> int:
    """The status code of what is wrong with the text of a range, 0 where it can be one."""
    if not text:
        return 0
    try:
        parse(text)
    except BadRange as wrong:
        return wrong.code
    return 0
