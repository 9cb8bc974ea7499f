"""Belt conveyor: parts ride in belt coordinates, accumulate behind stops and are handed over at the end.

The belt keeps one travel; a group of parts is one record, free (riding) or held (standing before a stop). The next
thing to happen is the goal of the travel, so that start and stop cost the same for one part and for a hundred; only a
change of composition plans anew.

A part belongs to the belt that carries its tail: at the end its head runs out over the next belt, which has kept the
place free, and is handed over when its tail leaves. So parts never overlap, and a belt that nobody empties holds.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Protocol

from sim.component import MILLION, MM, Change, Component
from sim.definition import ComponentDefinition
from sim.handover import Sink, sink_of
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import FAR, Travel

EXIT, JAM = 0, 1  # stops that every belt has; the others are attached
OPEN_END = "out"
STOPPED, RUNNING, ACCUMULATING = range(3)
STATES = states(("stopped", "停止", "stopped"), ("running", "运行", "running"),
                ("accumulating", "积放", "running under parts that are held"))  # fmt: skip
CYCLE = Text("一次启动", "one start")
RECEIVERS = ("belt", "roller_conveyor", "transfer", "turntable", "elevator")
REBASE = 4 * 1000 * MM  # the travel begins anew after so much: keeps numbers in a checkpoint below 2**53


class Watcher(Protocol):
    """A sensor beside the belt."""

    def covered(self, serial: int) -> None:
        """The part that covers the place now, 0 for none. Called on changes only."""
        ...


@dataclass(slots=True)
class Group:
    """Parts that touch, foremost first. `x` is the head: on the frame while held, else in belt coordinates."""

    x: int
    parts: list[int]
    held: int = -1  # the stop that holds it


@dataclass(slots=True)
class BeltState:
    """All that changes of a belt."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=lambda: Travel(goal=REBASE))
    base_um: int = 0  # travel that was taken out of the coordinates; only for drawing
    groups: list[Group] = field(default_factory=list)
    leaving: int = 0  # serial of the part that runs out over the end
    incoming: int = 0  # serial of the part for which the entry is kept free
    closed: list[bool] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # per stop: where a head must stand while it is closed
    room_told: bool = True  # those who feed the belt know that there is room
    cover: list[int] = field(default_factory=list)  # per watcher: serial, 0 for none


KIND = Kind(
    "belt",
    Text("输送带", "Belt conveyor"),
    Text("输送工件, 在挡停处积放, 末端交接", "Carries parts, accumulates before stops, hands over at its end"),
    parameters=(
        Parameter("length", "length", Text("长度", "Length"), low=200 * MM, fixed=True),
        Parameter("speed", "speed", Text("额定速度", "Nominal speed"), "200 mm/s", low=1000, high=5 * MILLION),
        Parameter("part_length", "length", Text("工件长度 (0: 全线统一)", "Length of its parts; 0: the line's"),
                  "0 mm", fixed=True),
        Parameter("traction", "ratio", Text("牵引率 (1 = 不打滑)", "Traction (1: no slip)"), "1", high=MILLION),
        Parameter("idle_current", "current", Text("空载电流", "Idle current"), "800 mA"),
        Parameter("pulse", "length", Text("每脉冲行程", "Travel per encoder pulse"), "1 mm", low=10**9),
        Parameter("part_current", "current", Text("每件附加电流", "Current per part"), "60 mA"),
    ),
    ports=(
        Port("run", DataType.BOOL, Direction.OUTPUT, Text("运行", "run"), powered=True),
        Port("speed", DataType.REAL, Direction.OUTPUT, Text("速度设定", "speed set-point"), "mm/s", 0, 400, 1, 200.0,
             optional=True),
        Port("speed_actual", DataType.REAL, Direction.INPUT, Text("实际速度", "actual speed"), "mm/s", 0, 500, 1,
             optional=True, computed=True),
        Port("current", DataType.REAL, Direction.INPUT, Text("电机电流", "motor current"), "A", 0, 10, 2,
             optional=True, computed=True),
        Port("pulses", DataType.UDINT, Direction.INPUT, Text("编码器计数", "encoder pulses"), "", optional=True,
             computed=True),
    ),
    joins=(Join("to", RECEIVERS, Text("下一条输送带", "What it hands parts to"), required=False),),
    disturbances=(Disturbance("jam", Text("工件卡住", "A part jams"), clears="clear_jam"),),
    states=STATES,
    cycle=CYCLE,
)  # fmt: skip


