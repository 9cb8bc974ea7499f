"""What is said in the Unified Namespace: JSON objects, each with the version of its schema. Knows no topic.

The published form is docs/reference/uns.schema.json; a change that a reader could trip over gets the next `SCHEMA`.
"""

import json
from collections.abc import Mapping, Sequence

from devices.mqtt.news import said
from sim.packml import State
from sim.tag import Quality, Reading, Tag

SCHEMA = 1


def pack(document: Mapping[str, object]) -> bytes:
    return json.dumps({"schema": SCHEMA, **document}, ensure_ascii=False, separators=(",", ":")).encode()


def state(tag: Tag, reading: Reading, stamp: str) -> bytes:
    """A signal as it is."""
    reason = {} if reading.quality is Quality.GOOD and not reading.reason else {"reason": reading.reason}
    return pack(
        {"value": said(tag, reading), "quality": reading.quality.value, "ts": stamp, "unit": tag.unit, **reason}
    )


def status(online: bool, stamp: str | None) -> bytes:
    """Whether the line is there; the will of a connection cannot know its time."""
    return pack({"online": online, **({} if stamp is None else {"ts": stamp})})


def line_info(levels: Sequence[str], line: str, bench: int, stations: Sequence[str], stamp: str) -> bytes:
    """What the line is and what it has."""
    names = dict(zip(("enterprise", "site", "area", "line"), levels, strict=True))
    return pack({"levels": names, "name": line, "bench": bench, "stations": list(stations), "ts": stamp})


def station_info(station: str, signals: Sequence[Mapping[str, object]], stamp: str) -> bytes:
    """What signals a station has."""
    return pack({"station": station, "signals": list(signals), "ts": stamp})


def signal_info(tag: Tag, topic: str, command: str) -> dict[str, object]:
    """One signal: where its state is, what it means, and where it is commanded."""
    low, high = tag.range or (None, None)
    return {
        "signal": tag.signal,
        "topic": topic,
        "direction": tag.direction.value,
        "type": tag.type.value,
        "unit": tag.unit,
        "low": low,
        "high": high,
        "title": {"zh": tag.title.zh, "en": tag.title.en},
        "command": command if tag.writable else None,
    }


def state_event(before: float, after: float, stamp: str) -> bytes:
    """A station went from one PackML state to another."""
    return pack({"what": "state", "from": _state(before), "to": _state(after), "ts": stamp})


def part_event(what: str, by: float, count: float, stamp: str) -> bytes:
    """Parts came, went or were rejected; `count` since the run began."""
    return pack({"what": what, "by": int(by), "count": int(count), "ts": stamp})


def _state(number: float) -> str:
    known = int(number) in State.__members__.values()
    return State(int(number)).name.lower() if known else str(int(number))


def with_schema(document: bytes) -> bytes:
    """A JSON object of plain MQTT, with the version of the schema in front."""
    return b'{"schema":%d,' % SCHEMA + document[1:]
