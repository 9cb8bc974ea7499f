"""A station whose sensors a device speaks for: parts wait for it, go on with it, and none is lost."""

import json
from typing import Any

from sim.inputs import Input
from sim.line import Line
from sim.packml import State
from sim.refusal import Refusal
from sim.state import JsonValue
from tests.sim.builders import S, reference

TERMS: dict[str, JsonValue] = {
    "presence": "eye_work",
    "done": "eye_out",
    "presence_ns": 40 * S,
    "done_ns": 30 * S,
    "twin_ns": S,
}
EYES = ("eye_work", "eye_out", "clamp_open", "clamp_closed", "door_open", "door_closed", "spindle_done",
        "spindle_tool_ok")  # fmt: skip


class Bench:
    """The reference line with its machining station at a device that the test plays."""

    def __init__(self, line: Line | None = None) -> None:
        self.line = line or Line(reference(), 1)
        self.said: list[list[Any]] = []
        self.inputs: list[tuple[int, Input]] = []
        self.line.listen(lambda t, kind, subject, data: self.said.append([kind, subject, data]))

    def give(self, op: str, **args: JsonValue) -> None:
        given = Input(op, args)
        assert not any(self.line.check(given)), (op, args, self.line.check(given))
        self.inputs.append((self.line.now_ns, given))
        self.line.apply(given)
        self.line.advance(self.line.now_ns)

    def run(self, seconds: float) -> None:
        self.line.advance(self.line.now_ns + int(seconds * S))

    def value(self, tag: str) -> Any:
        found = self.line.tags.find(f"machining.{tag}")
        assert found is not None
        return self.line.read(found.index).value

    def reads(self, **values: bool | float) -> None:
        self.give("reading", values=[[f"machining.{tag}", value, "good", ""] for tag, value in values.items()])

    @property
    def state(self) -> int:
        return int(self.value("state"))

    def real(self, abort: bool = True) -> None:
        values: list[JsonValue] = [[f"machining.{eye}", bool(self.value(eye)), "good", ""] for eye in EYES]
        self.give("source", station="machining", mode="real", values=values, terms=TERMS, abort=abort)

    def armed(self) -> None:
        """Real, armed, confirmed, empty, running."""
        self.real()
        self.give("arm", station="machining", armed=True)
        self.give("confirm_parts", station="machining", parts=[])
        for command in ("clear", "reset"):
            self.run(1)
            self.give("write", writes=[[f"machining.cmd_{command}", True]])
            self.reads(clamp_open=True, clamp_closed=False, door_open=True, door_closed=False)
        self.run(1)
        self.give("write", writes=[["machining.cmd_start", True]])
        self.run(1)
        assert self.state == State.EXECUTE, self.state

    def work(self) -> None:
        """The device works on one part as the real machine does, its sensors following the outputs."""
        self.reads(eye_work=True)
        self.run(1)
        self.reads(clamp_open=False, clamp_closed=True, door_open=False, door_closed=True)
        self.run(2)
        self.reads(spindle_done=True)
        self.run(1)
        self.reads(clamp_open=True, clamp_closed=False, door_open=True, door_closed=False, spindle_done=False)
        self.run(1)
        self.reads(eye_work=False)

    def handed(self, what: str) -> list[int]:
        return [data[1] for kind, subject, data in self.said if kind == "handover" and data[0] == what]


def test_a_real_station_starts_aborted_and_is_neither_reset_unconfirmed_nor_disarmed() -> None:
    bench = Bench()
    bench.run(60)
    bench.real()
    bench.run(1)
    clear = Input("write", {"writes": [["machining.cmd_clear", True]]})
    refusals = [bench.line.check(clear)]
    bench.give("arm", station="machining", armed=True)
    refusals.append(bench.line.check(clear))
    bench.give("confirm_parts", station="machining", parts=[])
    assert bench.state == State.ABORTED
    assert bench.value("stop_reason") == 268
    assert refusals == [(Refusal.STATE,)] * 2
    assert bench.line.check(clear) == (None,)


def test_a_part_waits_until_the_device_shows_it_and_goes_on_when_it_is_done() -> None:
    bench = Bench()
    bench.armed()
    bench.run(15)
    assert bench.handed("expected")
    assert not bench.handed("in")
    bench.reads(eye_work=True)
    bench.run(3)
    assert len(bench.handed("in")) == 1
    bench.work()
    bench.run(15)
    assert not bench.handed("out")  # the twin's part stands at the exit, the device has not finished
    bench.reads(eye_out=True)
    bench.run(8)
    bench.reads(eye_out=False)
    assert bench.handed("out") == bench.handed("in")[:1]
    assert bench.line.plant.parts.made == len(bench.line.plant.parts.by_serial) + bench.line.plant.parts.gone


def test_a_twin_that_is_behind_loses_no_part() -> None:
    bench = Bench()
    bench.armed()
    bench.run(15)
    bench.reads(eye_work=True)
    bench.run(3)
    bench.give("force", tag="machining.eye_work", value=True)  # the program waits at the machine
    bench.reads(eye_out=True)  # and the device says that it is done all the same
    bench.run(12)
    assert bench.handed("out") == bench.handed("in")[:1]


