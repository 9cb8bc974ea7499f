"""Requests that somebody makes who is no client of ours: a second master, an intruder. Knows no protocol.

A fault lets him act through the gate of the line; what each wire shows of it is said by its endpoint, which is told
here: his requests are in its diagnosis like those of anybody who is connected.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sim.refusal import Refusal
from sim.tag import Tag, Value

GONE_S = 60.0  # after so long without a request his connection is taken to be closed


@dataclass(frozen=True, slots=True)
class StrangerWrite:
    """One value that a stranger wrote, as the line answered it."""

    peer: str
    tag: Tag
    value: Value
    refusal: Refusal | None


Hear = Callable[[StrangerWrite], None]


@dataclass(slots=True)
class Guests:
    """Strangers by address, and when each was heard last."""

    last_s: dict[str, float] = field(default_factory=dict)

    def heard(self, peer: str, now_s: float) -> bool:
        """True where he is new."""
        new = peer not in self.last_s
        self.last_s[peer] = now_s
        return new

    def gone(self, now_s: float) -> list[str]:
        """Those who have been silent for long; they are forgotten."""
        silent = [peer for peer, last_s in self.last_s.items() if now_s - last_s > GONE_S]
        for peer in silent:
            del self.last_s[peer]
        return silent
