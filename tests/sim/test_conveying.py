"""Decks, pushers, detectors, scale, supply, panel devices: what each does, when, and whatever changes meanwhile."""

from dataclasses import replace
from itertools import pairwise

import pytest

from sim.definition import LineDefinition, PartKind
from sim.stream import Stream
from tests.sim import invariants
from tests.sim.builders import MM, Bench, S, component, definition, station, text

# parts of 60 mm, decks of 200 mm: the edge is reached with the centre at 70 mm, left at 130 mm
LOW = PartKind(text("low"), 1, 40 * MM, 100_000, "plastic")
HIGH = PartKind(text("high"), 2, 100 * MM, 900_000, "metal")
CARD = PartKind(text("card"), 3, 65 * MM, 50_000, "cardboard")


def line(*components: object, kinds: tuple[PartKind, ...] = ()) -> LineDefinition:
    made = definition(station("s", *components))  # type: ignore[arg-type]
    return replace(made, part=replace(made.part, kinds=list(kinds)))


def belt(name: str, **given: str) -> object:
    return component(name, "belt", **{"length": "300 mm", **given})


def supply(on: str = "entry", **given: str) -> object:
    return component("supply", "supply", **{"belt": f"s.{on}", "least": "1000 s", "most": "1000 s", **given})


def scale(bench: Bench, ident: str, target: str, parameter: str, ppm: int) -> None:
    """Multiply a parameter until the fault ends."""
    given = {"id": ident, "fault": "x", "seam": "parameter", "target": target}
    bench.give("fault", **given, parameter=parameter, how="factor", value=ppm)


def at_transfer() -> Bench:
    """A part that came onto the transfer 2.2 s after the start: 1 s + 240 mm to go at 200 mm/s."""
    transfer = component("t", "transfer", ("left", "right", "back"), to="s.ahead", to_left="s.left", to_right="s.right")
    bench = Bench(line(supply(), belt("entry", to="s.t"), transfer, belt("ahead"), belt("left"), belt("right")))
    bench.write(s__entry_run=True, s__t_run=True)
    return bench


def changes(bench: Bench, name: str) -> list[tuple[float, object]]:
    return [(t / S, value) for t, value in bench.times(name)]


# ---- transfer ----------------------------------------------------------------------------------------------------


def test_a_transfer_takes_a_part_in_sees_it_and_hands_it_on() -> None:
    """The tail leaves the entry belt at 2.5 s (300 mm at 200 mm/s); then 40 mm to centred, 100 to not, 200 to away."""
    bench = at_transfer()
    bench.run_to(10)
    assert changes(bench, "s.t_part") == [(2.5, True), (pytest.approx(3.5, abs=1e-6), False)]
    assert [t for t, _ in changes(bench, "s.t_centred")] == pytest.approx([2.7, 3.0], abs=1e-6)
    assert bench.where(1)[:2] == ["ride", "s.ahead"]  # type: ignore[index]


@pytest.mark.parametrize(("way", "belt_name"), [("left", "s.left"), ("right", "s.right")])
def test_chains_carry_a_centred_part_aside(way: str, belt_name: str) -> None:
    bench = at_transfer()
    bench.run_to(2.85)
    bench.write(s__t_run=False)
    bench.run(1)
    bench.write(**{f"s__t_{way}": True})
    bench.run(0.65)
    assert bench.get("s.t_part") is True
    bench.run(0.01)
    assert bench.get("s.t_part") is False
    assert bench.where(1)[:2] == ["ride", belt_name]  # type: ignore[index]


def test_chains_do_not_move_a_part_that_is_off_the_centre_nor_against_each_other() -> None:
    bench = at_transfer()
    bench.run_to(2.6)  # 50 mm before the centre
    bench.write(s__t_run=False, s__t_left=True)
    bench.run(5)
    assert bench.get("s.t_part") is True
    bench.write(s__t_left=False, s__t_run=True)
    bench.run(0.2)
    bench.write(s__t_run=False, s__t_left=True, s__t_right=True)
    bench.run(5)
    assert bench.get("s.t_centred") is True


