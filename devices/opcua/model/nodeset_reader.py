"""Reads NodeSet2 XML (OPC 10000-6 Annex F) into an address space: strictly, and nothing is lost silently.

asyncua's own importer takes about four seconds for the models of a line and drops nodes that it cannot place.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.model import xml_values
from devices.opcua.model.node_ids import standard
from devices.opcua.model.space import Attributes, Node, Space
from devices.opcua.model.xml_values import local, part, text

CLASSES = {
    "UAObject": ua.NodeClass.Object,
    "UAVariable": ua.NodeClass.Variable,
    "UAMethod": ua.NodeClass.Method,
    "UAObjectType": ua.NodeClass.ObjectType,
    "UAVariableType": ua.NodeClass.VariableType,
    "UADataType": ua.NodeClass.DataType,
    "UAReferenceType": ua.NodeClass.ReferenceType,
    "UAView": ua.NodeClass.View,
}
HAS_TYPE_DEFINITION = standard(ObjectIds.HasTypeDefinition)
FORWARD_ONLY = (HAS_TYPE_DEFINITION, standard(ObjectIds.HasModellingRule))
# descriptions of data types for servers before 1.04; the attribute DataTypeDefinition says it all
OBSOLETE = (standard(ObjectIds.DataTypeDictionaryType), standard(ObjectIds.DataTypeDescriptionType))


class NodesetError(ValueError):
    """A file that cannot be used, with what is wrong in it."""


@dataclass(slots=True)
class Row:
    """One node of a file."""

    node: Node
    references: list[tuple[ua.NodeId, ua.NodeId, bool]] = field(default_factory=list)  # type, target, forward


class Reader:
    """One file. `indexes` gives the index in the server of each namespace URI."""

    def __init__(self, root: ET.Element, indexes: Mapping[str, int]) -> None:
        uris = [text(uri) for found in root if local(found) == "NamespaceUris" for uri in found]
        unknown = [uri for uri in uris if uri not in indexes]
        if unknown:
            raise NodesetError(f"needs the namespace {unknown[0]}, which this server does not have")
        self._index = [0, *(indexes[uri] for uri in uris)]
        self._alias = {
            alias.get("Alias", ""): text(alias) for found in root if local(found) == "Aliases" for alias in found
        }
        self._root = root

    def rows(self) -> Iterator[Row]:
        """Every node of the file but those that only a design tool needs."""
        for element in self._root:
            kind = CLASSES.get(local(element))
            if kind is not None and element.get("DesignToolOnly") != "true":
                yield self._row(element, kind)

    def resolve(self, written: str) -> ua.NodeId:
        """A node id as the file writes it, or an alias, as this server numbers it."""
        node = ua.NodeId.from_string(self._alias.get(written, written))
        if node.NamespaceIndex >= len(self._index):
            raise NodesetError(f"{written}: the file names no such namespace")
        return ua.NodeId(node.Identifier, ua.Int16(self._index[node.NamespaceIndex]))

    def _row(self, element: ET.Element, kind: ua.NodeClass) -> Row:
        names = [found for found in element if local(found) == "DisplayName"]
        described = part(element, "Description")
        browse_name = self._browse_name(element.get("BrowseName", ""))
        node = Node(
            self.resolve(element.get("NodeId", "")),
            kind,
            browse_name,
            _localized(names[0]) if names else ua.LocalizedText(browse_name.Name),
            _localized(described) if described is not None else None,
            {**_EXTRA[kind](self, element)},
        )
        value = part(element, "Value")
        if value is not None:
            node.value = xml_values.read(value, self.resolve)
        if kind is ua.NodeClass.Variable and node.value is None:
            node.value = ua.Variant(None, ua.VariantType.Null)
        return Row(node, list(self._references(element)))

    def _references(self, element: ET.Element) -> Iterator[tuple[ua.NodeId, ua.NodeId, bool]]:
        for reference in part(element, "References") or ():
            yield (
                self.resolve(reference.get("ReferenceType", "")),
                self.resolve(text(reference)),
                reference.get("IsForward", "true") == "true",
            )

    def _browse_name(self, written: str) -> ua.QualifiedName:
        number, colon, name = written.partition(":")
        if colon and number.isdecimal():
            return ua.QualifiedName(name, ua.Int16(self._index[int(number)]))
        return ua.QualifiedName(written, ua.Int16(0))

    # ---- what each class of nodes has beyond its names ------------------------------------------------------------

    def _type(self, element: ET.Element) -> Attributes:
        return {AttributeIds.IsAbstract: element.get("IsAbstract") == "true"}

    def _reference_type(self, element: ET.Element) -> Attributes:
        inverse = part(element, "InverseName")
        return {
            **self._type(element),
            AttributeIds.Symmetric: element.get("Symmetric") == "true",
            AttributeIds.InverseName: _localized(inverse) if inverse is not None else ua.LocalizedText(),
        }

    def _values(self, element: ET.Element) -> Attributes:
        rank = int(element.get("ValueRank", "-1"))
        found: Attributes = {
            AttributeIds.DataType: self.resolve(element.get("DataType", "i=24")),
            AttributeIds.ValueRank: rank,
        }
        if rank > 0:
            written = element.get("ArrayDimensions", "")
            found[AttributeIds.ArrayDimensions] = [int(size) for size in written.split(",") if size] or [0] * rank
        return found

    def _variable(self, element: ET.Element) -> Attributes:
        access = int(element.get("AccessLevel", "1")) & 0xFF
        return {
            **self._values(element),
            AttributeIds.AccessLevel: access,
            AttributeIds.UserAccessLevel: access,
            AttributeIds.MinimumSamplingInterval: float(element.get("MinimumSamplingInterval", "0")),
            AttributeIds.Historizing: False,
        }

    def _variable_type(self, element: ET.Element) -> Attributes:
        return {**self._type(element), **self._values(element)}

    def _object(self, element: ET.Element) -> Attributes:
        return {AttributeIds.EventNotifier: int(element.get("EventNotifier", "0"))}

    def _method(self, element: ET.Element) -> Attributes:
        return {AttributeIds.Executable: True, AttributeIds.UserExecutable: True}

    def _data_type(self, element: ET.Element) -> Attributes:
        definition = part(element, "Definition")
        if definition is None or not len(definition):
            return self._type(element)
        return {**self._type(element), AttributeIds.DataTypeDefinition: self._definition(element, definition)}

    def _definition(self, element: ET.Element, definition: ET.Element) -> object:
        fields = [found for found in definition if local(found) == "Field"]
        if any(found.get("Value") is not None for found in fields):
            return ua.EnumDefinition(Fields=[_enum_field(found) for found in fields])
        optional = any(found.get("IsOptional") == "true" for found in fields)
        kind = ua.StructureType.StructureWithOptionalFields if optional else ua.StructureType.Structure
        if definition.get("IsUnion") == "true":
            kind = ua.StructureType.Union
        references = list(self._references(element))
        base = [to for what, to, forward in references if not forward and what == standard(ObjectIds.HasSubtype)]
        return ua.StructureDefinition(
            BaseDataType=base[0] if base else standard(ObjectIds.Structure),
            StructureType=kind,
            Fields=[self._field(found) for found in fields],
        )

    def _field(self, element: ET.Element) -> ua.StructureField:
        described = part(element, "Description")
        rank = int(element.get("ValueRank", "-1"))
        return ua.StructureField(
            Name=element.get("Name", ""),
            Description=_localized(described) if described is not None else ua.LocalizedText(),
            DataType=self.resolve(element.get("DataType", "i=24")),
            ValueRank=rank,
            ArrayDimensions=[0] * rank if rank > 0 else [],
            IsOptional=element.get("IsOptional") == "true",
        )


_EXTRA: dict[ua.NodeClass, Callable[[Reader, ET.Element], Attributes]] = {
    ua.NodeClass.Object: Reader._object,  # noqa: SLF001 - a table of this class's own methods
    ua.NodeClass.View: Reader._object,  # noqa: SLF001
    ua.NodeClass.Variable: Reader._variable,  # noqa: SLF001
    ua.NodeClass.Method: Reader._method,  # noqa: SLF001
    ua.NodeClass.ObjectType: Reader._type,  # noqa: SLF001
    ua.NodeClass.VariableType: Reader._variable_type,  # noqa: SLF001
    ua.NodeClass.DataType: Reader._data_type,  # noqa: SLF001
    ua.NodeClass.ReferenceType: Reader._reference_type,  # noqa: SLF001
}


def _localized(element: ET.Element) -> ua.LocalizedText:
    return ua.LocalizedText(element.text or "", element.get("Locale"))


def _enum_field(element: ET.Element) -> ua.EnumField:
    name = element.get("Name", "")
    shown, described = part(element, "DisplayName"), part(element, "Description")
    return ua.EnumField(
        Value=int(element.get("Value", "0")),
        DisplayName=_localized(shown) if shown is not None else ua.LocalizedText(name),
        Description=_localized(described) if described is not None else ua.LocalizedText(),
        Name=name,
    )


def load(space: Space, rows: list[Row]) -> None:
    """Put all nodes of one or more files into the space, then their references, both ends of each."""
    skipped = {row.node.node_id for row in rows if _obsolete(row)}
    kept = [row for row in rows if row.node.node_id not in skipped]
    for row in kept:
        space.add(row.node)
    for row in kept:  # the type first: a reference tells it of its target
        for kind, target, _ in row.references:
            if kind == HAS_TYPE_DEFINITION:
                space.refer(row.node.node_id, kind, target, back=False)
    for row in kept:
        for kind, target, forward in row.references:
            if target in skipped or kind == HAS_TYPE_DEFINITION:
                continue
            if target not in space:
                raise NodesetError(f"{row.node.node_id.to_string()} refers to {target.to_string()}, which is nowhere")
            source, to = (row.node.node_id, target) if forward else (target, row.node.node_id)
            space.refer(source, kind, to, back=kind not in FORWARD_ONLY)
    _encodings(space, kept)


def _obsolete(row: Row) -> bool:
    return any(kind == HAS_TYPE_DEFINITION and target in OBSOLETE for kind, target, _ in row.references)


def _encodings(space: Space, rows: list[Row]) -> None:
    """A structure's definition names the node of its binary encoding."""
    for row in rows:
        definition = row.node.attributes.get(AttributeIds.DataTypeDefinition)
        if not isinstance(definition, ua.StructureDefinition):
            continue
        data = space.look(row.node.node_id)
        for reference in data.references if data is not None else ():
            if reference.BrowseName.Name == "Default Binary" and reference.IsForward:
                definition.DefaultEncodingId = reference.NodeId
