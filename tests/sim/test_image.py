"""The image: plant and field of a tag under faults and without power, and what events say of both."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.definition import LineDefinition
from tests.sim.builders import Bench, belt, component, definition, reference, station

Make = Callable[..., Bench]


def eye_line() -> LineDefinition:
    return definition(station("s", belt(), component("eye", "photo_eye", belt="s.belt", position="60 mm")))


@pytest.fixture
def bench(line: Make) -> Bench:
    return line(eye_line())


def stick(bench: Bench, tag: str, value: object, ident: str = "f") -> None:
    bench.give("fault", id=ident, seam="signal", target=tag, how="stuck", value=value)


def sides(bench: Bench, tag: str) -> tuple[object, object]:
    """Plant and field."""
    return bench.get(tag), bench.field(tag)


def said(bench: Bench, tag: str) -> list[tuple[str, object]]:
    found = bench.line.tags.find(tag)
    assert found is not None
    return [
        (kind, data) for _, kind, subject, data in bench.events if subject == found.index and kind in ("tag", "plant")
    ]


# ---- inputs ----------------------------------------------------------------------------------------------------


def test_without_a_fault_both_sides_are_equal_and_one_event_says_it(bench: Bench) -> None:
    bench.lay()
    assert sides(bench, "s.eye") == (True, True)
    assert said(bench, "s.eye") == [("tag", True)]


def test_a_stuck_sensor_lies_from_the_moment_of_the_fault(bench: Bench) -> None:
    stick(bench, "s.eye", True)
    assert sides(bench, "s.eye") == (False, True)
    assert said(bench, "s.eye") == [("tag", True), ("plant", False)]


def test_a_stuck_sensor_does_not_see_a_part_and_tells_the_truth_afterwards(bench: Bench) -> None:
    stick(bench, "s.eye", False)
    bench.lay()
    assert sides(bench, "s.eye") == (True, False)
    assert said(bench, "s.eye") == [("plant", True)]
    bench.give("end_fault", id="f")
    assert sides(bench, "s.eye") == (True, True)
    assert said(bench, "s.eye") == [("plant", True), ("tag", True)]


def test_the_last_of_two_faults_wins_and_the_other_one_stays(bench: Bench) -> None:
    stick(bench, "s.eye", True, "f")
    stick(bench, "s.eye", False, "g")
    assert bench.field("s.eye") is False
    bench.give("end_fault", id="g")
    assert bench.field("s.eye") is True
    bench.give("end_fault", id="f")
    assert bench.field("s.eye") is False


# ---- outputs ---------------------------------------------------------------------------------------------------


def test_a_stuck_actuator_does_not_do_what_the_field_says(bench: Bench) -> None:
    stick(bench, "s.belt_run", False)
    bench.lay()
    bench.write(s__belt_run=True)
    bench.run(2)
    assert sides(bench, "s.belt_run") == (False, True)
    assert said(bench, "s.belt_run") == [("tag", True), ("plant", False)]
    assert bench.heads() == [60]
    bench.give("end_fault", id="f")
    bench.run(1)
    assert sides(bench, "s.belt_run") == (True, True)
    assert bench.heads() == [260]


def test_an_actuator_stuck_on_runs_by_itself(bench: Bench) -> None:
    stick(bench, "s.belt_run", True)
    assert sides(bench, "s.belt_run") == (True, False)
    assert said(bench, "s.belt_run") == [("plant", True)]


def test_without_power_the_plant_stands_while_the_field_keeps_the_command(bench: Bench) -> None:
    bench.write(s__belt_run=True, s__belt_speed=300.0)
    bench.line.plant.image.power("s", on=False)
    assert sides(bench, "s.belt_run") == (False, True)
    assert sides(bench, "s.belt_speed") == (300.0, 300.0)
    bench.write(s__belt_run=False)
    bench.write(s__belt_run=True)
    assert sides(bench, "s.belt_run") == (False, True)
    bench.line.plant.image.power("s", on=True)
    assert sides(bench, "s.belt_run") == (True, True)


def test_what_is_stuck_on_needs_no_power(bench: Bench) -> None:
    stick(bench, "s.belt_run", True)
    bench.line.plant.image.power("s", on=False)
    assert bench.get("s.belt_run") is True


# ---- computed --------------------------------------------------------------------------------------------------


def test_a_stuck_meter_shows_one_value_and_the_truth_goes_on(bench: Bench) -> None:
    bench.write(s__belt_run=True)
    stick(bench, "s.belt_speed_actual", 12.5)
    plant, field = sides(bench, "s.belt_speed_actual")
    assert field == 12.5
    assert abs(plant - 200) < 1  # type: ignore[operator]
    bench.give("end_fault", id="f")
    assert abs(bench.field("s.belt_speed_actual") - 200) < 1


def test_noise_holds_for_a_tenth_of_a_second_and_reading_changes_nothing(bench: Bench) -> None:
    bench.write(s__belt_run=True)
    read = [bench.field("s.belt_speed_actual") for _ in range(5)]
    bench.run(0.05)
    read.append(bench.field("s.belt_speed_actual"))
    assert len(set(read)) == 1
    later = set()
    for _ in range(20):
        bench.run(0.1)
        later.add(bench.field("s.belt_speed_actual"))
    assert len(later) > 3


# ---- events ----------------------------------------------------------------------------------------------------

TAGS = ["s.eye", "s.belt_run", "s.belt_speed"]
DEEDS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(["s.belt_run", "s.belt_speed"]), st.sampled_from([0, 1])),
    st.tuples(st.just("stick"), st.sampled_from(TAGS), st.sampled_from([0, 1])),
    st.tuples(st.just("end"), st.sampled_from(TAGS), st.just(0)),
    st.tuples(st.just("estop"), st.just("s"), st.sampled_from([0, 1])),
    st.tuples(st.sampled_from(["lay", "take", "wait"]), st.just(""), st.just(0)),
)


@given(st.lists(DEEDS, max_size=25))
def test_events_alone_tell_both_sides_of_every_tag(deeds: list[tuple[str, str, int]]) -> None:
    bench = Bench(eye_line())
    plant = {tag.index: bench.get(tag.name) for tag in bench.line.tags}
    field = dict(plant)
    for number, (deed, tag, value) in enumerate(deeds):
        _do(bench, deed, tag, value, number)
        for _, kind, subject, data in bench.events:
            if kind == "tag":
                plant[subject] = field[subject] = data  # type: ignore[index, assignment]
            elif kind == "plant":
                plant[subject] = data  # type: ignore[index, assignment]
        bench.events.clear()
        for tag_ in bench.line.tags:
            if not tag_.computed:
                assert (plant[tag_.index], field[tag_.index]) == sides(bench, tag_.name), tag_.name


def _do(bench: Bench, deed: str, tag: str, value: int, number: int) -> None:
    typed = float(100 * value) if tag == "s.belt_speed" else bool(value)
    if deed == "write":
        bench.give("write", writes=[[tag, typed]])
    elif deed == "stick":
        stick(bench, tag, typed, f"{tag} {number}")
    elif deed == "end":
        for ident in [f for f in bench.line.faults if f.startswith(tag)][:1]:
            bench.give("end_fault", id=ident)
    elif deed == "estop":
        bench.give("panel", station="s", element="estop", pressed=typed)
    elif deed == "lay":
        bench.lay()
    elif deed == "take":
        for serial in list(bench.line.plant.parts.by_serial)[:1]:
            bench.give("remove_part", part=serial)
    else:
        bench.run(0.3)


# ---- faults of the reference line ------------------------------------------------------------------------------


def faults() -> list[dict[str, object]]:
    """Every parameter that is not fixed at three extremes, every disturbance of every component."""
    line, found = Bench(reference()).line, []
    for name, component_ in line.plant.components.items():
        changeable = [p for p in component_.p if not getattr(component_.KIND.parameter(p), "fixed", False)]
        for parameter in changeable:
            at = {"seam": "parameter", "target": name, "parameter": parameter}
            found += [
                {**at, "how": how, "value": v} for how, v in (("factor", 0), ("replace", 2**53), ("offset", -(2**53)))
            ]
        found += [{"seam": "disturbance", "target": name, "method": d.name} for d in component_.KIND.disturbances]
    return found


@pytest.mark.parametrize("part", range(4))
def test_any_fault_begins_and_ends_and_leaves_nothing_behind(line: Make, part: int) -> None:
    bench = line()
    bench.run(40)
    components = bench.line.plant.components
    before = {name: dict(c.p) for name, c in components.items()}
    for number, fault in enumerate(faults()[part::4]):
        bench.give("fault", id=f"f{number}", **fault)
        bench.run(1.7)
        bench.give("end_fault", id=f"f{number}")
    assert {name: dict(c.p) for name, c in components.items()} == before
    assert [c.name for c in components.values() if c.s.changes] == []
    assert bench.line.plant.image.state.faults == {}
    assert bench.line.faults == {}


def test_every_sensor_of_the_line_stuck_and_freed(line: Make) -> None:
    bench = line()
    bench.run(40)
    for tag in bench.line.tags:
        for value in (False, True) if tag.range is None else tag.range:
            typed = value if tag.range is None or not tag.type.is_integer else int(value)
            stick(bench, tag.name, typed)
            assert bench.field(tag.name) == typed or tag.writable
            bench.run(0.2)
            bench.give("end_fault", id="f")
    image = bench.line.plant.image.state
    assert [t.name for t in bench.line.tags if not t.computed and image.plant[t.index] != image.field[t.index]] == []


def test_a_late_wire_is_late_by_its_worst_fault(line: Make) -> None:
    bench = line()
    for ident, delay in (("f", 300), ("g", 100)):
        bench.give("fault", id=ident, seam="link", target="modbus", delay_ms=delay)
    assert (bench.line.link("modbus").delay_ms, bench.line.link("opcua").delay_ms) == (300, 0)
    bench.give("end_fault", id="f")
    assert bench.line.link("modbus").delay_ms == 100
    assert [data for _, kind, _, data in bench.events if kind == "link"] == [300, 300, 100]
