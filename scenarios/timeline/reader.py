"""Reads a scenario file: its line, its initial condition and each entry of its timeline, all names proven."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scenarios.faulting import Fault, FaultError
from scenarios.faulting.condition import complaints
from scenarios.faulting.resolve import resolve_at
from scenarios.faulting.select import Site
from scenarios.file_error import Field, FileErrors, unknown
from scenarios.structure import validate
from scenarios.timeline.initial import Condition, Initial
from scenarios.timeline.line_of import LineOf
from scenarios.timeline.model import STAND_INS, EntryFile, MeasuredFile, ScenarioFile, StartFile
from scenarios.timeline.overlap import clashes
from scenarios.timeline.scenario import Measured, Scenario
from scenarios.yaml_source import Source
from sim.arguments import Args
from sim.definition import LineDefinition
from sim.state import JsonValue

_STARTS = ("at", "when", "parts", "chance", "after", "by_hand")
_BY_HAND = re.compile(r"f\d+")  # what the faults of a hand are called
_BESIDE = {"for_": "when", "delay": "after"}


@dataclass(frozen=True, slots=True)
class Places:
    """Where a scenario finds what it names. The two functions raise FileErrors."""

    lines: LineOf
    faults: Callable[[], Mapping[str, Fault]]
    condition: Callable[[str], Condition]


def build(source: Source, places: Places) -> Scenario:
    """The scenario that a file describes. Raises FileErrors."""
    return _Reader(source, validate(ScenarioFile, source, STAND_INS), places).read()


class _Reader:
    """Reads one scenario file whose shape is good as far as it goes."""

    def __init__(self, source: Source, given: ScenarioFile, places: Places) -> None:
        self._source, self._given, self._places = source, given, places

    def read(self) -> Scenario:
        given = self._given
        definition = self._places.lines.find(self._source, given.line, given.settings)
        initial = self._initial()
        entries = self._timeline(definition) if definition is not None else []
        self._source.check()
        if definition is None:  # which is a mistake, and was said
            raise FileErrors(self._source.errors)
        return Scenario(
            name=given.scenario,
            title=given.title.text(),
            description=given.description.text(),
            instructor=given.instructor.text(),
            hints=tuple(hint.text() for hint in given.hints),
            level=given.level,
            definition=definition,
            seed=given.seed,
            initial=initial,
            settings=tuple(f"{name}={value}" for name, value in given.settings.items()),
            entries=tuple(entries),
            faults=tuple(dict.fromkeys(entry.fault for entry in given.timeline)),
            measured=_measured(given.measured),
        )

    def _initial(self) -> Initial:
        given = self._given.initial
        if given is None:
            return Initial()
        if (given.run is None) == (given.condition is None):
            self._source.add(("initial",), "needs run, or condition: one of them")
        if given.condition is None:
            return Initial(run_ns=given.run or 0)
        at: Field = ("initial", "condition")
        try:
            condition = self._places.condition(given.condition)
        except FileErrors as errors:
            first = errors.errors[0]
            self._source.add(at, first.message if not first.line else str(first))
            return Initial()
        if condition.line != self._given.line:
            self._source.add(at, f"{condition.name} is a condition of the line {condition.line}")
        return condition.initial

    # ---- the timeline --------------------------------------------------------------------------------------------

    def _timeline(self, definition: LineDefinition) -> list[Args]:
        try:
            faults = self._places.faults()
        except FileErrors as errors:
            self._source.add(("timeline",), f"the faults have mistakes: {errors.errors[0]}")
            return []
        site = Site(definition, self._places.lines.tags(definition), self._places.lines.kinds)
        names: list[str] = []
        entries: list[Args] = []
        places: list[int] = []  # of the entries that are good
        for number, given in enumerate(self._given.timeline):
            at: Field = ("timeline", number)
            if given.entry in names:
                self._source.add((*at, "entry"), f"{given.entry} is there twice")
            elif _BY_HAND.fullmatch(given.entry):
                self._source.add((*at, "entry"), "f and a number is what faults of the instructor's hand are called")
            names.append(given.entry)
            start = self._start(given, site, (*at, "start"))
            fault = self._fault(given, faults, site, at)
            if fault is not None:
                entries.append({"entry": given.entry, "start": start, "repeat": given.repeat, "fault": fault})
                places.append(number)
        self._circles()
        for clash in clashes(entries):
            first = entries[clash.first]["entry"]
            self._source.add(
                ("timeline", places[clash.second]),
                f"cannot be there together with {first}: both are {clash.claim}. Let it begin `after: {first}`, or "
                "give both a time and a duration that keep them apart",
            )
        return entries

    def _fault(self, given: EntryFile, faults: Mapping[str, Fault], site: Site, at: Field) -> Args | None:
        fault = faults.get(given.fault)
        if fault is None:
            self._source.add((*at, "fault"), unknown("fault", given.fault, faults))
            return None
        try:
            return resolve_at(fault, given.target, given.with_, site, given.duration)
        except FaultError as error:
            self._source.add((*at, *error.field), str(error))
            return None

    # ---- when an entry begins --------------------------------------------------------------------------------------

    def _start(self, given: EntryFile, site: Site, at: Field) -> dict[str, JsonValue]:
        start = given.start
        said = [name for name in _STARTS if getattr(start, name) is not None]
        if len(said) != 1:
            which = ", ".join(said) or "none"
            self._source.add(at, f"needs exactly one of {', '.join(_STARTS)}; it has {which}")
            return {"kind": "hand"}
        for name, needed in _BESIDE.items():
            if getattr(start, name) is not None and needed != said[0]:
                self._source.add((*at, name.rstrip("_")), f"belongs to {needed}")
        return self._starts(start, site, at)

    def _starts(self, start: StartFile, site: Site, at: Field) -> dict[str, JsonValue]:
        if start.at is not None:
            return {"kind": "time", "at_ns": start.at}
        if start.when is not None:
            for said in complaints(start.when, site.tags):
                self._source.add((*at, "when"), said)
            return {"kind": "condition", "when": start.when, "for_ns": start.for_ or 0}
        if start.parts is not None:
            return {"kind": "parts", "count": start.parts}
        if start.chance is not None:
            return {"kind": "chance", "mean_ns": start.chance}
        if start.by_hand is not None:
            return {"kind": "hand"}
        names = [entry.entry for entry in self._given.timeline]
        if start.after not in names:
            self._source.add((*at, "after"), unknown("entry", str(start.after), names))
        return {"kind": "after", "entry": str(start.after), "delay_ns": start.delay or 0}

    def _circles(self) -> None:
        """Entries that wait for each other never begin."""
        waits = {e.entry: e.start.after for e in self._given.timeline}
        for number, given in enumerate(self._given.timeline):
            seen, name = [given.entry], waits.get(given.entry)
            while name is not None and name not in seen:
                seen.append(name)
                name = waits.get(name)
            if name == given.entry:
                circle = " after ".join([*seen, given.entry])
                self._source.add(("timeline", number, "start", "after"), f"never begins: {circle}")


def _measured(given: MeasuredFile | None) -> Measured | None:
    if given is None:
        return None
    (parts, good), (hit, hit_good) = given.healthy, given.parts
    return Measured(given.time, (parts, good), (hit, hit_good), tuple(given.alarms))
