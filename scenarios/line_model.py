"""The shape of a line file, for pydantic: keys, types and titles. What the values mean together is in `line_file`."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from scenarios.alarm_model import AlarmFile
from scenarios.field_types import (
    Expression,
    Length,
    Mass,
    Name,
    PositiveLength,
    PositiveTime,
    Strict,
    TextFile,
    Time,
)

LineName = Annotated[str, Field(pattern="^[a-z][a-z0-9_-]*$", max_length=40)]
Placing = Annotated[list[float], Field(min_length=2, max_length=3)]
Range = Annotated[list[int], Field(min_length=2, max_length=2)]
Group = Literal[
    "inputs_bool", "inputs_number", "outputs_bool", "outputs_number",
    "status_bool", "status_number", "parameters_bool", "parameters_number",
]  # fmt: skip


class ColourFile(Strict):
    """One colour of parts and how often it comes."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    weight: int = Field(default=1, ge=0, le=1_000_000)


class PartKindFile(Strict):
    """One sort of parts and how often it comes."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    colour: int = Field(default=0, ge=0, le=100, description="number of the colour, from 1; 0: drawn")
    height: PositiveLength = Field(default=40 * 10**12, json_schema_extra={"default": "40 mm"})
    mass: Mass = Field(default=200_000, json_schema_extra={"default": "200 g"})
    material: Literal["plastic", "metal", "wood", "glass", "cardboard"] = "plastic"
    weight: int = Field(default=1, ge=0, le=1_000_000)


class PartFile(Strict):
    """What runs on the line."""

    length: PositiveLength
    gap: Length
    nominal: PositiveLength
    tolerance: Length
    colours: list[ColourFile] = Field(min_length=1, max_length=100)
    kinds: list[PartKindFile] = Field(default_factory=list, max_length=100)


class ProductionFile(Strict):
    """What OEE is reckoned from; both may be missing, and OEE is not stated then."""

    ideal_cycle: PositiveTime | None = None
    planned_time: PositiveTime | None = None


class SetPointFile(Strict):
    """A whole-number parameter of a station."""

    title: TextFile
    initial: int
    range: Range
    unit: str = Field(default="", max_length=16)


class ComponentFile(Strict):
    """One component. Its parameters and joins are further keys, told apart by its kind."""

    model_config = ConfigDict(extra="allow")

    kind: str
    title: TextFile | None = None
    at: Placing | None = Field(default=None, description="metres east, south and up of the line's corner")
    heading: float = Field(default=0, description="degrees: 0 flows east (right), 90 south (towards the viewer)")
    with_: list[str] = Field(default_factory=list, alias="with", description="optional ports that are there")
    signals: dict[str, str] = Field(
        default_factory=dict, description="port: the suffix of its tag, where not the port's name"
    )
    titles: dict[str, TextFile] = Field(default_factory=dict, description="port: an own title")


class TransitionFile(Strict):
    """`when` is true and the step has been active for `after`: on to the step `go`."""

    go: str
    when: Expression = "True"
    after: Time = Field(default=0, json_schema_extra={"default": "0 s"})


class StepFile(Strict):
    """One step of a chain. Actions are stored: an output keeps its value until it is set again."""

    step: Name
    title: TextFile | None = None
    do: dict[str, Expression] = Field(default_factory=dict)
    next: list[TransitionFile] = Field(default_factory=list)


Chains = dict[Name, Annotated[list[StepFile], Field(min_length=1, max_length=200)]]


class ProgramFile(Strict):
    """The built-in control of a station."""

    variables: dict[Name, int] = Field(default_factory=dict)
    always: dict[str, Expression] = Field(default_factory=dict, description="output: expression, held true in Execute")
    hold: dict[str, Expression] = Field(default_factory=dict, description="output: value while Held or Suspended")
    safe: dict[str, float] = Field(
        default_factory=dict, description="number output: its safe value, where that is not the initial one"
    )
    starved: Expression = "False"
    blocked: Expression = "False"
    suspend_after: Time = Field(default=0, json_schema_extra={"default": "0 s"}, description="0 s: never")
    home: Chains = Field(default_factory=dict)
    run: Chains = Field(default_factory=dict)


class CommLossFile(Strict):
    """What outputs do when the client that is in control of a station falls silent."""

    after: Time = Field(description="0 s: never", le=60 * 10**9)
    then: Literal["hold", "safe", "zero"] = "hold"


class StationFile(Strict):
    """One station."""

    title: TextFile
    upstream: str = ""
    downstream: str = ""
    control: Literal["builtin", "modbus", "opcua", "mqtt"] = "builtin"
    packml: Literal["supervisor", "plc"] = "supervisor"
    timeout: PositiveTime = Field(default=30 * 10**9, json_schema_extra={"default": "30 s"})
    comm_loss: CommLossFile | None = None
    parameters: dict[Name, SetPointFile] = Field(default_factory=dict)
    components: dict[Name, ComponentFile] = Field(min_length=1, max_length=200)
    program: ProgramFile = Field(default_factory=ProgramFile)
    alarms: dict[Name, AlarmFile] = Field(default_factory=dict, max_length=100)
    io: dict[Group, list[str | None]] = Field(
        default_factory=dict, description="order of addresses; null leaves one free"
    )


class LineFile(Strict):
    """A whole line file."""

    line: LineName
    title: TextFile
    part: PartFile | None = Field(default=None, description="needed where there are stations")
    production: ProductionFile = Field(default_factory=ProductionFile)
    autostart: bool = True
    # the address map holds 31 stations, one of them the line's own tags
    stations: dict[Name, StationFile] = Field(default_factory=dict, max_length=30)
    alarms: dict[Name, AlarmFile] = Field(default_factory=dict, max_length=100, description="of no station")
    flow: dict[Name, ComponentFile] = Field(
        default_factory=dict, max_length=5000, description="machines and buffers without stations, tags and PackML"
    )


# put in the place of what is missing or broken, so that the rest of the file is checked in the same go
_TITLE = {"zh": "?", "en": "?"}
STAND_INS: dict[str, object] = {
    "line": "unnamed",
    "title": _TITLE,
    "zh": "?",
    "en": "?",
    "part": {"length": "1 mm", "gap": "0 mm", "nominal": "1 mm", "tolerance": "0 mm", "colours": [_TITLE]},
    "length": "1 mm",
    "gap": "0 mm",
    "nominal": "1 mm",
    "tolerance": "0 mm",
    "colours": [_TITLE],
    "initial": 0,
    "range": [-32768, 32767],
    "kind": "",
    "go": "",
    "step": "unnamed",
    "tag": "",
    "normal": True,
    "next[]": {"go": ""},
    "colours[]": _TITLE,
    "kinds[]": _TITLE,
    "components": {"unnamed": {"kind": ""}},
    "stations": {"unnamed": {"title": _TITLE, "components": {"unnamed": {"kind": ""}}}},
}
