"""Drivers: clients of real devices. Where a tag lives on a device is data; a driver is one doer per connection.

A driver knows one protocol and no line, station or binding. `Device` owns the loop around it: cycles, time-outs,
reconnecting, quality, counters. The driver of `foo-bar://` is the module `devices/drivers/schemes/foo_bar.py`.
"""

from devices.drivers.check import CheckRow, check
from devices.drivers.counters import Counters
from devices.drivers.device import Device
from devices.drivers.discovery import Discovery, Found, ProbeLimits
from devices.drivers.driver import Block, Driver, Polled, Pushed, Raw, Sink
from devices.drivers.point import DeviceType, Group, Plausibility, Point, Write, WriteLimits
from devices.drivers.reason import Lost, PointError, Reason, Silent, TargetError, Why
from devices.drivers.registry import discover, kind_of, make_driver, schemes
from devices.drivers.sample import Quality, Sample
from devices.drivers.state import State, Transition
from devices.drivers.target import Kind, Target, Timing

__all__ = [
    "Block",
    "CheckRow",
    "Counters",
    "Device",
    "DeviceType",
    "Discovery",
    "Driver",
    "Found",
    "Group",
    "Kind",
    "Lost",
    "Plausibility",
    "Point",
    "PointError",
    "Polled",
    "ProbeLimits",
    "Pushed",
    "Quality",
    "Raw",
    "Reason",
    "Sample",
    "Silent",
    "Sink",
    "State",
    "Target",
    "TargetError",
    "Timing",
    "Transition",
    "Why",
    "Write",
    "WriteLimits",
    "check",
    "discover",
    "kind_of",
    "make_driver",
    "schemes",
]
