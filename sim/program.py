"""The built-in program of a station: step chains (IEC 61131-3 SFC) and one interpreter for all of them.

It sees the field, like any PLC, and only its own station; the handshake is its only word with the neighbours. Its
state is its active steps and its variables. Actions are stored: an output keeps its value until it is set again.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.definition import ChainDefinition, StationDefinition, StepDefinition
from sim.expression import Compiled, ExpressionError, compile_expression
from sim.kernel import Wakeable
from sim.packml import State
from sim.plant import Plant
from sim.tag import INTEGER_RANGE, LARGEST_REAL, DataType, Value
from sim.travel import NEVER

if TYPE_CHECKING:
    from sim.unit import Unit

MOST_FIRED = 256  # transitions of a chain in one instant: with a stuck signal its steps may go round without end
CYCLE_NS = 10_000_000  # then it goes on in the next cycle, as on a PLC, whose scans take time
DONE = "done"  # a chain that reaches a step of this name has finished


@dataclass(slots=True)
class ChainState:
    """Where a chain is."""

    step: str
    since_ns: int
    fired: int = 0  # transitions in that instant


@dataclass(slots=True)
class ProgramState:
    """All that changes of a program."""

    due: list[int]
    mode: str = ""  # "", home or run
    chains: dict[str, ChainState] = field(default_factory=dict)
    variables: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Action:
    """Give a tag (index >= 0) or a variable (-1 - index) a value, at most as far as it goes."""

    target: int
    type: DataType
    value: Compiled
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Transition:
    """When to go on, and where to."""

    when: Compiled
    after_ns: int
    to: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step, compiled."""

    actions: list[Action]
    next: list[Transition]
    reads: frozenset[int]  # tags of the conditions


Chain = dict[str, Step]


class Ear:
    """Hears of one tag for a program and wakes it only while something that it looks at now reads that tag."""

    __slots__ = ("index", "program")

    def __init__(self, program: "Program", index: int) -> None:
        self.program, self.index = program, index

    def wake(self, slot: int, at_ns: int) -> None:
        if self.index in self.program.relevant:
            self.program.wake(slot, at_ns)


