"""Which tags, components, stations and wires of a line a selector of a fault file means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from scenarios.faulting.model import SelectorFile, TargetFile
from sim.definition import ComponentDefinition, LineDefinition
from sim.link_faults import WIRES
from sim.spec import Kind
from sim.tag import Tag, TagTable
from sim.tags import LINE, component_signals

_FIELD = ("input", "output")  # the tags that have a card which could break


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tag comes from: the component `station.name` and its port."""

    component: str
    port: str


@dataclass(frozen=True)
class Site:
    """One line as faults see it: its components by `station.name`, its tags and where each comes from."""

    line: LineDefinition
    tags: TagTable
    kinds: Mapping[str, Kind]
    components: dict[str, ComponentDefinition] = field(init=False, default_factory=dict)
    places: dict[str, Place] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for station in self.line.stations:
            for component in station.components:
                self._add(station.name, component)

    def _add(self, station: str, component: ComponentDefinition) -> None:
        name = f"{station}.{component.name}"
        self.components[name] = component
        for port, signal, _ in component_signals(component, self.kinds[component.kind]):
            self.places.setdefault(f"{station}.{signal}", Place(name, port.name))

    def tag_of(self, name: str) -> Tag | None:
        """A tag by its name, or by `station.component.port`."""
        found = self.tags.find(name)
        if found is not None or name.count(".") != 2:
            return found
        component, _, port = name.rpartition(".")
        return next(
            (self.tags.find(tag) for tag, place in self.places.items() if place == Place(component, port)), None
        )

    @property
    def alarms(self) -> list[str]:
        """Every alarm of the line, as `station.alarm`."""
        own = [f"{LINE}.{alarm.name}" for alarm in self.line.alarms]
        return own + [f"{station.name}.{alarm.name}" for station in self.line.stations for alarm in station.alarms]

    def component_of(self, tag: Tag) -> str | None:
        """The component that a tag belongs to; None for those of the station itself."""
        place = self.places.get(tag.name)
        return None if place is None else place.component

    @property
    def stations(self) -> list[str]:
        return [station.name for station in self.line.stations]


def of_tags(selector: SelectorFile) -> bool:
    """True where a selector means tags, false where components."""
    return any(given is not None for given in (selector.port, selector.type, selector.direction, selector.signal))


def tags(selector: SelectorFile, site: Site, station: str | None = None, component: str | None = None) -> list[Tag]:
    """The tags that fit; inputs and outputs, unless it says another direction."""
    fit = (tag for tag in site.tags if station in (None, tag.station) and _fits(tag, selector, site))
    return [tag for tag in fit if component is None or site.component_of(tag) == component]


def _fits(tag: Tag, selector: SelectorFile, site: Site) -> bool:
    if tag.station == LINE or tag.momentary:
        return False
    if tag.direction != selector.direction if selector.direction else tag.direction not in _FIELD:
        return False
    if selector.type not in (None, tag.type) or not fnmatchcase(tag.signal, selector.signal or "*"):
        return False
    if selector.kind is None and selector.port is None and selector.name is None:
        return True
    place = site.places.get(tag.name)
    return place is not None and fnmatchcase(place.port, _glob(selector.port)) and _is(place.component, selector, site)


def _glob(pattern: str | None) -> str:
    return "*" if pattern is None else pattern


def _is(name: str, selector: SelectorFile, site: Site) -> bool:
    kind = site.components[name].kind
    return (selector.kind is None or kind in selector.kind) and fnmatchcase(
        name.partition(".")[2], selector.name or "*"
    )


def components(selector: SelectorFile, site: Site, station: str | None = None) -> list[str]:
    """The components that fit."""
    here = (name for name in site.components if station in (None, name.partition(".")[0]))
    return [name for name in here if _is(name, selector, site)]


def candidates(target: TargetFile, site: Site) -> Iterator[str]:
    """All that an instructor could aim at."""
    if target.wire is not None:
        yield from (wire for wire in WIRES if wire in target.wire)
    elif target.line:
        yield LINE
    elif target.station:
        wanted = components(target, site) if target.kind or target.name else None
        yield from (s for s in site.stations if wanted is None or any(n.partition(".")[0] == s for n in wanted))
    elif of_tags(target):
        yield from (tag.name for tag in tags(target, site))
    else:
        yield from components(target, site)
