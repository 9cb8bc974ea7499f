"""What stands in the stations of a line, as far as companion models ask: devices by kind, and their signals' tags.

Made from the line's definition where there is one; a tag table alone gives stations without devices.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sim.definition import LineDefinition
from sim.tag import Tag, TagTable
from sim.text import Text


@dataclass(frozen=True, slots=True)
class Device:
    """One component. `signals`: what each is called behind the device's name, and the index of its tag."""

    name: str
    kind: str
    title: Text
    signals: tuple[tuple[str, int], ...] = ()

    def tag(self, tags: TagTable, *names: str) -> Tag | None:
        """The tag of the first of these signals that the device has."""
        found = dict(self.signals)
        return next((tags[found[name]] for name in names if name in found), None)


@dataclass(frozen=True, slots=True)
class Place:
    """One station."""

    name: str
    title: Text
    devices: tuple[Device, ...] = ()


@dataclass(frozen=True, slots=True)
class Equipment:
    """A line's stations, and what it is called."""

    title: Text
    stations: tuple[Place, ...]


def from_tags(line: str, tags: TagTable) -> Equipment:
    return Equipment(Text(line, line), tuple(Place(name, Text(name, name)) for name in tags.stations))


def from_definition(definition: LineDefinition, tags: TagTable) -> Equipment:
    titles = {station.name: station for station in definition.stations}
    places = []
    for name in tags.stations:
        station = titles.get(name)
        if station is None:
            places.append(Place(name, LINE_TITLE if name == "line" else Text(name, name)))
            continue
        names = [component.name for component in station.components]
        found = {one: _signals(one, names, tags.of(name)) for one in names}
        devices = (Device(c.name, c.kind, c.title, found[c.name]) for c in station.components)
        places.append(Place(name, station.title, tuple(devices)))
    return Equipment(definition.title, tuple(places))


LINE_TITLE = Text("整线", "Whole line")


def _signals(name: str, names: Iterable[str], tags: Iterable[Tag]) -> tuple[tuple[str, int], ...]:
    """The tags of a component: `belt_2_run` is of `belt_2`, not of `belt`."""
    longer = tuple(f"{other}_" for other in names if other.startswith(f"{name}_"))
    return tuple(
        (tag.signal.removeprefix(name).removeprefix("_"), tag.index)
        for tag in tags
        if tag.signal == name or (tag.signal.startswith(f"{name}_") and not tag.signal.startswith(longer or ("\0",)))
    )
