"""Lock-out and work: what the gate lets through, what time it takes, what it leaves."""

import json
from collections.abc import Callable

import pytest

from sim.inputs import Input
from sim.line import Line
from sim.link_faults import LinkState
from sim.maintenance.table import DELIVERY_S
from sim.packml import State
from sim.refusal import Refusal
from sim.text import Text
from tests.sim.builders import Bench, belt, component, definition, reference, station

Make = Callable[..., Bench]
S = 10**9
BELT, EYE = "s.belt", "s.eye"


@pytest.fixture
def bench() -> Bench:
    eye = component("eye", "photo_eye", belt="s.belt", position="500 mm")
    rod = component("rod", "cylinder", ("home", "out"))
    return Bench(definition(station("s", belt(), eye, rod)))


class Wrong:
    """Something is wrong with one target until it is replaced."""

    def __init__(self, target: str) -> None:
        self.target, self.asked = target, list[tuple[str, str]]()
        self.there = True

    def repair(self, target: str, operation: str) -> list[str]:
        self.asked.append((target, operation))
        ends = self.there and (target, operation) == (self.target, "replace")
        self.there = self.there and not ends
        return ["f1"] if ends else []

    def finding(self, target: str, operation: str) -> Text | None:
        return Text("镜头裂开", "The lens is cracked") if self.there and target == self.target else None


def refused(bench: Bench, op: str, **args: object) -> Refusal | None:
    (answer,) = bench.line.check(Input(op, args))  # type: ignore[arg-type]
    return answer


def maintain(bench: Bench, target: str, operation: str, seconds: float = 700) -> None:
    bench.give("maintain", target=target, operation=operation)
    bench.run(seconds)


# ---- lock-out ----------------------------------------------------------------------------------------------------


def test_a_padlock_takes_the_power_and_keeps_the_station_at_rest(bench: Bench) -> None:
    bench.write(s__belt_run=True)
    bench.give("lock", station="s", on=True)
    belt_run = bench.line.tags.find("s.belt_run")
    assert belt_run is not None
    assert bench.line.truth(belt_run.index) is False  # the coil is told to, and has no power
    assert bench.line.read(belt_run.index).value is True
    assert refused(bench, "write", writes=[["s.cmd_reset", True]]) is Refusal.STATE
    bench.give("lock", station="s", on=False)
    assert bench.line.truth(belt_run.index) is True
    assert refused(bench, "write", writes=[["s.cmd_reset", True]]) is None


def test_a_running_station_is_not_locked_out(line: Make) -> None:
    bench = line()
    bench.run(20)
    assert bench.line.plant.units["sorting"].s.state is State.EXECUTE
    assert refused(bench, "lock", station="sorting", on=True) is Refusal.STATE
    bench.give("panel", station="sorting", element="stop", pressed=True)
    bench.run(1)
    assert refused(bench, "lock", station="sorting", on=True) is None


def test_power_wants_both_the_padlock_off_and_the_emergency_stop_out(bench: Bench) -> None:
    bench.give("lock", station="s", on=True)
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.give("panel", station="s", element="estop", pressed=False)
    assert "s" in bench.line.plant.image.state.unpowered
    bench.give("panel", station="s", element="estop", pressed=True)
    bench.give("lock", station="s", on=False)
    assert "s" in bench.line.plant.image.state.unpowered
    bench.give("panel", station="s", element="estop", pressed=False)
    assert "s" not in bench.line.plant.image.state.unpowered


def test_a_locked_station_does_not_start_by_its_buttons_or_its_own_state_machine() -> None:
    bench = Bench(definition(station("s", belt(), packml="plc", control="modbus")))
    bench.give("lock", station="s", on=True)
    assert refused(bench, "write", writes=[["s.state_request", int(State.RESETTING)]]) is Refusal.STATE
    bench.give("lock", station="s", on=False)
    assert refused(bench, "write", writes=[["s.state_request", int(State.RESETTING)]]) is None


@pytest.mark.parametrize(
    ("args", "refusal"),
    [
        ({"station": "nowhere", "on": True}, Refusal.UNKNOWN),
        ({"station": "s", "on": 1}, Refusal.TYPE),
        ({"station": "s", "on": False}, Refusal.STATE),
        ({"station": "s", "on": True, "who": 7}, Refusal.TYPE),
        ({"on": True}, Refusal.UNKNOWN),
    ],
)
def test_what_is_no_lock_out_is_refused(bench: Bench, args: dict[str, object], refusal: Refusal) -> None:
    assert refused(bench, "lock", **args) is refusal


