"""Belt conveyor: its drive, its sensors, and how parts come onto it and go over its ends.

A part belongs to the belt that carries its tail: at the end its head runs out over the next belt, which has kept the
place free, and is handed over when its tail leaves. So parts never overlap, and a belt that nobody empties holds.

The drive starts and stops on ramps, or at once where none are given. With the port `reverse` it runs both ways: it
comes to a stand, then parts ride back to the beginning. There they stand before an end plate, fall off, or go on to
what `to_back` names. How the parts ride and accumulate is `sim/components/train.py`.
"""

from sim.component import MILLION
from sim.components.belt_kind import ACCUMULATING, KIND, PLATE, RECEIVERS, RUNNING, STOPPED
from sim.components.power import Shaft
from sim.components.train import BACKWARD, EXIT, FORWARD, JAM, Group, Train
from sim.definition import ComponentDefinition
from sim.handover import Sink, beneath, sink_of
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.tag import Value

__all__ = ["EXIT", "JAM", "KIND", "RECEIVERS", "Belt"]

ENDS = ("out", "back_out")  # where parts are gone that run out over an open end


class Belt(Train):
    """One belt. `put`, `take`, `attach_*` are how other components work on it.

    `pulses` is a single-track encoder and counts whichever way it runs, `count` has two tracks and falls backwards.
    """

    KIND = KIND
    SLOTS = ("command", "reach")
    COMMAND, REACH = 0, 1

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.feeders: list[tuple[Wakeable, int]] = []
        self.clamps: list[tuple[Wakeable, int]] = []
        self.sink: Sink | None = None
        self.back: Sink | None = None
        self.following: Belt | None = None  # the next belt, of this station or the next one
        self.sources: list[Belt] = []  # belts whose heads come out over the entry
        self.near = False  # a sensor stands so near the entry that it sees such a head
        self.drive_watchers: list[tuple[Wakeable, int]] = []
        self.motor: Shaft | None = None  # without one it is driven by its coil alone

    # ---- while the line is built ------------------------------------------------------------------------------

    def watch_motion(self, member: Wakeable, slot: int) -> None:
        """Who wants to be woken when the belt starts, stops, or a part on it is held or let go."""
        self.drive_watchers.append((member, slot))

    def entrance(self, source: str) -> Sink:
        """Parts come in at the beginning, wherever they come from."""
        return self

    def fed_by(self, member: Wakeable, slot: int) -> None:
        """Who wants to be woken when there may be room at the entry."""
        self.feeders.append((member, slot))

    def clamped_by(self, member: Wakeable, slot: int) -> None:
        """Who wants to be woken when a part was lifted off."""
        self.clamps.append((member, slot))

    @property
    def back_ways(self) -> bool:
        return "reverse" in self.tags

    def connect(self) -> None:
        self.sink, self.back = (sink_of(self.joined(join), self.name) for join in ("to", "to_back"))
        for sink in (self.sink, self.back):
            if sink is not None:
                sink.fed_by(self, self.REACH)
        following = beneath(self.sink)
        self.following = following if isinstance(following, Belt) else None
        if self.following is not None:
            self.following.sources.append(self)
        for port in ("run", "reverse", "speed"):
            self.watch(port, self.COMMAND)
        computed = {"speed_actual": self._speed_actual, "current": self._current, "pulses": self._pulses}
        for port, value in (*computed.items(), ("count", self._count)):
            if port in self.tags:
                self.image.compute(self.tags[port], value)

    def ready(self) -> None:
        """After all components have attached themselves."""
        watchers = self.following.watchers if self.following is not None else []
        self.near = any(position < self.size for position, _ in self.watchers)
        self.lay_marks([position for position, _ in watchers if position < self.size])

    # ---- analogue values: functions of time -------------------------------------------------------------------

    def _speed_actual(self) -> Value:
        speed = self.s.travel.v_at(self.now) // 10**9 / 1000
        return round(speed + 0.4 * self.noise("speed_actual"), 1) if speed else 0.0

    def _pulses(self) -> Value:
        """What an encoder has counted since the line began: it wraps at 32 bits."""
        return self.path() // self.p["pulse"] % 2**32

    def _count(self) -> Value:
        """What a quadrature encoder has counted: it wraps at 32 bits, with sign."""
        return (self.displacement() // self.p["pulse"] + 2**31) % 2**32 - 2**31

    def _current(self) -> Value:
        if not self._coils():
            return 0.0
        load = self.p["idle_current"] + self.p["part_current"] * sum(len(g.parts) for g in self.s.groups)
        return round(load / MILLION * (1 + 0.03 * self.noise("current")), 2)

    # ---- drive ------------------------------------------------------------------------------------------------

    def _coils(self) -> int:
        """Which way the contactors drive it; against each other they do nothing. A welded one runs on."""
        way = bool(self.see("run")) - bool(self.see("reverse"))
        if self.s.welded and self.powered and not way:
            return int(self.s.way)
        return way

    @property
    def asks(self) -> bool:
        """Its motor is told to turn."""
        return bool(self._coils())

    def _rate(self) -> int:
        """The speed that it is told to have, µm/s; below nought backwards."""
        way = self._coils()
        if not way or self.s.stalled or (self.motor is not None and not self.motor.delivers):
            return 0
        asked = self.p["speed"]
        if "speed" in self.tags:
            asked = int(self.see("speed") * 1000 + 0.5)
        if self.motor is not None:
            asked = asked * self.motor.pace_ppm // MILLION
        return way * (asked * self.p["traction"] // MILLION)

    def command(self) -> None:
        """Start, stop, another speed or the end of a ramp: the goal stays, only the time to it changes."""
        s, now, rate = self.s, self.now, self._rate()
        if rate * s.way < 0 and not s.travel.v_at(now):
            self.turn_round()
            self._run(rate * s.way)
            self.reach()
        else:
            self._run(max(0, rate * s.way))
            if rate * s.way < 0 and not s.travel.moving:
                self.wake(self.COMMAND, now)  # it stands: now the other way
                return
        self.wake(self.COMMAND, s.travel.end_ns)
        self.wake(self.REACH, s.travel.due_ns())

    def _run(self, rate: int) -> None:
        """Change the speed by the ramps, and say so."""
        travel, stood = self.s.travel, not self.s.travel.moving
        down = 0 if self.s.stalled else self.p["deceleration"]
        if not travel.go(self.now, rate, self.p["acceleration"], down):
            return
        if stood and travel.moving:
            self.cycle()
        self._be()
        self._say()
        for member, slot in self.drive_watchers:
            member.wake(slot, self.now)
        if self.s.way == BACKWARD:
            self._tell_feeders()

    def replan(self) -> None:
        self._stall()
        self.command()

    def _held(self) -> bool:
        return any(group.held != -1 for group in self.s.groups)

    def _be(self) -> None:
        if not self.s.travel.moving:
            self.be(STOPPED)
        else:
            self.be(ACCUMULATING if self._held() else RUNNING)

    def _stall(self) -> bool:
        """Whether a belt that cannot slip has just been stalled by a part that is held, or has come free."""
        stalled = not self.p["accumulating"] and self._held()
        changed = stalled != self.s.stalled
        self.s.stalled = stalled
        return bool(changed)

    # ---- what other components do -----------------------------------------------------------------------------

    def room(self) -> bool:
        """Whether the entry is free for another part; never while the belt runs backwards."""
        s = self.s
        if s.incoming or s.backing or (s.way == BACKWARD and s.travel.moving):
            return False
        return self.last_head() >= self.entry

    def reserve(self, serial: int) -> None:
        """Keep the entry free for this part, which is on its way."""
        self.s.incoming, self.s.room_told = serial, False

    def release(self) -> None:
        """The part that was on its way does not come."""
        self.s.incoming = 0
        self._tell_feeders()

    def put(self, serial: int) -> None:
        """Lay a part on the entry; its tail is at the belt's beginning."""
        s = self.s
        s.incoming = 0
        if s.way == FORWARD:
            s.groups.append(Group(self.size - s.travel.at(self.now), [serial]))
            self.say_part(serial, s.groups[-1], 0)
        else:
            s.groups.insert(0, Group(self.length - s.travel.at(self.now), [serial]))
            self.say_part(serial, s.groups[0], 0)
        self.reach()

    def take(self, serial: int) -> bool:
        """Lift a part off the belt. False when it is not there."""
        s = self.s
        for index, group in enumerate(s.groups):
            if serial not in group.parts:
                continue
            place = group.parts.index(serial)
            head = self.head_of(group) - self.pitch * place
            self.lift(index, place)
            self._not_leaving(serial)
            self._unjam(head)
            self.free(index)
            self.reach()
            for member, slot in self.clamps:
                member.wake(slot, self.now)
            return True
        return False

    def _not_leaving(self, serial: int) -> None:
        """A part that lay over an end is on the belt again, or gone: give the place beyond free."""
        s = self.s
        if s.leaving == serial:
            s.leaving = 0
            if self.sink is not None:
                self.sink.release()
        if s.backing == serial:
            s.backing = 0
            if self.back is not None:
                self.back.release()

    def set_stop(self, stop: int, closed: bool, place: int | None = None) -> None:
        """Close or open a stop. A part that is over it already goes on; those behind it are held.

        `place` is where heads must stand this time, if not at the stop's own place.
        """
        s = self.s
        if s.closed[stop] == closed:
            return
        s.closed[stop], s.places[stop] = closed, self.stops[stop] if place is None else place
        s.behinds[stop] = self.behinds[stop] if place is None else place - self.size
        if not closed:
            for index, group in enumerate(s.groups):
                if group.held == stop:
                    self.free(index)
                    break
        self.reach()

    def hold_at(self, stop: int, place: int | None) -> None:
        """Close a stop with heads standing at `place`, its own place where that is None; one that is closed moves."""
        wanted = self.stops[stop] if place is None else place
        if self.s.closed[stop] and self.s.places[stop] != wanted:
            self.set_stop(stop, False)
        self.set_stop(stop, True, place)

    # ---- disturbances -----------------------------------------------------------------------------------------

    def jam(self) -> None:
        """A part gets stuck half-way, on its arrival there. It stays until a hand takes it out or the fault ends."""
        self.set_stop(JAM, True, self.length // 2)

    def clear_jam(self) -> None:
        """The cause is gone; parts move on."""
        self.set_stop(JAM, False)

    def _unjam(self, head: int) -> None:
        """Whoever takes the stuck part out has cleared the jam."""
        if self.s.closed[JAM] and head == self.place_of(JAM):
            self.s.closed[JAM] = False

    def weld(self) -> None:
        """The contactor does not open any more: it runs on without its coil, until the power is cut."""
        self.s.welded = True
        self.command()

    def mend_contactor(self) -> None:
        """Another contactor."""
        self.s.welded = False
        self.command()

    # ---- the one plan -----------------------------------------------------------------------------------------

    def reach(self) -> None:
        """Something is due or has changed: hand over, hold, merge, see, and find out what is due next."""
        self.rebase()
        self.leaves()
        self.part_groups()
        self.hold()
        goal = self.next_goal()
        self.see_covers()
        if self.following is not None and self.following.near:
            self.following.see_covers()
        self.s.travel.aim(self.now, goal)
        if self._stall():
            self.wake(self.COMMAND, self.now)
        self.wake(self.REACH, self.s.travel.due_ns())
        self._be()
        self._tell_feeders()
        for member, slot in self.drive_watchers:
            member.wake(slot, self.now)

    def exit_closed(self) -> bool:
        s = self.s
        if s.way == FORWARD:
            return self.sink is not None and (bool(s.leaving) or not self.sink.room())
        if s.incoming:
            return True
        if self.back is None:
            return self.p["beginning"] == PLATE
        return bool(s.backing) or not self.back.room()

    def leaves(self) -> None:
        self._come_back()
        s = self.s
        while s.groups:
            group, out = s.groups[0], self.out_serial
            head = self.head_of(group)
            if group.parts[0] == out and head >= self.length + self.size:
                self._hand_over()
            elif not out and head >= self.length and not self._shut() and not self.exit_closed():
                self._start_to_leave()
            else:
                return

    def _shut(self) -> bool:
        return bool(self.s.closed[EXIT]) and self.s.way == FORWARD

    def _come_back(self) -> None:
        """A part that lay over the other end is wholly on the belt again."""
        s = self.s
        returning = s.backing if s.way == FORWARD else s.leaving
        if returning and self.tail_head(s.groups[-1]) >= self.size:
            self._not_leaving(returning)

    def _hand_over(self) -> None:
        s = self.s
        end, sink = (0, self.sink) if s.way == FORWARD else (1, self.back)
        serial = self.pop_foremost()
        if end:
            s.backing = 0
        else:
            s.leaving = 0
        if sink is None:
            self.plant.units[self.station].part_out()
            self.plant.retire(serial, f"{self.name}.{ENDS[end]}")
            return
        if sink.station != self.station:
            self.plant.units[self.station].part_out()
            self.plant.units[sink.station].part_in()
        sink.put(serial)

    def _start_to_leave(self) -> None:
        s = self.s
        serial = s.groups[0].parts[0]
        sink = self.sink if s.way == FORWARD else self.back
        if s.groups[0].held != -1:
            self.free(0)
        if s.way == FORWARD:
            s.leaving = serial
        else:
            s.backing = serial
        if sink is not None:
            sink.reserve(serial)
        self.part_at_exit()

    def see_covers(self) -> None:
        """Tell each sensor what covers its place now, if that has changed."""
        if not self.watchers:
            return
        heads = self.heads()
        if self.near:
            heads += [(b.s.leaving, b.out()) for b in self.sources if b.s.leaving]
        for index, (position, watcher) in enumerate(self.watchers):
            serial = next((p for p, head in heads if position <= head < position + self.size), 0)
            if serial != self.s.cover[index]:
                self.s.cover[index] = serial
                watcher.covered(serial)

    def _tell_feeders(self) -> None:
        """Wake those who feed the belt when room has come about."""
        room = self.room()
        if room and not self.s.room_told:
            for member, slot in self.feeders:
                member.wake(slot, self.now)
        self.s.room_told = room

    # ---- for the eyes of people -------------------------------------------------------------------------------

    def _speed_said(self) -> float:
        """mm/s; during a ramp the mean of it, as a straight line is drawn from here to its end."""
        travel = self.s.travel
        mean = travel.v_end if not travel.a else (travel.v + travel.v_end) // 2
        speed: float = self.s.way * (mean // 10**9) / 1000
        return speed

    def _say(self) -> None:
        self.say_move(self.said_at(), self._speed_said(), None)

    def announce(self) -> list[tuple[str, str | int, object]]:
        events: list[tuple[str, str | int, object]] = [("move", self.name, [self.said_at(), self._speed_said(), None])]
        for group in self.s.groups:
            events += [("part", p, self.where(group, k)) for k, p in enumerate(group.parts)]
        return events
