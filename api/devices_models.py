"""The JSON of the routes of real devices."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StrictBool

from api.models import Answer, Name, Number, Question


class Switch(Question):
    of: Name  # a station, or a single tag
    mode: Literal["sim", "shadow", "real"]


class StationName(Question):
    station: Name


class Heartbeat(StationName):
    lease: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


class Confirm(StationName):
    parts: Annotated[list[Annotated[int, Field(strict=True, ge=1)]], Field(max_length=1000)]


class Force(Question):
    tag: Name
    value: StrictBool | Number | None = None  # None: no more


class Devices(Answer):
    binding: str | None
    label: str
    devices: list[dict[str, JsonValue]]
    stations: list[dict[str, JsonValue]]
    tags: list[dict[str, JsonValue]]


class TestResult(Answer):
    passed: bool
    took_s: float | None
    within_s: float
    why: str


class Lease(Answer):
    lease: str
    seconds: float


class AuditEntry(Answer):
    utc: str
    by: str
    what: str
    station: str


class Commissioning(Answer):
    utc: str
    run: str
    stations: list[dict[str, JsonValue]]
    markdown: str