# ---- work --------------------------------------------------------------------------------------------------------


def test_work_inside_a_machine_needs_the_padlock(bench: Bench) -> None:
    assert refused(bench, "maintain", target=BELT, operation="clean") is Refusal.STATE
    assert bench.line.maintenance.hindrance(BELT, "clean") == "lock_out"
    assert refused(bench, "maintain", target=BELT, operation="inspect") is None
    bench.give("lock", station="s", on=True)
    assert refused(bench, "maintain", target=BELT, operation="clean") is None


def test_the_padlock_stays_on_while_work_needs_it(bench: Bench) -> None:
    bench.give("lock", station="s", on=True)
    bench.give("maintain", target=BELT, operation="clean")
    assert refused(bench, "lock", station="s", on=False) is Refusal.STATE
    bench.run(90)
    assert refused(bench, "lock", station="s", on=False) is None


def test_one_job_at_a_time_at_each_place(bench: Bench) -> None:
    bench.give("maintain", target=EYE, operation="clean")
    assert bench.line.maintenance.hindrance(BELT, "inspect") == "busy"
    assert refused(bench, "maintain", target="mqtt", operation="measure") is None
    bench.run(20)
    assert bench.line.maintenance.hindrance(BELT, "inspect") == ""


def test_it_takes_its_simulated_time_and_is_told(bench: Bench) -> None:
    bench.give("maintain", target=EYE, operation="clean")
    told = [data for _, kind, subject, data in bench.events if (kind, subject) == ("maintenance", EYE)]
    assert told == [{"job": 1, "operation": "clean", "what": "begun"}]
    bench.run(19.9)
    assert not bench.line.maintenance.s.records
    bench.run(0.1)
    (record,) = bench.line.maintenance.s.records
    assert (record.began_ns, record.ended_ns) == (0, 20 * S)


@pytest.mark.parametrize(
    ("target", "operation"),
    [("s.nothing", "inspect"), (EYE, "paint"), ("modbus", "paint"), ("serial", "inspect"), (EYE, "")],
)
def test_what_is_not_offered_is_unknown(bench: Bench, target: str, operation: str) -> None:
    assert refused(bench, "maintain", target=target, operation=operation) is Refusal.UNKNOWN


def test_spare_parts_are_counted_and_the_last_is_followed_by_an_express_delivery(bench: Bench) -> None:
    bench.give("lock", station="s", on=True)
    workshop = bench.line.maintenance
    spare = workshop.targets()[BELT].category.spare
    assert spare is not None
    for _ in range(spare.stock):
        maintain(bench, BELT, "replace", 300)
    assert workshop.left(spare.name, spare.stock) == 0
    assert workshop.s.cost == spare.stock * spare.price
    maintain(bench, BELT, "replace", 300)
    assert workshop.s.jobs
    bench.run(DELIVERY_S)
    assert not workshop.s.jobs
    assert workshop.s.records[-1].cost == 2 * spare.price


# ---- what it finds and mends -------------------------------------------------------------------------------------


def test_healthy_and_faulty_answer_alike_but_for_the_finding(bench: Bench) -> None:
    wrong = Wrong(EYE)
    bench.line.maintenance.repairs = wrong
    maintain(bench, EYE, "inspect")
    wrong.there = False
    maintain(bench, EYE, "inspect")
    faulty, healthy = bench.line.maintenance.s.records
    assert faulty.findings.notes[:-1] == healthy.findings.notes[:-1]
    assert faulty.findings.notes[-1].en == "The lens is cracked"
    assert healthy.findings.notes[-1].en == "Nothing else is conspicuous."


def test_nobody_is_told_whether_a_repair_helped(bench: Bench) -> None:
    bench.line.maintenance.repairs = wrong = Wrong(EYE)
    bench.give("lock", station="s", on=True)
    maintain(bench, EYE, "replace")
    assert not wrong.there
    maintain(bench, EYE, "replace")
    first, second = bench.line.maintenance.s.records
    assert first.findings == second.findings
    assert wrong.asked == [(EYE, "replace")] * 2


