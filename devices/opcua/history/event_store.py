"""The events of a bench, in order of their coming in, the newest `MAX_EVENTS` of them. Knows no session."""

from collections import deque
from collections.abc import Iterator

from devices.opcua.events.event import Event

MAX_EVENTS = 5_000  # some kilobytes each


class EventStore:
    """Lives as long as the bench, so that history outlives a restart of the endpoint."""

    def __init__(self, limit: int = MAX_EVENTS) -> None:
        self._events: deque[tuple[int, Event]] = deque(maxlen=limit)
        self._count = 0

    def add(self, event: Event) -> None:
        self._count += 1
        self._events.append((self._count, event))

    def __len__(self) -> int:
        return len(self._events)

    @property
    def lost(self) -> int:
        """How many have made room for newer ones."""
        return self._count - len(self._events)

    def numbered(self) -> Iterator[tuple[int, Event]]:
        """Each event with its number, oldest first."""
        return iter(list(self._events))
