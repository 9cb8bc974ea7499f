"""The MQTT wire of a bench on an external broker, through paho-mqtt on the loop of the host: no thread.

The same topics as on the own broker, with the bench in front, because such a broker is shared. Its rights are its
own: 3.1.1 does not tell who published, so every command comes from one client, a trainee.
"""

import asyncio
import ipaddress
import logging
import socket
from contextlib import suppress
from functools import partial
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.endpoint import Client, LineView, Role, Wire
from devices.mqtt.alarms import AlarmFeed, AlarmSpace, alarm_commands
from devices.mqtt.delay import DelayLine
from devices.mqtt.line_topics import Commands, StateFeed, Topics
from devices.mqtt.rights import new_client
from devices.tasks import begin, end

_log = logging.getLogger(__name__)
KEEP_ALIVE_S = 15
CONNECT_S = 5.0
GOODBYE_S = 1.0  # for the broker to confirm that the line is offline
BACK_OFF_S = (0.5, 30.0)  # first and longest pause between attempts
UNCONFIRMED = 500  # messages that the broker has not acknowledged: past it state waits, the newest value wins


class _Link(paho.Client):
    """A paho client on a socket that is connected already: paho itself would block the loop while it connects."""

    def __init__(self, client_id: str, connected: socket.socket) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=paho.MQTTv311,
            clean_session=True,
            reconnect_on_failure=False,
        )
        self._connected_socket = connected

    def _create_socket(self) -> socket.socket:
        return self._connected_socket

    def close(self) -> None:
        """Let go of the socket, whatever paho thinks of it."""
        self.on_socket_close = self.on_socket_unregister_write = None
        if self._connected_socket.fileno() >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._connected_socket)
            loop.remove_writer(self._connected_socket)
            self._connected_socket.close()


class MqttBridge:
    """Implements `Endpoint` on a broker given by URL, `mqtt://user:password@host:port`.

    It connects and connects again by itself with growing pauses, and then publishes everything anew. Only changes of
    that are logged. `start` never fails because the broker is away.
    """

    def __init__(self, view: LineView, url: str, *, interval_s: float = 0.05) -> None:
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
        self._topics = Topics(view.line, view.bench)
        self._feed = StateFeed(view, self._topics)
        self._commands = Commands(view, self._topics)
        self._alarms, self._alarm_commands = AlarmFeed(view, self._topics), AlarmSpace(view, self._topics)
        self._task: asyncio.Task[None] | None = None
        self._link: _Link | None = None
        self._client: Client | None = None
        self._line: DelayLine | None = None
        self._answered = asyncio.Event()  # to our CONNECT, one way or the other
        self._lost = asyncio.Event()
        self._confirmed = asyncio.Event()  # the broker has all that it was sent
        self._refusal = ""
        self._unconfirmed: set[int] = set()
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
                self._say(f"connection to {self.url} lost")
            except (OSError, UnicodeError) as error:  # a name that cannot be one is a UnicodeError
                self._say(f"{self.url} not reached: {error or type(error).__name__}")
            finally:
                await self._leave()
            await asyncio.sleep(pause)
            pause = min(pause * 2, BACK_OFF_S[1])

    async def _connect(self) -> None:
        if self._view.link(Wire.MQTT).down:
            raise ConnectionRefusedError("the link is down")
        async with asyncio.timeout(CONNECT_S):
            link = self._link = self._new_link(await _dial(self._host, self._port))
            link.connect(self._host, self._port, KEEP_ALIVE_S)
            await self._answered.wait()
        if self._lost.is_set():
            raise ConnectionError(self._refusal or "closed by the broker")
        self._line = DelayLine(self._view.link(Wire.MQTT))
        self._client = new_client(f"mqtt {self._host}", Role.TRAINEE)
        link.subscribe([(self._topics.commands, 1), (alarm_commands(self._topics), 1)])
        self._say(None)

    def _new_link(self, connected: socket.socket) -> _Link:
        loop = asyncio.get_running_loop()
        link = _Link(f"linelab-{self._view.bench}-{self._view.line}", connected)
        if self._user is not None:
            link.username_pw_set(self._user, self._password)
        link.will_set(self._topics.status, b"offline", 1, True)
        link.max_inflight_messages_set(100)
        link.on_socket_open = lambda _client, _data, sock: loop.add_reader(sock, link.loop_read)
        link.on_socket_close = lambda _client, _data, sock: _ignore(loop.remove_reader(sock))
        link.on_socket_register_write = lambda _client, _data, sock: loop.add_writer(sock, link.loop_write)
        link.on_socket_unregister_write = lambda _client, _data, sock: _ignore(loop.remove_writer(sock))
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
            link.close()
        if client is not None:
            self._view.closed(client)

    async def _say_goodbye(self, link: _Link) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                self._confirmed.clear()
                self._unconfirmed = {link.publish(self._topics.status, b"offline", 1, True).mid}
                await self._confirmed.wait()

    def _say(self, trouble: str | None) -> None:
        """Log what changed, once."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if trouble is None:
            _log.info("mqtt: connected to %s", self.url)
        else:
            _log.warning("mqtt: %s", trouble)

    # --- publishing

    async def _publish_until_lost(self) -> None:
        self._feed.restart()
        self._alarms.restart()
        self._publish(self._topics.status, b"online", True)
        while not self._lost.is_set():
            self._publish_states()
            await asyncio.sleep(self._interval_s)
            if self._link is not None:
                self._link.loop_misc()
            if self._view.link(Wire.MQTT).down:
                self._lost.set()  # without a goodbye: the broker finds it gone

    def _publish_states(self) -> None:
        if len(self._unconfirmed) > UNCONFIRMED:
            return
        for topic, payload in self._feed.due():
            self._publish(topic, payload, True)
        for topic, payload, retain in self._alarms.due():
            self._publish(topic, payload, retain)

    def _publish(self, topic: str, payload: bytes, retain: bool) -> None:
        if self._line is not None:
            self._line.put(partial(self._send, topic, payload, retain))

    def _send(self, topic: str, payload: bytes, retain: bool) -> None:
        if self._link is not None:
            self._unconfirmed.add(self._link.publish(topic, payload, 1, retain).mid)

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
        given = self._client, message.topic, bytes(message.payload), message.retain
        answer = self._commands.take(*given) or self._alarm_commands.take(*given)
        if answer is not None:
            self._publish(*answer, retain=False)


def _ignore(_: bool) -> None:
    """For callbacks that must return nothing."""


async def _dial(host: str, port: int) -> socket.socket:
    """A connected socket, at the first address of the host that answers."""
    failure = OSError(f"{host} has no address")
    for family, address in await _addresses(host, port):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, address)
        except OSError as error:
            sock.close()
            failure = error
        except asyncio.CancelledError:
            sock.close()
            raise
        else:
            return sock
    raise failure


async def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        # a name: asyncio asks for it in a worker thread of the loop
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [(family, (str(address[0]), port)) for family, _, _, _, address in found]
    return [(socket.AF_INET if version == 4 else socket.AF_INET6, (host, port))]
