"""Parameters of what moves, changed and restored on the way: belts, cylinders, decks, axes, tables.

See `parameters.py`. Instants are right to the nanosecond, one more at each mark on the way: a due time rounds up.
"""

import pytest

from sim.components.linear_axis import LinearAxis
from sim.definition import ComponentDefinition
from tests.sim.builders import MM, Bench, S, component, definition, station
from tests.sim.kinematics import about, reached
from tests.sim.parameters import change, covers, restore

UM = 1000  # µm/s in a mm/s


def bench_of(*components: ComponentDefinition) -> Bench:
    return Bench(definition(station("s", *components)))


def meanwhile(bench: Bench, begin: float, end: float, parameter: str, value: int, target: str = "s.it") -> None:
    """Run to `begin`, change, run to `end`, restore."""
    bench.run_to(begin)
    ident = change(bench, target, parameter, value)
    bench.run_to(end)
    restore(bench, ident)


def became(bench: Bench, name: str, value: object) -> int:
    """When a tag last took a value, in ns."""
    return next(t for t, now in reversed(bench.times(name)) if now == value)


# ---- belts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["belt", "roller_conveyor"])
@pytest.mark.parametrize(("parameter", "value", "rate"), [("speed", 80 * UM, 80 * UM), ("traction", 350_000, 70 * UM)])
@covers(("belt", "roller_conveyor"), "speed", "traction")
def test_a_part_on_a_belt(kind: str, parameter: str, value: int, rate: int) -> None:
    """Laid at 1 s its head is at 60 mm; the eye stands at 600 mm."""
    bench = bench_of(
        component("it", kind, length="1000 mm", speed="200 mm/s"),
        component("eye", "photo_eye", belt="s.it", position="600 mm"),
    )
    bench.write(s__it_run=True)
    bench.run_to(1)
    bench.lay("s.it")
    meanwhile(bench, 1.7, 3.3, parameter, value)
    bench.run_to(10)
    at = reached(540 * MM, (1, 200 * UM), (1.7, rate), (3.3, 200 * UM))
    assert bench.times("s.eye")[0] == (about(at), True)


@pytest.mark.parametrize("kind", ["belt", "roller_conveyor"])
@pytest.mark.parametrize(
    ("parameter", "value", "amps"), [("idle_current", 4 * 10**6, 4.06), ("part_current", 10**6, 1.8)]
)
@covers(("belt", "roller_conveyor"), "idle_current", "part_current")
def test_the_current_of_a_motor(kind: str, parameter: str, value: int, amps: float) -> None:
    """0.8 A, and 0.06 A for the part; the reading is within 3 %."""
    bench = bench_of(component("it", kind, ("current",), length="1000 mm"))
    bench.write(s__it_run=True)
    bench.lay("s.it")
    assert bench.get("s.it_current") == pytest.approx(0.86, rel=0.04)
    bench.run_to(1)
    ident = change(bench, "s.it", parameter, value)
    assert bench.get("s.it_current") == pytest.approx(amps, rel=0.04)
    restore(bench, ident)
    assert bench.get("s.it_current") == pytest.approx(0.86, rel=0.04)


# ---- cylinders -------------------------------------------------------------------------------------------------

CYLINDERS = ("cylinder", "double_cylinder", "stopper", "clamp", "ejector", "pusher", "feeder")


def rod(kind: str) -> Bench:
    """A stroke of 100 mm at 250 mm/s; end switches 2 mm from the ends."""
    double = kind in ("double_cylinder", "pusher")
    joins = {} if kind in ("cylinder", "double_cylinder") else {"belt": "s.belt", "position": "500 mm"}
    if kind in ("ejector", "pusher"):
        joins["to"] = "s.bin"
    given = {"stroke": "100 mm", "extend_speed": "250 mm/s", "retract_speed": "250 mm/s", **joins}
    bench = bench_of(
        component("belt", "belt", length="1000 mm"),
        component("bin", "bin"),
        component("it", kind, () if double else ("home", "out"), **given),
    )
    bench.run_to(1)
    return bench


def command(bench: Bench, kind: str, out: bool) -> None:
    bench.write(s__it_extend=out)
    if kind in ("double_cylinder", "pusher"):
        bench.write(s__it_retract=not out)


@pytest.mark.parametrize("kind", CYLINDERS)
@covers(CYLINDERS, "extend_speed")
def test_a_rod_that_goes_out(kind: str) -> None:
    bench = rod(kind)
    command(bench, kind, out=True)
    meanwhile(bench, 1.1, 1.3, "extend_speed", 120 * UM)
    bench.run_to(5)
    at = reached(98 * MM, (1, 250 * UM), (1.1, 120 * UM), (1.3, 250 * UM))
    assert bench.times("s.it_out") == [(about(at), True)]


