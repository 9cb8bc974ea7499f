"""The stand-in of one station in the material flow, for the time in which a real device takes its place.

The twin goes on beside the device and carries the virtual parts. A part that comes waits at the border until the device
shows that one is there; it goes on when the device has finished it; what does not happen in time aborts the station
with a reason, and a person says which parts are really there. With the station simulated the stand-in does nothing.
"""

from dataclasses import dataclass, field

from sim.expression import Compiled, ExpressionError, compile_expression
from sim.kernel import Wakeable
from sim.packml import State
from sim.plant import Plant
from sim.refusal import Refusal
from sim.remote.border import Border, Holder
from sim.remote.terms import Terms
from sim.travel import NEVER
from sim.unit import ESTOP, Unit

NO_PART = 266  # stop reasons of our own, behind those of OMAC: a part was expected and none was seen
NOT_DONE = 267  # the real station did not finish a part in time
DEVICE = 268  # the device is gone, disarmed, or was put in the place of the twin
_RUNNING = (State.STARTING, State.EXECUTE, State.SUSPENDING, State.SUSPENDED, State.UNSUSPENDING)


@dataclass(slots=True)
class StandInState:
    """All that changes. `inside` are the parts that the real station holds, in the order in which they came."""

    due: list[int]
    real: bool = False
    armed: bool = False  # outputs reach the device
    unconfirmed: bool = False  # nobody has said yet which parts are there
    tags: list[int] = field(default_factory=list)  # whose readings come from the device
    terms: Terms = field(default_factory=Terms)
    running: bool = False
    present: bool = False
    present_ns: int = 0  # since when
    used: bool = False  # the part that stands there is one that came in already
    coming: int = 0
    finished: bool = False  # the device says `done` now
    done: int = 0  # parts that it has finished and that have not left
    leaving: int = 0
    inside: list[int] = field(default_factory=list)
    asked_ns: int = NEVER  # since when a part is expected
    since_ns: int = 0  # when the work on the first part inside began, or was done