def test_a_part_over_the_edge_comes_back_and_gives_the_place_free() -> None:
    bench = at_transfer()
    bench.run_to(3.3)  # 50 mm over the edge
    invariants.check(bench.line)
    assert bench.line.plant.components["s.ahead"].s.incoming == 1
    bench.write(s__t_run=False, s__t_back=True)
    bench.run(2)
    invariants.check(bench.line)
    assert bench.line.plant.components["s.ahead"].s.incoming == 0
    assert bench.get("s.t_part") is True


def test_a_part_lifted_off_by_hand_gives_the_place_free() -> None:
    bench = at_transfer()
    bench.run_to(3.3)
    bench.give("remove_part", part=1)
    assert bench.line.plant.components["s.ahead"].s.incoming == 0
    assert bench.get("s.t_part") is False
    invariants.check(bench.line)


@pytest.mark.parametrize("seed", range(8))
def test_random_commands_lose_nothing(seed: int) -> None:
    """Any words on all coils at any time, power cut now and then."""
    made = definition(
        station(
            "s",
            component("supply", "supply", belt="s.entry", least="1 s", most="3 s"),
            belt("entry", to="s.table"),
            component("table", "turntable", to="s.t", to_right="s.right", to_left="s.left"),
            component("t", "transfer", ("left", "right", "back"), to="s.lift", to_left="s.up", to_right="s.down"),
            component(
                "lift", "elevator", ("backward",), levels=["0 mm", "100 mm"], to=["s.low", "s.high"],
                **{"from": ["s.t"]},
            ),
            component("pusher", "pusher", belt="s.right", position="200 mm", to="s.aside"),
            *(belt(name) for name in ("right", "left", "up", "down", "low", "high", "aside")),
        )
    )  # fmt: skip
    bench, dice = Bench(made, seed), Stream([seed])
    coils = [tag.name for tag in bench.line.tags if tag.powered]
    for _ in range(400):
        name = coils[dice.between(0, len(coils) - 1)]
        bench.give("write", writes=[[name, dice.uniform() < 0.7]])
        if dice.uniform() < 0.03:
            bench.give("panel", station="s", element="estop", pressed=dice.uniform() < 0.5)
        if dice.uniform() < 0.03 and bench.line.plant.parts.by_serial:
            bench.give("remove_part", part=min(bench.line.plant.parts.by_serial))
        bench.run(dice.uniform() * 0.4)
        invariants.check(bench.line)
    assert bench.line.plant.parts.made > 5


def test_another_speed_in_mid_way_is_reckoned_exactly() -> None:
    bench = at_transfer()
    bench.run_to(2.7)  # 40 mm done, 160 to go
    bench.give(
        "fault", id="f", fault="x", seam="parameter", target="s.t", parameter="speed", how="factor", value=500_000
    )
    bench.run(0.5)  # 50 mm
    bench.give("end_fault", id="f")
    bench.run(1)  # 110 mm: 0.55 s
    assert changes(bench, "s.t_part")[-1] == (pytest.approx(2.7 + 0.5 + 0.55, abs=1e-6), False)


# ---- turntable and elevator ---------------------------------------------------------------------------------------


def at_table() -> Bench:
    table = component("t", "turntable", to="s.ahead", to_right="s.right", turn_speed="10 rpm")
    return Bench(line(supply(), belt("entry", to="s.t"), table, belt("ahead"), belt("right")))


def test_a_turntable_turns_a_quarter_in_its_time_and_sends_the_part_aside() -> None:
    bench = at_table()
    bench.write(s__entry_run=True, s__t_forward=True)
    bench.run_to(2.85)
    bench.write(s__t_forward=False, s__t_turn=True)
    bench.run(3)
    # 60 degrees a second
    assert changes(bench, "s.t_turned") == [(pytest.approx(2.85 + 1.5, abs=1e-6), True)]
    bench.write(s__t_forward=True)
    bench.run(1)
    assert bench.where(1)[:2] == ["ride", "s.right"]  # type: ignore[index]


