"""The driver of devices behind a broker: plain payloads, JSON and Sparkplug B side by side on one connection.

The broker's answer is not the device's: a command counts as confirmed when the broker has it (and, with MQTT 5,
somebody has subscribed to it) or, with `reply`, when the device has answered. Commands are never retained, and expire.
"""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from devices.drivers.driver import Heard, Raw, Sink
from devices.drivers.mqtt.address import Field, MetricPlace, place
from devices.drivers.mqtt.link import NOBODY_THERE, MqttLink
from devices.drivers.mqtt.payload import Json, Wording, command, heard, parse
from devices.drivers.mqtt.sparkplug import DEAD, EdgeNodes
from devices.drivers.point import Group, Point, Write
from devices.drivers.reason import Lost, PointError, Reason, Silent, Why
from devices.drivers.target import Timing
from devices.endpoint import Clock
from devices.tasks import begin, end

REFUSED_FROM = 128  # reason codes
OFFLINE = Reason(Why.LOST, "the device says that it is offline")
NOBODY = Reason(Why.REFUSED, "nobody has subscribed to the topic of the command")
MOST_WAITING = 64  # answers of devices


@dataclass(frozen=True, slots=True)
class Manner:
    """How the devices behind this broker behave; see docs/reference/drivers.md."""

    wording: Wording = field(default_factory=Wording)
    online: str = ""  # a topic that says whether the device is there
    offline: str = "offline"  # what it says when it is not
    reply: str = ""  # a device answers a command on topic + `reply`, `{"id":…,"result":"accepted"}`
    trust_retained: bool = False  # a retained value without a time stamp is as good as a new one


