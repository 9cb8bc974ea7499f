"""How a sort of things is maintained: which work it offers, how long that takes, what it needs. Data types alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.maintenance.operation import TITLES, WIRING, Operation
from sim.text import Text


@dataclass(frozen=True, slots=True)
class Spare:
    """A spare part: what one costs in yuan, and how many lie in the store when a line is born."""

    name: str
    title: Text
    price: int
    stock: int = 2


@dataclass(frozen=True, slots=True)
class Work:
    """One operation on a sort of things: simulated seconds, and whether the station must be locked out for it."""

    seconds: int
    lock_out: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A sort of things that are maintained alike. `spare` is what `replace` puts in."""

    name: str
    title: Text
    works: Mapping[Operation, Work]
    spare: Spare | None = None
    remark: Text | None = None  # what the operations mean here
    connections: Text = WIRING  # what `close_connection` is called here

    def title_of(self, operation: Operation) -> Text:
        """What an operation is called on this sort."""
        return self.connections if operation is Operation.CLOSE_CONNECTION else TITLES[operation]
