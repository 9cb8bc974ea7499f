"""The values of a condition's fields, from the alarm as it is now. Knows no node and no session."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from devices.alarms import Times
from devices.opcua.alarms.shape import EXCLUSIVE_STATES, LEVEL_NAMES, OFF_NORMAL, TYPES, Shape
from devices.opcua.events import Path
from devices.opcua.model.node_ids import named
from devices.opcua.values import node_id
from sim.alarms.state import ONE_SHOT, TIMED, AlarmNow

V = ua.VariantType
Fields = dict[Path, ua.Variant]
SHELF = {
    "": ("Unshelved", node_id(ObjectIds.ShelvedStateMachineType_Unshelved)),
    TIMED: ("TimedShelved", node_id(ObjectIds.ShelvedStateMachineType_TimedShelved)),
    ONE_SHOT: ("OneShotShelved", node_id(ObjectIds.ShelvedStateMachineType_OneShotShelved)),
}
PROCESS, SYSTEM = node_id(ObjectIds.ProcessConditionClassType), node_id(ObjectIds.SystemConditionClassType)
BEYOND = {"hi": ("hi",), "hihi": ("hi", "hihi"), "lo": ("lo",), "lolo": ("lo", "lolo")}
MS = 10**6


@dataclass(frozen=True, slots=True)
class Moment:
    """What a condition says at one instant, beside the alarm itself."""

    event_id: bytes
    utc: datetime
    times: Times
    last_severity: int
    bad: bool  # the quality of what it looks at
    unshelve_ms: float


def text(said: str) -> ua.Variant:
    return ua.Variant(ua.LocalizedText(said, "en"), V.LocalizedText)


def values(shape: Shape, now: AlarmNow, at: Moment) -> Fields:
    """All fields of the alarm's type that this server has."""
    return {
        **_base(shape, now, at),
        **dict(_states(shape, now, at)),
        **_alarm(shape, now, at),
        **dict(_limits(shape, now, at)),
    }


def _base(shape: Shape, now: AlarmNow, at: Moment) -> Fields:
    system = shape.type == "system_off_normal"
    return {
        ("EventId",): ua.Variant(at.event_id, V.ByteString),
        ("EventType",): ua.Variant(node_id(TYPES[shape.type]), V.NodeId),
        ("SourceNode",): ua.Variant(named(shape.station), V.NodeId),
        ("SourceName",): ua.Variant(shape.station, V.String),
        ("Time",): ua.Variant(at.utc, V.DateTime),
        ("ReceiveTime",): ua.Variant(at.utc, V.DateTime),
        ("Message",): text(f"{shape.message.zh} / {shape.message.en}"),
        ("Severity",): ua.Variant(now.severity, V.UInt16),
        ("ConditionClassId",): ua.Variant(SYSTEM if system else PROCESS, V.NodeId),
        ("ConditionClassName",): text("SystemConditionClassType" if system else "ProcessConditionClassType"),
        ("ConditionName",): ua.Variant(shape.name, V.String),
        ("BranchId",): ua.Variant(ua.NodeId(), V.NodeId),
        ("Retain",): ua.Variant(now.retain, V.Boolean),
        ("ClientUserId",): ua.Variant(now.comment_by or None, V.String),
        ("Quality",): ua.Variant(ua.StatusCode(ua.UInt32(0x80000000 if at.bad else 0)), V.StatusCode),
        ("Quality", "SourceTimestamp"): ua.Variant(at.utc, V.DateTime),
        ("LastSeverity",): ua.Variant(at.last_severity, V.UInt16),
        ("LastSeverity", "SourceTimestamp"): ua.Variant(at.utc, V.DateTime),
        ("Comment",): text(now.comment),
        ("Comment", "SourceTimestamp"): ua.Variant(at.times.commented or at.utc, V.DateTime),
    }


def _two_state(name: str, on: bool, words: tuple[str, str], since: datetime) -> Iterator[tuple[Path, ua.Variant]]:
    yield (name,), text(words[0] if on else words[1])
    yield (name, "Id"), ua.Variant(on, V.Boolean)
    yield (name, "TransitionTime"), ua.Variant(since, V.DateTime)


def _states(shape: Shape, now: AlarmNow, at: Moment) -> Iterator[tuple[Path, ua.Variant]]:
    came = (at.times.active if now.active else at.times.returned) or at.utc
    yield from _two_state("EnabledState", now.enabled, ("Enabled", "Disabled"), at.utc)
    yield from _two_state("ActiveState", now.active, ("Active", "Inactive"), came)
    yield from _two_state("AckedState", now.acked, ("Acknowledged", "Unacknowledged"), at.times.acked or at.utc)
    if shape.confirm:
        words = ("Confirmed", "Unconfirmed")
        yield from _two_state("ConfirmedState", now.confirmed, words, at.times.confirmed or at.utc)
    yield from _two_state("SuppressedState", now.suppressed, ("Suppressed", "Unsuppressed"), at.utc)
    yield from _two_state("OutOfServiceState", now.out_of_service, ("Out of Service", "In Service"), at.utc)
    if shape.latch:
        yield from _two_state("LatchedState", now.latched, ("Latched", "Unlatched"), at.utc)


def _alarm(shape: Shape, now: AlarmNow, at: Moment) -> Fields:
    word, state = SHELF[now.shelved]
    hidden = now.suppressed or now.out_of_service or bool(now.shelved)
    return {
        ("ShelvingState", "CurrentState"): text(word),
        ("ShelvingState", "CurrentState", "Id"): ua.Variant(state, V.NodeId),
        ("ShelvingState", "UnshelveTime"): ua.Variant(at.unshelve_ms, V.Double),
        ("InputNode",): ua.Variant(named(shape.tag) if shape.tag else ua.NodeId(), V.NodeId),
        ("SuppressedOrShelved",): ua.Variant(hidden, V.Boolean),
        ("MaxTimeShelved",): ua.Variant(shape.shelve_most_ns / MS, V.Double),
        ("OnDelay",): ua.Variant(shape.on_delay_ns / MS, V.Double),
        ("OffDelay",): ua.Variant(shape.off_delay_ns / MS, V.Double),
    }


def _limits(shape: Shape, now: AlarmNow, at: Moment) -> Iterator[tuple[Path, ua.Variant]]:
    if shape.type in OFF_NORMAL:
        yield ("NormalState",), ua.Variant(ua.NodeId(), V.NodeId)
    for level, limit in shape.limits:
        yield (f"{LEVEL_NAMES[level]}Limit",), ua.Variant(limit, V.Double)
    if shape.exclusive:
        # without a level the machine is in none of its states (OPC 10000-9, 5.8.19)
        yield ("LimitState", "CurrentState"), text(LEVEL_NAMES.get(now.level, ""))
        state = EXCLUSIVE_STATES.get(now.level, ua.NodeId())
        yield ("LimitState", "CurrentState", "Id"), ua.Variant(state, V.NodeId)
    elif shape.limits:
        for level, _ in shape.limits:
            name = LEVEL_NAMES[level]
            on = level in BEYOND.get(now.level, ())
            yield from _two_state(f"{name}State", on, (f"{name} active", f"{name} inactive"), at.utc)
