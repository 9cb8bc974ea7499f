"""Monitored items: what one samples, which of it is worth telling, what waits to be told (OPC 10000-4, 5.13, 7.21).

Sans-I/O: values and the time come in, notifications are taken out. Knows no session and no subscription.
"""

import struct
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import create_dataclass_serializer
from asyncua.ua.uaprotocol_auto import DataChangeFilter

from devices.opcua.events import Event, Path, Where
from devices.opcua.index_range import ranged
from devices.opcua.values import WireValue, node_id, status_code

OVERFLOW = 0x480  # info bits of a status code: of a data value, overflow (Part 4, 7.39.1)
Mode = ua.MonitoringMode
Stamps = ua.TimestampsToReturn
UNFILTERED = frozenset(
    node_id(number)
    for number in (
        ObjectIds.RefreshStartEventType,
        ObjectIds.RefreshEndEventType,
        ObjectIds.RefreshRequiredEventType,
        ObjectIds.EventQueueOverflowEventType,
    )
)

_encode: Callable[[Any], bytes] = create_dataclass_serializer(ua.DataValue)
_pack = struct.Struct("<I").pack


def encoded(value: ua.DataValue) -> bytes:
    """The value's bytes; those of a tag are kept, whoever subscribes to it."""
    if not isinstance(value, WireValue):
        return _encode(value)
    try:
        return value.wire
    except AttributeError:
        value.wire = _encode(value)
        return value.wire


def worth_reporting(old: ua.DataValue | None, new: ua.DataValue, wanted: DataChangeFilter | None) -> bool:
    """Whether a filter lets a change through; the deadband counts from the value reported last (Part 4, 7.22.2)."""
    trigger = ua.DataChangeTrigger.StatusValue if wanted is None else wanted.Trigger
    if old is None or old.StatusCode != new.StatusCode:
        return True
    if trigger == ua.DataChangeTrigger.Status:
        return False
    if trigger == ua.DataChangeTrigger.StatusValueTimestamp and old.SourceTimestamp != new.SourceTimestamp:
        return True
    before, after = (value.Value.Value if value.Value is not None else None for value in (old, new))
    if wanted is None or wanted.DeadbandType == ua.DeadbandType.None_:
        return bool(before != after)
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return bool(before != after)
    return bool(abs(after - before) > wanted.DeadbandValue)


def overflowed(value: ua.DataValue) -> ua.DataValue:
    """The value with the mark that others beside it were lost."""
    code = value.StatusCode.value if value.StatusCode is not None else 0
    return restamped(value, Stamps.Both, status_code(code | OVERFLOW))


def restamped(value: ua.DataValue, stamps: Stamps, status: ua.StatusCode | None = None) -> ua.DataValue:
    return ua.DataValue(
        Value=value.Value,
        StatusCode=status or value.StatusCode,
        SourceTimestamp=value.SourceTimestamp if stamps in (Stamps.Source, Stamps.Both) else None,
        ServerTimestamp=value.ServerTimestamp if stamps in (Stamps.Server, Stamps.Both) else None,
    )


