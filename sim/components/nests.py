"""Numbered nests that hold one part each and are served from above: what a spot asks of a table or a machine."""

from typing import Protocol, runtime_checkable

NESTED = ("index_table", "oven", "machining_centre", "tray")  # kinds that have nests


class Onlooker(Protocol):
    """Who wants to know that something at the nests has changed."""

    def look(self) -> None:
        """Look again."""
        ...


@runtime_checkable
class Nests(Protocol):
    """Something with numbered nests. A nest that cannot be reached now is neither free nor has a part."""

    spots: list[Onlooker]

    def part_at(self, place: int) -> int:
        """The part that can be lifted off this place now, 0 for none."""
        ...

    def free_at(self, place: int) -> bool:
        """Whether a part can be laid down here now."""
        ...

    def put(self, place: int, serial: int) -> None:
        """Lay a part down; the place is free."""
        ...

    def take(self, serial: int) -> bool:
        """Take a part out. False when it is not here."""
        ...
