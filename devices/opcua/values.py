"""Readings, types, units and refusals in the words of OPC UA. Knows no server, session or node."""

import math
from datetime import datetime
from typing import cast

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.quality import has_value
from sim.refusal import Refusal
from sim.tag import INTEGER_RANGE, DataType, Quality, Reading, Reason, Tag, Value

VARIANT: dict[DataType, ua.VariantType] = {
    DataType.BOOL: ua.VariantType.Boolean,
    DataType.INT: ua.VariantType.Int16,
    DataType.UINT: ua.VariantType.UInt16,
    DataType.DINT: ua.VariantType.Int32,
    DataType.UDINT: ua.VariantType.UInt32,
    DataType.REAL: ua.VariantType.Float,
}

REFUSED: dict[Refusal, int] = {
    Refusal.UNKNOWN: StatusCodes.BadNodeIdUnknown,
    Refusal.READ_ONLY: StatusCodes.BadNotWritable,
    Refusal.RANGE: StatusCodes.BadOutOfRange,
    Refusal.TYPE: StatusCodes.BadTypeMismatch,
    Refusal.NOT_OWNER: StatusCodes.BadUserAccessDenied,
    Refusal.PAUSED: StatusCodes.BadInvalidState,
    Refusal.STATE: StatusCodes.BadInvalidState,
    Refusal.OFFLINE: StatusCodes.BadNoCommunication,
    Refusal.FORBIDDEN: StatusCodes.BadUserAccessDenied,
}

# by the reason for a quality; a quality that says none has the code of the quality itself
CODES: dict[str, int] = {
    Reason.SENSOR_FAILURE: StatusCodes.BadSensorFailure,
    Reason.DEVICE_FAILURE: StatusCodes.BadDeviceFailure,
    Reason.NO_COMMUNICATION: StatusCodes.BadNoCommunication,
    Reason.NOT_CONNECTED: StatusCodes.BadNotConnected,
    Reason.OUT_OF_SERVICE: StatusCodes.BadOutOfService,
    Reason.CONFIGURATION: StatusCodes.BadConfigurationError,
    Reason.LAST_USABLE: StatusCodes.UncertainLastUsableValue,
    Reason.NO_COMMUNICATION_LAST_USABLE: StatusCodes.UncertainNoCommunicationLastUsableValue,
    Reason.ENGINEERING_UNITS_EXCEEDED: StatusCodes.UncertainEngineeringUnitsExceeded,
    Reason.SENSOR_NOT_ACCURATE: StatusCodes.UncertainSensorNotAccurate,
    Reason.SUB_NORMAL: StatusCodes.UncertainSubNormal,
    Reason.LOCAL_OVERRIDE: StatusCodes.GoodLocalOverride,
}
SEVERITY = {Quality.GOOD: 0, Quality.UNCERTAIN: 1, Quality.BAD: 2}  # the two highest bits of a status code
PLAIN = {
    Quality.GOOD: StatusCodes.Good,
    Quality.UNCERTAIN: StatusCodes.Uncertain,
    Quality.BAD: StatusCodes.Bad,
}

UNECE = "http://www.opcfoundation.org/UA/units/un/cefact"
# UNECE Recommendation 20 common codes and what each unit is called
UNITS: dict[str, tuple[str, str]] = {
    "1": ("C62", "one"),
    "pieces": ("H87", "piece"),
    "pcs": ("H87", "piece"),
    "%": ("P1", "percent"),
    "mm": ("MMT", "millimetre"),
    "m": ("MTR", "metre"),
    "mm/s": ("C16", "millimetre per second"),
    "m/s": ("MTS", "metre per second"),
    "s": ("SEC", "second"),
    "ms": ("C26", "millisecond"),
    "min": ("MIN", "minute"),
    "h": ("HUR", "hour"),
    "A": ("AMP", "ampere"),
    "V": ("VLT", "volt"),
    "W": ("WTT", "watt"),
    "kW": ("KWT", "kilowatt"),
    "kWh": ("KWH", "kilowatt hour"),
    "N": ("NEW", "newton"),
    "kN": ("B47", "kilonewton"),
    "°C": ("CEL", "degree Celsius"),
    "°": ("DD", "degree"),
    "rpm": ("RPM", "revolutions per minute"),
    "1/min": ("RPM", "revolutions per minute"),
    "bar": ("BAR", "bar"),
    "Hz": ("HTZ", "hertz"),
    "kg": ("KGM", "kilogram"),
    "g": ("GRM", "gram"),
    "l": ("LTR", "litre"),
    "L": ("LTR", "litre"),
    "L/min": ("L2", "litre per minute"),
    "mL": ("MLT", "millilitre"),
    "mL/s": ("40", "millilitre per second"),
    "kPa": ("KPA", "kilopascal"),
    "Nm": ("NU", "newton metre"),
    "µm": ("4H", "micrometre"),
    "deg": ("DD", "degree"),
    "deg/s": ("E96", "degree per second"),
    "°/s": ("E96", "degree per second"),
    "mm/min": ("H81", "millimetre per minute"),
    "mA": ("4K", "milliampere"),
    "lx": ("LUX", "lux"),
    "dB": ("2N", "decibel"),
    "K": ("KEL", "kelvin"),
    "MPa": ("MPA", "megapascal"),
    "t": ("TNE", "tonne"),
    "mg": ("MGM", "milligram"),
    "cm": ("CMT", "centimetre"),
    "m³/h": ("MQH", "cubic metre per hour"),
    "µS/cm": ("G42", "microsiemens per centimetre"),
    "d": ("DAY", "day"),
    "Wh": ("WHR", "watt hour"),
    "J": ("JOU", "joule"),
    "µs": ("B98", "microsecond"),
    "l/min": ("L2", "litre per minute"),
}


