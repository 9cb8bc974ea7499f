"""The handshake wires between neighbours: each output of one station is an input of the other.

`part_available` of a station arrives as `upstream_part_available` downstream, `ready_to_receive` of that one as
`downstream_ready` upstream.
"""

from dataclasses import dataclass

from sim.kernel import Wakeable
from sim.plant import Plant
from sim.travel import NEVER


@dataclass(slots=True)
class WireState:
    """A wire remembers nothing."""

    due: list[int]


class Wire(Wakeable):
    """A wire from an output to an input, through the plant: a fault at either end is between field and plant there."""

    SLOTS = ("change",)

    def __init__(self, plant: Plant, source: str, target: str) -> None:
        super().__init__(plant.kernel, f"{source}>{target}")
        self.image = plant.image
        self.s = WireState([NEVER])
        found = plant.image.tags.find(source), plant.image.tags.find(target)
        if found[0] is None or found[1] is None:
            raise ValueError(f"no handshake between {source} and {target}")
        self.source, self.target = found[0].index, found[1].index
        self.image.watch(self.source, self, 0)

    def change(self) -> None:
        self.image.set(self.target, self.image.see(self.source))


def handshake(plant: Plant, upstream: str, downstream: str) -> None:
    """Wire two neighbours."""
    Wire(plant, f"{upstream}.part_available", f"{downstream}.upstream_part_available")
    Wire(plant, f"{downstream}.ready_to_receive", f"{upstream}.downstream_ready")
