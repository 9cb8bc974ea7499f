"""The address space of a line: which nodes there are, made from the tag table. Knows no value and no session.

The plain tree `line/station/signal` is here; the machines that point to it are in `devices/opcua/model`.
"""

# ruff: noqa: SLF001 - the inside of asyncua: this package alone may, and pin.py guards it

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue, NodeData
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.alarms import nodes as alarm_nodes
from devices.opcua.alarms.shape import Shape
from devices.opcua.model import discrete, equipment, line_model, node_id_styles
from devices.opcua.model.builder import Model
from devices.opcua.model.companion import Companion
from devices.opcua.model.node_id_styles import Style
from devices.opcua.model.node_ids import LINE, standard
from devices.opcua.model.space import HAS_COMPONENT, HAS_PROPERTY, ORGANIZES, Attributes, Node, Space
from devices.opcua.model.types import Types, variable_attributes
from devices.opcua.overlay import Nodes, Overlay, base
from devices.opcua.values import VARIANT, data_type_node, engineering_unit, eu_range, node_id, representable
from sim.definition import LineDefinition
from sim.tag import DataType, Direction, Tag, TagTable
from sim.text import Text

COMMAND = "cmd_"
READ = 1 << ua.AccessLevel.CurrentRead
WRITE = 1 << ua.AccessLevel.CurrentWrite
HISTORY = 1 << ua.AccessLevel.HistoryRead


@dataclass(frozen=True, slots=True)
class Method:
    """A PackML command as an OPC UA method: calling it is the same request as writing the tag true."""

    node: ua.NodeId
    station: ua.NodeId
    word: str
    tag: Tag


@dataclass(frozen=True, slots=True)
class LineNodes:
    """Where the tags of a line are in the address space of its server. Several nodes may be of one tag."""

    namespace: int
    tags: dict[ua.NodeId, Tag]
    methods: dict[ua.NodeId, Method]
    values: tuple[AttributeValue, ...]  # the Value attribute of each tag, in order of index
    model: Model = field(default_factory=Model)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an address space is made of; equal plans have one address space for all benches of a process."""

    line: str
    tags: tuple[Tag, ...]
    equipment: equipment.Equipment
    interval_ms: float
    companion: bool
    style: Style
    alarms: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What a person can choose of the information model. `definition` tells which devices stand where."""

    companion: Companion = Companion.AUTO
    style: Style = Style.PLAIN
    definition: LineDefinition | None = None

    def plan(self, line: str, tags: TagTable, interval_ms: float, *, installed: bool) -> Plan:
        what = self.definition
        found = equipment.from_tags(line, tags) if what is None else equipment.from_definition(what, tags)
        wanted = self.companion is Companion.AUTO and installed
        return Plan(line, tuple(tags), found, interval_ms, wanted, self.style)


@dataclass(frozen=True, slots=True, eq=False)
class LineSpace:
    """Namespace 0, companion models and a line's nodes, and how the values of its model are computed."""

    nodes: Nodes
    model: Model


def namespace_uri(line: str) -> str:
    return f"urn:linelab:{line}"


def tag_node(namespace: int, name: str) -> ua.NodeId:
    return ua.NodeId(ua.String(name), ua.Int16(namespace))


def method_word(signal: str) -> str:
    """`cmd_start` is `Start`; the PackML command `complete` is called `ToComplete` in OPC 30050."""
    word = signal.removeprefix(COMMAND)
    return "ToComplete" if word == "complete" else "".join(part.capitalize() for part in word.split("_"))


def is_command(tag: Tag) -> bool:
    return tag.type is DataType.BOOL and tag.momentary and tag.writable and tag.signal.startswith(COMMAND)


def type_definition(tag: Tag) -> int:
    if tag.type is DataType.BOOL:
        return ObjectIds.TwoStateDiscreteType
    if discrete.names(tag) is not None:
        return ObjectIds.MultiStateDiscreteType
    return ObjectIds.AnalogItemType if tag.range is not None else ObjectIds.AnalogUnitType


def command_method(namespace: int, tag: Tag) -> Method:
    word = method_word(tag.signal)
    station = tag_node(namespace, tag.station)
    return Method(tag_node(namespace, f"{tag.station}.{word}"), station, word, tag)


_building = threading.Lock()


def line_space(plan: Plan) -> LineSpace:
    """Built once for all benches of a process that have this plan. Takes up to a second: call it in a thread."""
    with _building:  # two benches that start at once wait for one address space
        return _line_space(plan)


@functools.lru_cache(maxsize=8)
def _line_space(plan: Plan) -> LineSpace:
    below = base(companion=plan.companion)
    nodes = Overlay(below)
    model = fill(nodes, plan)
    return LineSpace({**below, **dict(dict.items(nodes))}, model)


def fill(nodes: dict[ua.NodeId, NodeData], plan: Plan) -> Model:
    """Add a line's tree of tags, its machines, and where wanted the same values under a vendor's ids."""
    space, tags = Space(nodes), TagTable(plan.tags)
    Builder(space, plan.interval_ms).build(plan.line, tags)
    model = line_model.build(space, Types(space), plan.line, tags, plan.equipment)
    node_id_styles.build(space, model, tags, plan.style)
    alarm_nodes.build(space, plan.line, plan.alarms)
    return model


