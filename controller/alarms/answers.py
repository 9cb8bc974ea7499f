"""Alarms as JSON, as the channel and the REST API say them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import cast

from controller.alarms.board import AlarmBoard
from controller.alarms.journal import Row
from controller.run import stamp
from devices.alarms import Times
from sim.alarms.definition import AlarmDefinition
from sim.alarms.state import AlarmNow
from sim.state import JsonValue
from sim.text import Text

NS = 10**9
CSV_HEAD = "id,ts,sim_s,alarm,what,state,level,severity,priority,value,who,comment"


def alarm_row(board: AlarmBoard, now: AlarmNow) -> dict[str, JsonValue]:
    """One alarm: what it is and how it is."""
    definition, times = board.definitions[now.name], board.times(now.name)
    return {**_static(now.name, definition), **now_row(now), **_times(times)}


def _static(name: str, definition: AlarmDefinition) -> dict[str, JsonValue]:
    return {
        "name": name,
        "station": name.partition(".")[0],
        "title": _text(definition.title),
        "message": _text(definition.message),
        "cause": _text(definition.cause),
        "consequence": _text(definition.consequence),
        "action": _text(definition.action),
        "priority": definition.priority,
        "tag": definition.tag,
        "limits": cast(JsonValue, dict(definition.limits)),
        "confirm": definition.confirm,
        "latch": definition.latch,
        "longest_shelf_s": definition.shelve_most_ns // NS,
    }


def now_row(now: AlarmNow) -> dict[str, JsonValue]:
    """How an alarm is now."""
    return {
        "state": now.isa.value,
        "active": now.active,
        "level": now.level,
        "severity": now.severity,
        "acked": now.acked,
        "confirmed": now.confirmed,
        "latched": now.latched,
        "shelved": now.shelved,
        "shelved_until_s": now.shelved_until_ns / NS if now.shelved_until_ns >= 0 else None,
        "suppressed": now.suppressed,
        "out_of_service": now.out_of_service,
        "enabled": now.enabled,
        "retain": now.retain,
        "value": now.value,
        "comment": now.comment,
        "comment_by": now.comment_by,
        "number": now.number,
        "since_s": now.since_ns / NS,
    }


def _times(times: Times) -> dict[str, JsonValue]:
    changed, active = times.changed, times.active
    return {"changed": stamp(changed) if changed else None, "came": stamp(active) if active else None}


def _text(text: Text) -> dict[str, JsonValue]:
    return {"zh": text.zh, "en": text.en}


def journal_row(row: Row) -> dict[str, JsonValue]:
    return {**asdict(row), "sim_s": row.sim_ns / NS}


def journal_csv(rows: Iterable[Row]) -> str:
    """RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    lines = [CSV_HEAD]
    for row in rows:
        cells = [row.id, row.ts, row.sim_ns / NS, row.alarm, row.what, row.state, row.level, row.severity,
                 row.priority, row.value, row.who, row.comment]  # fmt: skip
        lines.append(",".join(_cell(cell) for cell in cells))
    return "\r\n".join(lines) + "\r\n"


def _cell(value: object) -> str:
    text = str(value)
    if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t"):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text
