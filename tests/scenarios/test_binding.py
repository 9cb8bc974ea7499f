"""Binding files: what they mean, and what is said of mistakes."""

from pathlib import Path

import pytest

from controller.bindings import points
from devices.drivers import Plausibility
from scenarios import binding
from scenarios.binding import Binding
from scenarios.file_error import FileErrors
from scenarios.yaml_source import parse
from tests.sim.builders import reference

GOOD = """\
binding: machining
line: smart-factory
devices:
  plc:
    url: modbus-tcp://127.0.0.1:502/1
    groups: {slow: 1 s}
    signals:
      live: {address: discrete_input 7}
stations:
  machining:
    device: plc
    source: real
    tags:
      eye_work: discrete_input 0
      eye_out: {address: discrete_input 1}
      estop_ok: discrete_input 2
      spindle_temperature: {address: input_register 3, device_type: INT, scale: 0.1, tolerance: 2, group: slow}
      belt_run: coil 0
      stopper_open: coil 1
      door_close: coil 2
      clamp_close: {address: coil 3, safe: true}
      spindle_run: coil 4
      spindle_change_tool: coil 5
    handover: {presence: eye_work, done: eye_out, wait_done: 90 s}
    arming:
      interlock: estop_ok and plc.live
      lease: 3 s
      watchdog: {address: holding_register 9, every: 100 ms, within: 1 s, safe: not plc.live}
tags:
  storage.button_start: {device: plc, address: discrete_input 20, source: shadow}
"""
PATH = Path("b.yaml")


def built(text: str) -> Binding:
    return binding.build(parse(text, PATH), reference())


def wrong(old: str, new: str) -> list[str]:
    assert old in GOOD
    with pytest.raises(FileErrors) as caught:
        built(GOOD.replace(old, new))
    return [str(error) for error in caught.value.errors]


def test_a_good_file_is_resolved_against_its_line() -> None:
    found = built(GOOD)
    station = found.stations["machining"]
    by_name = {one.tag.signal: one for one in station.tags}
    assert station.terms.done_ns == 90 * 10**9
    assert station.arming is not None
    assert station.arming.watchdog.within_s == 1.0
    assert (by_name["belt_run"].safe, by_name["clamp_close"].safe, by_name["eye_out"].safe) == (False, True, None)
    assert found.tags["storage.button_start"][1] == "shadow"


def test_what_a_reading_can_be_reaches_the_driver() -> None:
    said = "group: slow, plausible: [5, 90], step: 3, frozen: 1 min, quiet: 10 s, behind: 2 s, ahead: 500 ms"
    assert "group: slow" in GOOD
    (slow,) = (g for g in points.groups(built(GOOD.replace("group: slow", said)), "plc") if g.name == "slow")
    assert slow.points[0].plausible == Plausibility(5, 90, 3, 60.0, 10.0, 2.0, 0.5)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("eye_work: discrete", "eye_wrok: discrete", 14, "did you mean eye_work"),
        ("device: plc\n    source", "device: plk\n    source", 11, "no such device 'plk'"),
        ("      stopper_open: coil 1\n", "", 13, "missing: stopper_open"),
        ("estop_ok and plc.live", "guard and plc.live", 26, "no signal or variable 'guard'"),
        ("estop_ok and plc.live", "door_close and plc.live", 26, "it may read"),
        ("within: 1 s", "within: 50 ms", 28, "longer than `every`"),
        ("eye_out: {address: discrete_input 1}", "eye_out: {address: discrete_input 1, safe: true}", 15, "is read"),
        ("storage.button_start:", "storage.eye_pick:", 30, "with its whole station only"),
        ("scale: 0.1,", "scael: 0.1,", 17, "scael"),
        ("group: slow", "group: fast", 17, "no such group 'fast'"),
        ("line: smart-factory", "line: other", 2, "is for the line 'other'"),
    ],
)
def test_mistakes_are_told_with_file_line_and_field(old: str, new: str, line: int, says: str) -> None:
    messages = wrong(old, new)
    assert any(message.startswith(f"b.yaml:{line}: ") and says in message for message in messages), messages
