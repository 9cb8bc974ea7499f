"""Payloads as values and back: bare text, JSON, and what they say of quality and time. Sans-I/O."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from devices.drivers.driver import Heard, Raw
from devices.drivers.mqtt.address import Path
from devices.drivers.point import DeviceType, Point
from devices.drivers.reason import Reason, Why
from sim.tag import Value

Json = bool | int | float | str | None | list["Json"] | dict[str, "Json"]
MOST_BYTES = 256 * 1024  # of a payload that is looked at
MOST_LEAVES = 500  # of one payload, for a probe
_TRUE, _FALSE = frozenset({"true", "on", "1", "yes"}), frozenset({"false", "off", "0", "no"})
_MILLISECONDS = 1e11  # a time stamp above it counts milliseconds since 1970, one below it seconds


@dataclass(frozen=True, slots=True)
class Wording:
    """How the devices behind a broker put things."""

    time: Path = ("ts",)  # where a JSON payload says when the value was; empty: nowhere
    quality: Path = ("quality",)  # where it says `good`, `uncertain` or `bad`
    on: str = "true"  # a BOOL in a command
    off: str = "false"


def parse(payload: bytes) -> Json:
    """JSON where it is, else the text. Raises `ValueError` for what is neither."""
    if len(payload) > MOST_BYTES:
        raise ValueError(f"{len(payload)} bytes")
    text = payload.decode().strip()
    try:
        document: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return document


def field(document: Json, path: Path) -> Json:
    """The field at a path; None where there is none, as where it is null."""
    for step in path:
        if isinstance(step, int) and isinstance(document, list) and step < len(document):
            document = document[step]
        elif isinstance(step, str) and isinstance(document, dict):
            document = document.get(step)
        else:
            return None
    return document


def heard(point: Point, path: Path, document: Json, wording: Wording) -> Heard:
    """What a payload says of a point."""
    found = field(document, path)
    if found is None:
        return Reason(Why.TYPE, "the payload has no such field")
    value = value_of(found, point.device_type)
    if isinstance(value, Reason):
        return value
    said = field(document, wording.quality) if wording.quality else None
    doubt = ""
    if isinstance(said, str) and said.lower() in ("bad", "uncertain"):
        why = field(document, ("reason",))
        doubt = f"{said}: {why}" if isinstance(why, str) else said
        if said.lower() == "bad":
            return Reason(Why.REFUSED, doubt)
    return Raw(value, moment(field(document, wording.time)) if wording.time else None, doubt)


def value_of(found: Json, type_: DeviceType) -> Value | Reason:
    """A scalar in a point's type. Numbers as text are taken: many devices send them so."""
    if isinstance(found, list | dict):
        return Reason(Why.TYPE, f"the field is {'a list' if isinstance(found, list) else 'an object'}")
    if type_ is DeviceType.BOOL:
        word = str(found).strip().lower()
        return word in _TRUE if word in _TRUE | _FALSE else Reason(Why.TYPE, f"{word[:40]!r} is neither on nor off")
    try:
        number = float(found) if isinstance(found, str) else found
    except ValueError:
        number = None
    if number is None or isinstance(number, bool) or not math.isfinite(number):
        return Reason(Why.TYPE, f"{str(found)[:40]!r} is no number")
    limits = type_.range
    if limits is None:
        return float(number)
    if number != int(number):
        return Reason(Why.TYPE, f"{number!r} is not whole, and a {type_} is")
    return int(number) if limits[0] <= number <= limits[1] else Reason(Why.TYPE, f"a {type_} does not hold {number!r}")


def moment(stamp: Json) -> datetime | None:
    """ISO 8601 or a count since 1970, as UTC; None where it is neither."""
    try:
        if isinstance(stamp, str):
            when = datetime.fromisoformat(stamp)
            return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
        if isinstance(stamp, int | float) and not isinstance(stamp, bool):
            return datetime.fromtimestamp(stamp / 1000 if stamp > _MILLISECONDS else stamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def command(value: Value, path: Path, wording: Wording, name: int | None = None) -> bytes:
    """The payload of a command: the bare value, or an object with the value at its path (and `id`)."""
    if not path and isinstance(value, bool):
        return (wording.on if value else wording.off).encode()
    document: Json = value
    for step in reversed(path):
        document = {str(step): document}
    if name is not None and isinstance(document, dict):
        document["id"] = name
    return json.dumps(document, separators=(",", ":")).encode()


def leaves(document: Json, path: Path = ()) -> Iterator[tuple[Path, bool | int | float | str]]:
    """All scalars of a payload with their paths, in order."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from leaves(value, (*path, key))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from leaves(value, (*path, index))
    elif document is not None:
        yield path, document
