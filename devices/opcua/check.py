"""Walks an address space and says what is wrong with it: what a picky client or an exported file would stumble over.

Used by the tests of every line and by the check of an exported node set. Changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from asyncua import ua
from asyncua.server.address_space import NodeData
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.model.node_ids import standard
from devices.opcua.values import UNECE

Read = Callable[[ua.NodeId], ua.DataValue | None]
INSTANCES = (ua.NodeClass.Object, ua.NodeClass.Variable)
HAS_SUBTYPE = standard(ObjectIds.HasSubtype)
HAS_TYPE_DEFINITION = standard(ObjectIds.HasTypeDefinition)
HAS_MODELLING_RULE = standard(ObjectIds.HasModellingRule)
MANDATORY = standard(ObjectIds.ModellingRule_Mandatory)
AGGREGATES = standard(ObjectIds.Aggregates)
ENUMERATION = standard(ObjectIds.Enumeration)
BASE_DATA_TYPE = standard(ObjectIds.BaseDataType)
ANALOG = standard(ObjectIds.BaseAnalogType)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and with which node."""

    node: str
    what: str

    def __str__(self) -> str:
        return f"{self.node}: {self.what}"


class Check:
    """One address space. `read` gives the value of a variable where it is not what the node has stored."""

    def __init__(self, nodes: Mapping[ua.NodeId, NodeData], read: Read | None = None) -> None:
        self._nodes = nodes
        self._read = read or (lambda _: None)
        self._above: dict[ua.NodeId, tuple[ua.NodeId, ...]] = {}

    def problems(self, wanted: Callable[[ua.NodeId], bool] = lambda _: True) -> list[Problem]:
        """All that is wrong with the nodes that are wanted."""
        return [
            Problem(node.to_string(), what)
            for node, data in self._nodes.items()
            if wanted(node)
            for what in self._of(node, data)
        ]

    def _of(self, node: ua.NodeId, data: NodeData) -> Iterator[str]:
        yield from self._references(data)
        node_class = self.attribute(node, AttributeIds.NodeClass)
        if node_class in INSTANCES:
            definition = self._definition(data)
            if definition is None or definition not in self._nodes:
                yield "no type definition"
            elif not self._is_declaration(data):
                yield from self._mandatory(node, self.kinds(definition))
        if node_class == ua.NodeClass.Variable:
            yield from self._value(node)
            yield from self._analog(node, data)

    # ---- references -------------------------------------------------------------------------------------------

    def _references(self, data: NodeData) -> Iterator[str]:
        for reference in data.references:
            if reference.NodeId not in self._nodes:
                yield f"refers to {reference.NodeId.to_string()}, which is not there"
            elif reference.ReferenceTypeId not in self._nodes:
                yield f"a reference of the unknown type {reference.ReferenceTypeId.to_string()}"
            elif reference.BrowseName != self.attribute(reference.NodeId, AttributeIds.BrowseName):
                yield f"calls {reference.NodeId.to_string()} by another name, {reference.BrowseName.Name}"

    def _definition(self, data: NodeData) -> ua.NodeId | None:
        found = [r.NodeId for r in data.references if r.IsForward and r.ReferenceTypeId == HAS_TYPE_DEFINITION]
        return found[0] if len(found) == 1 else None

    def _is_declaration(self, data: NodeData) -> bool:
        return any(r.ReferenceTypeId == HAS_MODELLING_RULE for r in data.references)

    def kinds(self, kind: ua.NodeId) -> tuple[ua.NodeId, ...]:
        """A type and what it is derived from."""
        if kind not in self._above:
            data = self._nodes.get(kind)
            parents = [
                r.NodeId
                for r in (data.references if data is not None else ())
                if not r.IsForward and r.ReferenceTypeId == HAS_SUBTYPE
            ]
            self._above[kind] = (kind, *(self.kinds(parents[0]) if parents else ()))
        return self._above[kind]

    # ---- children ---------------------------------------------------------------------------------------------

    def children(self, node: ua.NodeId) -> Iterator[ua.ReferenceDescription]:
        data = self._nodes.get(node)
        for reference in data.references if data is not None else ():
            if reference.IsForward and AGGREGATES in self.kinds(reference.ReferenceTypeId):
                yield reference

    def _mandatory(self, node: ua.NodeId, declaring: Iterable[ua.NodeId]) -> Iterator[str]:
        """Each child that the type wants is there, and below it what the declaration of that child wants."""
        there = {_key(r.BrowseName): r.NodeId for r in self.children(node)}
        for kind in declaring:
            for reference in self.children(kind):
                if not self._is_mandatory(reference.NodeId):
                    continue
                found = there.get(_key(reference.BrowseName))
                if found is None:
                    yield f"lacks the mandatory {reference.BrowseName.NamespaceIndex}:{reference.BrowseName.Name}"
                elif found != reference.NodeId:
                    yield from self._mandatory(found, [reference.NodeId])

    def _is_mandatory(self, node: ua.NodeId) -> bool:
        data = self._nodes.get(node)
        return data is not None and any(
            r.ReferenceTypeId == HAS_MODELLING_RULE and r.NodeId == MANDATORY for r in data.references
        )

    # ---- values -----------------------------------------------------------------------------------------------

    def attribute(self, node: ua.NodeId, number: AttributeIds) -> object:
        data = self._nodes.get(node)
        stored = data.attributes[number].value if data is not None and number in data.attributes else None
        return stored.Value.Value if stored is not None and stored.Value is not None else None

    def value(self, node: ua.NodeId) -> ua.DataValue | None:
        found = self._read(node)
        if found is not None:
            return found
        data = self._nodes[node]
        return data.attributes[AttributeIds.Value].value if AttributeIds.Value in data.attributes else None

    def _value(self, node: ua.NodeId) -> Iterator[str]:
        said, kind = self.value(node), self.attribute(node, AttributeIds.DataType)
        if not isinstance(kind, ua.NodeId) or kind not in self._nodes:
            yield "no data type"
            return
        if said is None or said.Value is None:
            yield "no value"
            return
        if said.StatusCode is not None and not said.StatusCode.is_good():
            return  # it says why there is no value
        if said.Value.Value is None:
            yield "the value is empty"
            return
        yield from self._rank(node, said.Value)
        if not self._fits(said.Value, kind):
            name = self.attribute(kind, AttributeIds.BrowseName)
            yield f"a value of type {said.Value.VariantType.name} where {getattr(name, 'Name', kind)} is declared"

    def _rank(self, node: ua.NodeId, value: ua.Variant) -> Iterator[str]:
        rank = self.attribute(node, AttributeIds.ValueRank)
        listed = isinstance(value.Value, list)
        if (rank == -1 and listed) or (isinstance(rank, int) and rank >= 1 and not listed):
            yield f"value rank {rank}, and the value is {'an array' if listed else 'none'}"

    def _fits(self, value: ua.Variant, kind: ua.NodeId) -> bool:
        if value.VariantType == ua.VariantType.ExtensionObject:
            listed = value.Value if isinstance(value.Value, list) else [value.Value]
            return all(kind in self.kinds(getattr(one, "data_type", ua.NodeId())) for one in listed)
        sent = standard(value.VariantType.value)
        if ENUMERATION in self.kinds(kind):
            return value.VariantType == ua.VariantType.Int32 and self._is_member(value.Value, kind)
        return kind in self.kinds(sent) or sent in self.kinds(kind) or kind == BASE_DATA_TYPE

    def _is_member(self, value: object, kind: ua.NodeId) -> bool:
        """The enumeration knows that number."""
        definition = self.attribute(kind, AttributeIds.DataTypeDefinition)
        known = {field.Value for field in definition.Fields} if isinstance(definition, ua.EnumDefinition) else None
        return known is None or value in known

    def _analog(self, node: ua.NodeId, data: NodeData) -> Iterator[str]:
        definition = self._definition(data)
        if definition is None or ANALOG not in self.kinds(definition) or self._is_declaration(data):
            return
        there = {r.BrowseName.Name: r.NodeId for r in self.children(node)}
        if "EngineeringUnits" not in there:
            yield "an analogue item without engineering units"
            return
        said = self.value(there["EngineeringUnits"])
        unit = said.Value.Value if said is not None and said.Value is not None else None
        if not isinstance(unit, ua.EUInformation) or unit.NamespaceUri != UNECE or unit.UnitId <= 0:
            yield "engineering units without a code of UNECE"


def _key(name: ua.QualifiedName) -> tuple[int, str | None]:
    return name.NamespaceIndex, name.Name
