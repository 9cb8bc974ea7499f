"""The train of parts on a belt: how they ride, accumulate behind stops, touch, part, and what is due next.

A group of parts is one record, free (riding) or held (standing before a stop). The next thing to happen is the goal of
the travel, so that start and stop cost the same for one part and for a hundred; only a change of composition plans
anew.

Everything is reckoned the way that the belt runs. When it turns round the train is mirrored once (`turn_round`): the
last part is the foremost one then, its tail its head, and a stop holds parts by their tails. Outside, places are always
those of heads from the belt's beginning. Knows no drive, no port and no neighbour: `sim/components/belt.py` does.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Protocol

from sim.component import MM, Change, Component
from sim.definition import ComponentDefinition
from sim.glide import Glide
from sim.plant import Plant
from sim.travel import FAR

EXIT, JAM = 0, 1  # stops that every belt has; the others are attached
REBASE = 4 * 1000 * MM  # the travel begins anew after so much: keeps numbers in a checkpoint below 2**53
FORWARD, BACKWARD = 1, -1


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
    """All that changes of a belt. `way` is the direction that `travel` and `groups` are reckoned in."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Glide = field(default_factory=lambda: Glide(goal=REBASE))
    base_um: int = 0  # travel that was taken out of the coordinates: for drawing and for encoders
    groups: list[Group] = field(default_factory=list)
    leaving: int = 0  # serial of the part that runs out over the end
    incoming: int = 0  # serial of the part for which the entry is kept free
    closed: list[bool] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # per stop: where a head must stand while it is closed
    room_told: bool = True  # those who feed the belt know that there is room
    cover: list[int] = field(default_factory=list)  # per watcher: serial, 0 for none
    way: int = FORWARD
    base_fm: int = 0  # what `base_um` leaves over
    behinds: list[int] = field(default_factory=list)  # per stop: where a tail must stand, running backwards
    backing: int = 0  # serial of the part that runs out over the beginning
    path_um: int = 0  # travel in either direction before `travel` began: a single-track encoder's
    path_fm: int = 0
    stalled: bool = False  # a belt that cannot slip under its parts stands, because one of them is held
    welded: bool = False  # the contactor does not open any more


