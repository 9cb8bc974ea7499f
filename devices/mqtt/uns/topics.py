"""Where things are in the Unified Namespace: enterprise, site, area, line, station. Knows no payload."""

from dataclasses import dataclass

from devices.mqtt.line_topics import Topics
from sim.tag import Tag

_FORBIDDEN = "+#\0$"


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels above the line, as ISA-95 (IEC 62264-1) names them."""

    enterprise: str
    site: str
    area: str

    @classmethod
    def of(cls, text: str) -> "Levels":
        """`enterprise/site/area`. Raises `ValueError` where it is not that."""
        levels = text.split("/")
        if len(levels) != 3 or not all(levels) or any(letter in _FORBIDDEN for letter in text):
            raise ValueError(f"{text!r} is not enterprise/site/area, three names without + # $")
        return cls(*levels)

    def __str__(self) -> str:
        return f"{self.enterprise}/{self.site}/{self.area}"


class UnsTopics(Topics):
    """`<enterprise>/<site>/<area>/<line>/…`."""

    def __init__(self, levels: Levels, line: str) -> None:
        self.prefix = f"{levels}/{line}"
        self.everything = f"{self.prefix}/#"
        self.commands = f"{self.prefix}/+/+/+/set"  # none are taken here
        self.status = f"{self.prefix}/status"
        self.info = f"{self.prefix}/info"

    def state(self, tag: Tag) -> str:
        return f"{self.prefix}/{tag.station}/{tag.direction.value}/{tag.signal}"

    def station_info(self, station: str) -> str:
        return f"{self.prefix}/{station}/info"

    def event(self, station: str, kind: str) -> str:
        return f"{self.prefix}/{station}/event/{kind}"
