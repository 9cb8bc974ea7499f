"""Fault files: what they mean, how they are aimed, and what is said of a bad one."""

from pathlib import Path

import pytest

from scenarios.fault_file import Fault, FaultError, build, resolve, targets
from scenarios.file_error import FileErrors
from scenarios.yaml_source import parse
from sim.tags import line_tags
from tests.scenarios.kinds import KINDS
from tests.scenarios.sample import FILES, good

SLIP = (FILES / "slip.yaml").read_text("utf-8")
LINE = good()
TAGS = line_tags(LINE, KINDS)


def fault(seam: str, target: str, defaults: str) -> Fault:
    text = SLIP.replace("seam: parameter", f"seam: {seam}")
    text = text.replace("{kind: belt}", target).replace("{parameter: traction, how: factor, value: 80 %}", defaults)
    return build(parse(text, Path("x.yaml")), KINDS)


def aim(given: Fault, target: str, **overrides: object) -> dict[str, object]:
    return dict(resolve(given, target, overrides, LINE, TAGS, KINDS))


def test_a_signal_is_stuck() -> None:
    stuck = fault("signal", "{kind: photo_eye}", "{value: true}")
    assert targets(stuck, LINE, TAGS, KINDS) == ["first.eye_out", "second.eye_1"]
    head = {"fault": "slip", "seam": "signal", "target": "second.eye_1", "how": "stuck"}
    assert aim(stuck, "second.eye_1") == {**head, "value": True}
    assert aim(stuck, "second.eye_1", value=False) == {**head, "value": False}


def test_a_signal_is_chosen_by_port_type_and_direction() -> None:
    by_port = fault("signal", "{kind: ejector, port: extend}", "{value: false}")
    assert targets(by_port, LINE, TAGS, KINDS) == ["second.ejector_1"]
    numbers = fault("signal", "{type: REAL, direction: input}", "{value: 0}")
    assert targets(numbers, LINE, TAGS, KINDS) == ["first.belt_speed_actual"]
    assert aim(numbers, "first.belt_speed_actual")["value"] == 0.0


def test_a_parameter_is_changed_in_base_units() -> None:
    slip = fault("parameter", "{kind: belt}", "{parameter: traction, how: factor, value: 0.8}")
    head = {"fault": "slip", "seam": "parameter", "target": "second.belt", "parameter": "traction"}
    assert aim(slip, "second.belt") == {**head, "how": "factor", "value": 800_000}
    slow = fault("parameter", "{kind: belt}", "{parameter: speed, how: offset, value: -20 mm/s}")
    assert aim(slow, "second.belt")["value"] == -20_000
    assert aim(slow, "second.belt", how="replace", value="0.1 m/s")["value"] == 100_000


def test_something_happens_to_the_plant() -> None:
    jam = fault("disturbance", "{kind: belt}", "{method: jam, clear: clear_jam}")
    head = {"fault": "slip", "seam": "disturbance", "target": "first.belt"}
    assert aim(jam, "first.belt") == {**head, "method": "jam", "clear": "clear_jam", "args": {}}


def test_a_wire_is_late() -> None:
    late = fault("link", "{wire: [modbus]}", "{delay: 300 ms}")
    assert aim(late, "modbus") == {"fault": "slip", "seam": "link", "target": "modbus", "delay_ms": 300}
    assert aim(late, "modbus", delay="1 s")["delay_ms"] == 1000


@pytest.mark.parametrize(
    ("target", "overrides", "message"),
    [
        ("second.belg", {}, "no such target of slip 'second.belg'; did you mean second.belt"),
        ("second.eye_1", {}, "no such target of slip 'second.eye_1'"),
        ("second.belt", {"valeu": 1}, "no such setting of slip 'valeu'; did you mean value?"),
        ("second.belt", {"value": "5 mm"}, "'5 mm': 'mm' is no unit of ratio"),
        ("second.belt", {"value": [1]}, "must be one value, not a list or a mapping"),
        ("second.belt", {"how": "smash"}, "no such way to change a parameter 'smash'; there are factor, offset"),
    ],
)
def test_why_it_cannot_be_aimed(target: str, overrides: dict[str, object], message: str) -> None:
    with pytest.raises(FaultError) as caught:
        aim(build(parse(SLIP, Path("x.yaml")), KINDS), target, **overrides)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("value", ["true", 2, 0.5, None, float("nan")])
