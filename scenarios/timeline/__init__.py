"""Scenario files: which faults come when on which line, with notes for the instructor; and named initial conditions.

Everything is resolved when a file is read: a scenario that was read can be given to its line. Runs nothing.
"""

from scenarios.timeline.initial import Condition, Initial, build_condition
from scenarios.timeline.reader import Places, build
from scenarios.timeline.scenario import Measured, Scenario

__all__ = ["Condition", "Initial", "Measured", "Places", "Scenario", "build", "build_condition"]
