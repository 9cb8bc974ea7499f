"""What the two voices that take orders share: who may ask, what is news, what waits to be published. Sans-I/O."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from devices.endpoint import Client, Role
from devices.mqtt.fischertechnik.desk import Desk
from devices.mqtt.fischertechnik.factory import Factory
from devices.mqtt.line_topics import timestamp
from devices.mqtt.packets import Publish
from sim.state import JsonValue

Take = Callable[[Client, bytes], str]  # empty, or why it was refused


class Answering(ABC):
    """The common part of two `Voice`s. Topics that are asked on are in `_asked`; tags that make news in `_indexes`."""

    hang_up = False

    def __init__(self, factory: Factory, prefix: str, *news: str) -> None:
        self._factory, self._prefix = factory, prefix
        self._desk = Desk(factory)
        self._changes = factory.view.changes()
        self._indexes = factory.indexes(*news)
        self._told: dict[str, JsonValue] = {}  # topic -> what was said last
        self._waiting: list[Publish] = []
        self._asked: dict[str, Take] = {}

    @property
    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        return tuple((topic, 2) for topic in self._asked)

    def free(self, role: Role, topic: str) -> bool:
        return False

    def connected(self) -> None:
        self.renew()

    def renew(self) -> None:
        self._told.clear()

    def due(self) -> Iterator[Publish]:
        if not self._indexes.isdisjoint(self._changes.take()) or not self._told:
            self._look()
        waiting, self._waiting = self._waiting, []
        yield from waiting

    def take(self, client: Client, message: Publish) -> bool:
        asked = self._asked.get(message.topic)
        if asked is None or client.role is Role.OBSERVER:
            return False  # who only reads asks nothing: refused as any topic that is nobody's
        why = "retained" if message.retain else asked(client, message.payload)
        if why:
            self._factory.view.note(client, "refused", f"{message.topic}: {why}")
        self._look()
        return True

    @abstractmethod
    def _look(self) -> None:
        """Say what is news."""

    def _now(self) -> str:
        return timestamp(self._factory.view.clock.utc())
