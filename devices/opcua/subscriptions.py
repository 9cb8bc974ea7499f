"""Subscriptions: limits, owners, and monitored items that neither copy a value nor encode it twice.

Part 4, 5.13 and 5.14. What asyncua gets wrong here and why we replace it: docs/decisions, OPC UA.
"""

# ruff: noqa: SLF001 - the inside of asyncua: this package alone may, and pin.py guards it

import asyncio
import dataclasses
import struct
from collections.abc import Callable
from typing import Any

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.address_space import AddressSpace
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.server.monitored_item_service import MonitoredItemData, MonitoredItemService, MonitoredItemValues
from asyncua.server.subscription_service import SubscriptionService
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import create_dataclass_serializer

# not those of `ua`, which are subclasses by hand that no decoder makes
from asyncua.ua.uaprotocol_auto import DataChangeFilter, EventFilter

from devices.opcua.pin import check_signatures
from devices.opcua.values import WireValue, node_id, status_code

MIN_PUBLISHING_MS = 50.0  # at 0 asyncua publishes on every change but never a keep-alive
MAX_PUBLISHING_MS = 60_000.0
MAX_QUEUE = 100
MAX_ITEMS = 5_000  # of one subscription

check_signatures(
    [
        (MonitoredItemService.datachange_callback, "self, handle, value, error"),
        (MonitoredItemService._create_events_monitored_item, "self, params"),
        (MonitoredItemService._create_data_change_monitored_item, "self, params"),
        (MonitoredItemService._modify_monitored_item, "self, params"),
        (MonitoredItemService._revise_queue_size, "self, requested"),
        (MonitoredItemValues.set_current_datavalue, "self, cur_val"),
        (InternalSubscription._pop_triggered_datachanges, "self, result"),
        (InternalSubscription._subscription_loop, "self"),
        (InternalSubscription.publish_results, "self, requestdata"),
        (SubscriptionService.create_subscription, "self, params, callback, session_id, request_callback"),
        (SubscriptionService.modify_subscription, "self, params"),
    ]
)

_encode: Callable[[Any], bytes] = create_dataclass_serializer(ua.DataValue)
_pack = struct.Struct("<I").pack
NO_DIAGNOSTICS = b"\xff\xff\xff\xff"
CHANGES_TYPE = node_id(ObjectIds.DataChangeNotification_Encoding_DefaultBinary)


def encoded(value: ua.DataValue) -> bytes:
    """The value's bytes; those of a tag are kept, whoever subscribes to it."""
    if not isinstance(value, WireValue):
        return _encode(value)
    try:
        return value.wire
    except AttributeError:
        value.wire = _encode(value)
        return value.wire


def publishing_interval(requested: float) -> float:
    # `not (a > b)` is true for NaN as well
    return MIN_PUBLISHING_MS if not requested > MIN_PUBLISHING_MS else min(requested, MAX_PUBLISHING_MS)


def refused_item(code: int) -> ua.MonitoredItemCreateResult:
    result = ua.MonitoredItemCreateResult()
    result.StatusCode = status_code(code)
    return result


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
    return bool(abs(after - before) > wanted.DeadbandValue)  # type: ignore[operator]


class Items(MonitoredItemService):
    """Monitored items of one subscription. Asks that asyncua would fail on later are refused when they are made."""

    def __init__(
        self, isub: InternalSubscription, aspace: AddressSpace, spans: dict[ua.NodeId, float], sampling_ms: float
    ) -> None:
        super().__init__(isub, aspace)
        self._spans = spans  # of the tags that are numbers: the width of their range
        self._sampling_ms = sampling_ms

    def _revise_queue_size(self, requested: int) -> int:
        return min(max(int(requested), 1), MAX_QUEUE)

    def _revised_filter(self, target: ua.ReadValueId, wanted: object) -> tuple[DataChangeFilter | None, int]:
        """The filter with a percentage turned into units, and the code of a refusal (0 is Good)."""
        if not wanted:
            return None, 0
        if not isinstance(wanted, DataChangeFilter):
            return None, StatusCodes.BadMonitoredItemFilterUnsupported
        if wanted.DeadbandType == ua.DeadbandType.None_:
            return wanted, 0
        span = self._spans.get(target.NodeId) if target.AttributeId == AttributeIds.Value else None
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

    def _make_monitored_item_common(
        self, params: ua.MonitoredItemCreateRequest
    ) -> tuple[ua.MonitoredItemCreateResult, MonitoredItemData]:
        result, item = super()._make_monitored_item_common(params)
        result.RevisedSamplingInterval = self._sampling_ms
        return result, item

    def _create_events_monitored_item(self, params: ua.MonitoredItemCreateRequest) -> ua.MonitoredItemCreateResult:
        if not isinstance(params.RequestedParameters.Filter, EventFilter):
            return refused_item(StatusCodes.BadEventFilterInvalid)
        return super()._create_events_monitored_item(params)

    async def _create_data_change_monitored_item(
        self, params: ua.MonitoredItemCreateRequest
    ) -> ua.MonitoredItemCreateResult:
        if len(self._monitored_items) >= MAX_ITEMS:
            return refused_item(StatusCodes.BadTooManyMonitoredItems)
        wanted, code = self._revised_filter(params.ItemToMonitor, params.RequestedParameters.Filter)
        if code:
            return refused_item(code)
        params.RequestedParameters.Filter = wanted
        return await super()._create_data_change_monitored_item(params)

    def _modify_monitored_item(self, params: ua.MonitoredItemModifyRequest) -> ua.MonitoredItemModifyResult:
        result = ua.MonitoredItemModifyResult()
        item = self._monitored_items.get(params.MonitoredItemId)
        if item is None or item.read_value_id is None:
            result.StatusCode = status_code(StatusCodes.BadMonitoredItemIdInvalid)
            return result
        wanted, code = self._revised_filter(item.read_value_id, params.RequestedParameters.Filter)
        if code:
            result.StatusCode = status_code(code)
            return result
        item.filter = wanted
        item.client_handle = params.RequestedParameters.ClientHandle
        item.queue_size = result.RevisedQueueSize = self._revise_queue_size(params.RequestedParameters.QueueSize)
        result.RevisedSamplingInterval = self._sampling_ms
        return result


