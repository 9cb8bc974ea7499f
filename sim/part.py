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
    log: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Parts:
    """All parts that are on the line now, and counts of those that were."""

    made: int = 0
    by_serial: dict[int, Part] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)  # where parts left the line -> how many
    good: int = 0  # left with a verdict of OK, or inspected nowhere and not rejected
    rejected: int = 0
    flow_ns: int = 0  # sum of the times on the line of all that left
