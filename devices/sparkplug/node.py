"""A line as a Sparkplug B edge node, its stations as devices: births, data, death and what hosts ask. Sans-I/O.

`Voice` of the MQTT wire. Sequence: `prepare` makes the death certificate with the next bdSeq, `connected` begins a
session, births follow as soon as the primary host (where one is named) is online, then data by exception.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from devices.endpoint import Client, LineView, Role
from devices.mqtt.news import News
from devices.mqtt.packets import Publish
from devices.sparkplug.codec import Metric, MetricType, Payload, encode
from devices.sparkplug.commands import Commands, Counters
from devices.sparkplug.host import PrimaryHost
from devices.sparkplug.metrics import BD_SEQ, NodeMetrics, birth_metric, data_metric
from devices.sparkplug.names import NAMESPACE, Names, Verb
from devices.sparkplug.trouble import Trouble
from sim.tag import Quality, Reading, Tag

REBIRTH_S = 1.0  # at most one rebirth asked for in this time: one costs as much as every value of the line
SEQUENCE = 256


class EdgeNode:
    """Implements `Voice`. `bd_seq` gives the number of the next session: one more than the last, after 255 comes 0."""

    name = "sparkplug"

    def __init__(self, view: LineView, names: Names, bd_seq: Callable[[], int]) -> None:
        self._view, self._names, self._next_bd_seq = view, names, bd_seq
        self._news = News(view)
        self._node = NodeMetrics(view)
        self._commands = Commands(view, names, self._node)
        self._host = PrimaryHost()
        self._bd_seq = 0
        self._seq = 0
        self._connected = self._born = self._lost_host = False
        self._rebirth_at = float("-inf")
        self._told: dict[int, Quality] = {}
        self._trouble = Trouble(view)

    @property
    def counters(self) -> Counters:
        return self._commands.counters

    # --- what a voice is asked

    @property
    def about(self) -> str:
        return f"Sparkplug B, {NAMESPACE}/{self._names.group}/+/{self._names.node}/#"

    @property
    def readable(self) -> tuple[str, ...]:
        return (f"{NAMESPACE}/#",)

    @property
    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        state = self._names.state
        devices = tuple((self._names.topic(Verb.DCMD, station), 1) for station in self._view.tags.stations)
        return (*(() if state is None else ((state, 1),)), (self._names.topic(Verb.NCMD), 1), *devices)

    @property
    def hang_up(self) -> bool:
        return self._lost_host

    def free(self, role: Role, topic: str) -> bool:
        # hosts say their state, and a trainee's own edge node is born and dies beside this one
        return role is not Role.OBSERVER and topic.startswith(f"{NAMESPACE}/") and not self._names.own(topic)

    def prepare(self) -> Publish:
        self._bd_seq = self._next_bd_seq() % SEQUENCE
        return self._death()

    def connected(self) -> None:
        self._connected, self._born, self._lost_host = True, False, False
        self._host.forget()

    def renew(self) -> None:
        """Nothing of Sparkplug is retained."""

    def farewell(self) -> Iterator[Publish]:
        if self._connected:
            yield self._death()
        self._connected = self._born = self._lost_host = False

    def take(self, client: Client, message: Publish) -> bool:
        if message.topic != self._names.state:
            return self._commands.take(client, message)
        if client.role is Role.OBSERVER:
            return False  # no right to, as to any topic that is not its own
        if not self._host.hear(message.payload):
            self.counters.garbage += 1
        elif self._born and not self._host.online:
            self._lost_host = True  # 5.4: the death certificate, a new session, and wait there
        return True

    def due(self) -> Iterator[Publish]:
        if not self._connected or self._lost_host or (self._names.state is not None and not self._host.online):
            return
        if self._born and self._trouble.dies_late():
            yield self._death(self._bd_seq - 1)
        if self._born and not self._commands.rebirth:
            yield from self._data()
        elif not self._born or self._view.clock.monotonic() >= self._rebirth_at:
            yield from self._births()  # data stop when a rebirth is asked for, also while it has to wait

    # --- births and death

    def _births(self) -> Iterator[Publish]:
        self._born, self._commands.rebirth = True, False
        self._trouble.reborn()
        self._commands.asked.clear()
        self._rebirth_at = self._view.clock.monotonic() + REBIRTH_S
        self._news.restart()
        at_ms = milliseconds(self._view.clock.utc())
        self._seq = SEQUENCE - 1  # the first message of a session has number 0
        yield self._say(Verb.NBIRTH, None, at_ms, self._node.birth(self._bd_seq, at_ms))
        readings = list(self._news.due())
        self._told = {tag.index: reading.quality for tag, reading in readings}
        for station, metrics in self._by_station(readings):
            yield self._say(
                Verb.DBIRTH, station, at_ms, tuple(birth_metric(tag, reading, at_ms) for tag, reading in metrics)
            )

    def _death(self, bd_seq: int | None = None) -> Publish:
        number = self._bd_seq if bd_seq is None else bd_seq % SEQUENCE
        payload = encode(Payload((Metric(BD_SEQ, type=MetricType.INT64, value=number),)))
        return Publish(self._names.topic(Verb.NDEATH), payload, 1)

    # --- data

    def _data(self) -> Iterator[Publish]:
        at_ms = milliseconds(self._view.clock.utc())
        moved = self._trouble.moved
        node = self._node.data(at_ms)
        if node:
            yield self._say(Verb.NDATA, None, at_ms, moved(node))
        for station, readings in self._by_station(self._changed()):
            metrics = tuple(self._metric(tag, reading, at_ms) for tag, reading in readings)
            yield self._say(Verb.DDATA, station, at_ms, moved(metrics))

    def _changed(self) -> list[tuple[Tag, Reading]]:
        """What changed, and what was asked for since."""
        changed = {tag.index: reading for tag, reading in self._news.due()}
        asked, self._commands.asked = self._commands.asked, set()
        for index in asked:
            changed.setdefault(index, self._view.read(index))
        return [(self._view.tags[index], changed[index]) for index in sorted(changed)]

    def _metric(self, tag: Tag, reading: Reading, at_ms: int) -> Metric:
        before, self._told[tag.index] = self._told.get(tag.index, Quality.GOOD), reading.quality
        return data_metric(tag, reading, at_ms, (before, reading.quality) != (Quality.GOOD, Quality.GOOD))

    def _by_station(self, readings: list[tuple[Tag, Reading]]) -> Iterator[tuple[str, list[tuple[Tag, Reading]]]]:
        stations: dict[str, list[tuple[Tag, Reading]]] = {}
        for tag, reading in readings:
            stations.setdefault(tag.station, []).append((tag, reading))
        yield from stations.items()

    def _say(self, verb: Verb, device: str | None, at_ms: int, metrics: tuple[Metric, ...]) -> Publish:
        self._seq = (self._seq + 1) % SEQUENCE
        return Publish(self._names.topic(verb, device), encode(Payload(metrics, at_ms, self._seq)))


def milliseconds(moment: datetime) -> int:
    """Since 1970 in UTC."""
    return round(moment.timestamp() * 1000)
