"""Machine: takes a part, works on it, holds it until the next has room. Also several alike side by side, and assembly.

Blocking after service: start = the later of own last departure and arrival of the part; departure = the later of the
end of work and the moment in which there is room downstream.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from sim.component import MILLION, Change
from sim.components.crew import Crew, Patient
from sim.components.flow_base import TO
from sim.definition import ComponentDefinition
from sim.laws import Times
from sim.part import Verdict
from sim.plant import Plant
from sim.spec import Disturbance, Join, Kind, Law, Parameter, states
from sim.text import Text
from sim.travel import NEVER, Travel

MODES = ("working", "blocked", "starved", "down")
WORKING, BLOCKED, STARVED, DOWN = range(4)
_STATES = states(("working", "加工", "working"), ("blocked", "下游堵塞", "blocked"), ("starved", "待料", "starved"),
                 ("down", "故障", "down"))  # fmt: skip
_CYCLE = Text("加工一件", "one part worked on")
NO_FAILURES, OPERATING, CALENDAR = range(3)
FINISH, FAIL, REPAIRED = range(3)


@dataclass(slots=True)
class Job:
    """A part that is worked on; the work is in ppm x ns, so that a rate that changes on the way stays exact."""

    serial: int
    work: Travel


@dataclass(slots=True)
class MachineState:
    """Parts at work and parts that wait to leave; times count servers x ns in each mode, reckoned when settled."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    broken: bool = False
    halted: bool = False
    up_left: int = -1  # operating time to the next failure; -1: not drawn yet
    mode: int = STARVED
    since_ns: int = 0
    working: int = 0  # servers, since then
    blocked: int = 0
    servers: int = 1
    times: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    finished: int = 0
    scrapped: int = 0
    failures: int = 0


_PARAMETERS = (
    Parameter("servers", "count", Text("并行工位数", "Machines alike, side by side, with one queue"), "1", low=1,
              high=10_000),
    Parameter("rate", "ratio", Text("速度倍率", "Speed, of the nominal one"), "1", low=1000, high=100 * MILLION),
    Parameter("failures", "count", Text("故障计时", "By which time failures come"), "none", high=2,
              choices=("none", "operating", "calendar")),
    Parameter("scrap", "ratio", Text("废品率", "Chance that a part is scrap; it leaves the line at once"), "0",
              high=MILLION),
)  # fmt: skip
_LAWS = (
    Law("service", Text("加工时间", "Time to work on one part")),
    Law("uptime", Text("无故障时间 (MTBF)", "Time between repair and failure (MTBF)"), "", positive=True),
    Law("repair", Text("修复时间 (MTTR)", "Time to repair (MTTR)"), "0 s"),
)
_JOINS = (TO, Join("crew", ("crew",), Text("维修组", "Who repairs it; left out: an own repairer"), required=False))
_HALT = (Disturbance("halt", Text("停机", "stands still until resumed"), clears="resume"),)


