"""The shipped PLC program runs the sorting station over Modbus and sorts every part, whatever comes and whenever.

The line is the reference line with more rejects and another pause of the feeder for each seed; while it runs somebody
holds the stations before the sorting one at random, so that parts come bunched and with gaps. What happened to a part
is taken from the journal, computed again; the program is not asked.
"""

import random  # noqa: TID251  how people hold stations is no physics of the line
import re
import subprocess
import sys
import time  # noqa: TID251  these tests run against the wall clock
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pymodbus.client import ModbusTcpClient

from tests.acceptance.conftest import MakeLab
from tests.acceptance.lab import ROOT, Lab, linelab, within
from tests.acceptance.truth import Truth, truth

LINE = ROOT / "scenarios" / "lines" / "smart-factory.yaml"
HOLD = {"infeed": 1003, "machining": 1035, "inspection": 1067}  # coils cmd_hold; cmd_unhold is the next one
LATE_MS = 150  # longer between two scans is no scan of 100 ms +- 20 any more
TRAVEL_S = 20.0  # what came onto the belt that long before the end has reached its place


def varied(path: Path, seed: int) -> Path:
    """The reference line: a third of its parts is rejected, and its feeder pauses otherwise."""
    text, pause = LINE.read_text(encoding="utf-8"), random.Random(seed).choice((3.0, 4.5, 6.0, 8.0))
    text, tolerances = re.subn(r"tolerance: \d+ µm", "tolerance: 15 µm", text)
    text, pauses = re.subn(r"(\{step: pause, .*after:) [\d.]+ s", rf"\1 {pause} s", text)
    assert (tolerances, pauses) == (1, 1)
    path.write_text(text, encoding="utf-8")
    return path


class People:
    """Somebody who holds the stations before the sorting one now and then, over Modbus as well."""

    def __init__(self, lab: Lab, seed: int, speed: float) -> None:
        self.choice, self.speed = random.Random(seed), speed
        self.wire = ModbusTcpClient("127.0.0.1", port=lab.port("modbus"))
        assert self.wire.connect()
        self.held: int | None = None
        self.next_s = time.monotonic() + 25 / speed

    def act(self) -> None:
        if time.monotonic() < self.next_s:
            return
        if self.held is None:
            self.held = self.choice.choice(list(HOLD.values()))
            self.wire.write_coil(self.held, True)
        else:
            self.wire.write_coil(self.held + 1, True)
            self.held = None
        self.next_s = time.monotonic() + self.choice.uniform(3, 20) / self.speed


