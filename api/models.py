"""The JSON of the API: what a request may hold (nothing else is accepted) and what an answer holds at least."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool

from devices.endpoint import Role

Name = Annotated[str, Field(min_length=1, max_length=128)]
Number = (
    Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
    | Annotated[float, Field(strict=True, allow_inf_nan=False)]
)
TagValue = StrictBool | Number
Control = Literal["builtin", "modbus", "opcua", "mqtt"]
MapFormat = Literal[
    "json",
    "csv",
    "people",
    "openplc",
    "factoryio",
    "codesys",
    "codesys-st",
    "siemens",
    "siemens-scl",
    "uaexpert",
    "nodeset",
    "node-red",
    "node-red-modbus",
    "node-red-opcua",
    "telegraf",
    "fuxa",
    "pdf",
]
Language = Literal["en", "zh"]


Position = Annotated[int, Field(strict=True, ge=0, le=15, description="of a selector switch")]


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Login(Question):
    token: Annotated[str, Field(min_length=1, max_length=256)]


class Panel(Question):
    station: Name
    element: Name  # start, stop, reset, estop, or a button or switch among the components of the station
    pressed: StrictBool | Position


class Key(Question):
    station: Name
    control: Control


class Write(Question):
    tag: Name
    value: TagValue


class Clock(Question):
    action: Literal["freeze", "run", "step"]
    speed: Annotated[float, Field(ge=0.1, le=20.0)] | None = None  # of `run`; None: as before
    by: Literal["event", "time"] = "event"  # of `step`
    seconds: Annotated[float, Field(gt=0.0, le=3600.0)] = 1.0  # of `step` by time


class CertificateMove(Question):
    to: Literal["trusted", "issuer", "rejected", "users/trainee", "users/instructor", "users/engineer"]


class Operator(Question):
    on: StrictBool


class AlarmAction(Question):
    do: Literal[
        "ack", "confirm", "comment", "shelve", "unshelve", "suppress", "unsuppress", "remove", "place", "enable",
        "disable", "reset",
    ]  # fmt: skip
    comment: Annotated[str, Field(max_length=500)] = ""
    for_s: Annotated[float, Field(ge=0, le=10**9)] = 0  # of `shelve`
    once: StrictBool = False  # of `shelve`: until it returns


class Fault(Question):
    """A fault of the catalogue on one target; other fields are that fault's own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)

    fault: Name
    target: Name


class Answer(BaseModel):
    """An answer may grow; pages ignore what they do not know."""

    model_config = ConfigDict(extra="allow")


class Done(Answer):
    ok: Literal[True] = True


class Health(Answer):
    ok: bool
    version: str


class Me(Answer):
    bench: int
    role: Role


class Title(Answer):
    zh: str
    en: str


class LineName(Answer):
    name: str
    title: Title


class ClockInfo(Answer):
    state: Literal["running", "frozen"]
    speed: float
    sim_s: float
    slips: int


class StationInfo(Answer):
    name: str
    title: Title


class BenchInfo(Answer):
    bench: int
    line: LineName
    clock: ClockInfo
    control: dict[str, Control]
    wires: list[dict[str, JsonValue]]
    stations: list[StationInfo]


class TagInfo(Answer):
    index: int
    name: str
    station: str
    signal: str
    type: str
    direction: str
    title: Title
    unit: str
    low: float | None
    high: float | None
    decimals: int
    momentary: bool
    address: dict[str, JsonValue]


ValueRow = Annotated[list[TagValue | str], Field(min_length=3, max_length=3)]  # index, value, quality


class ModbusAsked(Answer):
    """One Modbus request of a client; `zeros`: a read that was answered with nothing but zeros."""

    seconds_ago: float
    unit: int
    function: int
    address: int
    count: int
    exception: int
    zeros: bool


class ComponentInfo(Answer):
    """One component of the line: seconds in each of its states since the run began, and its cycles."""

    name: str
    kind: str
    cycles: int
    time_in_state_s: dict[str, float]
    states: dict[str, Title] = {}  # what its states are called
    cycle: Title | None = None  # what counts as one


class ModbusClient(Answer):
    """One connected Modbus client: counters by function and exception code, the last requests, what looks wrong."""

    client: str
    way: str
    seconds: float
    requests: dict[str, int]
    exceptions: dict[str, int]
    units: list[int]
    last: list[ModbusAsked]
    hints: list[Title]


class WireInfo(Answer):
    wire: str
    url: str
    more_urls: list[str] = []  # where the wire listens as well
    also: list[str] = []  # what is spoken on it besides: Sparkplug B, Unified Namespace
    user: str | None  # None: this wire has no log-in
    password: str | None


class Alarm(Answer):
    name: str
    title: Title
    message: Title
    priority: str
    state: str
    active: bool
    level: str
    severity: int
    acked: bool


class AlarmJournal(Answer):
    rows: list[dict[str, JsonValue]]
    next: int | None  # ask for it as `after`


class AlarmFigures(Answer):
    hours: float
    alarms: int
    per_10_min: float
    peak_10_min: int
    floods: int
    chattering: list[str]
    stale: list[str]


class Faults(Answer):
    catalogue: list[dict[str, JsonValue]]
    active: list[dict[str, JsonValue]]


class FaultId(Answer):
    id: str


class Certificate(Answer):
    """A certificate, or a revocation list of an authority: those lie on shelves that end in `/crl`."""

    shelf: str
    thumbprint: str
    name: str
    uri: str
    issuer: str
    valid_from: str
    valid_to: str
    valid: bool


class System(Answer):
    version: str
    host: JsonValue


class ProblemAnswer(BaseModel):
    code: str
    params: dict[str, JsonValue]
    message: str
