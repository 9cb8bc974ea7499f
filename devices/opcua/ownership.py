"""Subscriptions of a session: its own only. asyncua lets every session use, change and delete every subscription."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import User
from asyncua.server.internal_session import InternalSession
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.pin import check_signatures
from devices.opcua.values import status_code

if TYPE_CHECKING:
    from devices.opcua.server import LineServer
    from devices.opcua.subscriptions import Subscriptions

MAX_PER_CALL = 1000  # nodes in one request: bounds the time that one request holds the loop

check_signatures(
    [
        (InternalSession.create_monitored_items, "self, params"),
        (InternalSession.delete_subscriptions, "self, ids"),
        (InternalSession.publish, "self, acks"),
        (InternalSession.transfer_subscriptions, "self, params, callback"),
    ]
)


class Carrier(Protocol):
    """The connection that a session runs over at the moment."""

    def get_publish_request(self, subscription_id: ua.IntegerId) -> Any: ...

    async def forward_publish_response(self, result: ua.PublishResult, requestdata: Any) -> None: ...

    def release(self) -> None:
        """The session goes on over another connection."""
        ...


def bounded(items: Sequence[object] | None) -> None:
    if not items:
        raise ServiceError(StatusCodes.BadNothingToDo)
    if len(items) > MAX_PER_CALL:
        raise ServiceError(StatusCodes.BadTooManyOperations)


def same_user(one: User, other: User) -> bool:
    """Known to be the same: an anonymous client has no name."""
    return bool(one.name) and one.name == other.name


class OwnSubscriptions(InternalSession):
    """The subscription services of one session; a subscription of another one is as good as none."""

    def __init__(self, server: "LineServer", peer: str) -> None:
        super().__init__(server, server.aspace, server.subscription_service, peer, external=True)
        self._server = server
        self._carrier: Carrier | None = None

    @property
    def _subscriptions(self) -> "Subscriptions":
        return self._server.subscriptions

    def _own(self, number: int) -> None:
        if not self._subscriptions.owned(number, self.session_id):
            raise ServiceError(StatusCodes.BadSubscriptionIdInvalid)

    def _own_or_none(self, numbers: Iterable[int]) -> list[int]:
        """Numbers of other sessions' subscriptions become 0, which is nobody's."""
        return [number if self._subscriptions.owned(number, self.session_id) else 0 for number in numbers]

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        self._own(params.SubscriptionId)
        bounded(params.ItemsToCreate)
        return await super().create_monitored_items(params)

    async def modify_monitored_items(
        self, params: ua.ModifyMonitoredItemsParameters
    ) -> list[ua.MonitoredItemModifyResult]:
        self._own(params.SubscriptionId)
        bounded(params.ItemsToModify)
        return await super().modify_monitored_items(params)

    async def delete_monitored_items(self, params: ua.DeleteMonitoredItemsParameters) -> list[ua.StatusCode]:
        self._own(params.SubscriptionId)
        return await super().delete_monitored_items(params)

    async def set_monitoring_mode(self, params: ua.SetMonitoringModeParameters) -> list[ua.StatusCode]:
        self._own(params.SubscriptionId)
        bounded(params.MonitoredItemIds)
        if params.MonitoringMode not in (0, 1, 2):
            raise ServiceError(StatusCodes.BadMonitoringModeInvalid)
        return await super().set_monitoring_mode(params)

    def set_triggering(self, params: ua.SetTriggeringParameters) -> ua.SetTriggeringResult:
        self._own(params.SubscriptionId)
        bounded([*(params.LinksToAdd or ()), *(params.LinksToRemove or ())])
        result = self._subscriptions.subscriptions[params.SubscriptionId].items.set_triggering(params)
        if result is None:
            raise ServiceError(StatusCodes.BadMonitoredItemIdInvalid)
        return result

    async def _delete_own(self) -> None:
        await self._subscriptions.delete_subscriptions([int(s.number) for s in self._subscriptions.of(self.session_id)])

    async def set_publishing_mode(self, params: ua.SetPublishingModeParameters) -> list[ua.StatusCode]:
        params.SubscriptionIds = self._own_or_none(params.SubscriptionIds)
        return await super().set_publishing_mode(params)

    def modify_subscription(self, params: ua.ModifySubscriptionParameters) -> ua.ModifySubscriptionResult:
        self._own(params.SubscriptionId)
        return self._subscriptions.modify_subscription(params)

    async def delete_subscriptions(self, ids: list[int]) -> list[ua.StatusCode]:
        return await super().delete_subscriptions(self._own_or_none(ids))

    def republish(self, params: ua.RepublishParameters) -> ua.NotificationMessage:
        self._own(params.SubscriptionId)
        subscription = self._subscriptions.subscriptions[params.SubscriptionId]
        message = subscription.republish(params.RetransmitSequenceNumber)
        if message is None:
            raise ServiceError(StatusCodes.BadMessageNotAvailable)
        return message

    def publish(self, acks: Iterable[ua.SubscriptionAcknowledgement] | None = None) -> tuple[int, list[ua.StatusCode]]:
        own = len(self._subscriptions.of(self.session_id))
        if not own:
            raise ServiceError(StatusCodes.BadNoSubscription)
        asked = list(acks or ())
        for ack, number in zip(asked, self._own_or_none(ack.SubscriptionId for ack in asked), strict=True):
            ack.SubscriptionId = ua.IntegerId(number)
        return own, super().publish(asked)[1]

    async def transfer_subscriptions(  # type: ignore[override]
        self, params: ua.TransferSubscriptionsParameters, callback: Callable[..., Any]
    ) -> list[ua.TransferResult]:
        bounded(params.SubscriptionIds)
        initial = bool(params.SendInitialValues)
        return [await self._transfer(number, initial=initial) for number in params.SubscriptionIds]

    async def _transfer(self, number: int, *, initial: bool) -> ua.TransferResult:
        subscription = self._subscriptions.subscriptions.get(number)
        if subscription is None or self._carrier is None:
            return ua.TransferResult(StatusCode=status_code(StatusCodes.BadSubscriptionIdInvalid))
        if subscription.session_id == self.session_id:
            return ua.TransferResult(StatusCode=status_code(StatusCodes.BadNothingToDo))
        owner = self._server.session(subscription.session_id)
        if owner is None or not same_user(
            owner.user, self.user
        ):  # nobody can tell one anonymous client from another (Part 4, 5.14.7)
            return ua.TransferResult(StatusCode=status_code(StatusCodes.BadUserAccessDenied))
        numbers = sorted(subscription.kept)
        await subscription.transfer(
            self.session_id,
            self._carrier.forward_publish_response,
            self._carrier.get_publish_request,
            initial=initial,
        )
        return ua.TransferResult(AvailableSequenceNumbers=[ua.Counter(n) for n in numbers])
