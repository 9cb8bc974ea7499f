"""The process image: for each tag what the physics did (plant) and what the I/O card says (field).

Models set the inside, clients request on the outside. Without a fault the two sides are equal, as a change writes
both. Signal faults and the cut of actuator power sit between them; no model knows of either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as fresh
from typing import Protocol

from sim.faults import signal
from sim.faults.signal import SAMPLE_NS, WAYS, Chance, Moment, SignalFault, sooner
from sim.state import JsonValue
from sim.tag import DataType, Direction, Quality, Reading, TagTable, Value
from sim.travel import NEVER

_WORSE = {Quality.GOOD: 0, Quality.UNCERTAIN: 1, Quality.BAD: 2}
_WELL = (Quality.GOOD, "")


@dataclass(slots=True)
class ImageState:
    """Everything of the image that changes."""

    plant: list[Value] = fresh(default_factory=list)
    field: list[Value] = fresh(default_factory=list)
    faults: dict[int, list[SignalFault]] = fresh(default_factory=dict)
    unpowered: list[str] = fresh(default_factory=list)  # stations whose actuators have no power
    readings: dict[int, Reading] = fresh(default_factory=dict)  # what real devices say in place of the plant
    forced: dict[int, Value] = fresh(default_factory=dict)  # what an engineer says in place of either


class Watching(Protocol):
    """Whoever wants to be woken by a tag."""

    def wake(self, slot: int, at_ns: int) -> None: ...


Computed = Callable[[], Value]
Emit = Callable[[str, int, object], None]


class ProcessImage:
    """The values of all tags of one line, and who wants to know of their changes."""

    def __init__(
        self, tags: TagTable, emit: Emit, now_ns: Callable[[], int], seed: int, stream: Callable[[str], Chance]
    ) -> None:
        self.tags = tags
        self._emit, self._now_ns, self._seed, self._stream = emit, now_ns, seed, stream
        self._output = [tag.direction is Direction.OUTPUT for tag in tags]
        self._watchers: list[list[tuple[Watching, int]]] = [[] for _ in tags]
        self._hearers: dict[int, list[tuple[Watching, int]]] = {}  # of what the field of an output says
        self._spies: dict[int, list[tuple[Watching, int]]] = {}  # of what is true of a tag, where the field may lie
        self._doubters: dict[int, list[tuple[Watching, int]]] = {}  # of a tag's quality
        self._computed: dict[int, Computed] = {}
        self._cut: set[int] = set()  # tags with something between their two sides; derived
        self._mirrors: dict[int, list[int]] = {}  # tags that show the source side of this one; derived
        self._said: dict[int, tuple[Quality, str]] = {}  # of those that are not simply good; derived
        self.ring: Callable[[int], None] = _nobody  # somebody calls `turn` at that time, or earlier
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

    def watch_truth(self, index: int, member: Watching, slot: int) -> None:
        """Wake `slot` when what is true of the tag changes: the plant, whatever a fault makes of it."""
        self._spies.setdefault(index, []).append((member, slot))

    def unwatch_truth(self, member: Watching) -> None:
        """No more of that."""
        for index in list(self._spies):
            kept = [(who, slot) for who, slot in self._spies[index] if who is not member]
            if kept:
                self._spies[index] = kept
            else:
                del self._spies[index]

    def watch_quality(self, index: int, member: Watching, slot: int) -> None:
        """Wake `slot` when the quality of the tag, or the reason for it, changes."""
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
        if index in self._cut:
            self._pass_on(index, changed=True)
            return
        target[index] = value
        self._emit("tag", index, value)
        self._tell(index)
        if index in self._hearers:
            self._wake(self._hearers[index])
        if index in self._spies:
            self._wake(self._spies[index])

    def _tell(self, index: int) -> None:
        self._wake(self._watchers[index])

    def _wake(self, watching: list[tuple[Watching, int]]) -> None:
        now = self._now_ns()
        for member, slot in watching:
            member.wake(slot, now)

    def _source(self, index: int) -> Value:
        """What the faults of a tag get: what stands in the place of the plant, nothing without power."""
        instead = self._instead(index)
        if instead is not None:
            return instead.value
        if index in self._computed:
            return self._computed[index]()
        tag = self.tags[index]
        if tag.powered and tag.station in self.state.unpowered:
            return tag.type.zero
        return self.state.field[index] if self._output[index] else self.state.plant[index]

    def _moment(self, index: int) -> Moment:
        return Moment(self._now_ns(), self._seed, self.tags[index], self._stream, self._other)

    def _other(self, name: str) -> Value:
        tag = self.tags.find(name)
        return False if tag is None else self._source(tag.index)

    def _instead(self, index: int) -> Reading | None:
        """What stands in the place of the plant, before any fault: forced, or said by a real device."""
        if index in self.state.forced:
            return Reading(self.state.forced[index])
        return self.state.readings.get(index)

    def _pass_on(self, index: int, changed: bool = False) -> None:
        """The source side, and who shows it."""
        self._cross(index, changed)
        for mirror in self._mirrors.get(index, ()):
            self._cross(mirror)

    def _cross(self, index: int, changed: bool = False) -> None:
        """Carry the source side over to the other side.

        A `tag` event says what the field is and that the plant is the same, a `plant` event what the plant is where
        that does not follow: so events alone tell both sides at any time.
        """
        faults = self.state.faults.get(index)
        value = self._source(index)
        if faults:
            value = signal.taken(faults, value, self._moment(index))
            self._ring(faults)
        said = index not in self._computed or self._instead(index) is not None
        if said:  # what is computed is said when somebody reads it
            self._carry(index, value, changed)

    def _carry(self, index: int, value: Value, changed: bool) -> None:
        state, output = self.state, self._output[index]
        target = state.plant if output else state.field
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
        if index in self._spies and (moved if output else changed):
            self._wake(self._spies[index])

    # ---- outside ---------------------------------------------------------------------------------------------

    def read(self, index: int) -> Reading:
        """The field's side now. Computed tags are functions of time: reading them changes nothing."""
        computed = self._computed.get(index)
        if not self._cut or index not in self._cut:
            return Reading(self.state.field[index] if computed is None else computed())
        value = self.state.field[index]
        if computed is not None:
            value = signal.shown(self.state.faults.get(index, []), self._source(index), self._moment(index))
        return Reading(value, *self._said.get(index, _WELL))

    def truth(self, index: int) -> Value:
        """The plant's side now, computed tags included."""
        return self._computed[index]() if index in self._computed else self.state.plant[index]

    def closed(self, index: int) -> bool:
        """Whether what clients write to this tag does not get through."""
        return any(fault.how == "blocked" for fault in self.state.faults.get(index, ()))

    # ---- real devices -----------------------------------------------------------------------------------------

    def source(self, index: int) -> str:
        """Where the field's value comes from: `sim`, `real` or `forced`. Never set by a fault."""
        state = self.state
        return "forced" if index in state.forced else "real" if index in state.readings else "sim"

    def tell(self, index: int, reading: Reading | None) -> None:
        """A real device says this of a tag in place of the plant; None: from now on it is the plant's again."""
        known = index in self.state.readings
        if reading is not None:
            self.state.readings[index] = reading
        elif known:
            del self.state.readings[index]
        self._replaced(index, known is (reading is None))

    def force(self, index: int, value: Value | None) -> None:
        """The field says this whatever the plant or a device say; None: no more."""
        self.state.forced.pop(index, None)
        if value is not None:
            self.state.forced[index] = value
        self._replaced(index, other_source=True)

    def _replaced(self, index: int, other_source: bool) -> None:
        if other_source:
            self._derive()
        self._pass_on(index)
        self._doubt(index)

    # ---- what sits between -----------------------------------------------------------------------------------

    def begin_fault(self, index: int, ident: str, stream: str, effect: dict[str, JsonValue]) -> None:
        """Put a fault between the two sides of a tag, behind those that are there."""
        faults, moment = self.state.faults.get(index, []), self._moment(index)
        value = signal.shown(faults, self._source(index), moment)
        fault = signal.made(effect, ident, stream, value, moment)
        self._plan(index, fault)
        self.state.faults[index] = [*faults, fault]
        self._changed(index)

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
            self._changed(index)

    def _changed(self, index: int) -> None:
        self._derive()
        self._pass_on(index)
        self._doubt(index)
        self._ring(self.state.faults.get(index, []))

    def _derive(self) -> None:
        """What follows from the faults and the power."""
        state = self.state
        dead = [tag.index for station in state.unpowered for tag in self.tags.of(station) if tag.powered]
        self._mirrors = {}
        for index, faults in state.faults.items():
            for fault in faults:
                other = self.tags.find(str(fault.figures.get("with")))
                if fault.how == "swap" and other is not None:
                    self._mirrors.setdefault(other.index, []).append(index)
        self._cut = {*state.faults, *dead, *self._mirrors, *state.readings, *state.forced}

    def restored(self) -> None:
        """After a restore: what follows from the state, without saying it again."""
        self._derive()
        doubtful = {*self.state.faults, *self.state.readings}
        self._said = {i: found for i in sorted(doubtful) if (found := self._quality(i)) != _WELL}

    def _quality(self, index: int) -> tuple[Quality, str]:
        """The worst of what a device and its faults say; of equally bad ones the last."""
        instead = self._instead(index)
        worst = _WELL if instead is None else (instead.quality, instead.reason)
        for fault in self.state.faults.get(index, ()):
            says = fault.on and (fault.reason or fault.quality is not Quality.GOOD)
            if says and _WORSE[fault.quality] >= _WORSE[worst[0]]:
                worst = (fault.quality, fault.reason)
        return worst

    def _doubt(self, index: int) -> None:
        now = self._quality(index)
        if now == self._said.get(index, _WELL):
            return
        if now == _WELL:
            del self._said[index]
        else:
            self._said[index] = now
        self._emit("quality", index, [now[0].value, now[1]])
        self._wake(self._doubters.get(index, []))

    # ---- faults that are functions of time -----------------------------------------------------------------------

    def turn(self) -> None:
        """Time has come for some of them; asks for the next turn."""
        for index, faults in list(self.state.faults.items()):
            moment = self._moment(index)
            due = [fault for fault in faults if fault.next_ns != NEVER and fault.next_ns <= moment.now_ns]
            for fault in due:
                fault.next_ns = NEVER
                act = WAYS[fault.how].turn
                if act is not None:
                    act(fault, moment)
                self._plan(index, fault)
            if due:
                self._pass_on(index)
                self._doubt(index)
            self._ring(faults)

    def _plan(self, index: int, fault: SignalFault) -> None:
        """A function of time moves its tag in steps, and a computed tag that is remembered is looked at in steps."""
        way, other = WAYS[fault.how], self.tags.find(str(fault.figures.get("with")))
        step = way.every_ns if index not in self._computed else SAMPLE_NS if way.takes else 0
        if fault.how == "swap" and other is not None and other.index in self._computed and index not in self._computed:
            step = SAMPLE_NS
        if step:
            fault.next_ns = sooner(fault.next_ns, (self._now_ns() // step + 1) * step)

    def _ring(self, faults: list[SignalFault]) -> None:
        """Ask for a turn where one of these faults needs it."""
        for fault in faults:
            if fault.next_ns != NEVER:
                self.ring(fault.next_ns)

    def power(self, station: str, on: bool) -> None:
        """Cut or give the actuator power of a station: an emergency stop acts in the plant, whoever is in control."""
        if on != (station in self.state.unpowered):
            return
        if on:
            self.state.unpowered.remove(station)
        else:
            self.state.unpowered.append(station)
        self._derive()
        for tag in self.tags.of(station):
            if tag.powered:
                self._pass_on(tag.index)


def _nobody(_: int) -> None:
    """Nobody is there to be rung."""
