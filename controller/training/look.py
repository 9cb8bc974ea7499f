"""What an instructor sees of a line that no wire shows: values with the truth behind them, picture, alarms, faults."""

from controller.alarms.answers import now_row
from controller.scene import Scene
from sim.line import Line
from sim.state import JsonValue, dump
from sim.tag import DataType, Tag, Value

NS = 10**9


def look(line: Line) -> dict[str, JsonValue]:
    """A line at one instant, for the page: `scene` is a frame as of the channel `line`, standing still."""
    return {
        "t_s": round(line.now_ns / NS, 6),
        "values": [_value(line, tag) for tag in line.tags],
        "scene": {"clk": {"sim": round(line.now_ns / NS, 6), "mono": 0.0, "rate": 0.0}, **Scene(line).picture()},
        "alarms": [{"name": name, **now_row(now)} for name, now in line.alarms().items() if now.retain],
        "faults": [fault_row(ident, args) for ident, args in line.faults.items()],
    }


def _value(line: Line, tag: Tag) -> JsonValue:
    """`[index, value, quality, truth]`: what the I/O card says, and what the plant is."""
    reading = line.read(tag.index)
    return [
        tag.index,
        rounded(tag, reading.value),
        reading.quality.value,
        rounded(tag, line.truth(tag.index)),
    ]


def rounded(tag: Tag, value: Value) -> Value:
    """A REAL as far as it is shown, and a little more."""
    return round(value, tag.decimals + 1) if tag.type is DataType.REAL else value


def fault_row(ident: str, args: object) -> JsonValue:
    """An active fault: what it is, where, since when."""
    given = args if isinstance(args, dict) else {}
    since = given.get("since_ns")
    return {
        "id": ident,
        "fault": dump(given.get("fault", "")),
        "target": dump(given.get("target", "")),
        "since_s": since / NS if isinstance(since, int) else None,
    }
