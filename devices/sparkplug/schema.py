"""The Sparkplug B payload as protobuf messages, built from the field numbers of the published schema (chapter 6).

Knows nothing of what the fields mean. No generated file: the descriptor is a table.
"""

from google.protobuf import descriptor_pb2, descriptor_pool

_PACKAGE = "linelab.sparkplug"
_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "u32": _Field.TYPE_UINT32,
    "u64": _Field.TYPE_UINT64,
    "f32": _Field.TYPE_FLOAT,
    "f64": _Field.TYPE_DOUBLE,
    "bool": _Field.TYPE_BOOL,
    "text": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
}

# message: fields as name:type, numbered from 1 in this order; * repeated, | one of `value`
_SCALAR_VALUES = (
    "|int_value:u32 |long_value:u64 |float_value:f32 |double_value:f64 |boolean_value:bool |string_value:text"
)
_MESSAGES = {
    "Parameter": f"name:text type:u32 {_SCALAR_VALUES}",
    "Template": "version:text *metrics:Metric *parameters:Parameter template_ref:text is_definition:bool",
    "DataSetValue": _SCALAR_VALUES,
    "Row": "*elements:DataSetValue",
    "DataSet": "num_of_columns:u64 *columns:text *types:u32 *rows:Row",
    "PropertyValue": "type:u32 is_null:bool "
    f"{_SCALAR_VALUES} |propertyset_value:PropertySet |propertysets_value:PropertySetList",
    "PropertySet": "*keys:text *values:PropertyValue",
    "PropertySetList": "*propertyset:PropertySet",
    "MetaData": "is_multi_part:bool content_type:text size:u64 seq:u64 file_name:text file_type:text md5:text "
    "description:text",
    "Metric": "name:text alias:u64 timestamp:u64 datatype:u32 is_historical:bool is_transient:bool is_null:bool "
    f"metadata:MetaData properties:PropertySet {_SCALAR_VALUES} |bytes_value:bytes |dataset_value:DataSet "
    "|template_value:Template",
    "Payload": "timestamp:u64 *metrics:Metric seq:u64 uuid:text body:bytes",
}


def payload_pool() -> descriptor_pool.DescriptorPool:
    """A pool of its own, so that another copy of the schema in the same process does not clash."""
    file = descriptor_pb2.FileDescriptorProto(name="linelab_sparkplug.proto", package=_PACKAGE, syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field in enumerate(fields.split(), 1):
            _add(message, field, number)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


PAYLOAD = f"{_PACKAGE}.Payload"


def _add(message: descriptor_pb2.DescriptorProto, text: str, number: int) -> None:
    name, _, kind = text.lstrip("*|").partition(":")
    field = message.field.add(name=name, number=number)
    field.label = _Field.LABEL_REPEATED if text.startswith("*") else _Field.LABEL_OPTIONAL
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    if text.startswith("|"):
        if not message.oneof_decl:
            message.oneof_decl.add(name="value")
        field.oneof_index = 0
