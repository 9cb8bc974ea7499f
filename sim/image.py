"""The process image: for each tag what the physics did (plant) and what the I/O card says (field).

Models set the inside, clients request on the outside. Without a fault the two sides are equal, as a change writes
both. Signal faults and the cut of actuator power sit between them; no model knows of either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as fresh
from typing import Protocol

from sim.tag import DataType, Direction, Quality, Reading, TagTable, Value


@dataclass(slots=True)
class SignalFault:
    """A fault between plant and field of one tag."""

    ident: str
    how: str  # stuck
    value: Value


@dataclass(slots=True)
class ImageState:
    """Everything of the image that changes."""

    plant: list[Value] = fresh(default_factory=list)
    field: list[Value] = fresh(default_factory=list)
    faults: dict[int, list[SignalFault]] = fresh(default_factory=dict)
    unpowered: list[str] = fresh(default_factory=list)  # stations whose actuators have no power


class Watching(Protocol):
    """Whoever wants to be woken by a tag."""

    def wake(self, slot: int, at_ns: int) -> None: ...


Computed = Callable[[], Value]
Emit = Callable[[str, int, Value], None]


class ProcessImage:
    """The values of all tags of one line, and who wants to know of their changes."""

    def __init__(self, tags: TagTable, emit: Emit, now_ns: Callable[[], int]) -> None:
        self.tags = tags
        self._emit, self._now_ns = emit, now_ns
        self._output = [tag.direction is Direction.OUTPUT for tag in tags]
        self._watchers: list[list[tuple[Watching, int]]] = [[] for _ in tags]
        self._hearers: dict[int, list[tuple[Watching, int]]] = {}  # of what the field of an output says
        self._doubters: dict[int, list[tuple[Watching, int]]] = {}  # of a tag's quality
        self._computed: dict[int, Computed] = {}
        initial = [bool(tag.initial) if tag.type is DataType.BOOL else tag.initial for tag in tags]
        self.state = ImageState(plant=list(initial), field=list(initial))

    def watch(self, index: int, member: Watching, slot: int) -> None:
        """Wake `slot` at the instant in which the reader's side of the tag changes: plant of outputs, else field."""
        self._watchers[index].append((member, slot))

    def watch_field(self, index: int, member: Watching, slot: int) -> None:
        """Wake `slot` when the field of the tag changes, whatever its direction."""
        if self._output[index]:
            self._hearers.setdefault(index, []).append((member, slot))
        else:
            self._watchers[index].append((member, slot))

    def watch_quality(self, index: int, member: Watching, slot: int) -> None:
        """Wake `slot` when a fault of the tag comes or goes, and with it perhaps the tag's quality."""
        self._doubters.setdefault(index, []).append((member, slot))

    def compute(self, index: int, value: Computed) -> None:
        """This tag is a function of time: ask `value` whenever somebody reads it."""
        self._computed[index] = value

    # ---- inside ----------------------------------------------------------------------------------------------

    def see(self, index: int) -> Value:
        """The plant's side."""
        return self.state.plant[index]

    def set(self, index: int, value: Value) -> None:
        """A model or a program changes a tag on its own side: outputs in the field, everything else in the plant."""
        state = self.state
        source, target = (state.field, state.plant) if self._output[index] else (state.plant, state.field)
        if source[index] == value:
            return
        source[index] = value
        if state.faults or state.unpowered:
            self._pass_on(index, changed=True)
            return
        target[index] = value
        self._emit("tag", index, value)
        self._tell(index)
        if index in self._hearers:
            self._wake(self._hearers[index])

    def _tell(self, index: int) -> None:
        self._wake(self._watchers[index])

    def _wake(self, watching: list[tuple[Watching, int]]) -> None:
        now = self._now_ns()
        for member, slot in watching:
            member.wake(slot, now)

    def _between(self, index: int, value: Value) -> Value:
        """What arrives on the other side: nothing without power, and what faults make of it."""
        tag = self.tags[index]
        if tag.powered and tag.station in self.state.unpowered:
            value = tag.type.zero
        for fault in self.state.faults.get(index, ()):
            value = fault.value
        return value

    def _pass_on(self, index: int, changed: bool = False) -> None:
        """Carry the source side over to the other side.

        A `tag` event says what the field is and that the plant is the same, a `plant` event what the plant is where
        that does not follow: so events alone tell both sides at any time.
        """
        state, output = self.state, self._output[index]
        source, target = (state.field, state.plant) if output else (state.plant, state.field)
        value = self._between(index, source[index])
        moved = target[index] != value
        target[index] = value
        said = changed if output else moved  # of the field
        if said:
            self._emit("tag", index, state.field[index])
            self._wake(self._hearers.get(index, []))
        if (changed or moved) and (not said or state.plant[index] != state.field[index]):
            self._emit("plant", index, state.plant[index])
        if moved:
            self._tell(index)

    # ---- outside ---------------------------------------------------------------------------------------------

    def read(self, index: int) -> Reading:
        """The field's side now. Computed tags are functions of time: reading them changes nothing."""
        faults = self.state.faults.get(index)
        if index in self._computed and not faults:
            return Reading(self._computed[index]())
        return Reading(self.state.field[index], Quality.GOOD)

    def truth(self, index: int) -> Value:
        """The plant's side now, computed tags included."""
        return self._computed[index]() if index in self._computed else self.state.plant[index]

    # ---- what sits between -----------------------------------------------------------------------------------

    def begin_fault(self, index: int, fault: SignalFault) -> None:
        """Put a fault between the two sides of a tag."""
        self.state.faults.setdefault(index, []).append(fault)
        self._pass_on(index)
        self._wake(self._doubters.get(index, []))

    def end_fault(self, ident: str) -> None:
        """Take away the fault of that name, wherever it sits; the tag's other side follows at once."""
        for index in list(self.state.faults):
            kept = [fault for fault in self.state.faults[index] if fault.ident != ident]
            if len(kept) == len(self.state.faults[index]):
                continue
            if kept:
                self.state.faults[index] = kept
            else:
                del self.state.faults[index]
            self._pass_on(index)
            self._wake(self._doubters.get(index, []))

    def power(self, station: str, on: bool) -> None:
        """Cut or give the actuator power of a station: an emergency stop acts in the plant, whoever is in control."""
        if on != (station in self.state.unpowered):
            return
        if on:
            self.state.unpowered.remove(station)
        else:
            self.state.unpowered.append(station)
        for tag in self.tags.of(station):
            if tag.powered:
                self._pass_on(tag.index)
