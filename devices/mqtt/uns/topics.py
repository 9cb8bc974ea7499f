"""Where things are in the Unified Namespace: enterprise, site, area, line, station. Knows no payload."""

from devices.isa95 import Levels
from devices.mqtt.line_topics import Topics
from sim.tag import Tag


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
