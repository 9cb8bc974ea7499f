"""The shape of scenario files and of initial conditions, for pydantic. What they mean is in `reader` and `initial`."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from scenarios.faulting.model import Duration, Scalar
from scenarios.field_types import Expression, Name, PositiveTime, Strict, TextFile, Time

FileName = Annotated[str, Field(pattern="^[a-z][a-z0-9_-]*$", max_length=40)]
Control = Literal["builtin", "modbus", "opcua", "mqtt"]

_CHANCE = re.compile(r"([0-9]+(?:\.[0-9]+)?) per (min|hour|shift|day)")
_SPANS = {"min": 60 * 10**9, "hour": 3600 * 10**9, "shift": 8 * 3600 * 10**9, "day": 24 * 3600 * 10**9}


def _chance(value: object) -> int:
    """`3 per hour` as the mean time between two, in ns."""
    found = _CHANCE.fullmatch(value) if isinstance(value, str) else None
    if found is None or float(found[1]) <= 0:
        raise ValueError("must be a rate: 3 per hour; per min, hour, shift (8 h) or day")
    mean = round(_SPANS[found[2]] / float(found[1]))
    if mean < 10**9:
        raise ValueError("is more often than once a second")
    return mean


Chance = Annotated[int, BeforeValidator(_chance, json_schema_input_type=str)]


class InitialFile(Strict):
    """In which state the line is when the scenario begins: after some time, or a named condition."""

    run: Time | None = Field(default=None, description="how long the line has been running")
    condition: FileName | None = Field(default=None, description="a file of `conditions`")


class StartFile(Strict):
    """When an entry begins: exactly one of at, when, parts, chance and after."""

    at: Time | None = Field(default=None, description="so long after the scenario began")
    when: Expression | None = Field(default=None, description="a condition over tags comes true")
    for_: Time | None = Field(default=None, alias="for", description="and has been true for so long")
    parts: int | None = Field(default=None, ge=1, le=10**6, description="parts that the line has made")
    chance: Chance | None = Field(default=None, description="by chance, as `3 per hour`")
    after: Name | None = Field(default=None, description="another entry has ended")
    delay: Time | None = Field(default=None, description="and so long has passed")

    by_hand: Literal[True] | None = Field(default=None, description="only by the instructor's hand")


def _start(value: object) -> object:
    return {"by_hand": True} if value == "by_hand" else value


Start = Annotated[StartFile, BeforeValidator(_start, json_schema_input_type=StartFile | Literal["by_hand"])]


class EntryFile(Strict):
    """One fault of the timeline."""

    entry: Name
    fault: Name
    target: str
    with_: dict[Name, Scalar] = Field(default_factory=dict, alias="with", description="figures of the fault")
    start: Start
    duration: Duration | None = Field(default=None, description="another one than the fault's own")
    repeat: bool = Field(default=False, description="its start counts again when it has ended")


Counts = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]


class MeasuredFile(Strict):
    """What the scenario costs when nobody does anything: measured with the scenario's seed, and tested."""

    time: PositiveTime = Field(description="so long after the scenario began")
    healthy: Counts = Field(description="parts finished and good parts in that time without the scenario")
    parts: Counts = Field(description="parts finished and good parts in that time with it")
    alarms: list[str] = Field(default_factory=list, description="alarms that come only with it, in their order")


class ScenarioFile(Strict):
    """A whole scenario file."""

    scenario: FileName
    title: TextFile
    description: TextFile = Field(description="what trainees may read: the order, not the fault")
    instructor: TextFile = Field(description="what happens, what to look for, how it is solved")
    hints: list[TextFile] = Field(default_factory=list, max_length=20)
    level: int = Field(ge=1, le=5, description="5 beginner to 1 senior technician")
    line: str
    seed: int = Field(default=1, ge=0, lt=2**53)
    initial: InitialFile | None = None
    settings: dict[str, Scalar] = Field(default_factory=dict, description="of the line file, as --set takes them")
    timeline: list[EntryFile] = Field(min_length=1, max_length=100)
    measured: MeasuredFile | None = None


class ConditionFile(Strict):
    """A whole file of an initial condition."""

    condition: FileName
    title: TextFile
    description: TextFile | None = None
    line: str
    seed: int = Field(default=1, ge=0, lt=2**53)
    run: Time = Field(default=0, json_schema_extra={"default": "0 s"}, description="how long the line runs first")
    set: dict[str, Scalar] = Field(default_factory=dict, description="set points, from the start")
    keys: dict[str, Control] = Field(default_factory=dict, description="key switches, at the end")
    operator: bool = Field(default=True, description="the simulated operator is there, from the start")


_TITLE = {"zh": "?", "en": "?"}
STAND_INS: dict[str, object] = {
    "scenario": "unnamed",
    "condition": "unnamed",
    "title": _TITLE,
    "description": _TITLE,
    "instructor": _TITLE,
    "hints[]": _TITLE,
    "zh": "?",
    "en": "?",
    "level": 5,
    "line": "",
    "entry": "unnamed",
    "fault": "",
    "target": "",
    "start": "by_hand",
    "time": "1 s",
    "healthy": [0, 0],
    "parts": [0, 0],
}