class Belt(Component):
    """One belt, driven forward. `put`, `take`, `attach_*` are how other components work on it."""

    KIND = KIND
    STATE = BeltState
    SLOTS = ("command", "reach")
    COMMAND, REACH = 0, 1

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        part = plant.definition.part
        self.size = self.p.get("part_length") or part.length_fm
        self.pitch = self.size + part.gap_fm
        self.length = self.p["length"]
        self.entry = self.size + self.pitch  # a head beyond it leaves room for the next part
        self.stops: list[int] = [self.length, self.length]
        self.watchers: list[tuple[int, Watcher]] = []
        self.feeders: list[tuple[Wakeable, int]] = []
        self.clamps: list[tuple[Wakeable, int]] = []
        self.sink: Sink | None = None
        self.sources: list[Belt] = []  # belts whose heads come out over the entry
        self.near = False  # a sensor stands so near the entry that it sees such a head
        self.marks: list[int] = []
        self.drive_watchers: list[tuple[Wakeable, int]] = []

    # ---- while the line is built ------------------------------------------------------------------------------

    def attach_stop(self, position: int) -> int:
        """A place where parts can be held; the answer is its number. Open at first."""
        self.stops.append(position)
        return len(self.stops) - 1

    def attach_watcher(self, position: int, watcher: Watcher) -> int:
        """A sensor at this place; the answer is its number."""
        self.watchers.append((position, watcher))
        return len(self.watchers) - 1

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

    def connect(self) -> None:
        self.sink = sink_of(self.joined("to"), self.name)
        if self.sink is not None:
            self.sink.fed_by(self, self.REACH)
        if isinstance(self.sink, Belt):
            self.sink.sources.append(self)
        self.watch("run", self.COMMAND)
        self.watch("speed", self.COMMAND)
        for port, value in (
            ("speed_actual", self._speed_actual),
            ("current", self._current),
            ("pulses", self._pulses),
        ):
            if port in self.tags:
                self.image.compute(self.tags[port], value)

    def ready(self) -> None:
        """After all components have attached themselves."""
        edges = [e for position, _ in self.watchers for e in (position, position + self.size)]
        beyond = self.sink.watchers if isinstance(self.sink, Belt) else []
        edges += [self.length + position for position, _ in beyond if position < self.size]
        self.near = any(position < self.size for position, _ in self.watchers)
        self.marks = sorted({*edges, self.entry, self.length, self.length + self.size})
        if not self.s.closed:
            self.s.closed, self.s.places = [False] * len(self.stops), list(self.stops)
            self.s.cover = [0] * len(self.watchers)

    # ---- analogue values: functions of time -------------------------------------------------------------------

    def _speed_actual(self) -> Value:
        speed = self.s.travel.rate / 1000
        return round(speed + 0.4 * self.noise("speed_actual"), 1) if speed else 0.0

    def _pulses(self) -> Value:
        """What an encoder has counted since the line began: it wraps at 32 bits."""
        run: int = self.s.base_um * 10**9 + self.s.travel.at(self.now)
        return run // self.p["pulse"] % 2**32

    def _current(self) -> Value:
        if not self._driven():
            return 0.0
        load = self.p["idle_current"] + self.p["part_current"] * sum(len(g.parts) for g in self.s.groups)
        return round(load / MILLION * (1 + 0.03 * self.noise("current")), 2)

    # ---- drive ------------------------------------------------------------------------------------------------

    def _driven(self) -> bool:
        return bool(self.see("run"))

    def _rate(self) -> int:
        if not self._driven():
            return 0
        asked = self.p["speed"]
        if "speed" in self.tags:
            asked = int(self.see("speed") * 1000 + 0.5)
        return asked * self.p["traction"] // MILLION

    def command(self) -> None:
        """Start, stop or another speed: the goal stays, only the time to it changes."""
        travel, now, rate = self.s.travel, self.now, self._rate()
        if rate != travel.rate:
            if not travel.rate:
                self.cycle()
            travel.go(now, rate, travel.goal)
            self._be()
            self._say()
            for member, slot in self.drive_watchers:
                member.wake(slot, now)
        self.wake(self.REACH, travel.due_ns())

    def replan(self) -> None:
        self.command()

    def _be(self) -> None:
        if not self.s.travel.rate:
            self.be(STOPPED)
        else:
            self.be(ACCUMULATING if any(group.held != -1 for group in self.s.groups) else RUNNING)

    # ---- what other components do -----------------------------------------------------------------------------

    def room(self) -> bool:
        """Whether the entry is free for another part."""
        s = self.s
        return not s.incoming and (not s.groups or self._tail_head(s.groups[-1]) >= self.entry)

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
        s.groups.append(Group(self.size - s.travel.at(self.now), [serial]))
        self._say_part(serial, s.groups[-1], 0)
        self.reach()

    def heads(self) -> list[tuple[int, int]]:
        """Serial and head of every part, foremost first."""
        return self._heads()

    def stands(self, serial: int) -> bool:
        """Whether a part on the belt does not move now."""
        if not self.s.travel.rate:
            return True
        return any(serial in group.parts and group.held != -1 for group in self.s.groups)

    def part_between(self, low: int, high: int) -> int:
        """The foremost part whose centre lies between two places, 0 for none."""
        return self.found_between(low, high)[0]

    def found_between(self, low: int, high: int) -> tuple[int, int]:
        """The foremost part whose centre lies between two places, and its head; (0, 0) for none."""
        for serial, head in self._heads():
            if low <= head - self.size // 2 <= high:
                return serial, head
        return 0, 0

    def take(self, serial: int) -> bool:
        """Lift a part off the belt. False when it is not there."""
        s, pitch = self.s, self.pitch
        for index, group in enumerate(s.groups):
            if serial not in group.parts:
                continue
            place = group.parts.index(serial)
            front, back = group.parts[:place], group.parts[place + 1 :]
            head = self._head(group)
            pieces = [Group(head, front, group.held)] if front else []
            if back:
                pieces.append(Group(head - pitch * (place + 1), back, -1))
            s.groups[index : index + 1] = [self._based(piece) for piece in pieces]
            if s.leaving == serial:
                s.leaving = 0
                if self.sink is not None:
                    self.sink.release()
            self._unjam(head - pitch * place)
            self._free(index)
            self.reach()
            for member, slot in self.clamps:
                member.wake(slot, self.now)
            return True
        return False

    def set_stop(self, stop: int, closed: bool, place: int | None = None) -> None:
        """Close or open a stop. A part that is over it already goes on; those behind it are held.

        `place` is where heads must stand this time, if not at the stop's own place.
        """
        s = self.s
        if s.closed[stop] == closed:
            return
        s.closed[stop], s.places[stop] = closed, self.stops[stop] if place is None else place
        if not closed:
            for index, group in enumerate(s.groups):
                if group.held == stop:
                    self._free(index)
                    break
        self.reach()

    # ---- disturbances -----------------------------------------------------------------------------------------

    def jam(self) -> None:
        """A part gets stuck half-way, on its arrival there. It stays until a hand takes it out or the fault ends."""
        self.set_stop(JAM, True, self.length // 2)

    def clear_jam(self) -> None:
        """The cause is gone; parts move on."""
        self.set_stop(JAM, False)

    def _unjam(self, head: int) -> None:
        """Whoever takes the stuck part out has cleared the jam."""
        if self.s.closed[JAM] and head == self.s.places[JAM]:
            self.s.closed[JAM] = False

    # ---- composition ------------------------------------------------------------------------------------------

    def _head(self, group: Group) -> int:
        return group.x if group.held != -1 else group.x + self.s.travel.at(self.now)

    def _based(self, group: Group) -> Group:
        """A group given by its head on the frame, in the coordinates that fit its being held or free."""
        if group.held == -1:
            group.x -= self.s.travel.at(self.now)
        return group

    def _tail_head(self, group: Group) -> int:
        """Head of the last part of a group."""
        return self._head(group) - self.pitch * (len(group.parts) - 1)

    def out(self) -> int:
        """How far the head of the part that leaves is out over the next belt."""
        return self._head(self.s.groups[0]) - self.length

    def _heads(self) -> list[tuple[int, int]]:
        """Serial and head of every part, foremost first."""
        return [(p, self._head(g) - self.pitch * k) for g in self.s.groups for k, p in enumerate(g.parts)]

    def _free(self, index: int) -> None:
        """Let a held group go, and those that stand behind it; what must stand is held again by `reach`."""
        now_at = self.s.travel.at(self.now)
        for group in self.s.groups[index:]:
            if group.held != -1:
                group.held, group.x = -1, group.x - now_at
                self._say_group(group)
            elif group is not self.s.groups[index]:
                break

    def _exit_closed(self) -> bool:
        return self.sink is not None and (bool(self.s.leaving) or not self.sink.room())

    def _limit(self, head: int, first: int) -> tuple[int, int]:
        """The next place where a head must stand, and the stop that makes it; FAR where the way is free."""
        best, by = FAR, -1
        for stop, closed in enumerate(self.s.closed):
            if closed or (stop == EXIT and self._exit_closed() and first != self.s.leaving):
                position = self.s.places[stop]
                if head <= position < best:
                    best, by = position, stop
        return best, by

    # ---- the one plan -----------------------------------------------------------------------------------------

    def reach(self) -> None:
        """Something is due or has changed: hand over, hold, merge, see, and find out what is due next."""
        self._rebase()
        self._leave()
        self._part_groups()
        self._hold()
        goal = self._next_goal()
        self.see_covers()
        if isinstance(self.sink, Belt) and self.sink.near:
            self.sink.see_covers()
        travel = self.s.travel
        travel.go(self.now, travel.rate, goal)
        self._be()
        self.wake(self.REACH, travel.due_ns())
        self._tell_feeders()
        for member, slot in self.drive_watchers:
            member.wake(slot, self.now)

    def _rebase(self) -> None:
        s = self.s
        if s.travel.at(self.now) >= REBASE:
            s.base_um += REBASE // 10**9
            s.travel.origin -= REBASE
            s.travel.goal -= REBASE
            for group in s.groups:
                if group.held == -1:
                    group.x += REBASE

    def _leave(self) -> None:
        """Hand over what has left entirely, then let the next one start to leave."""
        s = self.s
        while s.groups:
            group = s.groups[0]
            head = self._head(group)
            if group.parts[0] == s.leaving and head >= self.length + self.size:
                self._hand_over(group)
            elif not s.leaving and head >= self.length and not s.closed[EXIT] and not self._exit_closed():
                self._start_to_leave(group)
            else:
                return

    def _hand_over(self, group: Group) -> None:
        s = self.s
        serial = group.parts.pop(0)
        s.leaving = 0
        group.x -= self.pitch
        if not group.parts:
            s.groups.pop(0)
        if self.sink is None:
            self.plant.units[self.station].part_out()
            self.plant.retire(serial, f"{self.name}.{OPEN_END}")
            return
        if self.sink.station != self.station:
            self.plant.units[self.station].part_out()
            self.plant.units[self.sink.station].part_in()
        self.sink.put(serial)

    def _start_to_leave(self, group: Group) -> None:
        """The foremost part goes out on its own; the rest of its group follows at the same pace, if it may."""
        s = self.s
        if group.held != -1:
            self._free(0)
        s.leaving = group.parts[0]
        if self.sink is not None:
            self.sink.reserve(s.leaving)
        if len(group.parts) > 1:
            s.groups.insert(1, Group(group.x - self.pitch, group.parts[1:]))
            del group.parts[1:]

    def _part_groups(self) -> None:
        """A stop that closed in the middle of a free group holds back those of it that have not passed."""
        s, index = self.s, 0
        while index < len(s.groups):
            group = s.groups[index]
            if group.held == -1 and len(group.parts) > 1:
                head = self._head(group)
                for stop, closed in enumerate(s.closed):
                    position = self.s.places[stop]
                    if closed and head - self.pitch * (len(group.parts) - 1) <= position < head:
                        passed = (head - position - 1) // self.pitch + 1
                        s.groups.insert(index + 1, Group(group.x - self.pitch * passed, group.parts[passed:]))
                        del group.parts[passed:]
                        index -= 1  # another stop may be under those that have passed
                        break
            index += 1

    def _hold(self) -> None:
        """Hold what has arrived at its limit; a group that meets one that stands becomes part of it."""
        s, ahead = self.s, None
        for group in list(s.groups):
            if group.held == -1:
                head = self._head(group)
                limit, stop = self._limit(head, group.parts[0])
                room = FAR if ahead is None else self._tail_head(ahead) - self.pitch
                if ahead is not None and head >= room:
                    ahead.parts.extend(group.parts)
                    s.groups.remove(group)
                    self._say_group(ahead, len(group.parts))
                    continue
                if head >= limit:
                    group.held, group.x = stop, limit
                    self._say_group(group)
            ahead = group if group.held != -1 else None

    def _next_goal(self) -> int:
        """The travel at which the next thing happens: a part reaches a mark, a stop, or the tail of one that stands."""
        s, goal, ahead = self.s, REBASE, None
        for group in s.groups:
            if group.held == -1:
                limit, _ = self._limit(self._head(group), group.parts[0])
                if ahead is not None:
                    limit = min(limit, self._tail_head(ahead) - self.pitch)
                goal = min(goal, self._group_goal(group, limit))
            ahead = group if group.held != -1 else None
        return goal

    def _group_goal(self, group: Group, limit: int) -> int:
        at, goal = self.s.travel.at(self.now), FAR
        if limit < FAR:
            goal = limit - group.x
        for k in range(len(group.parts)):
            x = group.x - self.pitch * k
            place = bisect_right(self.marks, at + x)
            if place < len(self.marks):
                goal = min(goal, self.marks[place] - x)
        return goal

    def see_covers(self) -> None:
        """Tell each sensor what covers its place now, if that has changed."""
        if not self.watchers:
            return
        heads = self._heads()
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

    def _said_at(self) -> float:
        said: float = self.s.base_um / 1000 + self.s.travel.at(self.now) / MM
        return said

    def _say(self) -> None:
        self.say_move(self._said_at(), self.s.travel.rate / 1000, None)

    def _say_group(self, group: Group, last: int | None = None) -> None:
        count = len(group.parts)
        for k in range(0 if last is None else count - last, count):
            self._say_part(group.parts[k], group, k)

    def _say_part(self, serial: int, group: Group, k: int) -> None:
        self.plant.emit("part", serial, self._where(group, k))

    def _where(self, group: Group, k: int) -> list[str | float]:
        x = (group.x - self.pitch * k) / MM
        if group.held == -1:
            return ["ride", self.name, x - self.s.base_um / 1000]
        return ["rest", self.name, x]

    def announce(self) -> list[tuple[str, str | int, object]]:
        events: list[tuple[str, str | int, object]] = [
            ("move", self.name, [self._said_at(), self.s.travel.rate / 1000, None])
        ]
        for group in self.s.groups:
            events += [("part", p, self._where(group, k)) for k, p in enumerate(group.parts)]
        return events
