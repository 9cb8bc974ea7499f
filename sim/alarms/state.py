"""What changes of an alarm, its state after ISA-18.2, and which state may follow which. Data and tables only."""

from dataclasses import dataclass, field
from enum import StrEnum

from sim.tag import Value


class Isa(StrEnum):
    """States of ISA-18.2 (IEC 62682); `disabled` is OPC UA's."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"  # active
    ACKNOWLEDGED = "acknowledged"  # active
    RETURNED = "returned"  # to normal before it was acknowledged
    LATCHED_UNACKNOWLEDGED = "latched_unacknowledged"  # gone, but stays until it is acknowledged and reset
    LATCHED_ACKNOWLEDGED = "latched_acknowledged"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"
    DISABLED = "disabled"


HIDDEN = frozenset({Isa.SHELVED, Isa.SUPPRESSED, Isa.OUT_OF_SERVICE, Isa.DISABLED})
SHOWN_ACTIVE = frozenset({Isa.UNACKNOWLEDGED, Isa.ACKNOWLEDGED})
UNACKED = frozenset({Isa.UNACKNOWLEDGED, Isa.RETURNED, Isa.LATCHED_UNACKNOWLEDGED})
_BACK = frozenset({Isa.NORMAL, Isa.UNACKNOWLEDGED, Isa.ACKNOWLEDGED, Isa.LATCHED_ACKNOWLEDGED})
# what may follow a state that people see; into hiding it may go from everywhere, and from there come back anew
NEXT: dict[Isa, frozenset[Isa]] = {
    Isa.NORMAL: frozenset({Isa.UNACKNOWLEDGED, Isa.ACKNOWLEDGED}),  # the latter where nobody need acknowledge
    Isa.UNACKNOWLEDGED: frozenset({Isa.ACKNOWLEDGED, Isa.RETURNED, Isa.LATCHED_UNACKNOWLEDGED}),
    Isa.ACKNOWLEDGED: frozenset({Isa.NORMAL, Isa.UNACKNOWLEDGED, Isa.LATCHED_ACKNOWLEDGED}),  # worse: told again
    Isa.RETURNED: frozenset({Isa.NORMAL, Isa.UNACKNOWLEDGED}),
    Isa.LATCHED_UNACKNOWLEDGED: frozenset({Isa.LATCHED_ACKNOWLEDGED, Isa.UNACKNOWLEDGED}),
    Isa.LATCHED_ACKNOWLEDGED: frozenset({Isa.NORMAL, Isa.UNACKNOWLEDGED, Isa.ACKNOWLEDGED}),
}


def may_become(before: Isa, after: Isa) -> bool:
    """Whether ISA-18.2 has this transition; a state may be told again unchanged."""
    if before is after or after in HIDDEN:
        return True
    return after in (_BACK if before in HIDDEN else NEXT[before])


TIMED, ONE_SHOT = "timed", "one_shot"


@dataclass(slots=True)
class Stage:
    """One level: whether the value is beyond it, since when, and whether that counts after the delay."""

    over: bool = False
    since_ns: int = 0
    on: bool = False


@dataclass(slots=True)
class AlarmState:
    """All that changes of an alarm."""

    due: list[int]
    stages: list[Stage] = field(default_factory=list)
    level: str = ""  # the worst level that is on; "" is inactive
    severity: int = 0  # of the present level or, inactive, of the last
    acked: bool = True
    confirmed: bool = True
    latched: bool = False
    enabled: bool = True
    suppressed: bool = False  # by design: its expression is true
    suppressed_by_hand: bool = False
    out_of_service: bool = False
    shelved: str = ""  # timed or one_shot
    number: int = 0  # transitions so far
    since_ns: int = 0  # of the last transition
    active_ns: int = 0  # when it became active last
    value: Value = 0  # of the tag at the last transition
    comment: str = ""
    comment_by: str = ""
    comment_ns: int = 0
    last: float | None = None  # the sample before, of a rate

    @property
    def hidden(self) -> bool:
        """Kept from people: it goes on in the background."""
        return bool(self.shelved) or self.suppressed or self.suppressed_by_hand or self.out_of_service

    @property
    def isa(self) -> Isa:
        if not self.enabled:
            return Isa.DISABLED
        if self.out_of_service:
            return Isa.OUT_OF_SERVICE
        if self.suppressed or self.suppressed_by_hand:
            return Isa.SUPPRESSED
        if self.shelved:
            return Isa.SHELVED
        if self.level:
            return Isa.ACKNOWLEDGED if self.acked else Isa.UNACKNOWLEDGED
        if self.latched:
            return Isa.LATCHED_ACKNOWLEDGED if self.acked else Isa.LATCHED_UNACKNOWLEDGED
        return Isa.NORMAL if self.acked else Isa.RETURNED


@dataclass(frozen=True, slots=True)
class AlarmNow:
    """An alarm as others see it, at one instant. Times are simulated nanoseconds."""

    name: str  # `station.alarm`
    isa: Isa
    level: str
    severity: int
    acked: bool
    confirmed: bool
    latched: bool
    enabled: bool
    suppressed: bool
    out_of_service: bool
    shelved: str
    shelved_until_ns: int  # -1: no end
    number: int
    since_ns: int
    active_ns: int
    value: Value
    comment: str
    comment_by: str

    @property
    def active(self) -> bool:
        return bool(self.level)

    @property
    def retain(self) -> bool:
        """Whether it is worth showing (OPC 10000-9, 5.5.2): somebody has still to do with it."""
        return self.enabled and (self.active or self.latched or not self.acked or not self.confirmed)