def test_a_turntable_stands_while_a_part_lies_over_its_edge_and_without_power() -> None:
    bench = at_table()
    bench.write(s__entry_run=True)
    bench.run_to(2.4)
    bench.write(s__entry_run=False, s__t_turn=True)
    bench.run(3)
    assert bench.get("s.t_home") is True
    bench.write(s__entry_run=True)
    bench.run(0.6)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(5)
    assert bench.get("s.t_home") is False
    assert bench.get("s.t_turned") is False
    bench.give("panel", station="s", element="estop", pressed=False)
    bench.write(s__t_turn=True)  # the abort has taken it back
    bench.run(5)
    assert bench.get("s.t_turned") is True
    invariants.check(bench.line)


def test_a_belt_waits_until_the_table_has_come_back() -> None:
    bench = at_table()
    bench.write(s__entry_run=True, s__t_turn=True)
    bench.run_to(5)
    assert bench.get("s.t_part") is False
    bench.write(s__t_turn=False)
    bench.run(3)
    assert bench.get("s.t_part") is True


def test_an_elevator_passes_levels_and_stops_at_its_ends() -> None:
    lift = component("l", "elevator", ("height",), levels=["0 mm", "300 mm", "600 mm"], to=["s.a", "s.b", "s.c"])
    bench = Bench(line(lift, belt("a"), belt("b"), belt("c")))
    bench.write(s__l_up=True)
    bench.run_to(5)
    # 300 mm/s, 8 mm around each level
    assert changes(bench, "s.l_level") == [
        (pytest.approx(8 / 300, abs=1e-6), 0), (pytest.approx(292 / 300, abs=1e-6), 2),
        (pytest.approx(308 / 300, abs=1e-6), 0), (pytest.approx(592 / 300, abs=1e-6), 3),
    ]  # fmt: skip
    assert bench.get("s.l_height") == 600.0
    bench.write(s__l_up=False, s__l_down=True, s__l_slow=True)
    bench.run(5)
    assert bench.get("s.l_height") == 300.0  # 60 mm/s


def test_an_elevator_hands_over_only_at_a_level_and_standing() -> None:
    lift = component("l", "elevator", levels=["0 mm", "300 mm"], to=["s.a", "s.b"], **{"from": ["s.entry"]})
    bench = Bench(line(supply(), belt("entry", to="s.l"), lift, belt("a"), belt("b")))
    bench.write(s__entry_run=True)
    bench.run_to(3)
    assert bench.get("s.l_part") is True
    bench.write(s__l_up=True)
    bench.run(0.5)
    bench.write(s__l_up=False, s__l_forward=True)
    bench.run(5)
    assert bench.get("s.l_part") is True
    bench.write(s__l_up=True)
    bench.run(0.49)  # within the tolerance, but not yet standing
    assert bench.get("s.l_level") == 2
    assert bench.line.plant.components["s.b"].s.incoming == 0
    bench.run(1.5)
    assert bench.where(1)[:2] == ["ride", "s.b"]  # type: ignore[index]


# ---- pusher -------------------------------------------------------------------------------------------------------


def at_pusher() -> Bench:
    """A part that stands in front of a pusher of 100 mm stroke at 400 mm/s, 20 mm clearance."""
    push = component("p", "pusher", belt="s.entry", position="170 mm", to="s.aside")
    bench = Bench(line(supply(), belt("entry"), push, belt("aside")))
    bench.write(s__entry_run=True)
    bench.run_to(1.7)  # head at 200 mm
    bench.write(s__entry_run=False)
    return bench


