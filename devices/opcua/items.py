"""The monitored items of one subscription: made, changed, linked, ended (OPC 10000-4, 5.13). Publishes nothing.

Replaces asyncua's service, which ignores the sampling interval, copies each value deeply and knows no triggering.
"""

import asyncio
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Protocol

from asyncua import ua
from asyncua.server.address_space import AddressSpace
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

# not those of `ua`, which are subclasses by hand that no decoder makes
from asyncua.ua.uaprotocol_auto import DataChangeFilter, EventFilter

from devices.endpoint import Link
from devices.opcua import index_range
from devices.opcua.events import Events, Types, Where
from devices.opcua.events.event import names_of
from devices.opcua.monitored import DataItem, EventItem, Mode
from devices.opcua.values import status_code

MAX_QUEUE = 100  # values of one data item
MAX_EVENT_QUEUE = 1_000
MAX_SAMPLING_MS = 3_600_000.0
MAX_SELECT = 100
Item = DataItem | EventItem
NO_RANGE: Mapping[ua.NodeId, float] = {}


class Room(Protocol):
    """What a server has room for, over all subscriptions."""

    def full(self) -> bool:
        """No further monitored item."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Ground:
    """What the items of a server stand on."""

    space: AddressSpace
    events: Events
    types: Types
    spans: Mapping[ua.NodeId, float]  # of the tags that are numbers: the width of their range
    sampling_ms: float  # the shortest: at which the server itself looks
    limit: int  # items of one subscription
    room: Room
    link: Link

    def size(self, requested: int) -> int:
        """The queue of a data item."""
        return _size(requested, min(MAX_QUEUE, self.link.state.queue_size or MAX_QUEUE))

    @property
    def fastest_ms(self) -> float:
        """The fastest sampling that an item gets now."""
        return max(self.sampling_ms, self.link.state.sampling_ms)


def refused(code: int) -> ua.MonitoredItemCreateResult:
    return ua.MonitoredItemCreateResult(StatusCode=status_code(code))


class Items:
    """The items of one subscription, by number."""

    def __init__(self, ground: Ground, publishing_ms: float) -> None:
        self._ground = ground
        self.publishing_ms = publishing_ms
        self.all: dict[int, Item] = {}
        self._count = 0

    # ---- create

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        return [self._create(one, params.TimestampsToReturn) for one in params.ItemsToCreate]

    def _create(
        self, wanted: ua.MonitoredItemCreateRequest, stamps: ua.TimestampsToReturn
    ) -> ua.MonitoredItemCreateResult:
        if len(self.all) >= self._ground.limit or self._ground.room.full():
            return refused(StatusCodes.BadTooManyMonitoredItems)
        if wanted.MonitoringMode not in (0, 1, 2):
            return refused(StatusCodes.BadMonitoringModeInvalid)
        if wanted.ItemToMonitor.AttributeId == AttributeIds.EventNotifier and _is_event_filter(wanted):
            return self._create_event_item(wanted)
        return self._create_data_item(wanted, stamps)

    def _create_data_item(
        self, wanted: ua.MonitoredItemCreateRequest, stamps: ua.TimestampsToReturn
    ) -> ua.MonitoredItemCreateResult:
        target, asked = wanted.ItemToMonitor, wanted.RequestedParameters
        if code := index_range.problem(target.IndexRange):
            return refused(code)
        chosen, code = self._filter(target.NodeId, target.AttributeId, asked.Filter)
        if code:
            return refused(code)
        stored = self._ground.space.read_attribute_value(target.NodeId, target.AttributeId)
        if target.IndexRange and index_range.ranged(stored, target.IndexRange).Value is None:
            return refused(StatusCodes.BadIndexRangeNoData)
        item = DataItem(
            number=self._next(),
            node=target.NodeId,
            attribute=target.AttributeId,
            index_range=target.IndexRange or None,
            stamps=stamps,
            mode=Mode(wanted.MonitoringMode),
            handle=asked.ClientHandle,
            size=self._ground.size(asked.QueueSize),
            discard_oldest=bool(asked.DiscardOldest),
            filter=chosen,
            sampling_s=self._sampling_s(asked.SamplingInterval),
        )
        status, item.callback = self._ground.space.add_datachange_callback(
            target.NodeId, target.AttributeId, _Teller(item)
        )
        if not status.is_good():
            return ua.MonitoredItemCreateResult(StatusCode=status)
        self.all[item.number] = item
        item.see(stored, _now())
        return ua.MonitoredItemCreateResult(
            MonitoredItemId=ua.IntegerId(item.number),
            RevisedSamplingInterval=self._told_sampling(item),
            RevisedQueueSize=ua.Counter(item.size),
        )

    def _create_event_item(self, wanted: ua.MonitoredItemCreateRequest) -> ua.MonitoredItemCreateResult:
        node, asked = wanted.ItemToMonitor.NodeId, wanted.RequestedParameters
        stored = self._ground.space.read_attribute_value(node, AttributeIds.EventNotifier)
        if stored.Value is None:
            return ua.MonitoredItemCreateResult(StatusCode=stored.StatusCode)
        if not int(stored.Value.Value or 0) & 1:  # it says nothing
            return refused(StatusCodes.BadFilterNotAllowed)
        where = Where(asked.Filter.WhereClause, self._ground.types)
        told, code = self._event_filter(asked.Filter, where)
        if code:
            return refused(code)
        item = EventItem(
            number=self._next(),
            node=node,
            mode=Mode(wanted.MonitoringMode),
            handle=asked.ClientHandle,
            size=_size(asked.QueueSize or MAX_EVENT_QUEUE, MAX_EVENT_QUEUE),
            discard_oldest=bool(asked.DiscardOldest),
            select=list(asked.Filter.SelectClauses),
            where=where,
        )
        item.listener = self._ground.events.listen(node, item)
        self.all[item.number] = item
        return ua.MonitoredItemCreateResult(
            MonitoredItemId=ua.IntegerId(item.number), RevisedQueueSize=ua.Counter(item.size), FilterResult=told
        )

    def _next(self) -> int:
        self._count += 1
        return self._count

    # ---- filters and times

    def _event_filter(self, wanted: EventFilter, where: Where) -> tuple[ua.EventFilterResult | None, int]:
        """What is said of a filter, and the code of a refusal (0 is Good)."""
        clauses = list(wanted.SelectClauses or ())
        if not clauses or len(clauses) > MAX_SELECT:
            return None, StatusCodes.BadEventFilterInvalid
        if code := where.problem():
            return None, code
        codes = [_clause_problem(one) for one in clauses]
        if not any(codes):
            return None, 0
        return ua.EventFilterResult(SelectClauseResults=[status_code(code) for code in codes]), 0

    def _filter(self, node: ua.NodeId, attribute: int, wanted: object) -> tuple[DataChangeFilter | None, int]:
        """The filter with a percentage turned into units, and the code of a refusal (0 is Good)."""
        if not wanted:
            return None, 0
        if isinstance(wanted, EventFilter):
            return None, StatusCodes.BadFilterNotAllowed
        if not isinstance(wanted, DataChangeFilter):
            return None, StatusCodes.BadMonitoredItemFilterUnsupported
        if wanted.DeadbandType == ua.DeadbandType.None_:
            return wanted, 0
        span = self._ground.spans.get(node) if attribute == AttributeIds.Value else None
        if span is None:
            return None, StatusCodes.BadFilterNotAllowed
        if not 0 <= wanted.DeadbandValue < float("inf"):
            return None, StatusCodes.BadDeadbandFilterInvalid
        if wanted.DeadbandType == ua.DeadbandType.Absolute:
            return wanted, 0
        if wanted.DeadbandValue > 100 or span == float("inf"):
            return None, StatusCodes.BadDeadbandFilterInvalid
        value = span * wanted.DeadbandValue / 100
        return dataclasses.replace(wanted, DeadbandType=ua.DeadbandType.Absolute, DeadbandValue=value), 0

    def _sampling_s(self, requested: float) -> float:
        """0 where every change is taken. A negative one means the publishing interval (Part 4, 7.21)."""
        wanted = self.publishing_ms if requested < 0 else requested
        fastest = self._ground.fastest_ms
        if not wanted > fastest:  # true for NaN as well
            return 0.0 if fastest <= self._ground.sampling_ms else fastest / 1000
        return min(wanted, MAX_SAMPLING_MS) / 1000

    def _told_sampling(self, item: DataItem) -> ua.Duration:
        return ua.Duration(item.sampling_s * 1000 or self._ground.sampling_ms)

    # ---- change

    def modify_monitored_items(self, params: ua.ModifyMonitoredItemsParameters) -> list[ua.MonitoredItemModifyResult]:
        return [self._modify(one, params.TimestampsToReturn) for one in params.ItemsToModify]

    def _modify(
        self, wanted: ua.MonitoredItemModifyRequest, stamps: ua.TimestampsToReturn
    ) -> ua.MonitoredItemModifyResult:
        item, asked = self.all.get(wanted.MonitoredItemId), wanted.RequestedParameters
        if item is None:
            return ua.MonitoredItemModifyResult(StatusCode=status_code(StatusCodes.BadMonitoredItemIdInvalid))
        code = (
            self._modify_event(item, asked) if isinstance(item, EventItem) else self._modify_data(item, asked, stamps)
        )
        if code:
            return ua.MonitoredItemModifyResult(StatusCode=status_code(code))
        item.handle, item.discard_oldest = asked.ClientHandle, bool(asked.DiscardOldest)
        data = isinstance(item, DataItem)
        item.resize(self._ground.size(asked.QueueSize) if data else _size(asked.QueueSize, MAX_EVENT_QUEUE))
        return ua.MonitoredItemModifyResult(
            RevisedSamplingInterval=self._told_sampling(item) if isinstance(item, DataItem) else ua.Duration(0),
            RevisedQueueSize=ua.Counter(item.size),
        )

    def _modify_data(self, item: DataItem, asked: ua.MonitoringParameters, stamps: ua.TimestampsToReturn) -> int:
        chosen, code = self._filter(item.node, item.attribute, asked.Filter)
        if not code:
            item.filter, item.stamps = chosen, stamps
            item.sampling_s = self._sampling_s(asked.SamplingInterval)
            item.due = min(item.due, _now() + item.sampling_s)
        return code

    def _modify_event(self, item: EventItem, asked: ua.MonitoringParameters) -> int:
        if not isinstance(asked.Filter, EventFilter):
            return int(StatusCodes.BadEventFilterInvalid)
        where = Where(asked.Filter.WhereClause, self._ground.types)
        _, code = self._event_filter(asked.Filter, where)
        if not code:
            item.select, item.where = list(asked.Filter.SelectClauses), where
        return code

    async def set_monitoring_mode(self, mode: ua.MonitoringMode, ids: Iterable[int]) -> list[ua.StatusCode]:
        return [self._set_mode(self.all.get(number), Mode(mode)) for number in ids]

    def _set_mode(self, item: Item | None, mode: Mode) -> ua.StatusCode:
        if item is None:
            return status_code(StatusCodes.BadMonitoredItemIdInvalid)
        before, item.mode = item.mode, mode
        if mode == Mode.Disabled:
            item.disable()
        elif before == Mode.Disabled and isinstance(item, DataItem):
            item.due = 0.0
            item.see(self._ground.space.read_attribute_value(item.node, item.attribute), _now())
        return status_code(StatusCodes.Good)

    def set_triggering(self, params: ua.SetTriggeringParameters) -> ua.SetTriggeringResult | None:
        """None: there is no such triggering item."""
        trigger = self.all.get(params.TriggeringItemId)
        if trigger is None:
            return None
        removed = [self._unlink(trigger, number) for number in params.LinksToRemove or ()]
        added = [self._link(trigger, number) for number in params.LinksToAdd or ()]
        return ua.SetTriggeringResult(AddResults=added, RemoveResults=removed)

    def _link(self, trigger: Item, number: int) -> ua.StatusCode:
        if number not in self.all:
            return status_code(StatusCodes.BadMonitoredItemIdInvalid)
        trigger.links.add(number)
        return status_code(StatusCodes.Good)

    def _unlink(self, trigger: Item, number: int) -> ua.StatusCode:
        known = number in trigger.links
        trigger.links.discard(number)
        return status_code(StatusCodes.Good if known else StatusCodes.BadMonitoredItemIdInvalid)

    # ---- end

    def delete_monitored_items(self, ids: Iterable[int]) -> list[ua.StatusCode]:
        return [self._delete(number) for number in ids]

    def _delete(self, number: int) -> ua.StatusCode:
        item = self.all.pop(number, None)
        if item is None:
            return status_code(StatusCodes.BadMonitoredItemIdInvalid)
        if isinstance(item, DataItem):
            self._ground.space.delete_datachange_callback(item.callback)
        else:
            self._ground.events.leave(item.node, item.listener)
        for other in self.all.values():
            other.links.discard(number)
        return status_code(StatusCodes.Good)

    def delete_all_monitored_items(self) -> None:
        for number in list(self.all):
            self._delete(number)

    # ---- what is to be told

    def catch_up(self) -> None:
        """Samples that have become due; and what triggered items were triggered for."""
        now = _now()
        for item in self.all.values():
            if isinstance(item, DataItem):
                item.catch_up(now)

    def to_report(self) -> list[Item]:
        """The items whose queues are to be told: those that report, and those that a fresh one triggers."""
        triggered = {number for item in self.all.values() if item.fresh for number in item.links}
        return [
            item
            for item in self.all.values()
            if item.queue and (item.mode == Mode.Reporting or (item.mode == Mode.Sampling and item.number in triggered))
        ]

    def told(self) -> None:
        for item in self.all.values():
            item.fresh = False


def _is_event_filter(wanted: ua.MonitoredItemCreateRequest) -> bool:
    return isinstance(wanted.RequestedParameters.Filter, EventFilter)


def _clause_problem(clause: ua.SimpleAttributeOperand) -> int:
    if clause.AttributeId not in (AttributeIds.Value, AttributeIds.NodeId):
        return int(StatusCodes.BadAttributeIdInvalid)
    return (
        0 if names_of(clause.BrowsePath) or clause.AttributeId == AttributeIds.NodeId else StatusCodes.BadNodeIdUnknown
    )


def _size(requested: int, limit: int) -> int:
    return min(max(int(requested), 1), limit)


def _now() -> float:
    return asyncio.get_running_loop().time()


class _Teller:
    """asyncua awaits what it tells of a change."""

    def __init__(self, item: DataItem) -> None:
        self._item = item

    async def __call__(self, handle: int, value: ua.DataValue, error: ua.StatusCode | None = None) -> None:
        self._item.see(value, _now())
