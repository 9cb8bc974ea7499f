"""One subscription: its publishing cycle, what it has told and may have to tell again (OPC 10000-4, 5.14).

Replaces asyncua's, which forgets a message that was asked for again, never says MoreNotifications and ends in silence.
"""

import asyncio
import logging
import struct
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.items import Items
from devices.opcua.monitored import DataItem
from devices.opcua.values import node_id, status_code

_logger = logging.getLogger(__name__)

MAX_NOTIFICATIONS = 1_000  # in one message
MAX_KEPT = 100  # messages that may be asked for again
MAX_KEPT_BYTES = 1_000_000
EVENT_BYTES = 1_000  # of an event, about
CHANGES_TYPE = node_id(ObjectIds.DataChangeNotification_Encoding_DefaultBinary)
NO_DIAGNOSTICS = b"\xff\xff\xff\xff"
MAX_SEQUENCE = 0xFFFFFFFF
_pack = struct.Struct("<I").pack
Request = Callable[[ua.IntegerId], Any]  # a publish request that waits, None where there is none
Respond = Callable[[ua.PublishResult, Any], Awaitable[None]]


@dataclass(slots=True)
class Counters:
    """What SubscriptionDiagnostics shows."""

    modified: int = 0
    enabled: int = 0
    disabled: int = 0
    republish_requests: int = 0
    republished: int = 0
    transfers: int = 0
    to_another: int = 0
    publish_requests: int = 0
    changes: int = 0
    events: int = 0
    late: int = 0
    discarded: int = 0


