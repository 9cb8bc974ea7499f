"""Parts: what runs on the line, with serial number, colour and genealogy."""

from dataclasses import dataclass, field
from enum import IntEnum


class Verdict(IntEnum):
    """What the inspection said of a part."""

    NONE = 0
    OK = 1
    REJECT = 2


@dataclass(slots=True)
class Part:
    """One part. `log` is its genealogy: what happened to it, when and where; it leaves with the part's last event."""

    serial: int
    colour: int  # from 1, as numbered in the line definition
    dimension_um: int  # as it is now: raw until machined
    born_ns: int
    verdict: Verdict = Verdict.NONE
    measured_um: int = 0
    machined: bool = False
    kind: int = 0  # from 1, as numbered in the line definition; 0 where that tells no kinds apart
    finished: bool = False  # production is done with it: it lies in a bin or has left the line
    log: list[tuple[int, str]] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)  # serials of what was laid onto or into it
    contents: dict[str, int] = field(default_factory=dict)  # what was filled into it (µL) or done to it

    def said(self) -> dict[str, int]:
        """What the event `new` says of it; the kind only where kinds are told apart."""
        return {"colour": self.colour, "kind": self.kind} if self.kind else {"colour": self.colour}


@dataclass(slots=True)
class Parts:
    """All parts that are on the line now, and counts of those that were."""

    made: int = 0
    by_serial: dict[int, Part] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)  # where parts were finished -> how many
    good: int = 0  # finished and not rejected
    rejected: int = 0  # finished with a verdict of REJECT
    removed: int = 0  # taken away by hand before they were finished
    merged: int = 0  # became a piece of another part
    gone: int = 0  # have left the line altogether
    flow_ns: int = 0  # sum of the times from feeder to end of all that were finished
    unfinished_ns: int = 0  # sum of the times on the line of those that were removed or merged