def test_a_part_that_never_comes_aborts_with_a_reason() -> None:
    bench = Bench()
    bench.armed()
    bench.run(90)
    assert bench.state == State.ABORTED
    assert bench.value("stop_reason") == 266


def test_work_that_is_never_done_aborts_with_a_reason() -> None:
    bench = Bench()
    bench.armed()
    bench.run(15)
    bench.reads(eye_work=True)
    bench.run(40)
    assert bench.state == State.ABORTED
    assert bench.value("stop_reason") == 267


def test_takeover_within_limits_is_bumpless() -> None:
    bench = Bench()
    bench.armed()
    bench.run(15)
    bench.reads(eye_work=True)
    bench.run(3)
    came = bench.handed("in")[0]
    bench.give("source", station="machining", mode="sim")
    bench.run(60)
    assert bench.state == State.EXECUTE
    assert came not in bench.line.plant.stand_ins["machining"].parts()  # it was machined and went on


def test_a_mixed_run_replays_and_restores_in_mid_handover() -> None:
    bench = Bench()
    bench.armed()
    bench.run(15)
    bench.reads(eye_work=True)
    bench.run(0.1)
    kept = json.loads(json.dumps(bench.line.checkpoint()))
    rest = len(bench.inputs)
    bench.work()
    bench.reads(eye_out=True)
    bench.run(20)
    for again, inputs in ((Line(reference(), 1), bench.inputs), (Line.restore(reference(), kept), bench.inputs[rest:])):
        for at, given in inputs:
            again.advance(at)
            again.apply(given)
            again.advance(at)
        again.advance(bench.line.now_ns)
        assert (again.events, again.digest) == (bench.line.events, bench.line.digest)


def test_readings_have_qualities_and_the_plant_stays_the_twins() -> None:
    bench = Bench()
    bench.real()
    tag = bench.line.tags.find("machining.eye_out")
    assert tag is not None
    bench.give("reading", values=[["machining.eye_out", True, "bad", "no_communication"]])
    reading = bench.line.read(tag.index)
    assert (reading.value, reading.quality, reading.reason) == (True, "bad", "no_communication")
    assert bench.line.truth(tag.index) is False
    bench.give("source", station="machining", mode="sim")
    assert bench.line.read(tag.index).quality == "good"
    assert bench.line.read(tag.index).value is False


def test_readings_of_simulated_tags_and_wrong_types_are_refused() -> None:
    bench = Bench()
    bench.real()
    check = bench.line.check
    assert check(Input("reading", {"values": [["sorting.eye_1", True, "good", ""]]})) == (Refusal.STATE,)
    assert check(Input("reading", {"values": [["machining.eye_out", 1, "good", ""]]})) == (Refusal.TYPE,)
    assert check(Input("reading", {"values": [["machining.eye_out", True, "fine", ""]]})) == (Refusal.RANGE,)


def test_force_and_single_analogue_tag() -> None:
    bench = Bench()
    tag = bench.line.tags.find("machining.spindle_temperature")
    assert tag is not None
    bench.give("source", tags=[tag.name], mode="real", values=[[tag.name, 41, "good", ""]])
    assert bench.line.read(tag.index).value == 41.0
    assert bench.line.plant.image.source(tag.index) == "real"
    bench.give("force", tag=tag.name, value=20.5)
    assert bench.line.read(tag.index).value == 20.5
    assert bench.line.plant.image.source(tag.index) == "forced"
    bench.give("force", tag=tag.name, value=None)
    bench.give("source", tags=[tag.name], mode="sim")
    assert bench.line.read(tag.index).value == bench.line.truth(tag.index)


def _fault(effect: dict[str, JsonValue]) -> Input:
    args: dict[str, JsonValue] = {"id": "f1", "fault": "x", "target": "machining", "effects": [effect]}
    return Input("fault", args)


def test_physics_of_a_real_station_cannot_be_bent_and_its_readings_can() -> None:
    bench = Bench()
    jam = _fault({"seam": "disturbance", "component": "machining.belt", "method": "jam"})
    coil = _fault({"seam": "signal", "tag": "machining.belt_run", "how": "stuck", "value": True})
    eye = _fault({"seam": "signal", "tag": "machining.eye_out", "how": "stuck", "value": True})
    assert [bench.line.check(one) for one in (jam, coil, eye)] == [(None,)] * 3
    bench.real()
    assert [bench.line.check(one) for one in (jam, coil, eye)] == [(Refusal.STATE,), (Refusal.STATE,), (None,)]
    assert [bench.line.fault_hindrance(one.args) for one in (jam, coil, eye)] == ["real", "real", ""]
    bench.give("fault", **eye.args)
    assert bench.value("eye_out") is True  # the card says so, whatever the device says


def test_a_station_with_bent_physics_does_not_become_real() -> None:
    """Its twin would differ from the device, and nobody can bend the device."""
    bench = Bench()
    bench.give("fault", **_fault({"seam": "signal", "tag": "machining.belt_run", "how": "stuck", "value": True}).args)
    becomes_real = Input("source", {"station": "machining", "mode": "real", "values": [], "terms": None})
    assert bench.line.check(becomes_real) == (Refusal.STATE,)
    (bent,) = bench.line.bent("machining")
    assert bench.line.bent("inspection") == []
    bench.give("end_fault", id=bent)
    assert bench.line.check(becomes_real) == (None,)
