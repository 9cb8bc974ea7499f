"""How parts pass from one component to the next: what a belt, a transfer, a table or a machine offers to its feeders.

A feeder asks for `room`, reserves the place, moves the part over the edge and puts it down when its tail has left:
until then the part belongs to the feeder. Whoever holds parts says so by `holds`, and lets hands `take` them.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sim.kernel import Wakeable
from sim.remote.border import Border

if TYPE_CHECKING:
    from sim.plant import Plant


class Sink(Protocol):
    """One entry: parts come in here, one after the other."""

    station: str

    def room(self) -> bool:
        """Whether a part may come now. When that becomes true the feeders are woken."""
        ...

    def reserve(self, serial: int) -> None:
        """Keep the entry free for this part, which is on its way."""
        ...

    def release(self) -> None:
        """The part that was on its way does not come."""
        ...

    def put(self, serial: int) -> None:
        """The part is here: its tail is at the entry."""
        ...

    def fed_by(self, member: Wakeable, slot: int) -> None:
        """Who wants to be woken when there may be room."""
        ...


@runtime_checkable
class Entered(Protocol):
    """A component that parts can come into; the entry depends on where they come from."""

    plant: "Plant"

    def entrance(self, source: str) -> Sink:
        """The entry for parts from this component (`station.name`), or through this join of its own."""
        ...


def sink_of(components: Iterable[object], source: str) -> Sink | None:
    """The entry of the component that a join names, None where there is none."""
    for component in components:
        if isinstance(component, Entered):
            sink, giver = component.entrance(source), source.partition(".")[0]
            return sink if giver == sink.station else _border(component.plant, sink, giver)
    return None


def _border(plant: "Plant", sink: Sink, giver: str) -> Border:
    plant.borders.append(Border(sink, giver))
    return plant.borders[-1]


def beneath(sink: Sink | None) -> Sink | None:
    """The entry itself, where it lies behind the border of a station."""
    return sink.sink if isinstance(sink, Border) else sink
