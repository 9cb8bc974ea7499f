"""What all flow components share: who gives, who takes, and how a part moves from one to the other."""

from collections.abc import Mapping
from typing import cast

from sim.component import Component
from sim.definition import ComponentDefinition
from sim.laws import Times
from sim.plant import Plant
from sim.spec import Join
from sim.text import Text

GIVERS = ("source", "machine", "assembly", "buffer")
TAKERS = ("machine", "assembly", "buffer", "sink")
TO = Join("to", TAKERS, Text("去向", "Where parts go; of several, the first in the list that has room"), many=True)


class Place(list[str]):
    """Where a part is, as events say it. The digest asks for its text at every move: it is made once."""

    def __init__(self, component: str) -> None:
        super().__init__(["in", component, ""])
        self._text = str(self[:])

    def __format__(self, spec: str) -> str:
        return self._text


class FlowComponent(Component):
    """Parts are pulled: whoever has room takes what a giver has ready.

    A subclass says what is `ready`, hands it over in `give`, and takes in `pull`. Whatever changes the answer to one of
    these tells `self.flow`, and whatever a wake begins ends with `self.flow.settle()`.
    """

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.flow, self.touched = plant.flow, False
        self.givers: list[FlowComponent] = []
        self.takers: list[FlowComponent] = []
        self.here = Place(self.name)

    def connect(self) -> None:
        for target in self.joined("to"):
            taker = cast(FlowComponent, target)
            self.takers.append(taker)
            taker.givers.append(self)

    def law(self, name: str) -> Times | None:
        """The times of a law, None where the line file leaves it out."""
        return Times(self, name) if name in self.definition.laws else None

    # ---- moving parts -----------------------------------------------------------------------------------------

    def ready(self) -> bool:
        """Whether it could hand a part over now."""
        return False

    def give(self) -> int:
        """Hand the part over that is ready."""
        raise NotImplementedError

    def pull(self) -> None:
        """Take what givers have ready, as far as there is room."""

    def reckon(self) -> None:
        """The instant is settled."""

    def room(self) -> bool:
        """Whether it would take a part now: sources ask that turn parts away."""
        return False

    def next_giver(self) -> "FlowComponent | None":
        """The giver to take from: the first, in the order of the file, that has a part ready."""
        for giver in self.givers:
            if giver.ready():
                return giver
        return None

    def offer(self) -> None:
        """Tell those who may take that there is something."""
        for taker in self.takers:
            self.flow.may_take(taker)

    def gone(self, serial: int) -> None:
        """A part has left the line from here: what it was lent goes back."""
        for keeper in self.flow.keepers:
            keeper.left(serial)

    # ---- figures ----------------------------------------------------------------------------------------------

    def figures(self) -> Mapping[str, int]:
        """Counts and time integrals from the birth of the line until now: they only grow."""
        return {}

    def holds(self) -> list[int]:
        """The serials of the parts that are here."""
        return []