class Machine(Patient):
    """Failures by operating time come while it works, by calendar time also while it waits.

    A machine that is down takes no part, works on none and gives none away; afterwards it goes on where it stopped.
    """

    KIND = Kind(
        "machine",
        Text("机器", "Machine"),
        Text("通用机器: 加工后阻塞, 故障, 废品, 并行工位", "Works on one part after the other; blocks after service"),
        parameters=_PARAMETERS,
        joins=_JOINS,
        disturbances=_HALT,
        laws=_LAWS,
        flow=True,
        states=_STATES,
        cycle=_CYCLE,
    )
    STATE = MachineState
    s: MachineState
    SLOTS = ("finish", "fail", "repaired")

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.service = Times(self, "service")
        self.uptime, self.repair = self.law("uptime"), Times(self, "repair")
        self.crew: Crew | None = None
        self.s.servers = self.p["servers"]
        self.duty.state = STARVED

    def connect(self) -> None:
        super().connect()
        for found in self.joined("crew"):
            self.crew = cast(Crew, found)
            self.crew.patients[self.name] = self

    def born(self) -> None:
        self._calendar()

    @property
    def down(self) -> bool:
        return self.s.broken or self.s.halted

    # ---- moving parts -----------------------------------------------------------------------------------------

    def room(self) -> bool:
        s = self.s
        return len(s.jobs) + len(s.done) < self.p["servers"] and not (s.broken or s.halted)

    def ready(self) -> bool:
        s = self.s
        return bool(s.done) and not (s.broken or s.halted)

    def give(self) -> int:
        self.flow.may_take(self)
        if not self.touched:
            self.flow.touch(self)
        return self.s.done.pop(0)

    def pull(self) -> None:
        s = self.s
        if s.broken or s.halted:
            return
        while len(s.jobs) + len(s.done) < self.p["servers"] and (giver := self.next_giver()) is not None:
            self._begin(giver.give())

    def _begin(self, serial: int) -> None:
        s = self.s
        self.plant.emit("part", serial, self.here)
        work = Travel(self.kernel.now_ns, 0, self.p["rate"], self.service.draw() * MILLION)
        s.jobs.append(Job(serial, work))
        due = work.due_ns()
        if s.due[FINISH] == NEVER or due < s.due[FINISH]:
            self.wake(FINISH, due)
        if not self.touched:
            self.flow.touch(self)

    def finish(self) -> None:
        """Work on a part is done."""
        s = self.s
        if len(s.jobs) == 1:
            self._done(s.jobs.pop().serial)
        else:
            self._finish_due()
        self.flow.touch(self)
        self.flow.settle()

    def _finish_due(self) -> None:
        s, now = self.s, self.kernel.now_ns
        over = [job for job in s.jobs if job.work.due_ns() <= now]
        s.jobs = [job for job in s.jobs if job.work.due_ns() > now]
        for job in over:
            self._done(job.serial)
        self._plan()

    def _done(self, serial: int) -> None:
        s = self.s
        s.finished += 1
        self.duty.cycles += 1
        if self.p["scrap"] and self.plant.stream(f"{self.name}.scrap").uniform() * MILLION < self.p["scrap"]:
            s.scrapped += 1
            self.plant.judge(serial, Verdict.REJECT, 0)
            self.plant.retire(serial, self.name)
            self.gone(serial)
            self.flow.may_take(self)
            return
        s.done.append(serial)
        self.offer()

    def _plan(self) -> None:
        """Wake when the next job is done."""
        dues = [job.work.due_ns() for job in self.s.jobs if job.work.rate]
        self.wake(FINISH, min(dues, default=NEVER))

    def take(self, serial: int) -> bool:
        s = self.s
        if serial in s.done:
            s.done.remove(serial)
        elif any(job.serial == serial for job in s.jobs):
            s.jobs = [job for job in s.jobs if job.serial != serial]
        else:
            return False
        self.gone(serial)
        self._go_on()
        return True

    # ---- failures ---------------------------------------------------------------------------------------------

    def fail(self) -> None:
        """It breaks down. A failure by operating time that stands no longer, as nothing works, is planned anew."""
        s = self.s
        s.broken, s.failures = True, s.failures + 1
        if self.crew is None:
            self.begin_repair()
        else:
            self.crew.ask(self.name)
        self._go_on()

    def begin_repair(self) -> None:
        self.wake(REPAIRED, self.now + self.repair.draw())

    def repaired(self) -> None:
        """Up again, with a new time to the next failure."""
        self.s.broken, self.s.up_left = False, -1
        if self.crew is not None:
            self.crew.repaired(self.name)
        self._calendar()
        self._go_on()

    def _calendar(self) -> None:
        if self.p["failures"] == CALENDAR and self.uptime is not None:
            self.wake(FAIL, self.now + self.uptime.draw())

    def halt(self) -> None:
        self.s.halted = True
        self._go_on()

    def resume(self) -> None:
        self.s.halted = False
        self._go_on()

    def replan(self) -> None:
        """Another rate: the rest of the work takes its time. Other servers, other failures: from now on."""
        s = self.s
        if self.p["failures"] != CALENDAR:
            self.wake(FAIL, NEVER)
        elif s.due[FAIL] == NEVER and not s.broken:
            self._calendar()
        self._go_on()

    def _go_on(self) -> None:
        """Down, up, or at another rate: plan the rest of the work, and move what can move."""
        rate = 0 if self.down else self.p["rate"]
        for job in self.s.jobs:
            job.work.go(self.now, rate, job.work.goal)
        self._plan()
        self.offer()
        self.flow.may_take(self)
        self.flow.touch(self)
        self.flow.settle()

    # ---- time in state ----------------------------------------------------------------------------------------

    def reckon(self) -> None:
        s, now = self.s, self.kernel.now_ns
        span = now - s.since_ns
        if span:
            if s.servers == 1 and s.working + s.blocked < 2:  # servers taken away finish what they have
                s.times[s.mode] += span
            else:
                self._add(s.times, span)
            if s.mode == WORKING and s.up_left >= 0:
                s.up_left -= span
            s.since_ns = now
        s.working, s.blocked, s.servers = len(s.jobs), len(s.done), self.p["servers"]
        mode = WORKING if s.working else BLOCKED if s.blocked else STARVED
        if s.broken or s.halted:
            mode = DOWN
        if mode != s.mode:
            s.mode = mode
            self.be(mode)
            self.plant.emit("mode", self.name, MODES[mode])
        if self.uptime is not None and self.p["failures"] == OPERATING:
            self._plan_failure(self.uptime)

    def _plan_failure(self, uptime: Times) -> None:
        """By operating time: due only if it comes before the work that is going on is done."""
        s = self.s
        if s.up_left < 0:
            s.up_left = uptime.draw()
        at = s.since_ns + s.up_left
        self.wake(FAIL, at if s.mode == WORKING and at < s.due[FINISH] else NEVER)

    def _add(self, times: list[int], span: int) -> None:
        s = self.s
        if s.mode == DOWN:
            times[DOWN] += span * max(s.servers, s.working + s.blocked)
            return
        times[WORKING] += span * s.working
        times[BLOCKED] += span * s.blocked
        times[STARVED] += span * max(0, s.servers - s.working - s.blocked)

    def figures(self) -> Mapping[str, int]:
        s, times = self.s, list(self.s.times)
        self._add(times, self.now - s.since_ns)
        counts = {"finished": s.finished, "scrapped": s.scrapped, "failures": s.failures}
        return {**dict(zip(MODES, times, strict=True)), **counts}

    def holds(self) -> list[int]:
        return [*(job.serial for job in self.s.jobs), *self.s.done]

    def announce(self) -> list[tuple[str, str | int, object]]:
        parts: list[tuple[str, str | int, object]] = [("part", serial, self.here) for serial in self.holds()]
        return [*parts, ("mode", self.name, MODES[self.s.mode])]


class Assembly(Machine):
    """Takes one part of each feeder at the same instant, once all have one; the first feeder's part goes on."""

    KIND = Kind(
        "assembly",
        Text("装配", "Assembly"),
        Text("从每个来料各取一件装配", "Joins one part of each feeder; that of the first in the file goes on"),
        parameters=_PARAMETERS,
        joins=_JOINS,
        disturbances=_HALT,
        laws=_LAWS,
        flow=True,
        states=_STATES,
        cycle=_CYCLE,
    )

    def pull(self) -> None:
        while self.room() and all(giver.ready() for giver in self.givers):
            first, *others = [giver.give() for giver in self.givers]
            for serial in others:
                self.plant.merge(serial, self.name)
                self.gone(serial)
            self._begin(first)

    def next_giver(self) -> None:
        return None
