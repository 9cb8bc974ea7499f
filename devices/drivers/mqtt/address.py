"""Addresses of values behind a broker. Sans-I/O.

`plant/oven/temp`: the payload is the value. `plant/oven#temp.value`, `plant/oven#zones[2].temp`: a field of a JSON
payload. `spBv1.0/group/node/device#Metric Name`, or without a device: a Sparkplug B metric.
"""

import re
from dataclasses import dataclass

from devices.drivers.point import Point
from devices.drivers.reason import PointError
from devices.sparkplug.names import NAMESPACE, fit

Step = str | int
Path = tuple[Step, ...]
_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of what is published on a topic; an empty path: all of it."""

    topic: str
    path: Path = ()


@dataclass(frozen=True, slots=True)
class MetricPlace:
    """A metric of an edge node, or of a device behind it."""

    group: str
    node: str
    device: str | None
    metric: str


Place = Field | MetricPlace


def place(point: Point, address: str) -> Place:
    """What an address means. Raises `PointError`."""
    topic, _, rest = address.partition("#")
    if topic.startswith(f"{NAMESPACE}/"):
        return _metric(point, address, topic, rest)
    if not topic or "+" in topic or "\0" in topic:
        raise PointError(f"{point.tag}: {address!r} needs one topic without wildcards, as plant/oven#temp.value has")
    return Field(topic, parse_path(point, rest))


def _metric(point: Point, address: str, topic: str, metric: str) -> MetricPlace:
    levels = topic.split("/")[1:]
    if len(levels) not in (2, 3) or not all(map(fit, levels)) or not metric:
        raise PointError(f"{point.tag}: {address!r} is no metric; {NAMESPACE}/group/node/device#Metric Name is")
    return MetricPlace(levels[0], levels[1], levels[2] if len(levels) == 3 else None, metric)


def parse_path(point: Point, text: str) -> Path:
    """`zones[2].temp` as steps. Raises `PointError`."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        if text[at] == "." and 0 < at < len(text) - 1:
            at += 1
        found = _STEP.match(text, at)
        if found is None:
            raise PointError(f"{point.tag}: {text!r} is no path of a field; temp.value and zones[2].temp are")
        steps.append(found[1] if found[1] is not None else int(found[2]))
        at = found.end()
    return tuple(steps)


def shown_path(path: Path) -> str:
    """The path as text again."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
