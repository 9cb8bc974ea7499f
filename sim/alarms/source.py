"""What an alarm looks at: which of its levels the field is beyond now. One small class per kind."""

from typing import Protocol

from sim.alarms.definition import CONDITION, LIMIT, OFF_NORMAL, QUALITY, RATE, AlarmDefinition
from sim.alarms.state import AlarmState
from sim.expression import Compiled, compile_expression
from sim.image import ProcessImage
from sim.tag import Quality, Tag, Value


class Source(Protocol):
    """Answers for each level, from the lowest, whether the field is beyond it; None: nothing can be said."""

    tags: tuple[int, ...]  # whose changes are worth a look

    def over(self, state: AlarmState) -> list[bool] | None: ...

    def value(self) -> Value:
        """What an event says of the moment."""
        ...


def beyond(definition: AlarmDefinition, value: float, state: AlarmState) -> list[bool]:
    """Each level with its deadband: it comes beyond the limit, and goes when it is back by the deadband."""
    found = []
    for level, stage in zip(definition.levels, state.stages, strict=True):
        limit = definition.limits[level]
        back = definition.deadband if stage.over else 0.0
        found.append(value > limit - back if level.startswith("hi") else value < limit + back)
    return found


class OfTag:
    """Base of the kinds that look at one tag."""

    def __init__(self, definition: AlarmDefinition, image: ProcessImage, tag: Tag) -> None:
        self.definition, self.image, self.index = definition, image, tag.index
        self.tags: tuple[int, ...] = (tag.index,)

    def value(self) -> Value:
        return self.image.read(self.index).value

    def good(self) -> float | None:
        """The value, unless it is known to be worthless: then the alarm stays as it is."""
        reading = self.image.read(self.index)
        return None if reading.quality is Quality.BAD else float(reading.value)


class Limit(OfTag):
    """Beyond a limit."""

    def over(self, state: AlarmState) -> list[bool] | None:
        value = self.good()
        return None if value is None else beyond(self.definition, value, state)


class Rate(OfTag):
    """Change per second between two looks."""

    def over(self, state: AlarmState) -> list[bool] | None:
        value, before = self.good(), state.last
        state.last = value
        if value is None or before is None:
            return None
        return beyond(self.definition, (value - before) * 1e9 / self.definition.every_ns, state)


class OffNormal(OfTag):
    """Not at its normal value."""

    def over(self, state: AlarmState) -> list[bool] | None:
        value = self.good()
        return None if value is None else [bool(value) is not self.definition.normal]


class BadQuality(OfTag):
    """The tag itself says that it cannot be trusted."""

    def over(self, state: AlarmState) -> list[bool] | None:
        return [self.image.read(self.index).quality is Quality.BAD]


class Condition:
    """An expression over the field."""

    def __init__(self, image: ProcessImage, station: str, text: str) -> None:
        self.image = image
        self.when, self.tags = compiled(image, station, text)

    def over(self, state: AlarmState) -> list[bool] | None:
        return [bool(self.when(self.image.state.field))]

    def value(self) -> Value:
        return bool(self.when(self.image.state.field))


def compiled(image: ProcessImage, station: str, text: str) -> tuple[Compiled, tuple[int, ...]]:
    """An expression over all tags of the line, a signal's bare name being the station's own, and what it reads."""

    def find(name: str) -> int | None:
        tag = image.tags.find(name if "." in name else f"{station}.{name}")
        return None if tag is None else tag.index

    found = compile_expression(text, find)
    return found, tuple(dict.fromkeys(i for i in map(find, found.names) if i is not None))


_OF_TAG: dict[str, type[Limit] | type[Rate] | type[OffNormal] | type[BadQuality]] = {
    LIMIT: Limit,
    RATE: Rate,
    OFF_NORMAL: OffNormal,
    QUALITY: BadQuality,
}


def source(definition: AlarmDefinition, image: ProcessImage, station: str) -> Source:
    """What the alarm of this definition looks at. Raises ValueError for a tag that is not there."""
    if definition.kind == CONDITION:
        return Condition(image, station, definition.when)
    tag = image.tags.find(definition.tag)
    if tag is None:
        raise ValueError(f"alarm {station}.{definition.name}: there is no tag {definition.tag!r}")
    return _OF_TAG[definition.kind](definition, image, tag)
