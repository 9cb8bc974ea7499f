"""Edge nodes as a host application follows them: births, aliases, sequence numbers, deaths, rebirths. Sans-I/O.

Nothing is believed that was not born: data before a birth, or after a gap in the sequence, make the host ask for a
rebirth, and until it comes the points of that node are bad (Sparkplug 3.0, 5.18 and 6.4).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from devices.drivers.driver import Heard, Raw
from devices.drivers.mqtt.address import MetricPlace
from devices.drivers.point import DeviceType, Point
from devices.drivers.reason import Reason, Why
from devices.sparkplug.codec import BadPayload, Metric, MetricType, Payload, decode, encode, signed
from devices.sparkplug.metrics import BD_SEQ, REBIRTH
from devices.sparkplug.names import NAMESPACE, Verb
from sim.tag import Value

TYPES = {
    MetricType.BOOLEAN: DeviceType.BOOL,
    MetricType.INT8: DeviceType.SINT,
    MetricType.UINT8: DeviceType.USINT,
    MetricType.INT16: DeviceType.INT,
    MetricType.UINT16: DeviceType.UINT,
    MetricType.INT32: DeviceType.DINT,
    MetricType.UINT32: DeviceType.UDINT,
    MetricType.INT64: DeviceType.LINT,
    MetricType.UINT64: DeviceType.ULINT,
    MetricType.FLOAT: DeviceType.REAL,
    MetricType.DOUBLE: DeviceType.LREAL,
}
ASK_AGAIN_S = 2.0  # at most one rebirth is asked for in this time
UNBORN = Reason(Why.NOT_YET, "the edge node has not said what it has")
GAP = Reason(Why.OLD, "messages of the edge node were lost; it was asked to begin anew")
DEAD = Reason(Why.LOST, "the edge node is offline")
GONE = Reason(Why.LOST, "the device behind the edge node is offline")
QUALITY_BAD, QUALITY_GOOD = 0, 192

Tell = Callable[[MetricPlace, Heard], None]
Publish = Callable[[str, bytes], None]
NodeName = tuple[str, str]  # group, node


@dataclass(frozen=True, slots=True)
class Born:
    """A metric as its birth described it."""

    name: str
    device: str | None
    type: MetricType
    alias: int | None


@dataclass(slots=True)
class _Node:
    """What is known of one edge node."""

    online: bool = False
    bd_seq: object = None
    seq: int = -1
    asked_s: float = float("-inf")
    metrics: dict[tuple[str | None, str], Born] = field(default_factory=dict)
    aliases: dict[int, Born] = field(default_factory=dict)


class EdgeNodes:
    """The nodes that points lie on. `tell` gets what is heard of a place, `publish` sends a command."""

    def __init__(
        self,
        places: dict[MetricPlace, Point],
        tell: Tell,
        publish: Publish,
        now_s: Callable[[], float],
    ) -> None:
        self._places, self._tell, self._publish, self._now_s = places, tell, publish, now_s
        self._nodes: dict[NodeName, _Node] = {(each.group, each.node): _Node() for each in places}

    @property
    def filters(self) -> list[str]:
        """What is to be subscribed."""
        return [f"{NAMESPACE}/{group}/+/{node}{tail}" for group, node in self._nodes for tail in ("", "/+")]

    def begin(self) -> None:
        """Connected: who is there says so when asked."""
        for name in self._nodes:
            self._ask(name)

    def take(self, topic: str, payload: bytes) -> bool:
        """Hear a message; False where it is none of a node that is followed."""
        levels = topic.split("/")
        if len(levels) not in (4, 5) or levels[0] != NAMESPACE:
            return False
        name = levels[1], levels[3]
        node = self._nodes.get(name)
        if node is None:
            return False
        try:
            message = decode(payload)
        except BadPayload:
            self._lose(name, node)
            return True
        device = levels[4] if len(levels) == 5 else None
        self._hear(name, node, levels[2], device, message)
        return True

    def command(self, where: MetricPlace, value: Value, at: datetime) -> tuple[str, bytes] | Reason:
        """Topic and payload that write a metric, or why there are none."""
        node = self._nodes.get((where.group, where.node))
        born = node.metrics.get((where.device, where.metric)) if node is not None and node.online else None
        if born is None:
            return UNBORN if node is not None and node.online else DEAD
        verb = Verb.NCMD if where.device is None else Verb.DCMD
        stamp = int(at.timestamp() * 1000)
        metric = Metric(born.name, born.alias, stamp, born.type, value)
        tail = "" if where.device is None else f"/{where.device}"
        return f"{NAMESPACE}/{where.group}/{verb}/{where.node}{tail}", encode(Payload((metric,), stamp))

    # ---- inside

    def _hear(self, name: NodeName, node: _Node, verb: str, device: str | None, message: Payload) -> None:
        if verb == Verb.NDEATH:
            self._death(name, node, message)
        elif verb == Verb.NBIRTH:
            node.online, node.seq = True, message.seq if message.seq is not None else 0
            node.bd_seq = next((each.value for each in message.metrics if each.name == BD_SEQ), None)
            node.metrics.clear()
            node.aliases.clear()
            self._birth(name, node, None, message)
        elif verb in (Verb.DBIRTH, Verb.NDATA, Verb.DDATA, Verb.DDEATH):
            if not self._in_order(name, node, message):
                return
            if verb == Verb.DBIRTH:
                self._birth(name, node, device, message)
            elif verb == Verb.DDEATH:
                self._tell_all(name, GONE, lambda place: place.device == device)
            else:
                self._data(name, node, device, message)

    def _in_order(self, name: NodeName, node: _Node, message: Payload) -> bool:
        """Whether this is the next message of a node that was born."""
        if not node.online:
            self._ask(name)
            return False
        if message.seq != (node.seq + 1) % 256:
            self._lose(name, node)
            return False
        node.seq = message.seq
        return True

    def _lose(self, name: NodeName, node: _Node) -> None:
        node.online = False
        self._tell_all(name, GAP)
        self._ask(name)

    def _death(self, name: NodeName, node: _Node, message: Payload) -> None:
        said = next((each.value for each in message.metrics if each.name == BD_SEQ), None)
        if node.online and said != node.bd_seq:
            return  # of an earlier session (6.4.19)
        node.online = False
        self._tell_all(name, DEAD)

    def _birth(self, name: NodeName, node: _Node, device: str | None, message: Payload) -> None:
        for metric in message.metrics:
            if metric.name is None or metric.type is None:
                continue
            born = Born(metric.name, device, metric.type, metric.alias)
            node.metrics[device, metric.name] = born
            if metric.alias is not None:
                node.aliases[metric.alias] = born
        for place in self._of(name):
            if place.device == device and (device, place.metric) not in node.metrics:
                self._tell(place, Reason(Why.REFUSED, f"the birth has no metric {place.metric!r}"))
        self._data(name, node, device, message)

    def _data(self, name: NodeName, node: _Node, device: str | None, message: Payload) -> None:
        for metric in message.metrics:
            if metric.historical:
                continue
            born = node.aliases.get(metric.alias) if metric.alias is not None else None
            if born is None and metric.name is not None:
                born = node.metrics.get((device, metric.name))
            if born is None:
                self._ask(name)  # data that was not born
                continue
            place = MetricPlace(*name, born.device, born.name)
            point = self._places.get(place)
            if point is not None:
                self._tell(place, heard(point, metric, born.type, message.timestamp_ms))

    def _of(self, name: NodeName) -> Iterator[MetricPlace]:
        return (place for place in self._places if (place.group, place.node) == name)

    def _tell_all(self, name: NodeName, reason: Reason, which: Callable[[MetricPlace], bool] = lambda _: True) -> None:
        for place in self._of(name):
            if which(place):
                self._tell(place, reason)

    def _ask(self, name: NodeName) -> None:
        """For a rebirth, not too often."""
        node, now_s = self._nodes[name], self._now_s()
        if now_s - node.asked_s < ASK_AGAIN_S:
            return
        node.asked_s = now_s
        self._publish(*rebirth(name))


def rebirth(name: NodeName) -> tuple[str, bytes]:
    """Topic and payload that ask an edge node to be born again."""
    wish = Metric(REBIRTH, type=MetricType.BOOLEAN, value=True)
    return f"{NAMESPACE}/{name[0]}/{Verb.NCMD}/{name[1]}", encode(Payload((wish,)))


def heard(point: Point, metric: Metric, type_: MetricType, message_ms: int | None) -> Heard:
    """What a metric says of a point."""
    if metric.value is None:
        return Reason(Why.TYPE, "the metric is null")
    if TYPES.get(type_) is not point.device_type:
        return Reason(Why.TYPE, f"the metric is a {TYPES.get(type_) or type_.name}, not a {point.device_type}")
    value = signed(metric.value, type_)
    if isinstance(value, str):
        return Reason(Why.TYPE, "the metric is a text")
    quality = next((each.value for key, each in metric.properties if key.lower() == "quality"), None)
    if quality == QUALITY_BAD:
        return Reason(Why.REFUSED, "the edge node says bad")
    stamp = metric.timestamp_ms if metric.timestamp_ms is not None else message_ms
    doubt = "" if quality in (None, QUALITY_GOOD) else f"the edge node says quality {quality}"
    return Raw(value, None if stamp is None else _utc(stamp), doubt)


def _utc(stamp_ms: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(stamp_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
