"""What a line says and hears on MQTT: topic names, state payloads, commands and their answers. Sans-I/O.

Shared by the embedded broker and the bridge to an external one; knows neither. The reference for people who connect
something is docs/reference/mqtt.md.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from devices.endpoint import Client, LineView, Wire
from devices.mqtt.changed_forms import FORMS
from devices.mqtt.news import News, said
from sim.refusal import Refusal
from sim.tag import DataType, Quality, Reading, Tag, Value

ROOT = "linelab"
COMMAND_BYTES = 4096
ID_LENGTH = 128
TOPIC_LENGTH = 512  # of a command that is answered: longer than any tag
LARGEST = 1 << 64  # no data type holds a number this size


class Topics:
    """The names of one line's topics: `linelab/<line>/…`, on a broker shared by benches `linelab/<bench>/<line>/…`."""

    def __init__(self, line: str, bench: int | None = None) -> None:
        self.prefix = f"{ROOT}/{line}" if bench is None else f"{ROOT}/{bench}/{line}"
        self.everything = f"{self.prefix}/#"
        self.commands = f"{self.prefix}/+/+/set"
        self.status = f"{self.prefix}/status"

    def state(self, tag: Tag) -> str:
        return f"{self.prefix}/{tag.station}/{tag.signal}"

    def command(self, tag: Tag) -> str:
        return f"{self.state(tag)}/set"

    def reply(self, tag: Tag) -> str:
        return f"{self.state(tag)}/set/reply"

    def commanded(self, topic: str) -> str | None:
        """The name `station.signal` that a command's topic means, None where it is no command's topic."""
        if not topic.startswith(f"{self.prefix}/"):
            return None
        levels = topic[len(self.prefix) + 1 :].split("/")
        return f"{levels[0]}.{levels[1]}" if len(levels) == 3 and levels[2] == "set" else None


class StateFeed:
    """Which state messages are due: one for each tag that is news."""

    def __init__(self, view: LineView, topics: Topics) -> None:
        self._view = view
        self._link = view.link(Wire.MQTT)
        self._schema = ""
        self._news = News(view)
        self._topics = [topics.state(tag) for tag in view.tags]

    def restart(self) -> None:
        """Everything is due again."""
        self._news.restart()

    def due(self) -> Iterator[tuple[str, bytes]]:
        """Topics and payloads, to be published retained, in the order of the tag table."""
        stamp = timestamp(self._view.clock.utc())
        schema = self._link.state.schema
        if schema != self._schema:
            self._schema = schema
            self.restart()  # another program runs in the gateway, and says everything anew
        for tag, reading in self._news.due():
            payload = state_payload(tag, reading, stamp)
            yield self._topics[tag.index], FORMS[schema](payload) if schema else payload


@dataclass(frozen=True, slots=True)
class Command:
    """A command that could be read: what is wanted, and what the sender calls it."""

    value: bool | int | float | str | None
    id: str | int | float | None = None


class Commands:
    """Does what `…/set` asks, and says how it went."""

    def __init__(self, view: LineView, topics: Topics) -> None:
        self._view = view
        self._topics = topics

    def take(self, client: Client, topic: str, payload: bytes, retain: bool) -> tuple[str, bytes] | None:
        """Topic and payload of the answer to a command; None where this is not one."""
        name = self._topics.commanded(topic)
        if name is None or len(topic) > TOPIC_LENGTH:
            return None
        command = parse_command(payload)
        reason = self._do(client, name, command, retain)
        return f"{topic}/reply", reply_payload(command.id if command is not None else None, reason)

    def _do(self, client: Client, name: str, command: Command | None, retain: bool) -> str | None:
        tag = self._view.tags.find(name)
        unfit = _unfit(tag, command, retain)
        if tag is None or command is None or unfit is not None:
            self._view.note(client, "refused", f"{name}: {unfit}")
            return unfit
        refusal = self._view.request(client, [(tag.index, _meant(tag, command.value))])[0]
        return refusal.value if refusal is not None else None


def _unfit(tag: Tag | None, command: Command | None, retain: bool) -> str | None:
    """Why a command does not even reach the line: reasons of this wire on top of `Refusal`."""
    if retain:
        return "retained"  # it would be done again at every restart
    if tag is None:
        return Refusal.UNKNOWN.value
    if command is None:
        return "payload"
    return Refusal.RANGE.value if _endless(command.value) else None


def _endless(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) >= LARGEST


def _meant(tag: Tag, value: object) -> object:
    """0 and 1 are good for a BOOL here: people type them. Nothing else is cast."""
    if tag.type is DataType.BOOL and type(value) is int and value in (0, 1):
        return value == 1
    return value


def parse_command(payload: bytes) -> Command | None:
    """A bare JSON scalar, or an object with `value` and perhaps `id`; other keys are ignored. None: unreadable."""
    if len(payload) > COMMAND_BYTES:
        return None
    try:
        document = json.loads(payload.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None if isinstance(document, list) else Command(document)
    value, name = document.get("value", []), document.get("id")
    if isinstance(value, dict | list) or isinstance(name, dict | list | bool) or _endless(name):
        return None
    return None if isinstance(name, str) and len(name) > ID_LENGTH else Command(value, name)


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def reply_payload(name: str | int | float | None, reason: str | None) -> bytes:
    answer: dict[str, str | int | float | None] = {"id": name, "result": "refused" if reason else "accepted"}
    if reason:
        answer["reason"] = reason
    return _json(answer)


def state_payload(tag: Tag, reading: Reading, stamp: str) -> bytes:
    """What a state topic says of a tag."""
    state: dict[str, Value | str | None] = {
        "value": said(tag, reading),
        "quality": reading.quality.value,
        "ts": stamp,
        "unit": tag.unit,
    }
    if reading.quality is not Quality.GOOD or reading.reason:
        state["reason"] = reading.reason
    return _json(state)


def timestamp(moment: datetime) -> str:
    """UTC with milliseconds: `2026-11-21T08:00:00.123Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _json(document: dict[str, Value | str | None] | dict[str, str | int | float | None]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
