"""Topic names and filters, section 4.7, shared subscriptions, section 4.8.2 of MQTT 5, and who subscribed to what.

Sans-I/O: knows no session or socket.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key")
Grant = TypeVar("Grant")
SHARED = "$share/"


def shared(text: str) -> tuple[str, str] | None:
    """Group and filter of a shared subscription, `$share/<group>/<filter>`; None where it is none.

    One without a group, without a filter or with a wildcard in the group is no valid filter at all: `("", "")`.
    """
    if not text.startswith(SHARED):
        return None
    group, slash, pattern = text[len(SHARED) :].partition("/")
    if not group or not slash or not pattern or "+" in group or "#" in group:
        return "", ""  # [MQTT5: MQTT-4.8.2-1, 4.8.2-2]
    return group, pattern


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
class _Node(Generic[Key, Grant]):
    """One level of the filters in use."""

    below: dict[str, "_Node[Key, Grant]"] = field(default_factory=dict)
    here: dict[Key, Grant] = field(default_factory=dict)  # who subscribed to exactly this filter, and how


class Subscriptions(Generic[Key, Grant]):
    """Who subscribed to which filter, found by topic in the time that the topic's levels take."""

    def __init__(self) -> None:
        self._root: _Node[Key, Grant] = _Node()
        self.count = 0

    def add(self, key: Key, pattern: str, grant: Grant) -> None:
        node = self._root
        for level in pattern.split("/"):
            node = node.below.setdefault(level, _Node())
        self.count += key not in node.here
        node.here[key] = grant

    def remove(self, key: Key, pattern: str) -> None:
        """Forget one subscription; branches that nobody uses any more go with it."""
        levels = pattern.split("/")
        path = [self._root]
        for level in levels:
            below = path[-1].below.get(level)
            if below is None:
                return
            path.append(below)
        if path[-1].here.pop(key, None) is not None:
            self.count -= 1
        for above, level in zip(reversed(path[:-1]), reversed(levels), strict=True):
            node = above.below[level]
            if node.below or node.here:
                return
            del above.below[level]

    def matching(self, topic: str) -> Iterator[tuple[Key, Grant]]:
        """Everybody who gets this topic, once for each filter that takes it."""
        for node in self._nodes(topic):
            yield from node.here.items()

    def _nodes(self, topic: str) -> Iterator[_Node[Key, Grant]]:
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
