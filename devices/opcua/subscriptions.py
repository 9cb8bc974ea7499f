"""All subscriptions of a server: made, changed, owned, ended, within limits (OPC 10000-4, 5.14). Knows no line."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.subscription_service import SubscriptionService
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.items import Ground, Items
from devices.opcua.ownership import Carrier
from devices.opcua.pin import check_signatures
from devices.opcua.subscription import MAX_NOTIFICATIONS, Subscription
from devices.opcua.values import status_code

if TYPE_CHECKING:
    from devices.opcua.server import LineServer

MIN_PUBLISHING_MS = 50.0  # at 0 asyncua publishes on every change but never a keep-alive
MAX_PUBLISHING_MS = 60_000.0

check_signatures(
    [
        (SubscriptionService.create_subscription, "self, params, callback, session_id, request_callback"),
        (SubscriptionService.modify_subscription, "self, params"),
        (SubscriptionService.delete_subscriptions, "self, ids"),
        (SubscriptionService.publish, "self, acks"),
    ]
)


def publishing_interval(requested: float) -> float:
    # `not (a > b)` is true for NaN as well
    return MIN_PUBLISHING_MS if not requested > MIN_PUBLISHING_MS else min(requested, MAX_PUBLISHING_MS)


class Subscriptions(SubscriptionService):
    """The subscriptions of one server, with limits that a client cannot ask its way out of."""

    subscriptions: dict[int, Subscription]  # type: ignore[assignment]

    def __init__(self, server: "LineServer", sampling_ms: float) -> None:
        super().__init__(server.aspace, server)
        self._server = server
        self.spans: dict[ua.NodeId, float] = {}
        bounds = server.security.bounds
        self._ground = Ground(
            server.aspace, server.events, server.types, self.spans, sampling_ms, bounds.items, self, server.link
        )

    def full(self) -> bool:
        return self.items() >= self._server.security.bounds.all_items

    def items(self) -> int:
        return sum(len(one.items.all) for one in self.subscriptions.values())

    async def create_subscription(
        self,
        params: ua.CreateSubscriptionParameters,
        callback: Callable[..., Any],
        session_id: ua.NodeId,
        request_callback: Callable[..., Any] | None = None,
    ) -> ua.CreateSubscriptionResult:
        if len(self.subscriptions) >= self._server.security.bounds.subscriptions:
            raise ServiceError(StatusCodes.BadTooManySubscriptions)
        self._sub_id_counter += 1
        number = self._sub_id_counter
        result = ua.CreateSubscriptionResult(SubscriptionId=ua.IntegerId(number))
        self._revise(result, params)
        items = Items(self._ground, result.RevisedPublishingInterval)
        one = Subscription(
            result, session_id, items, callback, request_callback, lambda: self.subscriptions.pop(number, None)
        )
        one.enabled, one.priority = bool(params.PublishingEnabled), int(params.Priority)
        one.max_notifications = per_message(params.MaxNotificationsPerPublish)
        self.subscriptions[number] = one
        self._server.diagnostics.subscriptions += 1
        await one.start()
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
        one = self.subscriptions[params.SubscriptionId]
        one.data.RevisedPublishingInterval = one.items.publishing_ms = result.RevisedPublishingInterval
        one.data.RevisedLifetimeCount = result.RevisedLifetimeCount
        one.data.RevisedMaxKeepAliveCount = result.RevisedMaxKeepAliveCount
        one.priority = int(params.Priority)
        one.max_notifications = per_message(params.MaxNotificationsPerPublish)
        one.counters.modified += 1
        return result

    async def delete_subscriptions(self, ids: list[int]) -> list[ua.StatusCode]:
        found = [self.subscriptions.pop(number, None) for number in ids]
        await asyncio.gather(*(one.stop() for one in found if one is not None))
        return [status_code(StatusCodes.BadSubscriptionIdInvalid if one is None else StatusCodes.Good) for one in found]

    def publish(self, acks: Iterable[ua.SubscriptionAcknowledgement]) -> tuple[int, list[ua.StatusCode]]:
        return len(self.subscriptions), [status_code(self._acknowledge(ack)) for ack in acks]

    def _acknowledge(self, ack: ua.SubscriptionAcknowledgement) -> int:
        one = self.subscriptions.get(ack.SubscriptionId)
        return StatusCodes.BadSubscriptionIdInvalid if one is None else one.acknowledge(ack.SequenceNumber)

    def owned(self, number: int, session_id: ua.NodeId) -> bool:
        one = self.subscriptions.get(number)
        return one is not None and one.session_id == session_id

    def of(self, session_id: ua.NodeId) -> list[Subscription]:
        return [one for one in self.subscriptions.values() if one.session_id == session_id]

    def rebind(self, session_id: ua.NodeId, carrier: Carrier) -> None:
        """A session goes on over this connection."""
        for one in self.of(session_id):
            one.pub_result_callback, one.pub_request_callback = (
                carrier.forward_publish_response,
                carrier.get_publish_request,
            )


def per_message(requested: int) -> int:
    return min(int(requested), MAX_NOTIFICATIONS) if requested else MAX_NOTIFICATIONS
