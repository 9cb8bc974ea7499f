"""What is published behind a broker: topics seen while it listens, with fields and metrics. Writes nothing else than
the question to edge nodes of which data came to be born again, since data without a birth have no names."""

import asyncio

from devices.drivers.discovery import Discovery, Found, ProbeLimits
from devices.drivers.mqtt.address import shown_path
from devices.drivers.mqtt.link import MqttLink
from devices.drivers.mqtt.payload import MOST_LEAVES, leaves, parse
from devices.drivers.mqtt.sparkplug import TYPES, rebirth
from devices.drivers.point import DeviceType
from devices.drivers.reason import Lost, Silent
from devices.sparkplug.codec import BadPayload, decode
from devices.sparkplug.names import NAMESPACE, Verb

REFUSED_FROM = 128


class _Ear:
    """Collects what it hears, each address once, with its latest value."""

    def __init__(self, link: MqttLink, limits: ProbeLimits) -> None:
        self._link, self._limits = link, limits
        self.found: dict[str, Found] = {}
        self.asked: set[tuple[str, str]] = set()
        self.full = asyncio.Event()

    def take(self, topic: str, payload: bytes, retained: bool) -> None:
        if topic.startswith(f"{NAMESPACE}/"):
            self._metrics(topic.split("/"), payload)
            return
        try:
            document = parse(payload)
        except ValueError:
            self._put(Found(topic, None, topic, None, None, f"{len(payload)} bytes, neither text nor JSON"))
            return
        for count, (path, value) in enumerate(leaves(document)):
            if count >= MOST_LEAVES:
                break
            tail = shown_path(path)
            note = "retained" if retained else ""
            address = f"{topic}#{tail}" if tail else topic
            self._put(Found(address, _type(value), f"{topic}/{tail}" if tail else topic, value, None, note))

    def _metrics(self, levels: list[str], payload: bytes) -> None:
        if len(levels) not in (4, 5) or levels[2] in (Verb.NCMD, Verb.DCMD, Verb.NDEATH, Verb.DDEATH):
            return
        node = levels[1], levels[3]
        if levels[2] not in (Verb.NBIRTH, Verb.DBIRTH):
            if node not in self.asked:
                self.asked.add(node)
                self._link.send(*rebirth(node))
            return
        self.asked.add(node)
        try:
            metrics = decode(payload).metrics
        except BadPayload:
            return
        place = "/".join((NAMESPACE, levels[1], *levels[3:]))
        for metric in metrics:
            if metric.name is not None and metric.type is not None:
                type_ = TYPES.get(metric.type)
                note = "" if type_ else f"{metric.type.name}, no value of a tag"
                name = "/".join((*levels[3:], metric.name))
                self._put(Found(f"{place}#{metric.name}", type_, name, metric.value, None, note))

    def _put(self, found: Found) -> None:
        if found.address not in self.found and len(self.found) >= self._limits.most_found:
            self.full.set()
            return
        self.found[found.address] = found


def _type(value: bool | int | float | str) -> DeviceType | None:
    """What a field most probably is; a binding may say otherwise."""
    if isinstance(value, bool):
        return DeviceType.BOOL
    if isinstance(value, int):
        return DeviceType.DINT
    return DeviceType.REAL if isinstance(value, float) else None


async def discover(link: MqttLink, topics: str, limits: ProbeLimits) -> Discovery:
    """Listen for `most_s`. Raises `Lost`."""
    await link.open()
    ear = _Ear(link, limits)
    link.on_message = ear.take
    try:
        if await link.subscribe([topics]) >= REFUSED_FROM:
            raise Lost(f"the broker does not let us read {topics}; look at its access rights, or give filter=")
        await asyncio.wait_for(ear.full.wait(), limits.most_s)
    except Silent as error:
        raise Lost(str(error)) from error
    except TimeoutError:
        pass
    finally:
        await link.close()
    found = tuple(sorted(ear.found.values(), key=lambda each: each.address))
    notes = [f"listened for {limits.most_s:g} s: what was silent meanwhile is not there"]
    notes += [f"edge node {group}/{node} was asked to be born again" for group, node in sorted(ear.asked)]
    return Discovery(found, not ear.full.is_set(), tuple(notes))
