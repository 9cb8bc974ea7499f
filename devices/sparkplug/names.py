"""The topics of one edge node. Knows nothing of what is said there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

NAMESPACE = "spBv1.0"
_FORBIDDEN = "+/#\0"


class Verb(StrEnum):
    """The message types of an edge node."""

    NBIRTH = "NBIRTH"
    NDEATH = "NDEATH"
    NDATA = "NDATA"
    NCMD = "NCMD"
    DBIRTH = "DBIRTH"
    DDEATH = "DDEATH"
    DDATA = "DDATA"
    DCMD = "DCMD"


def fit(name: str) -> bool:
    """Whether this can name a group, an edge node, a device or a host (4.1)."""
    return bool(name) and not any(letter in _FORBIDDEN for letter in name)


@dataclass(frozen=True, slots=True)
class Names:
    """Group, edge node, and the primary host that it waits for; None: it waits for nobody."""

    group: str
    node: str
    host: str | None = None
    _topics: Mapping[Verb, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in filter(None, (self.group, self.node, self.host)):
            if not fit(name):
                raise ValueError(f"{name!r} is no Sparkplug identifier: it must not contain + / #")
        topics = {verb: f"{NAMESPACE}/{self.group}/{verb}/{self.node}" for verb in Verb}
        object.__setattr__(self, "_topics", topics)

    def topic(self, verb: Verb, device: str | None = None) -> str:
        return self._topics[verb] if device is None else f"{self._topics[verb]}/{device}"

    @property
    def state(self) -> str | None:
        """Where the primary host says whether it is online."""
        return None if self.host is None else f"{NAMESPACE}/STATE/{self.host}"

    def own(self, topic: str) -> bool:
        """Whether a topic is this edge node's: nobody else speaks there."""
        levels = topic.split("/")
        return len(levels) >= 4 and levels[0] == NAMESPACE and (levels[1], levels[3]) == (self.group, self.node)

    def commanded(self, topic: str) -> tuple[Verb, str | None] | None:
        """NCMD, or DCMD and the device; None where a topic is no command to this node."""
        if topic == self._topics[Verb.NCMD]:
            return Verb.NCMD, None
        head = self._topics[Verb.DCMD] + "/"
        if topic.startswith(head) and fit(topic[len(head) :]):
            return Verb.DCMD, topic[len(head) :]
        return None
