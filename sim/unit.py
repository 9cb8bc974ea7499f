"""The PackML unit of a station: state machine, key switch, operator panel, lamps, counts.

With the built-in program it commands the program; in remote control it keeps the state machine while a PLC does the
work, so acting states wait for the PLC's `sc_done` with a time-out to Aborted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sim.definition import StationDefinition
from sim.kernel import Wakeable
from sim.packml import COMMANDS, COMPLETES, State, follow, may_become
from sim.plant import Plant
from sim.program import Program
from sim.refusal import Refusal
from sim.tag import DataType, Direction, Value
from sim.tags import COMM_POLICIES
from sim.travel import NEVER

BUILTIN = "builtin"
CONTROLS = (BUILTIN, "modbus", "opcua", "mqtt")  # in the order of the numbers in the tag `control`
ESTOP = 1  # stop reasons by OMAC's list
TIMED_OUT = 264  # OMAC: communication error, the PLC did not complete an acting state
AT_REST = (State.STOPPED, State.IDLE, State.ABORTED)  # where a station may be locked out
_LEAVES_REST = (State.RESETTING, State.STARTING, State.CLEARING)
JOGGABLE = (State.STOPPED, State.IDLE, State.HELD, State.ABORTED)
STARTS = ("reset", "start", "clear")
RESTS = (State.STOPPING, State.STOPPED, State.HOLDING, State.HELD, State.ABORTING, State.ABORTED)
_REMOTE_HELD = (State.STARTING, State.EXECUTE, State.SUSPENDING, State.SUSPENDED, State.UNSUSPENDING, State.UNHOLDING)


@dataclass(slots=True)
class UnitState:
    """All that changes of a unit."""

    due: list[int]
    state: State = State.STOPPED
    control: str = BUILTIN
    since_ns: int = 0
    times: dict[str, int] = field(default_factory=dict)  # ns in each state that was left
    saved: dict[int, Value] = field(default_factory=dict)  # outputs as they were before Held
    starting: bool = False  # Start follows by itself when Idle is reached
    locked: bool = False  # a padlock holds its isolator open


class Unit(Wakeable):
    """One per station."""

    SLOTS = ("panel", "emergency", "complete", "timeout", "suspend", "autostart")
    PANEL, EMERGENCY, COMPLETE, TIMEOUT, SUSPEND, AUTOSTART = range(6)
    PHASE = 2
    STATE = UnitState

    def __init__(self, plant: Plant, station: StationDefinition) -> None:
        super().__init__(plant.kernel, f"{station.name}.unit")
        self.plant, self.station, self.image = plant, station, plant.image
        self.s = UnitState([NEVER] * len(self.SLOTS), control=station.control)
        self.tags = {tag.signal: tag.index for tag in plant.image.tags.of(station.name)}
        self.outputs = [t for t in plant.image.tags.of(station.name) if t.direction is Direction.OUTPUT]
        self.program = Program(plant, station, self)
        plant.units[station.name] = self
        self.bars: list[Callable[[], bool]] = []  # whoever may forbid that the station starts
        for button in ("button_start", "button_stop", "button_reset"):
            self.image.watch(self.tags[button], self, self.PANEL)
        self.image.compute(self.tags["time_in_state"], lambda: (self.now - self.s.since_ns) // 10**9)
        self.image.compute(self.tags["time_executing"], lambda: self.time_in(State.EXECUTE) // 10**9)

    @property
    def now(self) -> int:
        return self.kernel.now_ns

    @property
    def builtin(self) -> bool:
        return bool(self.s.control == BUILTIN)

    def born(self) -> None:
        self.image.set(self.tags["control"], CONTROLS.index(self.s.control))
        if self.plant.definition.autostart and self.builtin:
            self.wake(self.AUTOSTART, self.now)

    def autostart(self) -> None:
        self.s.starting = True
        self.command("reset")

    # ---- counts and times -------------------------------------------------------------------------------------

    def part_in(self) -> None:
        self._count("parts_in")

    def part_out(self) -> None:
        self._count("parts_out")

    def part_rejected(self) -> None:
        self._count("parts_rejected")

    def _count(self, signal: str) -> None:
        index = self.tags[signal]
        self.image.set(index, (int(self.image.see(index)) + 1) % 2**32)

    def time_in(self, state: State) -> int:
        """Nanoseconds spent in a state so far."""
        past: int = self.s.times.get(state.name, 0)
        return past + (self.now - self.s.since_ns if self.s.state is state else 0)

    # ---- commands ---------------------------------------------------------------------------------------------

    def check(self, command: str) -> Refusal | None:
        """Whether the state allows the command; nothing restarts while it is locked or stopped in an emergency."""
        if follow(self.s.state, command) is None:
            return Refusal.STATE
        safe = self.image.see(self.tags["estop_ok"]) and not self.s.locked and not self.barred
        return Refusal.STATE if command in STARTS and not safe else None

    @property
    def barred(self) -> bool:
        """Whether somebody forbids that it starts: a real device in its place that is not ready."""
        return any(bar() for bar in self.bars)

    def command(self, command: str, reason: int = 0) -> bool:
        """Do a command; False where the state forbids it."""
        if self.check(command) is not None:
            return False
        target = follow(self.s.state, command)
        if command in ("stop", "abort"):
            self.image.set(self.tags["stop_reason"], reason)
            self.s.starting = False
        if target is not None:
            self._enter(target)
        return True

    def done(self) -> None:
        """The PLC says that an acting state is complete."""
        if not self.builtin and self.s.state in COMPLETES:
            self._enter(COMPLETES[self.s.state])

    def check_request(self, wanted: int) -> Refusal | None:
        """Whether a PLC that keeps its own state machine may go to this state."""
        legal = wanted in State.__members__.values() and may_become(self.s.state, State(wanted))
        own = self.station.packml == "plc" and not self.builtin and not (self.s.locked and wanted in _LEAVES_REST)
        free = wanted in RESTS or not self.barred
        return None if wanted == 0 or (own and legal and free) else Refusal.STATE

    def request_state(self, wanted: int) -> None:
        """The PLC's own state machine goes on."""
        if wanted and self.check_request(wanted) is None:
            self._enter(State(wanted))

    # ---- key switch -------------------------------------------------------------------------------------------

    def switch(self, control: str) -> None:
        """Turn the key. To remote: outputs hold and the station is Held. Back: safe values and Aborted."""
        s = self.s
        if control == s.control:
            return
        s.control, s.starting = control, False
        self.image.set(self.tags["comm_lost"], False)
        self.image.set(self.tags["control"], CONTROLS.index(control))
        self.plant.emit("control", self.station.name, control)
        self.wake(self.SUSPEND, NEVER)
        if control == BUILTIN:
            self._back_to_builtin()
            return
        self.program.stop()
        if s.state in _REMOTE_HELD:
            self._become(State.HOLDING)
            self._become(State.HELD)
        self._plan_completion()

    def _back_to_builtin(self) -> None:
        if self.s.state not in (State.ABORTING, State.ABORTED):
            self._become(State.ABORTING)
        self._safe()
        self._plan_completion()

    # ---- the controlling client -------------------------------------------------------------------------------

    def comm(self, lost: bool) -> None:
        """The controlling client fell silent for longer than it may, or was heard again. Outputs do as stated."""
        self.image.set(self.tags["comm_lost"], lost)
        policy = COMM_POLICIES[int(self.image.see(self.tags["comm_policy"]))] if lost else "hold"
        if policy == "zero":
            for tag in self.outputs:
                self.image.set(tag.index, False if tag.type is DataType.BOOL else 0)
        elif policy == "safe":
            if self.s.state not in (State.ABORTING, State.ABORTED):
                self.image.set(self.tags["stop_reason"], TIMED_OUT)
                self._become(State.ABORTING)
            self._safe()
            self._enter(State.ABORTED)

    # ---- the state machine ------------------------------------------------------------------------------------

    def _become(self, state: State) -> None:
        s, now = self.s, self.now
        s.times[s.state.name] = s.times.get(s.state.name, 0) + now - s.since_ns
        s.state, s.since_ns = state, now
        self.image.set(self.tags["state"], int(state))
        self.plant.emit("state", self.station.name, int(state))
        self._lamps()

    def _enter(self, state: State) -> None:
        self._become(state)
        if self.builtin:
            self._act(state)
        self._plan_completion()

    def _plan_completion(self) -> None:
        """An acting state ends: built-in when its work is done, remote by the PLC or by the time-out."""
        acting, s = self.s.state in COMPLETES, self.s
        remote_wait = acting and not self.builtin
        self.wake(self.TIMEOUT, self.now + self.station.timeout_ns if remote_wait else NEVER)
        at_once = acting and self.builtin and s.state is not State.RESETTING
        self.wake(self.COMPLETE, self.now if at_once else NEVER)

    def _act(self, state: State) -> None:
        """What the built-in control does on entering a state."""
        if state is State.RESETTING:
            self.program.home()
        elif state is State.STARTING:
            self.program.restart()
        elif state in (State.HOLDING, State.SUSPENDING):
            self._hold(self.program.hold_values if state is State.HOLDING else [])
        elif state in (State.UNHOLDING, State.UNSUSPENDING):
            self._unhold()
        elif state in (State.STOPPING, State.ABORTING, State.COMPLETING):
            self._safe()
        elif state is State.EXECUTE:
            self.program.scan_now()
        elif state is State.IDLE and self.s.starting:
            self.s.starting = False
            self.command("start")

    def homed(self) -> None:
        """The homing sequence has finished."""
        if self.builtin and self.s.state is State.RESETTING:
            self.wake(self.COMPLETE, self.now)

    def complete(self) -> None:
        if self.builtin and self.s.state in COMPLETES:
            self._enter(COMPLETES[self.s.state])

    def timeout(self) -> None:
        """The PLC did not complete an acting state in time."""
        if self.s.state is not State.ABORTING:  # else the reason of the abort is known
            self.image.set(self.tags["stop_reason"], TIMED_OUT)
            self._become(State.ABORTING)
        self._enter(State.ABORTED)

    # ---- outputs ----------------------------------------------------------------------------------------------

    def _hold(self, values: list[tuple[int, Value]]) -> None:
        self.s.saved = {index: self.image.state.field[index] for index, _ in values}
        for index, value in values:
            self.image.set(index, value)

    def _unhold(self) -> None:
        for index, value in self.s.saved.items():
            self.image.set(index, value)
        self.s.saved = {}

    def _safe(self) -> None:
        """Coils off, numbers to their safe or initial values; what makes something move or is remembered stays."""
        self.program.stop()
        self.s.saved, stated = {}, self.program.safe_values
        for tag in self.outputs:
            if tag.type is DataType.BOOL:
                self.image.set(tag.index, False)
            elif tag.index in stated or not (tag.moves or tag.kept):
                value = stated.get(tag.index, tag.initial)
                self.image.set(tag.index, float(value) if tag.type is DataType.REAL else value)
        self._lamps()

    def _lamps(self) -> None:
        """Lamps and stack light of the built-in control; in remote control they are the PLC's."""
        if not self.builtin:
            return
        state = self.s.state
        run, fault = state is State.EXECUTE, state in (State.ABORTING, State.ABORTED)
        waiting = not run and not fault and state not in (State.STOPPED, State.IDLE, State.COMPLETE)
        for signal, on in (
            ("lamp_run", run),
            ("stack_green", run),
            ("stack_yellow", waiting),
            ("stack_red", fault),
        ):
            self.image.set(self.tags[signal], on)

    # ---- panel ------------------------------------------------------------------------------------------------

    def panel(self) -> None:
        """Buttons command the built-in control; in remote control they are signals for the PLC alone."""
        if not self.builtin:
            return
        field = self.image.state.field
        if field[self.tags["button_stop"]]:
            self.command("stop", reason=33)  # OMAC: cycle stop button
        elif field[self.tags["button_reset"]]:
            _ = self.command("clear") or self.command("reset")
        elif field[self.tags["button_start"]]:
            _ = self.command("start") or self.command("unhold") or self.command("unsuspend")

    def emergency(self) -> None:
        """The emergency stop cuts the actuators' power in the plant, whoever is in control."""
        self._power()
        if not self.image.see(self.tags["estop_ok"]):
            self.command("abort", reason=ESTOP)

    def _power(self) -> None:
        """Actuators have power while no emergency stop is pushed in and no padlock hangs on the isolator."""
        healthy = bool(self.image.see(self.tags["estop_ok"]))
        self.image.power(self.station.name, healthy and not self.s.locked)
        for component in self.plant.components.values():
            if component.station == self.station.name:
                component.replan()

    # ---- lock-out ---------------------------------------------------------------------------------------------

    @property
    def locked(self) -> bool:
        """Whether a padlock keeps its actuators without power."""
        return bool(self.s.locked)

    @property
    def at_rest(self) -> bool:
        """Whether it may be locked out now."""
        return self.s.state in AT_REST

    def lock(self, on: bool) -> None:
        """Open its isolator and put a padlock on it, or take that off."""
        self.s.locked = on
        self._power()

    # ---- waiting for neighbours -------------------------------------------------------------------------------

    def waiting(self, starved: bool, blocked: bool) -> None:
        """The program says that it waits for a neighbour: Suspended after a while, and back."""
        self.image.set(self.tags["equipment_starved"], starved)
        self.image.set(self.tags["equipment_blocked"], blocked)
        after = self.station.program.suspend_after_ns
        if self.s.state is State.SUSPENDED:
            if not starved and not blocked:
                self.command("unsuspend")
        elif (starved or blocked) and after:
            if self.s.due[self.SUSPEND] == NEVER:
                self.wake(self.SUSPEND, self.now + after)
        else:
            self.wake(self.SUSPEND, NEVER)

    def suspend(self) -> None:
        if self.builtin:
            self.command("suspend")


COMMAND_TAGS = {f"cmd_{command}": command for command in COMMANDS}
