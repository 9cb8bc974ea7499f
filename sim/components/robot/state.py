"""What a robot remembers: its move, its program, its tool, the warmth of its motors. Data alone."""

from dataclasses import dataclass, field

from sim.component import MILLION, Change
from sim.components.linear_axis import Segment
from sim.components.robot.arm import AXES
from sim.components.robot.kind import PART_LOST, PROTECTIVE, TOO_HOT
from sim.components.warmth import Warmth
from sim.travel import Travel

UNIT = 10**14  # of a move's length: what it covers in a second at full speed
HOMING = -1  # its number among the programs
GROUPS = {"arm": range(3), "wrist": range(3, AXES)}  # motors that warm up together
STOPS = (PART_LOST, TOO_HOT, PROTECTIVE)  # errors that are protective stops


@dataclass(slots=True)
class RobotState:
    """Vacuum and part as of a cup; the move from pose to pose (µ°), the program and where it is in it."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)
    serial: int = 0
    floor: list[int] = field(default_factory=list)
    sucking: bool = False
    start: list[int] = field(default_factory=list)
    goal: list[int] = field(default_factory=list)
    total: int = 0  # length of the move, 0 while it stands at the end of one
    plan: list[Segment] = field(default_factory=list)
    towards: str = ""
    point: str = ""  # where it stands, "" between points
    program: int = 0
    step: int = 0
    running: bool = False
    paused: bool = False  # after an error: until `start` says go on
    pace: int = MILLION  # by the program
    wait: Travel = field(default_factory=Travel)  # of a step that takes time
    error: int = 0
    done: bool = False
    seen: dict[str, bool] = field(default_factory=dict)  # commands as they were, for their edges
    arm: Warmth = field(default_factory=Warmth)
    wrist: Warmth = field(default_factory=Warmth)
