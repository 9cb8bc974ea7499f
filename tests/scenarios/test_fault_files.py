"""Fault files: what they mean, how they are aimed, and what is said of a bad one."""

from pathlib import Path

import pytest

from scenarios.faulting import Fault, FaultError, build, resolve, targets
from scenarios.file_error import FileErrors
from scenarios.yaml_source import parse
from sim.tags import line_tags
from tests.scenarios.kinds import KINDS
from tests.scenarios.sample import FILES, good

SLIP = (FILES / "slip.yaml").read_text("utf-8")
LINE = good()
TAGS = line_tags(LINE, KINDS)
TIMEOUT = "{direction: parameter, signal: comm_timeout}"
EFFECT = "{parameter: traction, how: factor, value: $share}"
SHARE = "  share: {default: 80 %, low: 5 %, high: 99 %, title: {zh: 牵引, en: traction}}\n"


def text(target: str, effects: str, more: str = "", parameters: str = "") -> str:
    """The sample file with another target and other effects."""
    found = SLIP.replace("{kind: belt}", target).replace(EFFECT, effects)
    found = found.replace(f"parameters:\n{SHARE}", f"parameters:\n{parameters}" if parameters else "parameters: {}\n")
    return found + more


def fault(target: str, effects: str, parameters: str = "") -> Fault:
    return build(parse(text(target, effects, parameters=parameters), Path("x.yaml")), KINDS)


def slip() -> Fault:
    return build(parse(SLIP, Path("x.yaml")), KINDS)


def aim(given: Fault, target: str, **own: object) -> list[object]:
    found = resolve(given, target, own, LINE, TAGS, KINDS)["effects"]
    assert isinstance(found, list)
    return list(found)


def mistakes(body: str) -> list[str]:
    with pytest.raises(FileErrors) as caught:
        build(parse(body, Path("x.yaml")), KINDS)
    return [str(error).removeprefix("x.yaml:") for error in caught.value.errors]


# ---- aiming ---------------------------------------------------------------------------------------------------------


def test_a_whole_fault() -> None:
    assert resolve(slip(), "second.belt", {}, LINE, TAGS, KINDS) == {
        "fault": "slip",
        "target": "second.belt",
        "effects": [
            {"seam": "parameter", "component": "second.belt", "parameter": "traction", "how": "factor",
             "value": 800_000}
        ],
        "duration": {"kind": "until_repaired"},
        "repair": [{"target": "second.belt", "operation": "adjust"}],
        "findings": {"inspect": {"zh": "松", "en": "Slack"}},
    }  # fmt: skip


def test_a_signal_is_stuck_at_what_the_instructor_says() -> None:
    value = "  value: {default: true, choices: [true, false], title: {zh: 值, en: value}}\n"
    stuck = fault('{kind: photo_eye, port: ""}', "{signal: $target, how: stuck, value: $value}", value)
    assert targets(stuck, LINE, TAGS, KINDS) == ["first.eye_out", "second.eye_1"]
    head = {"seam": "signal", "tag": "second.eye_1", "how": "stuck"}
    assert aim(stuck, "second.eye_1") == [{**head, "value": True}]
    assert aim(stuck, "second.eye_1", value=False) == [{**head, "value": False}]
    with pytest.raises(FaultError, match="value: no such choice '1'; there are False, True"):
        aim(stuck, "second.eye_1", value=1)


def test_a_tag_is_chosen_by_port_type_direction_and_name() -> None:
    by_port = fault("{kind: ejector, port: extend}", "{signal: $target, how: blocked}")
    assert targets(by_port, LINE, TAGS, KINDS) == ["second.ejector_1"]
    by_type = fault("{type: REAL, direction: input}", "{signal: $target, how: freeze}")
    assert targets(by_type, LINE, TAGS, KINDS) == ["first.belt_speed_actual"]
    by_name = fault('{signal: "eye_*"}', "{signal: $target, how: invert}")
    assert targets(by_name, LINE, TAGS, KINDS) == ["first.eye_out", "second.eye_1"]


def test_shares_of_the_range_of_a_tag() -> None:
    off = fault(TIMEOUT, "{signal: $target, how: bias, by: -10 %}")
    assert targets(off, LINE, TAGS, KINDS) == ["first.comm_timeout", "second.comm_timeout"]
    said = {"seam": "signal", "tag": "first.comm_timeout"}
    assert aim(off, "first.comm_timeout") == [{**said, "how": "bias", "by": -6000.0}]
    half = fault(TIMEOUT, "{signal: $target, how: stuck, value: 50 %}")
    assert aim(half, "first.comm_timeout") == [{**said, "how": "stuck", "value": 30_000}]
    rangeless = fault("{type: REAL, direction: input}", "{signal: $target, how: bias, by: 5 %}")
    assert targets(rangeless, LINE, TAGS, KINDS) == []
    with pytest.raises(FaultError, match="has no range of its own: give a number of mm/s"):
        aim(rangeless, "first.belt_speed_actual")


