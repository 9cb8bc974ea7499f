"""The base of all components: parameters that can change in mid-operation, ports, motion events.

A component is one file: its kind (what a line file says of it), its state as a dataclass, then small transitions.
State never hides in generator locals; there are none.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from sim import units
from sim.definition import ComponentDefinition
from sim.duty import Duty
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Kind
from sim.stream import noise
from sim.tag import Value
from sim.tags import component_signals
from sim.travel import Travel

MILLION = 1_000_000
MM = 10**12  # fm
NOISE_SLOT_NS = 100_000_000  # readings within a tenth of a second show the same noise


@dataclass(slots=True)
class Change:
    """A parameter's overlay, by a fault or an adjustment: replacement, factor in ppm, offset, or a ramp's offset."""

    ident: str
    parameter: str
    how: str
    value: int


@dataclass(slots=True)
class ComponentState:
    """What the state of every component has."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)


class Component(Wakeable):
    """One thing on the line. Subclasses give KIND, State, SLOTS and what the slots do.

    KIND declares the states that time is counted in, and what a cycle is: see `sim/duty.py`.
    """

    KIND: ClassVar[Kind]
    STATE: ClassVar[type[Any]] = ComponentState

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant.kernel, f"{station}.{definition.name}")
        self.plant, self.station, self.definition = plant, station, definition
        self.image = plant.image
        self.s = self.STATE([-1] * len(self.SLOTS))
        self.duty = Duty(times=[0] * max(1, len(self.KIND.states)))
        self.tags: dict[str, int] = {}
        for port, signal, _ in component_signals(definition, self.KIND):
            tag = plant.image.tags.find(f"{station}.{signal}")
            if tag is not None:
                self.tags[port.name] = tag.index
        self.base = {**_defaults(self.KIND), **definition.parameters}
        self.p = dict(self.base)  # effective values
        plant.components[self.name] = self

    @property
    def now(self) -> int:
        return self.kernel.now_ns

    @property
    def powered(self) -> bool:
        """Whether the station's actuators have power."""
        return self.station not in self.image.state.unpowered

    # ---- while the line is built ------------------------------------------------------------------------------

    def connect(self) -> None:
        """Find the joined components, watch tags, offer computed values. All components exist by now."""

    def joined(self, join: str) -> "list[Component]":
        """The components that this one is joined to under that name."""
        return [self.plant.components[name] for name in self.definition.joins.get(join, [])]

    def watch(self, port: str, slot: int) -> None:
        """Wake `slot` when the port's tag changes, if the port is there."""
        if port in self.tags:
            self.image.watch(self.tags[port], self, slot)

    # ---- signals ----------------------------------------------------------------------------------------------

    def see(self, port: str, absent: Value = False) -> Value:
        """What arrives at a port in the plant; `absent` where the component has no such port."""
        index = self.tags.get(port)
        return absent if index is None else self.image.state.plant[index]

    def set(self, port: str, value: Value) -> None:
        """Say something on a port, if it is there."""
        index = self.tags.get(port)
        if index is not None:
            self.image.set(index, value)

    def noise(self, port: str) -> float:
        """From -1 to 1, steady for a tenth of a second, different for every port."""
        return noise(self.plant.seed, self.tags[port], self.now // NOISE_SLOT_NS)

    # ---- time in state ----------------------------------------------------------------------------------------

    def be(self, state: int) -> None:
        """It is in this one of its kind's states, from now on or still."""
        if state != self.duty.state:
            self.duty.change(state, self.kernel.now_ns)

    def cycle(self) -> None:
        """One more cycle, as its kind says what one is."""
        self.duty.cycles += 1

    def time_in_state(self) -> dict[str, int]:
        """Nanoseconds in each state of its kind; they add up to the age of the line."""
        return {state.name: ns for state, ns in zip(self.KIND.states, self.duty.spent(self.now), strict=False)}

    # ---- parameters -------------------------------------------------------------------------------------------

    def overlay(self, change: Change) -> None:
        """Change a parameter until `restore(ident)`. The effective value is always computed from the base."""
        self.s.changes.append(change)
        self._recompute()

    def ramp(self, ident: str, parameter: str, value: int) -> None:
        """A ramp has come to this offset."""
        for change in self.s.changes:
            if (change.ident, change.parameter, change.how) == (ident, parameter, "ramp"):
                change.value = value
        self._recompute()

    def restore(self, ident: str) -> None:
        """Take a change back."""
        kept = [change for change in self.s.changes if change.ident != ident]
        if len(kept) != len(self.s.changes):
            self.s.changes = kept
            self._recompute()

    def _recompute(self) -> None:
        before = dict(self.p)
        self.effective()
        if self.p != before:
            self.replan()

    def effective(self) -> None:
        """Base, then replacements, factors, offsets, each within the parameter's own limits."""
        for name, base in self.base.items():
            value = base
            for how in ("replace", "factor", "offset", "ramp"):
                for change in self.s.changes:
                    if change.parameter == name and change.how == how:
                        value = _overlaid(value, how, change.value)
            spec = self.KIND.parameter(name)
            self.p[name] = value if spec is None else min(max(value, spec.low), spec.high)

    def restored(self) -> None:
        self.effective()

    def replan(self) -> None:
        """A parameter changed in mid-operation: plan what remains anew."""

    # ---- hands ------------------------------------------------------------------------------------------------

    def take(self, serial: int) -> bool:
        """Take a part away by hand. False when it is not here."""
        return False

    def call_operator(self) -> None:
        """The simulated operator was sent away or came back."""

    # ---- maintenance ------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """A technician has put in new wearing parts: what wears begins anew."""

    def clear_trip(self) -> None:
        """A technician has pressed its own reset button: what it latched is cleared if the cause has gone."""

    # ---- for the eyes of people -------------------------------------------------------------------------------

    def say_move(self, origin: float, rate: float, goal: float | None) -> None:
        """A movement that starts now: mm and mm/s, or fractions of a stroke."""
        self.plant.emit("move", self.name, [origin, rate, goal])

    def announce(self) -> "list[tuple[str, str | int, object]]":
        """The present state as events, for somebody who has just come."""
        return []


@cache
def _defaults(kind: Kind) -> dict[str, int]:
    """What parameters are where a definition does not state them: one of a journal from before they were there."""
    found = {}
    for parameter in kind.parameters:
        if parameter.default and parameter.default in parameter.choices:
            found[parameter.name] = parameter.choices.index(parameter.default)
        elif parameter.default and not parameter.many:
            found[parameter.name] = units.parse(parameter.default, parameter.dimension)
    return found


def _overlaid(value: int, how: str, by: int) -> int:
    if how == "replace":
        return by
    return value * by // MILLION if how == "factor" else value + by


def in_mm(travel: Travel, now: int) -> tuple[float, float]:
    """Position and speed of a travel in fm as mm and mm/s."""
    return travel.at(now) / MM, travel.rate / 1000
