"""Every shipped line under any hands at any instant: keys, buttons, writes, part removals, emergency stops, faults.

Nothing is lost, doubled, in two places or overlapping; times in state add up, counters only grow, states go legal ways,
Little's law holds. What the lines are then brought back from is the matter of `test_any_hands.py`.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scenarios import line_file
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.invariants import Invariants
from sim.line import Line
from sim.packml import COMMANDS
from sim.state import JsonValue
from sim.tag import DataType, Direction, Tag
from tests.sim.builders import REFERENCE, S
from tests.sim.invariants import check
from tests.sim.one_effect import one_effect

PATHS = sorted(REFERENCE.parent.glob("*.yaml"))
Choose = Callable[[int], int]  # of so many, one
CONTROLS = ("builtin", "modbus", "opcua", "mqtt")
FACTORS = (0, 300_000, 2_000_000)  # ppm


@cache
def loaded(path: Path) -> LineDefinition:
    return line_file.load(path)


# ---- deeds: each draws what it needs from `choose` ---------------------------------------------------------------


def station(line: Line, choose: Choose) -> str:
    names = list(line.plant.units)
    return names[choose(len(names))]


def value_of(tag: Tag, choose: Choose) -> JsonValue:
    if tag.type is DataType.BOOL:
        return bool(choose(2))
    low, high = tag.range or (0, 100)
    value = low + (high - low) * choose(5) / 4
    return int(value) if tag.type.is_integer else float(value)


def write(line: Line, choose: Choose) -> Input:
    outputs = [tag for tag in line.tags if tag.direction in (Direction.OUTPUT, Direction.PARAMETER)]
    tag = outputs[choose(len(outputs))]
    return Input("write", {"writes": [[tag.name, value_of(tag, choose)]]})


def command(line: Line, choose: Choose) -> Input:
    name = [*COMMANDS, "sc_done"][choose(len(COMMANDS) + 1)]
    return Input("write", {"writes": [[f"{station(line, choose)}.{'' if name == 'sc_done' else 'cmd_'}{name}", True]]})


def key(line: Line, choose: Choose) -> Input:
    return Input("key", {"station": station(line, choose), "control": CONTROLS[choose(4)]})


def panel(line: Line, choose: Choose) -> Input:
    of = station(line, choose)
    devices = [c.name.partition(".")[2] for c in line.plant.components.values() if c.station == of]
    elements = ["start", "stop", "reset", "estop", "estop", *devices]
    element, down = elements[choose(len(elements))], bool(choose(2))
    return Input("panel", {"station": of, "element": element, "pressed": down})


def remove(line: Line, choose: Choose) -> Input | None:
    serials = sorted(line.plant.parts.by_serial)
    return Input("remove_part", {"part": serials[choose(len(serials))]}) if serials else None


def operator(line: Line, choose: Choose) -> Input:
    return Input("operator", {"on": bool(choose(2))})


def fault(line: Line, choose: Choose) -> Input | None:
    ident: JsonValue = f"f{choose(4)}"
    seam = choose(3)
    if seam == 0:
        tag = list(line.tags)[choose(len(line.tags))]
        return Input("fault", one_effect({"id": ident, "seam": "signal", "target": tag.name, "how": "stuck",
                                          "value": value_of(tag, choose)}))  # fmt: skip
    component = list(line.plant.components.values())[choose(len(line.plant.components))]
    given: dict[str, JsonValue] = {"id": ident, "target": component.name}
    if seam == 1 and component.p:
        name = sorted(component.p)[choose(len(component.p))]
        given |= {"seam": "parameter", "parameter": name, "how": "factor", "value": FACTORS[choose(3)]}
    elif component.KIND.disturbances:
        found = component.KIND.disturbances
        given |= {"seam": "disturbance", "method": found[choose(len(found))].name}
    else:
        return None
    return Input("fault", one_effect(given))


def end_fault(line: Line, choose: Choose) -> Input:
    return Input("end_fault", {"id": f"f{choose(4)}"})


DEEDS = (write, write, write, command, key, panel, remove, operator, fault, fault, end_fault, end_fault)


def wild(path: Path, seed: int, warm_s: int, data: st.DataObject, most: int) -> None:
    """Deeds at instants of the line's own events and between them; looked at after each."""
    line = Line(loaded(path), seed)
    invariants = Invariants(line)
    line.advance(warm_s * S)

    def choose(count: int) -> int:
        return data.draw(st.integers(0, count - 1))

    for _ in range(data.draw(st.integers(0, most))):
        if choose(3) == 0:
            for _ in range(1 + choose(10)):
                line.advance(line.next_due_ns() or line.now_ns)
        else:
            line.advance(line.now_ns + data.draw(st.integers(0, 15 * S)))
        deed = DEEDS[choose(len(DEEDS))](line, choose)
        if deed is not None and not any(line.check(deed)):
            line.apply(deed)
            line.advance(line.now_ns)
        check(line)
        assert invariants.look() == []
    line.advance(line.now_ns + 60 * S)
    check(line)
    assert invariants.look() == []


def test_steps_that_go_round_without_end_go_round_once_a_cycle() -> None:
    """A sensor stuck at true: part after part seems to be in the centre. The line goes on and so does time."""
    line = Line(loaded(REFERENCE.parent / "sorting-by-height.yaml"), 1)
    line.advance(60 * S)
    for ident, tag in (("f", "sorter.transfer_centred"), ("g", "sorter.low")):
        stuck = {"id": ident, "seam": "signal", "target": tag, "how": "stuck", "value": True}
        line.apply(Input("fault", one_effect(stuck)))
    stuck = {"id": "h", "seam": "signal", "target": "sorter.transfer_part", "how": "stuck", "value": False}
    line.apply(Input("fault", one_effect(stuck)))
    before = line.events
    line.advance(61 * S)
    assert 10_000 < line.events - before < 100 * 2000
    for ident in ("f", "g", "h"):
        line.apply(Input("end_fault", {"id": ident}))
    line.advance(62 * S)
    before = line.events
    line.advance(70 * S)
    assert line.events - before < 1000


CHECKS = list(HealthCheck)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_impossible_happens_on_any_line(path: Path) -> None:
    @settings(max_examples=4, suppress_health_check=CHECKS, phases=[Phase.generate], database=None, derandomize=True)
    @given(st.integers(1, 9), st.integers(0, 120), st.data())
    def run(seed: int, warm_s: int, data: st.DataObject) -> None:
        wild(path, seed, warm_s, data, 12)

    run()


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_impossible_happens_on_any_line_for_long(path: Path) -> None:
    @settings(max_examples=150, suppress_health_check=CHECKS)
    @given(st.integers(1, 1000), st.integers(0, 400), st.data())
    def run(seed: int, warm_s: int, data: st.DataObject) -> None:
        wild(path, seed, warm_s, data, 60)

    run()
