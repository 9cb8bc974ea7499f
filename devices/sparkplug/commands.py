"""What a Sparkplug host asks of a line: metrics of NCMD and DCMD, given to the gate one by one. Sans-I/O.

Nothing is cast but the width of numbers. There is no negative answer in Sparkplug: whatever becomes of a command, the
metric is told once more as it then is. Refused ones are counted and noted in the traffic.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from devices.endpoint import Client, LineView
from devices.mqtt.packets import Publish
from devices.sparkplug.codec import BadPayload, Metric, Scalar, decode, signed
from devices.sparkplug.metrics import REBIRTH, TYPE, NodeMetrics, alias_of
from devices.sparkplug.names import Names, Verb
from sim.refusal import Refusal
from sim.tag import DataType, Tag

COMMAND_BYTES = 65_536
_SUBJECT_LENGTH = 80


@dataclass(slots=True)
class Counters:
    """What came, since the bench started."""

    commands: int = 0  # metrics that the line was asked to take
    refused: int = 0  # by the line
    unfit: int = 0  # unknown metric, no value, wrong type: never reached the line
    garbage: int = 0  # messages that could not be read, were retained or too long
    rebirths: int = 0  # asked for


class Commands:
    """Reads commands, does them, and remembers which signals are to be told again."""

    def __init__(self, view: LineView, names: Names, node: NodeMetrics) -> None:
        self._view, self._names, self._node = view, names, node
        self._devices = {
            station: {key: tag for tag in view.tags.of(station) for key in (tag.signal, alias_of(tag))}
            for station in view.tags.stations
        }
        self.counters = Counters()
        self.rebirth = False
        self.asked: set[int] = set()  # indexes of signals that were asked for since they were told last

    def take(self, client: Client, message: Publish) -> bool:
        """Do what a message asks; False where it is no command to this node."""
        meant = self._names.commanded(message.topic)
        if meant is None:
            return False
        verb, device = meant
        for metric in self._read(client, message, device):
            if verb is Verb.NCMD:
                self._ask_node(client, metric)
            else:
                self._ask_device(client, device or "", metric)
        return True

    def _read(self, client: Client, message: Publish, device: str | None) -> Iterator[Metric]:
        why = None
        if message.retain:
            why = "retained"
        elif len(message.payload) > COMMAND_BYTES:
            why = "too long"
        elif device is not None and device not in self._devices:
            why = "unknown device"
        else:
            try:
                yield from decode(message.payload).metrics
            except BadPayload:
                why = "no Sparkplug payload"
        if why is not None:
            self.counters.garbage += 1
            self._note(client, message.topic, why)

    def _ask_node(self, client: Client, metric: Metric) -> None:
        if metric.name == REBIRTH and metric.value is True:
            self.counters.rebirths += 1
            self.rebirth = True
            return
        self.counters.unfit += 1
        known = metric.name == REBIRTH or self._node.knows(metric)
        self._note(client, _called(metric), Refusal.READ_ONLY.value if known else Refusal.UNKNOWN.value)

    def _ask_device(self, client: Client, device: str, metric: Metric) -> None:
        signals = self._devices[device]
        tag = signals.get(metric.alias if metric.alias is not None else metric.name or "")
        if tag is None or (metric.name and metric.name != tag.signal):
            self._unfit(client, f"{device}.{_called(metric)}", Refusal.UNKNOWN)
            return
        self.asked.add(tag.index)
        value = meant(tag, metric)
        if value is None:
            self._unfit(client, tag.name, Refusal.TYPE)
            return
        self.counters.commands += 1
        if self._view.request(client, [(tag.index, value)])[0] is not None:
            self.counters.refused += 1  # the gate has noted it

    def _unfit(self, client: Client, subject: str, why: Refusal) -> None:
        self.counters.unfit += 1
        self._note(client, subject, why.value)

    def _note(self, client: Client, subject: str, why: str) -> None:
        self._view.note(client, "refused", f"{subject[:_SUBJECT_LENGTH]}: {why}")


def meant(tag: Tag, metric: Metric) -> Scalar | None:
    """The value that a command means for this signal, None where its type does not fit."""
    value = metric.value
    if value is None or metric.historical:
        return None
    if tag.type is DataType.BOOL:
        return value if isinstance(value, bool) else None
    if isinstance(value, bool | str):
        return None
    if isinstance(value, float):
        return value if tag.type is DataType.REAL and math.isfinite(value) else None
    return signed(value, TYPE[tag.type]) if metric.type is None else value


def _called(metric: Metric) -> str:
    return metric.name if metric.name is not None else f"alias {metric.alias}"
