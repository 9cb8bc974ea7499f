"""The shape of a fault file, for pydantic: one model for each seam."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.field_types import Name, PositiveTime, Share, Strict, TextFile, Wire

Layer = Literal[
    "material", "mechanical", "pneumatic", "electrical", "sensor", "actuator", "control", "fieldbus", "opcua", "mqtt",
    "network", "security", "quality",
]  # fmt: skip
LinkHow = Literal["delay", "down", "silent", "loss", "duplicate", "stale"]
Scalar = Annotated[object, Field(json_schema_extra={"type": ["boolean", "number", "string"]})]


class ComponentTarget(Strict):
    """Components of one kind."""

    kind: str


class SignalTarget(Strict):
    """Tags: of a kind of component, of one port of it, of a type, of a direction; all that is said must fit."""

    kind: str | None = None
    port: str | None = None
    type: Literal["BOOL", "INT", "UINT", "DINT", "UDINT", "REAL"] | None = None
    direction: Literal["input", "output"] | None = None


class LinkTarget(Strict):
    """Wires."""

    wire: list[Wire] = Field(min_length=1)


class SignalDefaults(Strict):
    """What the I/O card says instead of the plant."""

    how: Literal["stuck"] = "stuck"
    value: Scalar


class ParameterDefaults(Strict):
    """What becomes of a physical parameter. `factor` takes a ratio, the others a value with the parameter's unit."""

    parameter: str
    how: Literal["factor", "replace", "offset"]
    value: Scalar


class DisturbanceDefaults(Strict):
    """What happens to the plant, and what ends it."""

    method: str
    clear: str = ""


class LinkDefaults(Strict):
    """What is wrong with a wire: late by `delay`, down, silent, a `share` of the messages lost or twice, or stale."""

    how: LinkHow = "delay"
    delay: PositiveTime | None = None
    share: Share | None = None


class FaultFile(Strict):
    """What all fault files have in common."""

    fault: Name
    layer: Layer
    title: TextFile
    symptom: TextFile
    remedy: TextFile


class SignalFaultFile(FaultFile):
    """A fault between plant and field."""

    seam: Literal["signal"]
    target: SignalTarget
    defaults: SignalDefaults


class ParameterFaultFile(FaultFile):
    """A fault in a physical parameter."""

    seam: Literal["parameter"]
    target: ComponentTarget
    defaults: ParameterDefaults


class DisturbanceFaultFile(FaultFile):
    """Something that happens to the plant."""

    seam: Literal["disturbance"]
    target: ComponentTarget
    defaults: DisturbanceDefaults


class LinkFaultFile(FaultFile):
    """A fault of a wire."""

    seam: Literal["link"]
    target: LinkTarget
    defaults: LinkDefaults


AnyFaultFile = SignalFaultFile | ParameterFaultFile | DisturbanceFaultFile | LinkFaultFile
SEAMS: dict[str, type[AnyFaultFile]] = {
    "signal": SignalFaultFile,
    "parameter": ParameterFaultFile,
    "disturbance": DisturbanceFaultFile,
    "link": LinkFaultFile,
}

_TITLE = {"zh": "?", "en": "?"}
STAND_INS: dict[str, object] = {
    "fault": "unnamed",
    "layer": "material",
    "title": _TITLE,
    "symptom": _TITLE,
    "remedy": _TITLE,
    "zh": "?",
    "en": "?",
    "kind": "",
    "parameter": "",
    "method": "",
    "how": "factor",
    "value": 0,
    "wire": ["modbus"],
    "delay": "1 s",
}