class StandIn(Wakeable):
    """One per station, in phase 3: it looks at what plant and programs have settled."""

    SLOTS = ("look", "late_part", "still", "late_work", "fetch", "carry")
    LOOK, LATE_PART, STILL, LATE_WORK, FETCH, CARRY = range(6)
    PHASE = 3
    STATE = StandInState

    def __init__(self, plant: Plant, unit: Unit) -> None:
        super().__init__(plant.kernel, f"{unit.station.name}.stand_in")
        self.plant, self.unit, self.station = plant, unit, unit.station.name
        self.image = plant.image
        self.s = StandInState([NEVER] * len(self.SLOTS))
        self.entries = [border for border in plant.borders if border.station == self.station]
        self.exits = [border for border in plant.borders if border.giver == self.station]
        for border in self.entries:
            border.taking = self
            offers = plant.units[border.giver].tags.get("part_available")
            if offers is not None:
                self.image.watch(offers, self, self.LOOK)
        for border in self.exits:
            border.giving = self
            border.sink.fed_by(self, self.LOOK)
        self._presence: Compiled | None = None
        self._done: Compiled | None = None
        self._watched: set[int] = set()
        unit.bars.append(self.bars)
        self.image.watch(unit.tags["state"], self, self.LOOK)
        plant.stand_ins[self.station] = self

    @property
    def now(self) -> int:
        return self.kernel.now_ns

    # ---- beginning and end ------------------------------------------------------------------------------------

    def expression(self, text: str) -> Compiled | None:
        """Over the signals of the station, or `station.signal`. Raises ExpressionError."""
        tags = self.image.tags

        def place(name: str) -> int | None:
            tag = tags.find(name if "." in name else f"{self.station}.{name}")
            return None if tag is None else tag.index

        return compile_expression(text, place) if text else None

    def check(self, terms: Terms) -> Refusal | None:
        try:
            self.expression(terms.presence)
            self.expression(terms.done)
        except ExpressionError:
            return Refusal.UNKNOWN
        return None

    def begin(self, tags: list[int], terms: Terms) -> None:
        """A device takes the place of the twin from now on."""
        s = self.s
        s.real, s.armed, s.tags, s.terms = True, False, tags, terms
        s.coming = s.leaving = s.done = 0
        s.inside = self.parts()
        self._compile()
        s.present, s.finished = self._true(self._presence), self._true(self._done)
        s.used, s.asked_ns, s.since_ns = s.present, NEVER, self.now
        self._say("real")
        self.look()

    def end(self) -> None:
        """The twin is the station again; its parts go on from where they are."""
        s = self.s
        for index in s.tags:
            self.image.tell(index, None)
        self.s = StandInState([NEVER] * len(self.SLOTS), unconfirmed=s.unconfirmed)
        self._compile()
        self._say("sim")
        self._call()

    def restored(self) -> None:
        self._compile()

    def _compile(self) -> None:
        terms = self.s.terms
        self._presence, self._done = self.expression(terms.presence), self.expression(terms.done)
        for compiled in (self._presence, self._done):
            for name in compiled.names if compiled is not None else ():
                tag = self.image.tags.find(name if "." in name else f"{self.station}.{name}")
                if tag is not None and tag.index not in self._watched:
                    self._watched.add(tag.index)
                    self.image.watch_field(tag.index, self, self.LOOK)

    # ---- what people and the controller do ---------------------------------------------------------------------

    def bars(self) -> bool:
        """Whether the station must not be started."""
        s = self.s
        safe = self.image.state.field[self.unit.tags["estop_ok"]]
        return bool(s.unconfirmed or (s.real and not (s.armed and safe)))

    def abort(self, reason: int) -> None:
        """Stop at once; a person says which parts are there before it goes on."""
        self.s.unconfirmed = True
        self.unit.command("abort", reason)
        self._say("unconfirmed")

    def arm(self, armed: bool) -> None:
        self.s.armed = armed
        self._say("armed" if armed else "disarmed")

    def confirm(self, there: list[int]) -> None:
        """These parts are there; all others that the twin holds were taken away."""
        s = self.s
        for serial in self.parts():
            if serial not in there:
                for component in self.plant.components.values():
                    if component.take(serial):
                        break
                self.plant.remove(serial)
        s.unconfirmed, s.done, s.since_ns = False, 0, self.now
        s.inside = self.parts() if s.real else []
        s.used = s.present
        self._say("confirmed")
        self.look()

    def parts(self) -> list[int]:
        """Unfinished parts in the twin, the oldest first."""
        found: list[int] = []
        for component in self.plant.components.values():
            if component.station == self.station and isinstance(component, Holder):
                found += [serial for serial in component.holds() if not self.plant.part(serial).finished]
        return sorted(set(found))

    def heard(self) -> None:
        """Readings came in: an emergency stop that the device reports is one."""
        if self.s.real and not self.image.state.field[self.unit.tags["estop_ok"]]:
            self.unit.command("abort", ESTOP)

    # ---- at the borders ----------------------------------------------------------------------------------------

    def lets_in(self) -> bool:
        s = self.s
        if self._presence is None or (s.present and not s.used):
            return True
        if s.asked_ns == NEVER and s.running:
            s.asked_ns = self.now
            self._say("expected")
            self.wake(self.LOOK, self.now)
        return False

    def lets_out(self) -> bool:
        return self._done is None or self.s.done > 0

    def comes(self, serial: int) -> None:
        s = self.s
        if s.real:
            s.used, s.coming, s.asked_ns = True, serial, NEVER
            self.wake(self.LOOK, self.now)

    def goes(self, serial: int) -> None:
        s = self.s
        if s.real:
            s.done, s.leaving = max(0, s.done - 1), serial

    def stays(self) -> None:
        """The part on its way between two stations does not come."""
        s = self.s
        if s.coming:
            s.used, s.coming = False, 0
        if s.leaving:
            s.done, s.leaving = s.done + 1, 0

    def entered(self, serial: int) -> None:
        s = self.s
        if not s.real:
            return
        if s.coming != serial:
            self.comes(serial)
        s.coming = 0
        if not s.inside:
            s.since_ns = self.now
        s.inside.append(serial)
        self._say("in", serial)
        self.wake(self.LOOK, self.now)

    def left(self, serial: int) -> None:
        s = self.s
        if not s.real:
            return
        if s.leaving != serial:
            self.goes(serial)
        s.leaving, s.since_ns = 0, self.now
        if serial in s.inside:
            s.inside.remove(serial)
        self._say("out", serial)
        self.wake(self.LOOK, self.now)

    # ---- what the device shows ---------------------------------------------------------------------------------

    def look(self) -> None:
        """A reading, a part or the state of the station has changed."""
        s = self.s
        if not s.real:
            return
        running = self.unit.s.state in _RUNNING
        if running != s.running:
            s.running, s.asked_ns, s.since_ns = running, NEVER, self.now
            if running:
                self._call()
        s.inside = [serial for serial in s.inside if self._here(serial)]
        self._see_presence()
        self._see_done()
        self._plan()

    def _here(self, serial: int) -> bool:
        part = self.plant.parts.by_serial.get(serial)
        return part is not None and not part.finished

    def _see_presence(self) -> None:
        s, present = self.s, self._true(self._presence)
        if present == s.present:
            return
        s.present, s.present_ns = present, self.now
        if not present:
            s.used, s.asked_ns = bool(s.coming), self.now if s.asked_ns != NEVER else NEVER
            return
        self._say("present")
        for border in self.entries:
            border.call(self.now)

    def _see_done(self) -> None:
        s, finished = self.s, self._true(self._done)
        if finished == s.finished:
            return
        s.finished = finished
        if finished and s.done < len(s.inside):
            s.done, s.since_ns = s.done + 1, self.now
            self._say("done")
            for border in self.exits:
                border.call(self.now)

    def _plan(self) -> None:
        s, terms = self.s, self.s.terms
        expects = s.running and s.asked_ns != NEVER and not s.present
        self.wake(self.LATE_PART, s.asked_ns + terms.presence_ns if expects else NEVER)
        works = s.running and self._done is not None and bool(s.inside) and not s.done and not s.leaving
        self.wake(self.LATE_WORK, max(self.now, s.since_ns + terms.done_ns) if works else NEVER)
        self.wake(self.FETCH, max(self.now, s.present_ns + terms.twin_ns) if self._comes_in() else NEVER)
        self.wake(self.CARRY, max(self.now, s.since_ns + terms.twin_ns) if self._goes_on() else NEVER)

    def _comes_in(self) -> bool:
        """A part stands at the device, and the neighbour has one for it, or it is on its way and does not arrive."""
        s = self.s
        return bool(s.running and s.present and self._ready_to_come() is not None)

    def _ready_to_come(self) -> Border | None:
        for border in self.entries:
            if self.s.coming:
                if border.foremost == self.s.coming:
                    return border
                continue
            if self.s.used:
                continue
            offered = self.s.asked_ns != NEVER or self._offers(border)
            allowed = border.giving is None or border.giving.lets_out()
            if offered and allowed and border.sink.room() and border.foremost:
                return border
        return None

    def _goes_on(self) -> bool:
        """The first part inside is done, has not started to leave, and has somewhere to go."""
        s = self.s
        return bool(s.done and s.inside and not s.leaving and any(b.sink.room() for b in self.exits))

    def late_part(self) -> None:
        """Too long: do they still want to bring one?"""
        self.s.asked_ns = NEVER
        for border in self.entries:
            border.call(self.now)
        self.wake(self.STILL, self.now)

    def still(self) -> None:
        if self.s.asked_ns != NEVER:
            self.s.asked_ns = NEVER
            self.abort(NO_PART)

    def late_work(self) -> None:
        self.abort(NOT_DONE)

    def _offers(self, border: Border) -> bool:
        """The neighbour's word on the handshake wire."""
        index = self.plant.units[border.giver].tags.get("part_available")
        return index is not None and bool(self.image.see(index))

    def fetch(self) -> None:
        """The device has its part, and the virtual one does not come: take it over the border by hand."""
        border = self._ready_to_come()
        if border is not None and self._comes_in():
            self._carry_over(border, border.foremost)

    def carry(self) -> None:
        """The twin is behind the device: take its part over the border by hand."""
        border = next((b for b in self.exits if b.sink.room() and (b.taking is None or b.taking.lets_in())), None)
        if border is not None and self._goes_on():
            self._carry_over(border, self.s.inside[0])

    def _carry_over(self, border: Border, serial: int) -> None:
        if not any(component.take(serial) for component in self.plant.components.values()):
            return  # its place beyond the border is free again, if it was on its way
        self.plant.log(serial, self.name)
        self.plant.units[border.giver].part_out()
        self.plant.units[border.station].part_in()
        border.put(serial)

    # ---- small things ------------------------------------------------------------------------------------------

    def _true(self, expression: Compiled | None) -> bool:
        return expression is not None and bool(expression(self.image.state.field))

    def _call(self) -> None:
        for border in (*self.entries, *self.exits):
            border.call(self.now)

    def _say(self, what: str, serial: int = 0) -> None:
        self.plant.emit("handover", self.station, [what, serial])
