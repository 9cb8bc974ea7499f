"""The MQTT wire of a bench on its own embedded broker. Translates; holds no business logic."""

import asyncio
import logging

from devices.endpoint import Credentials, LineView, Wire
from devices.mqtt.broker import Broker
from devices.mqtt.line_topics import StateFeed, Topics
from devices.mqtt.rights import BenchRules
from devices.mqtt.server import MqttServer
from devices.mqtt.session import Counters, Limits
from devices.tasks import begin, end

_log = logging.getLogger(__name__)


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
    ) -> None:
        self._host, self._port = host, port
        self._interval_s = interval_s
        self._topics = Topics(view.line)
        self._feed = StateFeed(view, self._topics)
        self._broker = Broker(BenchRules(view, credentials, self._topics), limits)
        self._server = MqttServer(self._broker, view.link(Wire.MQTT))
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"mqtt://{host}:{self._port}"

    @property
    def clients(self) -> int:
        return self._server.clients

    @property
    def counters(self) -> Counters:
        return self._broker.counters

    async def start(self) -> None:
        self._publish()  # before anybody can come: the first client finds every retained state
        self._broker.publish(self._topics.status, b"online", 1, True)
        self._port = await self._server.start(self._host, self._port)
        self._task = begin(self._run(), f"mqtt {self.url}")
        _log.info("mqtt: broker on %s", self.url)

    async def stop(self) -> None:
        if self._task is None:
            return
        await end(self._task)
        self._task = None
        self._publish()
        self._broker.publish(self._topics.status, b"offline", 1, True)
        await self._server.stop()
        _log.info("mqtt: broker on %s stopped", self.url)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            self._publish()

    def _publish(self) -> None:
        for topic, payload in self._feed.due():
            self._broker.publish(topic, payload, 1, True)
