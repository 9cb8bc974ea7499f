"""Six-axis robot: moves from point to point in joint space, runs programs by number, and shakes hands with a PLC.

All joints start and stop together. A move is as long as its slowest joint needs: with L the way of a joint and v its
top speed, the largest L/v is the move's length in time at full speed, and one trapezoid from 0 to there drives all
joints in proportion. So it takes max(L/v) + ramp, or 2 √(max(L/v) ramp) where it is too short for full speed. Override
and `speed` steps lower the speed and not the acceleration. Stopped at any instant it brakes on its ramp and goes on
from there.
"""

from sim.component import MILLION
from sim.components.linear_axis import Segment, halt, move
from sim.components.power import tell
from sim.components.robot.arm import AXES
from sim.components.robot.kind import (
    FAULTED,
    HELD,
    IDLE,
    NOT_GRIPPED,
    OFF,
    PROTECTIVE,
    ROBOT,
    RUNNING,
    SERVO_OFF,
    UNKNOWN_PROGRAM,
)
from sim.components.robot.program import Step, programs_of
from sim.components.robot.state import GROUPS, HOMING, STOPS, UNIT
from sim.components.robot.tool import Handed
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.travel import NEVER, Travel


class Robot(Handed):
    """A rising `start` begins the program whose number is set, `done` stays until `start` falls or rises anew.

    `hold` stops it in mid-move and lets it go on. After an error, `acknowledge` once its cause has gone; then `start`
    with the same number goes on with the rest, another number begins that program, `home` gives it up.
    """

    KIND = ROBOT

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.programs = programs_of(definition)

    def connect(self) -> None:
        super().connect()
        for port in ("enable", "start", "hold", "acknowledge", "home", "override", "safe"):
            self.watch(port, self.COMMAND)

    def born(self) -> None:
        self.command()

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
            self.fail(SERVO_OFF)
        if not self._safe:
            self.fail(PROTECTIVE)
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

    def clear_trip(self) -> None:
        """At its own panel, as `acknowledge` does."""
        self._acknowledge()
        self.wake(self.COMMAND, self.now)

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
            self.fail(UNKNOWN_PROGRAM)

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

    def fail(self, code: int) -> None:
        """It stops with this error; the first one stays. What runs is kept for a later start."""
        s = self.s
        if not s.error:
            s.error = code
            s.paused = s.running
            self.wake(self.COMMAND, self.now)

    def stop_protectively(self) -> None:
        """Somebody has come near."""
        self.fail(PROTECTIVE)

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
                self.fail(NOT_GRIPPED)
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
