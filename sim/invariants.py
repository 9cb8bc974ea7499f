"""What must hold of every run: a listener that can be switched on anywhere. It reads, and changes nothing.

No part is lost, doubled, nowhere, over another on a belt, or moves after it has gone; Little's law holds to the
nanosecond; times in state add up to the time that has passed; counters only grow; PackML states follow each other as
the standard says. What was found is kept in words, so that a run can go on and a person can read it.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Protocol, cast, runtime_checkable

from sim.components.flow_base import FlowComponent
from sim.components.machine import MODES, Machine
from sim.components.train import Train
from sim.line import Line
from sim.packml import State, may_become
from sim.tag import DataType, Direction

MOST = 50  # violations that are kept
WRAP = 2**32


@runtime_checkable
class Holder(Protocol):
    """A component that says which parts lie in it."""

    def holds(self) -> Iterable[int]: ...


class Invariants:
    """Hears every event from now on; `look` compares what was heard with the line. `violations` should stay empty."""

    def __init__(self, line: Line) -> None:
        self._line, self._plant = line, line.plant
        self.violations: list[str] = []
        self._born = {part.serial: part.born_ns for part in self._plant.parts.by_serial.values()}
        self._began = self._last = line.now_ns
        self._area = 0  # parts on the line x ns, as the events say
        self._stays = -sum(line.now_ns - born for born in self._born.values())  # times on the line, counted at the end
        self._made, self._gone = self._plant.parts.made, self._plant.parts.gone
        self._states = {name: unit.s.state for name, unit in self._plant.units.items()}
        self._counters = dict(self._counter_tags())
        self._figures: dict[tuple[str, str], int] = {}
        self._hears = {"new": self._new, "part": self._part, "state": self._state, "tag": self._tag}
        self._look_at_figures()
        line.listen(self._hear)

    def stop(self) -> None:
        """Hear nothing more."""
        self._line.unlisten(self._hear)

    def _wrong(self, what: str) -> None:
        if len(self.violations) < MOST:
            self.violations.append(f"{self._line.now_ns / 1e9:.9f} s: {what}")

    # ---- events -----------------------------------------------------------------------------------------------

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if t_ns < self._last:
            self._wrong(f"an event of {t_ns} ns comes after one of {self._last} ns")
        self._area += len(self._born) * (t_ns - self._last)
        self._last = t_ns
        hear = self._hears.get(kind)
        if hear is not None:
            hear(t_ns, subject, data)

    def _new(self, t_ns: int, subject: str | int, data: object) -> None:
        serial = cast(int, subject)
        if serial in self._born:
            return  # it looks otherwise now: a lid was put on
        if serial != self._made + 1:
            self._wrong(f"part {serial} is born after part {self._made}")
        self._made = serial
        self._born[serial] = t_ns

    def _part(self, t_ns: int, subject: str | int, data: object) -> None:
        serial = cast(int, subject)
        if serial not in self._born:
            self._wrong(f"part {serial} is not on the line, but {data}")
        elif cast(list[object], data)[0] == "gone":
            self._stays += t_ns - self._born.pop(serial)
            self._gone += 1

    def _state(self, t_ns: int, subject: str | int, data: object) -> None:
        name, state = str(subject), State(cast(int, data))
        if not may_become(self._states[name], state):
            self._wrong(f"{name}: {self._states[name].name} may not become {state.name}")
        self._states[name] = state

    def _tag(self, t_ns: int, subject: str | int, data: object) -> None:
        index = cast(int, subject)
        if index in self._counters:
            value = int(self._plant.image.see(index))  # a stuck signal may say anything, the plant's counter may not
            before = self._counters[index]
            if value < before and before - value < WRAP - 1:
                self._wrong(f"{self._line.tags[index].name} falls from {before} to {value}")
            self._counters[index] = value

    def _counter_tags(self) -> Iterator[tuple[int, int]]:
        for tag in self._line.tags:
            if tag.type is DataType.UDINT and tag.direction is Direction.STATUS and not tag.computed:
                yield tag.index, int(self._plant.image.see(tag.index))

    # ---- the line ---------------------------------------------------------------------------------------------

    def look(self) -> list[str]:
        """Compare what was heard with the line as it is now; the answer is all that was found so far."""
        self._look_at_parts()
        self._look_at_little()
        self._look_at_times()
        self._look_at_duties()
        self._look_at_figures()
        return self.violations

    def _look_at_parts(self) -> None:
        parts = self._plant.parts
        there = {part.serial: part.born_ns for part in parts.by_serial.values()}
        if there != self._born:
            self._wrong(f"parts on the line are {sorted(there)}, by the events {sorted(self._born)}")
        if (parts.made, parts.gone) != (self._made, self._gone) or parts.made - parts.gone != len(there):
            self._wrong(f"{parts.made} made, {parts.gone} gone, {len(there)} there")
        unfinished = sum(not part.finished for part in parts.by_serial.values())
        if parts.made != parts.good + parts.rejected + parts.removed + parts.merged + unfinished:
            self._wrong("parts made are not the sum of good, rejected, removed, merged and unfinished ones")
        held: set[int] = set()
        for name, component in self._plant.components.items():
            if isinstance(component, Holder):
                for serial in component.holds():
                    if serial in held or serial not in there:
                        self._wrong(f"{name} holds part {serial}, which is {'elsewhere' if serial in held else 'gone'}")
                    held.add(serial)
            if isinstance(component, Train):
                self._look_at_train(name, component)
        if held != there.keys():
            self._wrong(f"parts {sorted(there.keys() - held)} are on the line, but nowhere")

    def _look_at_train(self, name: str, train: Train) -> None:
        """Parts on a belt keep the gap of their bumpers: none lies over another."""
        for (first, ahead), (second, behind) in pairwise(train.heads()):
            if ahead - behind < train.pitch:
                self._wrong(f"{name}: part {second} overlaps part {first}")

    def _look_at_little(self) -> None:
        """L = lambda W, over any stretch, with what is cut off at its ends: the sum of stays is the area."""
        now = self._line.now_ns
        area = self._area + len(self._born) * (now - self._last)
        stays = self._stays + sum(now - born for born in self._born.values())
        if area != stays:
            self._wrong(f"Little's law: {area} part ns on the line, but stays of {stays} ns")

    def _look_at_times(self) -> None:
        now = self._line.now_ns
        for name, unit in self._plant.units.items():
            total = sum(unit.s.times.values()) + now - unit.s.since_ns
            if total != now:
                self._wrong(f"{name}: times in state add up to {total} of {now} ns")
        for name, component in self._plant.components.items():
            if isinstance(component, Machine) and component.definition.parameters["servers"] == 1:
                figures = component.figures()
                total = sum(figures[mode] for mode in MODES)
                if total != now and component.p["servers"] == 1 and not component.s.changes:
                    self._wrong(f"{name}: times add up to {total} of {now} ns")

    def _look_at_duties(self) -> None:
        """Every component: time in state adds up, and neither it nor the cycles ever fall."""
        now = self._line.now_ns
        for name, component in self._plant.components.items():
            times = component.duty.spent(now)
            if sum(times) != now:
                self._wrong(f"{name}: times in state add up to {sum(times)} of {now} ns")
            for key, value in (*component.time_in_state().items(), ("cycles", component.duty.cycles)):
                if value < self._figures.get((name, f"duty {key}"), 0):
                    self._wrong(
                        f"{name}: time or count of {key} falls from {self._figures[name, f'duty {key}']} to {value}"
                    )
                self._figures[name, f"duty {key}"] = value

    def _look_at_figures(self) -> None:
        for name, component in self._plant.components.items():
            if isinstance(component, FlowComponent):
                for key, value in component.figures().items():
                    if value < self._figures.get((name, key), 0):
                        self._wrong(f"{name}: {key} falls from {self._figures[name, key]} to {value}")
                    self._figures[name, key] = value
