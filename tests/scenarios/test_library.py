"""The scenarios that ship do what their files say, differ from a healthy run, and are over when they are remedied."""

from dataclasses import dataclass

import pytest

from controller.effect import Effect, effect
from scenarios.catalogue import Catalogue
from scenarios.timeline import Scenario
from sim.arguments import inner, rows, word
from sim.inputs import Input
from sim.line import Line

MINUTE = 60 * 10**9
CATALOGUE = Catalogue()
NAMES = CATALOGUE.scenario_names()
QUICK = ("supply_runs_dry", "blind_pallet_eye")
# what an operator does to a station in each state, to bring it back to work
NEXT = {"aborted": "clear", "stopped": "reset", "idle": "start", "held": "unhold", "suspended": "unsuspend"}
WIRES_ONLY = ("network_split",)  # production goes on under built-in control
HIDDEN = ("slow_bearing",)  # what a trend shows long before production suffers


@pytest.fixture(scope="module")
def shipped() -> dict[str, Scenario]:
    return CATALOGUE.scenarios()


def test_enough_of_them_on_several_lines_and_of_every_level(shipped: dict[str, Scenario]) -> None:
    assert len(shipped) >= 20
    assert {scenario.level for scenario in shipped.values()} == {1, 2, 3, 4, 5}
    assert len({scenario.line for scenario in shipped.values()}) >= 5
    overlapping = max(len(scenario.faults) for scenario in shipped.values())
    assert overlapping >= 5


def test_each_has_notes_hints_and_figures_in_both_languages(shipped: dict[str, Scenario]) -> None:
    for scenario in shipped.values():
        assert scenario.hints, scenario.name
        assert scenario.measured is not None, scenario.name
        for text in (scenario.title, scenario.description, scenario.instructor, *scenario.hints):
            assert any("一" <= letter <= "鿿" for letter in text.zh), scenario.name
            assert not any("一" <= letter <= "鿿" for letter in text.en), scenario.name


def test_what_trainees_may_read_does_not_give_the_target_away(shipped: dict[str, Scenario]) -> None:
    for scenario in shipped.values():
        for entry in scenario.entries:
            target = word(inner(entry["fault"]), "target")
            assert "." not in target or target not in scenario.description.en, scenario.name


def test_the_line_takes_every_one(shipped: dict[str, Scenario]) -> None:
    lines: dict[str, Line] = {}
    for scenario in shipped.values():
        line = lines.setdefault(scenario.line, Line(scenario.definition, scenario.seed))
        assert line.check(scenario.begin()) == (None,), scenario.name


def test_every_condition_is_reached() -> None:
    for condition in CATALOGUE.conditions().values():
        line = Line(CATALOGUE.load_line(condition.line), condition.seed)
        condition.initial.bring(line)
        assert line.now_ns == condition.initial.run_ns
        for given in condition.initial.after:
            assert line.control(str(given.args["station"])) == given.args["control"]
        for given in condition.initial.before:
            for name, value in given.args.get("writes", []):  # type: ignore[union-attr, misc]
                tag = line.tags.find(str(name))
                assert tag is not None
                assert line.read(tag.index).value == value


# ---- what each of them does ------------------------------------------------------------------------------------------


def close(found: tuple[int, int], stated: tuple[int, int]) -> bool:
    """Within what a change of the physics may move; a larger one wants new figures: `docs.measure_scenarios`."""
    return all(abs(a - b) <= max(3, b * 0.05) for a, b in zip(found, stated, strict=True))


def as_stated(scenario: Scenario) -> Effect:
    measured = scenario.measured
    assert measured is not None
    found = effect(scenario, measured.time_ns)
    assert close((found.healthy.finished, found.healthy.good), measured.healthy)
    assert close((found.hit.finished, found.hit.good), measured.parts)
    assert set(found.alarms) == set(measured.alarms)
    return found


