"""Values of a fault file: read in their dimension, and in the unit and range of the tag that they are for."""

import math

from scenarios.faulting.hows import NUMBER, READING, SPAN, STATION, TAG, WORD, Key
from scenarios.field_types import as_text
from scenarios.file_error import unknown
from sim import units
from sim.tag import INTEGER_RANGE, LARGEST_REAL, DataType, Tag

Given = bool | int | float | str
_NAMES = (WORD, TAG, STATION)


def read(given: object, key: Key, tag: Tag | None = None) -> Given:
    """The value as the line takes it. Raises ValueError with what is wrong."""
    if key.choices and given not in key.choices:
        raise ValueError(unknown(key.name, str(given), key.choices))
    if key.dimension in _NAMES:
        return as_text(given)
    if key.dimension in (READING, SPAN):
        return _of_tag(given, key, tag)
    if key.dimension == NUMBER:
        return _number(given)
    return in_unit(units.parse(as_text(given), key.dimension), key.called)


def in_unit(value: int, called: str) -> Given:
    """What the line calls `..._ms` is in milliseconds: a time is never rounded to nothing."""
    if called.endswith("_ms"):
        return -(-value // 1_000_000)
    return bool(value) if called in ("pressed", "lost", "on", "once") else value


def check(given: object, key: Key) -> None:
    """What can be said of a value without knowing the tag. Raises ValueError."""
    if key.dimension in (READING, SPAN):
        amount(given)
    else:
        read(given, key)


def amount(given: object) -> tuple[str, float]:
    """Of a value for a tag: in which form it is, `flag`, `number` or `%`, and how much."""
    if isinstance(given, bool):
        return "flag", float(given)
    if isinstance(given, int | float):
        return "number", _number(given)
    text = given.strip() if isinstance(given, str) else ""
    try:
        if text.endswith("%"):
            return "%", _number(float(text[:-1]))
        return "number", _number(float(text))
    except ValueError:
        raise ValueError(
            f"{str(given)[:40]!r} is neither true, false, a number nor a share of the range: 5 %"
        ) from None


def _number(given: object) -> float | int:
    value = float(given) if isinstance(given, str) else given
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{str(given)[:40]!r} is no number")
    if not math.isfinite(value) or abs(value) > LARGEST_REAL:
        raise ValueError(f"{value} is no number")
    return value


def _of_tag(given: object, key: Key, tag: Tag | None) -> Given:
    form, value = amount(given)
    if tag is None:
        raise ValueError("is for a tag")
    if tag.type is DataType.BOOL or form == "flag":
        if tag.type is DataType.BOOL and form == "flag":
            return bool(value)
        need = "true or false" if tag.type is DataType.BOOL else "a number"
        raise ValueError(f"{tag.name} is {tag.type}: must be {need}")
    if form == "%":
        value = part_of_range(value, tag, absolute=key.dimension == READING)
    if key.dimension == SPAN:
        return float(value)
    return _typed(value, tag, rounded=form == "%")


def part_of_range(percent: float, tag: Tag, *, absolute: bool) -> float:
    """So many percent of the tag's range; from its low end where a reading is meant."""
    if tag.low is None or tag.high is None:
        raise ValueError(f"{tag.name} has no range of its own: give a number{' of ' + tag.unit if tag.unit else ''}")
    share = (tag.high - tag.low) * percent / 100
    return tag.low + share if absolute else share


def _typed(value: float, tag: Tag, *, rounded: bool) -> Given:
    """In the type of the tag: a broken sensor may say more than its range, but not more than its data type."""
    limits = INTEGER_RANGE.get(tag.type)
    if limits is None:
        return float(value)
    if rounded:
        return round(min(max(value, limits[0]), limits[1]))
    if value != int(value) or not limits[0] <= value <= limits[1]:
        raise ValueError(f"{tag.name} is {tag.type}: must be a whole number from {limits[0]} to {limits[1]}")
    return int(value)


def beyond(percent: float, tag: Tag) -> Given:
    """A reading outside the range, as near as the data type allows; of a tag without range the end of its type."""
    limits = tag.range or (-LARGEST_REAL, LARGEST_REAL)
    if tag.low is None:
        return _typed(limits[percent > 0] if tag.type is not DataType.REAL else 0.0, tag, rounded=True)
    return _typed(part_of_range(percent, tag, absolute=True), tag, rounded=True)
