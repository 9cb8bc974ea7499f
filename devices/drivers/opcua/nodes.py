"""Addresses as node ids, and data values with status codes as what was heard. Opens nothing.

`ns=2;s=speed`, `ns=3;i=379`, or, as the number of a namespace may change at each start of a server, its name:
`nsu=urn:example:press;s=speed`.
"""

import math
from collections.abc import Sequence

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError

from devices.drivers.driver import Heard, Raw
from devices.drivers.point import DeviceType, Point
from devices.drivers.reason import PointError, Reason, Why
from sim.tag import Value

TYPES: dict[int, DeviceType] = {
    ua.VariantType.Boolean.value: DeviceType.BOOL,
    ua.VariantType.SByte.value: DeviceType.SINT,
    ua.VariantType.Byte.value: DeviceType.USINT,
    ua.VariantType.Int16.value: DeviceType.INT,
    ua.VariantType.UInt16.value: DeviceType.UINT,
    ua.VariantType.Int32.value: DeviceType.DINT,
    ua.VariantType.UInt32.value: DeviceType.UDINT,
    ua.VariantType.Int64.value: DeviceType.LINT,
    ua.VariantType.UInt64.value: DeviceType.ULINT,
    ua.VariantType.Float.value: DeviceType.REAL,
    ua.VariantType.Double.value: DeviceType.LREAL,
}
VARIANTS = {type_: ua.VariantType(number) for number, type_ in TYPES.items()}
_BELOW = {ObjectIds.Enumeration: DeviceType.DINT, ObjectIds.Duration: DeviceType.LREAL}
_WHY = {
    StatusCodes.BadTypeMismatch: Why.TYPE,
    StatusCodes.BadOutOfRange: Why.RANGE,
    StatusCodes.BadWaitingForInitialData: Why.NOT_YET,
    StatusCodes.BadNotWritable: Why.READ_ONLY,
}
UNCERTAIN, BAD = 1, 2  # the two upper bits of a status code, OPC 10000-4, 7.39


def standard(number: int) -> ua.NodeId:
    """A node of namespace 0."""
    return ua.NodeId(ua.Int32(number))


def node_id(tag: str, address: str, namespaces: Sequence[str] | None = None) -> ua.NodeId | None:
    """The node that an address means; None: the server has no such namespace. Raises `PointError`.

    Without `namespaces` only the notation is looked at.
    """
    text, uri = address.strip(), ""
    if text.startswith("nsu="):
        uri, _, text = text[4:].partition(";")
    try:
        found = ua.NodeId.from_string(text)
    except (UaError, ValueError, TypeError) as error:
        raise PointError(f"{tag}: {address!r} is no node id; ns=2;s=speed or nsu=urn:x:y;i=12 is") from error
    if not text or found.NodeIdType is None:
        raise PointError(f"{tag}: {address!r} is no node id; ns=2;s=speed or nsu=urn:x:y;i=12 is")
    if not uri or namespaces is None:
        return found
    if uri not in namespaces:
        return None
    return ua.NodeId(found.Identifier, ua.Int16(namespaces.index(uri)), found.NodeIdType)


def reason(code: ua.StatusCode) -> Reason:
    """Why a server does not do what it was asked."""
    return Reason(_WHY.get(code.value, Why.REFUSED), str(code.name))


def heard(point: Point, value: ua.DataValue) -> Heard:
    """What a data value says of a point."""
    code = value.StatusCode or ua.StatusCode()
    severity = code.value >> 30
    if severity >= BAD:
        return reason(code)
    variant = value.Value
    if variant is None or variant.Value is None:
        return Reason(Why.TYPE, "the node has no value")
    if variant.is_array:
        return Reason(Why.TYPE, "the node is an array")
    type_ = TYPES.get(variant.VariantType.value)
    if type_ is not point.device_type:
        return Reason(Why.TYPE, f"the node is a {type_ or variant.VariantType.name}, not a {point.device_type}")
    return Raw(variant.Value, value.SourceTimestamp, str(code.name) if severity == UNCERTAIN else "")


def type_of(value: ua.DataValue, data_type: ua.DataValue) -> DeviceType | None:
    """The type of a node, by its value or, where it has none, by its DataType attribute."""
    variant = value.Value
    if variant is not None and variant.Value is not None:
        return None if variant.is_array else TYPES.get(variant.VariantType.value)
    declared = data_type.Value.Value if data_type.Value is not None else None
    if not isinstance(declared, ua.NodeId) or declared.NamespaceIndex:
        return None
    number = int(str(declared.Identifier))
    return TYPES.get(number, _BELOW.get(number))


def variant_of(value: Value, type_: DeviceType) -> ua.Variant | None:
    """A value in a node's own type; None where that does not hold it exactly."""
    meant: Value | None = value
    if type_ is DeviceType.BOOL:
        meant = value if isinstance(value, bool) else None
    elif isinstance(value, bool):
        meant = None
    elif (limits := type_.range) is None:
        meant = float(value)
    elif not math.isfinite(value) or value != int(value) or not limits[0] <= value <= limits[1]:
        meant = None
    else:
        meant = int(value)
    return None if meant is None else ua.Variant(meant, VARIANTS[type_])