def differs(scenario: Scenario, found: Effect) -> None:
    assert found.healthy.digest != found.hit.digest
    assert {seen.fault for seen in found.faults} == set(scenario.faults)
    harmed = found.hit.good < 0.95 * found.healthy.good
    assert harmed is (scenario.name not in WIRES_ONLY + HIDDEN)


@dataclass
class Floor:
    """People at the line of a scenario, when its time is over."""

    scenario: Scenario
    line: Line

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.line = scenario, Line(scenario.definition, scenario.seed)
        scenario.initial.bring(self.line)
        self.line.apply(scenario.begin())
        assert scenario.measured is not None
        self.wait(scenario.measured.time_ns)

    def wait(self, time_ns: int) -> None:
        self.line.advance(self.line.now_ns + time_ns)

    def do(self, op: str, **args: object) -> None:
        given = Input(op, args)  # type: ignore[arg-type]
        if not any(self.line.check(given)):
            self.line.apply(given)

    def repair(self) -> None:
        """The first operation that helps, at each fault; what ends by a condition is a matter of hands."""
        for ident, args in list(self.line.faults.items()):
            for row in rows(args.get("repair", []))[:1] if ident in self.line.faults else ():
                assert ident in self.line.engine.repair(word(row, "target"), word(row, "operation"))

    def hands(self) -> None:
        """Keys back, emergency stops released, every station stopped, and started again."""
        stations = list(self.line.plant.units)
        for station in stations:
            self.do("panel", station=station, element="estop", pressed=False)
            if self.line.control(station) != "builtin":
                self.do("key", station=station, control="builtin")
            self.do("write", writes=[[f"{station}.cmd_stop", True]])
        for _ in range(10):
            self.wait(20 * 10**9)
            for station in stations:
                state = self.line.plant.units[station].s.state.name.lower()
                if state in NEXT:
                    self.do("write", writes=[[f"{station}.cmd_{NEXT[state]}", True]])

    def finished(self) -> int:
        return self.line.plant.parts.good + self.line.plant.parts.rejected


def is_over_and_the_line_recovers(scenario: Scenario) -> None:
    floor = Floor(scenario)
    floor.repair()
    floor.do("end_scenario")  # what would begin later, or again
    floor.hands()
    assert floor.line.faults == {}
    before = floor.finished()
    floor.wait(20 * MINUTE)
    assert scenario.measured is not None
    healthy = scenario.measured.healthy[0] * 20 * MINUTE / scenario.measured.time_ns
    assert floor.finished() - before > 0.8 * healthy


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_one_does_what_it_says_and_ends(name: str, shipped: dict[str, Scenario]) -> None:
    differs(shipped[name], as_stated(shipped[name]))
    is_over_and_the_line_recovers(shipped[name])


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in NAMES if name not in QUICK])
def test_each_does_what_it_says(name: str, shipped: dict[str, Scenario]) -> None:
    differs(shipped[name], as_stated(shipped[name]))


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in NAMES if name not in QUICK])
def test_each_ends_after_its_remedies(name: str, shipped: dict[str, Scenario]) -> None:
    is_over_and_the_line_recovers(shipped[name])


def test_equal_seeds_have_equal_effects(shipped: dict[str, Scenario]) -> None:
    one, other = (effect(shipped["blind_pallet_eye"], 5 * MINUTE) for _ in range(2))
    assert one == other
    assert effect(shipped["blind_pallet_eye"], 5 * MINUTE, seed=8).hit.digest != one.hit.digest


def test_time_lost_by_station_and_by_cause(shipped: dict[str, Scenario]) -> None:
    found = effect(shipped["pushed_emergency_stop"], 6 * MINUTE)  # pushed after 3
    lost = {row.station: row for row in found.lost}
    assert lost["machining"].down_s > 170
    assert lost["machining"].lost_s > 60
    assert lost["storage"].lost_s == lost["storage"].starved_s > 10
    (seen,) = found.faults
    assert (seen.id, seen.fault, seen.target, seen.from_s, seen.to_s) == (
        "estop", "estop_pressed", "machining", 180.0, None,
    )  # fmt: skip
    assert "machining.estop" in found.alarms
