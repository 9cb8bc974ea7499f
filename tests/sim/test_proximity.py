"""Inductive and capacitive sensors: material, distance, hysteresis."""

from dataclasses import replace

import pytest

from sim.definition import PartKind
from tests.sim.builders import MM, Bench, component, definition, station, text

MATERIALS = ("metal", "glass", "wood", "plastic", "cardboard")


def before(kind: str, material: str, **given: str) -> Bench:
    """A part of this material stands before the sensor."""
    made = definition(
        station(
            "s",
            component("supply", "supply", belt="s.belt", least="1000 s", most="1000 s"),
            component("belt", "belt", length="600 mm"),
            component("pin", "stopper", belt="s.belt", position="330 mm"),
            component("it", kind, belt="s.belt", position="300 mm", **given),
        )
    )
    bench = Bench(replace(made, part=replace(made.part, kinds=[PartKind(text("p"), 1, material=material)])))
    bench.write(s__belt_run=True)
    bench.run(5)
    return bench


def move_to(bench: Bench, mm: float) -> bool:
    """Knock the sensor to another distance; whether it is on then."""
    bench.line.plant.components["s.it"].restore("f")
    bench.give("fault", id="f", fault="x", seam="parameter", target="s.it", parameter="distance", how="replace",
               value=int(mm * MM))  # fmt: skip
    on = bool(bench.get("s.it"))
    bench.give("end_fault", id="f")
    return on


@pytest.mark.parametrize("material", MATERIALS)
def test_an_inductive_sensor_sees_metal_within_its_range_only(material: str) -> None:
    assert before("inductive", material).get("s.it") is (material == "metal")
    assert before("inductive", material, distance="10.1 mm").get("s.it") is False


@pytest.mark.parametrize(("material", "e"), [("glass", 6), ("wood", 4), ("plastic", 3), ("cardboard", 2)])
def test_the_reach_of_a_capacitive_sensor_hangs_on_the_permittivity(material: str, e: int) -> None:
    reach = 10 * (e - 1) / (e + 2)
    for mm, seen in ((reach - 0.01, True), (reach + 0.01, False)):
        assert before("capacitive", material, distance=f"{mm} mm").get("s.it") is seen
    assert before("capacitive", material, threshold=str(e + 0.5)).get("s.it") is False


def test_a_distance_at_the_limit_has_a_hysteresis_of_a_tenth() -> None:
    bench = before("inductive", "metal", distance="2 mm")
    assert move_to(bench, 10.9) is True
    assert move_to(bench, 11.1) is False
    assert bench.get("s.it") is True  # restored: within the range again
    far = before("inductive", "metal", distance="10.9 mm")
    assert far.get("s.it") is False  # it has never been within 10 mm
    assert move_to(far, 9.9) is True
    assert far.get("s.it") is True  # within the hysteresis now
