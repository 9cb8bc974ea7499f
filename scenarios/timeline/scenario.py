"""A scenario as the rooms above see it: resolved, ready to be given to its line."""

from dataclasses import dataclass

from scenarios.timeline.initial import Initial
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.state import JsonValue
from sim.text import Text


@dataclass(frozen=True, slots=True)
class Measured:
    """What it costs when nobody does anything: finished and good parts in that time without and with the scenario,
    and the alarms that come only with it."""

    time_ns: int
    healthy: tuple[int, int]
    parts: tuple[int, int]
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. `definition` is its line with its settings."""

    name: str
    title: Text
    description: Text
    instructor: Text
    hints: tuple[Text, ...]
    level: int
    definition: LineDefinition
    seed: int
    initial: Initial
    settings: tuple[str, ...]
    entries: tuple[dict[str, JsonValue], ...]
    faults: tuple[str, ...]  # of the catalogue, each once
    measured: Measured | None = None

    @property
    def line(self) -> str:
        return self.definition.name

    def begin(self) -> Input:
        """The input that begins it."""
        return Input("scenario", self.args())

    def args(self) -> dict[str, JsonValue]:
        """What a line definition or the input `scenario` carries."""
        title: dict[str, JsonValue] = {"zh": self.title.zh, "en": self.title.en}
        return {"name": self.name, "title": title, "entries": [*self.entries]}
