"""Flow components under changes on the way, failures, faults and restores: the result is the analytic one."""

import json
from random import Random  # noqa: TID251

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.components.flow_base import FlowComponent
from sim.inputs import Input
from sim.invariants import Invariants
from sim.line import Line
from sim.statistics import Statistics
from tests.sim.exact import MODELS, Model
from tests.sim.flow_lines import Flow, S, exponential, figures, flow_definition, tandem
from tests.sim.one_effect import one_effect

HALT = {"id": "f", "seam": "disturbance", "target": "flow.m1", "method": "halt"}


def line(flow: Flow, seed: int = 1) -> Line:
    return Line(flow_definition(flow), seed)


def holds(live: Line, name: str) -> list[int]:
    component = live.plant.components[f"flow.{name}"]
    assert isinstance(component, FlowComponent)
    return component.holds()


def fault(ident: str, target: str, parameter: str, how: str, value: int) -> Input:
    return Input("fault", one_effect({
        "id": ident, "seam": "parameter", "target": f"flow.{target}", "parameter": parameter, "how": how,
        "value": value,
    }))  # fmt: skip


def give(live: Line, *given: Input) -> None:
    for one in given:
        live.apply(one)
        live.advance(live.now_ns)


@pytest.mark.parametrize("rate", [500_000, 2_000_000, 3_000_000])
def test_another_rate_holds_for_the_rest_of_the_work(rate: int) -> None:
    live = line(tandem(["10 s"], []))
    live.advance(4 * S)
    give(live, fault("f", "m1", "rate", "replace", rate))
    done = 4 * S + -(-6 * S * 1_000_000 // rate)
    live.advance(done - 1)
    assert figures(live, "sink")["finished"] == 0
    live.advance(done)
    assert figures(live, "sink")["finished"] == 1


def test_back_at_the_old_rate_the_work_left_takes_its_time() -> None:
    live = line(tandem(["10 s"], []))
    live.advance(4 * S)
    give(live, fault("f", "m1", "rate", "factor", 500_000))
    live.advance(8 * S)  # 4 s of work and 4 s at half the rate: 4 s are left
    give(live, Input("end_fault", {"id": "f"}))
    live.advance(12 * S - 1)
    assert figures(live, "sink")["finished"] == 0
    live.advance(12 * S)
    assert figures(live, "sink")["finished"] == 1


def test_another_law_holds_from_the_next_part_on() -> None:
    live = line(tandem(["10 s"], []))
    live.advance(1 * S)
    give(live, fault("f", "m1", "service.mean", "replace", 3 * S))
    live.advance(10 * S + 9 * S)
    assert figures(live, "sink")["finished"] == 1 + 3


def test_a_halted_machine_goes_on_where_it_stopped() -> None:
    live = line(tandem(["10 s", "1 s"], [1]))
    live.advance(4 * S)
    give(live, Input("fault", one_effect(HALT)))
    live.advance(9 * S)
    give(live, Input("end_fault", {"id": "f"}))
    live.advance(16 * S)
    assert figures(live, "sink")["finished"] == 1
    assert {k: v // S for k, v in figures(live, "m1").items() if k in ("working", "down")} == {"working": 11, "down": 5}


def test_more_places_take_the_waiting_part_at_once_and_fewer_are_filled_no_more() -> None:
    live = line(tandem(["1 s", "100 s"], [1]))
    live.advance(5 * S)
    assert figures(live, "m1")["finished"] == 3  # at work, in the buffer, held
    give(live, fault("f", "b1", "capacity", "replace", 4))
    live.advance(20 * S)
    assert figures(live, "m1")["finished"] == 6
    give(live, Input("end_fault", {"id": "f"}))
    live.advance(401 * S)  # four in the buffer have gone on; then one place
    assert len(holds(live, "b1")) == 1


def test_a_second_server_begins_at_once() -> None:
    live = line(tandem(["10 s"], []))
    live.advance(5 * S)
    give(live, fault("f", "m1", "servers", "replace", 2))
    live.advance(15 * S)
    assert figures(live, "m1")["finished"] == 2


def test_failures_by_operating_time_wait_while_the_machine_waits() -> None:
    """The first works 1 s in 10: up for 2 s of work it fails in its third part, by calendar time at 2 s."""
    at = {}
    for counted in ("operating", "calendar"):
        flow = tandem(["1 s", "10 s"], [0])
        flow["m1"] |= {"failures": counted, "uptime": "2500 ms", "repair": "1 s"}
        live = line(flow)
        while not figures(live, "m1")["failures"]:
            live.advance(live.now_ns + S // 10)
        at[counted] = live.now_ns / S
    assert at == {"operating": 11.5, "calendar": 2.5}


def test_a_machine_that_is_down_neither_takes_nor_gives() -> None:
    flow = tandem(["1 s", "10 s"], [1])
    live = line(flow)
    live.advance(4 * S)  # the first holds its third part
    give(live, Input("fault", one_effect(HALT)))
    live.advance(30 * S)
    assert holds(live, "m1") == [3]
    give(live, Input("end_fault", {"id": "f"}))
    assert holds(live, "b1") == []
    assert 3 in holds(live, "m2")


def test_one_repairer_repairs_one_after_the_other() -> None:
    flow: Flow = {"crew": {"kind": "crew"}, "sink": {"kind": "sink"}}
    for k in (1, 2, 3):
        flow[f"s{k}"] = {"kind": "source", "to": f"m{k}"}
        failures = {"failures": "calendar", "uptime": "100 s", "repair": "10 s", "crew": "crew"}
        flow[f"m{k}"] = {"kind": "machine", "service": "1 h", "to": "sink", **failures}
    live = line(flow)
    live.advance(140 * S)
    assert [figures(live, f"m{k}")["down"] // S for k in (1, 2, 3)] == [10, 20, 30]
    assert figures(live, "crew") == {"repairs": 3, "busy_ns": 30 * S}


def test_scrap_leaves_at_once_and_its_pallet_returns() -> None:
    flow = tandem(["1 s", "1 s"], [5])
    flow["m1"]["scrap"] = 1
    flow["source"]["pallets"] = "pallets"
    flow["pallets"] = {"kind": "pallets", "count": 1}
    live = line(flow)
    live.advance(10 * S)
    assert figures(live, "m1")["scrapped"] == 10
    assert live.report().parts_rejected == 10
    assert figures(live, "pallets")["trips"] == 10


def test_pallets_take_time_to_come_back() -> None:
    flow = tandem(["1 s"], [])
    flow["source"]["pallets"] = "pallets"
    flow["pallets"] = {"kind": "pallets", "count": 2, "return_time": "4 s"}
    live = line(flow)
    live.advance(21 * S)
    assert figures(live, "sink")["finished"] == 9  # two in each 5 s: 1, 2, 6, 7, 11, 12, 16, 17, 21


def test_arrivals_that_find_no_room_are_lost_or_wait() -> None:
    counts = {}
    for full in ("lose", "wait"):
        flow = tandem(["3 s"], [])
        flow["source"] |= {"arrivals": "1 s", "full": full}
        live = line(flow)
        live.advance(10 * S)
        counts[full] = figures(live, "source")["lost"], len(holds(live, "source"))
    assert counts == {"lose": (6, 0), "wait": (0, 6)}


def test_an_assembly_joins_and_the_pieces_are_gone() -> None:
    flow: Flow = {"a": {"kind": "assembly", "service": "1 s", "to": "sink"}, "sink": {"kind": "sink"}}
    for k, gap in ((1, "2 s"), (2, "3 s")):
        flow[f"s{k}"] = {"kind": "source", "arrivals": gap, "to": "a"}
    live = line(flow)
    live.advance(30 * S)
    report = live.report()
    assert report.parts_finished == 9  # one every 3 s from the third second on, a second later
    assert live.plant.parts.merged == 10
    assert report.parts_on_line == len(live.plant.parts.by_serial)


def test_a_part_taken_by_hand_leaves_its_place() -> None:
    live = line(tandem(["1 s", "100 s"], [2]))
    live.advance(10 * S)
    give(live, Input("remove_part", {"part": 1}))
    assert 1 not in live.plant.parts.by_serial
    assert holds(live, "m2") == [2]
    assert Invariants(live).look() == []


def test_statistics_of_a_stretch_leave_the_warm_up_out() -> None:
    live = line(tandem(["1 s", "2 s"], [3]))
    statistics = Statistics(live)
    live.advance(100 * S)
    statistics.begin()
    live.advance(200 * S)
    found = statistics.result()
    assert (found.parts, found.throughput_per_h) == (50, 1800.0)
    assert found.wip == 5.0  # at work, three in the buffer, held or begun
    assert found.flow_s == pytest.approx(10.0)
    first, second = found.stations
    assert (first.working, first.blocked, second.working) == (0.5, 0.5, 1.0)


# ---- state as data --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_restored_line_goes_on_the_same(model: Model) -> None:
    whole = line(model.flow, 3)
    whole.advance(40 * S)
    written = json.loads(json.dumps(whole.checkpoint()))
    again = Line.restore(whole.definition, written, Random(1).shuffle)
    for live in (whole, again):
        live.advance(120 * S)
    assert again.digest == whole.digest
    assert again.checkpoint() == whole.checkpoint()


# ---- anything at any time -------------------------------------------------------------------------------------------

BUSY: Flow = {
    **tandem([exponential(2), exponential(2), "1 s"], [2, 0]),
    "crew": {"kind": "crew"},
    "pallets": {"kind": "pallets", "count": 5, "return_time": "1 s"},
    "s2": {"kind": "source", "arrivals": exponential(2.5), "full": "lose", "to": "m4"},
    "m4": {"kind": "machine", "service": exponential(3), "servers": 3, "scrap": "10 %", "to": "b4"},
    "b4": {"kind": "buffer", "capacity": 3, "transit": "2 s", "to": "a"},
    "a": {"kind": "assembly", "service": "1500 ms", "to": "sink"},
}
BUSY["source"] |= {"pallets": "pallets"}
BUSY["m2"] |= {"failures": "operating", "uptime": exponential(10), "repair": exponential(3), "crew": "crew"}
BUSY["m4"] |= {"failures": "calendar", "uptime": exponential(15), "repair": exponential(3), "crew": "crew"}
BUSY["m3"] |= {"to": "b3"}
BUSY["b3"] = {"kind": "buffer", "capacity": 1, "to": "a"}

CHANGES = st.sampled_from([
    ("m1", "rate", "factor", 300_000), ("m4", "servers", "replace", 1), ("m4", "servers", "offset", 2),
    ("b1", "capacity", "replace", 0), ("b4", "transit", "factor", 5_000_000), ("m2", "failures", "replace", 2),
    ("m4", "failures", "replace", 0), ("pallets", "count", "replace", 1), ("crew", "repairers", "offset", 1),
    ("source", "limit", "replace", 3), ("m2", "service.mean", "factor", 0), ("b4", "capacity", "replace", 1),
])  # fmt: skip
STEPS = st.tuples(st.integers(0, 20 * S), CHANGES | st.sampled_from(["halt m1", "halt a", "remove", "end"]))


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=12), st.integers(1, 1000))
def test_whatever_is_done_whenever_nothing_impossible_happens(steps: list[tuple[int, object]], seed: int) -> None:
    live = line(BUSY, seed)
    invariants = Invariants(live)
    for number, (span, step) in enumerate(steps):
        live.advance(live.now_ns + span)
        do(live, number, step)
        assert invariants.look() == []
    live.advance(live.now_ns + 60 * S)
    assert invariants.look() == []


def do(live: Line, number: int, step: object) -> None:
    if isinstance(step, tuple):
        given = fault(f"f{number}", *step)
        give(live, *[given] * (live.check(given) == (None,)))  # a second replacement of one parameter is refused
    elif step == "remove":
        for serial in list(live.plant.parts.by_serial)[number % 3 :][:1]:
            give(live, Input("remove_part", {"part": serial}))
    elif step == "end":
        for ident in list(live.faults)[:1]:
            give(live, Input("end_fault", {"id": ident}))
    else:
        target = f"flow.{str(step).split()[1]}"
        give(live, Input("fault", one_effect(HALT | {"id": f"f{number}", "target": target})))
