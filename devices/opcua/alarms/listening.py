"""Whom ConditionRefresh speaks to: the event items of a subscription of the caller's own."""

from collections.abc import Sequence

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.events.hub import Listener
from devices.opcua.monitored import EventItem
from devices.opcua.subscriptions import Subscriptions


class Listening:
    """Finds them; a subscription of another session is as good as none."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    def of(self, session: ua.NodeId, subscription: int, item: int | None) -> Sequence[Listener] | int:
        """The items that hear events, or a status code."""
        if not self._subscriptions.owned(subscription, session):
            return int(StatusCodes.BadSubscriptionIdInvalid)
        items = self._subscriptions.subscriptions[subscription].items.all
        if item is None:
            return [one for one in items.values() if isinstance(one, EventItem)]
        wanted = items.get(item)
        return [wanted] if isinstance(wanted, EventItem) else int(StatusCodes.BadMonitoredItemIdInvalid)