def test_a_broken_wire_says_3_6_ma_and_why() -> None:
    short = fault(TIMEOUT, "{signal: $target, how: short}")
    said = {"seam": "signal", "tag": "first.comm_timeout", "how": "stuck"}
    assert aim(short, "first.comm_timeout") == [{**said, "value": 63_750, "quality": "bad", "reason": "sensor_failure"}]
    contact = fault('{signal: "eye_*"}', "{signal: $target, how: open}")
    assert aim(contact, "second.eye_1")[0]["value"] is False  # type: ignore[index]


def test_figures_have_units_and_limits() -> None:
    assert aim(slip(), "second.belt", share="50 %")[0]["value"] == 500_000  # type: ignore[index]
    for value, words in (("200 %", "is more than 99 %"), (0.01, "is less than 5 %"), ("5 mm", "is no unit of ratio")):
        with pytest.raises(FaultError, match=words):
            aim(slip(), "second.belt", share=value)


def test_one_fault_has_several_effects_on_all_of_a_station() -> None:
    dead = fault(
        "{station: true}",
        "{signals: {station: $station, direction: input, type: BOOL, kind: photo_eye}, how: stuck, value: false}\n"
        "  - {components: {kind: belt, station: $station}, disturbance: jam}\n"
        "  - {components: {kind: ejector, station: $station}, parameter: position, how: offset, value: 1 mm, "
        "optional: true}",
    )
    assert targets(dead, LINE, TAGS, KINDS) == ["first", "second"]
    first = aim(dead, "first")
    assert first == [
        {"seam": "signal", "tag": "first.eye_out", "how": "stuck", "value": False},
        {"seam": "disturbance", "component": "first.belt", "method": "jam"},
    ]
    assert len(aim(dead, "second")) == 3


def test_a_wire_is_late() -> None:
    late = fault("{wire: [modbus]}", "{link: delay, delay: 300 ms}")
    assert aim(late, "modbus") == [{"seam": "link", "wire": "modbus", "how": "delay", "delay_ms": 300}]


def test_a_stranger_writes_and_the_right_value_comes_back() -> None:
    writes = fault(
        "{direction: parameter, type: INT}",
        "{input: write, tag: $target, value: $value, undo: {value: $initial}, every: 2 s, peer: 192.168.10.66, "
        "wire: modbus}",
        "  value: {default: 2, low: -10, high: 10, title: {zh: 值, en: value}}\n",
    )
    (target,) = targets(writes, LINE, TAGS, KINDS)
    with pytest.raises(FaultError, match=r"-3 cannot be written to second\.colour: it goes from 1 to 3"):
        aim(writes, target, value=-3)
    initial = TAGS.find(target).initial  # type: ignore[union-attr]
    assert aim(writes, target, value=1) == [
        {
            "seam": "input", "op": "write", "args": {"writes": [[target, 1]]}, "every_ns": 2_000_000_000,
            "undo": {"op": "write", "args": {"writes": [[target, initial]]}}, "peer": "192.168.10.66",
            "wire": "modbus",
        }
    ]  # fmt: skip


def test_a_condition_ends_it_and_a_time() -> None:
    body = SLIP.replace(
        "[{operation: adjust}]", "[{when: not $station.estop_ok}, {operation: adjust, target: $station}]"
    )
    body = body.replace("duration: until_repaired", "duration: {random: 10 min}")
    found = resolve(build(parse(body, Path("x.yaml")), KINDS), "first.belt", {}, LINE, TAGS, KINDS)
    assert found["ends_when"] == "not first.estop_ok"
    assert found["duration"] == {"kind": "random", "mean_ns": 600 * 10**9}
    assert found["repair"] == [{"target": "first", "operation": "adjust"}]
    assert resolve(slip(), "first.belt", {}, LINE, TAGS, KINDS, "30 s")["duration"] == {
        "kind": "time",
        "ns": 30 * 10**9,
    }


@pytest.mark.parametrize(
    ("target", "own", "message"),
    [
        ("second.belg", {}, "no such target of slip 'second.belg'; did you mean second.belt"),
        ("second.eye_1", {}, "second.eye_1 is a photo_eye, and the fault is of a belt"),
        ("second.belt", {"shar": 1}, "no such setting of slip 'shar'; did you mean share?"),
        ("second.belt", {"share": [1]}, "must be one value, not a list or a mapping"),
    ],
)
def test_why_it_cannot_be_aimed(target: str, own: dict[str, object], message: str) -> None:
    with pytest.raises(FaultError) as caught:
        aim(slip(), target, **own)
    assert message in str(caught.value)


