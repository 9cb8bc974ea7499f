"""Adds nodes and references to an address space, both ends of each reference. Knows no line and no model.

Attributes that are alike are kept once: nobody changes a base node in place (`overlay.Overlay` copies it first).
"""

from collections.abc import MutableMapping
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.server.address_space import AttributeValue, NodeData
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.model.node_ids import standard

HAS_TYPE_DEFINITION = standard(ObjectIds.HasTypeDefinition)
HAS_COMPONENT = standard(ObjectIds.HasComponent)
HAS_PROPERTY = standard(ObjectIds.HasProperty)
ORGANIZES = standard(ObjectIds.Organizes)
TYPED = (ua.NodeClass.Object, ua.NodeClass.Variable)

_VARIANT: dict[AttributeIds, ua.VariantType] = {
    AttributeIds.NodeId: ua.VariantType.NodeId,
    AttributeIds.NodeClass: ua.VariantType.Int32,
    AttributeIds.BrowseName: ua.VariantType.QualifiedName,
    AttributeIds.DisplayName: ua.VariantType.LocalizedText,
    AttributeIds.Description: ua.VariantType.LocalizedText,
    AttributeIds.WriteMask: ua.VariantType.UInt32,
    AttributeIds.UserWriteMask: ua.VariantType.UInt32,
    AttributeIds.IsAbstract: ua.VariantType.Boolean,
    AttributeIds.Symmetric: ua.VariantType.Boolean,
    AttributeIds.InverseName: ua.VariantType.LocalizedText,
    AttributeIds.EventNotifier: ua.VariantType.Byte,
    AttributeIds.DataType: ua.VariantType.NodeId,
    AttributeIds.ValueRank: ua.VariantType.Int32,
    AttributeIds.AccessLevel: ua.VariantType.Byte,
    AttributeIds.UserAccessLevel: ua.VariantType.Byte,
    AttributeIds.MinimumSamplingInterval: ua.VariantType.Double,
    AttributeIds.Historizing: ua.VariantType.Boolean,
    AttributeIds.Executable: ua.VariantType.Boolean,
    AttributeIds.UserExecutable: ua.VariantType.Boolean,
    AttributeIds.DataTypeDefinition: ua.VariantType.ExtensionObject,
}
Attributes = dict[AttributeIds, object]


@dataclass(slots=True)
class Node:
    """A node to be added: where it hangs, what it is. `attributes` are those beyond class, names and value."""

    node_id: ua.NodeId
    node_class: ua.NodeClass
    name: ua.QualifiedName
    display: ua.LocalizedText
    description: ua.LocalizedText | None = None
    attributes: Attributes = field(default_factory=dict)
    value: ua.Variant | None = None
    definition: ua.NodeId | None = None  # its type definition


