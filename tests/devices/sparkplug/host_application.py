"""A small Sparkplug host application for tests: follows births, aliases, sequence numbers; asks for rebirths. Sans-I/O.

It believes nothing that was not born: data by an unknown alias, or after a gap, make it ask for a rebirth.
"""

from dataclasses import dataclass, field

from devices.sparkplug.codec import Metric, MetricType, Payload, Scalar, decode, encode, signed

REBIRTH = "Node Control/Rebirth"


@dataclass
class Followed:
    """A metric as its birth described it and the last message told it."""

    name: str
    type: MetricType
    value: Scalar | None
    quality: int
    device: str | None
    stale: bool = False


@dataclass
class Node:
    """What the host knows of one edge node."""

    online: bool = False
    bd_seq: Scalar | None = None
    seq: int = -1
    births: int = 0
    deaths: int = 0
    gaps: int = 0
    metrics: dict[tuple[str | None, str], Followed] = field(default_factory=dict)
    aliases: dict[int, Followed] = field(default_factory=dict)
    devices: dict[str, bool] = field(default_factory=dict)


@dataclass
class HostApplication:
    """Hears messages; `out` is what it wants published: (topic, payload)."""

    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)
    out: list[tuple[str, bytes]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)  # message types in order

    def node(self, group: str = "g", name: str = "smart-factory") -> Node:
        return self.nodes.setdefault((group, name), Node())

    def hear(self, topic: str, data: bytes) -> None:
        if not topic.startswith("spBv1.0/") or topic.startswith("spBv1.0/STATE/") or "CMD/" in topic:
            return
        _, group, verb, name, *device = topic.split("/")
        node, payload = self.node(group, name), decode(data)
        self.log.append(verb)
        if verb == "NDEATH":
            self._death(node, payload)
        elif verb == "NBIRTH":
            self._birth(node, payload)
        elif not self._follows(node, payload):
            node.gaps += 1
            node.online = False
            self.ask_rebirth(group, name)
        elif verb == "DBIRTH":
            node.devices[device[0]] = True
            self._learn(node, payload, device[0])
        else:
            self._data(node, payload)

    def ask_rebirth(self, group: str = "g", name: str = "smart-factory") -> None:
        metric = Metric(REBIRTH, type=MetricType.BOOLEAN, value=True)
        self.out.append((f"spBv1.0/{group}/NCMD/{name}", encode(Payload((metric,), 1, 0))))

    def command(self, device: str, signal: str, value: Scalar) -> tuple[str, bytes]:
        """A DCMD by alias, as a host sends it that heard the birth."""
        found = self.node().metrics[device, signal]
        alias = next(alias for alias, each in self.node().aliases.items() if each is found)
        metric = Metric(None, alias, 1, found.type, value, typed=False)
        return f"spBv1.0/g/DCMD/smart-factory/{device}", encode(Payload((metric,), 1, 0))

    def value(self, device: str | None, signal: str) -> Scalar | None:
        return self.node().metrics[device, signal].value

    def _birth(self, node: Node, payload: Payload) -> None:
        assert payload.seq == 0
        node.online, node.seq = True, 0
        node.births += 1
        node.metrics.clear()
        node.aliases.clear()
        node.devices.clear()
        self._learn(node, payload, None)
        node.bd_seq = node.metrics[None, "bdSeq"].value

    def _death(self, node: Node, payload: Payload) -> None:
        if payload.metrics[0].value != node.bd_seq:
            return  # of a session that is over
        node.online = False
        node.deaths += 1
        for metric in node.metrics.values():
            metric.stale = True

    def _follows(self, node: Node, payload: Payload) -> bool:
        if not node.online or payload.seq != (node.seq + 1) % 256:
            return False
        node.seq = payload.seq
        return True

    def _learn(self, node: Node, payload: Payload, device: str | None) -> None:
        for metric in payload.metrics:
            assert metric.name is not None
            assert metric.type is not None
            followed = Followed(metric.name, metric.type, metric.value, _quality(metric, 192), device)
            node.metrics[device, metric.name] = followed
            if metric.alias is not None:
                assert metric.alias not in node.aliases
                node.aliases[metric.alias] = followed

    def _data(self, node: Node, payload: Payload) -> None:
        for metric in payload.metrics:
            assert metric.name is None
            assert metric.type is None
            assert metric.alias is not None
            followed = node.aliases[metric.alias]
            followed.value = None if metric.value is None else signed(metric.value, followed.type)
            followed.quality = _quality(metric, followed.quality)


def _quality(metric: Metric, before: int) -> int:
    told = dict(metric.properties).get("Quality")
    return before if told is None or not isinstance(told.value, int) else told.value
