"""The MQTT wire of a bench on its own embedded broker. Translates; holds no business logic."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devices.endpoint import Credentials, LineView, Wire
from devices.mqtt.alarms import AlarmFeed, AlarmSpace
from devices.mqtt.broker import Broker
from devices.mqtt.impostor import Impostor
from devices.mqtt.in_house import InHouse
from devices.mqtt.limits import Counters, Limits
from devices.mqtt.line_topics import StateFeed, Topics, reply_payload
from devices.mqtt.news import shown
from devices.mqtt.packets import Publish
from devices.mqtt.rights import BenchRules, LineSpace, Space
from devices.mqtt.server import MqttServer, tls_context
from devices.mqtt.session import Session
from devices.mqtt.sys_topics import INTERVAL_S, SysTopics
from devices.mqtt.voice import Voice
from devices.mqtt.websocket import PATH
from devices.strangers import Guests, StrangerWrite
from devices.tasks import begin, end

_log = logging.getLogger(__name__)
STRANGER = "192.168.10.66"  # an address of the line's network that belongs to nobody


@dataclass(frozen=True, slots=True)
class MorePorts:
    """Further ports of the broker; None: not offered. TLS needs `certificate`: the paths of certificate and key in PEM,
    made at the first call, which may take some tenths of a second and runs in a thread."""

    websocket: int | None = None
    tls: int | None = None
    certificate: Callable[[], tuple[Path, Path]] | None = None


class MqttEndpoint:
    """Implements `Endpoint`: a broker that only this line's state and this bench's clients live on.

    What changed is published every `interval_s`, the newest value of each tag. Sessions and retained messages live as
    long as the endpoint.
    """

    def __init__(
        self,
        view: LineView,
        host: str,
        port: int,
        credentials: Credentials,
        *,
        interval_s: float = 0.05,
        limits: Limits | None = None,
        more: MorePorts | None = None,
        voices: Sequence[Voice] = (),
    ) -> None:
        self._host, self._port = host, port
        self._more = more or MorePorts()
        self._interval_s = interval_s
        self._topics = Topics(view.line)
        self._feed = StateFeed(view, self._topics)
        self._alarms = AlarmFeed(view, self._topics)
        self._voices = InHouse(voices, self._say)
        spaces: list[Space] = [LineSpace(view, self._topics), AlarmSpace(view, self._topics), *self._voices.spaces]
        self._broker = Broker(BenchRules(view, credentials, spaces, self._voices.free), limits)
        self._server = MqttServer(self._broker, view.link(Wire.MQTT))
        self._server.forgotten = self._forget
        self._view = view
        impostor = Impostor(self._broker, view.link(Wire.MQTT), self._voices.bounces, self._taken_over)
        self._server.watch.also.append(impostor.look)
        self._guests = Guests()
        view.strangers(Wire.MQTT, self._hear_stranger)
        self._own = SysTopics(self._broker, self._guests.last_s)
        self._own_due_s = 0.0
        self._stale = False
        self._more_urls: list[str] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return self._at("mqtt", self._port)

    @property
    def more_urls(self) -> tuple[str, ...]:
        """Where the same broker listens as well: `mqtts://…`, `ws://…/mqtt`."""
        return tuple(self._more_urls)

    @property
    def also(self) -> tuple[str, ...]:
        return self._voices.about

    @property
    def clients(self) -> int:
        return self._server.clients

    @property
    def counters(self) -> Counters:
        return self._broker.counters

    async def start(self) -> None:
        self._publish()  # before anybody can come: the first client finds every retained state
        self._broker.publish(self._topics.status, b"online", 1, True)
        self._voices.start()
        self._voices.turn()
        try:
            self._port = await self._server.start(self._host, self._port)
            await self._start_more()
        except OSError:
            await self._server.stop()
            raise
        self._tell_of_itself()
        self._task = begin(self._run(), f"mqtt {self.url}")
        _log.info("mqtt: broker on %s", ", ".join((self.url, *self.more_urls)))

    async def stop(self) -> None:
        if self._task is None:
            return
        await end(self._task)
        self._task = None
        self._publish()
        self._broker.publish(self._topics.status, b"offline", 1, True)
        self._voices.stop()
        await self._server.stop()
        _log.info("mqtt: broker on %s stopped", self.url)

    async def _start_more(self) -> None:
        more = self._more
        self._more_urls.clear()
        if more.tls is not None and more.certificate is not None:
            context = tls_context(*await asyncio.to_thread(more.certificate))
            self._more_urls.append(self._at("mqtts", await self._server.listen(self._host, more.tls, tls=context)))
        if more.websocket is not None:
            port = await self._server.listen(self._host, more.websocket, websocket=True)
            self._more_urls.append(self._at("ws", port) + PATH)

    def _at(self, scheme: str, port: int) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host}:{port}"

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            self._publish()
            self._tell_of_itself()

    def _publish(self) -> None:
        stale, self._stale = self._stale, self._broker.trouble.stale
        if stale and not self._stale:
            self._feed.restart()  # what was retained meanwhile is renewed
            self._alarms.restart()
            self._voices.renew()
        for topic, payload in self._feed.due():
            self._broker.publish(topic, payload, 1, True)
        for topic, payload, retain in self._alarms.due():
            self._broker.publish(topic, payload, 1, retain)
        if self._task is not None:
            self._voices.turn()

    def _forget(self) -> None:
        """The device booted: its broker knows nobody, and the line says everything anew."""
        self._broker.forget()
        self._feed.restart()
        self._alarms.restart()
        self._own = SysTopics(self._broker, self._guests.last_s)
        self._own_due_s = 0.0
        self._broker.publish(self._topics.status, b"online", 1, True)
        self._voices.start()
        self._publish()  # before anybody can come

    def _taken_over(self, session: Session) -> None:
        self._view.note(session.client, "connect", f"{session.client_id} from {STRANGER}")

    def _hear_stranger(self, write: StrangerWrite) -> None:
        """Somebody else's command, as everybody on the broker sees it and its answer."""
        self._guests.heard(write.peer, self._view.clock.monotonic())
        self._broker.counters.packets += 1
        self._broker.counters.received += 1
        self._broker.publish(self._topics.command(write.tag), json.dumps(shown(write.tag, write.value)).encode())
        reason = None if write.refusal is None else write.refusal.value
        self._broker.publish(self._topics.reply(write.tag), reply_payload(None, reason), 1)

    def _say(self, message: Publish) -> None:
        self._broker.publish(*message[:4])

    def _tell_of_itself(self) -> None:
        now_s = self._broker.timing.time()
        if now_s >= self._own_due_s:
            self._guests.gone(self._view.clock.monotonic())
            self._own_due_s = now_s + INTERVAL_S
            for topic, payload in self._own.due():
                self._broker.publish(topic, payload, 0, True)
