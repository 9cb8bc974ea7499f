"""The address space of a line: which nodes there are, made from the tag table. Knows no value and no session."""

# ruff: noqa: SLF001 - the inside of asyncua: this package alone may, and pin.py guards it

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue, NodeManagementService
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.overlay import Nodes, Overlay, base
from devices.opcua.values import VARIANT, data_type_node, engineering_unit, eu_range, node_id, representable
from sim.tag import DataType, Tag, TagTable

COMMAND = "cmd_"
MASK = ua.NodeAttributesMask
READ = 1 << ua.AccessLevel.CurrentRead
WRITE = 1 << ua.AccessLevel.CurrentWrite


@dataclass(frozen=True, slots=True)
class Method:
    """A PackML command as an OPC UA method: calling it is the same request as writing the tag true."""

    node: ua.NodeId
    station: ua.NodeId
    word: str
    tag: Tag


@dataclass(frozen=True, slots=True)
class LineNodes:
    """Where the tags of a line are in the address space of its server."""

    namespace: int
    tags: dict[ua.NodeId, Tag]
    methods: dict[ua.NodeId, Method]
    values: tuple[AttributeValue, ...]  # the Value attribute of each tag, in order of index


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
        return ObjectIds.BaseDataVariableType
    return ObjectIds.AnalogItemType if tag.range is not None else ObjectIds.BaseAnalogType


def command_method(namespace: int, tag: Tag) -> Method:
    word = method_word(tag.signal)
    station = tag_node(namespace, tag.station)
    return Method(tag_node(namespace, f"{tag.station}.{word}"), station, word, tag)


def line_nodes(space: AddressSpace, namespace: int, tags: Sequence[Tag]) -> LineNodes:
    """Find the nodes that a builder has added; the values are this server's own from here on."""
    nodes = {tag_node(namespace, tag.name): tag for tag in tags}
    methods = [command_method(namespace, tag) for tag in tags if is_command(tag)]
    values = tuple(space[node].attributes[AttributeIds.Value] for node in nodes)
    return LineNodes(namespace, nodes, {method.node: method for method in methods}, values)


@functools.lru_cache(maxsize=8)
def line_space(line: str, tags: tuple[Tag, ...], namespace: int, interval_ms: float) -> Nodes:
    """Namespace 0 and a line's nodes, built once for all benches of a process that have this line."""
    space = AddressSpace()
    nodes = space._nodes = Overlay(base())
    Builder(NodeManagementService(space), namespace, interval_ms).build(line, TagTable(tags))
    return {**base(), **dict(dict.items(nodes))}


