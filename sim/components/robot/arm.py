"""The arm of an articulated robot: joint angles in µ°, its measures, where they put the tool, and the way back.

Angles of a point are those of six joints, or follow from a place: x, y, z of the tool's tip in mm from the foot of the
robot and its turn in degrees, tool down. Joint 1 turns about the vertical; 2 tilts the upper arm forward from upright;
3 tilts the forearm down from a right angle to the upper arm; 4 rolls the forearm; 5 tilts the wrist down; 6 turns the
tool. So the tool points straight down where joints 2, 3 and 5 add up to 90°. Knows no line.
"""

from dataclasses import dataclass
from math import sqrt

from sim.elementary import arctan2

AXES = 6
LIMITS = (180, 120, 160, 200, 130, 360)  # degrees from nought, either way
DEG = 10**6  # µ°
HALF_TURN = 3.141592653589793


@dataclass(frozen=True, slots=True)
class Arm:
    """Height of the shoulder, lengths of upper arm and forearm, and from the wrist to the tip of the tool; mm."""

    shoulder: float
    upper: float
    fore: float
    tool: float

    def angles(self, x: float, y: float, z: float, turn: float) -> list[int] | None:
        """Joint angles that put the tip there with the tool down, elbow up; None where the arm does not reach."""
        reach, rise = sqrt(x * x + y * y), z + self.tool - self.shoulder
        d2 = reach * reach + rise * rise
        d = sqrt(d2)
        if not abs(self.upper - self.fore) < d <= self.upper + self.fore:
            return None
        lift = _degrees(rise, reach) + _corner(self.upper, d, self.fore)  # of the upper arm over the horizontal
        bend = _corner(self.upper, self.fore, d)
        tilt, fold = 90.0 - lift, 90.0 - bend
        yaw = _degrees(y, x) if reach else 0.0
        joints = (yaw, tilt, fold, 0.0, 90.0 - tilt - fold, turn - yaw)
        return [round(angle * DEG) for angle in joints]


def _corner(a: float, b: float, opposite: float) -> float:
    """The angle between sides a and b of a triangle, in degrees."""
    cosine = (a * a + b * b - opposite * opposite) / (2.0 * a * b)
    cosine = min(1.0, max(-1.0, cosine))
    return _degrees(sqrt(1.0 - cosine * cosine), cosine)


def _degrees(y: float, x: float) -> float:
    return arctan2(y, x) * 180.0 / HALF_TURN


def beyond(joints: list[int]) -> int:
    """The number of the first joint that is beyond its limits, 0 for none."""
    return next((n for n, (at, most) in enumerate(zip(joints, LIMITS, strict=True), 1) if abs(at) > most * DEG), 0)
