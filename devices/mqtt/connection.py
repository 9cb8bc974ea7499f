"""One client's side of the broker: what each of its packets does. Sans-I/O: bytes come in, an `Outlet` takes them away.

The rules that the standard numbers are kept here and in the codec; what a bench decides is asked of `Rules`.
"""

import logging
import secrets
from collections.abc import Callable
from typing import Any

from devices.endpoint import Client
from devices.mqtt.broker import Broker
from devices.mqtt.codec import LEVEL, Decoder, Malformed
from devices.mqtt.frames import ack_frame, frame
from devices.mqtt.packets import (
    REFUSED,
    Ack,
    Code,
    ConnAck,
    Connect,
    Kind,
    Packet,
    Publish,
    Signal,
    SubAck,
    Subscribe,
    Unsubscribe,
    Will,
)
from devices.mqtt.session import Outlet, Session
from devices.mqtt.topics import valid_filter

_log = logging.getLogger(__name__)


class Connection:
    """From the first byte of a client to its last. `closed` is called once, whoever ended it."""

    def __init__(self, broker: Broker, outlet: Outlet, peer: str) -> None:
        self.heard = 0  # packets so far: the owner of the socket tells silence by it
        self._broker = broker
        self._outlet = outlet
        self._peer = peer
        self._decoder = Decoder(broker.limits.packet_bytes)
        self._client: Client | None = None
        self._session: Session | None = None
        self._will: Will | None = None
        self._over = False
        # keyed by the type of the packet, so each method gets its own: a type that annotations cannot say
        self._takers: dict[type[Packet], Callable[[Session, Any], None]] = {
            Publish: self._publish,
            Ack: self._ack,
            Subscribe: self._subscribe,
            Unsubscribe: self._unsubscribe,
            Signal: self._signal,
        }

    @property
    def over(self) -> bool:
        """True from the moment that nothing counts any more of what the client sends."""
        return self._over

    @property
    def connected(self) -> bool:
        return self._session is not None

    def receive(self, data: bytes) -> None:
        """Bytes came."""
        if self._over:
            return
        try:
            for packet in self._decoder.feed(data):
                self.heard += 1
                self._take(packet)
                if self.over:
                    return
        except Malformed as error:
            self.reject(str(error))

    def reject(self, why: str) -> None:
        """Close for something that the client must not do [MQTT-4.8.0-1], and count it."""
        _log.info("mqtt: %s closed: %s", self._peer, why)
        self._broker.counters.rejected += 1
        self._broker.rules.reject(self._peer, why)
        self._outlet.drop()
        self.lost()

    def silent(self) -> None:
        """The client said nothing for one and a half times its keep-alive [MQTT-3.1.2-24]."""
        _log.info("mqtt: %s is silent", self._peer)
        self._outlet.drop()
        self.lost()

    def writable(self) -> None:
        """The client reads again."""
        if self._session is not None and not self._over:
            self._session.pump()

    def lost(self) -> None:
        """The connection is gone: the will is published, a session that is not to be kept ends. Once."""
        if self._over:
            return
        self._over = True
        session, client, will = self._session, self._client, self._will
        if session is None or client is None:
            return
        self._broker.close(session)
        if will is not None:
            self._broker.accept(client, Publish(will.topic, will.payload, will.qos, will.retain))
        self._broker.rules.left(client)

    def replaced(self) -> None:
        """Another client came with the same identifier [MQTT-3.1.4-2]."""
        _log.info("mqtt: %s replaced by another client of its name", self._peer)
        self.lost()
        self._outlet.drop()

    # --- packets

    def _take(self, packet: Packet) -> None:
        if self._session is None:
            if not isinstance(packet, Connect):
                raise Malformed("the first packet is not CONNECT [MQTT-3.1.0-1]")
            self._connect(packet)
            return
        taker = self._takers.get(type(packet))
        if taker is None:
            raise Malformed(f"{type(packet).__name__} from a connected client [MQTT-3.1.0-2]")
        taker(self._session, packet)

    def _connect(self, connect: Connect) -> None:
        if connect.level == LEVEL and not connect.client_id and connect.clean:
            connect = connect._replace(client_id=f"auto-{secrets.token_hex(8)}")  # [MQTT-3.1.3-6]
        client = self._admit(connect)
        if isinstance(client, Code):
            self._refuse(client)
            return
        session, present = self._broker.open(connect, client)
        self._client, self._session, self._will = client, session, connect.will
        self._outlet.send(frame(ConnAck(present, Code.ACCEPTED)))  # before anything else [MQTT-3.2.0-1]
        self._outlet.limit_silence(connect.keep_alive * 1.5)
        session.attach(client, self._outlet, self.replaced)

    def _admit(self, connect: Connect) -> Client | Code:
        if connect.level != LEVEL:
            return Code.LEVEL  # [MQTT-3.1.2-2]
        if not connect.client_id:
            return Code.CLIENT_ID  # [MQTT-3.1.3-8]
        return self._broker.rules.admit(connect, self._peer)

    def _refuse(self, code: Code) -> None:
        why = f"CONNACK {code.value} {code.name.lower()}"
        _log.info("mqtt: %s refused: %s", self._peer, why)
        self._over = True
        self._broker.counters.rejected += 1
        self._broker.rules.reject(self._peer, why)
        self._outlet.send(frame(ConnAck(False, code)))
        self._outlet.end()

    def _publish(self, session: Session, packet: Publish) -> None:
        if packet.qos == 2:
            if packet.packet_id not in session.incoming:  # a repeated one is not published twice [MQTT-4.3.3-2]
                session.incoming.add(packet.packet_id)
                self._broker.accept(session.client, packet)
            self._outlet.send(ack_frame(Kind.PUBREC, packet.packet_id))
            return
        self._broker.accept(session.client, packet)
        if packet.qos:
            self._outlet.send(ack_frame(Kind.PUBACK, packet.packet_id))

    def _ack(self, session: Session, packet: Ack) -> None:
        match packet.kind:
            case Kind.PUBACK:
                session.acknowledged(packet.packet_id)
            case Kind.PUBREC:
                session.received(packet.packet_id)
            case Kind.PUBCOMP:
                session.completed(packet.packet_id)
            case Kind.PUBREL:
                session.incoming.discard(packet.packet_id)
                self._outlet.send(ack_frame(Kind.PUBCOMP, packet.packet_id))
            case _:
                raise Malformed("UNSUBACK from a client [MQTT-4.8.0-1]")

    def _subscribe(self, session: Session, packet: Subscribe) -> None:
        granted = tuple(self._grant(session, pattern, qos) for pattern, qos in packet.filters)
        self._outlet.send(frame(SubAck(packet.packet_id, granted)))
        for (pattern, _), code in zip(packet.filters, granted, strict=True):
            if code != REFUSED:
                self._broker.greet(session, pattern)

    def _grant(self, session: Session, pattern: str, qos: int) -> int:
        if not valid_filter(pattern):
            raise Malformed("topic filter [MQTT-4.7.1]")
        limits = self._broker.limits
        known = pattern in session.subscriptions
        if (not known and len(session.subscriptions) >= limits.subscriptions) or pattern.count("/") >= limits.levels:
            return REFUSED
        if not self._broker.rules.may_subscribe(session.client, pattern):
            return REFUSED
        self._broker.subscribe(session, pattern, qos)
        return qos

    def _unsubscribe(self, session: Session, packet: Unsubscribe) -> None:
        for pattern in packet.filters:
            self._broker.unsubscribe(session, pattern)
        self._outlet.send(ack_frame(Kind.UNSUBACK, packet.packet_id))  # known or not [MQTT-3.10.4-5]

    def _signal(self, session: Session, packet: Signal) -> None:
        if packet.kind is Kind.PINGREQ:
            self._outlet.send(frame(Signal(Kind.PINGRESP)))
        elif packet.kind is Kind.DISCONNECT:
            self._will = None  # [MQTT-3.14.4-3]
            self.lost()
            self._outlet.end()
        else:
            raise Malformed("PINGRESP from a client")
