"""Types by name, `PackML:PackMLBaseObjectType`: the companion model's where it is loaded, else an own minimal one.

A minimal type has the browse name of the companion model's, its base, its states, fields or enumeration values as far
as this project uses them, and stands in LineLab's own namespace: a client finds the same paths with either.
"""

from collections.abc import Iterable, Sequence

from asyncua import ua
from asyncua.server.address_space import NodeData
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.model import minimal
from devices.opcua.model.node_ids import INDEX, TYPES, named, qualified, standard
from devices.opcua.model.space import HAS_COMPONENT, HAS_PROPERTY, Attributes, Node, Space, known

HAS_SUBTYPE = standard(ObjectIds.HasSubtype)
HAS_ENCODING = standard(ObjectIds.HasEncoding)
FROM_STATE, TO_STATE = standard(ObjectIds.FromState), standard(ObjectIds.ToState)
TYPE_CLASSES = (
    ua.NodeClass.ObjectType,
    ua.NodeClass.VariableType,
    ua.NodeClass.DataType,
    ua.NodeClass.ReferenceType,
)
VARIANTS = {
    "Duration": ua.VariantType.Double,
    "UtcTime": ua.VariantType.DateTime,
    "Enumeration": ua.VariantType.Int32,
    "Structure": ua.VariantType.ExtensionObject,
    "BaseDataType": ua.VariantType.Variant,
    "Argument": ua.VariantType.ExtensionObject,
    "EUInformation": ua.VariantType.ExtensionObject,
    "Range": ua.VariantType.ExtensionObject,
    "EnumValueType": ua.VariantType.ExtensionObject,
    "DecimalString": ua.VariantType.String,
    "RelativePath": ua.VariantType.ExtensionObject,
}


def text_of(data: NodeData, number: AttributeIds) -> object:
    stored = data.attributes[number].value if number in data.attributes else None
    return stored.Value.Value if stored is not None and stored.Value is not None else None


def split(name: str) -> tuple[str, str]:
    """`PackML:Status` is of the model PackML; a bare name is of the standard."""
    model, colon, bare = name.rpartition(":")
    return (model, bare) if colon else ("", name)


