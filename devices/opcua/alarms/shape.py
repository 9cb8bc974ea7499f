"""What a condition of an alarm consists of: its type, and each field with its path, data type and kind of node.

Only what never changes; equal shapes give equal nodes for all benches of a process. Knows no value and no session.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.events import Path, path
from devices.opcua.values import node_id
from sim.alarms.definition import AlarmDefinition
from sim.text import Text

V = ua.VariantType
TYPES: dict[str, int] = {
    "exclusive": ObjectIds.ExclusiveLevelAlarmType,
    "non_exclusive": ObjectIds.NonExclusiveLevelAlarmType,
    "rate": ObjectIds.ExclusiveRateOfChangeAlarmType,
    "discrete": ObjectIds.DiscreteAlarmType,
    "off_normal": ObjectIds.OffNormalAlarmType,
    "system_off_normal": ObjectIds.SystemOffNormalAlarmType,
    "trip": ObjectIds.TripAlarmType,
}
OFF_NORMAL = frozenset({"off_normal", "system_off_normal", "trip"})
LEVEL_NAMES = {"hihi": "HighHigh", "hi": "High", "lo": "Low", "lolo": "LowLow"}
EXCLUSIVE_STATES = {
    level: node_id(getattr(ObjectIds, f"ExclusiveLimitStateMachineType_{name}")) for level, name in LEVEL_NAMES.items()
}
DATA_TYPES: dict[V, int] = {
    V.Boolean: ObjectIds.Boolean,
    V.UInt16: ObjectIds.UInt16,
    V.Double: ObjectIds.Double,
    V.String: ObjectIds.String,
    V.DateTime: ObjectIds.UtcTime,
    V.ByteString: ObjectIds.ByteString,
    V.NodeId: ObjectIds.NodeId,
    V.LocalizedText: ObjectIds.LocalizedText,
    V.StatusCode: ObjectIds.StatusCode,
}
PROPERTY, PLAIN, STATE, CONDITION = (
    ObjectIds.PropertyType,
    ObjectIds.BaseDataVariableType,
    ObjectIds.TwoStateVariableType,
    ObjectIds.ConditionVariableType,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One variable of a condition; its path is below the condition and among the fields of its events."""

    path: Path
    type: V
    kind: int = PROPERTY
    data_type: int = 0  # where it is not that of the variant
    event_only: bool = False  # of an event, not of the condition's instance


@dataclass(frozen=True, slots=True)
class Shape:
    """An alarm as far as its nodes show it."""

    name: str
    title: Text
    message: Text
    type: str
    levels: tuple[str, ...]
    limits: tuple[tuple[str, float], ...]
    tag: str
    on_delay_ns: int
    off_delay_ns: int
    shelve_most_ns: int
    confirm: bool
    latch: bool

    @property
    def station(self) -> str:
        return self.name.partition(".")[0]

    @property
    def bare(self) -> str:
        return self.name.partition(".")[2]

    @property
    def exclusive(self) -> bool:
        return self.type in ("exclusive", "rate")


def shapes(definitions: Mapping[str, AlarmDefinition]) -> tuple[Shape, ...]:
    return tuple(
        Shape(
            name, d.title, d.message, d.type, d.levels, tuple(d.limits.items()), d.tag, d.on_delay_ns,
            d.off_delay_ns, d.shelve_most_ns, d.confirm, d.latch,
        )
        for name, d in definitions.items()
    )  # fmt: skip


def _two_state(name: str) -> Iterator[Field]:
    yield Field((name,), V.LocalizedText, STATE)
    yield Field((name, "Id"), V.Boolean)
    yield Field((name, "TransitionTime"), V.DateTime)


def _of_condition(name: str, kind: V) -> Iterator[Field]:
    yield Field((name,), kind, CONDITION)
    yield Field((name, "SourceTimestamp"), V.DateTime)


def _machine(name: str) -> Iterator[Field]:
    yield Field((name, "CurrentState"), V.LocalizedText, ObjectIds.FiniteStateVariableType)
    yield Field((name, "CurrentState", "Id"), V.NodeId)


def fields(shape: Shape) -> Iterator[Field]:
    """All fields, parents before their children."""
    yield from _BASE
    for name in ("EnabledState", "AckedState", *(["ConfirmedState"] if shape.confirm else [])):
        yield from _two_state(name)
    for name, kind in (("Quality", V.StatusCode), ("LastSeverity", V.UInt16), ("Comment", V.LocalizedText)):
        yield from _of_condition(name, kind)
    states = ("ActiveState", "SuppressedState", "OutOfServiceState", *(["LatchedState"] if shape.latch else []))
    for name in states:
        yield from _two_state(name)
    yield from _machine("ShelvingState")
    yield Field(("ShelvingState", "UnshelveTime"), V.Double, data_type=ObjectIds.Duration)
    yield from _ALARM
    yield from _of_type(shape)


def _of_type(shape: Shape) -> Iterator[Field]:
    if shape.type in OFF_NORMAL:
        yield Field(path("NormalState"), V.NodeId)
    for level in shape.levels if shape.limits else ():
        yield Field((f"{LEVEL_NAMES[level]}Limit",), V.Double)
    if shape.exclusive:
        yield from _machine("LimitState")
    elif shape.limits:
        for level in shape.levels:
            yield from _two_state(f"{LEVEL_NAMES[level]}State")


_BASE = (
    Field(path("EventId"), V.ByteString),
    Field(path("EventType"), V.NodeId),
    Field(path("SourceNode"), V.NodeId),
    Field(path("SourceName"), V.String),
    Field(path("Time"), V.DateTime),
    Field(path("ReceiveTime"), V.DateTime),
    Field(path("Message"), V.LocalizedText),
    Field(path("Severity"), V.UInt16),
    Field(path("ConditionClassId"), V.NodeId),
    Field(path("ConditionClassName"), V.LocalizedText),
    Field(path("ConditionName"), V.String),
    Field(path("BranchId"), V.NodeId),
    Field(path("Retain"), V.Boolean),
    Field(path("ClientUserId"), V.String),
)
_ALARM = (
    Field(path("InputNode"), V.NodeId),
    Field(path("SuppressedOrShelved"), V.Boolean),
    Field(path("MaxTimeShelved"), V.Double, data_type=ObjectIds.Duration),
    Field(path("OnDelay"), V.Double, data_type=ObjectIds.Duration),
    Field(path("OffDelay"), V.Double, data_type=ObjectIds.Duration),
)
MACHINES = {"ShelvingState": ObjectIds.ShelvedStateMachineType, "LimitState": ObjectIds.ExclusiveLimitStateMachineType}