class Builder:
    """Adds the nodes of one line; used once."""

    def __init__(self, service: NodeManagementService, namespace: int, interval_ms: float) -> None:
        self._service = service
        self._namespace = namespace
        self._interval_ms = interval_ms

    def build(self, line: str, tags: TagTable) -> None:
        root = node_id(ObjectIds.ObjectsFolder)
        home = self._object(root, line, ObjectIds.FolderType, ObjectIds.Organizes)
        for station in tags.stations:
            place = self._object(home, station, ObjectIds.BaseObjectType, ObjectIds.Organizes)
            self._add([item for tag in tags.of(station) for item in self._tag(place, tag)])
            self._add(
                [self._method(command_method(self._namespace, tag)) for tag in tags.of(station) if is_command(tag)]
            )

    def _add(self, items: Sequence[ua.AddNodesItem]) -> None:
        for item, result in zip(items, self._service.add_nodes(list(items)), strict=True):
            if not result.StatusCode.is_good():
                raise ValueError(f"OPC UA node {item.RequestedNewNodeId.to_string()}: {result.StatusCode.name}")

    def _item(self, parent: ua.NodeId, reference: int, name: str, browse_name: str) -> ua.AddNodesItem:
        return ua.AddNodesItem(
            ParentNodeId=parent,
            ReferenceTypeId=node_id(reference),
            RequestedNewNodeId=tag_node(self._namespace, name),
            BrowseName=ua.QualifiedName(browse_name, ua.Int16(self._namespace)),
        )

    def _object(self, parent: ua.NodeId, name: str, kind: int, reference: int) -> ua.NodeId:
        item = self._item(parent, reference, name, name)
        item.NodeClass = ua.NodeClass.Object
        item.TypeDefinition = node_id(kind)
        item.NodeAttributes = ua.ObjectAttributes(
            SpecifiedAttributes=MASK.DisplayName | MASK.Description | MASK.EventNotifier,
            DisplayName=ua.LocalizedText(name),
            Description=ua.LocalizedText(name),
        )
        self._add([item])
        return tag_node(self._namespace, name)

    def _tag(self, station: ua.NodeId, tag: Tag) -> list[ua.AddNodesItem]:
        """The variable itself, then its properties: parents first."""
        item = self._item(station, ObjectIds.HasComponent, tag.name, tag.signal)
        access = READ | WRITE if tag.writable else READ
        variant = ua.Variant(representable(tag.initial, tag.type), VARIANT[tag.type])
        self._variable(item, type_definition(tag), data_type_node(tag), variant, access)
        item.NodeAttributes.Description = ua.LocalizedText(f"{tag.title.zh} / {tag.title.en}", "en")
        item.NodeAttributes.MinimumSamplingInterval = self._interval_ms
        if tag.type is DataType.BOOL:
            return [item]
        properties: list[tuple[str, int, object]] = []
        if (limits := eu_range(tag)) is not None:
            properties.append(("EURange", ObjectIds.Range, limits))
        if tag.unit:
            properties.append(("EngineeringUnits", ObjectIds.EUInformation, engineering_unit(tag.unit)))
        return [item, *(self._property(item, tag, *row) for row in properties)]

    def _property(self, owner: ua.AddNodesItem, tag: Tag, name: str, kind: int, value: object) -> ua.AddNodesItem:
        item = self._item(owner.RequestedNewNodeId, ObjectIds.HasProperty, f"{tag.name}.{name}", name)
        item.BrowseName = ua.QualifiedName(name, ua.Int16(0))  # standard properties have their name in namespace 0
        variant = ua.Variant(value, ua.VariantType.ExtensionObject)
        self._variable(item, ObjectIds.PropertyType, node_id(kind), variant, READ)
        return item

    def _variable(self, item: ua.AddNodesItem, kind: int, data_type: ua.NodeId, value: ua.Variant, access: int) -> None:
        item.NodeClass = ua.NodeClass.Variable
        item.TypeDefinition = node_id(kind)
        item.NodeAttributes = ua.VariableAttributes(
            SpecifiedAttributes=MASK.DisplayName
            | MASK.Description
            | MASK.Value
            | MASK.DataType
            | MASK.ValueRank
            | MASK.AccessLevel
            | MASK.UserAccessLevel
            | MASK.MinimumSamplingInterval
            | MASK.Historizing,
            DisplayName=ua.LocalizedText(item.BrowseName.Name, "en"),
            Description=ua.LocalizedText(item.BrowseName.Name, "en"),
            Value=value,
            DataType=data_type,
            ValueRank=ua.ValueRank.Scalar,
            AccessLevel=access,
            UserAccessLevel=access,
            Historizing=False,
        )

    def _method(self, method: Method) -> ua.AddNodesItem:
        name = f"{method.tag.station}.{method.word}"
        item = self._item(method.station, ObjectIds.HasComponent, name, method.word)
        item.NodeClass = ua.NodeClass.Method
        item.NodeAttributes = ua.MethodAttributes(
            SpecifiedAttributes=MASK.DisplayName | MASK.Description | MASK.Executable | MASK.UserExecutable,
            DisplayName=ua.LocalizedText(method.word, "en"),
            Description=ua.LocalizedText(f"{method.tag.title.zh} / {method.tag.title.en}", "en"),
            Executable=True,
            UserExecutable=True,
        )
        return item
