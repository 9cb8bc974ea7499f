"""The machining centre: its fixture, its tool with spindle and coolant, its programs and handshake."""

from sim.components.machining_centre.centre import MachiningCentre

__all__ = ["MachiningCentre"]