class Program(Wakeable):
    """Runs `home` in Resetting and `run` in Execute; woken by the tags that it reads, never by a tick."""

    SLOTS = ("scan", "timer")
    PHASE = 2
    STATE = ProgramState

    def __init__(self, plant: Plant, station: StationDefinition, unit: "Unit") -> None:
        super().__init__(plant.kernel, f"{station.name}.program")
        self.plant, self.station, self.unit, self.image = plant, station, unit, plant.image
        given = station.program
        self.names = list(given.variables)
        self.s = ProgramState([NEVER] * len(self.SLOTS), variables=list(given.variables.values()))
        self.always = [self._action(target, text) for target, text in given.always.items()]
        self.modes: dict[str, dict[str, Chain]] = {
            "home": {c.name: self._chain(c) for c in given.home},
            "run": {c.name: self._chain(c) for c in given.run},
        }
        self.first = {
            mode: {c.name: c.steps[0].name for c in chains}
            for mode, chains in (("home", given.home), ("run", given.run))
        }
        self.starved, self.blocked = self._compile(given.starved), self._compile(given.blocked)
        self.hold_values = [self._typed(name, value) for name, value in given.hold.items()]
        self.safe_values = dict(self._typed(name, value) for name, value in given.safe.items())
        self.base = self._places([self.starved, self.blocked, *(a.value for a in self.always)])
        self._relevant: frozenset[int] | None = None
        self._watch()

    # ---- while the line is built ------------------------------------------------------------------------------

    def _tag(self, name: str) -> int:
        tag = self.image.tags.find(f"{self.station.name}.{name}")
        if tag is None:
            raise ExpressionError(f"station {self.station.name} has no signal {name!r}")
        return tag.index

    def _typed(self, name: str, value: float) -> tuple[int, Value]:
        """An output and a constant in its own type."""
        index = self._tag(name)
        kind = self.image.tags[index].type
        return index, bool(value) if kind is DataType.BOOL else value * 1.0 if kind is DataType.REAL else int(value)

    def _resolve(self, name: str) -> int | None:
        if name in self.names:
            return -1 - self.names.index(name)
        tag = self.image.tags.find(f"{self.station.name}.{name}")
        return None if tag is None or tag.computed else tag.index

    def _compile(self, text: str) -> Compiled:
        return compile_expression(text, self._resolve)

    def _action(self, target: str, text: str) -> Action:
        place = self._resolve(target)
        if place is None:
            raise ExpressionError(f"station {self.station.name} has no signal or variable {target!r}")
        tag = self.image.tags[place] if place >= 0 else None
        kind = tag.type if tag is not None else DataType.DINT
        limits = tag.range if tag is not None else INTEGER_RANGE[kind]
        low, high = limits or (-LARGEST_REAL, LARGEST_REAL)
        return Action(place, kind, self._compile(text), low, high)

    def _chain(self, given: ChainDefinition) -> Chain:
        return {step.name: self._step(step) for step in given.steps}

    def _step(self, given: StepDefinition) -> Step:
        following = [Transition(self._compile(t.when), t.after_ns, t.to) for t in given.next]
        reads = self._places([transition.when for transition in following])
        return Step([self._action(target, text) for target, text in given.do.items()], following, reads)

    def _places(self, expressions: list[Compiled]) -> frozenset[int]:
        """The tags that expressions read."""
        places = {self._resolve(name) for expression in expressions for name in expression.names}
        return frozenset(place for place in places if place is not None and place >= 0)

    def _watch(self) -> None:
        """Every tag that some expression reads may wake a scan."""
        steps = [step for chains in self.modes.values() for chain in chains.values() for step in chain.values()]
        for place in sorted(self.base.union(*(step.reads for step in steps))):
            self.image.watch(place, Ear(self, place), 0)

    @property
    def relevant(self) -> frozenset[int]:
        """The tags that matter now: those that the active steps and, in `run`, the standing expressions read."""
        if self._relevant is None:
            mode, chains = self.s.mode, self.s.chains
            active = [self.modes[mode][chain][at.step].reads for chain, at in chains.items()] if mode else []
            self._relevant = frozenset().union(self.base if mode == "run" else (), *active)
        return self._relevant

    def restored(self) -> None:
        self._relevant = None

    # ---- commands of the unit ---------------------------------------------------------------------------------

    def home(self) -> None:
        """Bring the station to its home position, from wherever it is."""
        self._begin("home")

    def restart(self) -> None:
        """Begin the run chains with their first steps."""
        self.s.variables = list(self.station.program.variables.values())
        self._begin("run")

    def stop(self) -> None:
        """Do nothing any more."""
        self.s.mode, self._relevant = "", None
        self.wake(1, NEVER)

    def scan_now(self) -> None:
        self.wake(0, self.kernel.now_ns)

    def _begin(self, mode: str) -> None:
        self.s.mode, self.s.chains, self._relevant = mode, {}, None
        for chain, step in self.first[mode].items():
            self._enter(chain, step)
        self.scan_now()

    # ---- the interpreter --------------------------------------------------------------------------------------

    def _enter(self, chain: str, step: str) -> None:
        now, was = self.kernel.now_ns, self.s.chains.get(chain)
        fired = was.fired + 1 if was is not None and was.since_ns == now else 0
        self.s.chains[chain], self._relevant = ChainState(step, now, fired), None
        self.plant.emit("step", f"{self.station.name}.{chain}", step)
        for action in self.modes[self.s.mode][chain][step].actions:
            self._do(action)

    def _do(self, action: Action) -> None:
        value = action.value(self.image.state.field, self.s.variables)
        if action.type is DataType.BOOL:
            self.image.set(action.target, bool(value))
            return
        value = min(max(value, action.low), action.high)
        if action.target < 0:
            self.s.variables[-1 - action.target] = int(value)
        else:
            self.image.set(action.target, float(value) if action.type is DataType.REAL else int(value))

    def timer(self) -> None:
        self.scan()

    def scan(self) -> None:
        """One scan: what always holds, then each chain by at most one transition; another scan follows each."""
        mode, state = self.s.mode, self.unit.s.state
        if mode == "run":
            if state not in (State.EXECUTE, State.SUSPENDED):
                return
            fields, variables = self.image.state.field, self.s.variables
            self.unit.waiting(bool(self.starved(fields, variables)), bool(self.blocked(fields, variables)))
            if self.unit.s.state is not State.EXECUTE:
                return
            for action in self.always:
                self._do(action)
        elif mode != "home":
            return
        timers = [self._chain_scan(chain) for chain in self.modes[mode]]
        self.wake(1, min((t for t in timers if t != NEVER), default=NEVER))
        if mode == "home" and all(c.step == DONE for c in self.s.chains.values()):
            self.stop()
            self.unit.homed()

    def _chain_scan(self, chain: str) -> int:
        """Fire the first transition that may fire; else say when one whose condition holds will."""
        at, timer, now = self.s.chains[chain], NEVER, self.kernel.now_ns
        for transition in self.modes[self.s.mode][chain][at.step].next:
            if transition.when(self.image.state.field, self.s.variables):
                if now >= at.since_ns + transition.after_ns:
                    if at.fired >= MOST_FIRED and at.since_ns == now:
                        return now + CYCLE_NS
                    self._enter(chain, transition.to)
                    self.scan_now()
                    return NEVER
                due = at.since_ns + transition.after_ns
                timer = due if timer == NEVER else min(timer, due)
        return timer
