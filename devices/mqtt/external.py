"""The MQTT wire of a bench on an external broker, through paho-mqtt on the loop of the host: no thread.

Each voice of the line has a connection of its own, since a connection has one last will. Rights are the broker's:
3.1.1 does not tell who published, so every command comes from one client for each voice, a trainee.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.endpoint import Client, LineView, Role, Wire
from devices.late_line import LateLine
from devices.mqtt.loop_client import LoopClient, dial
from devices.mqtt.outlet import call
from devices.mqtt.packets import Publish
from devices.mqtt.plain import PlainVoice
from devices.mqtt.rights import new_client
from devices.mqtt.voice import Voice
from devices.tasks import begin, end

_log = logging.getLogger(__name__)
KEEP_ALIVE_S = 15
CONNECT_S = 5.0
GOODBYE_S = 1.0  # for the broker to confirm that the line is offline
BACK_OFF_S = (0.5, 30.0)  # first and longest pause between attempts
UNCONFIRMED = 500  # messages that the broker has not acknowledged: past it state waits, the newest value wins


class MqttBridge:
    """Implements `Endpoint` for one voice on a broker given by URL, `mqtt://user:password@host:port`.

    It connects and connects again by itself with growing pauses, and then publishes everything anew. Only changes of
    that are logged. `start` never fails because the broker is away.
    """

    def __init__(self, view: LineView, url: str, voice: Voice | None = None, *, interval_s: float = 0.05) -> None:
        parts = urlsplit(url)
        if parts.scheme != "mqtt" or not parts.hostname:
            raise ValueError(
                f"not a URL of an MQTT broker: {parts.scheme}://{parts.hostname or ''}, mqtt://host:port is"
            )
        self._host, self._port = parts.hostname, parts.port or 1883
        self._user = unquote(parts.username) if parts.username is not None else None
        self._password = unquote(parts.password) if parts.password is not None else None
        self._view = view
        self._interval_s = interval_s
        self._voice = voice or PlainVoice(view)
        self._name = " ".join(filter(None, ("mqtt", self._voice.name)))
        self._task: asyncio.Task[None] | None = None
        self._link: LoopClient | None = None
        self._client: Client | None = None
        self._line: LateLine[Callable[[], None]] | None = None
        self._answered = asyncio.Event()  # to our CONNECT, one way or the other
        self._lost = asyncio.Event()
        self._confirmed = asyncio.Event()  # the broker has all that it was sent
        self._refusal = ""
        self._unconfirmed: set[int] = set()
        self._flushing = False
        self._trouble: str | None = ""  # what was logged last; None: that it works

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"mqtt://{host}:{self._port}"

    @property
    def clients(self) -> int:
        """Whether the broker is there: who its clients are it does not say."""
        return int(self._client is not None)

    async def start(self) -> None:
        self._task = begin(self._run(), f"mqtt bridge {self.url}")

    async def stop(self) -> None:
        if self._task is None:
            return
        await end(self._task)
        self._task = None

    # --- connecting

    async def _run(self) -> None:
        pause = BACK_OFF_S[0]
        while True:
            try:
                await self._connect()
                pause = BACK_OFF_S[0]
                await self._publish_until_lost()
                if self._voice.hang_up:
                    await self._leave()
                    continue  # it wants a new connection, at once
                self._say(f"connection to {self.url} lost")
            except (OSError, UnicodeError) as error:  # a name that cannot be one is a UnicodeError
                self._say(f"{self.url} not reached: {error or type(error).__name__}")
            finally:
                await self._leave()
            await asyncio.sleep(pause)
            pause = min(pause * 2, BACK_OFF_S[1])

    async def _connect(self) -> None:
        if self._closed:
            raise ConnectionRefusedError("the link is down")
        async with asyncio.timeout(CONNECT_S):
            link = self._link = self._new_link(await dial(self._host, self._port))
            link.connect(self._host, self._port, KEEP_ALIVE_S)
            await self._answered.wait()
        if self._lost.is_set():
            raise ConnectionError(self._refusal or "closed by the broker")
        self._line = LateLine(self._view.link(Wire.MQTT), call)
        self._client = new_client(f"{self._name} {self._host}", Role.TRAINEE)
        if self._voice.subscriptions:
            link.subscribe(list(self._voice.subscriptions))
        self._say(None)

    def _new_link(self, connected: socket.socket) -> LoopClient:
        name = f"-{self._voice.name}" if self._voice.name else ""
        link = LoopClient(f"linelab-{self._view.bench}-{self._view.line}{name}", connected)
        if self._user is not None:
            link.username_pw_set(self._user, self._password)
        will = self._voice.prepare()
        link.will_set(will.topic, will.payload, will.qos, will.retain)
        link.max_inflight_messages_set(100)
        link.on_connect, link.on_disconnect = self._on_connect, self._on_disconnect
        link.on_message, link.on_publish = self._on_message, self._on_publish
        self._answered.clear()
        self._lost.clear()
        self._unconfirmed.clear()
        self._refusal = ""
        return link

    async def _leave(self) -> None:
        """Say goodbye where that is possible, and leave nothing open."""
        link, self._link = self._link, None
        client, self._client = self._client, None
        if self._line is not None:
            self._line.clear()
        if link is not None:
            if client is not None and not self._lost.is_set():
                await self._say_goodbye(link)
            if not self._lost.is_set():
                link.disconnect()  # after a loss there is nobody to tell, and the last will shall be published
                link.loop_write()  # now: a connection that is closed without it makes the broker publish the will
            link.close()
        if client is not None:
            self._view.closed(client)

    async def _say_goodbye(self, link: LoopClient) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                self._confirmed.clear()
                said = [link.publish(*message[:4]).mid for message in self._voice.farewell() if message.qos]
                self._unconfirmed = set(said)
                if said:
                    await self._confirmed.wait()

    def _say(self, trouble: str | None) -> None:
        """Log what changed, once."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if trouble is None:
            _log.info("%s: connected to %s", self._name, self.url)
        else:
            _log.warning("%s: %s", self._name, trouble)

    @property
    def _closed(self) -> bool:
        state = self._view.link(Wire.MQTT).state
        return state.down or state.restarting

    # --- publishing

    async def _publish_until_lost(self) -> None:
        self._voice.connected()
        while not self._lost.is_set() and not self._voice.hang_up:
            self._publish_due()
            await asyncio.sleep(self._interval_s)
            if self._link is not None:
                self._link.loop_misc()
            if self._closed:
                self._lost.set()  # without a goodbye: the broker finds it gone

    def _publish_due(self) -> None:
        self._flushing = False
        link = self._link
        if link is None or self._line is None or len(self._unconfirmed) > UNCONFIRMED or link.want_write():
            return  # a broker that does not take what it is sent gets the newest later
        for message in self._voice.due():
            self._line.put(partial(self._send, message))

    def _send(self, message: Publish) -> None:
        if self._link is not None:
            mid = self._link.publish(*message[:4]).mid
            if message.qos:
                self._unconfirmed.add(mid)

    # --- what paho calls, on the loop

    def _on_connect(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _more: Properties | None
    ) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
            self._lost.set()
        self._answered.set()

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, _reason: ReasonCode, _more: Properties | None
    ) -> None:
        self._lost.set()
        self._answered.set()
        self._confirmed.set()

    def _on_publish(
        self, _client: paho.Client, _data: object, mid: int, _reason: ReasonCode, _more: Properties
    ) -> None:
        self._unconfirmed.discard(mid)
        if not self._unconfirmed:
            self._confirmed.set()

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if self._client is None:
            return
        came = Publish(message.topic, bytes(message.payload), message.qos, message.retain)
        if self._voice.take(self._client, came) and not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._publish_due)  # the answer waits for no turn


class Bridges:
    """Implements `Endpoint`: plain JSON and further voices, each on its own connection to the same broker."""

    def __init__(self, view: LineView, url: str, voices: Sequence[Voice], *, interval_s: float = 0.05) -> None:
        self.also = tuple(voice.about for voice in voices if voice.about)
        self._bridges = [MqttBridge(view, url, voice, interval_s=interval_s) for voice in (PlainVoice(view), *voices)]

    @property
    def url(self) -> str:
        return self._bridges[0].url

    @property
    def clients(self) -> int:
        return self._bridges[0].clients

    async def start(self) -> None:
        for bridge in self._bridges:
            await bridge.start()

    async def stop(self) -> None:
        await asyncio.gather(*(bridge.stop() for bridge in self._bridges))
