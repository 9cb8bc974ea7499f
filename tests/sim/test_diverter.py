"""A diverter on a running belt: who is in time goes aside, who is late rides on; nothing is lost on the way."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.line import Line
from tests.sim.builders import Bench, S, component, definition, station
from tests.sim.invariants import check


def at_diverter(*options: str, **given_parameters: str) -> Bench:
    """Zone of the centre from 450 to 550 mm; it is up 75 ms after its command; 200 mm at 400 mm/s across."""
    main = component("belt", "belt", length="1000 mm", to="s.after")
    it = component("it", "diverter", ("home", "out", "part", *options), belt="s.belt", position="500 mm", to="s.side",
                   **given_parameters)  # fmt: skip
    ends = [component(name, "belt", length="400 mm") for name in ("after", "side")]
    bench = Bench(definition(station("s", main, it, *ends)))
    bench.write(s__belt_run=True, s__after_run=True, s__side_run=True)
    return bench


def goes(bench: Bench, serial: int) -> str:
    """The first belt that the part was on behind the main one."""
    places = [data[1] for _, kind, subject, data in bench.events if kind == "part" and subject == serial]  # type: ignore[index]
    return next((name for name in places if name in ("s.after", "s.side")), "")


@pytest.mark.parametrize(
    ("command_ms", "way"), [(0, "s.side"), (2020, "s.side"), (2524, "s.side"), (2526, "s.after"), (2700, "s.after")]
)
def test_a_diverter_in_time_takes_the_part_and_a_late_one_does_not(command_ms: int, way: str) -> None:
    """Its centre begins at 30 mm and passes 550 mm after 2.6 s: a command after 2.525 s is too late."""
    bench = at_diverter()
    bench.lay()
    bench.run(command_ms / 1000)
    bench.write(s__it_extend=True)
    bench.run_to(8)
    assert goes(bench, 1) == way
    check(bench.line)


def test_taken_back_too_early_it_lets_the_part_ride_on() -> None:
    bench = at_diverter()
    bench.lay()
    bench.write(s__it_extend=True)
    bench.run(2)
    bench.write(s__it_extend=False)
    bench.run_to(8)
    assert goes(bench, 1) == "s.after"


def test_the_way_across_takes_its_time() -> None:
    """The centre is at 450 mm after 2.1 s, across 0.5 s later."""
    bench = at_diverter()
    bench.lay()
    bench.write(s__it_extend=True)
    bench.run(8)
    (on, _), (off, _) = bench.times("s.it_part")
    assert abs(on - 2.1 * S) <= 10
    assert abs(off - 2.6 * S) <= 10


@pytest.mark.parametrize("parameter", ["side_speed"])
def test_slower_across_for_a_while(parameter: str) -> None:
    bench = at_diverter()
    bench.lay()
    bench.write(s__it_extend=True)
    bench.run(2.2)
    given_fault = {"id": "f", "fault": "x", "seam": "parameter", "target": "s.it"}
    bench.give("fault", **given_fault, parameter=parameter, how="factor", value=250_000)
    bench.run(0.4)
    bench.give("end_fault", id="f")
    bench.run(2)
    assert abs(bench.times("s.it_part")[1][0] - (2.1 + 0.1 + 0.4 + 0.3) * S) <= 20


def test_with_the_side_full_parts_stand_in_the_zone_of_the_running_belt() -> None:
    bench = at_diverter()
    bench.write(s__side_run=False, s__it_extend=True)
    for _ in range(9):
        bench.lay()
        bench.run(1)
        check(bench.line)
    standing = bench.heads()
    assert standing[0] == 480
    bench.run(3)
    assert bench.heads() == standing
    bench.write(s__it_extend=False)
    bench.run(10)
    assert bench.heads() == []
    check(bench.line)


def test_without_power_a_part_waits_on_its_wheels_and_a_hand_may_take_it() -> None:
    bench = at_diverter("run")
    bench.write(s__it_run=True, s__it_extend=True)
    bench.lay()
    bench.run(2.3)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(5)
    check(bench.line)
    assert bench.get("s.it_part") is True
    bench.give("remove_part", part=1)
    check(bench.line)
    assert bench.get("s.it_part") is False
    assert bench.belt("s.side").s.incoming == 0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["it_extend", "it_run", "side_run", "belt_run", "lay", "take", "estop"]),
                  st.booleans(), st.integers(1, 2 * S)),
        min_size=5, max_size=40,
    )
)  # fmt: skip
def test_nothing_is_lost_whatever_a_diverter_is_told(deeds: list[tuple[str, bool, int]]) -> None:
    bench = at_diverter("run")
    for what, on, span in deeds:
        if what == "lay":
            bench.lay()
        elif what == "take":
            serials = sorted(bench.line.plant.parts.by_serial)
            if serials:
                bench.give("remove_part", part=serials[0])
        elif what == "estop":
            bench.give("panel", station="s", element="estop", pressed=on)
        else:
            bench.write(**{f"s__{what}": on})
        for _ in range(3):
            bench.line.advance(bench.line.now_ns + span // 3)
            check(bench.line)
    again = Line.restore(bench.line.definition, json.loads(json.dumps(bench.line.checkpoint())))
    for line in (again, bench.line):
        line.advance(again.now_ns + 5 * S if line is again else again.now_ns)
    assert again.digest == bench.line.digest