class Types:
    """The types that a space has, and those that it gets when they are asked for."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._found: dict[tuple[int, str], ua.NodeId] = {}
        for node, data in space.nodes.items():
            if node.NamespaceIndex >= TYPES and text_of(data, AttributeIds.NodeClass) in TYPE_CLASSES:
                name = text_of(data, AttributeIds.BrowseName)
                if isinstance(name, ua.QualifiedName) and name.Name is not None:
                    self._found[name.NamespaceIndex, name.Name] = node

    def find(self, name: str, node_class: ua.NodeClass = ua.NodeClass.ObjectType) -> ua.NodeId:
        """The type of that name; made where no companion model brings it."""
        model, bare = split(name)
        if not model:
            return standard(getattr(ObjectIds, bare))
        key = INDEX[model], bare
        if key not in self._found:
            self._found[key] = self._make(name, node_class)
        return self._found[key]

    def data_type(self, name: str) -> ua.NodeId:
        return self.find(name, ua.NodeClass.DataType)

    def variant(self, name: str) -> ua.VariantType:
        """How a value of that data type is sent."""
        model, bare = split(name)
        if not model:
            return VARIANTS.get(bare) or ua.VariantType[bare]
        definition = text_of(self.space.see(self.data_type(name)), AttributeIds.DataTypeDefinition)
        return (
            ua.VariantType.ExtensionObject if isinstance(definition, ua.StructureDefinition) else ua.VariantType.Int32
        )

    # ---- states -----------------------------------------------------------------------------------------------

    def member(self, kind: str, name: str) -> ua.NodeId:
        """A state of a state machine's type, by its name."""
        model, _ = split(kind)
        found = self._child(self.find(kind), INDEX[model], name)
        return found if found is not None else self._state(kind, name)

    def method(self, kind: str, name: str) -> ua.NodeId | None:
        """The declaration of a method at its type, None in a minimal type."""
        return self._child(self.find(kind), INDEX[split(kind)[0]], name)

    def transitions(self, kind: str) -> list[tuple[ua.NodeId, ua.NodeId, ua.NodeId]]:
        """The transitions of a state machine's type: (transition, from, to)."""
        found = []
        for reference in self.space.see(self.find(kind)).references:
            if reference.TypeDefinition == standard(ObjectIds.TransitionType) and reference.IsForward:
                ends = {r.ReferenceTypeId: r.NodeId for r in self.space.see(reference.NodeId).references if r.IsForward}
                if FROM_STATE in ends and TO_STATE in ends:
                    found.append((known(reference), ends[FROM_STATE], ends[TO_STATE]))
        return found

    def _child(self, owner: ua.NodeId, namespace: int, name: str) -> ua.NodeId | None:
        for reference in self.space.see(owner).references:
            if reference.IsForward and reference.BrowseName == ua.QualifiedName(name, ua.Int16(namespace)):
                return known(reference)
        return None

    def _state(self, kind: str, name: str) -> ua.NodeId:
        model, bare = split(kind)
        node = named(f"{model}.{bare}.{name}", TYPES)
        display = ua.LocalizedText(name, "en")
        state = Node(
            node, ua.NodeClass.Object, qualified(name, model), display, attributes={AttributeIds.EventNotifier: 0}
        )
        state.definition = standard(ObjectIds.StateType)
        self.space.child(self.find(kind), HAS_COMPONENT, state)
        value = ua.Variant(minimal.state_number(bare, name), ua.VariantType.UInt32)
        self.constant(node, f"{model}.{bare}.{name}.StateNumber", "StateNumber", "UInt32", value)
        return node

    # ---- minimal types ----------------------------------------------------------------------------------------

    def _make(self, name: str, node_class: ua.NodeClass) -> ua.NodeId:
        model, bare = split(name)
        node = named(f"{model}.{bare}", TYPES)
        attributes: Attributes = {AttributeIds.IsAbstract: False}
        if node_class is ua.NodeClass.ReferenceType:
            attributes |= {AttributeIds.Symmetric: False, AttributeIds.InverseName: ua.LocalizedText()}
        if node_class is ua.NodeClass.VariableType:
            attributes |= {AttributeIds.DataType: standard(ObjectIds.BaseDataType), AttributeIds.ValueRank: -2}
        made = Node(node, node_class, qualified(bare, model), ua.LocalizedText(bare, "en"), attributes=attributes)
        self.space.child(self._base(bare, node_class), HAS_SUBTYPE, made)
        self._found[INDEX[model], bare] = node
        if bare in minimal.ENUMERATIONS:
            self._enumeration(node, f"{model}.{bare}", minimal.ENUMERATIONS[bare])
        elif node_class is ua.NodeClass.DataType:
            self.structure(node, name, minimal.STRUCTURES[bare])
        return node

    def _base(self, bare: str, node_class: ua.NodeClass) -> ua.NodeId:
        if node_class is ua.NodeClass.DataType:
            return standard(ObjectIds.Enumeration if bare in minimal.ENUMERATIONS else ObjectIds.Structure)
        if node_class is ua.NodeClass.ReferenceType:
            return HAS_COMPONENT
        default = "BaseObjectType" if node_class is ua.NodeClass.ObjectType else "BaseDataVariableType"
        return self.find(minimal.BASES.get(bare, default), node_class)

    def _enumeration(self, node: ua.NodeId, path: str, names: Sequence[str]) -> None:
        texts = [ua.LocalizedText(name, "en") for name in names]
        fields = [
            ua.EnumField(Value=number, DisplayName=text, Description=ua.LocalizedText(), Name=text.Text)
            for number, text in enumerate(texts)
        ]
        self._define(node, ua.EnumDefinition(Fields=fields))
        strings = ua.Variant(texts, ua.VariantType.LocalizedText, is_array=True)
        self.constant(node, f"{path}.EnumStrings", "EnumStrings", "LocalizedText", strings)

    def structure(self, node: ua.NodeId, name: str, fields: Iterable[minimal.Field]) -> None:
        """A structure's fields and its binary encoding, so that any client can decode it by what the server says."""
        model, bare = split(name)
        encoding = named(f"{model}.{bare}.DefaultBinary", TYPES)
        written = [self._field(field) for field in fields]
        optional = any(field.IsOptional for field in written)
        shape = ua.StructureType.StructureWithOptionalFields if optional else ua.StructureType.Structure
        self._define(node, ua.StructureDefinition(encoding, standard(ObjectIds.Structure), shape, written))
        display = ua.LocalizedText("Default Binary", "en")
        made = Node(encoding, ua.NodeClass.Object, ua.QualifiedName("Default Binary", ua.Int16(0)), display)
        made.attributes = {AttributeIds.EventNotifier: 0}
        made.definition = standard(ObjectIds.DataTypeEncodingType)
        self.space.child(node, HAS_ENCODING, made)

    def _field(self, field: minimal.Field) -> ua.StructureField:
        name, written, *rest = field
        array, optional = written.endswith("[]"), written.startswith("?")
        return ua.StructureField(
            Name=name,
            Description=ua.LocalizedText(rest[0], "en") if rest else ua.LocalizedText(),
            DataType=self.data_type(written.removeprefix("?").removesuffix("[]")),
            ValueRank=1 if array else -1,
            ArrayDimensions=[0] if array else [],
            IsOptional=optional,
        )

    def _define(self, node: ua.NodeId, definition: object) -> None:
        self.space.attribute(node, AttributeIds.DataTypeDefinition, definition)

    def constant(self, owner: ua.NodeId, path: str, name: str, data_type: str, value: ua.Variant) -> ua.NodeId:
        """A property of a type."""
        prop = Node(named(path, TYPES), ua.NodeClass.Variable, qualified(name, ""), ua.LocalizedText(name, "en"))
        prop.value = value
        prop.attributes = variable_attributes(self.data_type(data_type), array=bool(value.is_array))
        prop.definition = standard(ObjectIds.PropertyType)
        return self.space.child(owner, HAS_PROPERTY, prop)


def variable_attributes(data_type: ua.NodeId, *, array: bool = False, access: int = 1) -> Attributes:
    found: Attributes = {
        AttributeIds.DataType: data_type,
        AttributeIds.ValueRank: 1 if array else -1,
        AttributeIds.AccessLevel: access,
        AttributeIds.UserAccessLevel: access,
        AttributeIds.MinimumSamplingInterval: 0.0,
        AttributeIds.Historizing: False,
    }
    if array:
        found[AttributeIds.ArrayDimensions] = [0]
    return found
