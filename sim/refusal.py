"""Refusals: why a request to the process image was not granted. A value that is returned, not an exception."""

from enum import StrEnum


class Refusal(StrEnum):
    """Reason of a refused request. Each wire says it in its own words (docs/reference/wires.md)."""

    UNKNOWN = "unknown"  # no such tag
    READ_ONLY = "read_only"
    RANGE = "range"
    TYPE = "type"
    NOT_OWNER = "not_owner"  # somebody else is in control of the station
    PAUSED = "paused"  # the line is frozen
    STATE = "state"  # the PackML state forbids it
    OFFLINE = "offline"  # the line does not run
    FORBIDDEN = "forbidden"  # the client's role may not write
