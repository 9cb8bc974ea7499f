"""What the instructor's routes take and give."""

from typing import Annotated

from pydantic import Field, JsonValue, StrictBool

from api.models import Answer, Question, Title

BenchNumber = Annotated[int, Field(ge=1, le=9999)]


class Load(Question):
    frozen: StrictBool = False  # begin standing still


class TakeSnapshot(Question):
    name: str = Field(min_length=1, max_length=60)


class Branch(Load):
    t_s: float = Field(ge=0, le=1e9)  # simulated seconds of the run
    run: str = Field(default="", max_length=120)  # an earlier one; empty: the present one


class LoadScenario(Load):
    here: StrictBool = False  # on the line as it is, not from the scenario's own initial state


class LabScenario(LoadScenario):
    name: str = Field(default="", pattern="^([a-z][a-z0-9_-]*)?$", max_length=40)  # empty: end it
    benches: list[BenchNumber] = Field(default=[], max_length=99)  # none: all of the lab


class Condition(Answer):
    name: str
    title: Title
    description: Title
    run_s: float  # simulated seconds from the birth of the line to this state
    ready: bool  # it has been computed: loading takes no longer than a reset


class Snapshot(Answer):
    id: str
    name: str
    bench: int
    run: str
    t_s: float
    utc: str
    by: str


class Conditions(Answer):
    conditions: list[Condition]
    snapshots: list[Snapshot]
    errors: list[str]  # of files that cannot be read


class Scenario(Answer):
    name: str
    title: Title
    description: Title
    instructor: Title
    hints: list[Title]
    level: int
    initial: bool  # it has an initial state of its own


class Scenarios(Answer):
    scenarios: list[Scenario]
    errors: list[str]


class Look(Answer):
    """A moment of the past; `values` are `[index, what the wires said, quality, what was true]`."""

    t_s: float
    replayed: int  # records that were computed again
    values: list[list[JsonValue]]
    scene: dict[str, JsonValue]
    alarms: list[dict[str, JsonValue]]
    faults: list[dict[str, JsonValue]]


class Active(Answer):
    """`differs` are `[tag, what the wires say, quality, what is true]`."""

    active: list[dict[str, JsonValue]]
    scenario: dict[str, JsonValue] | None
    differs: list[list[JsonValue]]
    links: dict[str, dict[str, JsonValue]]


class LabBench(Answer):
    """One bench of the lab; where it does not answer, `code` says why."""

    bench: int
    code: str = ""
    scenario: dict[str, JsonValue] | None = None


class BenchAnswer(Answer):
    bench: int
    ok: bool
    code: str = ""
    params: dict[str, JsonValue] = Field(default_factory=dict)
