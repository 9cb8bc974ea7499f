"""Random inputs that a line accepts, from a seed: for runs that must come out the same twice."""

import random  # noqa: TID251 - drawn from a seed, for what a test does to a line

from sim.alarms.operations import OPERATIONS
from sim.inputs import Input
from sim.line import Line
from sim.state import JsonValue
from sim.tag import Direction
from tests.sim.builders import S
from tests.sim.one_effect import one_effect

FAULTS: tuple[dict[str, JsonValue], ...] = (
    {"seam": "signal", "target": "sorting.eye_1", "how": "stuck", "value": True},
    {"seam": "parameter", "target": "machining.belt", "parameter": "traction", "how": "factor", "value": 800_000},
    {"seam": "disturbance", "target": "inspection.belt", "method": "jam"},
    {"seam": "link", "target": "modbus", "delay_ms": 300},
)


def candidate(draw: random.Random, line: Line) -> Input:
    """Something that somebody might do; the gate may refuse it."""
    stations = list(line.plant.units)
    station = draw.choice(stations)
    outputs = [tag for tag in line.tags.of(station) if tag.direction is Direction.OUTPUT]
    tag = draw.choice(outputs)
    value = draw.random() < 0.5 if tag.range is None else draw.choice([0, 1, 2])
    fault = draw.choice(FAULTS)
    alarm = draw.choice([*line.plant.alarms, "none"])
    return draw.choice(
        [
            Input("write", {"writes": [[tag.name, value]]}),
            Input("write", {"writes": [[f"{station}.cmd_{draw.choice(['hold', 'unhold', 'stop', 'reset'])}", True]]}),
            Input("key", {"station": station, "control": draw.choice(["builtin", "modbus"])}),
            Input("panel", {"station": station, "element": draw.choice(["start", "reset"]), "pressed": True}),
            Input("panel", {"station": station, "element": draw.choice(["start", "reset"]), "pressed": False}),
            Input("jog", {"tag": tag.name, "value": value}),
            Input("remove_part", {"part": draw.choice([*line.plant.parts.by_serial, 1])}),
            Input("operator", {"on": draw.random() < 0.7}),
            Input("alarm", {"alarm": alarm, "do": draw.choice(list(OPERATIONS)), "who": "wild", "for_ms": 30_000}),
            Input("fault", one_effect({"id": f"f{draw.randrange(3)}", **fault})),
            Input("end_fault", {"id": f"f{draw.randrange(3)}"}),
        ]
    )


def inputs(line: Line, seed: int, until_ns: int, count: int) -> list[tuple[int, Input]]:
    """Run the line to `until_ns` with about so many inputs at random instants; says which it took and when."""
    draw, taken = random.Random(seed), []
    for at in sorted(draw.randrange(line.now_ns, until_ns) for _ in range(count)):
        line.advance(at)
        for _ in range(20):
            given = candidate(draw, line)
            if not any(line.check(given)):
                taken.append((at, given))
                line.apply(given)
                line.advance(at)
                break
    line.advance(until_ns)
    return taken


def replayed(line: Line, taken: list[tuple[int, Input]], until_ns: int) -> Line:
    """Give a line the same inputs at the same times; those before its present are not given again."""
    for at, given in taken:
        line.advance(at)
        line.apply(given)
        line.advance(at)
    line.advance(until_ns)
    return line


HOUR = 3600 * S
