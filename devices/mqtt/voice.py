"""The contract of a further way to speak for a line on a broker: its own topics, will and commands. Sans-I/O.

Plain JSON is what a line always says; a voice (Sparkplug, Unified Namespace) comes beside it. `in_house` gives voices
to the bench's own broker, `speaker` to an external one. A voice knows neither.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from devices.endpoint import Client, Role
from devices.mqtt.packets import Publish

Free = Callable[[Role, str], bool]


class Voice(Protocol):
    """Life of a connection: `prepare`, `connected`, then `due` and `take` as they come, `farewell` where it ends."""

    @property
    def name(self) -> str:
        """One word, for logs and client identifiers."""
        ...

    @property
    def about(self) -> str:
        """For people: what it speaks, and the filter that shows all of it; empty where another voice says so."""
        ...

    @property
    def readable(self) -> tuple[str, ...]:
        """Filters that everybody who is logged in may read on the bench's own broker."""
        ...

    @property
    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        """Filters and quality of service of what it wants to hear."""
        ...

    @property
    def hang_up(self) -> bool:
        """True where it wants this connection to end and a new one to be made."""
        ...

    def free(self, role: Role, topic: str) -> bool:
        """Whether clients of the bench's own broker publish this topic as they like, as their last will too."""
        ...

    def prepare(self) -> Publish:
        """A connection is about to be asked for: the last will that goes with it."""
        ...

    def connected(self) -> None:
        """The connection stands, and everything is to be said anew."""
        ...

    def renew(self) -> None:
        """What the broker keeps for later readers is stale: it is to be said again."""
        ...

    def due(self) -> Iterator[Publish]:
        """What is to be published now."""
        ...

    def take(self, client: Client, message: Publish) -> bool:
        """A message came. True where it was meant for this voice; what follows from it comes with `due`."""
        ...

    def farewell(self) -> Iterator[Publish]:
        """What is to be published before the connection ends as intended."""
        ...
