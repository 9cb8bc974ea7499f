"""One connection to a broker: dialling, TLS, log-in, publishing with an answer, subscribing, and its end.

Each connection is a new paho client: nothing that an earlier one did not get rid of is ever sent.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.drivers.cut import drop_unsent
from devices.drivers.reason import Lost, Silent
from devices.mqtt.loop_client import LoopClient, dial

NOBODY_THERE = 16  # reason code of MQTT 5: nobody has subscribed to that topic
NOTHING = "linelab/nothing"  # a filter that nobody has; taking it back makes a broker answer and changes nothing
KEEP_ALIVE_S = 10
Message = Callable[[str, bytes, bool], None]  # topic, payload, whether it was retained


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is and how to log in. `status`: a topic that says `online`, and `offline` as last will."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    client_id: str = ""
    version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5
    tls: ssl.SSLContext | None = None
    status: str = ""
    qos: int = 1


class MqttLink:
    """Opens and closes again and again. `on_message` and `on_lost` are called in the loop."""

    def __init__(self, broker: Broker, answer_s: float) -> None:
        self._broker, self._answer_s = broker, answer_s
        self._client: LoopClient | None = None
        self._answers: dict[int, asyncio.Future[int]] = {}
        self._connected: asyncio.Future[str] | None = None
        self._sound = self._answering = False
        self.on_message: Message = lambda _topic, _payload, _retained: None
        self.on_lost: Callable[[str], None] = lambda _why: None

    async def open(self) -> None:
        """Raises `Lost`."""
        broker = self._broker
        try:
            sock = await dial(broker.host, broker.port)
            if broker.tls is not None:
                sock = await _wrap(sock, broker.tls, broker.host, self._answer_s)
        except (OSError, UnicodeError) as error:
            raise Lost(str(error) or type(error).__name__) from error
        client = self._client = LoopClient(broker.client_id, sock, broker.version)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_message, client.on_publish = self._on_message, self._on_publish
        client.on_subscribe, client.on_unsubscribe = self._on_subscribe, self._on_unsubscribe
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        if broker.status:
            client.will_set(broker.status, b"offline", broker.qos, True)
        self._connected = asyncio.get_running_loop().create_future()
        client.connect(broker.host, broker.port, KEEP_ALIVE_S)
        refusal = await self._connected
        if refusal:
            raise Lost(refusal)
        self._sound = self._answering = True
        if broker.status:
            client.publish(broker.status, b"online", broker.qos, True)

    async def close(self) -> None:
        """Say goodbye where somebody listens, else cut; what was not sent is dropped. Raises nothing."""
        client, self._client = self._client, None
        polite, self._sound = self._sound and self._answering, False
        for answer in self._answers.values():
            answer.cancel()
        self._answers.clear()
        if client is None:
            return
        client.on_disconnect = client.on_message = None
        if polite:
            if self._broker.status:
                client.publish(self._broker.status, b"offline", 0, True)
            client.disconnect()
            client.loop_write()
        else:
            drop_unsent(client.connected_socket)
        client.close()

    async def publish(self, topic: str, payload: bytes, good_s: float | None = None) -> int:
        """The broker's reason code (of QoS 0: 0). `good_s`: how long the message may wait on its way.

        Raises `Silent`, `Lost`.
        """
        client = self._there()
        info = client.publish(topic, payload, self._broker.qos, False, self._properties(good_s))
        client.loop_write()  # now, not in the loop's next turn
        try:
            return await self._answer(info.mid) if self._broker.qos else 0
        except asyncio.CancelledError:
            self._answering = False  # whatever was not sent must not be sent in taking leave
            raise

    def send(self, topic: str, payload: bytes) -> None:
        """Without waiting for an answer."""
        if self._client is not None and self._sound:
            self._client.publish(topic, payload, 0)

    async def subscribe(self, filters: Sequence[str]) -> int:
        """The highest reason code; from 128 a filter was refused. Raises `Silent`, `Lost`."""
        if not filters:
            return 0
        _, mid = self._there().subscribe([(each, self._broker.qos) for each in filters])
        return await self._answer(mid or 0)

    async def greet(self) -> None:
        """Hear from the broker. Raises `Silent`, `Lost`."""
        client = self._there()
        client.loop_misc()
        _, mid = client.unsubscribe(NOTHING)
        await self._answer(mid or 0)

    # ---- inside

    def _properties(self, good_s: float | None) -> Properties | None:
        if good_s is None or self._broker.version is not MQTTProtocolVersion.MQTTv5:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.MessageExpiryInterval = max(1, round(good_s))
        return properties

    def _there(self) -> LoopClient:
        if self._client is None or not self._sound:
            raise Lost("not connected")
        return self._client

    async def _answer(self, mid: int) -> int:
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._answers[mid] = answer
        try:
            async with asyncio.timeout(self._answer_s):
                code = await answer
        except TimeoutError:
            self._answering = False  # it may still be done: a goodbye would send what is left
            raise Silent("no answer of the broker in time") from None
        except asyncio.CancelledError:
            if not self._sound and self._client is None:
                raise Lost("closed") from None
            raise
        finally:
            self._answers.pop(mid, None)
        self._answering = True
        return code

    def _answered(self, mid: int, code: int) -> None:
        answer = self._answers.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(code)

    # ---- what paho calls, on the loop

    def _on_connect(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _more: Properties | None
    ) -> None:
        if self._connected is not None and not self._connected.done():
            self._connected.set_result(f"the broker refuses: {reason}" if reason.is_failure else "")

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _more: Properties | None
    ) -> None:
        self._sound = False
        if self._connected is not None and not self._connected.done():
            self._connected.set_result(f"closed by the broker: {reason}")
            return
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(Lost(f"closed: {reason}"))
        self.on_lost(f"closed: {reason}")

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self.on_message(message.topic, bytes(message.payload), message.retain)

    def _on_publish(self, _client: paho.Client, _data: object, mid: int, reason: ReasonCode, _more: Properties) -> None:
        self._answered(mid, reason.value)

    def _on_subscribe(
        self, _client: paho.Client, _data: object, mid: int, reasons: list[ReasonCode], _more: Properties | None
    ) -> None:
        self._answered(mid, max((each.value for each in reasons), default=0))

    def _on_unsubscribe(
        self, _client: paho.Client, _data: object, mid: int, _reasons: list[ReasonCode], _more: Properties | None
    ) -> None:
        self._answered(mid, 0)


async def _wrap(sock: socket.socket, context: ssl.SSLContext, host: str, limit_s: float) -> ssl.SSLSocket:
    """TLS over a connected socket; the handshake is done in a thread."""

    def shake() -> ssl.SSLSocket:
        sock.settimeout(limit_s)
        safe = context.wrap_socket(sock, server_hostname=host)
        safe.setblocking(False)
        return safe

    try:
        return await asyncio.to_thread(shake)
    except BaseException:
        with suppress(OSError):
            sock.close()
        raise
