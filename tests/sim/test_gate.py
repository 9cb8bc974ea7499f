"""The gate: any JSON at all is checked without a crash, what passes can be applied, what is refused is named."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.inputs import Input
from sim.line import Line
from sim.link_faults import LinkState
from sim.refusal import Refusal
from sim.tag import Direction
from tests.sim.builders import Bench, belt, component, definition, reference, station
from tests.sim.invariants import check
from tests.sim.one_effect import one_effect

Make = Callable[..., Bench]
R = Refusal
OPS = ["write", "panel", "key", "jog", "remove_part", "operator", "fault", "end_fault", "other"]
KEYS = [
    "writes", "station", "element", "pressed", "control", "tag", "value", "part", "on", "id", "seam", "target", "how",
    "parameter", "method", "delay_ms", "fault",
]  # fmt: skip
WORDS = [
    "s", "s.belt", "s.belt_run", "s.belt_speed", "s.state", "s.cmd_reset", "s.state_request", "line.sim_time", "start",
    "estop", "builtin", "modbus", "f", "signal", "parameter", "disturbance", "link", "stuck", "factor", "replace",
    "traction", "jam", "s.eye", "s.button_start",
]  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=3)
JSON = st.recursive(
    SCALARS | st.lists(st.tuples(st.sampled_from(WORDS), SCALARS).map(list), max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)


def small() -> Bench:
    eye = component("eye", "photo_eye", belt="s.belt", position="500 mm")
    return Bench(definition(station("s", belt(), eye)))


@given(st.lists(st.tuples(st.sampled_from(OPS), st.dictionaries(st.sampled_from(KEYS), JSON)), max_size=6))
def test_any_input_is_refused_or_can_be_applied(given_inputs: list[tuple[str, dict[str, object]]]) -> None:
    bench = small()
    bench.lay()
    for op, args in given_inputs:
        before = bench.line.digest
        refusals = bench.line.check(Input(op, args))  # type: ignore[arg-type]
        assert bench.line.digest == before
        if not any(refusals):
            bench.give(op, **args)
            bench.run(0.5)
            check(bench.line)


@pytest.mark.parametrize(
    ("op", "args", "refusal"),
    [
        ("write", {"writes": [["sorting.missing", True]]}, R.UNKNOWN),
        ("write", {"writes": [["sorting.eye_1", True]]}, R.READ_ONLY),
        ("write", {"writes": [["sorting.belt_run", 1]]}, R.TYPE),
        ("write", {"writes": [["infeed.belt_speed", 401]]}, R.RANGE),
        ("write", {"writes": [["infeed.belt_speed", float("nan")]]}, R.RANGE),
        ("write", {"writes": [["sorting.cmd_unhold", True]]}, R.STATE),
        ("write", {"writes": [["sorting.state_request", 6]]}, R.STATE),
        ("write", {"writes": [["line.sim_time", 5]]}, R.READ_ONLY),
        ("write", {"writes": ["sorting.belt_run"]}, R.TYPE),
        ("write", {}, R.TYPE),
        ("panel", {"station": "sorting", "element": "lamp", "pressed": True}, R.UNKNOWN),
        ("panel", {"station": "sorting", "element": "start"}, R.TYPE),
        ("key", {"station": "sorting", "control": "remote"}, R.RANGE),
        ("key", {"station": ["sorting"], "control": "modbus"}, R.UNKNOWN),
        ("jog", {"tag": "sorting.belt_run", "value": True}, R.STATE),
        ("jog", {"tag": "sorting.eye_1", "value": True}, R.READ_ONLY),
        ("remove_part", {"part": 99}, R.UNKNOWN),
        ("remove_part", {"part": True}, R.UNKNOWN),
        ("operator", {"on": 1}, R.TYPE),
        ("fault", {"id": "f", "seam": "signal", "target": "sorting.eye_1", "how": "stuck", "value": 1}, R.TYPE),
        (
            "fault",
            {"id": "f", "seam": "signal", "target": "sorting.reader_colour", "how": "stuck", "value": 1.5},
            R.TYPE,
        ),
        ("fault", {"id": "f", "seam": "signal", "target": "sorting.parts_in", "how": "stuck", "value": -1}, R.RANGE),
        ("fault", {"id": "f", "seam": "signal", "target": "sorting.eye_1", "how": "frozen", "value": True}, R.UNKNOWN),
        ("fault", {"id": "f", "seam": "parameter", "target": "sorting.belt", "parameter": "colour"}, R.UNKNOWN),
        ("fault", {"id": "f", "seam": "disturbance", "target": "sorting.belt", "method": "take"}, R.UNKNOWN),
        ("fault", {"id": "f", "seam": "disturbance", "target": "sorting", "method": "jam"}, R.UNKNOWN),
        ("fault", {"id": "f", "seam": "link", "target": "profinet", "delay_ms": 300}, R.UNKNOWN),
        ("fault", {"id": "f", "seam": "link", "target": "modbus", "delay_ms": 10**9}, R.RANGE),
        (
            "fault",
            {
                "id": "f",
                "seam": "parameter",
                "target": "sorting.belt",
                "parameter": "length",
                "how": "factor",
                "value": 2_000_000,
            },
            R.READ_ONLY,
        ),
        (
            "fault",
            {"id": "f", "seam": "parameter", "target": "sorting.belt", "parameter": "speed", "how": "replace"},
            R.RANGE,
        ),
        ("end_fault", {"id": "f"}, R.STATE),
        ("teleport", {}, R.UNKNOWN),
    ],
)
def test_a_refusal_is_named(line: Make, op: str, args: dict[str, object], refusal: Refusal) -> None:
    bench = line()
    bench.run(1)
    bench.lay("infeed.belt")
    args = one_effect(args) if op == "fault" else args
    assert bench.line.check(Input(op, args)) == (refusal,)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="refused input"):
        bench.line.apply(Input(op, args))  # type: ignore[arg-type]


def test_one_refused_write_keeps_the_others_out(line: Make) -> None:
    bench = line(definition(station("s", belt())))
    request = Input("write", {"writes": [["s.belt_run", True], ["s.belt_speed", 500]]})
    assert bench.line.check(request) == (None, R.RANGE)
    with pytest.raises(ValueError, match="refused"):
        bench.line.apply(request)
    assert bench.get("s.belt_run") is False


def test_a_jog_needs_the_built_in_control(line: Make) -> None:
    bench = line(definition(station("s", belt())))
    jog = Input("jog", {"tag": "s.belt_run", "value": True})
    assert bench.line.check(jog) == (None,)
    bench.give("key", station="s", control="opcua")
    assert bench.line.check(jog) == (R.NOT_OWNER,)


def test_every_output_of_the_reference_line_can_be_written_to_both_ends_of_its_range(line: Make) -> None:
    bench = line(reference())
    for tag in bench.line.tags:
        if tag.direction is Direction.OUTPUT:
            for value in (False, True) if tag.range is None else tag.range:
                typed = value if tag.range is None or not tag.type.is_integer else int(value)
                bench.give("write", writes=[[tag.name, typed]])
                assert bench.field(tag.name) == value


@pytest.mark.parametrize(
    ("args", "refusal"),
    [
        ({"how": "down"}, None),
        ({"how": "loss", "share_ppm": 1}, None),
        ({"how": "loss"}, R.RANGE),
        ({"how": "duplicate", "share_ppm": 1_000_001}, R.RANGE),
        ({"how": "duplicate", "share_ppm": True}, R.RANGE),
        ({"how": "smoke"}, R.UNKNOWN),
        ({"how": 1}, R.UNKNOWN),
    ],
)
def test_a_link_fault_has_a_way_and_a_figure(line: Make, args: dict[str, object], refusal: Refusal | None) -> None:
    given = Input("fault", one_effect({"id": "f", "seam": "link", "target": "mqtt", **args}))
    assert line().line.check(given) == (refusal,)


def test_the_worst_of_several_link_faults_counts_and_survives_a_checkpoint(line: Make) -> None:
    bench = line()
    for ident, args in {
        "a": {"how": "loss", "share_ppm": 10},
        "b": {"how": "loss", "share_ppm": 20},
        "c": {"how": "duplicate", "share_ppm": 5},
        "d": {"delay_ms": 7},
        "e": {"how": "stale"},
    }.items():
        bench.give("fault", id=ident, seam="link", target="mqtt", **args)
    assert bench.line.link("mqtt") == LinkState(7, False, False, 20, 5, True)
    assert bench.line.link("modbus") == LinkState()
    assert Line.restore(bench.line.definition, bench.line.checkpoint()).link("mqtt") == bench.line.link("mqtt")
    bench.give("end_fault", id="b")
    bench.give("end_fault", id="e")
    assert bench.line.link("mqtt") == LinkState(7, False, False, 10, 5)
