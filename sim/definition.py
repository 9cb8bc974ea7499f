"""A line as data, resolved and exact: what the scenarios room makes of a line file and a journal embeds.

Nothing here knows YAML. All numbers are integers in the base units of `sim/units.py`; the whole definition turns to
JSON and back by `sim.state`, so that a journal can be replayed where the line file is not.
"""

from dataclasses import dataclass, field

from sim.alarms.definition import AlarmDefinition
from sim.state import Plain
from sim.text import Text


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a component stands, for drawing: metres east and south of the line's corner, heading of its flow."""

    x_m: float = 0.0
    y_m: float = 0.0
    heading_deg: float = 0.0  # 0 = east (to the right), 90 = south (towards the viewer)
    z_m: float = 0.0


@dataclass(frozen=True, slots=True)
class ComponentDefinition:
    """One component of a station. `parameters` is complete: defaults are filled in by the loader."""

    name: str
    kind: str
    title: Text
    parameters: dict[str, int] = field(default_factory=dict)
    lists: dict[str, list[int]] = field(default_factory=dict)  # parameters declared `many`
    joins: dict[str, list[str]] = field(default_factory=dict)  # name of the join -> `station.component` each
    signals: dict[str, str] = field(default_factory=dict)  # port -> own suffix, where the file renames it
    titles: dict[str, Text] = field(default_factory=dict)  # port -> own title
    options: list[str] = field(default_factory=list)  # optional ports that are there
    place: Placement = field(default_factory=Placement)
    laws: dict[str, str] = field(default_factory=dict)  # law parameter -> which law; its numbers are `name.number`
    tables: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # rows of words that the component reads


@dataclass(frozen=True, slots=True)
class TransitionDefinition:
    """`when` is true and the step has been active for `after_ns`: go to `to`."""

    when: str
    to: str
    after_ns: int = 0


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """A step of a chain (IEC 61131-3 SFC). Its actions are stored: an output keeps its value until set again."""

    name: str
    title: Text
    do: dict[str, str] = field(default_factory=dict)  # output or variable -> expression
    next: list[TransitionDefinition] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ChainDefinition:
    """One sequence; the first step is initial. A chain that reaches a step called `done` has finished."""

    name: str
    steps: list[StepDefinition]


@dataclass(frozen=True, slots=True)
class ProgramDefinition:
    """The built-in control of a station."""

    variables: dict[str, int] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)  # output -> expression, held true in Execute
    home: list[ChainDefinition] = field(default_factory=list)  # runs in Resetting, from any state of the plant
    run: list[ChainDefinition] = field(default_factory=list)  # runs in Execute
    hold: dict[str, int] = field(default_factory=dict)  # output -> value while Held or Suspended
    safe: dict[str, float] = field(default_factory=dict)  # number output -> safe value, where it is not the initial one
    starved: str = "False"
    blocked: str = "False"
    suspend_after_ns: int = 0  # starved or blocked for so long: Suspended (0: never)


@dataclass(frozen=True, slots=True)
class StationDefinition:
    """One station: plant, PackML unit, program, and its neighbours for the handshake."""

    name: str
    title: Text
    components: list[ComponentDefinition]
    program: ProgramDefinition = field(default_factory=ProgramDefinition)
    upstream: str = ""
    downstream: str = ""
    packml: str = "supervisor"  # supervisor | plc: who keeps the state machine in remote control
    control: str = "builtin"  # at birth
    timeout_ns: int = 30_000_000_000  # of an acting state in remote control
    parameters: list["SetPointDefinition"] = field(default_factory=list)
    slots: dict[str, list[str | None]] = field(default_factory=dict)  # see devices/address_map.py
    alarms: list[AlarmDefinition] = field(default_factory=list)
    comm_timeout_ns: int = 0  # the controlling client may be silent so long; 0: for ever
    comm_policy: str = "hold"  # then: hold | safe | zero


@dataclass(frozen=True, slots=True)
class SetPointDefinition:
    """A whole-number parameter of a station that its program or a PLC reads: colour order, limits."""

    name: str
    title: Text
    initial: int
    low: int
    high: int
    unit: str = ""


PLAIN_PART = Text("工件", "part")


@dataclass(frozen=True, slots=True)
class PartKind:
    """One sort of parts. The defaults are those of a line whose file tells no sorts apart."""

    title: Text = PLAIN_PART
    colour: int = 0  # 0: drawn from the line's colours
    height_fm: int = 40 * 10**12
    mass_mg: int = 200_000
    material: str = "plastic"
    weight: int = 1  # how often it comes


@dataclass(frozen=True, slots=True)
class PartDefinition:
    """What runs on the line. All parts of a line have one length; colours are numbered from 1."""

    length_fm: int
    gap_fm: int  # what bumpers keep between two parts that touch
    colours: list[Text]
    weights: list[int]  # how often each colour comes
    nominal_um: int  # dimension to be machined
    tolerance_um: int  # plus or minus: inside is a good part
    kinds: list[PartKind] = field(default_factory=list)  # numbered from 1; none: all parts are alike but for colour


@dataclass(frozen=True, slots=True)
class LineDefinition:
    """A whole line. Equal definitions with equal seeds and inputs have equal events."""

    name: str
    title: Text
    part: PartDefinition
    stations: list[StationDefinition]
    autostart: bool = True  # Reset and Start every built-in station at birth
    ideal_cycle_ns: int = 0  # ideal time per part, 0: not stated, no OEE
    planned_time_ns: int = 0  # planned busy time of a shift, 0: not stated, no OEE
    flow: list[ComponentDefinition] = field(default_factory=list)  # machines and buffers without stations: sim/flow.py
    format: int = 1
    alarms: list[AlarmDefinition] = field(default_factory=list)  # of no station
    scenario: Plain | None = None  # runs from birth: the arguments of a `scenario` input
