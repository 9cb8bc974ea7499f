"""When what is said in the Unified Namespace: descriptions, states, events, and an end that a lost line cannot hide.

Implements `Voice`. It is read only: commands go the plain way, and each station's description says where.
"""

from collections.abc import Iterator

from devices.endpoint import Client, LineView, Role
from devices.isa95 import Levels
from devices.mqtt.alarms import AlarmFeed
from devices.mqtt.line_topics import Topics, timestamp
from devices.mqtt.news import News
from devices.mqtt.packets import Publish
from devices.mqtt.uns import payloads
from devices.mqtt.uns.topics import UnsTopics
from devices.tag_history import Sample, time_of
from sim.tag import Direction, Tag

PARTS = {"parts_in": "in", "parts_out": "out", "parts_rejected": "rejected"}
STATE = "state"
_FOR_EVER_US = 2**62


class UnsVoice:
    """`line` is the name of the line's level; `plain` says where commands go."""

    name = "uns"
    subscriptions: tuple[tuple[str, int], ...] = ()
    hang_up = False

    def __init__(self, view: LineView, levels: Levels, line: str, plain: Topics) -> None:
        self._view, self._levels, self._line, self._plain = view, levels, line, plain
        self._topics = UnsTopics(levels, line)
        self._news, self._alarms = News(view), AlarmFeed(view, self._topics)
        self._watched = [
            tag for tag in view.tags if tag.direction is Direction.STATUS and tag.signal in (STATE, *PARTS)
        ]
        self._last: dict[int, Sample] = {}  # what of each watched signal was told as an event
        self._introduced = False

    @property
    def about(self) -> str:
        return f"Unified Namespace, {self._topics.everything}"

    @property
    def readable(self) -> tuple[str, ...]:
        return (self._topics.everything,)

    def free(self, role: Role, topic: str) -> bool:
        return False

    def prepare(self) -> Publish:
        return Publish(self._topics.status, payloads.status(False, None), 1, True)

    def connected(self) -> None:
        self.renew()
        for tag in self._watched:  # events that nobody could hear are over
            self._last.pop(tag.index, None)
            self._remember(tag, self._view.history.last(tag.index))

    def renew(self) -> None:
        self._introduced = False
        self._news.restart()
        self._alarms.restart()

    def farewell(self) -> Iterator[Publish]:
        yield self._kept(self._topics.status, payloads.status(False, self._now()))

    def take(self, client: Client, message: Publish) -> bool:
        return False

    def due(self) -> Iterator[Publish]:
        stamp = self._now()
        if not self._introduced:
            self._introduced = True
            yield from self._introduce(stamp)
        for tag, reading in self._news.due():
            yield self._kept(self._topics.state(tag), payloads.state(tag, reading, stamp))
        for tag in self._watched:
            yield from self._events(tag)
        for topic, payload, retain in self._alarms.due():
            yield Publish(topic, payloads.with_schema(payload), 1, retain)

    def _introduce(self, stamp: str) -> Iterator[Publish]:
        yield self._kept(self._topics.status, payloads.status(True, stamp))
        levels, tags = self._levels, self._view.tags
        names = (levels.enterprise, levels.site, levels.area, self._line)
        about = payloads.line_info(names, self._view.line, self._view.bench, tags.stations, stamp)
        yield self._kept(self._topics.info, about)
        for station in tags.stations:
            signals = [
                payloads.signal_info(tag, self._topics.state(tag), self._plain.command(tag)) for tag in tags.of(station)
            ]
            yield self._kept(self._topics.station_info(station), payloads.station_info(station, signals, stamp))

    def _events(self, tag: Tag) -> Iterator[Publish]:
        """What a watched signal went through since it was looked at last: every change, in order."""
        history, last = self._view.history, self._last.get(tag.index)
        if history.last(tag.index) == last:
            return
        start_us = last.time_us + 1 if last is not None else 0
        for sample in history.forward(tag.index, start_us, _FOR_EVER_US):
            if last is not None:
                yield from self._event(tag, last, sample)
            last = sample
        self._remember(tag, last)

    def _event(self, tag: Tag, before: Sample, after: Sample) -> Iterator[Publish]:
        was, now, stamp = before.reading.value, after.reading.value, timestamp(time_of(after.time_us))
        if tag.signal == STATE and was != now:
            yield self._once(self._topics.event(tag.station, "state"), payloads.state_event(was, now, stamp))
        elif tag.signal in PARTS and now > was:  # a new run begins at zero, and that is no part
            event = payloads.part_event(PARTS[tag.signal], now - was, now, stamp)
            yield self._once(self._topics.event(tag.station, "part"), event)

    def _remember(self, tag: Tag, sample: Sample | None) -> None:
        if sample is not None:
            self._last[tag.index] = sample

    def _now(self) -> str:
        return timestamp(self._view.clock.utc())

    @staticmethod
    def _kept(topic: str, payload: bytes) -> Publish:
        return Publish(topic, payload, 1, True)

    @staticmethod
    def _once(topic: str, payload: bytes) -> Publish:
        return Publish(topic, payload, 1, False)