def line_nodes(space: AddressSpace, namespace: int, tags: Sequence[Tag], model: Model) -> LineNodes:
    """Find the nodes that `fill` has added; the values are this server's own from here on."""
    nodes = {tag_node(namespace, tag.name): tag for tag in tags}
    methods = [command_method(namespace, tag) for tag in tags if is_command(tag)]
    values = {node: own_value(space, node, AttributeValue(ua.DataValue())) for node in nodes}
    stored = [attribute for attribute in values.values() if attribute is not None]
    for alias, node in model.same.items():
        own_value(space, alias, values[node])
        nodes[alias] = nodes[node]
    return LineNodes(namespace, nodes, {method.node: method for method in methods}, tuple(stored), model)


def own_value(space: AddressSpace, node: ua.NodeId, value: AttributeValue) -> AttributeValue:
    """A node of this server alone in one attribute, its value; the others stay those of all benches."""
    shared = space._nodes.peek(node) if isinstance(space._nodes, Overlay) else space._nodes[node]
    if shared is None:
        raise KeyError(node)
    twin = NodeData(node)
    if value.value is None or value.value.Value is None:
        stored = shared.attributes[AttributeIds.Value].value
        value.value = stored if stored is not None else ua.DataValue()
    twin.attributes = {**shared.attributes, AttributeIds.Value: value}
    twin.references = list(shared.references)
    space._nodes[node] = twin
    return value


class Builder:
    """Adds the tree of one line's tags; used once."""

    def __init__(self, space: Space, interval_ms: float) -> None:
        self._space = space
        self._interval_ms = interval_ms

    def build(self, line: str, tags: TagTable) -> None:
        discrete.two_states(self._space)
        home = self._object(standard(ObjectIds.ObjectsFolder), line, ObjectIds.FolderType)
        for station in tags.stations:
            place = self._object(home, station, ObjectIds.BaseObjectType)
            for tag in tags.of(station):
                self._tag(place, tag)
            for tag in tags.of(station):
                if is_command(tag):
                    self._method(command_method(LINE, tag))

    def _object(self, parent: ua.NodeId, name: str, kind: int) -> ua.NodeId:
        node = self._node(tag_node(LINE, name), ua.NodeClass.Object, name, None)
        node.attributes = {AttributeIds.EventNotifier: 0}
        node.definition = node_id(kind)
        return self._space.child(parent, ORGANIZES, node)

    def _node(self, node: ua.NodeId, node_class: ua.NodeClass, name: str, title: Text | None) -> Node:
        said = f"{title.zh} / {title.en}" if title is not None else name
        browse_name = ua.QualifiedName(name, ua.Int16(LINE))
        return Node(node, node_class, browse_name, ua.LocalizedText(name, "en"), ua.LocalizedText(said, "en"))

    def _tag(self, station: ua.NodeId, tag: Tag) -> None:
        """The variable itself, then its properties."""
        node = self._node(tag_node(LINE, tag.name), ua.NodeClass.Variable, tag.signal, tag.title)
        node.attributes = self._attributes(tag)
        node.value = ua.Variant(representable(tag.initial, tag.type), VARIANT[tag.type])
        node.definition = node_id(type_definition(tag))
        self._space.child(station, HAS_COMPONENT, node)
        if tag.type is DataType.BOOL:
            discrete.say_states(self._space, node.node_id)
        elif (names := discrete.names(tag)) is not None:
            discrete.say_names(self._space, node.node_id, tag.name, names)
        else:
            self._analog(node.node_id, tag)

    def _attributes(self, tag: Tag) -> Attributes:
        access = READ | HISTORY | (WRITE if tag.writable else 0)
        found = variable_attributes(data_type_node(tag), access=access)
        found[AttributeIds.MinimumSamplingInterval] = self._interval_ms
        found[AttributeIds.Historizing] = True
        return found

    def _analog(self, owner: ua.NodeId, tag: Tag) -> None:
        if (limits := eu_range(tag)) is not None:
            self._property(owner, tag, "EURange", ObjectIds.Range, limits)
            if tag.direction is Direction.INPUT and tag.low is not None:
                self._property(owner, tag, "InstrumentRange", ObjectIds.Range, limits)
        self._property(owner, tag, "EngineeringUnits", ObjectIds.EUInformation, engineering_unit(tag.unit or "1"))

    def _property(self, owner: ua.NodeId, tag: Tag, name: str, kind: int, value: object) -> None:
        node = self._node(tag_node(LINE, f"{tag.name}.{name}"), ua.NodeClass.Variable, name, None)
        node.name = ua.QualifiedName(name, ua.Int16(0))  # standard properties have their name in namespace 0
        node.attributes = variable_attributes(node_id(kind))
        node.value = ua.Variant(value, ua.VariantType.ExtensionObject)
        node.definition = standard(ObjectIds.PropertyType)
        self._space.child(owner, HAS_PROPERTY, node)

    def _method(self, method: Method) -> None:
        node = self._node(method.node, ua.NodeClass.Method, method.word, method.tag.title)
        node.attributes = {AttributeIds.Executable: True, AttributeIds.UserExecutable: True}
        self._space.child(method.station, HAS_COMPONENT, node)
