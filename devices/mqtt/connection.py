"""One client's side of the broker: what each of its packets does. Sans-I/O: bytes come in, an `Outlet` takes them away.

The rules that the standard numbers are kept here and in the codec; what a bench decides is asked of `Rules`.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from devices.endpoint import Client
from devices.mqtt import greeting
from devices.mqtt.broker import Broker, Handle
from devices.mqtt.codec import Decoder, Malformed
from devices.mqtt.frames import ack_frame, frame
from devices.mqtt.packets import (
    NO_LOCAL,
    NONE,
    V5,
    V311,
    Ack,
    Auth,
    Code,
    ConnAck,
    Connect,
    Disconnect,
    Kind,
    Packet,
    Properties,
    Publish,
    Reason,
    Signal,
    SubAck,
    Subscribe,
    UnsubAck,
    Unsubscribe,
    Will,
)
from devices.mqtt.reasons import FAILED, REASONS
from devices.mqtt.session import Outlet, Session, Terms
from devices.mqtt.topics import shared, valid_filter

_log = logging.getLogger(__name__)
_PONG = frame(Signal(Kind.PINGRESP))


class Connection:
    """From the first byte of a client to its last."""

    def __init__(self, broker: Broker, outlet: Outlet, peer: str) -> None:
        self.heard = 0  # packets so far: the owner of the socket tells silence by it
        self._broker = broker
        self._outlet = outlet
        self._peer = peer
        self._decoder = Decoder(broker.limits.packet_bytes)
        self._level = V311
        self._terms = Terms()
        self._client: Client | None = None
        self._session: Session | None = None
        self._will: Will | None = None
        self._aliases: dict[int, str] = {}  # that the client gave
        self._over = False
        self._held: Handle | None = None  # a refusal that waits
        # keyed by the type of the packet, so each method gets its own: a type that annotations cannot say
        self._takers: dict[type[Packet], Callable[[Session, Any], None]] = {
            Publish: self._publish,
            Ack: self._ack,
            Subscribe: self._subscribe,
            Unsubscribe: self._unsubscribe,
            Signal: self._signal,
            Disconnect: self._disconnect,
            Auth: self._auth,
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
        counters = self._broker.counters
        counters.bytes_received += len(data)
        try:
            for packet in self._decoder.feed(data):
                self.heard += 1
                counters.packets += 1
                self._take(packet)
                if self.over:
                    return
        except Malformed as error:
            self.reject(str(error), error.reason)

    def reject(self, why: str, reason: Reason = Reason.PROTOCOL) -> None:
        """Close for something that the client must not do [MQTT-4.8.0-1], and count it."""
        if self._over:
            self._outlet.drop()
            return
        _log.info("mqtt: %s closed: %s", self._peer, why)
        self._broker.counters.rejected += 1
        self._broker.rules.reject(self._peer, why)
        self._hang_up(reason, why)

    def silent(self) -> None:
        """The client said nothing for one and a half times its keep-alive [MQTT-3.1.2-24]."""
        _log.info("mqtt: %s is silent", self._peer)
        self._hang_up(Reason.KEEP_ALIVE, "keep-alive")

    def writable(self) -> None:
        """The client reads again."""
        if self._session is not None and not self._over:
            self._session.pump()

    def lost(self) -> None:
        """The connection is gone: the will is due, a session that is not to be kept ends. Once."""
        if self._held is not None:
            self._held.cancel()
            self._answer_held()
        if self._over:
            return
        self._over = True
        session, client, will = self._session, self._client, self._will
        if session is None or client is None:
            return
        self._broker.close(session, will)
        self._broker.rules.left(client)

    def replaced(self) -> None:
        """Another client came with the same identifier [MQTT-3.1.4-2]."""
        _log.info("mqtt: %s replaced by another client of its name", self._peer)
        self._hang_up(Reason.TAKEN_OVER, "session taken over")

    def shut(self) -> None:
        """The broker stops."""
        if self._session is not None and not self._over and self._level == V5:
            self._say(Disconnect(Reason.SHUTTING_DOWN))
        self._outlet.end()

    # --- packets

    def _take(self, packet: Packet) -> None:
        if self._session is None:
            if not isinstance(packet, Connect):
                raise Malformed("the first packet is not CONNECT [MQTT-3.1.0-1]", Reason.PROTOCOL)
            self._connect(packet)
            return
        taker = self._takers.get(type(packet))
        if taker is None:
            why = f"{type(packet).__name__} from a connected client [MQTT-3.1.0-2]"
            raise Malformed(why, Reason.PROTOCOL)
        taker(self._session, packet)

    def _connect(self, connect: Connect) -> None:
        self._level = self._decoder.level = V5 if connect.level >= V5 else V311
        self._terms = greeting.terms(connect, self._broker.limits)
        if self._broker.trouble.busy():
            self._refuse(Code.UNAVAILABLE)
            return
        connect, assigned = greeting.named(connect)
        client = greeting.admit(connect, self._broker.rules, self._peer)
        if not isinstance(client, Client):
            self._refuse(client)
            return
        expiry_s = greeting.session_expiry(connect)
        session, present = self._broker.open(connect, client, expiry_s)
        self._client, self._session, self._will = client, session, connect.will
        keep_alive_s = greeting.keep_alive(connect, self._broker.limits)
        answer = greeting.answer(connect, self._broker.limits, assigned) if self._level == V5 else NONE
        self._say(ConnAck(present, Code.ACCEPTED, answer))  # before anything else [MQTT-3.2.0-1]
        self._outlet.limit_silence(keep_alive_s * 1.5)
        session.attach(client, self._outlet, self.replaced, self._terms)

    def _refuse(self, code: Code | Reason) -> None:
        why = f"CONNACK {code.value} {code.name.lower()}"
        _log.info("mqtt: %s refused: %s", self._peer, why)
        self._over = True
        broker = self._broker
        broker.counters.rejected += 1
        broker.rules.reject(self._peer, why)
        if code not in (Code.BAD_LOGIN, Code.NOT_AUTHORIZED):
            self._send_refusal(code)
            return
        wait_s = broker.throttle.failed(self._host, broker.timing.time())
        if wait_s is None:
            self._outlet.drop()
        elif wait_s:
            self._outlet.limit_silence(0)
            self._held = broker.timing.call_later(wait_s, lambda: self._send_held(code))
        else:
            self._send_refusal(code)

    @property
    def _host(self) -> str:
        return self._peer.rpartition(":")[0]

    def _send_held(self, code: Code | Reason) -> None:
        self._answer_held()
        self._send_refusal(code)

    def _answer_held(self) -> None:
        self._held = None
        self._broker.throttle.answered(self._host)

    def _send_refusal(self, code: Code | Reason) -> None:
        if self._level == V5:
            code = code if isinstance(code, Reason) else REASONS[code]
        self._say(ConnAck(False, code))
        self._outlet.end()

    def _publish(self, session: Session, packet: Publish) -> None:
        if packet.properties is not NONE:
            packet = self._unaliased(packet)
        trouble = self._broker.trouble
        if packet.qos == 2:
            self._publish_once(session, packet)
            return
        if not packet.qos:
            if not (trouble.lossy and trouble.loses()):
                self._broker.accept(session.client, packet, session)
            return
        reason = self._broker.accept(session.client, packet, session)
        if trouble.doubling and trouble.doubles():
            self._broker.accept(session.client, packet, session)
        self._acknowledge(Kind.PUBACK, packet.packet_id, reason)

    def _publish_once(self, session: Session, packet: Publish) -> None:
        """QoS 2: a repeated one is not published twice [MQTT-4.3.3-2]."""
        reason = Reason.SUCCESS
        if packet.packet_id not in session.incoming:
            if self._level == V5 and len(session.incoming) >= self._broker.limits.receive_maximum:
                raise Malformed("more than the receive maximum [MQTT5: MQTT-3.3.4-7]", Reason.RECEIVE_MAXIMUM)
            reason = self._broker.accept(session.client, packet, session)
            if self._level == V311 or reason < FAILED:
                session.incoming.add(packet.packet_id)
        self._acknowledge(Kind.PUBREC, packet.packet_id, reason)

    def _unaliased(self, packet: Publish) -> Publish:
        """The message with its topic in full, without what is between this client and the broker alone."""
        properties = packet.properties
        if properties.subscription_ids is not None:
            raise Malformed("subscription identifier from a client [MQTT5: MQTT-3.3.4-6]", Reason.PROTOCOL)
        alias = properties.topic_alias
        if alias is None:
            return packet
        if alias > self._broker.limits.topic_aliases:
            raise Malformed(f"topic alias {alias} [MQTT5: MQTT-3.3.2-9]", Reason.BAD_ALIAS)
        if packet.topic:
            self._aliases[alias] = packet.topic
        topic = self._aliases.get(alias)
        if topic is None:
            raise Malformed(f"topic alias {alias} was never given [MQTT5 3.3.2.3.4]", Reason.PROTOCOL)
        rest = replace(properties, topic_alias=None)
        return packet._replace(topic=topic, properties=NONE if rest == NONE else rest)

    def _ack(self, session: Session, packet: Ack) -> None:
        match packet.kind:
            case Kind.PUBACK:
                session.acknowledged(packet.packet_id)
            case Kind.PUBREC:
                session.received(packet.packet_id, packet.reason)
            case Kind.PUBCOMP:
                session.completed(packet.packet_id)
            case _:
                known = packet.packet_id in session.incoming
                session.incoming.discard(packet.packet_id)
                self._acknowledge(Kind.PUBCOMP, packet.packet_id, Reason.SUCCESS if known else Reason.ID_UNKNOWN)

    def _acknowledge(self, kind: Kind, packet_id: int, reason: Reason) -> None:
        if self._level == V311 or not reason:
            self._outlet.send(ack_frame(kind, packet_id))
        elif reason < FAILED or not self._terms.problem:
            self._outlet.send(ack_frame(kind, packet_id, reason))
        else:
            self._say(Ack(kind, packet_id, reason, Properties(reason=_WORDS.get(reason, reason.name.lower()))))

    def _subscribe(self, session: Session, packet: Subscribe) -> None:
        identifiers = packet.properties.subscription_ids
        identifier = identifiers[0] if identifiers else None
        greeted: list[str] = []
        granted: list[int] = []
        for pattern, options in packet.filters:
            refusal = self._refusal(session, pattern, options)
            if refusal is None:
                if self._broker.subscribe(session, pattern, options, identifier):
                    greeted.append(pattern)
                granted.append(options & 3)
            else:
                granted.append(refusal if self._level == V5 else FAILED)
        self._say(SubAck(packet.packet_id, tuple(granted)))
        for pattern in greeted:
            self._broker.greet(session, pattern)

    def _refusal(self, session: Session, text: str, options: int) -> Reason | None:
        name = shared(text)
        pattern = text if name is None else name[1]
        if not valid_filter(pattern):
            raise Malformed("topic filter [MQTT-4.7.1]", Reason.BAD_FILTER)
        if name is not None and options & NO_LOCAL:
            raise Malformed("shared subscription without own messages [MQTT5: MQTT-3.8.3-4]", Reason.PROTOCOL)
        limits = self._broker.limits
        known = text in session.subscriptions
        if (not known and len(session.subscriptions) >= limits.subscriptions) or pattern.count("/") >= limits.levels:
            return Reason.QUOTA
        return None if self._broker.rules.may_subscribe(session.client, pattern) else Reason.NOT_AUTHORIZED

    def _unsubscribe(self, session: Session, packet: Unsubscribe) -> None:
        known = [self._broker.unsubscribe(session, pattern) for pattern in packet.filters]
        reasons = tuple(Reason.SUCCESS if each else Reason.NO_SUBSCRIPTION for each in known)
        self._say(UnsubAck(packet.packet_id, reasons))  # known or not [MQTT-3.10.4-5]

    def _signal(self, session: Session, packet: Signal) -> None:
        if packet.kind is not Kind.PINGREQ:
            raise Malformed("PINGRESP from a client", Reason.PROTOCOL)
        self._outlet.send(_PONG)

    def _disconnect(self, session: Session, packet: Disconnect) -> None:
        expiry_s = packet.properties.session_expiry_s
        if expiry_s is not None:
            if expiry_s and not session.expiry_s:
                raise Malformed("a session that was to end is to stay [MQTT5 3.14.2.2.2]", Reason.PROTOCOL)
            session.expiry_s = expiry_s
        if not packet.reason:
            self._will = None  # [MQTT-3.14.4-3]
        self.lost()
        self._outlet.end()

    def _auth(self, session: Session, packet: Auth) -> None:
        raise Malformed("AUTH without an authentication method [MQTT5: MQTT-4.12.0-7]", Reason.PROTOCOL)

    # --- inside

    def _say(self, packet: Packet) -> None:
        """Send something that is no message, without its properties where it would be too large with them."""
        data = frame(packet, self._level)
        most = self._terms.maximum_packet
        if len(data) > most and not isinstance(packet, Signal):
            data = frame(packet._replace(properties=NONE), self._level)  # [MQTT5: MQTT-3.4.2-2 and others like it]
        if len(data) <= most:
            self._outlet.send(data)

    def _hang_up(self, reason: Reason, why: str) -> None:
        """Close from our side; a client of version 5 is told why."""
        told = self._session is not None and not self._over and self._level == V5
        if told:
            self._say(Disconnect(reason, Properties(reason=why[:200]) if self._terms.problem else NONE))
        self.lost()
        if told:
            self._outlet.end()
        else:
            self._outlet.drop()


_WORDS = {Reason.NOT_AUTHORIZED: "no right to publish to this topic"}
