"""The six-axis robot: its arm, its points and programs, its kind, and the component that moves."""

from sim.components.robot.robot import Robot

__all__ = ["Robot"]
