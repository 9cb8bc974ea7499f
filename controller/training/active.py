"""What is wrong with a line at present, for its instructor: causes, and where wires say something but the truth."""

from dataclasses import fields

from controller.bench import Bench
from controller.messages import Frame
from controller.training.look import fault_row, rounded
from devices.endpoint import Wire
from sim.link_faults import WELL
from sim.state import JsonValue

NS = 10**9


def active(bench: Bench) -> Frame:
    """Active faults, the scenario with its entries, tags whose field is not their plant, links that are not well."""
    return {
        "active": [fault_row(ident, dict(args)) for ident, args in bench.run.line.faults.items()],
        "scenario": _scenario(bench),
        "differs": _differs(bench),
        "links": _links(bench),
    }


def _scenario(bench: Bench) -> JsonValue:
    running = bench.run.line.scenario
    if running is None:
        return None
    entries = running.get("entries")
    rows = [_entry(entry) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return {**running, "since_s": _seconds(running, "since_ns"), "entries": [*rows]}


def _entry(entry: Frame) -> JsonValue:
    """When a scenario's fault begins or began, and which it is; its resolved effects are no matter for people."""
    fault = entry.get("fault")
    given = fault if isinstance(fault, dict) else {}
    return {
        "entry": entry.get("entry"),
        "state": entry.get("state"),
        "start": entry.get("start"),
        "since_s": _seconds(entry, "since_ns"),
        "due_s": _seconds(entry, "due_ns"),
        "fault": given.get("fault", ""),
        "target": given.get("target", ""),
        "count": entry.get("count", 0),
        "refused": entry.get("refused", 0),  # times it could not begin: something else was in its place
    }


def _seconds(given: Frame, key: str) -> JsonValue:
    value = given.get(key)
    return value / NS if isinstance(value, int) else None


def _differs(bench: Bench) -> list[JsonValue]:
    """`[tag, what wires say, quality, what is true]`."""
    line, rows = bench.run.line, list[JsonValue]()
    for tag in line.tags:
        reading, truth = line.read(tag.index), line.truth(tag.index)
        if reading.value != truth or reading.quality.value != "good":
            rows.append([tag.name, rounded(tag, reading.value), reading.quality.value, rounded(tag, truth)])
    return rows


def _links(bench: Bench) -> Frame:
    """Of each wire that is not well, the figures of its link that are not as they should be."""
    shown: Frame = {}
    for wire in Wire:
        state = bench.run.line.link(wire.value)
        if state != WELL:
            values = {field.name: getattr(state, field.name) for field in fields(state)}
            shown[wire.value] = {name: value for name, value in values.items() if value != getattr(WELL, name)}
    return shown
