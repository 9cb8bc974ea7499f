"""A Unified Namespace: the line in the levels of ISA-95, as a `Voice`. Sans-I/O.

`topics` (where things are), `payloads` (what is said there, schema version `SCHEMA`) and `voice` (when).
"""

from devices.isa95 import Levels
from devices.mqtt.uns.voice import UnsVoice

__all__ = ["Levels", "UnsVoice"]
