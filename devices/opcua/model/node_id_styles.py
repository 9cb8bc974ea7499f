"""The tags of a line once more, under node ids as real controllers write them; the values are the same.

An exercise made for a controller of one of these vendors keeps its addresses. Only the form of an id is known facts;
block and instance names are this project's.
"""

from collections.abc import Callable
from enum import StrEnum

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.model.builder import Model
from devices.opcua.model.node_ids import LINE, named, standard
from devices.opcua.model.space import HAS_COMPONENT, ORGANIZES, Node, Space
from devices.opcua.model.types import variable_attributes
from devices.opcua.values import VARIANT, data_type_node, representable
from sim.tag import DataType, Tag, TagTable
from sim.text import Text


class Style(StrEnum):
    """How node ids are written."""

    PLAIN = "plain"  # `infeed.belt_speed` alone
    SIEMENS = "siemens"  # "infeed"."belt_speed"
    CODESYS = "codesys"  # |var|LineLab.Application.infeed.belt_speed
    BECKHOFF = "beckhoff"  # infeed.fBeltSpeed
    PHOENIX = "phoenix"  # Arp.Plc.Eclr/infeed.rBeltSpeed


PREFIX = {DataType.BOOL: "b", DataType.REAL: "f"}
ROOTS = {
    Style.SIEMENS: Text("数据块", "DataBlocksGlobal"),
    Style.CODESYS: Text("应用变量", "Application"),
    Style.BECKHOFF: Text("PLC 变量", "PLC1"),
    Style.PHOENIX: Text("PLC 变量", "Arp.Plc.Eclr"),
}


def hungarian(tag: Tag, real: str = "f") -> str:
    """`belt_speed`, a REAL, is `fBeltSpeed`."""
    words = "".join(word.capitalize() for word in tag.signal.split("_"))
    return (real if tag.type is DataType.REAL else PREFIX.get(tag.type, "n")) + words


WRITTEN: dict[Style, Callable[[Tag], str]] = {
    Style.SIEMENS: lambda tag: f'"{tag.station}"."{tag.signal}"',
    Style.CODESYS: lambda tag: f"|var|LineLab.Application.{tag.station}.{tag.signal}",
    Style.BECKHOFF: lambda tag: f"{tag.station}.{hungarian(tag)}",
    Style.PHOENIX: lambda tag: f"Arp.Plc.Eclr/{tag.station}.{hungarian(tag, 'r')}",
}


def written(tag: Tag, style: Style) -> str:
    """The identifier of a tag's node in that style."""
    return WRITTEN[style](tag) if style in WRITTEN else tag.name


def build(space: Space, model: Model, tags: TagTable, style: Style) -> None:
    """A folder beside the line's with a node of each tag; nothing for the plain style."""
    if style is Style.PLAIN:
        return
    root = _folder(space, model, standard(ObjectIds.ObjectsFolder), style.value, ROOTS[style])
    for station in tags.stations:
        block = _folder(space, model, root, f"{style.value}.{station}", Text(station, station))
        for tag in tags.of(station):
            _variable(space, model, block, tag, style)


def _folder(space: Space, model: Model, parent: ua.NodeId, path: str, title: Text) -> ua.NodeId:
    said = ua.LocalizedText(title.en, "en")
    node = Node(named(f"style.{path}"), ua.NodeClass.Object, ua.QualifiedName(title.en, ua.Int16(LINE)), said, said)
    node.attributes = {AttributeIds.EventNotifier: 0}
    node.definition = standard(ObjectIds.FolderType)
    model.texts[node.node_id] = title, title
    return space.child(parent, ORGANIZES, node)


def _variable(space: Space, model: Model, block: ua.NodeId, tag: Tag, style: Style) -> None:
    name = written(tag, style)
    shown = name.rpartition(".")[2].strip('"')
    said = ua.LocalizedText(tag.title.en, "en")
    browse_name = ua.QualifiedName(shown, ua.Int16(LINE))
    node = Node(named(name), ua.NodeClass.Variable, browse_name, ua.LocalizedText(shown, "en"), said)
    access = 3 if tag.writable else 1
    node.attributes = variable_attributes(data_type_node(tag), access=access)
    node.value = ua.Variant(representable(tag.initial, tag.type), VARIANT[tag.type])
    node.definition = standard(ObjectIds.BaseDataVariableType)
    space.child(block, HAS_COMPONENT, node)
    model.texts[node.node_id] = Text(tag.title.zh, shown), tag.title
    model.same[node.node_id] = named(tag.name)
