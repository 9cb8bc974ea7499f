"""How a device stands: the states of its connection and the change from one to the next."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """`closed` -> `opening` -> `up` -> `lost` -> `up` ...; `closed` again when it is stopped."""

    CLOSED = "closed"
    OPENING = "opening"  # never connected so far
    UP = "up"
    LOST = "lost"  # was up, or could not be reached; tries again by itself


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of state. Each is logged once, in one line."""

    device: str
    before: State
    after: State
    why: str = ""
    at_s: float = 0.0  # monotonic
