"""An edge node on a fake line without any broker, and what a client says to it."""

from dataclasses import dataclass, field
from itertools import count

from devices.endpoint import Client, Role, Wire
from devices.mqtt.packets import Publish
from devices.sparkplug.codec import Metric, MetricType, Payload, Scalar, encode
from devices.sparkplug.names import Names
from devices.sparkplug.node import EdgeNode
from tests.devices.fake_line import FakeLine
from tests.devices.sparkplug.host_application import HostApplication

STATE = "spBv1.0/STATE/scada"


def somebody(role: Role = Role.TRAINEE) -> Client:
    return Client(Wire.MQTT, f"key-{role}", f"{role}-tool", role)


@dataclass
class Rig:
    """`said` is everything that was published, wills not."""

    host: str | None = None
    line: FakeLine = field(default_factory=FakeLine)
    said: list[Publish] = field(default_factory=list)

    def __post_init__(self) -> None:
        numbers = count()
        self.node = EdgeNode(self.line, Names("g", "smart-factory", self.host), lambda: next(numbers) % 256)
        self.listener = HostApplication()

    def connect(self) -> Publish:
        will = self.node.prepare()
        self.node.connected()
        return will

    def turn(self) -> list[Publish]:
        """What is published now; the host application hears it."""
        due = list(self.node.due())
        self._heard(due)
        return due

    def leave(self) -> list[Publish]:
        last = list(self.node.farewell())
        self._heard(last)
        return last

    def hear(self, topic: str, payload: bytes, role: Role = Role.TRAINEE, retain: bool = False) -> bool:
        return self.node.take(somebody(role), Publish(topic, payload, 0, retain))

    def ask(self, device: str, *metrics: Metric, role: Role = Role.TRAINEE) -> None:
        topic = f"spBv1.0/g/DCMD/smart-factory/{device}"
        assert self.hear(topic, encode(Payload(metrics, 1, 0)), role)

    def state(self, online: bool, at_ms: int) -> None:
        self.hear(STATE, f'{{"online": {str(online).lower()}, "timestamp": {at_ms}}}'.encode())

    def alias(self, name: str) -> int:
        tag = self.line.tags.find(name)
        assert tag is not None
        return tag.index + 1

    def _heard(self, messages: list[Publish]) -> None:
        self.said += messages
        for message in messages:
            self.listener.hear(message.topic, message.payload)


def metric(name: str | None, kind: MetricType | None, value: Scalar | None, alias: int | None = None) -> Metric:
    return Metric(name, alias, 1, kind, value, typed=alias is None)  # by alias as hosts do it, without a type


def born(host: str | None = None) -> Rig:
    """An edge node whose births were heard."""
    rig = Rig(host)
    rig.connect()
    if host is not None:
        rig.state(True, 1)
    rig.turn()
    return rig
