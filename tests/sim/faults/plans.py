"""Random faults and scenarios that a line may refuse, drawn by hypothesis or by a seeded generator."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from sim.faults.effects import seam_of
from sim.faults.signal import WAYS
from sim.line import Line
from sim.state import JsonValue
from sim.tag import DataType, Tag

S = 10**9
Draw = Callable[[Any], Any]
Args = dict[str, JsonValue]
NANOSECONDS = st.sampled_from([1, 10**6, 50_000_000, 333_333_333, S, 3 * S, 10 * S])


def value_of(tag: Tag, draw: Draw) -> JsonValue:
    if tag.type is DataType.BOOL:
        return bool(draw(st.booleans()))
    low, high = tag.range or (-100.0, 100.0)
    return (
        float(draw(st.sampled_from([low, high])))
        if tag.type is DataType.REAL
        else int(draw(st.sampled_from([low, high])))
    )


def signal_effect(line: Line, draw: Draw) -> Args:
    """Any way on any tag, with figures that mostly fit."""
    tag = draw(st.sampled_from(list(line.tags)))
    how = draw(st.sampled_from(sorted(WAYS)))
    number = draw(st.sampled_from([1, 2.5, -3, 40]))
    same = [t.name for t in line.tags if t.type is tag.type and t is not tag]
    figures: Args = {
        "by": number, "ppm": draw(st.sampled_from([0, 500_000, 3_000_000])), "per_hour": number * 1000,
        "amplitude": abs(number), "on_ns": 10**9, "off_ns": 2 * 10**9, "ns": draw(NANOSECONDS), "low": -5, "high": 30,
        "share_ppm": 400_000, "with": draw(st.sampled_from(same or [tag.name])), "value": value_of(tag, draw),
    }  # fmt: skip
    if draw(st.booleans()):
        figures |= {"quality": draw(st.sampled_from(["good", "uncertain", "bad"])), "reason": "sensor_failure"}
    return {"seam": "signal", "tag": tag.name, "how": how, **figures}


def effect(line: Line, draw: Draw) -> Args:
    """An effect of any seam that nearly always fits."""
    for _ in range(6):
        found = _effect(line, draw)
        if seam_of(found).check(line.engine, found) is None:
            break
    return found


def _effect(line: Line, draw: Draw) -> Args:
    seam = draw(st.sampled_from(["signal", "signal", "parameter", "parameter", "disturbance", "link", "input"]))
    component = draw(st.sampled_from(list(line.plant.components.values())))
    if seam == "parameter":
        how = draw(st.sampled_from(["replace", "factor", "offset", "ramp"]))
        value = (
            draw(st.sampled_from([500_000, 900_000])) if how == "factor" else draw(st.sampled_from([0, 5000, -5000]))
        )
        return {"seam": seam, "component": component.name, "how": how, "value": value,
                "parameter": draw(st.sampled_from(sorted(component.p) or ["none"]))}  # fmt: skip
    if seam == "disturbance":
        names = [d.name for d in component.KIND.disturbances] or ["none"]
        return {"seam": seam, "component": component.name, "method": draw(st.sampled_from(names))}
    if seam == "link":
        return {"seam": seam, "wire": "modbus", "how": "delay", "delay_ms": 300}
    if seam == "input":
        return somebody(line, draw)
    return signal_effect(line, draw)


def somebody(line: Line, draw: Draw) -> Args:
    """A stranger who writes, an operator who presses and lets go."""
    tag = draw(st.sampled_from([t for t in line.tags if t.writable]))
    station = draw(st.sampled_from(list(line.plant.units)))
    written: JsonValue = [[tag.name, value_of(tag, draw)]]
    deeds: list[Args] = [
        {"op": "write", "args": {"writes": written}, "peer": "192.168.10.66", "wire": "modbus"},
        {"op": "panel", "args": {"station": station, "element": "start", "pressed": True},
         "undo": {"op": "panel", "args": {"station": station, "element": "start", "pressed": False}}},
        {"op": "operator", "args": {"on": False}, "undo": {"op": "operator", "args": {"on": True}}},
    ]  # fmt: skip
    return {"seam": "input", "every_ns": draw(st.sampled_from([0, 10**9])), **draw(st.sampled_from(deeds))}


def condition(line: Line, draw: Draw) -> str:
    """Of a tag that announces its changes, or of a computed one."""
    tag = draw(st.sampled_from([t for t in line.tags if t.type is DataType.BOOL]))
    return str(draw(st.sampled_from([tag.name, f"not {tag.name}", "line.sim_time % 5 == 3", "line.parts_made > 2"])))


def fault(line: Line, draw: Draw, name: str) -> Args:
    """Up to three effects; a duration of any kind, sometimes an end by condition."""
    effects = [effect(line, draw) for _ in range(draw(st.integers(1, 3)))]
    durations: list[Args] = [
        {"kind": "until_repaired"}, {"kind": "time", "ns": draw(NANOSECONDS)}, {"kind": "random", "mean_ns": 2 * S},
    ]  # fmt: skip
    durations += [{"kind": "once"}] * (not any(seam_of(one).lasts for one in effects))
    given: Args = {
        "fault": name, "target": "x", "effects": [*effects], "duration": draw(st.sampled_from(durations)),
    }  # fmt: skip
    return given | ({"ends_when": condition(line, draw)} if draw(st.booleans()) else {})


def start(line: Line, draw: Draw, names: list[str]) -> Args:
    starts: list[Args] = [
        {"kind": "time", "at_ns": draw(NANOSECONDS)}, {"kind": "hand"}, {"kind": "chance", "mean_ns": 3 * S},
        {"kind": "condition", "when": condition(line, draw), "for_ns": draw(st.sampled_from([0, S]))},
        {"kind": "parts", "count": draw(st.integers(1, 3))},
        {"kind": "after", "entry": draw(st.sampled_from(names)), "delay_ns": draw(st.sampled_from([0, 2 * S]))},
    ]  # fmt: skip
    return dict(draw(st.sampled_from(starts)))


def scenario(line: Line, draw: Draw) -> Args:
    """Up to five entries."""
    names = [f"e{n}" for n in range(draw(st.integers(1, 5)))]
    entries: list[JsonValue] = [
        {"entry": name, "start": start(line, draw, names), "repeat": bool(draw(st.booleans())),
         "fault": fault(line, draw, name)}
        for name in names
    ]  # fmt: skip
    return {"name": "any", "title": {"zh": "x", "en": "x"}, "entries": entries}
