"""Discrete items (OPC 10000-8, 5.3.3): what true and false are called, and what the numbers of a state mean."""

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.model.node_ids import named, standard
from devices.opcua.model.space import HAS_PROPERTY, Node, Space
from devices.opcua.model.types import variable_attributes
from sim.packml import TITLES
from sim.tag import DataType, Tag
from sim.text import Text

# one pair of properties for all switched signals of a line
TWO_STATES = (("TrueState", Text("通", "on")), ("FalseState", Text("断", "off")))
_PACKML = [Text("未定义", "Undefined"), *(TITLES[state] for state in sorted(TITLES))]
NAMES: dict[str, list[Text]] = {
    "state": _PACKML,
    "state_request": [Text("无", "None"), *_PACKML[1:]],
    "control": [Text("内置程序", "built-in"), Text("Modbus", "modbus"), Text("OPC UA", "opcua"), Text("MQTT", "mqtt")],
}


def names(tag: Tag) -> list[Text] | None:
    """What the values of a tag are called, from 0. Only unsigned ones have names (5.3.3.3)."""
    return NAMES.get(tag.signal) if tag.type is DataType.UINT else None


def two_states(space: Space) -> None:
    for name, text in TWO_STATES:
        space.add(_property(f"TwoState.{name}", name, ua.Variant(english(text), ua.VariantType.LocalizedText)))


def say_states(space: Space, owner: ua.NodeId) -> None:
    for name, _ in TWO_STATES:
        space.refer(owner, HAS_PROPERTY, named(f"TwoState.{name}"))


def say_names(space: Space, owner: ua.NodeId, tag: str, given: list[Text]) -> None:
    texts = ua.Variant([english(text) for text in given], ua.VariantType.LocalizedText, is_array=True)
    space.child(owner, HAS_PROPERTY, _property(f"{tag}.EnumStrings", "EnumStrings", texts))


def english(text: Text) -> ua.LocalizedText:
    return ua.LocalizedText(text.en, "en")


def _property(path: str, name: str, value: ua.Variant) -> Node:
    said = ua.LocalizedText(name, "en")
    node = Node(named(path), ua.NodeClass.Variable, ua.QualifiedName(name, ua.Int16(0)), said, said)
    node.attributes = variable_attributes(standard(ObjectIds.LocalizedText), array=bool(value.is_array))
    node.value = value
    node.definition = standard(ObjectIds.PropertyType)
    return node
