"""Texts in registers: names and states in words, for the exercise of reading a string. Sans-I/O, knows no socket.

Two bytes of UTF-8 in each register, the first in the high byte, filled up with zero: as most PLCs keep a STRING[32].
"""

from collections.abc import Callable

from devices.address_map import TEXT_WORDS, TEXTS
from devices.endpoint import LineView
from sim.packml import State

Say = Callable[[], str]


class Texts:
    """The line's name, then of each station its name and its PackML state. Input registers from `TEXTS` on."""

    def __init__(self, view: LineView) -> None:
        self._view = view
        self._say: list[Say] = [lambda: view.line]
        for station in view.tags.stations:
            self._say.append(lambda name=station: name)  # type: ignore[misc]
            state = view.tags.find(f"{station}.state")
            self._say.append(self._state(state.index) if state is not None else str)
        self.span = range(TEXTS, TEXTS + TEXT_WORDS * len(self._say))

    def words(self, start: int, count: int) -> list[int]:
        """The registers from `start` on, within `span`."""
        first, last = (start - TEXTS) // TEXT_WORDS, (start + count - 1 - TEXTS) // TEXT_WORDS
        found = [word for say in self._say[first : last + 1] for word in in_words(say())]
        skip = (start - TEXTS) % TEXT_WORDS
        return found[skip : skip + count]

    def _state(self, index: int) -> Say:
        def say() -> str:
            return State(int(self._view.read(index).value)).name.capitalize()

        return say


def in_words(text: str) -> list[int]:
    """A text as its registers; what does not fit is cut between two characters."""
    raw = text.encode()[: 2 * TEXT_WORDS].decode(errors="ignore").encode().ljust(2 * TEXT_WORDS, b"\0")
    return [raw[at] << 8 | raw[at + 1] for at in range(0, len(raw), 2)]
