"""The shape of a fault file, for pydantic. What effects say together is in `reader`, by the tables of `hows`."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from scenarios.field_types import Expression, Name, Strict, TextFile, Wire

Layer = Literal[
    "material", "mechanical", "pneumatic", "electrical", "sensor", "actuator", "control", "fieldbus", "opcua", "mqtt",
    "network", "security", "quality",
]  # fmt: skip
Occupation = Literal["OP", "MT", "RO", "VI", "NE", "SE", "DA", "EN", "SO", "MG"]
Operation = Literal["inspect", "measure", "clean", "adjust", "calibrate", "replace", "reset", "close_connection"]
Channel = Literal["line", "opcua", "modbus", "mqtt"]
Glob = Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9_*?\[\]!-]*$")]


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


KindNames = Annotated[list[str], Field(min_length=1), BeforeValidator(_several, json_schema_input_type=str | list[str])]


def _scalar(value: object) -> object:
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError("must be one value: true, false, a number or a text")


Scalar = Annotated[object, BeforeValidator(_scalar, json_schema_input_type=bool | float | str)]


class SelectorFile(Strict):
    """Tags or components of a line: all that is said must fit."""

    kind: KindNames | None = Field(default=None, description="kind of component, or a list of kinds")
    port: Glob | None = Field(default=None, description='port of that kind, "" is the one without a name; * is any')
    name: Glob | None = Field(default=None, description="name of the component, with * and ?")
    type: Literal["BOOL", "INT", "UINT", "DINT", "UDINT", "REAL"] | None = None
    direction: Literal["input", "output", "status", "parameter"] | None = None
    signal: Glob | None = Field(default=None, description="name of the signal, with * and ?")


class TargetFile(SelectorFile):
    """What an instructor aims at: tags, components, wires, stations or the whole line."""

    wire: list[Wire] | None = Field(default=None, min_length=1)
    station: bool | None = Field(default=None, description="stations; with `kind`: those that have such a component")
    line: bool | None = Field(default=None, description="the line as a whole")


class SomeFile(SelectorFile):
    """Several tags or components that one effect hits."""

    station: str | None = Field(default=None, description="of this station, mostly $station")
    component: str | None = Field(default=None, description="tags of this component, mostly $component")


class EffectFile(Strict):
    """One effect. Its first key says which; the further keys are those of its way."""

    model_config = ConfigDict(extra="allow")

    signal: str | None = Field(default=None, description="a tag; $component.port is the tag of that port")
    signals: SomeFile | None = Field(default=None, description="several tags")
    parameter: str | None = Field(default=None, description="a physical parameter")
    disturbance: str | None = Field(default=None, description="something that happens to the plant")
    link: str | None = Field(default=None, description="what is wrong with a wire")
    input: str | None = Field(default=None, description="what somebody else does")
    component: str | None = Field(default=None, description="station.component; the target if left out")
    components: SomeFile | None = Field(default=None, description="several components")
    optional: bool = Field(default=False, description="left out where the line has nothing of the kind")


class ParameterFile(Strict):
    """A figure that an instructor or a scenario may set; effects use it as $name."""

    title: TextFile
    default: Scalar
    low: Scalar | None = None
    high: Scalar | None = None
    choices: list[Scalar] | None = Field(default=None, min_length=1)


class RandomFile(Strict):
    """Exponential, with this mean."""

    random: str


RANDOM = "random "  # how `{random: 10 min}` is kept: one type of value, so that a mistake has one place


def _duration(value: object) -> object:
    if isinstance(value, str) and not value.startswith(RANDOM):
        return value
    if isinstance(value, dict) and list(value) == ["random"] and isinstance(value["random"], str):
        return RANDOM + value["random"]
    raise ValueError("must be until_repaired, once, a time as 30 s, or {random: TIME}")


Duration = Annotated[str, BeforeValidator(_duration, json_schema_input_type=str | RandomFile)]


class RepairFile(Strict):
    """What ends the fault: an operation of maintenance, or a condition that comes true."""

    operation: Operation | None = None
    target: str | None = Field(default=None, description="what is repaired; the target if left out")
    when: Expression | None = None


class FaultFile(Strict):
    """A whole fault file."""

    fault: Name
    number: int | None = Field(default=None, ge=1, le=9999, description="of the catalogue; own faults need none")
    layer: Layer
    title: TextFile
    description: TextFile
    detection: TextFile
    remedy: TextFile
    target: TargetFile
    parameters: dict[Name, ParameterFile] = Field(default_factory=dict, max_length=20)
    effects: list[EffectFile] = Field(min_length=1, max_length=50)
    duration: Duration = "until_repaired"
    repair: list[RepairFile] = Field(default_factory=list, max_length=20)
    findings: dict[Operation, TextFile] = Field(default_factory=dict)
    symptoms: dict[Channel, TextFile] = Field(min_length=1)
    level: int = Field(ge=1, le=5, description="5 beginner to 1 senior technician")
    occupations: list[Occupation] = Field(default_factory=list)
    sources: list[str] = Field(default_factory=list)


_TITLE = {"zh": "?", "en": "?"}
STAND_INS: dict[str, object] = {
    "fault": "unnamed",
    "layer": "material",
    "title": _TITLE,
    "description": _TITLE,
    "detection": _TITLE,
    "remedy": _TITLE,
    "zh": "?",
    "en": "?",
    "target": {"line": True},
    "default": 0,
    "symptoms": {"line": _TITLE},
    "effects": [{"input": "operator", "on": True}],
    "effects[]": {"input": "operator", "on": True},
    "repair[]": {"operation": "inspect"},
    "level": 5,
}