class FastItems(Items):
    """Monitored items that keep the value itself: a tag's value is never changed in place, so no copy is needed."""

    async def datachange_callback(self, handle: int, value: ua.DataValue, error: ua.StatusCode | None = None) -> None:
        number = self._monitored_datachange.get(handle)
        item = None if number is None else self._monitored_items.get(number)
        if number is None or item is None or item.mode == ua.MonitoringMode.Disabled:
            return
        if not worth_reporting(item.mvalue.current_dvalue, value, item.filter):
            return
        item.mvalue.current_dvalue = value
        queue = self.isub._triggered_datachanges.setdefault(number, [])
        if len(queue) >= item.queue_size:
            queue.pop(0)
        queue.append(ua.MonitoredItemNotification(ua.UInt32(item.client_handle or 0), value))


class Subscription(InternalSubscription):
    """A subscription whose publishing interval can be modified and that never publishes in a burst."""

    async def _subscription_loop(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        await self.publish_results()
        while not self._closing:
            due = max(due + self.data.RevisedPublishingInterval / 1000, loop.time())
            await asyncio.sleep(due - loop.time())
            await self.publish_results()


class FastSubscription(Subscription):
    """A subscription that joins the kept bytes of its values instead of encoding them once more."""

    def _pop_triggered_datachanges(self, result: ua.PublishResult) -> None:
        items = [item for queue in self._triggered_datachanges.values() for item in queue]
        self._triggered_datachanges = {}
        if items:
            changes = b"".join(_pack(item.ClientHandle) + encoded(item.Value) for item in items)
            body = _pack(len(items)) + changes + NO_DIAGNOSTICS
            result.NotificationMessage.NotificationData.append(
                ua.ExtensionObject(CHANGES_TYPE, Body=ua.ByteString(body))
            )


class Subscriptions(SubscriptionService):
    """All subscriptions of one server, with limits that a client cannot ask its way out of."""

    def __init__(self, aspace: AddressSpace, iserver: Any, *, sampling_ms: float, stock: bool) -> None:
        super().__init__(aspace, iserver)
        self.spans: dict[ua.NodeId, float] = {}
        self._sampling_ms = sampling_ms
        self._kinds = (Subscription, Items) if stock else (FastSubscription, FastItems)

    async def create_subscription(
        self,
        params: ua.CreateSubscriptionParameters,
        callback: Callable[..., Any],
        session_id: ua.NodeId,
        request_callback: Callable[..., Any] | None = None,
    ) -> ua.CreateSubscriptionResult:
        if len(self.subscriptions) >= self.iserver.max_subscriptions:  # type: ignore[union-attr]
            raise ServiceError(StatusCodes.BadTooManySubscriptions)
        self._sub_id_counter += 1
        number = self._sub_id_counter
        result = ua.CreateSubscriptionResult(SubscriptionId=ua.IntegerId(number))
        self._revise(result, params)
        make_subscription, make_items = self._kinds
        subscription = make_subscription(
            result,
            self.aspace,
            callback,
            session_id,
            request_callback=request_callback,
            delete_callback=lambda: self.subscriptions.pop(number, None),
            no_acks_limit=MAX_QUEUE,
            publishing_enabled=params.PublishingEnabled,
        )
        subscription.monitored_item_srv = make_items(subscription, self.aspace, self.spans, self._sampling_ms)
        self.subscriptions[number] = subscription
        await subscription.start()
        return result

    def _revise(
        self,
        result: ua.CreateSubscriptionResult | ua.ModifySubscriptionResult,
        params: ua.CreateSubscriptionParameters | ua.ModifySubscriptionParameters,
    ) -> None:
        result.RevisedPublishingInterval = ua.Duration(publishing_interval(params.RequestedPublishingInterval))
        result.RevisedMaxKeepAliveCount = ua.Counter(self._clamp_keep_alive_count(params.RequestedMaxKeepAliveCount))
        # at least three times the keep-alive count (Part 4, 5.14.2)
        lifetime = max(params.RequestedLifetimeCount, 3 * result.RevisedMaxKeepAliveCount)
        result.RevisedLifetimeCount = ua.Counter(self._clamp_lifetime_count(lifetime))

    def modify_subscription(self, params: ua.ModifySubscriptionParameters) -> ua.ModifySubscriptionResult:
        result = ua.ModifySubscriptionResult()
        self._revise(result, params)
        data = self.subscriptions[params.SubscriptionId].data
        data.RevisedPublishingInterval = result.RevisedPublishingInterval
        data.RevisedLifetimeCount = result.RevisedLifetimeCount
        data.RevisedMaxKeepAliveCount = result.RevisedMaxKeepAliveCount
        return result

    def owned(self, number: int, session_id: ua.NodeId) -> bool:
        subscription = self.subscriptions.get(number)
        return subscription is not None and subscription.session_id == session_id
