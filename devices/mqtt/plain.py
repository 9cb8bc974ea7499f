"""Plain JSON as a `Voice`, for a connection to an external broker: states, alarms, commands and their answers."""

from collections.abc import Iterator

from devices.endpoint import Client, LineView, Role
from devices.mqtt.alarms import AlarmFeed, AlarmSpace, alarm_commands
from devices.mqtt.line_topics import Commands, StateFeed, Topics
from devices.mqtt.packets import Publish


class PlainVoice:
    """Implements `Voice`. Such a broker is shared, so the bench stands in front of the line."""

    name = ""
    about = ""
    hang_up = False

    def __init__(self, view: LineView) -> None:
        topics = self._topics = Topics(view.line, view.bench)
        self._feed, self._alarms = StateFeed(view, topics), AlarmFeed(view, topics)
        self._commands, self._alarm_commands = Commands(view, topics), AlarmSpace(view, topics)
        self._first: list[Publish] = []  # goes before what is due

    @property
    def readable(self) -> tuple[str, ...]:
        return (self._topics.everything,)

    @property
    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        return (self._topics.commands, 1), (alarm_commands(self._topics), 1)

    def free(self, role: Role, topic: str) -> bool:
        return False

    def prepare(self) -> Publish:
        return Publish(self._topics.status, b"offline", 1, True)

    def connected(self) -> None:
        self.renew()
        self._first = [Publish(self._topics.status, b"online", 1, True)]

    def renew(self) -> None:
        self._feed.restart()
        self._alarms.restart()

    def due(self) -> Iterator[Publish]:
        first, self._first = self._first, []
        yield from first
        for topic, payload in self._feed.due():
            yield Publish(topic, payload, 1, True)
        for topic, payload, retain in self._alarms.due():
            yield Publish(topic, payload, 1, retain)

    def take(self, client: Client, message: Publish) -> bool:
        given = client, message.topic, message.payload, message.retain
        answer = self._commands.take(*given) or self._alarm_commands.take(*given)
        if answer is None:
            return False
        self._first.append(Publish(*answer, qos=1))
        return True

    def farewell(self) -> Iterator[Publish]:
        yield Publish(self._topics.status, b"offline", 1, True)
