"""Values as NodeSet2 files write them (Part 6, 5.3: XML encoding), read into asyncua's classes and written again.

Built-in types and those structures whose class asyncua knows; a field of a structure is found by its name and type.
"""

import base64
import dataclasses
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime
from enum import IntEnum

from asyncua import ua

TYPES_XSD = "http://opcfoundation.org/UA/2008/02/Types.xsd"
Resolve = Callable[[str], ua.NodeId]
INTEGERS = ("SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64")
_CLASS = re.compile(r"ua\.(?:\w+\.)*(\w+)")


class XmlValueError(ValueError):
    """A value that this reader does not understand."""


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def part(element: ET.Element, name: str) -> ET.Element | None:
    return next((child for child in element if local(child) == name), None)


def text(element: ET.Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _boolean(element: ET.Element, _: Resolve) -> object:
    return text(element).lower() in ("true", "1")


def _integer(element: ET.Element, _: Resolve) -> object:
    return int(text(element) or 0)


def _real(element: ET.Element, _: Resolve) -> object:
    return float(text(element).replace("INF", "inf") or 0)


def _string(element: ET.Element, _: Resolve) -> object:
    return element.text or ""


def _time(element: ET.Element, _: Resolve) -> object:
    return datetime.fromisoformat(text(element))


def _bytes(element: ET.Element, _: Resolve) -> object:
    return base64.b64decode(text(element))


def _guid(element: ET.Element, _: Resolve) -> object:
    return uuid.UUID(text(part(element, "String")) or text(element))


def _node_id(element: ET.Element, resolve: Resolve) -> object:
    return resolve(text(part(element, "Identifier")) or text(element))


def _localized(element: ET.Element, _: Resolve) -> object:
    found, locale = part(element, "Text"), text(part(element, "Locale"))
    return ua.LocalizedText((found.text or "") if found is not None else None, locale or None)


def _qualified(element: ET.Element, resolve: Resolve) -> object:
    index = int(text(part(element, "NamespaceIndex")) or 0)
    return ua.QualifiedName(text(part(element, "Name")), resolve(f"ns={index};i=0").NamespaceIndex)


def _extension(element: ET.Element, resolve: Resolve) -> object:
    body = part(element, "Body")
    if body is None or not len(body):
        return None
    known: type | None = getattr(ua, local(body[0]), None)
    # a structure of a companion model has no class here, unless a client of this process made one: the same both times
    kind = getattr(known, "data_type", None)
    if known is None or not isinstance(kind, ua.NodeId) or kind.NamespaceIndex:
        return None
    return structure(body[0], known, resolve)


def structure(element: ET.Element, known: type, resolve: Resolve) -> object:
    """An object of a dataclass of asyncua from its XML."""
    given = {local(child): child for child in element}
    made = known()
    for field in dataclasses.fields(known):
        if field.name in given:
            setattr(made, field.name, _field(given[field.name], str(field.type), resolve))
    return made


def _field(element: ET.Element, annotation: str, resolve: Resolve) -> object:
    found = _CLASS.search(annotation)
    if found is None:
        raise XmlValueError(f"a field of type {annotation}")
    name = found.group(1)
    if annotation.replace("typing.Optional[", "").startswith("list["):
        return [_one(child, name, resolve) for child in element]
    return _one(element, name, resolve)


def _one(element: ET.Element, name: str, resolve: Resolve) -> object:
    if name in READERS:
        return READERS[name](element, resolve)
    known = getattr(ua, name, None)
    if isinstance(known, type) and issubclass(known, IntEnum):
        return known(int(text(element).rpartition("_")[2] or 0))
    if known is None:
        raise XmlValueError(f"a value of type {name}")
    return structure(element, known, resolve)


READERS: dict[str, Callable[[ET.Element, Resolve], object]] = {
    "Boolean": _boolean,
    **dict.fromkeys(INTEGERS, _integer),
    "Float": _real,
    "Double": _real,
    "String": _string,
    "DateTime": _time,
    "ByteString": _bytes,
    "Guid": _guid,
    "NodeId": _node_id,
    "ExpandedNodeId": _node_id,
    "LocalizedText": _localized,
    "QualifiedName": _qualified,
    "ExtensionObject": _extension,
}


def read(element: ET.Element, resolve: Resolve) -> ua.Variant | None:
    """The variant in a `<Value>`; None where there is none that could be read."""
    if not len(element):
        return None
    inner = element[0]
    name = local(inner)
    listed = name.startswith("ListOf")
    base = name.removeprefix("ListOf")
    if base not in READERS:
        return None
    reader = READERS[base]
    value = [reader(child, resolve) for child in inner] if listed else reader(inner, resolve)
    if value is None or (isinstance(value, list) and None in value):
        return None
    return ua.Variant(value, ua.VariantType[base], is_array=listed)


def types_of(value: object) -> tuple[str, ...]:
    """Names of the fields of a structure of asyncua, without the one that counts optional fields."""
    if not dataclasses.is_dataclass(value):
        raise XmlValueError(f"{type(value).__name__} is no structure")
    return tuple(field.name for field in dataclasses.fields(value) if field.name != "Encoding")
