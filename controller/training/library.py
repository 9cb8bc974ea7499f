"""The scenarios and initial conditions that fit one line, read from their files in a process of its own.

`python -m controller.training.library`, told {"content": [folders], "line", "kind", "name"}, see `worker.py`.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from controller.training.conditions import Given, Recipe
from controller.training.worker import Work, ask, serve
from scenarios.catalogue import Catalogue
from scenarios.file_error import FileErrors
from scenarios.timeline import Condition, Initial, Scenario
from sim.definition import LineDefinition
from sim.state import JsonValue, Plain, dump, load
from sim.text import Text

MODULE = "controller.training.library"
NOTHING = Text("", "")
T = TypeVar("T")


class Shelf(StrEnum):
    """What is read: reading scenarios takes much longer, for all their lines and faults are proven."""

    CONDITIONS = "conditions"
    SCENARIOS = "scenarios"


@dataclass(frozen=True, slots=True)
class ConditionCard:
    """An initial condition as a bench needs it."""

    name: str
    title: Text
    description: Text
    seed: int
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class ScenarioCard:
    """A scenario as a bench needs it. `recipe` None: it begins on the line as that is."""

    name: str
    title: Text
    description: Text  # trainees may read it
    instructor: Text
    hints: list[Text]
    level: int
    seed: int
    args: Plain  # of the input `scenario`
    recipe: Recipe | None
    settings: list[str]
    other: Plain | None  # the definition of its line, where the settings make it another one

    @property
    def definition(self) -> LineDefinition | None:
        """Its line, where that is not quite the bench's."""
        return None if self.other is None else load(LineDefinition, self.other)


@dataclass(frozen=True, slots=True)
class Library:
    """What there is for a line, by name; `errors` are those of files that cannot be read."""

    conditions: dict[str, ConditionCard] = field(default_factory=dict)
    scenarios: dict[str, ScenarioCard] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


async def read(content: Sequence[Path], line: str, kind: Shelf, name: str = "") -> Library:
    """All of one kind that fits a line, or one alone. Raises `WorkError`."""
    folders: list[JsonValue] = [str(folder) for folder in content]
    return load(Library, await ask(MODULE, {"content": folders, "line": line, "kind": kind.value, "name": name}))


def find(catalogue: Catalogue, line: str, kind: Shelf, name: str = "") -> Library:
    """All of one kind that fits a line, or one alone; a broken file spoils only itself."""
    errors: list[str] = []
    of_conditions, of_scenarios = (
        [found for found in names if name in ("", found)] if kind is shelf else []
        for shelf, names in (
            (Shelf.CONDITIONS, catalogue.condition_names(line)),
            (Shelf.SCENARIOS, catalogue.scenario_names(line)),
        )
    )
    conditions = _good(of_conditions, catalogue.load_condition, errors)
    scenarios = _good(of_scenarios, catalogue.load_scenario, errors)
    return Library(
        {found.name: _condition(found) for found in conditions if found.line == line},
        {found.name: _scenario(found) for found in scenarios if found.line == line},
        errors,
    )


def _good(names: Iterable[str], read: Callable[[str], T], errors: list[str]) -> list[T]:
    found = []
    for name in names:
        try:
            found.append(read(name))
        except FileErrors as error:
            errors.extend(str(one) for one in error.errors)
    return found


def _condition(given: Condition) -> ConditionCard:
    return ConditionCard(given.name, given.title, given.description or NOTHING, given.seed, recipe(given.initial))


def _scenario(given: Scenario) -> ScenarioCard:
    return ScenarioCard(
        given.name, given.title, given.description, given.instructor, [*given.hints], given.level, given.seed,
        Plain(given.args()), None if given.initial == Initial() and not given.settings else recipe(given.initial),
        [*given.settings], _plain(given.definition) if given.settings else None,
    )  # fmt: skip


def _plain(definition: LineDefinition) -> Plain | None:
    """As JSON: a host needs few of them, and reading them all would hold its lines up."""
    dumped = dump(definition)
    return Plain(dumped) if isinstance(dumped, dict) else None


def recipe(initial: Initial) -> Recipe:
    """How the state comes about, as data."""
    before = (Given(0, given.op, Plain(given.args)) for given in initial.before)
    after = (Given(initial.run_ns, given.op, Plain(given.args)) for given in initial.after)
    return Recipe(initial.run_ns, [*before, *after])


def _do(work: Work) -> JsonValue:
    content = work["content"]
    folders = [Path(str(folder)) for folder in content] if isinstance(content, list) else []
    return dump(find(Catalogue(folders), str(work["line"]), Shelf(str(work["kind"])), str(work["name"])))


if __name__ == "__main__":
    sys.exit(serve(_do))