class Space:
    """Writes into `nodes`; `below` is what may be referred to but is changed only through `nodes[...]`."""

    def __init__(self, nodes: MutableMapping[ua.NodeId, NodeData]) -> None:
        self.nodes = nodes
        self._kept: dict[tuple[AttributeIds, object], AttributeValue] = {}

    def __contains__(self, node: ua.NodeId) -> bool:
        return node in self.nodes

    def add(self, node: Node) -> ua.NodeId:
        """Add a node; its references follow. A second node with its id is a slip of a model."""
        if node.node_id in self.nodes:
            raise ValueError(f"OPC UA node {node.node_id.to_string()} is there already")
        data = NodeData(node.node_id)
        given: Attributes = {
            AttributeIds.NodeId: node.node_id,
            AttributeIds.NodeClass: node.node_class,
            AttributeIds.BrowseName: node.name,
            AttributeIds.DisplayName: node.display,
            AttributeIds.Description: node.description or ua.LocalizedText(),
            AttributeIds.WriteMask: 0,
            AttributeIds.UserWriteMask: 0,
            **node.attributes,
        }
        data.attributes = {number: self._attribute(number, value) for number, value in given.items()}
        if node.value is not None:
            data.attributes[AttributeIds.Value] = AttributeValue(ua.DataValue(node.value))
        self.nodes[node.node_id] = data
        if node.definition is not None:
            self.refer(node.node_id, HAS_TYPE_DEFINITION, node.definition, back=False)
        return node.node_id

    def attribute(self, node: ua.NodeId, number: AttributeIds, value: object) -> None:
        """Give a node that was just added one more attribute."""
        self.nodes[node].attributes[number] = self._attribute(number, value)

    def child(self, parent: ua.NodeId, reference: ua.NodeId, node: Node) -> ua.NodeId:
        self.add(node)
        self.refer(parent, reference, node.node_id)
        return node.node_id

    def _attribute(self, number: AttributeIds, value: object) -> AttributeValue:
        if number is AttributeIds.ArrayDimensions:
            return AttributeValue(ua.DataValue(ua.Variant(value, ua.VariantType.UInt32, is_array=True)))
        variant = ua.Variant(value, _VARIANT[number])
        key = (number, _key(value))
        if key[1] is None:
            return AttributeValue(ua.DataValue(variant))
        if key not in self._kept:
            self._kept[key] = AttributeValue(ua.DataValue(variant))
        return self._kept[key]

    def refer(self, source: ua.NodeId, kind: ua.NodeId, target: ua.NodeId, *, back: bool = True) -> None:
        """A reference and, unless it is one that is only followed forwards, its other end."""
        self._point(source, kind, target, forward=True)
        if back:
            self._point(target, kind, source, forward=False)

    def _point(self, source: ua.NodeId, kind: ua.NodeId, target: ua.NodeId, *, forward: bool) -> None:
        there = self.nodes[source]
        if any(r.NodeId == target and r.ReferenceTypeId == kind and r.IsForward == forward for r in there.references):
            return
        data = self.look(target)
        if data is None:
            raise ValueError(f"OPC UA node {source.to_string()} refers to {target.to_string()}, which is not there")
        kind_of = _value(data, AttributeIds.NodeClass)
        there.references.append(
            ua.ReferenceDescription(
                ReferenceTypeId=kind,
                IsForward=forward,
                NodeId=target,
                BrowseName=_value(data, AttributeIds.BrowseName),
                DisplayName=_value(data, AttributeIds.DisplayName),
                NodeClass=ua.NodeClass(kind_of),
                TypeDefinition=self.definition(target) if kind_of in TYPED else ua.NodeId(),
            )
        )

    def see(self, node: ua.NodeId) -> NodeData:
        """A node that is there, to be looked at alone."""
        found = self.look(node)
        if found is None:
            raise KeyError(node)
        return found

    def look(self, node: ua.NodeId) -> NodeData | None:
        """A node that is not going to be changed."""
        peek = getattr(self.nodes, "peek", self.nodes.get)
        found: NodeData | None = peek(node)
        return found

    def definition(self, node: ua.NodeId) -> ua.NodeId:
        data = self.look(node)
        for reference in data.references if data is not None else ():
            if reference.IsForward and reference.ReferenceTypeId == HAS_TYPE_DEFINITION:
                return known(reference)
        return ua.NodeId()


def known(reference: ua.ReferenceDescription) -> ua.NodeId:
    """Where a reference leads; asyncua types it as an expanded id."""
    node: ua.NodeId = reference.NodeId
    return node


def _key(value: object) -> object:
    """By what equal values are found again; None for those of which each node has its own."""
    if isinstance(value, ua.LocalizedText):
        return value.Text or "", value.Locale or ""
    if isinstance(value, ua.QualifiedName):
        return value.Name, value.NamespaceIndex
    return value if isinstance(value, bool | int | float | ua.NodeId) else None


def _value(data: NodeData, number: AttributeIds):  # type: ignore[no-untyped-def]
    stored = data.attributes[number].value
    return stored.Value.Value if stored is not None and stored.Value is not None else None
