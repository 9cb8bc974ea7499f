"""Builds a line's objects, variables and methods by name and keeps what is not in the nodes: how values are computed,
which node says the same as a tag, texts in both languages, and who answers a method. Knows no session and no bench.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.actions import Answer, Argument, Caller
from devices.opcua.model import minimal
from devices.opcua.model.live import Compute, Derived, Live
from devices.opcua.model.node_ids import INDEX, named, standard
from devices.opcua.model.space import HAS_COMPONENT, HAS_PROPERTY, ORGANIZES, Node, Space
from devices.opcua.model.types import Types, split, variable_attributes
from devices.opcua.model.words import word
from devices.opcua.values import VARIANT, data_type_node, representable
from sim.tag import Tag, TagTable
from sim.text import Text

HAS_ADD_IN = standard(ObjectIds.HasAddIn)
HAS_INTERFACE = standard(ObjectIds.HasInterface)
READ = 1 << ua.AccessLevel.CurrentRead
WRITE = 1 << ua.AccessLevel.CurrentWrite
Handler = Callable[[Live, Caller, tuple[object, ...]], Answer]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the tree: a node of the line and the path that ids of its children begin with."""

    node: ua.NodeId
    path: str


@dataclass(frozen=True, slots=True)
class Input:
    """An argument of a method: `Name`, `PackML:SomeDataType[]`, what it means."""

    name: str
    type: str
    text: Text


@dataclass(frozen=True, slots=True)
class Offer:
    """A method and who answers it. `declared` is the method of the object's type."""

    owner: ua.NodeId
    node: ua.NodeId
    declared: ua.NodeId | None
    inputs: tuple[Argument, ...]
    handler: Handler


@dataclass(slots=True)
class Model:
    """What a line's information model is beside its nodes; shared by all benches that have this line."""

    derived: dict[ua.NodeId, Derived] = field(default_factory=dict)
    same: dict[ua.NodeId, ua.NodeId] = field(default_factory=dict)  # a node -> the tag's node with the same value
    texts: dict[ua.NodeId, tuple[Text, Text]] = field(default_factory=dict)  # display name, description
    offers: list[Offer] = field(default_factory=list)
    observers: dict[int, list[Callable[[Live], None]]] = field(default_factory=dict)  # by index of a tag


def english(text: Text) -> ua.LocalizedText:
    return ua.LocalizedText(text.en, "en")


