"""Values as XML of a NodeSet2 file (Part 6, 5.3): built-in types, and structures of namespace 0."""

import base64
import dataclasses
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime

from asyncua import ua

from devices.opcua.model.xml_values import TYPES_XSD

Say = Callable[[ua.NodeId], str]
X = f"{{{TYPES_XSD}}}"
ET.register_namespace("uax", TYPES_XSD)
ENCODINGS = {"Argument": "i=297", "EUInformation": "i=888", "Range": "i=885", "EnumValueType": "i=7616"}


def variant(parent: ET.Element, value: ua.Variant, say: Say) -> bool:
    """Write `<Value>`; False where the value is of a type that a file needs no value of."""
    name, content = value.VariantType.name, value.Value
    listed = isinstance(content, list)
    first = content[0] if listed and content else content
    if content is None or (name == "ExtensionObject" and type(first).__name__ not in ENCODINGS):
        return False
    if name not in WRITERS:
        return False
    holder = ET.SubElement(parent, "Value")
    if listed:
        items = ET.SubElement(holder, f"{X}ListOf{name}")
        for one in content:
            WRITERS[name](ET.SubElement(items, f"{X}{name}"), one, say)
    else:
        WRITERS[name](ET.SubElement(holder, f"{X}{name}"), content, say)
    return True


def _plain(element: ET.Element, value: object, _: Say) -> None:
    element.text = str(value)


def _boolean(element: ET.Element, value: object, _: Say) -> None:
    element.text = "true" if value else "false"


def _time(element: ET.Element, value: object, _: Say) -> None:
    element.text = value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else ""


def _bytes(element: ET.Element, value: object, _: Say) -> None:
    element.text = base64.b64encode(value if isinstance(value, bytes) else b"").decode("ascii")


def _node_id(element: ET.Element, value: object, say: Say) -> None:
    ET.SubElement(element, f"{X}Identifier").text = say(value) if isinstance(value, ua.NodeId) else "i=0"


def _localized(element: ET.Element, value: object, _: Say) -> None:
    if isinstance(value, ua.LocalizedText):
        if value.Locale:
            ET.SubElement(element, f"{X}Locale").text = str(value.Locale)
        ET.SubElement(element, f"{X}Text").text = str(value.Text or "")


def _extension(element: ET.Element, value: object, say: Say) -> None:
    name = type(value).__name__
    ET.SubElement(ET.SubElement(element, f"{X}TypeId"), f"{X}Identifier").text = ENCODINGS[name]
    structure(ET.SubElement(ET.SubElement(element, f"{X}Body"), f"{X}{name}"), value, say)


def structure(element: ET.Element, value: object, say: Say) -> None:
    """The fields of a structure of namespace 0."""
    if not dataclasses.is_dataclass(value):
        return
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        child = ET.SubElement(element, f"{X}{field.name}")
        if isinstance(content, list):
            for one in content:
                ET.SubElement(child, f"{X}UInt32").text = str(one)
        elif isinstance(content, ua.NodeId):
            _node_id(child, content, say)
        elif isinstance(content, ua.LocalizedText):
            _localized(child, content, say)
        elif content is not None:
            child.text = str(content)


WRITERS: dict[str, Callable[[ET.Element, object, Say], None]] = {
    "Boolean": _boolean,
    **dict.fromkeys(
        ("SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double", "String"), _plain
    ),
    "DateTime": _time,
    "ByteString": _bytes,
    "NodeId": _node_id,
    "LocalizedText": _localized,
    "ExtensionObject": _extension,
}
