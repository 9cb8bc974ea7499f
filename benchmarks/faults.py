"""What faults cost: the reference line headless with the fault layer and no fault, and with fifty of them.

Against the same line whose image has no place for faults at all: `set` as it would be if nothing could ever sit between
plant and field. The fifty are of all seams and leave the course of the line nearly as it is, so that the figure is the
cost of the faults and not of the trouble that they make.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from api.cli.content import load_line
from benchmarks.figures import Figure, Took, ratio, timed
from sim.definition import LineDefinition
from sim.image import ProcessImage
from sim.inputs import Input
from sim.line import Line
from sim.state import JsonValue
from sim.tag import DataType, Direction, Tag, Value

HALF_HOUR_NS = 1_800_000_000_000
ROUNDS = 7
COUNT = 50
Effect = dict[str, JsonValue]


def measure() -> list[Figure]:
    definition = load_line("smart-factory")
    bare: list[Took] = []
    none: list[Took] = []
    many: list[Took] = []
    events: list[int] = []
    for seed in range(1, ROUNDS + 1):  # interleaved: a busy machine is busy for all
        with no_place_for_faults():
            bare.append(_run(Line(definition, seed)))
        healthy = Line(definition, seed)
        none.append(_run(healthy))
        faulty = with_faults(definition, seed)
        many.append(_run(faulty))
        events.append(round(100 * (faulty.events / healthy.events - 1)))
    return [
        ratio("speed, no fault / no place for faults", _speeds(none), _speeds(bare), "by CPU time", "0.97"),
        ratio(f"speed, {COUNT} faults / no fault", _speeds(many), _speeds(none), f"{max(events)} % more events"),
        Figure(f"real time with {COUNT} faults, by CPU time", 1800 / min(took.cpu_s for took in many), "x"),
    ]


def _run(line: Line) -> Took:
    return timed(lambda: line.advance(line.now_ns + HALF_HOUR_NS))


def _speeds(took: Sequence[Took]) -> list[float]:
    return [1 / each.cpu_s for each in took]


def with_faults(definition: LineDefinition, seed: int) -> Line:
    """The line with fifty faults."""
    line = Line(definition, seed)
    for number, effect in enumerate(effects(line)):
        given: Effect = {"id": f"f{number}", "effects": [effect]}
        if number % 5 == 0:
            given["ends_when"] = "line.sim_time < 0"  # looked at every second
        line.apply(Input("fault", given))
    line.advance(0)
    return line


def effects(line: Line) -> list[Effect]:
    """Qualities of sensors, biased and noisy meters, late status, parameters that creep, late wires."""
    bits = [tag for tag in line.tags if tag.direction is Direction.INPUT and tag.type is DataType.BOOL]
    meters = [tag for tag in line.tags if tag.computed and tag.direction is Direction.INPUT]
    status = [tag for tag in line.tags if tag.direction is Direction.STATUS and not tag.computed]
    belts = [name for name, component in line.plant.components.items() if "traction" in component.p]
    found: list[Effect] = [_on(tag, "quality", quality="uncertain", reason="sub_normal") for tag in bits[:20]]
    found += [_on(tag, "bias", by=1) for tag in meters[:6]]
    found += [_on(tag, "noise", amplitude=1) for tag in meters[:6]]
    found += [_on(tag, "delay", ns=500_000_000) for tag in status[:8]]
    for belt in belts[:5]:
        found.append({"seam": "parameter", "component": belt, "parameter": "traction", "how": "ramp", "value": -1000})
    found += [{"seam": "link", "wire": wire, "how": "delay", "delay_ms": 300} for wire in ("modbus", "opcua", "mqtt")]
    found += [_on(tag, "delay", ns=1000) for tag in bits[: COUNT - len(found)]]
    return found[:COUNT]


def _on(tag: Tag, how: str, **figures: JsonValue) -> Effect:
    return {"seam": "signal", "tag": tag.name, "how": how, **figures}


@contextmanager
def no_place_for_faults() -> Iterator[None]:
    """The image as if nothing could sit between its two sides."""

    def set_both(image: ProcessImage, index: int, value: Value) -> None:
        state = image.state
        source, target = (state.field, state.plant) if image._output[index] else (state.plant, state.field)
        if source[index] == value:
            return
        source[index] = target[index] = value
        image._emit("tag", index, value)
        image._tell(index)
        if index in image._hearers:
            image._wake(image._hearers[index])

    with patch.object(ProcessImage, "set", set_both):
        yield