def test_a_bit_is_stuck_at_true_or_false(value: object) -> None:
    with pytest.raises(FaultError):
        aim(fault("signal", "{kind: photo_eye}", "{value: true}"), "second.eye_1", value=value)


@pytest.mark.parametrize(
    ("seam", "target", "defaults", "message"),
    [
        (
            "signal",
            "{kind: foto_eye}",
            "{value: 1}",
            "5: target.kind: no such kind of component 'foto_eye'; did you me",
        ),
        ("signal", "{kind: bin, port: ful}", "{value: 1}", "5: target.port: no such port of a bin 'ful'; did you mean"),
        ("signal", "{port: full}", "{value: 1}", "5: target.port: needs the kind of component that has this port"),
        ("signal", "{kind: bin}", "{value: wet}", "6: defaults.value: must be true, false or a number"),
        (
            "parameter",
            "{kind: belt}",
            "{parameter: tracton, how: factor, value: 1}",
            "6: defaults.parameter: no such p",
        ),
        (
            "parameter",
            "{kind: belt}",
            "{parameter: speed, how: replace, value: 1}",
            "6: defaults.value: '1' has no uni",
        ),
        (
            "parameter",
            "{kind: belt}",
            "{parameter: speed, how: halve, value: 1}",
            "6: defaults.how: must be 'factor', ",
        ),
        (
            "parameter",
            "{kind: belt}",
            "{parameter: length, how: factor, value: 2}",
            "6: defaults.parameter: length of a belt is fixed: the line is built with it; change it in the line file",
        ),
        (
            "disturbance",
            "{kind: belt}",
            "{method: burn}",
            "6: defaults.method: no such disturbance of a belt 'burn'; t",
        ),
        ("disturbance", "{kind: belt}", "{method: jam, clear: x}", "6: defaults.clear: jam is cleared by clear_jam"),
        ("link", "{wire: [canbus]}", "{delay: 1 s}", "5: target.wire[0]: must be 'modbus', 'opcua' or 'mqtt'"),
        ("link", "{wire: [mqtt]}", "{delay: 0 s}", "6: defaults.delay: must be at least 1 ns"),
        ("sigal", "{}", "{}", "3: seam: no such seam 'sigal'; did you mean signal?"),
    ],
)
def test_a_mistake_is_named_with_line_and_field(seam: str, target: str, defaults: str, message: str) -> None:
    with pytest.raises(FileErrors) as caught:
        fault(seam, target, defaults)
    assert str(caught.value).startswith(f"x.yaml:{message}")


def test_a_wire_loses_what_the_file_or_a_person_says() -> None:
    lossy = fault("link", "{wire: [mqtt]}", "{how: loss, share: 20 %}")
    head = {"fault": "slip", "seam": "link", "target": "mqtt", "how": "loss"}
    assert aim(lossy, "mqtt") == {**head, "share_ppm": 200_000}
    assert aim(lossy, "mqtt", share="0.5")["share_ppm"] == 500_000
    with pytest.raises(FaultError, match="at most 100 %"):
        aim(lossy, "mqtt", share="101 %")
    with pytest.raises(FaultError, match="delay has no meaning for slip, which is loss"):
        aim(lossy, "mqtt", delay="1 s")
    assert aim(fault("link", "{wire: [mqtt]}", "{how: down}"), "mqtt")["how"] == "down"


@pytest.mark.parametrize(
    ("defaults", "message"),
    [
        ("{}", "delay is missing|is missing: delay needs it"),
        ("{how: loss}", "is missing: loss needs it"),
        ("{how: down, share: 1 %}", "has no meaning for down"),
        ("{how: loss, share: 200 %}", "must be at most 100 %"),
    ],
)
def test_figures_of_a_link_fault_fit_its_way(defaults: str, message: str) -> None:
    with pytest.raises(FileErrors, match=message):
        fault("link", "{wire: [mqtt]}", defaults)
