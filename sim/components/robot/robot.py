"""Six-axis robot: moves from point to point in joint space, runs programs by number, and shakes hands with a PLC.

All joints start and stop together. A move is as long as its slowest joint needs: with L the way of a joint and v its
top speed, the largest L/v is the move's length in time at full speed, and one trapezoid from 0 to there drives all
joints in proportion. So it takes max(L/v) + ramp, or 2 √(max(L/v) ramp) where it is too short for full speed. Override
and `speed` steps lower the speed and not the acceleration. Stopped at any instant it brakes on its ramp and goes on
from there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from sim.component import MILLION, Change
from sim.components.grip import VacuumCup
from sim.components.linear_axis import G, Segment, halt, move
from sim.components.power import Meters, tell
from sim.components.robot.arm import AXES, DEG
from sim.components.robot.kind import (
    FAULTED,
    HELD,
    IDLE,
    NOT_GRIPPED,
    OFF,
    PART_LOST,
    PROTECTIVE,
    ROBOT,
    RUNNING,
    SERVO_OFF,
    TOO_HOT,
    UNKNOWN_PROGRAM,
)
from sim.components.robot.program import Step, points_of, programs_of
from sim.components.spot import Spot
from sim.components.warmth import Warmth
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.tag import Value
from sim.travel import NEVER, Travel

UNIT = 10**14  # of a move's length: what it covers in a second at full speed
HOMING = -1  # its number among the programs
GROUPS = {"arm": range(3), "wrist": range(3, AXES)}  # motors that warm up together
STOPS = (PART_LOST, TOO_HOT, PROTECTIVE)  # errors that are protective stops


@dataclass(slots=True)
class RobotState:
    """Vacuum and part as of a cup; the move from pose to pose (µ°), the program and where it is in it."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)
    serial: int = 0
    floor: list[int] = field(default_factory=list)
    sucking: bool = False
    start: list[int] = field(default_factory=list)
    goal: list[int] = field(default_factory=list)
    total: int = 0  # length of the move, 0 while it stands at the end of one
    plan: list[Segment] = field(default_factory=list)
    towards: str = ""
    point: str = ""  # where it stands, "" between points
    program: int = 0
    step: int = 0
    running: bool = False
    paused: bool = False  # after an error: until `start` says go on
    pace: int = MILLION  # by the program
    wait: Travel = field(default_factory=Travel)  # of a step that takes time
    error: int = 0
    done: bool = False
    seen: dict[str, bool] = field(default_factory=dict)  # commands as they were, for their edges
    arm: Warmth = field(default_factory=Warmth)
    wrist: Warmth = field(default_factory=Warmth)


