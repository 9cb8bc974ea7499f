"""Fault files: what can be broken on purpose, what a person then sees, what helps. Fires nothing.

A file describes a fault in general (`photo_eye_stuck` on any photo-eye); `resolve` aims it at one target of one line
and gives the arguments of the line's `fault` input. `hows` is the table of what a file can say.
"""

from scenarios.faulting.fault import Fault, FaultError, Figure
from scenarios.faulting.reader import build, load
from scenarios.faulting.resolve import resolve, targets

__all__ = ["Fault", "FaultError", "Figure", "build", "load", "resolve", "targets"]