class Builder:
    """Adds the nodes of one line's model. Used once."""

    def __init__(self, space: Space, types: Types, tags: TagTable) -> None:
        self.space, self.types, self.tags = space, types, tags
        self.model = Model()

    # ---- objects ----------------------------------------------------------------------------------------------

    def stand(
        self,
        parent: ua.NodeId,
        path: str,
        name: str,
        kind: str,
        text: Text | None = None,
        *,
        reference: ua.NodeId = HAS_COMPONENT,
    ) -> Spot:
        """An object with an id of its own choosing."""
        node = self._node(path, ua.NodeClass.Object, name, text)
        node.attributes = {AttributeIds.EventNotifier: 0}
        node.definition = self.types.find(kind)
        return Spot(self.space.child(parent, reference, node), path)

    def part(
        self, at: Spot, name: str, kind: str, text: Text | None = None, *, reference: ua.NodeId = HAS_COMPONENT
    ) -> Spot:
        """An object below another; its id is the path to it."""
        return self.stand(at.node, f"{at.path}.{split(name)[1]}", name, kind, text, reference=reference)

    def _node(self, path: str, node_class: ua.NodeClass, name: str, text: Text | None) -> Node:
        model, bare = split(name)
        title = text or word(bare)
        node = named(path)
        self.model.texts[node] = title, title
        browse_name = ua.QualifiedName(bare, ua.Int16(INDEX[model]))
        return Node(node, node_class, browse_name, english(title), english(title))

    def point(self, at: Spot, tag: Tag | None) -> None:
        """The tag's own variable, organised here as well."""
        if tag is not None:
            self.space.refer(at.node, ORGANIZES, named(tag.name))

    def state(self, at: Spot, name: str, kind: str) -> None:
        """A state of a machine's type as a node of the instance, where the type wants that."""
        bare = split(name)[1]
        spot = self.part(at, name, "StateType")
        number = minimal.state_number(split(kind)[1], bare)
        self.constant(spot, "StateNumber", "UInt32", number)

    # ---- variables --------------------------------------------------------------------------------------------

    def _variable(self, at: Spot, name: str, text: Text | None, *, is_property: bool, kind: str) -> Node:
        node = self._node(f"{at.path}.{split(name)[1]}", ua.NodeClass.Variable, name, text)
        definition = "PropertyType" if is_property else kind
        node.definition = self.types.find(definition, ua.NodeClass.VariableType)
        return node

    def computed(
        self,
        at: Spot,
        name: str,
        data_type: str,
        compute: Compute,
        tags: Sequence[Tag | None] = (),
        *,
        text: Text | None = None,
        kind: str = "BaseDataVariableType",
        is_property: bool = False,
        array: bool = False,
        timed: bool = False,
    ) -> Spot:
        """A variable whose value is a function of readings."""
        node = self._variable(at, name, text, is_property=is_property, kind=kind)
        variant = self.types.variant(data_type)
        node.attributes = variable_attributes(self.types.data_type(data_type), array=array)
        node.value = ua.Variant([], variant, is_array=True) if array else ua.Variant(None, ua.VariantType.Null)
        used = tuple(tag for tag in tags if tag is not None)
        self.space.child(at.node, HAS_PROPERTY if is_property else HAS_COMPONENT, node)
        self.model.derived[node.node_id] = Derived(
            node.node_id, variant, array, compute, tuple(tag.index for tag in used),
            timed or any(tag.computed for tag in used),
        )  # fmt: skip
        return Spot(node.node_id, f"{at.path}.{split(name)[1]}")

    def trust(self, spot: Spot) -> None:
        """The value of that variable is good whatever the readings are like: it is what says so."""
        self.model.derived[spot.node] = replace(self.model.derived[spot.node], trusted=True)

    def constant(
        self,
        at: Spot,
        name: str,
        data_type: str,
        value: object,
        *,
        text: Text | None = None,
        kind: str = "BaseDataVariableType",
        is_property: bool = True,
    ) -> Spot:
        """A variable that never changes; a text of ours is said in the language of the session."""
        if isinstance(value, Text):
            return self.computed(at, name, data_type, lambda _: value, text=text, kind=kind, is_property=is_property)
        node = self._variable(at, name, text, is_property=is_property, kind=kind)
        listed = isinstance(value, list)
        node.attributes = variable_attributes(self.types.data_type(data_type), array=listed)
        node.value = ua.Variant(value, self.types.variant(data_type), is_array=listed)
        self.space.child(at.node, HAS_PROPERTY if is_property else HAS_COMPONENT, node)
        return Spot(node.node_id, f"{at.path}.{split(name)[1]}")

    def alias(
        self, at: Spot, name: str, tag: Tag, *, kind: str = "BaseDataVariableType", is_property: bool = False
    ) -> Spot:
        """A variable with the model's name and the tag's value: reads, writes and subscriptions are the tag's."""
        node = self._variable(at, name, None, is_property=is_property, kind=kind)
        access = READ | WRITE if tag.writable else READ
        node.attributes = variable_attributes(data_type_node(tag), access=access)
        node.value = ua.Variant(representable(tag.initial, tag.type), VARIANT[tag.type])
        self.space.child(at.node, HAS_PROPERTY if is_property else HAS_COMPONENT, node)
        self.model.same[node.node_id] = named(tag.name)
        if kind.startswith("Analog"):
            self._share_properties(node.node_id, tag)
        return Spot(node.node_id, f"{at.path}.{split(name)[1]}")

    def _share_properties(self, node: ua.NodeId, tag: Tag) -> None:
        for name in ("EURange", "EngineeringUnits", "InstrumentRange"):
            found = named(f"{tag.name}.{name}")
            if found in self.space:
                self.space.refer(node, HAS_PROPERTY, found)

    # ---- methods ----------------------------------------------------------------------------------------------

    def method(
        self,
        at: Spot,
        name: str,
        handler: Handler,
        inputs: Sequence[Input] = (),
        outputs: Sequence[Input] = (),
        *,
        declared: ua.NodeId | None = None,
    ) -> Spot:
        """A method of an object, with typed arguments."""
        bare = split(name)[1]
        node = self._node(f"{at.path}.{bare}", ua.NodeClass.Method, name, None)
        node.attributes = {AttributeIds.Executable: True, AttributeIds.UserExecutable: True}
        spot = Spot(self.space.child(at.node, HAS_COMPONENT, node), f"{at.path}.{bare}")
        for what, arguments in (("InputArguments", inputs), ("OutputArguments", outputs)):
            if arguments:
                self._arguments(spot, what, arguments)
        taken = tuple(
            Argument(one.name, self.types.variant(one.type.removesuffix("[]")), one.type.endswith("[]"))
            for one in inputs
        )
        self.model.offers.append(Offer(at.node, node.node_id, declared, taken, handler))
        return spot

    def _arguments(self, method: Spot, name: str, arguments: Sequence[Input]) -> None:
        node = self._variable(method, name, None, is_property=True, kind="")
        node.attributes = variable_attributes(standard(ObjectIds.Argument), array=True)
        written = [
            ua.Argument(
                Name=one.name,
                DataType=self.types.data_type(one.type.removesuffix("[]")),
                ValueRank=1 if one.type.endswith("[]") else -1,
                ArrayDimensions=[0] if one.type.endswith("[]") else [],
                Description=english(one.text),
            )
            for one in arguments
        ]
        node.value = ua.Variant(written, ua.VariantType.ExtensionObject, is_array=True)
        self.space.child(method.node, HAS_PROPERTY, node)

    def tag(self, station: str, signal: str) -> Tag | None:
        return self.tags.find(f"{station}.{signal}")
