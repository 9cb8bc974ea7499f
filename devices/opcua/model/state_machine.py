"""The variables of a finite state machine (OPC 10000-16): current state, last transition, what is possible now."""

from collections.abc import Callable, Sequence

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.model import minimal
from devices.opcua.model.builder import Builder, Spot
from devices.opcua.model.live import Bad, Live, Look
from devices.opcua.model.types import split
from devices.opcua.model.words import word
from sim.tag import Tag
from sim.text import Text

Current = Callable[[Look], str | None]  # the name of the state, None while the machine is not active
Edge = tuple[ua.NodeId, ua.NodeId, ua.NodeId]  # transition, from, to
INACTIVE = Bad(StatusCodes.BadStateNotActive)


def state_variables(
    builder: Builder,
    at: Spot,
    kind: str,
    current: Current,
    tags: Sequence[Tag],
    *,
    possible: bool = False,
    number: bool = False,
    last: bool = False,
    entry: str | None = None,
) -> None:
    """Adds the variables of one machine.

    `entry` is the state in which it becomes active, where it is not always. `possible` adds the available states and
    transitions, `number` the state's number, `last` the last transition.
    """
    bare = split(kind)[1]
    names = minimal.STATE_NUMBERS[bare]
    nodes = {name: builder.types.member(kind, name) for name in names}

    def text(look: Look) -> object:
        name = current(look)
        return INACTIVE if name is None else Text(word(name).zh, name)  # in English the state's own name

    def identity(look: Look) -> object:
        name = current(look)
        return INACTIVE if name is None else nodes[name]

    def count(look: Look) -> object:
        name = current(look)
        return INACTIVE if name is None else minimal.state_number(bare, name)

    state = builder.computed(at, "CurrentState", "LocalizedText", text, tags, kind="FiniteStateVariableType")
    builder.computed(state, "Id", "NodeId", identity, tags, is_property=True)
    if number:
        builder.computed(state, "Number", "UInt32", count, tags, is_property=True)
    edges = builder.types.transitions(kind)
    if possible:
        builder.constant(at, "AvailableStates", "NodeId", list(nodes.values()), is_property=False)

        def open_now(look: Look) -> object:
            here = nodes.get(current(look) or "")
            return [edge for edge, begin, _ in edges if begin == here]

        builder.computed(at, "AvailableTransitions", "NodeId", open_now, tags, array=True)
    if last and edges:
        _last_transition(builder, at, current, tags, nodes, edges, entry)


def _last_transition(
    builder: Builder,
    at: Spot,
    current: Current,
    tags: Sequence[Tag],
    nodes: dict[str, ua.NodeId],
    edges: list[Edge],
    entry: str | None,
) -> None:
    """Followed at every change, read or not."""
    key = f"{at.path}.LastTransition"

    def observe(live: Live) -> None:
        now = current(live)
        before = live.memory.get(f"{key}.state", entry)
        if now is None:  # when it is active again, it begins at its entry
            live.memory.pop(f"{key}.state", None)
            return
        live.memory[f"{key}.state"] = now
        if isinstance(before, str) and before != now:
            live.memory[key] = last_edge(nodes[before], nodes[now], edges)

    def identity(look: Look) -> object:
        found = look.memory.get(key)
        return found if isinstance(found, ua.NodeId) else Bad(StatusCodes.UncertainInitialValue)

    names = {edge: _name(builder, edge) for edge, _, _ in edges}

    def text(look: Look) -> object:
        found = look.memory.get(key)
        return ua.LocalizedText(names[found], "en") if isinstance(found, ua.NodeId) else Bad(_NONE_YET)

    spot = builder.computed(at, "LastTransition", "LocalizedText", text, tags, kind="FiniteTransitionVariableType")
    builder.computed(spot, "Id", "NodeId", identity, tags, is_property=True)
    for tag in tags:
        builder.model.observers.setdefault(tag.index, []).append(observe)


_NONE_YET = StatusCodes.UncertainInitialValue


def _name(builder: Builder, node: ua.NodeId) -> str:
    data = builder.space.see(node)
    stored = data.attributes[AttributeIds.BrowseName].value
    name = stored.Value.Value if stored is not None and stored.Value is not None else None
    return str(name.Name) if isinstance(name, ua.QualifiedName) else ""


def last_edge(begin: ua.NodeId, end: ua.NodeId, edges: Sequence[Edge]) -> ua.NodeId | None:
    """The last transition on the shortest way: states that lasted less than an interval were passed unseen."""
    reached: dict[ua.NodeId, ua.NodeId] = {}  # state -> transition that led there
    front = [begin]
    while front:
        following = []
        for state in front:
            for edge, source, target in edges:
                if source == state and target not in reached:
                    reached[target] = edge
                    following.append(target)
        if end in reached:
            return reached[end]
        front = following
    return None
