"""The two drivers of OPC UA servers: one is told of changes, one asks. Both write in the same way."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds

from devices.drivers.driver import Block, Heard, Sink
from devices.drivers.opcua.nodes import heard, node_id, reason, type_of, variant_of
from devices.drivers.opcua.session import AT_ONCE, Session
from devices.drivers.point import DeviceType, Group, Point, Write
from devices.drivers.reason import Reason, Why

FASTEST_S = 0.02  # publishing interval; below it servers spend themselves
VALUE, DATA_TYPE = AttributeIds.Value, AttributeIds.DataType


class _OpcUa:
    """Opening, closing, writing."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._types: dict[ua.NodeId, DeviceType] = {}

    async def open(self) -> None:
        self._types.clear()
        await self._session.open()

    async def close(self) -> None:
        await self._session.close()

    def examine(self, points: Sequence[Point]) -> None:
        for point in points:
            node_id(point.tag, point.address)
            if point.writable:
                node_id(point.tag, point.place_to_write)

    async def write(self, writes: Sequence[Write]) -> Sequence[Reason | None]:
        answers: list[Reason | None] = [None] * len(writes)
        nodes = [self._node(point, point.place_to_write) for point, _ in writes]
        await self._learn([node for node in nodes if isinstance(node, ua.NodeId)])
        going: list[tuple[int, ua.NodeId, ua.Variant]] = []
        for spot, ((point, value), node) in enumerate(zip(writes, nodes, strict=True)):
            if isinstance(node, Reason):
                answers[spot] = node
                continue
            type_ = self._types.get(node, point.device_type)
            variant = variant_of(value, type_)
            if variant is None:
                answers[spot] = Reason(Why.TYPE, f"the node is a {type_}, which does not hold {value!r}")
                continue
            going.append((spot, node, variant))
        codes = await self._session.write([(node, variant) for _, node, variant in going])
        for (spot, _, _), code in zip(going, codes, strict=True):
            answers[spot] = reason(code) if not code.is_good() else None
        return answers

    def _node(self, point: Point, address: str) -> ua.NodeId | Reason:
        found = node_id(point.tag, address, self._session.namespaces)
        return found if found is not None else Reason(Why.REFUSED, f"the server has no namespace of {address}")

    async def _learn(self, nodes: Sequence[ua.NodeId]) -> None:
        """The types of nodes that are written, once for each connection."""
        new = [node for node in dict.fromkeys(nodes) if node not in self._types]
        if not new:
            return
        rows = await self._session.read([(node, attribute) for node in new for attribute in (VALUE, DATA_TYPE)])
        for node, value, data_type in zip(new, rows[::2], rows[1::2], strict=True):
            type_ = type_of(value, data_type)
            if type_ is not None:
                self._types[node] = type_


class Listening(_OpcUa):
    """Implements `Pushed` by one subscription; a group's cycle is its sampling interval.

    The server answers at least every half `answer_s`, with a keep-alive where nothing changed.
    """

    def __init__(self, session: Session, answer_s: float) -> None:
        super().__init__(session)
        self._beat_s = answer_s / 2
        self._points: list[Point] = []
        self._sink: Sink | None = None

    async def close(self) -> None:
        self._sink = None
        await super().close()

    async def subscribe(self, groups: Sequence[Group], sink: Sink) -> None:
        wanted: list[tuple[Point, ua.NodeId, float]] = []
        for group in groups:
            for point in group.points:
                node = self._node(point, point.address)
                if isinstance(node, Reason):
                    sink.heard(point, node)
                else:
                    wanted.append((point, node, group.cycle_s))
        self._points, self._sink = [point for point, _, _ in wanted], sink
        self._session.on_lost = sink.lost
        fastest_s = min((cycle_s for _, _, cycle_s in wanted), default=self._beat_s)
        interval_s = max(FASTEST_S, min(fastest_s, self._beat_s))
        made = await self._session.subscribe(interval_s, max(1, int(self._beat_s / interval_s)), self._published)
        results = await self._session.monitor(made.SubscriptionId, [(node, cycle_s) for _, node, cycle_s in wanted])
        for (point, _, _), result in zip(wanted, results, strict=True):
            if not result.StatusCode.is_good():
                sink.heard(point, reason(result.StatusCode))
        await self._learn([node for point, node, _ in wanted if point.writable and not point.write_address])

    def _published(self, result: ua.PublishResult) -> None:
        """Called by the library for each answer, keep-alives included."""
        sink = self._sink
        if sink is None:
            return
        sink.alive()
        for note in result.NotificationMessage.NotificationData or ():
            if isinstance(note, ua.DataChangeNotification):
                for item in note.MonitoredItems:
                    if 0 <= item.ClientHandle < len(self._points):
                        point = self._points[item.ClientHandle]
                        sink.heard(point, heard(point, item.Value))
            elif isinstance(note, ua.StatusChangeNotification):
                sink.lost(f"the server ended the subscription: {note.Status.name}")


@dataclass(frozen=True, slots=True)
class Reading:
    """Points that one Read brings."""

    points: tuple[Point, ...]


class Asking(_OpcUa):
    """Implements `Polled`: one Read for each group, as far as the server's limits allow."""

    def plan(self, points: Sequence[Point]) -> Sequence[Block]:
        return [Reading(tuple(points[begin : begin + AT_ONCE])) for begin in range(0, len(points), AT_ONCE)]

    async def read(self, block: Block) -> Sequence[Heard]:
        nodes = [self._node(point, point.address) for point in block.points]
        asked = [node for node in nodes if isinstance(node, ua.NodeId)]
        values = iter(await self._session.read([(node, VALUE) for node in asked]))
        return [
            node if isinstance(node, Reason) else heard(point, next(values))
            for point, node in zip(block.points, nodes, strict=True)
        ]
