"""Topic names and filters, MQTT 3.1.1 section 4.7, and who subscribed to what. Sans-I/O: knows no session or socket."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key")


def valid_filter(text: str) -> bool:
    """A filter as the standard allows it [MQTT-4.7.1-2, 4.7.1-3, 4.7.3-1]: wildcards stand alone, `#` is last."""
    levels = text.split("/")
    if not text or "#" in "/".join(levels[:-1]):
        return False
    return all(level in ("+", "#") or not ("+" in level or "#" in level) for level in levels)


def matches(pattern: str, topic: str) -> bool:
    """True where the filter takes the topic. A wildcard in front takes no topic that begins with `$`."""
    if topic.startswith("$") and pattern[:1] in ("+", "#"):
        return False  # [MQTT-4.7.2-1]
    wanted, levels = pattern.split("/"), topic.split("/")
    for i, level in enumerate(wanted):
        if level == "#":
            return True
        if i >= len(levels) or level not in ("+", levels[i]):
            return False
    return len(wanted) == len(levels)


def overlap(one: str, other: str) -> bool:
    """True where some topic is taken by both filters."""
    if (one[:1] == "$" and other[:1] in ("+", "#")) or (other[:1] == "$" and one[:1] in ("+", "#")):
        return False
    left, right = one.split("/"), other.split("/")
    for a, b in zip(left, right, strict=False):
        if a == "#" or b == "#":
            return True
        if a != b and "+" not in (a, b):
            return False
    longer = left if len(left) > len(right) else right
    rest = longer[min(len(left), len(right)) :]
    return not rest or rest[0] == "#"  # `lab/#` takes `lab` as well


@dataclass(slots=True)
class _Node(Generic[Key]):
    """One level of the filters in use."""

    below: dict[str, "_Node[Key]"] = field(default_factory=dict)
    here: dict[Key, int] = field(default_factory=dict)  # who subscribed to exactly this filter, with which QoS


class Subscriptions(Generic[Key]):
    """Who subscribed to which filter, found by topic in the time that the topic's levels take."""

    def __init__(self) -> None:
        self._root: _Node[Key] = _Node()

    def add(self, key: Key, pattern: str, qos: int) -> None:
        node = self._root
        for level in pattern.split("/"):
            node = node.below.setdefault(level, _Node())
        node.here[key] = qos

    def remove(self, key: Key, pattern: str) -> None:
        """Forget one subscription; branches that nobody uses any more go with it."""
        levels = pattern.split("/")
        path = [self._root]
        for level in levels:
            below = path[-1].below.get(level)
            if below is None:
                return
            path.append(below)
        path[-1].here.pop(key, None)
        for above, level in zip(reversed(path[:-1]), reversed(levels), strict=True):
            node = above.below[level]
            if node.below or node.here:
                return
            del above.below[level]

    def receivers(self, topic: str) -> dict[Key, int]:
        """Everybody who gets this topic, once, with the highest QoS that one of the filters granted."""
        best: dict[Key, int] = {}
        for node in self._matching(topic):
            for key, qos in node.here.items():
                if qos >= best.get(key, 0):
                    best[key] = qos
        return best

    def _matching(self, topic: str) -> Iterator[_Node[Key]]:
        nodes = [self._root]
        hidden = topic.startswith("$")  # [MQTT-4.7.2-1]
        for level in topic.split("/"):
            following = []
            for node in nodes:
                if not hidden and "#" in node.below:
                    yield node.below["#"]
                if level in node.below:
                    following.append(node.below[level])
                if not hidden and "+" in node.below:
                    following.append(node.below["+"])
            hidden = False
            nodes = following
            if not nodes:
                return
        for node in nodes:
            yield node
            if "#" in node.below:
                yield node.below["#"]  # `lab/#` takes `lab` as well
