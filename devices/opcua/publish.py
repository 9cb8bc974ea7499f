"""From the line's readings to the address space and its subscribers. Knows no session; writes nothing to the line."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.endpoint import LineView
from devices.opcua.model.live import Derived, Live
from devices.opcua.nodes import LineNodes, tag_node
from devices.opcua.values import WireValue, data_value, node_id, stamp
from devices.quality import is_old
from sim.tag import Reading

_logger = logging.getLogger(__name__)

STATUS_PERIOD_S = 1.0  # how often the server's own clock is published


class Publisher:
    """Says what the line's tags are: at once to a reader, at its own interval to subscribers."""

    def __init__(
        self, view: LineView, space: AddressSpace, nodes: LineNodes, live: Live, interval_s: float, *, stock: bool
    ) -> None:
        self._view = view
        self._space = space
        self._nodes = nodes
        self._live = live
        self._watched: dict[ua.NodeId, Derived] = {}  # computed values that somebody subscribed to once
        self._interval_s = interval_s
        self._stock = stock
        self._changes = view.changes()
        self._computed = tuple(tag.index for tag in view.tags if tag.computed)
        self._read: list[Reading | None] = [None] * len(view.tags)
        now = view.clock.utc()
        self._said = [data_value(tag, Reading(tag.initial), now) for tag in view.tags]
        self.also: list[Callable[[], Awaitable[None]]] = []  # what else each round publishes
        self._wake = asyncio.Event()
        self._status_due = 0.0

    def fresh(self, index: int, now: datetime) -> WireValue:
        """The value of now; its source time stamp is when it was first seen to be so."""
        reading = self._view.read(index)
        if reading != self._read[index]:
            since = self._since(index, reading) if is_old(reading) else None
            self._read[index] = reading
            self._said[index] = data_value(self._view.tags[index], reading, now, since)
        return self._said[index]

    def _since(self, index: int, reading: Reading) -> datetime | None:
        """When an old value was a new one; None where it never was."""
        before = self._read[index]
        return self._said[index].SourceTimestamp if before is not None and before.value == reading.value else None

    def soon(self) -> None:
        """Something was written: tell subscribers in the next turn of the loop, not at the next interval."""
        self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            await self.publish(every=not self._wake.is_set())
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval_s):
                    await self._wake.wait()

    async def publish(self, *, every: bool = True) -> None:
        """One round: what changed and, `every` time but after a write, what is computed and the server's clock."""
        now = self._view.clock.utc()
        changed = self._changes.take()
        for index in changed:
            await self._put(index, self.fresh(index, now))
        self._live.observe(changed)
        await self._publish_derived(frozenset(changed), every=every)
        for publish in self.also:
            await publish()
        if every:
            for index in self._computed:
                await self._put(index, self.fresh(index, now))
            await self._each_second(now)

    async def _put(self, index: int, value: WireValue) -> None:
        attribute = self._nodes.values[index]
        if attribute.value is value:
            return
        if self._stock:
            node = tag_node(self._nodes.namespace, self._view.tags[index].name)
            await self._space.write_attribute_value(node, AttributeIds.Value, value)
        else:
            await put(attribute, value)

    def watch(self, node: ua.NodeId) -> None:
        """A computed value is subscribed to: its node has the value of now, and is kept true from here on."""
        derived = self._live.derived.get(node)
        value = self._live.read(node) if derived is not None else None
        if derived is not None and value is not None:
            self._watched[node] = derived
            self._space[node].attributes[AttributeIds.Value].value = value

    async def _publish_derived(self, changed: frozenset[int], *, every: bool) -> None:
        for node, derived in list(self._watched.items()):
            if not (every and derived.timed) and changed.isdisjoint(derived.tags):
                continue
            attribute = self._space[node].attributes[AttributeIds.Value]
            value = self._live.read(node)
            if not attribute.datachange_callbacks:
                del self._watched[node]
            elif value is not None and value is not attribute.value:
                await put(attribute, value)

    async def _each_second(self, now: datetime) -> None:
        """The server's own clock; and the computed values for history, which are not announced."""
        if self._view.clock.monotonic() < self._status_due:
            return
        self._status_due = self._view.clock.monotonic() + STATUS_PERIOD_S
        for index in self._computed:
            self._view.history.sample(index, self._view.read(index), now)
        node = self._space[node_id(ObjectIds.Server_ServerStatus_CurrentTime)]
        time = ua.Variant(now, ua.VariantType.DateTime)
        value = ua.DataValue(time, SourceTimestamp=stamp(now), ServerTimestamp=stamp(now))
        await put(node.attributes[AttributeIds.Value], value)


async def put(attribute: AttributeValue, value: ua.DataValue) -> None:
    """Store and notify, without the checks and copies of asyncua: the value is ours and is never changed in place."""
    attribute.value = value
    for handle, notify in list(attribute.datachange_callbacks.items()):
        await notify(handle, value)
