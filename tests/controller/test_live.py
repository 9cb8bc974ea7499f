"""A run in real time, disturbed in every way that people have, gives the same events again from its journal alone."""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.bench import Bench
from controller.clock import SystemClock
from controller.faults import FaultShelf
from controller.messages import LabError
from controller.recorder import JOURNAL
from controller.run import Run
from controller.runs import Plan, begin
from devices.endpoint import Client, Role, Wire
from scenarios.catalogue import Catalogue
from sim.journal import read, replay
from sim.stream import Stream


class Crowd:
    """Trainees, an instructor and a machine that stalls, drawn from one stream."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self._bench, self._stream = bench, Stream([seed])
        self._clients = [Client(wire, f"{wire}{n}", "c", Role.TRAINEE) for wire in Wire for n in range(2)]
        self._doings: list[Callable[[], None]] = [
            *[self.write] * 12, *[self.key] * 2, self.button, self.fault, self.end_fault,
            self.freeze, self.run, self.speed, self.stall, self.remove, self.read,
        ]  # fmt: skip

    def pick(self, count: int) -> int:
        return int(self._stream.uniform() * count)

    def act(self) -> None:
        try:
            self._doings[self.pick(len(self._doings))]()
        except LabError:
            return  # refused, as it may be

    def station(self) -> str:
        return self._bench.definition.stations[self.pick(len(self._bench.definition.stations))].name

    def write(self) -> None:
        tags = [tag for tag in self._bench.view.tags if tag.writable]
        writes: list[tuple[int, object]] = []
        for _ in range(1 + self.pick(4)):
            tag = tags[self.pick(len(tags))]
            writes.append((tag.index, bool(self.pick(2)) if tag.type == "BOOL" else self.pick(4)))
        self._bench.view.request(self._clients[self.pick(len(self._clients))], writes)

    def key(self) -> None:
        self._bench.key(self.station(), ("builtin", "modbus", "opcua", "mqtt")[self.pick(4)], "crowd")

    def button(self) -> None:
        self._bench.panel(
            self.station(), ("start", "stop", "reset", "estop")[self.pick(4)], bool(self.pick(2)), "crowd"
        )

    def fault(self) -> None:
        rows = self._bench.shelf.rows()
        row = rows[self.pick(len(rows))]
        assert isinstance(row, dict)
        targets = row["targets"]
        assert isinstance(targets, list)
        self._bench.fault(str(row["fault"]), str(targets[self.pick(len(targets))]), {}, "crowd")

    def end_fault(self) -> None:
        for id in list(self._bench.run.line.faults)[:1]:
            self._bench.end_fault(id, "crowd")

    def freeze(self) -> None:
        self._bench.freeze("crowd")
        self._bench.go_on("crowd")

    def run(self) -> None:
        self._bench.go_on("crowd")

    def speed(self) -> None:
        self._bench.go_on("crowd", (0.5, 1.0, 5.0, 20.0)[self.pick(4)])

    def stall(self) -> None:
        """The loop stands still for a while, as under garbage collection or a busy machine."""
        until = self._bench.clock.monotonic() + (0.005, 0.3)[self.pick(8) == 0]
        while self._bench.clock.monotonic() < until:
            pass

    def remove(self) -> None:
        self._bench.remove_part(1 + self.pick(30), "crowd")

    def read(self) -> None:
        for index in range(len(self._bench.view.tags)):
            self._bench.view.read(index)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_disturbed_run_in_real_time_replays_to_every_digest(seed: int, plan: Plan) -> None:
    clock = SystemClock()
    run = begin(plan, clock)
    run.start()
    bench = Bench(
        1, clock, run, lambda _: begin(plan, clock), FaultShelf(Catalogue().faults(), plan.definition, run.line.tags)
    )
    run.set_speed(20.0, "test")
    crowd = Crowd(bench, seed)
    for n in range(400):
        crowd.act()
        await asyncio.sleep(0.005 if n % 3 else 0)
        if n % 50 == 49:
            await run.checkpoint()
    await bench.stop()
    assert_replays(run, plan.settings.data)


def assert_replays(run: Run, data: Path) -> None:
    text = (data / "bench-1" / run.folder_name / JOURNAL).read_text("utf-8")
    journal = read(io.StringIO(text, newline="\n"))
    result = replay(journal)
    assert (result.first_wrong_ns, result.agrees, result.compared) == (None, True, 9)
    assert result.inputs > 50
    assert (result.digest, result.events) == (run.line.digest, run.line.events)
