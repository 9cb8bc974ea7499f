"""One message on its way to many: its bytes are made once for each look that it has on the wire. Sans-I/O."""

import math
from dataclasses import replace

from devices.mqtt.frames import publish_frame
from devices.mqtt.packets import NONE, V5, Properties, Publish
from devices.mqtt.properties import pack_properties

FOREVER = math.inf


class Letter:
    """A message as the broker holds it, shared by all who get it. `until`: when it expires, on the broker's clock."""

    __slots__ = ("_packed", "_tails", "_zero", "payload", "properties", "qos", "retain", "topic", "until")

    def __init__(
        self,
        topic: str,
        payload: bytes,
        qos: int = 0,
        retain: bool = False,
        properties: Properties = NONE,
        until: float = FOREVER,
    ) -> None:
        self.topic, self.payload, self.qos, self.retain = topic, payload, qos, retain
        self.properties, self.until = properties, until
        self._packed = b""
        self._zero: list[bytes] = [b"", b"", b"", b""]
        self._tails: dict[int, tuple[bytes, bytes]] = {}

    @classmethod
    def of(cls, message: Publish, now: float) -> "Letter":
        """The letter that a client's message becomes."""
        expiry_s = message.properties.message_expiry_s
        until = FOREVER if expiry_s is None else now + expiry_s
        return cls(message.topic, message.payload, message.qos, message.retain, message.properties, until)

    def packed(self, level: int) -> bytes:
        """The properties, as they were when the message came."""
        if level != V5:
            return b""
        if not self._packed:
            self._packed = pack_properties(self.properties)
        return self._packed

    def zero(self, level: int, retain: bool) -> bytes:
        """The frame of QoS 0, the same for everybody of this level."""
        look = (level == V5) << 1 | retain
        frame = self._zero[look]
        if not frame:
            frame = publish_frame(self.topic, self.payload, 0, retain, properties=self.packed(level))
            self._zero[look] = frame
        return frame

    def numbered(self, level: int, qos: int, retain: bool, dup: bool, packet_id: int) -> bytes:
        """The frame of QoS 1 or 2: all but the packet identifier is the same for everybody."""
        look = (level == V5) << 4 | dup << 3 | qos << 1 | retain
        parts = self._tails.get(look)
        if parts is None:
            whole = publish_frame(self.topic, self.payload, qos, retain, dup, 0, self.packed(level))
            at = len(whole) - len(self.payload) - len(self.packed(level)) - 2
            parts = self._tails[look] = whole[:at], whole[at + 2 :]
        return parts[0] + packet_id.to_bytes(2, "big") + parts[1]

    def properties_now(self, now: float) -> Properties:
        """The properties with what is left of the message's time [MQTT5: MQTT-3.3.2-6]."""
        if self.until == FOREVER:
            return self.properties
        return replace(self.properties, message_expiry_s=max(0, math.ceil(self.until - now)))
