"""The shape of an alarm in a line file, for pydantic. What the values mean together is in `alarms`."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.field_types import Expression, PositiveTime, Strict, TextFile, Time

Severity = Annotated[int, Field(ge=1, le=1000)]
Level = Literal["lolo", "lo", "hi", "hihi"]
Number = Annotated[float, Field(ge=-1e12, le=1e12)]
_EVERY = "how often to look at a tag that is a function of time"


class LevelsFile(Strict):
    """Limits of a number, in the unit of its tag; at least one."""

    tag: str
    lolo: Number | None = None
    lo: Number | None = None
    hi: Number | None = None
    hihi: Number | None = None
    deadband: Annotated[float, Field(ge=0, le=1e12)] = 0.0
    every: PositiveTime | None = Field(default=None, description=_EVERY)


class LimitsFile(LevelsFile):
    """A number beyond its limits."""

    exclusive: bool = Field(default=True, description="one level at a time; false: hihi is hi as well")


class OffNormalFile(Strict):
    """A signal that is not as it should be."""

    tag: str
    normal: bool


class AlarmFile(Strict):
    """One alarm: exactly one of limits, rate, off_normal, when and bad_quality says what it looks at."""

    title: TextFile
    message: TextFile | None = Field(default=None, description="what the operator reads; the title if left out")
    limits: LimitsFile | None = None
    rate: LevelsFile | None = Field(default=None, description="limits of the change per second")
    off_normal: OffNormalFile | None = None
    when: Expression | None = None
    bad_quality: str | None = Field(default=None, description="the tag whose quality is watched")
    type: Literal["discrete", "off_normal", "system_off_normal", "trip"] | None = Field(
        default=None, description="as what OPC UA shows it, where it is no limit"
    )
    suppress: Expression = Field(default="False", description="suppressed by design while this is true")
    on_delay: Time = Field(default=0, json_schema_extra={"default": "0 s"})
    off_delay: Time = Field(default=0, json_schema_extra={"default": "0 s"})
    severity: Severity | dict[Level, Severity] = 500
    priority: Literal["critical", "high", "medium", "low"] | None = Field(
        default=None, description="by severity if left out: from 801 critical, 601 high, 301 medium"
    )
    latch: bool = Field(default=False, description="stays until it is reset")
    acknowledge: bool = Field(default=True, description="somebody must acknowledge it")
    confirm: bool = Field(default=False, description="somebody must confirm that it was dealt with")
    longest_shelf: PositiveTime = Field(default=8 * 3600 * 10**9, json_schema_extra={"default": "8 h"})
    cause: TextFile | None = None
    consequence: TextFile | None = None
    action: TextFile | None = None
