"""Somebody logs in under a client's identifier: the broker lets the first one go, who comes back, and so on.

One client after the other is hit, and the line's own connections (its voices) in their turn. Knows no socket.
"""

from collections.abc import Callable, Sequence

from devices.dice import Dice
from devices.endpoint import Link
from devices.mqtt.broker import Broker
from devices.mqtt.session import Session

Bounce = Callable[[], None]


class Impostor:
    """`look` lets him come as often as the link's state says; `bounce` are the line's own connections, each to be
    taken over and made again."""

    def __init__(self, broker: Broker, link: Link, bounce: Sequence[Bounce], note: Callable[[Session], None]) -> None:
        self._broker, self._link, self._bounce, self._note = broker, link, tuple(bounce), note
        self._dice = Dice(link)
        self._every_ms = 0
        self._due_s = 0.0
        self._turn = 0

    def look(self, now_s: float) -> None:
        every_ms = self._link.state.takeover_ms
        if every_ms != self._every_ms:
            self._every_ms, self._due_s = every_ms, now_s  # the first one comes at once
        if not every_ms or now_s < self._due_s:
            return
        self._due_s = now_s + self._dice.pause_s("takeover", every_ms)
        self._take_over()

    def _take_over(self) -> None:
        clients = [session for session in self._broker.sessions if session.replace is not None]
        place = self._turn % (len(clients) + len(self._bounce)) if clients or self._bounce else 0
        self._turn += 1
        if place < len(clients):
            session = clients[place]
            self._note(session)
            if session.replace is not None:
                session.replace()
        elif self._bounce:
            self._bounce[place - len(clients)]()
