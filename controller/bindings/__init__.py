"""Real devices of one bench: readings into the line, outputs to the device, arming, watchdog, deviations, audit.

The simulator is never the safety function: see docs/guides/real-devices.md.
"""

from controller.bindings.real_devices import RealDevices

__all__ = ["RealDevices"]
