"""Step chains: steps, actions, timed transitions, always-actions, variables, the runaway."""

from collections.abc import Callable

import pytest

from sim.definition import ChainDefinition, LineDefinition, ProgramDefinition, SetPointDefinition
from sim.expression import ExpressionError
from sim.line import Line
from tests.sim.builders import MS, Bench, S, belt, chain, component, definition, station, text

Make = Callable[..., Bench]


def programmed(*chains: ChainDefinition, **given: object) -> LineDefinition:
    program = ProgramDefinition(run=list(chains), **given)  # type: ignore[arg-type]
    axis = component("x", "axis", positions=["0 mm", "100 mm"])
    setpoints = [SetPointDefinition("limit", text("limit"), 3, 0, 9)]
    eye = component("eye", "photo_eye", belt="s.belt", position="300 mm")
    return definition(station("s", belt(), eye, axis, program=program, parameters=setpoints), autostart=True)


def steps(bench: Bench) -> list[tuple[int, object]]:
    return [(t, data) for t, kind, _, data in bench.events if kind == "step"]


def test_a_chain_goes_on_by_time_and_by_signals(line: Make) -> None:
    bench = line(
        programmed(
            chain(
                "main",
                ("wait", {"belt_run": "False"}, [("True", "run", 2 * S)]),
                ("run", {"belt_run": "True"}, [("eye", "seen", S)]),
                ("seen", {"belt_run": "not eye"}, []),
            )
        )
    )
    bench.lay()
    bench.run(10)
    assert steps(bench) == [(2 * S, "run"), (3200 * MS, "seen")]
    assert bench.heads() == [300]


def test_the_first_transition_that_may_fire_fires(line: Make) -> None:
    last: list[tuple[str, dict[str, str], list[tuple[str, str, int]]]] = [
        (name, {}, []) for name in ("late", "early", "other")
    ]
    bench = line(
        programmed(
            chain("main", ("a", {}, [("True", "late", 3 * S), ("True", "early", S), ("eye", "other", 0)]), *last)
        )
    )
    bench.run(10)
    assert steps(bench) == [(S, "early")]


def test_a_condition_that_goes_away_is_waited_for_anew_from_the_step(line: Make) -> None:
    """`after` counts from the step's beginning, as T#.. of a step does in IEC 61131-3."""
    bench = line(programmed(chain("main", ("a", {}, [("limit == 3", "b", 2 * S)]), ("b", {}, []))))
    bench.write(s__limit=4)
    bench.run(5)
    assert steps(bench) == []
    bench.write(s__limit=3)
    assert steps(bench) == [(5 * S, "b")]


def test_two_chains_run_side_by_side_and_share_variables(line: Make) -> None:
    bench = line(
        programmed(
            chain("one", ("a", {}, [("True", "b", S)]), ("b", {"n": "n + 1"}, [("True", "a", 0)])),
            chain("two", ("idle", {}, [("n == limit", "go", 0)]), ("go", {"belt_run": "True"}, [])),
            variables={"n": 0},
        )
    )
    bench.run(2.9)
    assert bench.get("s.belt_run") is False
    bench.run(0.2)
    assert bench.get("s.belt_run") is True


def test_what_always_holds_follows_its_signals(line: Make) -> None:
    bench = line(programmed(always={"belt_run": "not eye", "belt_speed": "100 if eye else 250"}))
    bench.lay()
    bench.run(10)
    assert bench.heads() == [300]
    assert bench.get("s.belt_speed") == 100.0


def test_values_stop_at_the_end_of_their_range(line: Make) -> None:
    do = {"belt_speed": "limit * 1000.0", "x_target": "limit * 1000", "n": "limit * 10000000000"}
    bench = line(programmed(chain("main", ("a", do, [])), variables={"n": 0}))
    assert (bench.get("s.belt_speed"), bench.get("s.x_target")) == (400.0, 99)
    assert bench.line.plant.units["s"].program.s.variables == [2**31 - 1]


def test_a_variable_that_multiplies_itself_does_not_grow_for_ever(line: Make) -> None:
    square = chain("main", ("a", {"n": "n * n"}, [("True", "b", S)]), ("b", {"n": "n * n"}, [("True", "a", S)]))
    bench = line(programmed(square, variables={"n": 7}))
    bench.run(100)
    assert bench.line.plant.units["s"].program.s.variables == [2**31 - 1]


def test_a_chain_without_end_goes_round_once_a_cycle() -> None:
    """Ten milliseconds, as on a PLC: a signal that is stuck must not stop the line."""
    spin = chain("main", ("a", {}, [("True", "b", 0)]), ("b", {}, [("True", "a", 0)]))
    line = Line(programmed(spin), 1)
    steps: list[int] = []
    line.listen(lambda t, kind, *_: steps.append(t) if kind == "step" else None)
    line.advance(30_000_000)
    assert sorted(set(steps)) == [10_000_000, 20_000_000, 30_000_000]
    assert all(200 < steps.count(t) < 300 for t in set(steps))


def test_a_program_speaks_of_its_own_station_alone() -> None:
    with pytest.raises(ExpressionError, match="other"):
        Line(programmed(chain("main", ("a", {}, [("other.eye", "a", 0)]))), 1)


def test_start_begins_with_the_first_step_and_the_first_values(line: Make) -> None:
    bench = line(
        programmed(chain("main", ("a", {"n": "n + 1"}, [("True", "b", S)]), ("b", {}, [])), variables={"n": 5})
    )
    bench.run(3)
    for command in ("stop", "reset", "start"):
        bench.give("write", writes=[[f"s.cmd_{command}", True]])
    assert bench.line.plant.units["s"].program.s.variables == [6]
    assert steps(bench)[-1] == (3 * S, "a")
