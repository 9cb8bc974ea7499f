"""Sparkplug B payloads: bytes in, values out, and back. Sans-I/O; knows no line, no topic and no session.

Metrics of scalar types with their properties. What is none (data sets, templates, files) is read as a metric without a
value. Whole numbers below zero travel as two's complement in unsigned fields.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from devices.sparkplug.schema import PAYLOAD, payload_pool

Scalar = bool | int | float | str


class MetricType(IntEnum):
    """Data types of a metric and of a property, by the numbers of the norm (6.4.16)."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATE_TIME = 13
    TEXT = 14
    UUID = 15


_BITS = {MetricType.INT8: 8, MetricType.INT16: 16, MetricType.INT32: 32, MetricType.INT64: 64}
_FIELD = {
    **dict.fromkeys(
        (
            MetricType.INT8,
            MetricType.INT16,
            MetricType.INT32,
            MetricType.UINT8,
            MetricType.UINT16,
            MetricType.UINT32,
        ),
        "int_value",
    ),
    **dict.fromkeys((MetricType.INT64, MetricType.UINT64, MetricType.DATE_TIME), "long_value"),
    **dict.fromkeys((MetricType.STRING, MetricType.TEXT, MetricType.UUID), "string_value"),
    MetricType.FLOAT: "float_value",
    MetricType.DOUBLE: "double_value",
    MetricType.BOOLEAN: "boolean_value",
}
_MASK = {"int_value": 0xFFFFFFFF, "long_value": 0xFFFFFFFFFFFFFFFF}
_SCALAR_FIELDS = frozenset(_FIELD.values())
_Payload: Any = GetMessageClass(payload_pool().FindMessageTypeByName(PAYLOAD))  # its fields are not known to mypy


class BadPayload(ValueError):
    """These bytes are no Sparkplug B payload."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a metric; `value` None: null."""

    type: MetricType | None
    value: Scalar | None


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; what is None is left out, but a `value` of None is null. Times are milliseconds since 1970 in UTC."""

    name: str | None = None
    alias: int | None = None
    timestamp_ms: int | None = None
    type: MetricType | None = None
    value: Scalar | None = None
    properties: tuple[tuple[str, Property], ...] = ()
    historical: bool = False
    null: bool = False  # it was said to be null; without that a metric may have no value at all
    typed: bool = True  # whether the type is told; data messages leave it out


@dataclass(frozen=True, slots=True)
class Payload:
    """One message."""

    metrics: tuple[Metric, ...] = ()
    timestamp_ms: int | None = None
    seq: int | None = None


def encode(payload: Payload) -> bytes:
    """The bytes of a message."""
    message = _Payload()
    if payload.timestamp_ms is not None:
        message.timestamp = payload.timestamp_ms
    if payload.seq is not None:
        message.seq = payload.seq
    for metric in payload.metrics:
        _put_metric(message.metrics.add(), metric)
    data: bytes = message.SerializeToString()
    return data


def decode(data: bytes) -> Payload:
    """The values of a message. Raises `BadPayload`."""
    message = _Payload()
    try:
        message.ParseFromString(data)
        return Payload(
            tuple(_metric(each) for each in message.metrics),
            message.timestamp if message.HasField("timestamp") else None,
            message.seq if message.HasField("seq") else None,
        )
    except DecodeError as error:
        raise BadPayload(str(error)) from error


def signed(value: Scalar, type_: MetricType) -> Scalar:
    """A whole number as its type means it; some senders fill 16 bits, some 32 or 64."""
    bits = _BITS.get(type_)
    if bits is None or isinstance(value, bool) or not isinstance(value, int):
        return value
    for width in (bits, 32, 64):
        if 1 << (width - 1) <= value < 1 << width:
            return value - (1 << width)
    return value


def _put_metric(message: Any, metric: Metric) -> None:
    if metric.name is not None:
        message.name = metric.name
    if metric.alias is not None:
        message.alias = metric.alias
    if metric.timestamp_ms is not None:
        message.timestamp = metric.timestamp_ms
    if metric.type is not None and metric.typed:
        message.datatype = metric.type
    if metric.historical:
        message.is_historical = True
    _put_value(message, metric.type, metric.value)
    for key, each in metric.properties:
        message.properties.keys.append(key)
        value = message.properties.values.add()
        if each.type is not None:
            value.type = each.type
        _put_value(value, each.type, each.value)


def _put_value(message: Any, type_: MetricType | None, value: Scalar | None) -> None:
    if value is None:
        message.is_null = True
        return
    if type_ is None:
        raise ValueError("a value needs a type to be written")
    field = _FIELD[type_]
    if field in _MASK:
        value = int(value) & _MASK[field]
    setattr(message, field, value)


def _metric(message: Any) -> Metric:
    type_ = _type(message.datatype) if message.HasField("datatype") else None
    return Metric(
        _text(message.name) if message.HasField("name") else None,
        message.alias if message.HasField("alias") else None,
        message.timestamp if message.HasField("timestamp") else None,
        type_,
        _value(message, type_),
        tuple(zip(map(_text, message.properties.keys), map(_property, message.properties.values), strict=False)),
        message.is_historical,
        message.is_null,
    )


def _property(message: Any) -> Property:
    type_ = _type(message.type) if message.HasField("type") else None
    return Property(type_, _value(message, type_))


def _value(message: Any, type_: MetricType | None) -> Scalar | None:
    field = message.WhichOneof("value")
    if message.is_null or field not in _SCALAR_FIELDS:
        return None
    value: Scalar = getattr(message, field)
    if field == "string_value":
        _text(value)
    return value if type_ is None else signed(value, type_)


def _text(value: object) -> str:
    """The runtime gives bytes where a text is not UTF-8."""
    if not isinstance(value, str):
        raise BadPayload("a text is not UTF-8")
    return value


def _type(number: int) -> MetricType | None:
    return MetricType(number) if number in MetricType.__members__.values() else None
