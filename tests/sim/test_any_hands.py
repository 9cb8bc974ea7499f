"""The reference line under any hands: keys, buttons, jogs, part removals, PLCs that write nonsense, at any instant.

No part is lost, doubled or in two places, none overlap, states go legal ways, counts only grow; and whatever was done,
the keys turned back, Clear, Reset and Start bring every station to Execute and parts flow again.
"""

from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.inputs import Input
from sim.packml import COMMANDS, State
from sim.tag import Direction
from tests.sim.builders import Bench, reference
from tests.sim.invariants import check
from tests.sim.test_packml import STEPS

STATIONS = [s.name for s in reference().stations]
LINE = Bench(reference()).line
OUTPUTS = [tag for tag in LINE.tags if tag.direction is Direction.OUTPUT]
COUNTS = [tag.name for tag in LINE.tags if tag.signal.startswith("parts_")]
station = st.sampled_from(STATIONS)
output = st.sampled_from(OUTPUTS).flatmap(
    lambda tag: st.tuples(
        st.just(tag.name),
        st.booleans()
        if tag.range is None
        else st.integers(0, 6)
        if tag.type.is_integer
        else st.sampled_from([0.0, 55.5, 200.0, 400.0]),
    )
)
DEEDS = st.one_of(
    st.tuples(st.just("key"), st.tuples(station, st.sampled_from(["builtin", "modbus", "opcua", "mqtt"]))),
    st.tuples(st.just("write"), output),
    st.tuples(st.just("write"), output),
    st.tuples(st.just("jog"), output),
    st.tuples(st.just("cmd"), st.tuples(station, st.sampled_from([*COMMANDS, "sc_done"]))),
    st.tuples(st.just("estop"), st.tuples(station, st.booleans())),
    st.tuples(st.just("remove"), st.integers(0, 50)),
    st.tuples(st.just("operator"), st.booleans()),
    st.tuples(st.just("wait"), st.integers(1, 20 * 10**9)),
    st.tuples(st.just("next"), st.integers(1, 12)),
)


def deed_of(bench: Bench, deed: str, what: object) -> Input | None:
    """The input that a deed comes down to, None for one that is no input."""
    if deed == "remove":
        serials = sorted(bench.line.plant.parts.by_serial)
        return Input("remove_part", {"part": serials[what % len(serials)]}) if serials else None  # type: ignore[operator]
    if deed == "operator":
        return Input("operator", {"on": what})  # type: ignore[dict-item]
    name, value = cast(tuple[str, Any], what)
    return {
        "key": lambda: Input("key", {"station": name, "control": value}),
        "estop": lambda: Input("panel", {"station": name, "element": "estop", "pressed": value}),
        "jog": lambda: Input("jog", {"tag": name, "value": value}),
        "write": lambda: Input("write", {"writes": [[name, value]]}),
        "cmd": lambda: Input("write", {"writes": [[f"{name}.{'' if value == 'sc_done' else 'cmd_'}{value}", True]]}),
    }[deed]()


def do(bench: Bench, deed: str, what: object) -> None:
    line = bench.line
    if deed == "wait":
        line.advance(line.now_ns + what)  # type: ignore[operator]
    elif deed == "next":
        for _ in range(what):  # type: ignore[call-overload]
            line.advance(line.next_due_ns() or line.now_ns)
    else:
        given_input = deed_of(bench, deed, what)
        own = deed != "write" or line.control(what[0].partition(".")[0]) != "builtin"  # type: ignore[index]
        if given_input is not None and own and not any(line.check(given_input)):
            bench.give(given_input.op, **given_input.args)


def legal(bench: Bench) -> None:
    paths = {name: [State(number).name] for name, number in bench.first.items()}
    for _, kind, subject, data in bench.events:
        if kind == "state":
            paths[str(subject)].append(State(data).name)  # type: ignore[arg-type]
    for name, path in paths.items():
        for step in pairwise(path):
            assert step in STEPS, f"{name}: {step}"


def recover(bench: Bench) -> None:
    """What an instructor does at the end of a wild lesson."""
    bench.give("operator", on=True)
    for name in STATIONS:
        bench.give("panel", station=name, element="estop", pressed=False)
        bench.give("key", station=name, control="builtin")
    for command in ("clear", "stop", "reset"):
        for name in STATIONS:
            do(bench, "cmd", (name, command))
        bench.run(0.1)
    bench.run(30)
    assert set(bench.state.values()) == {State.IDLE}, bench.state
    for name in STATIONS:
        bench.give("write", writes=[[f"{name}.cmd_start", True]])


def wild(before_s: int, deeds: list[tuple[str, object]]) -> None:
    """A wild lesson, and the order after it."""
    bench = Bench(reference())
    bench.run(before_s)
    counts = [bench.get(name) for name in COUNTS]
    for deed, what in deeds:
        do(bench, deed, what)
        check(bench.line)
        now = [bench.get(name) for name in COUNTS]
        assert all(a <= b for a, b in zip(counts, now, strict=True))
        counts = now
    recover(bench)
    bench.run(400)  # what stands about goes its way, bins are emptied
    check(bench.line)
    _flows(bench)
    legal(bench)


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=10, suppress_health_check=CHECKS, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, 300), st.lists(DEEDS, max_size=40))
def test_nothing_is_lost_and_everything_comes_back(before_s: int, deeds: list[tuple[str, object]]) -> None:
    wild(before_s, deeds)


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=600, suppress_health_check=CHECKS)
@given(st.integers(0, 300), st.lists(DEEDS, max_size=60))
def test_nothing_is_lost_in_many_wild_lessons(before_s: int, deeds: list[tuple[str, object]]) -> None:
    wild(before_s, deeds)


def test_a_part_taken_out_of_the_machine_in_mid_cut() -> None:
    wild(60, [*[("next", 1)] * 40, ("remove", 2), ("wait", 10**10)])


def test_a_speed_that_a_plc_left_at_nought() -> None:
    wild(60, [("key", ("infeed", "modbus")), ("write", ("infeed.belt_speed", 0.0)), ("wait", 10**10)])


def _flows(bench: Bench) -> None:
    """About one part every ten seconds again."""
    made, finished = bench.line.plant.parts.made, _finished(bench)
    bench.run(400)
    check(bench.line)
    assert State.ABORTED not in bench.state.values()
    assert bench.line.plant.parts.made - made >= 25, bench.state
    assert _finished(bench) - finished >= 25, bench.state


def _finished(bench: Bench) -> int:
    return bench.line.plant.parts.good + bench.line.plant.parts.rejected