def test_measuring_shows_both_sides_of_the_card(bench: Bench) -> None:
    bench.write(s__belt_run=True)
    bench.run(1)
    maintain(bench, BELT, "measure")
    figures = {figure.title.en: figure for figure in bench.line.maintenance.s.records[-1].findings.figures}
    speed = figures["Belt speed (hand tachometer)"]
    assert (speed.found, speed.stated, speed.unit) == (200.0, 200.0, "mm/s")
    loop = next(f for title, f in figures.items() if title.endswith("speed: loop current"))
    assert isinstance(loop.found, float)
    assert abs(loop.found - (4.0 + 16.0 * 200 / 500)) < 0.1  # the encoder's noise


def test_a_worn_cylinder_shows_in_its_stroke_time(bench: Bench) -> None:
    rod = bench.line.plant.components["s.rod"]
    bench.give(
        "fault", id="f1", seam="parameter", target="s.rod", parameter="throttle_out", how="factor", value=500_000
    )
    maintain(bench, "s.rod", "measure")
    figures = {figure.title.en: figure for figure in bench.line.maintenance.s.records[-1].findings.figures}
    assert (figures["Time of a stroke out"].found, figures["Time of a stroke out"].stated) == (0.8, 0.4)
    assert figures["Time of a stroke back"].found == 0.4
    rod.stick()  # type: ignore[attr-defined]
    maintain(bench, "s.rod", "measure")
    figures = {figure.title.en: figure for figure in bench.line.maintenance.s.records[-1].findings.figures}
    assert figures["Time of a stroke out"].found is None


def test_a_wire_is_measured_and_cut_while_its_plug_is_out(bench: Bench) -> None:
    bench.give("fault", id="f1", seam="link", target="mqtt", how="delay", delay_ms=400)
    maintain(bench, "mqtt", "measure")
    assert bench.line.maintenance.s.records[-1].findings.figures[0].found == 400.5
    bench.give("maintain", target="mqtt", operation="replace")
    assert bench.line.link("mqtt").down
    assert not bench.line.link("modbus").down
    bench.run(90)
    assert bench.line.link("mqtt") == LinkState(delay_ms=400)
    assert [data for _, kind, subject, data in bench.events if (kind, subject) == ("link", "mqtt")][1:] == [
        "replace True", "replace False",
    ]  # fmt: skip


def test_a_new_tool_begins_its_life_anew(line: Make) -> None:
    bench = line()
    bench.run(200)
    spindle = "machining.spindle"
    used = bench.line.tags.find(f"{spindle}_tool_used")
    assert used is not None
    assert float(bench.line.truth(used.index)) > 0
    bench.give("panel", station="machining", element="stop", pressed=True)
    bench.run(1)
    bench.give("lock", station="machining", on=True)
    maintain(bench, spindle, "replace")
    assert bench.line.truth(used.index) == 0.0


# ---- state -------------------------------------------------------------------------------------------------------


def test_a_checkpoint_in_mid_job_goes_on_to_the_same_end() -> None:
    def begun() -> Bench:
        bench = Bench(reference())
        bench.run(5)
        bench.give("maintain", target="sorting.eye_1", operation="measure", who="trainee 1")
        bench.give("maintain", target="modbus", operation="close_connection")
        bench.give("panel", station="inspection", element="stop", pressed=True)
        bench.run(2)
        bench.give("lock", station="inspection", on=True, who="trainee 2")
        bench.run(3)
        return bench

    whole = begun()
    saved = json.loads(json.dumps(whole.line.checkpoint()))
    restored = Line.restore(reference(), saved)
    for line in (whole.line, restored):
        line.advance(60 * S)
    assert restored.digest == whole.line.digest == _rest(begun()).digest
    assert restored.maintenance.s == whole.line.maintenance.s
    assert [record.by for record in restored.maintenance.s.records] == ["", "trainee 1"]
    assert restored.maintenance.s.locks["inspection"].by == "trainee 2"
    assert "inspection" in restored.plant.image.state.unpowered


def _rest(bench: Bench) -> Line:
    bench.line.advance(60 * S)
    return bench.line


def test_stations_with_their_components_and_the_wires_are_the_places_of_work(line: Make) -> None:
    targets = line().line.maintenance.targets().values()
    assert {target.place for target in targets} == {"network", *reference_stations()}
    assert [target.name for target in targets if target.place == "network"] == ["modbus", "opcua", "mqtt"]


def reference_stations() -> list[str]:
    return [station.name for station in reference().stations]
