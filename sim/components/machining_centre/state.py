"""What a machining centre remembers: cut, tool, heat, coolant, fixture. Data alone."""

from dataclasses import dataclass, field

from sim.component import Change
from sim.components.warmth import Warmth
from sim.travel import Travel

FL = 10**9  # fL in a µL; µL/s x ns = fL
MINUTE = 60 * 10**9
UM = 10**9  # fm
MOST_WORN = 10.0  # lives of a tool: beyond that its load grows no more


@dataclass(slots=True)
class MachiningState:
    """The cut in ppm x ns of its time, the tool's wear as a share of its life, heat in µK, coolant in fL."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    work: Travel = field(default_factory=Travel)
    serial: int = 0  # that the cut belongs to
    program: int = 0
    running: bool = False
    paused: bool = False  # after an error: until `start` says go on
    done: bool = False
    error: int = 0
    seen: dict[str, bool] = field(default_factory=dict)  # commands as they were, for their edges
    wear: float = 0.0  # until `wear_ns`
    wear_ns: int = 0
    life_ns: int = 0  # of the tool at what it does now; 0: it does not cut
    broken: bool = False
    change: Travel = field(default_factory=Travel)  # of the tool, in ns
    heat: Warmth = field(default_factory=Warmth)
    coolant: Travel = field(default_factory=Travel)
    grip: Travel = field(default_factory=Travel)  # of the fixture, in ns of its time
    grip_ns: int = 1
    nest: int = 0  # the part in the fixture
