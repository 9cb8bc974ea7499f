"""A device of the contract as a `Voice`: its connection with a last will, factsheet, and state on event only.

It hears nothing itself: what is asked of devices comes to control (`central`), since a station belongs to one client,
and on an external broker every voice is a client of its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from devices.endpoint import Client, Role
from devices.mqtt.fischertechnik.factory import Factory
from devices.mqtt.fischertechnik.messages import Document, InstantAction, encode
from devices.mqtt.line_topics import timestamp
from devices.mqtt.packets import Publish

MANUFACTURER = "LineLab"  # not the maker of the equipment that this stands for
VERSION = "1"  # of these messages
SCAN_S = 1.0  # how often computed tags are looked at


class Device(ABC):
    """Implements `Voice`. Topics `<kind>/v1/ff/<serial>/…`; a header counts the messages of this life."""

    hang_up = False
    kind = "module"

    def __init__(self, factory: Factory, serial: str, prefix: str, indexes: frozenset[int]) -> None:
        self._factory = factory
        self.serial = serial
        self._root = f"{prefix}{self.kind}/v1/ff/{serial}"
        self._changes = factory.view.changes()
        self._indexes = indexes
        self._header = 0
        self._life = f"{factory.view.bench}/{self._now()}"  # ids of actions are those of this life
        self._said: Document | None = None  # the state that was told last
        self._errors: list[Document] = []  # of the last thing asked, until the next
        self._waiting: list[Publish] = []
        self._scan_at = 0.0

    @property
    def name(self) -> str:
        return self.serial.lower()

    @property
    def about(self) -> str:
        return ""  # control says it for all

    @property
    def readable(self) -> tuple[str, ...]:
        return (f"{self._root}/#",)

    @property
    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        return ()

    def free(self, role: Role, topic: str) -> bool:
        return False

    def take(self, client: Client, message: Publish) -> bool:
        return False

    def prepare(self) -> Publish:
        return self._connection("OFFLINE")

    def connected(self) -> None:
        self.renew()

    def renew(self) -> None:
        self._said = None
        self._waiting = [self._connection("ONLINE"), self._message("factsheet", self.factsheet())]

    def tell_factsheet(self) -> None:
        self._waiting.append(self._message("factsheet", self.factsheet()))

    def farewell(self) -> Iterator[Publish]:
        yield self._connection("OFFLINE")

    def due(self) -> Iterator[Publish]:
        now = self._factory.view.clock.monotonic()
        moved = not self._indexes.isdisjoint(self._changes.take())
        if moved or now >= self._scan_at:
            self._scan_at = now + SCAN_S
            self.look()
        if self._said is None:
            self.say()
        waiting, self._waiting = self._waiting, []
        yield from waiting

    def say(self) -> None:
        """Tell the state, if it is another one than was told last."""
        state = self.state()
        if state != self._said:
            self._said = state
            self._waiting.append(self._message("state", state))

    def complain(self, error: str, level: str, *references: tuple[str, str]) -> None:
        """Something that was asked is not done: it stands among the errors until the next thing asked."""
        self._errors = [self.error(error, level, *references) | {"timestamp": self._now()}]
        self.say()

    def error(self, error: str, level: str, *references: tuple[str, str]) -> Document:
        return {
            "errorType": error,
            "errorLevel": level,
            "errorReferences": [{"referenceKey": key, "referenceValue": value} for key, value in references],
        }

    @abstractmethod
    def look(self) -> None:
        """Tags have changed: `say` what came about."""

    @abstractmethod
    def state(self) -> Document:
        """The state now, without header and time."""

    @abstractmethod
    def factsheet(self) -> Document: ...

    @abstractmethod
    def act(self, client: Client, action: InstantAction) -> None:
        """An instant action was asked for."""

    def _now(self) -> str:
        return timestamp(self._factory.view.clock.utc())

    def _connection(self, state: str) -> Publish:
        return self._message("connection", {"connectionState": state})

    def _message(self, topic: str, document: Document) -> Publish:
        self._header += 1
        header: Document = {
            "headerId": self._header,
            "timestamp": self._now(),
            "version": VERSION,
            "manufacturer": MANUFACTURER,
            "serialNumber": self.serial,
        }
        return Publish(f"{self._root}/{topic}", encode(header | document), 1, True)
