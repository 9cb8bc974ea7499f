"""The `flow` of a line file: does every part have a way in, a way on and a way out? Reports to the source."""

from collections.abc import Iterator, Sequence

from scenarios.yaml_source import Source
from sim.components.flow_base import GIVERS, TAKERS
from sim.definition import ComponentDefinition
from sim.flow import FLOW


def check_flow(source: Source, components: Sequence[ComponentDefinition]) -> None:
    """What the definitions, each good, make together."""
    by_name = {f"{FLOW}.{c.name}": c for c in components}
    feeders: dict[str, list[str]] = {name: [] for name in by_name}
    for name, component in by_name.items():
        for place, target in enumerate(component.joins.get("to", [])):
            if target not in feeders:
                continue
            if name in feeders[target]:
                source.add((FLOW, component.name, "to", place), f"{target.partition('.')[2]} is named twice")
            feeders[target].append(name)
    for name, component in by_name.items():
        for message in _complaints(component, len(feeders[name])):
            source.add((FLOW, component.name), message)
    _loops(source, by_name)


def _complaints(component: ComponentDefinition, feeders: int) -> Iterator[str]:
    given = component.parameters
    if component.kind in TAKERS and not feeders and not given.get("initial"):
        yield "nothing feeds it: name it in the `to` of a source, machine or buffer"
    if component.kind == "assembly" and feeders == 1:
        yield "an assembly joins parts of at least two feeders, but only one names it"
    if component.kind in GIVERS and not component.joins.get("to", ["?"]):
        yield "its parts have nowhere to go"
    if component.kind == "buffer":
        if not given.get("capacity", 1) and given.get("transit"):
            yield "without places there is no room for parts on their way: capacity 1 or more, or transit 0 s"
        if given.get("initial", 0) > given.get("capacity", 0):
            yield f"begins with {given['initial']} parts, but has {given.get('capacity', 0)} places"
    if (given.get("failures", 0) > 0) != ("uptime" in component.laws):
        yield "failures need both: `failures: operating` or `calendar`, and `uptime`"


def _loops(source: Source, by_name: dict[str, ComponentDefinition]) -> None:
    """Buffers alone in a circle would pass parts on without end."""
    buffers = {name for name, c in by_name.items() if c.kind == "buffer"}
    for name in sorted(buffers):
        seen, ahead = set[str](), [name]
        while ahead:
            for target in by_name[ahead.pop()].joins.get("to", []):
                if target == name:
                    source.add((FLOW, by_name[name].name, "to"), "leads through buffers alone back to itself")
                    return
                if target in buffers and target not in seen:
                    seen.add(target)
                    ahead.append(target)
