"""Structures as Python classes: made from a data type's definition, so that asyncua can encode and decode them."""

import dataclasses
from typing import Any

from asyncua import ua
from asyncua.common.structures104 import make_structure
from asyncua.ua.attribute_ids import AttributeIds

from devices.opcua.model.types import Types, split, text_of


def class_of(types: Types, name: str) -> type[Any]:
    """The class of a structure, registered with asyncua once per process, together with those of its fields."""
    node = types.data_type(name)
    known: type[Any] | None = ua.extension_objects_by_datatype.get(node)
    if known is not None:
        return known
    definition = text_of(types.space.see(node), AttributeIds.DataTypeDefinition)
    if not isinstance(definition, ua.StructureDefinition):
        raise TypeError(f"{name} is no structure")
    model, bare = split(name)
    for field in definition.Fields:
        if field.DataType.NamespaceIndex and field.DataType != node:
            browse_name = text_of(types.space.see(field.DataType), AttributeIds.BrowseName)
            if isinstance(browse_name, ua.QualifiedName):
                class_of(types, f"{model}:{browse_name.Name}")
    made: type[Any] = make_structure(node, bare, definition)[bare]
    ua.register_extension_object(bare, definition.DefaultEncodingId, made, node)
    return made


def filled(kind: type[Any], **values: object) -> object:
    """An object of a structure with these fields; no field that it does not have."""
    names = {field.name for field in dataclasses.fields(kind)}
    unknown = set(values) - names
    if unknown:
        raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    return kind(**values)