def status_code(number: int) -> ua.StatusCode:
    return ua.StatusCode(ua.UInt32(number))


def stamp(time: datetime) -> ua.DateTime:
    return cast("ua.DateTime", time)  # asyncua names the type, and takes and gives a plain datetime


def node_id(number: int) -> ua.NodeId:
    """A node of namespace 0."""
    return ua.NodeId(ua.Int32(number))


FLOAT_MAX = 3.4028234663852886e38
GOOD = status_code(StatusCodes.Good)
NULL = ua.Variant(None, ua.VariantType.Null)


class WireValue(ua.DataValue):
    """A value as it was said, never changed in place; `wire` keeps its encoding for all subscribers."""

    __slots__ = ("wire",)
    wire: bytes


def status(reading: Reading) -> ua.StatusCode:
    """The reason's code where it is of the reading's quality, else the quality's own."""
    if reading.quality is Quality.GOOD and not reading.reason:
        return GOOD
    code = CODES.get(reading.reason)
    if code is None or code >> 30 != SEVERITY[reading.quality]:
        code = PLAIN[reading.quality]
    return status_code(code)


def representable(value: Value, data_type: DataType) -> Value:
    """The value that the data type can carry: a model's slip must not end in an encoder that breaks a subscription."""
    if data_type is DataType.BOOL:
        return bool(value)
    if data_type is DataType.REAL:
        number = float(value)
        return math.copysign(math.inf, number) if abs(number) > FLOAT_MAX else number
    low, high = INTEGER_RANGE[data_type]
    return int(min(max(value, low), high))


def data_value(tag: Tag, reading: Reading, now: datetime, since: datetime | None = None) -> WireValue:
    """A reading as it is said; `since` is the time of an old value, else it is of now. What nobody knows is null."""
    known = has_value(reading)
    variant = ua.Variant(representable(reading.value, tag.type), VARIANT[tag.type]) if known else NULL
    source = stamp(now if since is None else since)
    return WireValue(Value=variant, StatusCode=status(reading), SourceTimestamp=source, ServerTimestamp=stamp(now))


def variant_fits(tag: Tag, variant: ua.Variant) -> bool:
    """A Value must have the data type of its node; no number is cast to another (Part 4, 5.11.4)."""
    return not variant.is_array and variant.VariantType == VARIANT[tag.type]


def describe(variant: ua.Variant) -> str:
    """A value of a wrong type as traffic shows it. Being text, it is refused by every tag."""
    return f"{variant.VariantType.name} {variant.Value!r}"[:80]


def data_type_node(tag: Tag) -> ua.NodeId:
    # the built-in types have the same numbers as variant and as DataType node
    return node_id(VARIANT[tag.type].value)


def unit_id(code: str) -> int:
    """Number of a UNECE code: its characters as bytes of an integer (Part 8, 5.6.4.3)."""
    return int.from_bytes(code.encode("ascii"), "big")


def engineering_unit(unit: str) -> ua.EUInformation:
    code, description = UNITS.get(unit, ("", unit))
    return ua.EUInformation(
        NamespaceUri=UNECE if code else "",
        UnitId=unit_id(code) if code else -1,
        DisplayName=ua.LocalizedText(unit, "en"),
        Description=ua.LocalizedText(description, "en"),
    )


def eu_range(tag: Tag) -> ua.Range | None:
    limits = tag.range
    return None if limits is None else ua.Range(Low=float(limits[0]), High=float(limits[1]))
