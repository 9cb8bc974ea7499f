"""The nodes of the alarms of a line: below each station an object `Alarms`, in it a condition for each alarm.

Notifiers lead from the Server object over the line to its stations, so that who listens above hears what happens
below. The methods are those of the types: instances refer to them (OPC 10000-9, 5.5.4 and others).
"""

from collections.abc import Sequence

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.alarms.methods import METHODS, SHELVING
from devices.opcua.alarms.shape import DATA_TYPES, MACHINES, PROPERTY, TYPES, Field, Shape, fields
from devices.opcua.events import Path
from devices.opcua.model.node_ids import LINE, named, standard
from devices.opcua.model.space import HAS_COMPONENT, HAS_PROPERTY, Node, Space
from devices.opcua.model.types import variable_attributes

SERVER = standard(ObjectIds.Server)
HAS_NOTIFIER, HAS_CONDITION = standard(ObjectIds.HasNotifier), standard(ObjectIds.HasCondition)
HAS_EVENT_SOURCE = standard(ObjectIds.HasEventSource)
EMPTY: dict[ua.VariantType, object] = {
    ua.VariantType.Boolean: False,
    ua.VariantType.UInt16: 0,
    ua.VariantType.Double: 0.0,
}


def condition_node(name: str) -> ua.NodeId:
    """`sorting.jam` is at `sorting.Alarms.jam`."""
    station, _, bare = name.partition(".")
    return named(f"{station}.Alarms.{bare}")


def field_node(name: str, where: Path) -> ua.NodeId:
    station, _, bare = name.partition(".")
    return named(".".join((station, "Alarms", bare, *where)))


def build(space: Space, line: str, given: Sequence[Shape]) -> None:
    """Add them to the nodes of a line."""
    if not given:
        return
    _notifies(space, SERVER, named(line))
    folders: dict[str, ua.NodeId] = {}
    for shape in given:
        station = named(shape.station)
        if shape.station not in folders:
            _notifies(space, named(line), station)
            folders[shape.station] = _object(
                space, station, named(f"{shape.station}.Alarms"), ua.QualifiedName("Alarms", ua.Int16(LINE)),
                ObjectIds.FolderType,
            )  # fmt: skip
        _condition(space, folders[shape.station], station, shape)


def _notifies(space: Space, above: ua.NodeId, below: ua.NodeId) -> None:
    space.attribute(below, AttributeIds.EventNotifier, 1)
    space.refer(above, HAS_NOTIFIER, below)


def _object(space: Space, parent: ua.NodeId, node: ua.NodeId, name: ua.QualifiedName, kind: int) -> ua.NodeId:
    title = ua.LocalizedText(name.Name, "en")
    made = Node(node, ua.NodeClass.Object, name, title, title, {AttributeIds.EventNotifier: 0})
    made.definition = standard(kind)
    return space.child(parent, HAS_COMPONENT, made)


def _condition(space: Space, folder: ua.NodeId, station: ua.NodeId, shape: Shape) -> None:
    node = condition_node(shape.name)
    _object(space, folder, node, ua.QualifiedName(shape.bare, ua.Int16(LINE)), TYPES[shape.type])
    said = ua.LocalizedText(f"{shape.title.zh} / {shape.title.en}", "en")
    space.attribute(node, AttributeIds.Description, said)
    space.refer(station, HAS_CONDITION, node)
    for name, kind in MACHINES.items():
        if name == "ShelvingState" or shape.exclusive:
            _object(space, node, field_node(shape.name, (name,)), ua.QualifiedName(name, ua.Int16(0)), kind)
    for field in fields(shape):
        _variable(space, shape, field)
    for method in METHODS:
        if method.has(shape):
            owner = field_node(shape.name, ("ShelvingState",)) if method.on == SHELVING else node
            space.refer(owner, HAS_COMPONENT, standard(method.declared[0]), back=False)


def _variable(space: Space, shape: Shape, field: Field) -> None:
    name = ua.QualifiedName(field.path[-1], ua.Int16(0))
    title = ua.LocalizedText(field.path[-1], "en")
    made = Node(field_node(shape.name, field.path), ua.NodeClass.Variable, name, title, title)
    made.attributes = variable_attributes(standard(field.data_type or DATA_TYPES[field.type]))
    empty = EMPTY.get(field.type)
    made.value = ua.Variant(empty, field.type if empty is not None else ua.VariantType.Null)
    made.definition = standard(field.kind)
    space.child(
        field_node(shape.name, field.path[:-1]) if len(field.path) > 1 else condition_node(shape.name),
        HAS_PROPERTY if field.kind == PROPERTY else HAS_COMPONENT,
        made,
    )
