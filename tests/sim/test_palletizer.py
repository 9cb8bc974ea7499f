"""Palletizer: layers and pallets, interrupted at any instant, times changed on the way, hands, restores."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.line import Line
from tests.sim import invariants
from tests.sim.builders import MS, Bench, S, belt, component, definition, station
from tests.sim.parameters import change, covers, restore

AT = {"belt": "s.belt", "position": "800 mm"}
SMALL = {"per_layer": "2", "layers": "2", "place_time": "2 s", "press_time": "1 s", "change_time": "10 s"}


def cell() -> Bench:
    """A stopper at 800 mm with a palletizer there, and a part every two seconds."""
    supply = component("supply", "supply", belt="s.belt", least="2 s", most="2 s", first="1 s")
    stopper = component("stopper", "stopper", **AT)
    bench = Bench(
        definition(station("s", belt(), supply, stopper, component("it", "palletizer", ("pallets",), **AT, **SMALL)))
    )
    bench.write(s__belt_run=True)
    bench.run(8)  # a part stands before the stopper
    return bench


def place(bench: Bench, seconds: float = 3.2) -> None:
    bench.write(s__it_place=True)
    bench.run(seconds)
    bench.write(s__it_place=False)
    bench.run(3)  # the next part is there


def shown(bench: Bench) -> tuple[object, ...]:
    return tuple(bench.get(f"s.it_{name}") for name in ("count", "layer", "full", "ready", "pallets"))


def test_parts_become_layers_layers_a_pallet_and_pallets_leave() -> None:
    bench = cell()
    seen = []
    for _ in range(4):
        place(bench)
        seen.append(shown(bench))
    assert seen == [(1, 0, False, True, 0), (0, 1, False, True, 0), (1, 1, False, True, 0), (0, 2, True, False, 0)]
    place(bench)  # no room: nothing happens
    assert shown(bench) == (0, 2, True, False, 0)
    bench.write(s__it_change=True)
    bench.run(9.999)
    assert bench.get("s.it_done") is False
    bench.run(0.001)
    assert (bench.get("s.it_done"), shown(bench)) == (True, (0, 0, False, True, 1))
    assert bench.line.plant.parts.ends == {"s.it": 4}
    assert bench.get("s.parts_out") == 4
    invariants.check(bench.line)


def test_without_a_standing_part_it_does_not_begin() -> None:
    bench = cell()
    for serial in list(bench.line.plant.parts.by_serial):
        bench.give("remove_part", part=serial)
    bench.write(s__it_place=True)
    bench.run(1)
    assert shown(bench) == (0, 0, False, True, 0)


@pytest.mark.parametrize(
    ("parameter", "deed", "least"),
    [("place_time", "place", 2), ("press_time", "press", 1), ("change_time", "change", 10)],
)
@covers("palletizer", "place_time", "press_time", "change_time")
def test_times_changed_on_the_way_stretch_what_is_left(parameter: str, deed: str, least: int) -> None:
    """At a quarter of the work the time is doubled, after as long again as the whole took it is restored."""
    bench = cell()
    if deed != "place":
        place(bench)
    bench.write(**{f"s__it_{'change' if deed == 'change' else 'place'}": True})
    if deed == "press":
        bench.run(2)
    begin = bench.line.now_ns
    bench.run(least / 4)
    ident = change(bench, "s.it", parameter, 2 * least * S)
    bench.run(least)  # half of the work
    restore(bench, ident)
    bench.run(least)
    done = next(t for t, on in bench.times("s.it_done") if on and t > begin)
    assert done - begin == least * S // 4 + least * S + least * S // 4


@covers("palletizer", "reach")
def test_reach_is_how_far_it_sees() -> None:
    bench = cell()
    ident = change(bench, "s.it", "reach", 10**12)  # 1 mm: the head stands at 800 mm, the middle 30 mm before it
    bench.write(s__it_place=True)
    bench.run(1)
    saw_little = bench.get("s.it_ready")
    bench.write(s__it_place=False)
    restore(bench, ident)
    bench.write(s__it_place=True)
    assert (saw_little, bench.get("s.it_ready")) == (True, False)


deeds = st.lists(
    st.tuples(st.sampled_from(["place", "change", "estop", "belt", "hand", "restore"]), st.integers(1, 4000)),
    min_size=1, max_size=25,
)  # fmt: skip


@given(deeds)
@settings(max_examples=40, deadline=None)
def test_whatever_happens_no_part_is_lost_and_it_goes_on(done: list[tuple[str, int]]) -> None:
    bench, on, stopped = cell(), {"place": False, "change": False, "belt_run": True}, False
    for deed, ms in done:
        if deed in ("place", "change", "belt"):
            name = "belt_run" if deed == "belt" else deed
            on[name] = not on[name]
            signal = f"s__{name}" if deed == "belt" else f"s__it_{name}"
            bench.write(**{signal: on[name]})
        elif deed == "estop":
            stopped = not stopped
            bench.give("panel", station="s", element="estop", pressed=stopped)
        elif deed == "hand" and bench.line.plant.parts.by_serial:
            serials = list(bench.line.plant.parts.by_serial)
            bench.give("remove_part", part=serials[ms % len(serials)])
        else:
            bench.line = Line.restore(bench.line.definition, bench.line.checkpoint())
        bench.line.advance(bench.line.now_ns + ms * MS)
        invariants.check(bench.line)
    bench.give("panel", station="s", element="estop", pressed=False)
    for signal in ("s__it_place", "s__it_change"):
        bench.write(**{signal: False})
    bench.write(s__belt_run=True)
    bench.run(30)
    assert bench.get("s.it_ready") is not bench.get("s.it_full")