def test_a_short_word_is_enough_and_the_valve_stays_without_coils() -> None:
    bench = at_pusher()
    bench.write(s__p_extend=True)
    bench.run(0.06)
    bench.write(s__p_extend=False)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.run(1)
    assert changes(bench, "s.p_out") == [(pytest.approx(1.7 + 98 / 400, abs=1e-6), True)]
    assert bench.where(1)[:2] == ["ride", "s.aside"]  # type: ignore[index]


def test_both_coils_change_nothing() -> None:
    bench = at_pusher()
    bench.write(s__p_extend=True, s__p_retract=True)
    bench.run(1)
    assert bench.get("s.p_home") is True


def test_a_part_pushed_half_way_stays_and_bars_the_belt_until_the_next_stroke() -> None:
    bench = at_pusher()
    bench.write(s__p_extend=True)
    bench.run(0.15)
    bench.write(s__p_extend=False, s__p_retract=True)
    bench.run(1)
    assert bench.get("s.p_home") is True
    assert bench.where(1) == ["in", "s.p", "plate"]
    invariants.check(bench.line)
    bench.write(s__p_retract=False, s__p_extend=True)
    bench.run(1)
    assert bench.where(1)[:2] == ["ride", "s.aside"]  # type: ignore[index]


# ---- detectors ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        (LOW, {"high": False, "metal": False, "any": True, "curtain_count": 4, "colour_colour": 1}),
        (HIGH, {"high": True, "metal": True, "any": True, "curtain_count": 10, "colour_colour": 2}),
        (CARD, {"high": True, "metal": False, "any": False, "curtain_count": 7, "colour_colour": 3}),
    ],
)
def test_what_sensors_see_of_a_part(kind: PartKind, seen: dict[str, object]) -> None:
    there = {"belt": "s.entry", "position": "150 mm"}
    bench = Bench(
        line(
            supply(), belt("entry"), component("high", "high_eye", height="50 mm", **there),
            component("metal", "inductive", **there), component("any", "capacitive", threshold="2.5", **there),
            component("curtain", "light_curtain", **there), component("colour", "colour_sensor", **there),
            component("gauge", "height_sensor", **there), kinds=(kind,),
        )
    )  # fmt: skip
    bench.write(s__entry_run=True)
    bench.run_to(1.6)
    assert {name: bench.get(f"s.{name}") for name in seen} == seen
    assert bench.get("s.gauge_height") == pytest.approx(kind.height_fm / MM, abs=2)
    bench.run(1)
    assert not any(bench.get(f"s.{name}") for name in ("high", "metal", "any", "curtain_count", "colour_colour"))


def test_a_parameter_of_a_sensor_counts_at_once() -> None:
    there = {"belt": "s.entry", "position": "150 mm"}
    bench = Bench(line(supply(), belt("entry"), component("high", "high_eye", height="50 mm", **there), kinds=(HIGH,)))
    bench.write(s__entry_run=True)
    bench.run_to(1.6)
    bench.give(
        "fault", id="f", fault="x", seam="parameter", target="s.high", parameter="height", how="factor", value=3 * 10**6
    )
    assert bench.get("s.high") is False
    bench.give("end_fault", id="f")
    assert bench.get("s.high") is True


def test_a_scale_weighs_what_lies_wholly_on_it_after_the_settling_time() -> None:
    scale = component("w", "scale", belt="s.entry", position="100 mm", plate="150 mm", noise="0 g", settling="400 ms")
    bench = Bench(line(supply(), belt("entry"), scale, kinds=(HIGH,)))
    bench.write(s__entry_run=True)
    bench.run_to(1.6)  # head at 180 mm: on the plate since 160 mm
    bench.write(s__entry_run=False)
    bench.run(2)
    assert changes(bench, "s.w_stable") == [(pytest.approx(1.5 + 0.4, abs=1e-6), True)]
    assert bench.get("s.w_weight") == 900.0
    bench.give("remove_part", part=1)
    assert bench.get("s.w_weight") == 0.0


# ---- supply, collection, panel ------------------------------------------------------------------------------------


