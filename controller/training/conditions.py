"""Initial conditions: a named state that a line is brought to. Computed once for a (line, seed, condition), then kept.

`python -m controller.training.conditions` computes one, see `worker.py`. What a condition file says is of the
scenarios room; here it is the run time and the inputs that lead to the state.
"""

import json
import os
import sys
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from controller.recorder import checkpoint_text, read_checkpoint
from controller.training.worker import Work, WorkError, ask, serve
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.journal import JournalError, Record, step
from sim.line import MODEL, Line
from sim.state import JsonValue, Plain, dump, load

MODULE = "controller.training.conditions"
FOLDER = "conditions"


@dataclass(frozen=True, slots=True)
class Given:
    """An input of a recipe, at its simulated time."""

    t_ns: int
    op: str
    args: Plain


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a state comes about: inputs in order, each at its simulated time, then until `run_ns` as the line goes."""

    run_ns: int
    inputs: list[Given]


@dataclass(frozen=True, slots=True)
class Cooked:
    """The states that are kept below a lab's data folder, by what they were computed from. A damaged one is none."""

    data: Path
    definition: LineDefinition
    seed: int

    def path(self, recipe: Recipe) -> Path:
        made_of = json.dumps([MODEL, self.seed, dump(self.definition), dump(recipe)], sort_keys=True)
        return self.data / FOLDER / f"{blake2b(made_of.encode(), digest_size=16).hexdigest()}.json"

    def ready(self, recipe: Recipe) -> bool:
        """Whether it is there without computing."""
        return self.path(recipe).exists()

    async def state(self, recipe: Recipe) -> dict[str, JsonValue]:
        """The checkpoint that a recipe leads to. Raises `WorkError`."""
        path = self.path(recipe)
        kept = read_checkpoint(path)
        if kept is None:
            await ask(MODULE, self._work(recipe, path))
            kept = read_checkpoint(path)
        if kept is None:
            raise WorkError(f"{path}: the condition cannot be kept there")
        return kept[1]

    def _work(self, recipe: Recipe, path: Path) -> Work:
        return {"path": str(path), "definition": dump(self.definition), "seed": self.seed, "recipe": dump(recipe)}


def cook(definition: LineDefinition, seed: int, recipe: Recipe) -> Line:
    """The line at the end of a recipe. Raises `WorkError` where the line refuses one of its inputs."""
    line = Line(definition, seed)
    try:
        for given in recipe.inputs:
            step(line, Record("in", given.t_ns, Input(given.op, given.args)))
    except JournalError as error:
        raise WorkError(f"the condition does not fit this line: {error}") from error
    line.advance(recipe.run_ns)
    return line


def _do(work: Work) -> JsonValue:
    recipe, definition = load(Recipe, work["recipe"]), load(LineDefinition, work["definition"])
    state = cook(definition, load(int, work["seed"]), recipe).checkpoint()
    keep(Path(str(work["path"])), state)
    return {}


def keep(path: Path, state: dict[str, JsonValue]) -> None:
    """Write a state with its checksum; the file is whole or not there. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    fresh.write_text(checkpoint_text(0, state), "utf-8")
    fresh.replace(path)


if __name__ == "__main__":
    sys.exit(serve(_do))
