"""Conditions of faults and scenarios: expressions over what is true on the line.

They look at the plant, not at the field: a fault must not deceive its own condition. Changes wake the engine; what is
computed when it is read, and the count of parts, is looked at once a simulated second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from sim.expression import Compiled, ExpressionError, compile_expression
from sim.image import ProcessImage, Watching
from sim.tag import Value

POLL_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression ready to look at, and what it looks at."""

    when: Compiled
    tags: tuple[int, ...]
    polled: bool


class Conditions:
    """The conditions of one line. Holds nothing but what was compiled, and who watches now."""

    def __init__(self, image: ProcessImage, owner: Watching, slot: int) -> None:
        self.image, self._owner, self._slot = image, owner, slot
        self._known: dict[str, Condition | None] = {}
        self._watched: set[int] = set()

    def find(self, text: str) -> Condition | None:
        """The condition of this text, None where it is none of this line."""
        if text not in self._known:
            self._known[text] = self._compiled(text)
        return self._known[text]

    def _compiled(self, text: str) -> Condition | None:
        names: list[int] = []

        def place(name: str) -> int | None:
            tag = self.image.tags.find(name)
            if tag is None:
                return None
            names.append(tag.index)
            return tag.index

        try:
            when = compile_expression(text, place)
        except ExpressionError:
            return None
        return Condition(when, tuple(dict.fromkeys(names)), any(self.image.tags[i].computed for i in names))

    def holds(self, text: str) -> bool:
        """Whether it is true now."""
        found = self.find(text)
        return found is not None and bool(found.when(cast(Sequence[Value], _Truth(self.image))))

    def watch(self, texts: Iterable[str]) -> bool:
        """Watch what these look at and nothing else; True where some of it has to be polled."""
        found = [condition for condition in map(self.find, texts) if condition is not None]
        wanted = {index for condition in found for index in condition.tags if not self.image.tags[index].computed}
        if wanted != self._watched:
            self.image.unwatch_truth(self._owner)
            for index in sorted(wanted):
                self.image.watch_truth(index, self._owner, self._slot)
            self._watched = wanted
        return any(condition.polled for condition in found)


class _Truth:
    """The plant's side of all tags by index."""

    def __init__(self, image: ProcessImage) -> None:
        self._image = image

    def __getitem__(self, index: int) -> Value:
        return self._image.truth(index)