class Robot(VacuumCup):
    """A rising `start` begins the program whose number is set, `done` stays until `start` falls or rises anew.

    `hold` stops it in mid-move and lets it go on. After an error, `acknowledge` once its cause has gone; then `start`
    with the same number goes on with the rest, another number begins that program, `home` gives it up.
    """

    KIND = ROBOT
    STATE = RobotState
    SLOTS = ("turn", "turn", "command", "proceed", "overheat")
    COMMAND, PROCEED, OVERHEAT = 2, 3, 4

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.points = points_of(definition)
        self.programs = programs_of(definition)
        self.home = next(iter(self.points))
        self.meters: Meters = []
        s = self.s
        s.start = list(self.points[self.home].joints)
        s.goal, s.point, s.plan = list(s.start), self.home, [Segment(0, 0)]
        for name in GROUPS:
            setattr(s, name, Warmth(0, self.p["ambient"], self.p["ambient"], self.p["warming"]))

    def connect(self) -> None:
        super().connect()
        for port in ("enable", "start", "hold", "acknowledge", "home", "override", "safe"):
            self.watch(port, self.COMMAND)
        for name in GROUPS:
            if f"temperature_{name}" in self.tags:
                self.image.compute(self.tags[f"temperature_{name}"], partial(self._celsius, name))
        for axis in range(AXES):
            if f"j{axis + 1}" in self.tags:
                self.image.compute(self.tags[f"j{axis + 1}"], partial(self._degrees, axis))

    def born(self) -> None:
        self.command()

    # ---- where it is ------------------------------------------------------------------------------------------

    def _segment(self) -> Segment:
        plan: list[Segment] = self.s.plan
        return next(s for s in reversed(plan) if s.start_ns <= self.now or s is plan[0])

    def _covered(self) -> int:
        """How much of the move is done, of its total."""
        return int(min(max(self._segment().x_at(self.now), 0), self.s.total))

    def _pose_at(self, covered: int) -> list[int]:
        s = self.s
        if not s.total:
            return list(s.goal)
        return [a + (2 * (b - a) * covered + s.total) // (2 * s.total) for a, b in zip(s.start, s.goal, strict=True)]

    def pose(self) -> list[int]:
        """The angles of its joints now, in µ°."""
        return self._pose_at(self._covered())

    def _degrees(self, axis: int) -> Value:
        return round(self.pose()[axis] / DEG, 1)

    def spot(self) -> Spot | None:
        """The spot that its tool is at, None between points and at points without one."""
        s = self.s
        name = "" if s.total or not s.point else self.points[s.point].spot
        return next((spot for spot in self.spots if spot.name == name), None)

    def _length(self, axes: range = range(AXES)) -> int:
        """The largest L/v of these joints for the present move."""
        s = self.s
        ways = (abs(s.goal[k] - s.start[k]) * UNIT // self.p[f"speed_{k + 1}"] for k in axes)
        return int(max(ways))

    # ---- commands ---------------------------------------------------------------------------------------------

    def replan(self) -> None:
        self.turn()
        self._plan()

    def _rises(self, port: str) -> bool:
        """Whether the command has come since it was last looked at."""
        now, before = bool(self.see(port)), self.s.seen.get(port, False)
        self.s.seen[port] = now
        return now and not before

    @property
    def _safe(self) -> bool:
        return bool(self.see("safe", True))

    def command(self) -> None:
        """A signal or power has changed."""
        s, was_started = self.s, self.s.seen.get("start", False)
        if s.running and not self.see("enable"):
            self._fail(SERVO_OFF)
        if not self._safe:
            self._fail(PROTECTIVE)
        acknowledged, started, homed = (self._rises(port) for port in ("acknowledge", "start", "home"))
        if acknowledged:
            self._acknowledge()
        if started or (was_started and not self.see("start")):
            s.done = False
        if homed and self._able and not self._moves:
            self._begin(HOMING)
        elif started and self._able and not self._moves and (not s.running or s.paused):
            self._start(int(self.see("program")))
        self.wake(0, self.now)
        self._plan()

    @property
    def _able(self) -> bool:
        return bool(self.see("enable")) and not self.s.error

    def _acknowledge(self) -> None:
        hot = any(self._warmth(name).at(self.now) >= self.p["hottest"] for name in GROUPS)
        if self.see("enable") and self._safe and not hot:
            self.s.error = 0

    def _start(self, program: int) -> None:
        s = self.s
        if s.paused and program == s.program:
            s.paused, s.wait = False, Travel(self.now, 0, 0, s.wait.goal)
        elif program in self.programs:
            self._begin(program)
        else:
            self._fail(UNKNOWN_PROGRAM)

    def _begin(self, program: int) -> None:
        """From where it stands, between two points too."""
        s = self.s
        self._stand()
        s.program, s.step, s.running, s.paused, s.done, s.pace = program, 0, True, False, False, MILLION
        self._enter()

    def _stand(self) -> None:
        """What is left of a move, in which it stands, is forgotten."""
        s = self.s
        if s.total:
            s.start = s.goal = self.pose()
            s.total, s.plan, s.point = 0, [Segment(self.now, 0)], ""
        s.wait = Travel(self.now)

    def _fail(self, code: int) -> None:
        """It stops with this error; the first one stays. What runs is kept for a later start."""
        s = self.s
        if not s.error:
            s.error = code
            s.paused = s.running
            self.wake(self.COMMAND, self.now)

    def stop_protectively(self) -> None:
        """Somebody has come near."""
        self._fail(PROTECTIVE)

    # ---- programs ---------------------------------------------------------------------------------------------

    def _steps(self) -> list[Step]:
        return [Step("move", self.home)] if self.s.program == HOMING else self.programs[self.s.program]

    def _enter(self) -> None:
        """Begin the step that it is at, and those after it that take no time."""
        s = self.s
        steps = self._steps()
        while s.step < len(steps) and self._instant(steps[s.step]):
            s.step += 1
        if s.step >= len(steps):
            s.done, s.running, s.program = s.program != HOMING, False, 0
            self.cycle()
            if "programs" in self.tags:
                self.set("programs", (int(self.see("programs")) + 1) % 2**32)

    def _instant(self, step: Step) -> bool:
        """Begin a step; true when it is done at once."""
        s = self.s
        if step.do == "move":
            return self._go(step.point)
        if step.do == "speed":
            s.pace = step.value
            return True
        if step.do == "wait":
            s.wait = Travel(self.now, 0, 0, step.value)
            return step.value == 0
        s.sucking = step.do == "grip"
        s.wait = Travel(self.now, 0, 0, self.p["grip_timeout"])
        self.wake(0, self.now)
        return False

    def _go(self, point: str) -> bool:
        s = self.s
        s.start, s.goal, s.towards = list(s.goal), list(self.points[point].joints), point
        s.total = self._length()
        s.plan = [Segment(self.now, 0)]
        s.point = "" if s.total else point
        return not s.total

    def _next(self) -> None:
        self.s.step += 1
        self.s.wait = Travel(self.now)
        self._enter()

    # ---- motion -----------------------------------------------------------------------------------------------

    @property
    def _free(self) -> bool:
        s = self.s
        return s.running and not s.paused and self._able and not self.see("hold")

    def _speed(self) -> int:
        """Of the move's length per second."""
        share = round(float(self.see("override", 100.0)) * 10_000)
        return int(UNIT * share * self.s.pace // MILLION**2)

    def _plan(self) -> None:
        """A command, an error or a parameter: on from where it is and as fast as it is, or brake."""
        s, now, free = self.s, self.now, self._free
        if s.total:
            here, before, length = self._segment(), s.total, max(1, self._length())
            start = Segment(now, self._covered() * length // before, here.v_at(now) * length // before)
            s.total, ramp, speed = length, max(1, UNIT // self.p["ramp"]), self._speed()
            s.plan = move(start, length, speed, ramp, ramp) if free and speed > 0 else halt(start, ramp)
            self._trim()
        s.wait.go(now, int(free), self._wait_goal())
        self._settle()

    def _wait_goal(self) -> int:
        """How long the step lasts at most: that of the tool is a parameter."""
        s = self.s
        steps = self._steps() if s.running else []
        if s.wait.goal and s.step < len(steps) and steps[s.step].do in ("grip", "release"):
            return self.p["grip_timeout"]
        return int(s.wait.goal)

    def _trim(self) -> None:
        plan = self.s.plan
        while len(plan) > 1 and plan[1].start_ns <= self.now:
            plan.pop(0)

    def proceed(self) -> None:
        """A segment of the move ends, or a wait."""
        s = self.s
        self._trim()
        if s.total and len(s.plan) == 1 and s.plan[0].x >= s.total:
            s.start, s.total, s.point, s.plan = list(s.goal), 0, s.towards, [Segment(self.now, 0)]
            self.wake(0, self.now)
            self._next()
            self._plan()
        elif self._free and s.wait.goal and s.wait.at(self.now) >= s.wait.goal and not s.total:
            if self._steps()[s.step].do == "wait":
                self._next()
            else:
                self._fail(NOT_GRIPPED)
            self._plan()
        else:
            self._settle()

    def _settle(self) -> None:
        """What follows from the plan: when something is due, temperatures, what is seen."""
        s, plan = self.s, self.s.plan
        due = [plan[1].start_ns] if len(plan) > 1 else []
        if s.wait.goal and s.wait.rate:
            due.append(max(self.now, s.wait.due_ns()))
        self.wake(self.PROCEED, min(due, default=NEVER))
        self._warm()
        self._say()
        tell(self.meters, self.now)

    # ---- tool -------------------------------------------------------------------------------------------------

    def see(self, port: str, absent: Value = False) -> Value:
        """To the vacuum, `suck` is what the program says."""
        if port == "suck":
            return bool(self.s.sucking and (self.powered or self.p["keeps_part"]))
        return super().see(port, absent)

    def reaches(self, most: int, at: int) -> int:
        """Without power its check valve keeps what vacuum there is, and the ejector makes no more."""
        return most if self.powered else min(most, at)

    def draws(self) -> int:
        return super().draws() if self.powered else 0

    def _sealed(self) -> bool:
        """Fingers close whether there is a part between them or not."""
        return bool(self.p["tool"]) or super()._sealed()

    def turned(self) -> None:
        """Vacuum or part may have changed: the step may be done."""
        s = self.s
        self.set("part", bool(s.serial))
        if not self._free or s.total or s.step >= len(self._steps()):
            return
        do, level = self._steps()[s.step].do, s.travel.at(self.now)
        if (do == "grip" and s.serial and level >= self._level("switch_at")) or (do == "release" and level == 0):
            self._next()
            self._plan()

    def gripped(self) -> None:
        """A cycle of a robot is a program."""

    def let_go(self) -> None:
        lost = self.s.sucking
        super().let_go()
        if lost:
            self._fail(PART_LOST)

    def take(self, serial: int) -> bool:
        """Take the part out of it, or up from the floor."""
        held = self.s.serial
        taken = super().take(serial)
        if taken and held == serial:
            self._fail(PART_LOST)
        return taken

    def lose_vacuum(self) -> None:
        """It is gone for an instant, and what hung on it falls."""
        s = self.s
        s.travel = Travel(self.now, 0, 0, 0)
        self.turn()

    # ---- temperature and power --------------------------------------------------------------------------------

    def _warmth(self, group: str) -> Warmth:
        found: Warmth = getattr(self.s, group)
        return found

    @property
    def _moves(self) -> bool:
        return len(self.s.plan) > 1

    def _warm(self) -> None:
        """Each group's loss is in proportion to the share of the move that its joints are busy, and to the speed."""
        s, due = self.s, NEVER
        share = MILLION * self._speed() // UNIT if self._moves else 0
        for name, axes in GROUPS.items():
            busy = self._length(axes) * share // s.total if s.total else 0
            goal = self.p["ambient"]
            if self.see("enable"):
                goal += self.p["hold_rise"] + self.p["move_rise"] * (busy + self.p["drag"] * busy // MILLION) // MILLION
            warmth = self._warmth(name)
            warmth.go(self.now, goal, self.p["warming"])
            at = self._too_hot_at(warmth)
            due = at if due == NEVER else due if at == NEVER else min(due, at)
        self.wake(self.OVERHEAT, due)

    def _too_hot_at(self, warmth: Warmth) -> int:
        hottest = self.p["hottest"]
        if not self.s.error and warmth.at(self.now) >= hottest:  # that was higher before
            return self.now
        return warmth.next_at(hottest, self.now)

    def overheat(self) -> None:
        """A motor is as hot as it may be."""
        self._fail(TOO_HOT)

    def _celsius(self, group: str) -> Value:
        return round(self._warmth(group).at(self.now) / MILLION, 1)

    def power_mw(self) -> int:
        """What it draws now, in mW."""
        if not self.see("enable"):
            return 0
        return int(self.p["idle_power"] + self.p["move_power"] * self._moves)

    # ---- what is seen -----------------------------------------------------------------------------------------

    def _state(self) -> int:
        s = self.s
        if s.error:
            return FAULTED
        if not self.see("enable"):
            return OFF
        if not s.running:
            return IDLE
        return RUNNING if self._free else HELD

    def _say(self) -> None:
        s, state = self.s, self._state()
        self.be(state)
        self.set("ready", state == IDLE)
        self.set("running", state in (RUNNING, HELD))
        self.set("held", state == HELD)
        self.set("done", s.done)
        self.set("error", bool(s.error))
        self.set("error_code", s.error)
        self.set("protective_stop", s.error in STOPS)
        self.set("program_actual", max(0, s.program))
        self.set("in_position", bool(s.point))
        self.set("at_home", s.point == self.home)
        if s.total:
            for event in self._said([k for k in range(AXES) if s.start[k] != s.goal[k]]):
                self.plant.emit(*event)

    def _said(self, joints: Iterable[int]) -> list[tuple[str, str | int, object]]:
        """Joints as straight lines to the end of the segment, in degrees."""
        plan, here = self.s.plan, self.pose()
        end = self._pose_at(plan[1].x) if len(plan) > 1 else here
        span = max(1, plan[1].start_ns - self.now) if len(plan) > 1 else 1
        return [
            ("move", f"{self.name}.j{k + 1}", [here[k] / DEG, (end[k] - here[k]) * G / DEG / span, end[k] / DEG])
            for k in joints
        ]

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [*self._said(range(AXES)), *super().announce()]