@dataclass(slots=True, eq=False)
class DataItem:
    """One attribute that is watched. `sampling_s` 0 takes every change, else at most one in so many seconds.

    `told` is the value that was queued last, `waiting` one that came before its time.
    """

    number: int
    node: ua.NodeId
    attribute: int
    index_range: str | None
    stamps: Stamps
    mode: Mode
    handle: int
    size: int
    discard_oldest: bool
    filter: DataChangeFilter | None
    sampling_s: float
    callback: int = 0
    links: set[int] = field(default_factory=set)
    queue: deque[ua.DataValue] = field(default_factory=deque)
    told: ua.DataValue | None = None
    waiting: ua.DataValue | None = None
    due: float = 0.0
    fresh: bool = False  # something was queued since the last publishing: what it triggers is told too
    overflows: int = 0

    def see(self, value: ua.DataValue, now: float) -> None:
        """The attribute has this value now."""
        if self.mode == Mode.Disabled:
            return
        if not self.sampling_s:
            self._take(value)
            return
        self.catch_up(now)
        if now < self.due:
            self.waiting = value
            return
        self.waiting = None
        self.due = now + self.sampling_s
        self._take(value)

    def catch_up(self, now: float) -> None:
        """Take the sample that has become due since the last change."""
        if self.waiting is not None and self.due <= now:
            value, self.waiting = self.waiting, None
            self.due += self.sampling_s
            self._take(value)

    def _take(self, value: ua.DataValue) -> None:
        if self.index_range:
            value = ranged(value, self.index_range)
        if worth_reporting(self.told, value, self.filter):
            self.told = value
            self.put(value)

    def put(self, value: ua.DataValue) -> None:
        """Into the queue, as its size and its rule want it."""
        self.fresh = True
        queue = self.queue
        if len(queue) < self.size:
            queue.append(value)
        elif self.size == 1:
            queue[0] = value
        else:
            self.overflows += 1
            if self.discard_oldest:
                queue.popleft()
                queue.append(value)
                queue[0] = overflowed(queue[0])
            else:
                queue[-1] = overflowed(value)

    def resize(self, size: int) -> None:
        self.size = size
        while len(self.queue) > size:
            if self.discard_oldest:
                self.queue.popleft()
            else:
                self.queue.pop()

    def again(self) -> None:
        """Tell the present value to a client who took the subscription over."""
        if self.told is not None and not self.queue and self.mode == Mode.Reporting:
            self.put(self.told)

    def disable(self) -> None:
        self.queue.clear()
        self.told = self.waiting = None
        self.fresh = False

    def wire(self) -> bytes:
        """The oldest notification, encoded."""
        value = self.queue.popleft()
        if self.stamps != Stamps.Both:
            value = restamped(value, self.stamps)
        return _pack(self.handle) + encoded(value)


@dataclass(slots=True, eq=False)
class EventItem:
    """A notifier that is listened to, with what is selected of each event."""

    number: int
    node: ua.NodeId
    mode: Mode
    handle: int
    size: int
    discard_oldest: bool
    select: Sequence[ua.SimpleAttributeOperand]
    where: Where
    listener: int = 0
    links: set[int] = field(default_factory=set)
    queue: deque[ua.EventFieldList] = field(default_factory=deque)
    fresh: bool = False
    overflows: int = 0
    _lossy: bool = False  # an overflow event stands in the queue

    def hear(self, event: Event) -> None:
        if self.mode == Mode.Disabled:
            return
        if event.type in UNFILTERED or self.where.lets_through(event):
            self._put(event)

    def _put(self, event: Event) -> None:
        self.fresh = True
        fields = self._fields(event)
        if len(self.queue) < self.size + self._lossy:
            self.queue.append(fields)
            return
        self.overflows += 1
        if not self._lossy:
            self._lossy = True
            lost = self._fields(lost_events(event))
            self.queue.appendleft(lost) if self.discard_oldest else self.queue.append(lost)
        if self.discard_oldest:  # the notice stays first
            del self.queue[1]
            self.queue.append(fields)

    def _fields(self, event: Event) -> ua.EventFieldList:
        return ua.EventFieldList(ClientHandle=ua.IntegerId(self.handle), EventFields=event.select(self.select))

    def resize(self, size: int) -> None:
        self.size = size
        while len(self.queue) > size + self._lossy:
            if self.discard_oldest:
                self.queue.popleft()
            else:
                self.queue.pop()

    def disable(self) -> None:
        self.queue.clear()
        self.fresh = self._lossy = False

    def take(self) -> ua.EventFieldList:
        fields = self.queue.popleft()
        self._lossy = self._lossy and bool(self.queue)
        return fields


def lost_events(beside: Event) -> Event:
    """The notice that a queue was too short (Part 4, 7.22.3)."""
    kind, server = node_id(ObjectIds.EventQueueOverflowEventType), node_id(ObjectIds.Server)
    fields: dict[Path, ua.Variant] = {
        ("EventId",): ua.Variant(b"overflow" * 2, ua.VariantType.ByteString),
        ("EventType",): ua.Variant(kind, ua.VariantType.NodeId),
        ("SourceNode",): ua.Variant(server, ua.VariantType.NodeId),
        ("SourceName",): ua.Variant("Server", ua.VariantType.String),
        ("Time",): ua.Variant(beside.time, ua.VariantType.DateTime),
        ("ReceiveTime",): ua.Variant(beside.time, ua.VariantType.DateTime),
        ("Message",): ua.Variant(ua.LocalizedText("events were lost", "en"), ua.VariantType.LocalizedText),
        ("Severity",): ua.Variant(900, ua.VariantType.UInt16),
    }
    return Event(server, kind, beside.time, fields)