@pytest.mark.parametrize("kind", CYLINDERS)
@covers(CYLINDERS, "retract_speed")
def test_a_rod_that_comes_back(kind: str) -> None:
    bench = rod(kind)
    command(bench, kind, out=True)
    bench.run_to(3)
    command(bench, kind, out=False)
    meanwhile(bench, 3.1, 3.3, "retract_speed", 120 * UM)
    bench.run_to(5)
    at = reached(98 * MM, (3, 250 * UM), (3.1, 120 * UM), (3.3, 250 * UM))
    assert bench.times("s.it_home")[-1] == (about(at), True)


# ---- decks -----------------------------------------------------------------------------------------------------

DECKS = {"transfer": "run", "turntable": "forward", "elevator": "forward"}


def deck(kind: str) -> Bench:
    """A part comes onto the deck of 200 mm at 2.2 s, its centre 70 mm before the deck's: 240 mm at 200 mm/s."""
    exits = {"to": ["s.ahead"], "from": "s.entry", "levels": ["0 mm"]} if kind == "elevator" else {"to": "s.ahead"}
    bench = bench_of(
        component("entry", "belt", length="300 mm", to="s.it"),
        component("it", kind, **exits),
        component("ahead", "belt", length="600 mm"),
    )
    bench.run_to(1)
    bench.write(s__entry_run=True, **{f"s__it_{DECKS[kind]}": True})
    bench.lay("s.entry")
    bench.run_to(2.2)
    return bench


def entered(bench: Bench) -> float:
    """It is over the edge once its head is 300 mm + 60 mm on, from 60 mm: 300 mm."""
    at = bench.times("s.it_part")[0][0]
    assert at == S + 300 * S // 200
    return at / S


@pytest.mark.parametrize("kind", DECKS)
@covers(tuple(DECKS), "speed")
def test_a_part_on_a_deck(kind: str) -> None:
    """From its coming to its leaving the centre goes from -70 mm to 130 mm."""
    bench = deck(kind)
    bench.write(s__ahead_run=True)
    meanwhile(bench, 2.7, 3.1, "speed", 80 * UM)
    bench.run_to(8)
    begin = entered(bench)
    at = reached(200 * MM, (begin, 200 * UM), (2.7, 80 * UM), (3.1, 200 * UM))
    assert bench.times("s.it_part")[-1] == (about(at), False)


@pytest.mark.parametrize("kind", DECKS)
@covers(tuple(DECKS), "reach")
def test_a_part_in_the_centre_of_a_deck(kind: str) -> None:
    """Within 50 mm at first, within 30 mm as it leaves."""
    bench = deck(kind)
    bench.write(s__ahead_run=True)
    meanwhile(bench, 2.3, 2.9, "reach", 50 * MM)
    bench.run_to(8)
    begin = entered(bench)
    on, off = (reached(way, (begin, 200 * UM)) for way in (20 * MM, 100 * MM + 1))
    assert bench.times("s.it_centred") == [(about(on), True), (about(off), False)]


@covers("transfer", "chain_speed")
def test_chains_of_a_transfer() -> None:
    """From the centre to the left, 130 mm until it has left."""
    bench = bench_of(
        component("entry", "belt", length="300 mm", to="s.it"),
        component("it", "transfer", ("left",), to_left="s.aside"),
        component("aside", "belt", length="600 mm"),
    )
    bench.write(s__entry_run=True, s__it_run=True, s__aside_run=True)
    bench.lay("s.entry")
    bench.run_to(5)  # it stands against the plate, in the centre
    bench.write(s__it_run=False, s__it_left=True)
    meanwhile(bench, 5.2, 5.6, "chain_speed", 50 * UM)
    bench.run_to(10)
    at = reached(130 * MM, (5, 200 * UM), (5.2, 50 * UM), (5.6, 200 * UM))
    assert bench.times("s.it_part")[-1] == (about(at), False)


@covers("turntable", "turn_speed")
def test_a_quarter_turn() -> None:
    """10 rpm: 90 degrees in 1.5 s; at 4 rpm for a while."""
    bench = bench_of(component("it", "turntable"))
    bench.run_to(1)
    bench.write(s__it_turn=True)
    meanwhile(bench, 1.4, 2.6, "turn_speed", 4000)
    bench.run_to(9)
    at = reached(15 * 10**12, (1, 10_000), (1.4, 4000), (2.6, 10_000))  # mrpm x ns
    assert bench.times("s.it_turned") == [(about(at), True)]


