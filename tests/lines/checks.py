"""What every shipped line is asked: a good file, task sheets that say the truth, the same after a restore, no jam."""

import importlib.util
import json
from collections.abc import Sequence
from typing import TypeVar

from scenarios.catalogue import check_file
from sim.line import Line
from sim.packml import State
from sim.stream import Stream, word
from tests.lines.plc_harness import LINES, ROOT, PlcBench, S, Watched, definition
from tests.sim import invariants

T = TypeVar("T")
TASKS = ROOT / "docs/tasks"
HOUR = 3600
STEPS = {"en": ("## I/O", "## Steps", "## What to prove"), "zh": ("## I/O 表", "## 步骤", "## 需要证明")}


class Dice:
    """Reproducible accidents."""

    def __init__(self, seed: int) -> None:
        self._stream = Stream([seed, word("dice")])

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self._stream.uniform()

    def choice(self, items: Sequence[T]) -> T:
        return items[self._stream.between(0, len(items) - 1)]

    def shuffle(self, items: list[tuple[int, int]]) -> None:
        items.sort(key=lambda _: self._stream.uniform())


def good_file(name: str) -> None:
    """`linelab check` has nothing to say, and the name is the file's."""
    assert check_file(LINES / f"{name}.yaml") == []
    assert definition(name).name == name


def task_sheets(name: str) -> None:
    """One in each language, with the parts that a task has and the addresses of the map."""
    spec = importlib.util.spec_from_file_location("make_io", TASKS / "make_io.py")
    assert spec is not None
    assert spec.loader is not None
    make_io = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_io)
    for suffix, language in ((".md", "en"), (".zh-CN.md", "zh")):
        path = TASKS / f"{name}{suffix}"
        text = path.read_text(encoding="utf-8")
        assert all(head in text for head in STEPS[language]), f"{path.name} lacks a heading"
        assert text == make_io.sheet(path), f"python docs/tasks/make_io.py {name}"


def same_after_restore(name: str, seconds: tuple[float, ...] = (7.3, 61.7, 133.1), more: float = 60) -> None:
    """Written to JSON at any instant and read back, with its pending work shuffled, a line goes on as it would have."""
    for at in seconds:
        line = Line(definition(name), 5)
        line.advance(round(at * S))
        kept = json.loads(json.dumps(line.checkpoint()))
        restored = Line.restore(definition(name), kept, Dice(3).shuffle)
        for one in (line, restored):
            one.advance(round((at + more) * S))
        assert restored.digest == line.digest, f"another line after {at} s"
        assert restored.events == line.events > 0


def runs(name: str, seconds: float, seed: int = 1, check_every: float = 5) -> Watched:
    """The built-in program runs the line, with all invariants looked at now and then, and does not stop."""
    bench = Watched(name, seed)
    bench.run(seconds, check_every)
    running = (State.EXECUTE, State.SUSPENDED)
    assert all(state in running for state in bench.states.values()), bench.states
    return bench


def eight_hours(name: str, seed: int = 1) -> Watched:
    """Every ten minutes of eight hours as much is finished as in a run without a jam."""
    bench = Watched(name, seed)
    finished: list[int] = []
    for _ in range(48):
        before = sum(bench.line.plant.parts.ends.values())
        bench.run(600, check_every=20)
        finished.append(sum(bench.line.plant.parts.ends.values()) - before)
    assert min(finished[1:]) > 0.5 * max(finished), f"it slows down or jams: {finished}"
    return bench


def survives(name: str, seconds: float = 900, seed: int = 1, disturbances: int = 12) -> Watched:
    """E-stops, stops, holds at random times, and a hand that takes a part: nothing is lost, and it goes on."""
    bench, dice = Watched(name, seed), Dice(seed)
    stations = list(bench.line.plant.units)
    for _ in range(disturbances):
        bench.run(dice.uniform(3, seconds / disturbances), check_every=0.7)
        station = dice.choice(stations)
        _disturb(bench, station, dice)
        bench.run(dice.uniform(0.05, 5), check_every=0.4)
        recover(bench)
    before = sum(bench.line.plant.parts.ends.values())
    bench.run(300, check_every=5)
    after = sum(bench.line.plant.parts.ends.values())
    assert after > before + 3, f"nothing moves any more: {before}, {after}, {bench.states}"
    return bench


def _disturb(bench: Watched, station: str, dice: Dice) -> None:
    what = dice.choice(("estop", "stop", "hold", "hand"))
    if what == "estop":
        bench.give("panel", station=station, element="estop", pressed=True)
    elif what == "stop":
        bench.give("panel", station=station, element="stop", pressed=True)
        bench.give("panel", station=station, element="stop", pressed=False)
    elif what == "hold" and bench.states[station] is State.EXECUTE:
        bench.give("write", writes=[[f"{station}.cmd_hold", True]])
    elif bench.line.plant.parts.by_serial:
        bench.give("remove_part", part=dice.choice(sorted(bench.line.plant.parts.by_serial)))
    invariants.check(bench.line)


def recover(bench: Watched) -> None:
    """What an operator does: release the e-stop, reset, start."""
    for station in bench.line.plant.units:
        bench.give("panel", station=station, element="estop", pressed=False)
        for _ in range(3):
            for element in ("reset", "start"):
                if bench.states[station] in (State.EXECUTE, State.SUSPENDED):
                    break
                bench.give("panel", station=station, element=element, pressed=True)
                bench.give("panel", station=station, element=element, pressed=False)
                bench.run(4, check_every=1)
                for _ in range(60):  # homing takes its time
                    if bench.states[station] is State.RESETTING:
                        bench.run(1)
    assert all(s in (State.EXECUTE, State.SUSPENDED) for s in bench.states.values()), bench.states


def driven(name: str, seconds: float, builtin_first: float = 0, seed: int = 1) -> PlcBench:
    """The reference program drives the line, from the start or after the built-in program; it is never refused."""
    bench = PlcBench(name, seed)
    if builtin_first:
        Watched.advance(bench, round(builtin_first * S))
    bench.take_control()
    bench.run(seconds, check_every=5)
    assert bench.denied == []
    assert set(bench.states.values()) <= {State.EXECUTE}, bench.states
    return bench
