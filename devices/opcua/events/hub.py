"""Where events come in and go to those who listen: at the node, at notifiers above it, at the Server object.

Sources call `fire`; nothing here knows what an alarm is. What is fired is kept for history as well.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from devices.endpoint import Clock
from devices.opcua.events.event import Event, Path
from devices.opcua.overlay import Looking
from devices.opcua.values import node_id

SERVER = node_id(ObjectIds.Server)
HAS_EVENT_SOURCE, HAS_NOTIFIER = node_id(ObjectIds.HasEventSource), node_id(ObjectIds.HasNotifier)
UPWARDS = frozenset({HAS_EVENT_SOURCE, HAS_NOTIFIER})
REFRESH_START, REFRESH_END = node_id(ObjectIds.RefreshStartEventType), node_id(ObjectIds.RefreshEndEventType)


class Listener(Protocol):
    """A monitored item that hears events; it applies its own filter."""

    def hear(self, event: Event) -> None: ...


class Store(Protocol):
    """Keeps events for those who ask later."""

    def add(self, event: Event) -> None: ...


class Events:
    """The events of one server. `fire` costs nothing that grows with the number of nodes."""

    def __init__(self, looking: Looking, store: Store, clock: Clock) -> None:
        self._looking, self._store, self._clock = looking, store, clock
        self._listeners: dict[ua.NodeId, dict[int, Listener]] = {}
        self._above: dict[ua.NodeId, tuple[ua.NodeId, ...]] = {}
        self._count = 0

    def fire(self, event: Event) -> None:
        """An event has happened: tell it once to each listener, keep it for history."""
        self._store.add(event)
        told: set[int] = set()
        for place in self.places(event.node):
            for number, listener in list(self._listeners.get(place, {}).items()):
                if number not in told:
                    told.add(number)
                    listener.hear(event)

    def listen(self, node: ua.NodeId, listener: Listener) -> int:
        """Hear what happens there and below; the number ends it."""
        self._count += 1
        self._listeners.setdefault(node, {})[self._count] = listener
        return self._count

    def leave(self, node: ua.NodeId, number: int) -> None:
        listeners = self._listeners.get(node, {})
        listeners.pop(number, None)
        if not listeners:
            self._listeners.pop(node, None)

    def places(self, node: ua.NodeId) -> tuple[ua.NodeId, ...]:
        """The node, the notifiers above it (Part 3, 7.16 and 7.17), and the Server object, which hears all."""
        known = self._above.get(node)
        if known is None:
            known = self._above[node] = tuple(dict.fromkeys([*self._climb(node), SERVER]))
        return known

    def moved(self) -> None:
        """References have changed."""
        self._above.clear()

    def _climb(self, node: ua.NodeId) -> Iterable[ua.NodeId]:
        seen, waiting = {node}, [node]
        while waiting:
            here = waiting.pop(0)
            yield here
            data = self._looking.get(here)
            for reference in data.references if data is not None else ():
                if reference.IsForward or reference.ReferenceTypeId not in UPWARDS or reference.NodeId in seen:
                    continue
                seen.add(reference.NodeId)
                waiting.append(reference.NodeId)

    def refresh(self, listeners: Sequence[Listener], events: Sequence[Event]) -> None:
        """ConditionRefresh (Part 9, 5.5.7): the given states between a start and an end, to these listeners only."""
        for event in (self._mark(REFRESH_START), *events, self._mark(REFRESH_END)):
            for listener in listeners:
                listener.hear(event)

    def _mark(self, kind: ua.NodeId) -> Event:
        now = self._clock.utc()
        self._count += 1
        fields: dict[Path, ua.Variant] = {
            ("EventId",): ua.Variant(self._count.to_bytes(16, "big"), ua.VariantType.ByteString),
            ("EventType",): ua.Variant(kind, ua.VariantType.NodeId),
            ("SourceNode",): ua.Variant(SERVER, ua.VariantType.NodeId),
            ("SourceName",): ua.Variant("Server", ua.VariantType.String),
            ("Time",): ua.Variant(now, ua.VariantType.DateTime),
            ("ReceiveTime",): ua.Variant(now, ua.VariantType.DateTime),
            ("Message",): ua.Variant(ua.LocalizedText("refresh", "en"), ua.VariantType.LocalizedText),
            ("Severity",): ua.Variant(1, ua.VariantType.UInt16),
        }
        return Event(SERVER, kind, now, fields)
