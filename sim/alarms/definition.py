"""An alarm as data, resolved and exact: what the scenarios room makes of `alarms:` and a journal embeds.

Limits and deadbands are in the engineering unit of the tag; delays are integer nanoseconds; severity is 1 to 1000
(OPC 10000-5), priority one of four words (ISA-18.2).
"""

from dataclasses import dataclass, field

from sim.text import Text

LEVELS = ("lolo", "lo", "hi", "hihi")  # of a limit alarm
ON = "on"  # the one level of every other alarm
PRIORITIES = ("critical", "high", "medium", "low")
LEAST_OF = {"critical": 801, "high": 601, "medium": 301, "low": 1}  # severity from which a priority is stood for
NO_TEXT = Text("", "")

LIMIT, RATE, OFF_NORMAL, CONDITION, QUALITY = "limit", "rate", "off_normal", "condition", "quality"


@dataclass(frozen=True, slots=True)
class AlarmDefinition:
    """One alarm. `kind` says what is looked at, `type` which OPC UA type shows it."""

    name: str
    title: Text
    message: Text
    kind: str  # limit, rate, off_normal, condition or quality
    type: str  # exclusive, non_exclusive, rate, discrete, off_normal, system_off_normal or trip
    tag: str = ""  # `station.signal`; "" for a condition
    when: str = ""  # of a condition
    normal: bool = False  # of off_normal: the value at which all is well
    limits: dict[str, float] = field(default_factory=dict)  # level -> limit; beyond it the level is on
    deadband: float = 0.0  # how far back it must come
    every_ns: int = 0  # of a tag that is a function of time, and of a rate: how often it is looked at
    suppress: str = "False"  # suppressed by design while this is true
    on_delay_ns: int = 0
    off_delay_ns: int = 0
    severity: dict[str, int] = field(default_factory=dict)  # level -> severity
    priority: str = "medium"
    latch: bool = False  # stays until it is reset
    acknowledge: bool = True
    confirm: bool = False  # after it was acknowledged, somebody must say that it was dealt with
    shelve_most_ns: int = 8 * 3600 * 10**9  # longest time on the shelf
    cause: Text = NO_TEXT
    consequence: Text = NO_TEXT
    action: Text = NO_TEXT

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that it can be on, from the lowest."""
        return tuple(level for level in LEVELS if level in self.limits) or (ON,)


def priority_of(severity: int) -> str:
    """The priority that a severity stands for where the file names none."""
    return next(name for name in PRIORITIES if severity >= LEAST_OF[name])
