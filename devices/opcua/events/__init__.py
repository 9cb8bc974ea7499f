"""Events: what happened, whom it reaches, which of it a client asked for. Knows no alarm and no line."""

from devices.opcua.events.event import Event, Path, path
from devices.opcua.events.hub import Events
from devices.opcua.events.types import Types
from devices.opcua.events.where import Where

__all__ = ["Event", "Events", "Path", "Types", "Where", "path"]
