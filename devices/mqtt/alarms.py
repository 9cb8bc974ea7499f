"""Alarms on MQTT: a retained state for each, events that are not retained, commands that are answered. Sans-I/O.

`…/<station>/alarms/<alarm>` is the state, `…/event` below it a transition, `…/set` a command, `…/set/reply` its answer.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from devices.alarms import AlarmAsk, AlarmEvent
from devices.endpoint import Client, LineView
from devices.mqtt.line_topics import COMMAND_BYTES, ID_LENGTH, TOPIC_LENGTH, Topics, reply_payload, timestamp
from devices.mqtt.packets import Publish
from sim.alarms.state import AlarmNow
from sim.tag import Value

WORD = "alarms"
LONGEST_SHELF_S = 10**9


def alarm_topic(topics: Topics, name: str) -> str:
    """`sorting.jam` is at `linelab/<line>/sorting/alarms/jam`."""
    station, _, alarm = name.partition(".")
    return f"{topics.prefix}/{station}/{WORD}/{alarm}"


def alarm_commands(topics: Topics) -> str:
    """A filter for the commands of all alarms."""
    return f"{topics.prefix}/+/{WORD}/+/set"


def commanded(topics: Topics, topic: str) -> str | None:
    """The alarm that a command's topic means, None where it is no command to an alarm."""
    if not topic.startswith(f"{topics.prefix}/") or len(topic) > TOPIC_LENGTH:
        return None
    levels = topic[len(topics.prefix) + 1 :].split("/")
    if len(levels) != 4 or levels[1] != WORD or levels[3] != "set":
        return None
    return f"{levels[0]}.{levels[2]}"


class AlarmFeed:
    """What is due: the states that changed, retained, and every transition, not retained."""

    def __init__(self, view: LineView, topics: Topics) -> None:
        self._view, self._alarms, self._topics = view, view.alarms, topics
        self._events = view.alarms.events()
        self._whole = True

    def restart(self) -> None:
        """Every state is due again."""
        self._whole = True

    def due(self) -> Iterator[tuple[str, bytes, bool]]:
        """Topic, payload, and whether it is retained; a state before the events that led to it."""
        torn, events = self._events.torn, self._events.take()
        names = list(self._alarms.definitions if self._whole or torn else dict.fromkeys(e.now.name for e in events))
        self._whole = False
        for name in names:
            yield alarm_topic(self._topics, name), self._state(name), True
        for event in events:
            yield alarm_topic(self._topics, event.now.name) + "/event", self._event(event), False

    def _state(self, name: str) -> bytes:
        return _json({**self._said(self._alarms.now(name)), "ts": self._at(self._alarms.times(name).changed)})

    def _event(self, event: AlarmEvent) -> bytes:
        head: dict[str, object] = {"alarm": event.now.name, "what": event.what, "who": event.who}
        return _json({**head, **self._said(event.now), "comment": event.comment, "ts": timestamp(event.utc)})

    def _at(self, changed: datetime | None) -> str:
        return timestamp(changed or self._view.clock.utc())

    def _said(self, now: AlarmNow) -> dict[str, object]:
        definition = self._alarms.definitions[now.name]
        return {
            "state": now.isa.value,
            "active": now.active,
            "level": now.level,
            "acked": now.acked,
            "confirmed": now.confirmed,
            "shelved": now.shelved,
            "suppressed": now.suppressed,
            "severity": now.severity,
            "priority": definition.priority,
            "value": _finite(now.value),
            "title": {"zh": definition.title.zh, "en": definition.title.en},
            "comment": now.comment,
        }


@dataclass(frozen=True, slots=True)
class Command:
    """A command that could be read, and what its sender calls it."""

    ask: AlarmAsk
    id: str | int | float | None


class AlarmSpace:
    """`devices.mqtt.rights.Space`: commands to alarms. Their states lie in the line's own topics."""

    readable: tuple[str, ...] = ()

    def __init__(self, view: LineView, topics: Topics) -> None:
        self._view, self._topics = view, topics

    def arrived(self, client: Client, message: Publish) -> Sequence[Publish] | None:
        answer = self.take(client, message.topic, message.payload, bool(message.retain))
        if answer is None:
            return None
        reply = Publish(*answer, qos=1)
        return [reply] if message.retain else [message, reply]

    def take(self, client: Client, topic: str, payload: bytes, retain: bool) -> tuple[str, bytes] | None:
        """Topic and payload of the answer to a command; None where this is not one to an alarm."""
        name = commanded(self._topics, topic)
        if name is None:
            return None
        command = parse(name, payload)
        reason = self._do(client, name, command, retain)
        return f"{topic}/reply", reply_payload(command.id if command is not None else None, reason)

    def _do(self, client: Client, name: str, command: Command | None, retain: bool) -> str | None:
        if retain or command is None:
            why = "retained" if retain else "payload"
            self._view.note(client, "refused", f"{name}: {why}")
            return why
        refusal = self._view.alarms.operate(client, command.ask)
        return None if refusal is None else refusal.value


def parse(name: str, payload: bytes) -> Command | None:
    """`{"do": "ack", "comment": …, "for_s": …, "once": …, "id": …}`, or the bare word. None: unreadable."""
    if len(payload) > COMMAND_BYTES:
        return None
    try:
        document = json.loads(payload.decode())
    except (ValueError, RecursionError):
        return None
    if isinstance(document, str):
        document = {"do": document}
    if not isinstance(document, dict):
        return None
    do, comment, ident = document.get("do"), document.get("comment", ""), document.get("id")
    for_s, once = document.get("for_s", 0), document.get("once", False)
    if not isinstance(do, str) or not isinstance(comment, str) or not isinstance(once, bool):
        return None
    if not _time(for_s) or not _ident(ident):
        return None
    return Command(AlarmAsk(name, do, comment, round(for_s * 1000), once), ident)


def _time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_SHELF_S


def _ident(value: object) -> bool:
    if value is None or isinstance(value, str):
        return value is None or len(value) <= ID_LENGTH
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**64


def _finite(value: Value) -> Value | None:
    return value if isinstance(value, bool) or math.isfinite(value) else None


def _json(document: dict[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