class MqttDriver:
    """Implements `Pushed`."""

    def __init__(self, link: MqttLink, manner: Manner, timing: Timing, clock: Clock) -> None:
        self._link, self._manner, self._timing, self._clock = link, manner, timing, clock
        self._fields: dict[str, list[tuple[Point, Field]]] = {}
        self._metrics: dict[MetricPlace, Point] = {}
        self._nodes: EdgeNodes | None = None
        self._sink: Sink | None = None
        self._beat: asyncio.Task[None] | None = None
        self._replies: dict[int, asyncio.Future[Reason | None]] = {}
        self._ids = itertools.count(1)

    async def open(self) -> None:
        await self._link.open()

    async def close(self) -> None:
        self._sink = None
        beat, self._beat = self._beat, None
        if beat is not None:
            await end(beat)
        for reply in self._replies.values():
            reply.cancel()
        self._replies.clear()
        await self._link.close()

    def examine(self, points: Sequence[Point]) -> None:
        for point in points:
            place(point, point.address)
            if point.writable:
                place(point, point.place_to_write)

    async def subscribe(self, groups: Sequence[Group], sink: Sink) -> None:
        self._sort(groups)
        self._sink = sink
        self._link.on_message, self._link.on_lost = self._take, sink.lost
        self._nodes = EdgeNodes(self._metrics, self._tell_metric, self._link.send, self._clock.monotonic)
        filters = [*self._fields, *self._nodes.filters, *self._reply_topics(groups)]
        if self._manner.online:
            filters.append(self._manner.online)
        if await self._link.subscribe(list(dict.fromkeys(filters))) >= REFUSED_FROM:
            raise Lost("the broker does not let us read all topics; look at its access rights")
        self._nodes.begin()
        self._beat = begin(self._keep_hearing(sink), "mqtt driver")

    async def write(self, writes: Sequence[Write]) -> Sequence[Reason | None]:
        if len(writes) == 1:  # two turns of the loop sooner
            return (await self._write(writes[0]),)
        return await asyncio.gather(*(self._write(each) for each in writes))

    # ---- what comes in

    def _sort(self, groups: Sequence[Group]) -> None:
        """Which points are where. Raises `PointError`."""
        self._fields.clear()
        self._metrics.clear()
        for point in (point for group in groups for point in group.points):
            where = place(point, point.address)
            if isinstance(where, Field):
                self._fields.setdefault(where.topic, []).append((point, where))
            elif where in self._metrics:
                raise PointError(f"{point.tag}: {point.address} is already {self._metrics[where].tag}")
            else:
                self._metrics[where] = point

    def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        if self._sink is None:
            return
        if topic == self._manner.online:
            self._presence(payload)
        if self._manner.reply and topic.endswith(self._manner.reply):
            self._reply(payload)
        rows = self._fields.get(topic)
        if rows is not None:
            self._take_fields(rows, payload, retained)
        elif self._nodes is not None and not retained:
            self._nodes.take(topic, payload)

    def _take_fields(self, rows: Sequence[tuple[Point, Field]], payload: bytes, retained: bool) -> None:
        try:
            document = parse(payload)
        except ValueError as error:
            self._tell_all(rows, Reason(Why.TYPE, f"the payload is neither text nor JSON: {error}"))
            return
        for point, where in rows:
            self._tell(point, self._aged(heard(point, where.path, document, self._manner.wording), retained))

    def _aged(self, said: Heard, retained: bool) -> Heard:
        """A retained value without a time stamp may be of any age."""
        if not retained or self._manner.trust_retained or isinstance(said, Reason):
            return said
        if said.device_time is not None or said.doubt:
            return said
        return Raw(said.value, None, "retained by the broker, age not known")

    def _presence(self, payload: bytes) -> None:
        if payload.decode(errors="replace").strip().strip('"').lower() == self._manner.offline.lower():
            for rows in self._fields.values():
                self._tell_all(rows, OFFLINE)
        else:  # whatever it retained is said again
            asyncio.get_running_loop().create_task(self._read_again())

    async def _read_again(self) -> None:
        with suppress(Lost, Silent):
            await self._link.subscribe([topic for topic in self._fields if topic != self._manner.online])

    def _tell_all(self, rows: Sequence[tuple[Point, Field]], said: Heard) -> None:
        for point, _ in rows:
            self._tell(point, said)

    def _tell_metric(self, where: MetricPlace, said: Heard) -> None:
        self._tell(self._metrics[where], said)

    def _tell(self, point: Point, said: Heard) -> None:
        if self._sink is not None:
            self._sink.heard(point, said)

    async def _keep_hearing(self, sink: Sink) -> None:
        """A question to the broker twice in each `answer_s`; without an answer it is not alive."""
        silences = 0
        while silences < self._timing.lost_after:
            await asyncio.sleep(self._timing.answer_s / 2)
            try:
                await self._link.greet()
            except Silent:
                silences += 1
            except Lost as lost:
                sink.lost(str(lost))
                return
            else:
                silences = 0
                sink.alive()
        sink.lost(f"{silences} questions that the broker has not answered")

    # ---- what goes out

    async def _write(self, write: Write) -> Reason | None:
        point, value = write
        where = place(point, point.place_to_write)
        name = next(self._ids)
        if isinstance(where, MetricPlace):
            made = DEAD if self._nodes is None else self._nodes.command(where, value, self._clock.utc())
            if isinstance(made, Reason):
                return made
            topic, payload = made
        else:
            topic = where.topic
            payload = command(value, where.path, self._manner.wording, name if self._manner.reply else None)
        waits = bool(self._manner.reply and isinstance(where, Field) and where.path)
        if waits and len(self._replies) >= MOST_WAITING:
            return Reason(Why.BUSY)
        reply = self._replies[name] = asyncio.get_running_loop().create_future()
        try:
            code = await self._link.publish(topic, payload, self._timing.command_s)
            if code == NOBODY_THERE:
                return NOBODY
            if code >= REFUSED_FROM:
                return Reason(Why.REFUSED, f"the broker says {code}")
            return await self._replied(reply) if waits else None
        finally:
            self._replies.pop(name, None)

    async def _replied(self, reply: "asyncio.Future[Reason | None]") -> Reason | None:
        try:
            async with asyncio.timeout(self._timing.answer_s):
                return await reply
        except TimeoutError:
            raise Silent("the device has not answered the command") from None

    def _reply_topics(self, groups: Sequence[Group]) -> list[str]:
        if not self._manner.reply:
            return []
        points = [point for group in groups for point in group.points if point.writable]
        places = [place(point, point.place_to_write) for point in points]
        return [f"{where.topic}{self._manner.reply}" for where in places if isinstance(where, Field) and where.path]

    def _reply(self, payload: bytes) -> None:
        try:
            document: Json = parse(payload)
        except ValueError:
            return
        if not isinstance(document, dict) or not isinstance(document.get("id"), int):
            return
        waiting = self._replies.get(int(str(document["id"])))
        if waiting is not None and not waiting.done():
            accepted = document.get("result") == "accepted"
            waiting.set_result(None if accepted else Reason(Why.REFUSED, str(document.get("reason", ""))[:80]))
