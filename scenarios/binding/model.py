"""The shape of a binding file, as pydantic sees it and as the JSON schema shows it. What it means: `reader.py`."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from scenarios.field_types import Expression, Name, PositiveTime, Strict, TextFile, Words

Number = int | float
Mode = Literal["sim", "shadow", "real"]
DeviceTypeName = Literal["BOOL", "SINT", "USINT", "INT", "UINT", "DINT", "UDINT", "LINT", "ULINT", "REAL", "LREAL"]
Pair = Annotated[list[Number], Field(min_length=2, max_length=2)]
STAND_INS: dict[str, object] = {
    "binding": "x", "line": "x", "url": "x://x", "address": "x", "device": "x", "devices": {}, "tags": {},
    "interlock": "False", "safe": "False", "watchdog": {"address": "x", "safe": "False"},
}  # fmt: skip


def _time(text: str) -> JsonDict:
    return {"default": text}


class PlaceFile(Strict):
    """Where a value lies on a device."""

    address: Words = Field(description="in the notation of the protocol: `holding_register 12`, `ns=2;s=speed`")
    device_type: DeviceTypeName | None = Field(default=None, description="on the device; as the tag's if left out")
    write_address: Words | None = Field(default=None, description="where writing goes elsewhere than reading")
    scale: Number = 1
    offset: Number = 0
    invert: bool = False
    word_order: Literal["ABCD", "CDAB", "BADC", "DCBA"] = "ABCD"
    deadband: Annotated[Number, Field(ge=0)] = 0
    plausible: Pair | None = Field(default=None, description="lowest and highest reading that can be")
    step: Annotated[Number, Field(gt=0)] | None = Field(default=None, description="largest change a second")
    frozen: PositiveTime | None = Field(default=None, description="a live signal moves at least once in so long")
    quiet: PositiveTime | None = Field(
        default=None, description="a device that sends by itself does so at least once in so long; else stale"
    )
    behind: PositiveTime | None = Field(default=None, description="the device's time stamp may be so old; else stale")
    ahead: PositiveTime | None = Field(default=None, description="the device's time stamp may be so far in the future")
    group: Name = "main"


class TagFile(PlaceFile):
    """A tag of the line on the device of its station."""

    safe: bool | Number | None = Field(default=None, description="of an output: its value in the safe state")
    range: Pair | None = Field(default=None, description="of an output: lowest and highest value that is written")
    rate: Annotated[Number, Field(gt=0)] | None = Field(default=None, description="of an output: writes a second")
    slew: Annotated[Number, Field(gt=0)] | None = Field(default=None, description="of an output: change a second")
    tolerance: Annotated[Number, Field(ge=0)] = Field(default=0, description="twin and device agree within so much")


class SignalFile(PlaceFile):
    """A value of the device that is no tag of the line."""

    type: Literal["BOOL", "REAL"] = "BOOL"


class TimingFile(Strict):
    answer: PositiveTime = Field(default=10**9, json_schema_extra=_time("1 s"))
    open: PositiveTime = Field(default=3 * 10**9, json_schema_extra=_time("3 s"))
    lost_after: Annotated[int, Field(ge=1, le=100)] = 3


class DeviceFile(Strict):
    """One connection."""

    url: Words = Field(description="modbus-tcp://192.168.0.5:502/1, opc.tcp://..., mqtt://..., s7://...")
    options: dict[Name, str | int | float | bool] = Field(default={})
    groups: dict[Name, PositiveTime] = Field(default={}, description="how often each group is read; main: 100 ms")
    timing: TimingFile = TimingFile()
    signals: dict[Name, SignalFile] = Field(default={}, description="device.signal in expressions")


class HandoverFile(Strict):
    """How parts come into the real station and go out of it."""

    presence: Expression | None = Field(default=None, description="true while a part stands at the entry")
    done: Expression | None = Field(default=None, description="becomes true when a part is finished")
    wait_presence: PositiveTime = Field(default=60 * 10**9, json_schema_extra=_time("60 s"))
    wait_done: PositiveTime = Field(default=120 * 10**9, json_schema_extra=_time("120 s"))
    twin: PositiveTime = Field(
        default=3 * 10**9, json_schema_extra=_time("3 s"), description="so late the twin may be with its part"
    )


class WatchdogFile(PlaceFile):
    """A register that counts while all is well."""

    every: PositiveTime = Field(default=200 * 10**6, json_schema_extra=_time("200 ms"))
    within: PositiveTime = Field(
        default=2 * 10**9, json_schema_extra=_time("2 s"), description="so soon after the last count it is safe"
    )
    safe: Expression = Field(description="true while the device is in its safe state, false while it is live")


class ArmingFile(Strict):
    interlock: Expression = Field(description="over real tags: guard closed, emergency stop healthy")
    watchdog: WatchdogFile
    lease: PositiveTime = Field(default=5 * 10**9, json_schema_extra=_time("5 s"))


class StationFile(Strict):
    device: Name
    source: Mode = "sim"
    tags: dict[Name, TagFile | Words]
    handover: HandoverFile = HandoverFile()
    deviation: PositiveTime = Field(
        default=2 * 10**9, json_schema_extra=_time("2 s"), description="the twin takes over without a bump below that"
    )
    arming: ArmingFile | None = None


class SingleFile(TagFile):
    """One tag alone: an analogue value, a status, a button or a lamp."""

    device: Name
    source: Mode = "sim"


class BindingFile(Strict):
    """Which parts of a line are real devices."""

    binding: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
    line: Annotated[str, Field(min_length=1, max_length=200)]
    title: TextFile | None = None
    devices: dict[Name, DeviceFile]
    stations: dict[Name, StationFile] = Field(default={})
    tags: dict[Annotated[str, Field(max_length=90)], SingleFile] = Field(default={})
