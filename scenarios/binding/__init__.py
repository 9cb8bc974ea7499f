"""Binding files: which station or tag comes from which real device, where it lies there, and what makes it safe.

Data and its checks. Knows no driver and opens no connection: an address is text that a driver understands.
"""

from scenarios.binding.bound import Arming, Binding, BoundDevice, BoundStation, BoundTag, Watchdog
from scenarios.binding.reader import build, load

__all__ = ["Arming", "Binding", "BoundDevice", "BoundStation", "BoundTag", "Watchdog", "build", "load"]