def scan_loop(lab: Lab, speed: float, seed: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.acceptance.scan_loop", str(lab.port("modbus")), str(speed), str(seed)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run(labs: dict[int, Lab], speed: float, simulated_s: float) -> dict[int, float]:
    """Start the labs and a PLC at each, let people disturb them, stop all. The longest time between scans, in ms."""
    people, loops = {}, {}
    for seed, lab in labs.items():
        lab.start()
        loops[seed] = scan_loop(lab, speed, seed)
        lab.key("sorting", "modbus")
        people[seed] = People(lab, seed, speed)
    end = time.monotonic() + simulated_s / speed
    while time.monotonic() < end:
        for person in people.values():
            person.act()
        time.sleep(0.1)
    longest_ms = {}
    for seed, loop in loops.items():
        people[seed].wire.close()
        longest_ms[seed] = float(loop.communicate("stop\n", timeout=10)[0])
        assert loop.returncode == 0
    for lab in labs.values():
        assert lab.stop() == 0
    return longest_ms


def sorts(make: Callable[[int], Lab], seeds: Sequence[int], speed: float, simulated_s: float, least: int) -> set[int]:
    """Every part of every seed is where it belongs. The places that parts came to.

    The promise is for a scan of 100 ms, give or take 20. Where this machine was too busy to keep that, a part that went
    astray says nothing of the line: that seed is run again, alone. It is no way out for a loop that was in time.
    """
    places: set[int] = set()
    for attempt in range(3):
        labs = {seed: make(seed) for seed in seeds}
        longest_ms = run(labs, speed, simulated_s)
        again = []
        for seed, lab in labs.items():
            found = truth(lab.journals()[0])
            if found.wrong() and longest_ms[seed] > LATE_MS and attempt < 2:
                again.append(seed)
                continue
            places |= check(lab, found, least)
        if not again:
            return places
        seeds = again
    raise AssertionError("unreachable")


def check(lab: Lab, found: Truth, least: int) -> set[int]:
    """Every part is where it belongs. The places that parts came to."""
    assert found.wrong() == {}, f"spacings {found.spacings_s()}"
    late_ns = max(t for t, _, _ in found.states + [(t, "", 0) for t in found.entered.values()]) - TRAVEL_S * 1e9
    lost = [serial for serial, t in found.entered.items() if t < late_ns and serial not in found.where]
    assert not lost, "left nowhere"
    assert len(found.where) >= least
    assert [s for _, station, s in found.states if station == "storage" and s in (8, 9, 11)] == []
    replayed = linelab("replay", str(lab.journals()[0]))
    assert replayed.returncode == 0, replayed.stdout
    return set(found.where.values())


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_shipped_program_sorts_every_part(make_lab: MakeLab, tmp_path: Path) -> None:
    line = varied(tmp_path / "line.yaml", 3)
    places = sorts(lambda seed: make_lab("--line", str(line), "--speed", "2", "--seed", str(seed)), [3], 2, 90, 4)
    assert len(places) >= 2


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_seeds_one_to_ten_sort_every_part_in_real_time(make_lab: MakeLab, tmp_path: Path) -> None:
    def make(seed: int) -> Lab:
        return make_lab("--line", str(varied(tmp_path / f"{seed}.yaml", seed)), "--seed", str(seed))

    places = [sorts(make, seeds, 1, 200, 10) for seeds in ((1, 2, 3, 4), (5, 6, 7), (8, 9, 10))]  # two cores bear four
    assert set().union(*places) == {0, 1, 2, 3}


@pytest.mark.long
@pytest.mark.timeout(120)
def test_the_program_runs_as_it_is_shipped_on_the_line_as_it_is_shipped(make_lab: MakeLab) -> None:
    """The command that `docs/first-plc.md` names, no harness around it."""
    lab = make_lab("--speed", "2").start()
    command = [sys.executable, "docs/plc/sorting.py", "127.0.0.1", str(lab.port("modbus")), "0.05"]
    plc = subprocess.Popen(command, cwd=ROOT)
    try:
        lab.key("sorting", "modbus")
        for _ in within(60, "a part is sorted"):
            if lab.values()["sorting.parts_out"] >= 1:
                break
        assert lab.values()["sorting.state"] == 6
        assert plc.poll() is None
    finally:
        plc.terminate()
        plc.wait(timeout=10)
    assert lab.stop() == 0


def test_the_operator_stops_and_starts_the_program_also_after_an_emergency_stop(lab: Lab) -> None:
    command = [sys.executable, "docs/plc/sorting.py", "127.0.0.1", str(lab.port("modbus"))]
    plc = subprocess.Popen(command, cwd=ROOT)
    try:
        lab.key("sorting", "modbus")
        comes_to(lab, 6)
        press(lab, "stop")
        comes_to(lab, 2)
        press(lab, "start")
        comes_to(lab, 6)
        lab.ask("POST", "/panel", {"station": "sorting", "element": "estop", "pressed": True})
        comes_to(lab, 9)
        assert not lab.values()["sorting.belt_run"]
        lab.ask("POST", "/panel", {"station": "sorting", "element": "estop", "pressed": False})
        time.sleep(0.5)
        assert lab.values()["sorting.state"] == 9, "nothing starts by itself"
        press(lab, "start")
        comes_to(lab, 6)
    finally:
        plc.terminate()
        plc.wait(timeout=10)


def press(lab: Lab, element: str) -> None:
    """A finger on a button for as long as a PLC needs to see it."""
    lab.ask("POST", "/panel", {"station": "sorting", "element": element, "pressed": True})
    time.sleep(0.4)
    lab.ask("POST", "/panel", {"station": "sorting", "element": element, "pressed": False})


def comes_to(lab: Lab, state: int) -> None:
    for _ in within(8, f"state {state}"):
        if lab.values()["sorting.state"] == state:
            return