def test_a_supply_whose_interval_changes_in_mid_way_brings_the_next_part_when_it_would_have() -> None:
    bench = Bench(line(supply(least="10 s", most="10 s"), belt("entry")))
    bench.write(s__entry_run=True)
    bench.run_to(5)
    bench.give(
        "fault", id="f", fault="x", seam="parameter", target="s.supply", parameter="least", how="factor", value=600_000
    )
    bench.give(
        "fault", id="g", fault="y", seam="parameter", target="s.supply", parameter="most", how="factor", value=600_000
    )
    bench.run_to(6)
    bench.give("end_fault", id="f")
    bench.give("end_fault", id="g")
    bench.run_to(30)
    born = [t / S for t, kind, _, _ in bench.events if kind == "new"]
    assert born == [1.0, 11.0, 21.0]


def test_a_latching_button_a_selector_and_their_refusals() -> None:
    bench = Bench(line(component("b", "push_button", latching="true"), component("k", "selector", positions="3")))
    for pressed in (True, False):
        bench.give("panel", station="s", element="b", pressed=pressed)
    assert bench.get("s.b") is True
    bench.give("panel", station="s", element="k", value=2)
    assert bench.get("s.k") == 2
    with pytest.raises(ValueError, match="refused"):
        bench.give("panel", station="s", element="k", value=3)
    with pytest.raises(ValueError, match="refused"):
        bench.give("panel", station="s", element="b", pressed=7)


def test_emergency_stops_are_in_series() -> None:
    bench = Bench(line(component("e", "estop_button")))
    bench.give("panel", station="s", element="e", pressed=True)
    assert bench.get("s.estop_ok") is False
    assert bench.state["s"] == 9
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.give("panel", station="s", element="e", pressed=False)
    assert bench.get("s.estop_ok") is False
    bench.give("panel", station="s", element="estop", pressed=False)
    assert bench.get("s.estop_ok") is True


# ---- roller conveyor and encoder ----------------------------------------------------------------------------------


def at_rollers() -> Bench:
    """Four zones of 200 mm, parts of 60 mm every two seconds; a belt that stands takes nothing more."""
    rollers = component("r", "roller_conveyor", ("occupied", "pulses"), length="800 mm", zones="4", to="s.after")
    return Bench(line(supply("r", least="2 s", most="2 s"), rollers, belt("after")))


def test_parts_wait_one_in_each_zone_and_close_up_one_by_one() -> None:
    bench = at_rollers()
    bench.write(s__r_run=True)
    for _ in range(300):
        bench.run(0.1)
        invariants.check(bench.line)
    conveyor = bench.line.plant.components["s.r"]
    assert [head // MM for _, head in conveyor.heads()] == [800, 600, 400, 200]
    assert bench.get("s.r_occupied") == 4
    bench.write(s__after_run=True)
    bench.run(0.5)
    waiting = [head // MM for _, head in conveyor.heads()]
    assert all(ahead - behind > 130 for ahead, behind in pairwise(waiting))
    bench.run(60)
    invariants.check(bench.line)
    assert sum(bench.line.plant.parts.ends.values()) > 20


def test_a_part_lifted_out_of_a_zone_lets_those_behind_close_up() -> None:
    bench = at_rollers()
    bench.write(s__r_run=True)
    bench.run(30)
    conveyor = bench.line.plant.components["s.r"]
    second = conveyor.heads()[1][0]
    bench.give("remove_part", part=second)
    bench.run(10)
    assert [head // MM for _, head in conveyor.heads()] == [800, 600, 400, 200]
    invariants.check(bench.line)


def test_an_encoder_counts_the_way_of_the_belt() -> None:
    bench = at_rollers()
    bench.write(s__r_run=True)
    bench.run(1.2345)
    assert bench.get("s.r_pulses") == 246
    bench.write(s__r_run=False)
    bench.run(5)
    assert bench.get("s.r_pulses") == 246
    bench.write(s__r_run=True)
    bench.run(100)
    assert bench.get("s.r_pulses") == 246 + 20_000