class Subscription:
    """Runs from `start` to `stop`. `data` holds what was revised and may be modified."""

    def __init__(
        self,
        data: ua.CreateSubscriptionResult,
        session_id: ua.NodeId,
        items: Items,
        respond: Respond,
        request: Request | None,
        ended: Callable[[], object],
    ) -> None:
        self.data = data
        self.session_id = session_id
        self.items = self.monitored_item_srv = items  # asyncua's service asks for it by this name
        self.pub_result_callback, self.pub_request_callback = respond, request
        self.max_notifications = MAX_NOTIFICATIONS
        self.priority = 0
        self.enabled = True
        self.counters = Counters()
        self.kept: OrderedDict[int, tuple[ua.NotificationMessage, int]] = OrderedDict()
        self.sequence = 1
        self.quiet = 0  # cycles without a message
        self.missed = 0  # cycles without a publish request
        self._kept_bytes = 0
        self._first = True
        self._ended = ended
        self._task: asyncio.Task[None] | None = None

    @property
    def number(self) -> int:
        return int(self.data.SubscriptionId)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"OPC UA subscription {self.number}")

    async def stop(self) -> None:
        task, self._task = self._task, None
        self.items.delete_all_monitored_items()
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._task is not None:
            await self._cycle()
            due = max(due + self.data.RevisedPublishingInterval / 1000, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _cycle(self) -> None:
        try:
            await self._tick()
        except Exception:  # the border of the loop: one bad value must not end a subscription unheard
            _logger.exception("OPC UA subscription %d: a message was not sent", self.number)

    async def _tick(self) -> None:
        if self.missed > self.data.RevisedLifetimeCount:
            _logger.info("OPC UA subscription %d ended: its client asks for nothing", self.number)
            self._ended()
            await self.stop()
            return
        self.items.catch_up()
        self.quiet += 1
        await self.publish_results()

    # ---- publishing

    def _ready(self) -> bool:
        """There is a message to send: the first one, notifications, or the sign that the subscription lives."""
        if self._first or self.quiet >= self.data.RevisedMaxKeepAliveCount:
            return True
        return self.enabled and bool(self.items.to_report())

    async def publish_results(self, requestdata: Any = None) -> bool:
        """Send what there is with this request or with one that waits; True where one was used."""
        if not self._ready():
            return False
        if requestdata is None:
            requestdata = self._next_request()
            if requestdata is None:
                self.missed += 1
                self.counters.late += 1
                return False
        more = await self._send(requestdata)
        while more and (requestdata := self._next_request()) is not None:
            more = await self._send(requestdata)
        return True

    def _next_request(self) -> Any:
        return None if self.pub_request_callback is None else self.pub_request_callback(ua.IntegerId(self.number))

    async def _send(self, requestdata: Any) -> bool:
        """One message; True where notifications are left."""
        message = ua.NotificationMessage(SequenceNumber=ua.Counter(self.sequence))
        size, more = self._fill(message) if self.enabled else (0, False)
        self._first, self.quiet, self.missed = False, 0, 0
        if message.NotificationData:
            self._keep(message, size)
            self.sequence = self.sequence + 1 if self.sequence < MAX_SEQUENCE else 1
        self.counters.publish_requests += 1
        result = ua.PublishResult(
            SubscriptionId=ua.IntegerId(self.number),
            AvailableSequenceNumbers=[ua.Counter(number) for number in self.kept],
            MoreNotifications=more,
            NotificationMessage=message,
        )
        await self.pub_result_callback(result, requestdata)
        return more

    def _fill(self, message: ua.NotificationMessage) -> tuple[int, bool]:
        """Put notifications into a message: how many bytes, about, and whether some are left."""
        room, changes, events = self.max_notifications, [], []
        waiting = self.items.to_report()
        for item in waiting:
            while item.queue and room:
                room -= 1
                if isinstance(item, DataItem):
                    changes.append(item.wire())
                else:
                    events.append(item.take())
        left = any(item.queue for item in waiting)
        if not left:
            self.items.told()
        body = _pack(len(changes)) + b"".join(changes) + NO_DIAGNOSTICS
        if changes:
            message.NotificationData.append(ua.ExtensionObject(CHANGES_TYPE, Body=ua.ByteString(body)))
        if events:
            message.NotificationData.append(ua.EventNotificationList(Events=events))
        self.counters.changes += len(changes)
        self.counters.events += len(events)
        return len(body) + EVENT_BYTES * len(events), left

    def _keep(self, message: ua.NotificationMessage, size: int) -> None:
        self.kept[self.sequence] = (message, size)
        self._kept_bytes += size
        while len(self.kept) > MAX_KEPT or (self._kept_bytes > MAX_KEPT_BYTES and len(self.kept) > 1):
            _, (_, dropped) = self.kept.popitem(last=False)
            self._kept_bytes -= dropped
            self.counters.discarded += 1

    # ---- what the client says of it

    def acknowledge(self, number: int) -> int:
        """The status code of an acknowledgement."""
        found = self.kept.pop(number, None)
        if found is None:
            return int(StatusCodes.BadSequenceNumberUnknown)
        self._kept_bytes -= found[1]
        return int(StatusCodes.Good)

    def publish(self, acks: Iterable[int]) -> None:
        for number in acks:
            self.acknowledge(number)

    def republish(self, number: int) -> ua.NotificationMessage | None:
        """A message that was sent and not acknowledged; it stays."""
        self.counters.republish_requests += 1
        found = self.kept.get(number)
        if found is None:
            return None
        self.counters.republished += 1
        return found[0]

    async def set_publishing_mode(self, enabled: bool) -> None:
        self.counters.enabled += enabled
        self.counters.disabled += not enabled
        self.enabled = enabled

    async def transfer(self, session_id: ua.NodeId, respond: Respond, request: Request, *, initial: bool) -> None:
        """Another session takes it over; the one before is told, where a request of it waits."""
        waiting = self._next_request()
        if waiting is not None:
            notice = ua.StatusChangeNotification(Status=status_code(StatusCodes.GoodSubscriptionTransferred))
            message = ua.NotificationMessage(SequenceNumber=ua.Counter(self.sequence), NotificationData=[notice])
            await self.pub_result_callback(
                ua.PublishResult(SubscriptionId=ua.IntegerId(self.number), NotificationMessage=message), waiting
            )
        self.session_id, self.missed = session_id, 0
        self.pub_result_callback, self.pub_request_callback = respond, request
        self.counters.transfers += 1
        self.counters.to_another += 1
        if initial:
            for item in self.items.all.values():
                if isinstance(item, DataItem):
                    item.again()