class Train(Component):
    """The parts on one belt. Subclasses say what is beyond its two ends, and what drives it."""

    STATE = BeltState
    s: BeltState

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        part = plant.definition.part
        self.size = self.p.get("part_length") or part.length_fm
        self.pitch = self.size + part.gap_fm
        self.length = self.p["length"]
        self.entry = self.size + self.pitch  # a head beyond it leaves room for the next part
        self.stops: list[int] = [self.length, self.length]
        self.behinds: list[int] = [0, 0]
        self.watchers: list[tuple[int, Watcher]] = []
        self.edges: list[int] = []  # places on the frame at which something changes when a head passes
        self.marks: dict[int, list[int]] = {FORWARD: [], BACKWARD: []}

    # ---- while the line is built ------------------------------------------------------------------------------

    def attach_stop(self, position: int, behind: int | None = None) -> int:
        """A place where heads can be held, and tails of parts that come back; the answer is its number. Open first."""
        self.stops.append(position)
        self.behinds.append(position if behind is None else behind)
        return len(self.stops) - 1

    def attach_watcher(self, position: int, watcher: Watcher) -> int:
        """A sensor at this place; the answer is its number."""
        self.watchers.append((position, watcher))
        return len(self.watchers) - 1

    def lay_marks(self, beyond: list[int]) -> None:
        """After all have attached themselves: where a head that passes changes something, either way.

        `beyond`: places over the end at which the neighbour's sensors see a head that comes out.
        """
        edges = [e for position, _ in self.watchers for e in (position, position + self.size)] + self.edges
        edges += [self.length + position for position in beyond]
        ends = (self.length, self.length + self.size)
        self.marks[FORWARD] = sorted({*edges, self.entry, *ends, *([self.size] if self.back_ways else [])})
        mirrored = {self.mirror(e) + 1 for e in edges}  # a place that a head leaves belongs to what it comes from
        self.marks[BACKWARD] = sorted({*mirrored, self.size, *ends})
        if not self.s.closed:
            self.s.closed, self.s.places = [False] * len(self.stops), list(self.stops)
            self.s.behinds, self.s.cover = list(self.behinds), [0] * len(self.watchers)

    @property
    def back_ways(self) -> bool:
        """Whether the belt can run backwards."""
        return False

    # ---- what subclasses say ----------------------------------------------------------------------------------

    def exit_closed(self) -> bool:
        """Whether a part must not begin to leave at the end that the belt runs to, for the sake of what is beyond."""
        raise NotImplementedError

    def leaves(self) -> None:
        """Hand over what has left entirely, let the next one start to leave, take in what has come back."""
        raise NotImplementedError

    def reach(self) -> None:
        """Something is due or has changed: plan anew."""
        raise NotImplementedError

    # ---- places -----------------------------------------------------------------------------------------------

    def mirror(self, head: int) -> int:
        """A head reckoned from the other end: the tail becomes the head."""
        return self.length + self.size - head

    @property
    def out_serial(self) -> int:
        """The part that runs out over the end that the belt runs to."""
        return self.s.leaving if self.s.way == FORWARD else self.s.backing

    def place_of(self, stop: int) -> int:
        """Where heads stand before a stop, the way that the belt runs."""
        s = self.s
        if s.way == FORWARD:
            return s.places[stop]
        if stop == EXIT:
            return self.length - (self.pitch if s.incoming else 0)
        return self.length - s.behinds[stop]

    def head_of(self, group: Group) -> int:
        """The foremost edge of a group, the way that the belt runs."""
        return group.x if group.held != -1 else group.x + self.s.travel.at(self.now)

    def based(self, group: Group) -> Group:
        """A group given by its head on the frame, in the coordinates that fit its being held or free."""
        if group.held == -1:
            group.x -= self.s.travel.at(self.now)
        return group

    def tail_head(self, group: Group) -> int:
        """Head of the last part of a group."""
        return self.head_of(group) - self.pitch * (len(group.parts) - 1)

    def heads(self) -> list[tuple[int, int]]:
        """Serial and head of every part, as seen from the belt's beginning, foremost first."""
        if self.s.way == FORWARD:
            return [(p, self.head_of(g) - self.pitch * k) for g in self.s.groups for k, p in enumerate(g.parts)]
        length = self.length + self.size
        found = [(p, length - self.head_of(g) + self.pitch * k) for g in self.s.groups for k, p in enumerate(g.parts)]
        return found[::-1]

    def holds(self) -> list[int]:
        return [serial for group in self.s.groups for serial in group.parts]

    def last_head(self) -> int:
        """Head of the part that is nearest to the belt's beginning; FAR where there is none."""
        s = self.s
        if not s.groups:
            return FAR
        return self.tail_head(s.groups[-1]) if s.way == FORWARD else self.mirror(self.head_of(s.groups[0]))

    def out(self) -> int:
        """How far the head of the part that leaves is out over the next belt."""
        s = self.s
        head = self.head_of(s.groups[0]) if s.way == FORWARD else self.mirror(self.tail_head(s.groups[-1]))
        return head - self.length

    def stands(self, serial: int) -> bool:
        """Whether a part on the belt does not move now."""
        if not self.s.travel.moving:
            return True
        return any(serial in group.parts and group.held != -1 for group in self.s.groups)

    def part_between(self, low: int, high: int) -> int:
        """The foremost part whose centre lies between two places, 0 for none."""
        return self.found_between(low, high)[0]

    def found_between(self, low: int, high: int) -> tuple[int, int]:
        """The foremost part whose centre lies between two places, and its head; (0, 0) for none."""
        for serial, head in self.heads():
            if low <= head - self.size // 2 <= high:
                return serial, head
        return 0, 0

    # ---- composition ------------------------------------------------------------------------------------------

    def free(self, index: int) -> None:
        """Let a held group go, and those that stand behind it; what must stand is held again by `reach`."""
        now_at = self.s.travel.at(self.now)
        for group in self.s.groups[index:]:
            if group.held != -1:
                group.held, group.x = -1, group.x - now_at
                self.say_group(group)
            elif group is not self.s.groups[index]:
                break

    def lift(self, index: int, place: int) -> None:
        """Take the part out of its group; those before and behind it are groups of their own."""
        group, pitch = self.s.groups[index], self.pitch
        front, back = group.parts[:place], group.parts[place + 1 :]
        head = self.head_of(group)
        pieces = [Group(head, front, group.held)] if front else []
        if back:
            pieces.append(Group(head - pitch * (place + 1), back, -1))
        self.s.groups[index : index + 1] = [self.based(piece) for piece in pieces]

    def part_at_exit(self) -> None:
        """The foremost part goes on its own; the rest of its group follows at the same pace, if it may."""
        group = self.s.groups[0]
        if group.held != -1:
            self.free(0)
        if len(group.parts) > 1:
            self.s.groups.insert(1, Group(group.x - self.pitch, group.parts[1:]))
            del group.parts[1:]

    def pop_foremost(self) -> int:
        """The foremost part has gone."""
        group = self.s.groups[0]
        serial = group.parts.pop(0)
        group.x -= self.pitch
        if not group.parts:
            self.s.groups.pop(0)
        return serial

    def turn_round(self) -> None:
        """The belt stands and is about to run the other way: mirror the train. All are free until held again."""
        s = self.s
        at = s.travel.at(self.now)
        s.base_um, s.base_fm = divmod(self.displacement(), 10**9)
        s.path_um, s.path_fm = divmod(self.path(), 10**9)
        groups = [Group(self.mirror(self.tail_head(g)), g.parts[::-1]) for g in reversed(s.groups)]
        s.way, s.groups = -s.way, groups
        s.travel.origin, s.travel.start_ns, s.travel.goal = 0, self.now, s.travel.goal - at
        for group in groups:
            self.say_group(group)

    def displacement(self) -> int:
        """How far the belt has come since the line began, back counted off, in fm."""
        s = self.s
        return s.base_um * 10**9 + s.base_fm + s.way * s.travel.at(self.now)

    def path(self) -> int:
        """How far the belt has run in either direction, in fm."""
        s = self.s
        return s.path_um * 10**9 + s.path_fm + s.travel.at(self.now)

    # ---- the plan ---------------------------------------------------------------------------------------------

    def limit(self, head: int, first: int) -> tuple[int, int]:
        """The next place where a head must stand, and the stop that makes it; FAR where the way is free."""
        best, by = FAR, -1
        for stop, closed in enumerate(self.s.closed):
            if closed if stop != EXIT else self._shut_for(first):
                position = self.place_of(stop)
                if head <= position < best:
                    best, by = position, stop
        return best, by

    def _shut_for(self, first: int) -> bool:
        """Whether the end that the belt runs to is shut for this part."""
        if self.s.closed[EXIT] and self.s.way == FORWARD:
            return True
        return first != self.out_serial and self.exit_closed()

    def rebase(self) -> None:
        """After a long way the coordinates begin anew."""
        s = self.s
        if s.travel.at(self.now) >= REBASE:
            s.base_um += s.way * (REBASE // 10**9)
            s.path_um += REBASE // 10**9
            s.travel.origin -= REBASE
            s.travel.goal -= REBASE
            for group in s.groups:
                if group.held == -1:
                    group.x += REBASE

    def part_groups(self) -> None:
        """A stop that closed in the middle of a free group holds back those of it that have not passed."""
        s, index = self.s, 0
        while index < len(s.groups):
            if self._parted(index):
                continue  # another stop may be under those that have passed
            index += 1

    def _parted(self, index: int) -> bool:
        s, group = self.s, self.s.groups[index]
        if group.held != -1 or len(group.parts) == 1:
            return False
        head = self.head_of(group)
        for stop, closed in enumerate(s.closed):
            position = self.place_of(stop)
            if closed and head - self.pitch * (len(group.parts) - 1) <= position < head:
                passed = (head - position - 1) // self.pitch + 1
                s.groups.insert(index + 1, Group(group.x - self.pitch * passed, group.parts[passed:]))
                del group.parts[passed:]
                return True
        return False

    def hold(self) -> None:
        """Hold what has arrived at its limit; a group that meets one that stands becomes part of it."""
        s, ahead = self.s, None
        for group in list(s.groups):
            if group.held == -1:
                head = self.head_of(group)
                limit, stop = self.limit(head, group.parts[0])
                room = FAR if ahead is None else self.tail_head(ahead) - self.pitch
                if ahead is not None and head >= room:
                    ahead.parts.extend(group.parts)
                    s.groups.remove(group)
                    self.say_group(ahead, len(group.parts))
                    continue
                if head >= limit:
                    group.held, group.x = stop, limit
                    self.say_group(group)
            ahead = group if group.held != -1 else None

    def next_goal(self) -> int:
        """The travel at which the next thing happens: a part reaches a mark, a stop, or the tail of one that stands."""
        goal, ahead = REBASE, None
        for group in self.s.groups:
            if group.held == -1:
                limit, _ = self.limit(self.head_of(group), group.parts[0])
                if ahead is not None:
                    limit = min(limit, self.tail_head(ahead) - self.pitch)
                goal = min(goal, self._group_goal(group, limit))
            ahead = group if group.held != -1 else None
        return goal

    def _group_goal(self, group: Group, limit: int) -> int:
        at, goal, marks = self.s.travel.at(self.now), FAR, self.marks[self.s.way]
        if limit < FAR:
            goal = limit - group.x
        for k in range(len(group.parts)):
            x = group.x - self.pitch * k
            place = bisect_right(marks, at + x)
            if place < len(marks):
                goal = min(goal, marks[place] - x)
        return goal

    # ---- for the eyes of people -------------------------------------------------------------------------------

    def _base_mm(self) -> float:
        return self.s.base_um / 1000 + self.s.base_fm / MM

    def said_at(self) -> float:
        """Where the belt is, in mm."""
        return self._base_mm() + self.s.way * (self.s.travel.at(self.now) / MM)

    def say_group(self, group: Group, last: int | None = None) -> None:
        """Say where the parts of a group are, or its last ones."""
        count = len(group.parts)
        for k in range(0 if last is None else count - last, count):
            self.say_part(group.parts[k], group, k)

    def say_part(self, serial: int, group: Group, k: int) -> None:
        """Say where the k-th part of a group is."""
        self.plant.emit("part", serial, self.where(group, k))

    def where(self, group: Group, k: int) -> list[str | float]:
        """A part's head: in the belt's own coordinates while it rides, on the frame while it stands."""
        x = group.x - self.pitch * k
        place = x / MM if self.s.way == FORWARD else self.mirror(x) / MM
        if group.held == -1:
            return ["ride", self.name, place - self._base_mm()]
        return ["rest", self.name, place]
