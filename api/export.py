"""The address map as files: what each format is called on the wire. The text itself is the devices room's."""

from dataclasses import dataclass

from api.lab import LabError
from sim.state import JsonValue


@dataclass(frozen=True, slots=True)
class Export:
    """How a browser saves one format."""

    suffix: str
    media_type: str


EXPORTS = {
    "json": Export("json", "application/json"),
    "csv": Export("csv", "text/csv; charset=utf-8"),
    "openplc": Export("st", "text/plain; charset=utf-8"),
    "factoryio": Export("csv", "text/csv; charset=utf-8"),
}


def export(result: JsonValue) -> str:
    """The text that a host made."""
    if not isinstance(result, str):
        raise LabError("internal", {"expected": "a text"})
    return result