def lift(*commands: str) -> Bench:
    """Levels at 0 and 500 mm, 300 mm/s or 60 mm/s, at a level within 8 mm, near one within 80 mm."""
    bench = bench_of(
        component("it", "elevator", levels=["0 mm", "500 mm"], to=["s.low", "s.high"]),
        component("low", "belt", length="300 mm"),
        component("high", "belt", length="300 mm"),
    )
    bench.run_to(1)
    for name in commands:
        bench.write(**{f"s__it_{name}": True})
    return bench


@pytest.mark.parametrize(("parameter", "commands", "rate"), [("fast", ["up"], 300), ("slow_speed", ["slow", "up"], 60)])
@covers("elevator", "fast", "slow_speed")
def test_a_platform_that_goes_up(parameter: str, commands: list[str], rate: int) -> None:
    bench = lift(*commands)
    meanwhile(bench, 1.5, 1.9, parameter, 150 * UM)
    bench.run_to(20)
    at = reached(492 * MM, (1, rate * UM), (1.5, 150 * UM), (1.9, rate * UM))
    assert bench.times("s.it_level")[-1] == (about(at), 2)


@covers("elevator", "tolerance", "near_by")
def test_how_near_a_level_is_near() -> None:
    bench = lift("up")
    tolerance, near = change(bench, "s.it", "tolerance", 20 * MM), change(bench, "s.it", "near_by", 150 * MM)
    bench.run_to(1.2)  # at 60 mm: away from the first level, near it with 150 mm and with 80 mm
    for ident in (tolerance, near):
        restore(bench, ident)
    bench.run_to(2)  # at 300 mm
    near = change(bench, "s.it", "near_by", 150 * MM)
    bench.run_to(9)
    restore(bench, near)
    assert bench.times("s.it_level") == [
        (about(S + reached(20 * MM + 1, (0, 300 * UM))), 0),
        (about(S + reached(492 * MM, (0, 300 * UM))), 2),
    ]
    assert bench.times("s.it_near") == [
        (about(S + reached(80 * MM + 1, (0, 300 * UM))), False), (about(S + reached(350 * MM, (0, 300 * UM))), True),
    ]  # fmt: skip


# ---- axes and tables -------------------------------------------------------------------------------------------


@covers("axis", "speed")
def test_an_axis_between_its_places() -> None:
    bench = bench_of(component("it", "axis", positions=["0 mm", "700 mm"]))
    bench.run_to(1)
    bench.write(s__it_target=1)
    meanwhile(bench, 1.3, 2.1, "speed", 130 * UM)
    bench.run_to(9)
    at = reached(700 * MM, (1, 400 * UM), (1.3, 130 * UM), (2.1, 400 * UM))
    assert bench.times("s.it_in_position")[-1] == (about(at), True)


@covers("index_table", "step_time")
def test_a_step_of_a_table() -> None:
    """1.2 s; from 0.3 s on as slow as 6 s a step, for 2 s: a quarter and a third are done."""
    bench = bench_of(component("it", "index_table"))
    bench.run_to(1)
    bench.write(s__it_index=True)
    meanwhile(bench, 1.3, 3.3, "step_time", 6 * S)
    bench.run_to(9)
    at = 3.3 + 1.2 * (1 - 0.3 / 1.2 - 2 / 6)
    assert bench.times("s.it_in_position")[-1] == (about(at * S), True)


def slide(**given: str) -> Bench:
    """500 mm/s, 2 m/s² both ways."""
    options = ("home", "homed", "fault", "lag", "position")
    bench = bench_of(component("it", "linear_axis", options, **{"high": "3000 mm", "max_lag": "60 mm"} | given))
    bench.run_to(1)
    bench.write(s__it_enable=True)
    return bench


def at_mm(bench: Bench) -> float:
    found = bench.line.plant.components["s.it"]
    assert isinstance(found, LinearAxis)
    return found.at() / MM


def arrived(bench: Bench) -> float:
    return became(bench, "s.it_in_position", True) / S


@covers("linear_axis", "speed")
def test_an_axis_on_ramps_to_another_speed() -> None:
    bench = slide()
    bench.write(s__it_target=2000.0)
    meanwhile(bench, 2, 3, "speed", 200 * UM)
    bench.run_to(30)
    ramp = (500**2 - 200**2) / (2 * 2000)  # of 0.15 s
    before = 62.5 + 500 * (1 - 0.25)
    slow = ramp + 200 * (1 - 0.15)
    cruise = (2000 - before - slow - ramp - 62.5) / 500
    assert arrived(bench) == pytest.approx(3 + 0.15 + cruise + 0.25, abs=1e-6)


