"""Maintenance and the fault engine together: work that fits ends a fault, other work does not, and neither says so."""

import json
from typing import Any

import pytest

from sim.inputs import Input
from sim.line import Line
from tests.sim.builders import Bench, belt, component, definition, station

S = 10**9
CRACK = {"zh": "镜头裂开", "en": "The lens is cracked"}
STUCK: dict[str, Any] = {
    "id": "f1",
    "fault": "photo_eye_stuck",
    "target": "s.eye",
    "effects": [{"seam": "signal", "tag": "s.eye", "how": "stuck", "value": True}],
    "duration": {"kind": "until_repaired"},
    "repair": [{"target": "s.eye", "operation": "replace"}],
    "findings": {"inspect": CRACK},
}
PULLED: dict[str, Any] = {
    "id": "f2",
    "fault": "mqtt_cable",
    "target": "mqtt",
    "effects": [{"seam": "link", "wire": "mqtt", "how": "silent"}],
    "repair": [{"target": "mqtt", "operation": "replace"}],
}


@pytest.fixture
def bench() -> Bench:
    eye = component("eye", "photo_eye", belt="s.belt", position="500 mm")
    return Bench(definition(station("s", belt(), eye)))


def work(bench: Bench, target: str, operation: str) -> list[str]:
    """Do it to the end; the words of what was found."""
    bench.give("maintain", target=target, operation=operation)
    while bench.line.maintenance.s.jobs:
        bench.run(5)
    return [note.en for note in bench.line.maintenance.s.records[-1].findings.notes]


def says(bench: Bench, tag: str) -> object:
    found = bench.line.tags.find(tag)
    assert found is not None
    return bench.line.read(found.index).value


def test_the_right_work_ends_a_fault_and_only_the_signal_says_so(bench: Bench) -> None:
    bench.give("fault", **STUCK)
    bench.give("lock", station="s", on=True)
    cleaned = work(bench, "s.eye", "clean")
    assert says(bench, "s.eye") is True
    replaced = work(bench, "s.eye", "replace")
    assert (says(bench, "s.eye"), bench.line.faults) == (False, {})
    assert cleaned == replaced == ["Done."]


def test_a_look_finds_what_the_fault_shows_and_nothing_on_its_neighbour(bench: Bench) -> None:
    healthy = work(bench, "s.eye", "inspect")
    bench.give("fault", **STUCK)
    faulty = work(bench, "s.eye", "inspect")
    assert healthy[-1] == "Nothing else is conspicuous."
    assert faulty[-1] == CRACK["en"]
    assert healthy[:-2] == faulty[:-2]
    assert healthy[-2].endswith("lamp of the card dark, really no")
    assert faulty[-2].endswith("lamp of the card lit, really no")
    assert work(bench, "s.belt", "inspect")[-1] == "Nothing else is conspicuous."


def test_a_pulled_plug_shows_in_the_round_trip_and_a_new_cable_mends_it(bench: Bench) -> None:
    bench.give("fault", **PULLED)
    work(bench, "mqtt", "measure")
    trip, lost, _ = bench.line.maintenance.s.records[-1].findings.figures
    assert (trip.found, lost.found) == (None, 100.0)
    work(bench, "mqtt", "replace")
    assert not bench.line.link("mqtt").silent
    work(bench, "mqtt", "measure")
    assert bench.line.maintenance.s.records[-1].findings.figures[0].found == 0.5


@pytest.mark.parametrize(
    ("how", "lamp", "traffic"),
    [
        ("silent", "dark", "none"),  # the cable is out
        ("down", "lit", "none"),  # the service has stopped, the port has not
        ("filtered", "lit", "yes"),  # who is connected stays so
        ("restart", "dark", "none"),
    ],
)
def test_the_lamps_of_a_port_show_what_is_wrong_with_it(bench: Bench, how: str, lamp: str, traffic: str) -> None:
    bench.give("fault", id="f1", effects=[{"seam": "link", "wire": "mqtt", "how": how}])
    assert work(bench, "mqtt", "inspect")[:2] == [f"Link lamp: {lamp}", f"Traffic: {traffic}"]
    work(bench, "mqtt", "measure")
    assert bench.line.maintenance.s.records[-1].findings.figures[0].found is None, (
        "a request of one's own is not answered"
    )


@pytest.mark.parametrize("at_s", [1, 60, 119])
def test_a_restore_in_the_middle_of_a_repair_ends_the_fault_at_the_same_instant(bench: Bench, at_s: int) -> None:
    bench.give("fault", **STUCK)
    bench.give("lock", station="s", on=True)
    bench.give("maintain", target="s.eye", operation="replace")
    bench.run(at_s)
    restored = Line.restore(bench.line.definition, json.loads(json.dumps(bench.line.checkpoint())))
    for line in (bench.line, restored):
        line.advance(119 * S)
        assert list(line.faults) == ["f1"]
        line.advance(120 * S)
        assert not line.faults
    assert restored.digest == bench.line.digest
    assert restored.check(Input("lock", {"station": "s", "on": False})) == (None,)
