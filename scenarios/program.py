"""The built-in program of a station: names, expressions, steps and outputs checked against the station's signals."""

import keyword
import math
from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.field_types import words_of
from scenarios.file_error import Field, unknown
from scenarios.line_model import ProgramFile, StepFile
from scenarios.yaml_source import Source
from sim.definition import ChainDefinition, ProgramDefinition, StepDefinition, TransitionDefinition
from sim.expression import Compiled, ExpressionError, compile_expression
from sim.spec import Port
from sim.tag import INTEGER_RANGE, DataType, Direction, Value

DONE = "done"  # a chain that reaches this step has finished


@dataclass(frozen=True, slots=True)
class Names:
    """What a program may speak of."""

    station: str
    signals: Mapping[str, Mapping[str, Port]]  # station -> signal -> port
    unsure: frozenset[str] = frozenset()  # `station.component`s whose signals are not known, as they are broken

    @property
    def own(self) -> Mapping[str, Port]:
        return self.signals[self.station]

    def might_be(self, name: str) -> bool:
        """A signal of a component that is broken in the file: no second complaint about it."""
        full = name if "." in name else f"{self.station}.{name}"
        return any(full == prefix or full.startswith(prefix + "_") for prefix in self.unsure)


class ProgramReader:
    """Reads the program of one station."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source, self._names = source, names
        self._variables: Mapping[str, int] = {}

    def read(self, given: ProgramFile, at: Field) -> ProgramDefinition:
        variables = (*at, "variables")
        broken = {str(field[-1]): 0 for field in self._source.broken if field[:-1] == variables}
        self._variables = {**given.variables, **broken}
        for name in given.variables:
            self._variable(name, (*at, "variables", name))
        hold = {name: self._held(name, text, (*at, "hold", name)) for name, text in given.hold.items()}
        return ProgramDefinition(
            variables=dict(given.variables),
            always={name: self._action(name, text, (*at, "always", name)) for name, text in given.always.items()},
            home=[self._chain(name, steps, (*at, "home", name)) for name, steps in given.home.items()],
            run=[self._chain(name, steps, (*at, "run", name)) for name, steps in given.run.items()],
            hold=hold,
            safe={name: self._safe(name, value, (*at, "safe", name)) for name, value in given.safe.items()},
            starved=self._read_expression(given.starved, (*at, "starved")),
            blocked=self._read_expression(given.blocked, (*at, "blocked")),
            suspend_after_ns=given.suspend_after,
        )

    def _variable(self, name: str, at: Field) -> None:
        if name in self._names.own:
            self._source.add(at, "is the name of a signal of this station")
        elif keyword.iskeyword(name):
            self._source.add(at, f"{name!r} is a word of the expression language")

    # ---- chains ----------------------------------------------------------------------------------------------

    def _chain(self, name: str, steps: list[StepFile], at: Field) -> ChainDefinition:
        names = [step.step for step in steps]
        for number, step in enumerate(steps):
            if step.step in names[:number]:
                self._source.add((*at, number, "step"), f"{step.step} is there twice")
        if at[-2] == "home" and DONE not in names:
            self._source.add(at, f"has no step {DONE}: homing would never end")
        return ChainDefinition(name, [self._step(step, names, (*at, i)) for i, step in enumerate(steps)])

    def _step(self, given: StepFile, names: list[str], at: Field) -> StepDefinition:
        transitions = []
        for number, transition in enumerate(given.next):
            inner = (*at, "next", number)
            if transition.go not in names:
                self._source.add((*inner, "go"), unknown("step in this chain", transition.go, names))
            when = self._read_expression(transition.when, (*inner, "when"))
            transitions.append(TransitionDefinition(when, transition.go, transition.after))
        return StepDefinition(
            given.step,
            words_of(given.title, given.step),
            {name: self._action(name, text, (*at, "do", name)) for name, text in given.do.items()},
            transitions,
        )

    # ---- outputs and expressions -----------------------------------------------------------------------------

    def _action(self, name: str, text: str, at: Field) -> str:
        port = self._target(name, at)
        compiled = self._compile(text, at)
        if compiled is not None and port is not None and not compiled.names:
            self._fits(_constant(compiled), port, at)
        return text

    def _held(self, name: str, text: str, at: Field) -> int:
        """The value of an output while Held: a constant."""
        if name in self._variables:
            self._source.add(at, "is a variable: only outputs are held")
            return 0
        port = self._target(name, at)
        compiled = self._compile(text, at)
        if compiled is None:
            return 0
        value = 0 if compiled.names else _constant(compiled)
        if compiled.names or not _is_whole(value):
            self._source.add(at, "must be true, false or a whole number")
            return 0
        if port is not None:
            self._fits(value, port, at)
        return int(value)

    def _safe(self, name: str, value: float, at: Field) -> float:
        """The safe value of an output that is a number; coils are off."""
        port = None if name in self._variables else self._target(name, at)
        if name in self._variables or (port is not None and port.type is DataType.BOOL):
            self._source.add(at, "is no number output: coils are off when the station is safe")
        elif port is not None:
            self._fits(value, port, at)
        return value

    def _target(self, name: str, at: Field) -> Port | None:
        """The output that is written, None for a variable."""
        if name in self._variables or self._names.might_be(name):
            return None
        port = self._names.own.get(name)
        if port is None:
            outputs = [signal for signal, port in self._names.own.items() if port.direction is Direction.OUTPUT]
            self._source.add(at, unknown("output or variable of this station", name, [*outputs, *self._variables]))
        elif port.direction is not Direction.OUTPUT:
            self._source.add(at, f"cannot be written by a program: it is of direction {port.direction}")
            return None
        return port

    def _fits(self, value: Value, port: Port, at: Field) -> None:
        if port.type is DataType.BOOL:
            if value not in (0, 1):
                self._source.add(at, f"{value} is neither true nor false")
            return
        limits = INTEGER_RANGE.get(port.type)
        if port.low is not None and port.high is not None:
            limits = (port.low, port.high)
        if port.type.is_integer and not _is_whole(value):
            self._source.add(at, f"{value} is not a whole number")
        elif limits is not None and not limits[0] <= value <= limits[1]:
            self._source.add(at, f"{value} is out of range: {limits[0]} to {limits[1]} {port.unit}".rstrip())

    def _read_expression(self, text: str, at: Field) -> str:
        self._compile(text, at)
        return text

    def _compile(self, text: str, at: Field) -> Compiled | None:
        strangers: list[str] = []
        computed: list[str] = []

        def resolve(name: str) -> int:
            if name in self._variables or self._names.might_be(name):
                return 0
            port = self._names.own.get(name)
            if port is None:
                strangers.append(name)
            elif port.computed:
                computed.append(name)
            return 0

        try:
            compiled = compile_expression(text, resolve)
        except ExpressionError as error:
            self._source.add(at, str(error))
            return None
        except RecursionError:
            self._source.add(at, "is nested too deeply")
            return None
        for name in dict.fromkeys(strangers):
            known = [*self._names.own, *self._variables]
            self._source.add(at, unknown("signal or variable of this station", name, known))
        for name in dict.fromkeys(computed):
            self._source.add(at, f"{name} is a function of time: its changes wake no program")
        return compiled


def _constant(compiled: Compiled) -> Value:
    try:
        return compiled((), ())
    except OverflowError:
        return math.inf


def _is_whole(value: Value) -> bool:
    return not isinstance(value, float) or value.is_integer()