@covers("linear_axis", "acceleration")
def test_an_axis_that_gathers_speed() -> None:
    """100 mm/s² for 1 s, 400 mm/s² for half a second, 100 mm/s² up to 500 mm/s."""
    bench = slide(acceleration="100 mm/s²")
    bench.write(s__it_target=2000.0)
    meanwhile(bench, 2, 2.5, "acceleration", 400 * UM)
    bench.run_to(30)
    way = 50 + (100 + 300) / 2 * 0.5 + (300 + 500) / 2 * 2
    assert arrived(bench) == pytest.approx(2.5 + 2 + (2000 - way - 62.5) / 500 + 0.25, abs=1e-6)


@covers("linear_axis", "deceleration")
def test_an_axis_that_brakes() -> None:
    """Changed while it brakes no longer, then while it does."""
    bench = slide()
    bench.write(s__it_target=2000.0)
    meanwhile(bench, 2, 3, "deceleration", 500 * UM)  # restored before it would have begun to brake
    bench.run_to(9)
    nominal = 0.25 + (2000 - 125) / 500 + 0.25
    assert arrived(bench) == pytest.approx(1 + nominal, abs=1e-6)
    bench.run_to(10)
    bench.write(s__it_target=0.0)
    meanwhile(bench, 11, 20, "deceleration", 500 * UM)
    assert arrived(bench) == pytest.approx(10 + 0.25 + (2000 - 62.5 - 250) / 500 + 1, abs=1e-6)


@covers("linear_axis", "homing_speed")
def test_an_axis_that_looks_for_its_reference() -> None:
    """From 500 mm at 100 mm/s, for 2 s at 40 mm/s."""
    bench = slide(start="500 mm", needs_homing="true")
    bench.write(s__it_home=True)
    meanwhile(bench, 2, 4, "homing_speed", 40 * UM)
    bench.run_to(30)
    up, change_of = 0.05, 0.03  # s to 100 mm/s, and between 100 and 40 mm/s
    slow = change_of * 70 + 40 * (2 - change_of)
    left = 500 - (2.5 + 100 * (1 - up)) - slow - change_of * 70 - 2.5
    assert became(bench, "s.it_homed", True) / S == pytest.approx(4 + change_of + left / 100 + up, abs=1e-6)


@covers("linear_axis", "gain")
def test_how_far_a_drive_is_behind() -> None:
    """500 mm/s by 20 1/s, by 50 1/s."""
    bench = slide()
    bench.write(s__it_target=3000.0)
    seen = []
    for at, gain in ((2, 0), (2.5, 50), (3, 0)):
        bench.run_to(at)
        ident = change(bench, "s.it", "gain", gain) if gain else ""
        seen.append(bench.get("s.it_lag"))
        if ident:
            restore(bench, ident)
    assert seen == [25.0, 10.0, 25.0]


@covers("linear_axis", "max_lag")
def test_a_drive_trips_by_its_following_error() -> None:
    """It is 25 mm behind at 500 mm/s, as from 0.25 s on; a limit of 20 mm is passed at 400 mm/s."""
    bench = slide()
    bench.write(s__it_target=1000.0)
    bench.run_to(1.1)
    ident = change(bench, "s.it", "max_lag", 20 * MM)
    bench.run_to(5)
    assert became(bench, "s.it_fault", True) / S == pytest.approx(1.2, abs=1e-6)
    assert at_mm(bench) == pytest.approx(2 * 400**2 / (2 * 2000), abs=1e-3)  # 40 mm up to there, 40 mm to brake
    restore(bench, ident)
    bench.write(s__it_enable=False)
    bench.run_to(6)
    bench.write(s__it_enable=True)
    bench.run_to(20)
    assert arrived(bench) == pytest.approx(6 + 0.25 + (920 - 125) / 500 + 0.25, abs=1e-5)


@pytest.mark.parametrize(("parameter", "start", "target", "limit"), [("high", 0, 900, 600), ("low", 1000, 100, 400)])
@covers("linear_axis", "high", "low")
def test_an_axis_goes_no_further_than_its_limits(parameter: str, start: int, target: int, limit: int) -> None:
    bench = slide(start=f"{start} mm")
    bench.write(s__it_target=float(target))
    bench.run_to(1.2)
    ident = change(bench, "s.it", parameter, limit * MM)
    bench.run_to(5)
    assert at_mm(bench) == limit
    assert bench.get("s.it_in_position") is False  # it is not where it was told to go
    restore(bench, ident)
    bench.run_to(10)
    assert arrived(bench) == pytest.approx(5 + 0.25 + (300 - 125) / 500 + 0.25, abs=1e-6)
