"""Alarms of a line file: tags, limits, conditions and levels checked against the line's signals. Runs nothing."""

from collections.abc import Iterable, Mapping

from scenarios.alarm_model import AlarmFile, LevelsFile
from scenarios.field_types import TextFile
from scenarios.file_error import Field, unknown
from scenarios.program import Names
from scenarios.yaml_source import Source
from sim import units
from sim.alarms.definition import (
    CONDITION,
    LEVELS,
    LIMIT,
    NO_TEXT,
    OFF_NORMAL,
    ON,
    QUALITY,
    RATE,
    AlarmDefinition,
    priority_of,
)
from sim.expression import ExpressionError, compile_expression
from sim.spec import Port
from sim.tag import INTEGER_RANGE, DataType
from sim.text import Text

LEAST_EVERY, MOST_EVERY = 100_000_000, 3600 * 10**9  # ns
EVERY = 10**9
MOST_DELAY = 24 * 3600 * 10**9
_KINDS = (("limits", LIMIT), ("rate", RATE), ("off_normal", OFF_NORMAL), ("when", CONDITION), ("bad_quality", QUALITY))
_TYPES = {OFF_NORMAL: "off_normal", CONDITION: "discrete", QUALITY: "off_normal"}


class AlarmReader:
    """Reads the alarms of one station, or of the line itself."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source, self._names = source, names

    def read(self, given: Mapping[str, AlarmFile], at: Field) -> list[AlarmDefinition]:
        return [self._alarm(name, stated, (*at, name)) for name, stated in given.items()]

    def _alarm(self, name: str, given: AlarmFile, at: Field) -> AlarmDefinition:
        kinds = [(key, kind) for key, kind in _KINDS if getattr(given, key) is not None]
        if len(kinds) != 1:
            which = ", ".join(key for key, _ in kinds) or "none"
            self._source.add(at, f"needs exactly one of limits, rate, off_normal, when, bad_quality; it has {which}")
            return _blank(name, given)
        key, kind = kinds[0]
        if given.type is not None and kind in (LIMIT, RATE):
            self._source.add((*at, "type"), "is for alarms that have no limits")
        for delay in ("on_delay", "off_delay"):
            if getattr(given, delay) > MOST_DELAY:
                self._source.add((*at, delay), f"must be at most {units.format(MOST_DELAY, 'time')}")
        levels = given.limits or given.rate
        severity = self._severity(given, levels, (*at, "severity"))
        return AlarmDefinition(
            name=name,
            title=given.title.text(),
            message=_text(given.message) if given.message else given.title.text(),
            kind=kind,
            type=_type(given, kind),
            tag=self._tag(given, kind, (*at, key)),
            when=self._expression(given.when, (*at, "when")) if given.when is not None else "",
            normal=given.off_normal.normal if given.off_normal else False,
            limits=self._limits(levels, kind, (*at, key)) if levels else {},
            deadband=levels.deadband if levels else 0.0,
            every_ns=self._every(levels, kind, (*at, key)) if levels else 0,
            suppress=self._expression(given.suppress, (*at, "suppress")),
            on_delay_ns=given.on_delay,
            off_delay_ns=given.off_delay,
            severity=severity,
            priority=given.priority or priority_of(max(severity.values())),
            latch=given.latch,
            acknowledge=given.acknowledge,
            confirm=given.confirm,
            shelve_most_ns=given.longest_shelf,
            cause=_text(given.cause),
            consequence=_text(given.consequence),
            action=_text(given.action),
        )

    # ---- tags ------------------------------------------------------------------------------------------------

    def _full(self, name: str) -> str:
        return name if "." in name else f"{self._names.station}.{name}"

    def _port(self, name: str) -> Port | None:
        station, _, signal = self._full(name).partition(".")
        return self._names.signals.get(station, {}).get(signal)

    def _known(self) -> Iterable[str]:
        yield from self._names.own
        for station, signals in self._names.signals.items():
            yield from (f"{station}.{signal}" for signal in signals)

    def _tag(self, given: AlarmFile, kind: str, at: Field) -> str:
        """The tag that is looked at, as `station.signal`."""
        name = given.bad_quality if kind == QUALITY else None
        for stated in (given.limits, given.rate, given.off_normal):
            name = stated.tag if stated is not None else name
        if name is None:
            return ""
        place = at if kind == QUALITY else (*at, "tag")
        port = self._port(name)
        if port is None:
            if not self._names.might_be(name):
                self._source.add(place, unknown("tag", name, self._known()))
        elif kind in (LIMIT, RATE) and port.type is DataType.BOOL:
            self._source.add(place, f"{name} is true or false: use off_normal or when")
        elif kind == OFF_NORMAL and port.type is not DataType.BOOL:
            self._source.add(place, f"{name} is a number: use limits or when")
        return self._full(name)

    # ---- limits ----------------------------------------------------------------------------------------------

    def _limits(self, given: LevelsFile, kind: str, at: Field) -> dict[str, float]:
        limits = {level: float(value) for level in LEVELS if (value := getattr(given, level)) is not None}
        if not limits:
            self._source.add(at, "has no limit: hihi, hi, lo, lolo")
            return {"hi": 0.0}
        for low, high in zip(list(limits), list(limits)[1:], strict=False):
            if limits[low] >= limits[high]:
                self._source.add((*at, high), f"{limits[high]:g} must be above {low}, which is {limits[low]:g}")
        port = self._port(given.tag)
        if kind == LIMIT and port is not None:
            self._within(limits, given.deadband, port, at)
        return limits

    def _within(self, limits: Mapping[str, float], deadband: float, port: Port, at: Field) -> None:
        """Each limit lies inside the range of the tag: at its end or outside, it would never come, or always."""
        low, high = (port.low, port.high) if port.low is not None else INTEGER_RANGE.get(port.type, (None, None))
        if low is None or high is None:
            return
        for level, limit in limits.items():
            reachable = low <= limit < high if level.startswith("hi") else low < limit <= high
            if not reachable:
                self._source.add((*at, level), f"{limit:g} is never passed: the tag goes from {low:g} to {high:g}")
        if deadband >= high - low:
            self._source.add((*at, "deadband"), f"{deadband:g} is as wide as the tag's range, {low:g} to {high:g}")

    def _every(self, given: LevelsFile, kind: str, at: Field) -> int:
        port = self._port(given.tag)
        if kind == LIMIT and (port is None or not port.computed):
            if given.every is not None and port is not None:
                self._source.add((*at, "every"), f"{given.tag} announces its changes: leave this out")
            return 0
        every = EVERY if given.every is None else given.every
        if not LEAST_EVERY <= every <= MOST_EVERY:
            self._source.add((*at, "every"), "must be from 100 ms to 1 h")
        return every

    def _severity(self, given: AlarmFile, levels: LevelsFile | None, at: Field) -> dict[str, int]:
        names = [level for level in LEVELS if levels is not None and getattr(levels, level) is not None] or [ON]
        if isinstance(given.severity, int):
            return dict.fromkeys(names, given.severity)
        strangers = [level for level in given.severity if level not in names]
        missing = [level for level in names if level not in given.severity]
        for level in strangers:
            self._source.add((*at, level), "is no level of this alarm")
        if missing:
            self._source.add(at, f"does not say that of {', '.join(missing)}")
        return {level: dict(given.severity).get(level, 500) for level in names}  # type: ignore[call-overload]

    # ---- expressions -----------------------------------------------------------------------------------------

    def _expression(self, text: str, at: Field) -> str:
        strangers: list[str] = []
        computed: list[str] = []

        def resolve(name: str) -> int:
            port = self._port(name)
            if port is None and not self._names.might_be(name):
                strangers.append(name)
            elif port is not None and port.computed:
                computed.append(name)
            return 0

        try:
            compile_expression(text, resolve)
        except (ExpressionError, RecursionError) as error:
            self._source.add(at, str(error) or "is nested too deeply")
        for name in dict.fromkeys(strangers):
            self._source.add(at, unknown("signal", name, self._known()))
        for name in dict.fromkeys(computed):
            self._source.add(at, f"{name} is a function of time: its changes wake no alarm; use limits")
        return text


def _type(given: AlarmFile, kind: str) -> str:
    if given.limits is not None:
        return "exclusive" if given.limits.exclusive else "non_exclusive"
    return RATE if kind == RATE else given.type or _TYPES[kind]


def _text(given: TextFile | None) -> Text:
    return NO_TEXT if given is None else given.text()


def _blank(name: str, given: AlarmFile) -> AlarmDefinition:
    """In the place of one that cannot be read; the file has a mistake already."""
    return AlarmDefinition(name, given.title.text(), given.title.text(), CONDITION, "discrete", when="False")