# ---- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "effects", "message"),
    [
        ("{kind: belg}", EFFECT, "8: target.kind: no such kind of component 'belg'; did you mean belt?"),
        ("{kind: bin, port: ful}", "{signal: $target, how: open}", "8: target.port: no such port of a bin 'ful'; did"),
        ("{port: full}", "{signal: $target, how: open}", "8: target.port: needs the kind of component"),
        ("{}", "{link: down, wire: mqtt}", "8: target: is empty"),
        ("{wire: [mqtt], line: true}", "{link: down, wire: mqtt}", "8: target: means several things"),
        ("{kind: belt}", "{parameter: tracton, how: factor, value: 1}", "no such parameter of a belt 'tracton'; did"),
        ("{kind: belt}", "{parameter: length, how: factor, value: 2}", "length of a belt is fixed"),
        ("{kind: belt}", "{parameter: speed, how: replace, value: 1}", "effects[0].value: '1' has no unit"),
        ("{kind: belt}", "{parameter: speed, how: halve, value: 1}", "effects[0].how: no such way 'halve'"),
        ("{kind: belt}", "{parameter: speed, value: 1}", "effects[0].how: is missing: replace, factor, offset, ramp"),
        ("{kind: belt}", "{disturbance: burn}", "no such disturbance of a belt 'burn'; there are jam"),
        ("{kind: belt}", "{how: stuck}", "effects[0]: needs exactly one of signal, signals"),
        ("{kind: belt}", "{signal: $target, how: stuck}", "effects[0].value: is missing: stuck needs it"),
        ("{kind: belt}", "{signal: $target, how: stuk, value: 1}", "no such way 'stuk'; did you mean stuck"),
        ("{kind: belt}", "{signal: $targt, how: open}", "no such word '$targt'; did you mean $target?"),
        ("{kind: belt}", "{signal: $target, how: bias, by: wet}", "'wet' is neither true, false, a number nor a share"),
        ("{kind: belt}", "{signal: $target, how: open, reason: rain}", "effects[0].reason: no such reason 'rain'"),
        ("{wire: [canbus]}", "{link: down}", "8: target.wire[0]: must be 'modbus', 'opcua' or 'mqtt'"),
        ("{wire: [mqtt]}", "{link: dwon}", "no such way of a wire 'dwon'; did you mean down?"),
        ("{wire: [mqtt]}", "{link: loss}", "effects[0].share: is missing: loss needs it"),
        ("{wire: [mqtt]}", "{link: loss, share: 200 %}", "effects[0].share: 200 % is out of range"),
        ("{wire: [mqtt]}", "{link: down, share: 2 %}", "effects[0].share: no such key of down 'share'"),
        ("{wire: [mqtt]}", "{link: shift, by: 1}", "effects[0].wire: shift is for modbus, not for mqtt"),
        ("{station: true}", "{link: down}", "effects[0].wire: is missing: which wire?"),
        ("{line: true}", "{input: wirte, tag: a.b, value: 1}", "no such operation 'wirte'; did you mean write?"),
        ("{line: true}", "{input: write, tag: a.b}", "effects[0].value: is missing"),
        ("{line: true}", "{input: operator, on: false, peer: x}", "effects[0].peer: and wire belong together"),
        ("{line: true}", "{input: operator, on: false, every: 1 ms}", "effects[0].every: must be at least 10 ms"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_line_and_field(target: str, effects: str, message: str) -> None:
    assert any(message in said for said in mistakes(text(target, effects)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("default: 80 %", "default: 80 mm", "10: parameters.share.default: '80 mm': 'mm' is no unit of ratio"),
        ("default: 80 %", "default: 100 %", "10: parameters.share.default: 100 % is more than 99 %"),
        ("value: $share", "value: 80 %", "10: parameters.share: is used by no effect: write $share where it belongs"),
        ("  share:", "  target:", "10: parameters.target: $target has a meaning of its own"),
        ("until_repaired", "5 mm", "13: duration: '5 mm': 'mm' is no unit of time"),
        ("until_repaired", "once", "13: duration: once is for what is done and over"),
        ("[{operation: adjust}]", "[]", "14: repair: is missing: what ends this fault?"),
        ("[{operation: adjust}]", "[{operation: hit}]", "14: repair[0].operation: must be 'inspect', 'measure'"),
        ("[{operation: adjust}]", "[{target: $target}]", "14: repair[0]: needs an operation, or when"),
        ("inspect: {zh", "kick: {zh", "16: findings.kick: must be 'inspect'"),
        ("{line: {zh: 慢, en: Slow}}", "{radio: {zh: 慢, en: Slow}}", "17: symptoms.radio: must be 'line', 'opcua'"),
        ("level: 4", "level: 6", "18: level: must be at most 5"),
        ("[MT]", "[XX]", "19: occupations[0]: must be 'OP', 'MT'"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_rest_of_the_file(old: str, new: str, message: str) -> None:
    assert any(said.startswith(message) for said in mistakes(SLIP.replace(old, new)))
